r"""The flight of a pair of electrons on high Landau levels, as series in the field.

A pair that moves along x with the decay s (in units of 1/tau) and does not scatter has the
inverse propagator H = s + i kappa (a + a^+), kappa^2 = b/2 with b = B/B_tr, in the oscillator
of charge 2e.  With P_N = (H^-1)_NN and T_N = kappa (N + 1)^(1/2) |(H^-1)_{N,N+1}|, the diagonal
of H H^-1 = 1 and the Wronskian of the two solutions of a three-term recursion say that

.. math:: C_N + C_{N-1} = 2 s P_N, \qquad C_N^2 + 2 b (N + 1) P_N P_{N+1} = 1,
          \qquad C_N = 1 - 2 T_N.

Let v = b (N + 1/2), p = (s^2 + 2 v)^(-1/2), c = s p and w = (b p^2)^2.  Without a field P = p and
C = c; a step by half a level takes p^m to p^m (1 +- b p^2)^(-m/2), and both equations are solved
order by order in w by polynomials in c.  No integral is done and no limit is taken: the
recursions alone determine the series, of which the Laguerre integrals of the literature are
a check.

The series misses what is exponentially small in s (2 v)^(1/2)/b.  The recursion is unchanged
under s -> -s up to signs (-1)^N, so that it has two smooth solutions of which the lowest level
mixes a second one in,

.. math:: P_N \to P_N [1 + (-1)^N e^{-\Lambda}], \quad T_N \to T_N [1 + (-1)^N e^{-\Lambda}],
          \quad \Lambda = \frac{2}{b} \int_0^s \frac{ds'}{P(s', v)},

a pair that has crossed the whole orbit.  It vanishes at s = 0 on odd levels, which fixes
the prefactor.  In strong fields, b > 0.1, it is not small.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

# {power: coefficient}, and one of them for each order in b p^2
Polynomial = Mapping[int, Fraction]
Series = list[Polynomial]


@dataclass(frozen=True)
class FlightSeries:
    """Polynomials of each order in w = (b p^2)^2, from 0 on, by coefficients from the lowest up.

    Attributes
    ----------
    diagonal : tuple
        In c: P_N/p.
    remainder : tuple
        In c: C_N = 1 - 2 T_N at v = b (N + 1).
    squares : tuple
        In c: with `lowest`, the mean of Q_N^2 and Q_{N-1}^2 over p^2, where
        Q_N^2 = 2 T_N^2/(b (N + 1)) is |(H^-1)_{N,N+1}|^2.
    lowest : tuple
        In y = 1/(1 + c): the rest of that mean, what Q = (1 - c)^(1/2) (1 + c)^(-1/2) p adds.
    action : tuple
        In c: b Lambda/(4 v) for orders >= 1 of (b/(2 v))^2; Lambda = (1/b) [s/p
        + 2 v arsinh(s (2 v)^(-1/2))] at order 0, where this is (0,).
    """

    diagonal: tuple[tuple[Fraction, ...], ...]
    remainder: tuple[tuple[Fraction, ...], ...]
    squares: tuple[tuple[Fraction, ...], ...]
    lowest: tuple[tuple[Fraction, ...], ...]
    action: tuple[tuple[Fraction, ...], ...]


@cache
def flight_series(orders: int) -> FlightSeries:
    """Return the series to the power `orders` of w.

    Examples
    --------
    >>> flight_series(1).diagonal[1]  # 5/8 c^2 - 1/4
    (Fraction(-1, 4), Fraction(0, 1), Fraction(5, 8))
    """
    diagonal, remainder = _solved(2 * orders)
    squares = _half_levels(_squares(remainder), 2)
    return FlightSeries(
        _even_orders(diagonal),
        _even_orders(remainder),
        _even_orders(squares),
        _even_orders(_lowest(2 * orders)),
        tuple(_coefficients(order) for order in _action(diagonal)),
    )


def _even_orders(series: Series) -> tuple[tuple[Fraction, ...], ...]:
    return tuple(_coefficients(order) for order in series[::2])


def _solved(last: int) -> tuple[Series, Series]:
    """P/p and C, from C_N + C_{N-1} = 2 s P_N and C^2 + (1 - c^2) P_N P_{N+1}/p^2 = 1."""
    diagonal: Series = [{0: Fraction(1)}, *[{} for _ in range(last)]]
    for order in range(2, last + 1, 2):
        remainder = _from_half_levels([_times_c(term) for term in diagonal])
        neighbours = _product(_moved(diagonal, 1, 1), _moved(diagonal, 1, -1))
        rest = _sum([_product(remainder, remainder)[order], _times_sine(neighbours[order])])
        # the unknown enters as 2 c^2 + 2 (1 - c^2) times itself
        diagonal[order] = {m: -value / 2 for m, value in rest.items()}
    return diagonal, _from_half_levels([_times_c(term) for term in diagonal])


def _squares(remainder: Series) -> Series:
    """Q^2/p^2 = 4 T^2/(1 - c^2) without (1 - c)/(1 + c), with C = c + (c - c^3) h."""
    h: Series = [{}, *(_over_sine(_over_c(term)) for term in remainder[1:])]
    linear = [_sum([_scaled(term, 1, -2), _scaled(term, 2, 2)]) for term in h]
    square = [_times_sine(_scaled(term, 2, 1)) for term in _product(h, h)]
    return [_sum(pair) for pair in zip(linear, square, strict=True)]


def _lowest(last: int) -> Series:
    """The mean of p^2 (1 - c)/(1 + c) = p^2 (2 y - 1) half a level up and down, in y.

    Each derivative in v multiplies p^m by -m p^2, and with c dy/dc = y^2 - y it takes y^j to
    -p^2 j (y^(j+1) - y^j).
    """
    term: Polynomial = {0: Fraction(-1), 1: Fraction(2)}
    found: Series = [term]
    for order in range(1, last + 1):
        power = 2 * order
        up = {j + 1: -j * value for j, value in term.items()}
        term = _sum([{j: (j - power) * value for j, value in term.items()}, up])
        term = {j: value / (2 * order) for j, value in term.items()}
        found.append(term if order % 2 == 0 else {})
    return found


def _action(diagonal: Series) -> list[Polynomial]:
    """The integral over s of 1/P: with s = (2 v)^(1/2) tan t, that of cos^(4k-3) t over t."""
    inverse: Series = [{0: Fraction(1)}]
    for order in range(2, len(diagonal), 2):
        parts = [_times(inverse[j // 2], diagonal[order - j]) for j in range(0, order, 2)]
        inverse.append(_scaled(_sum(parts), 0, -1))
    found: list[Polynomial] = [{}]
    for k in range(1, len(inverse)):
        term = inverse[k]
        for _ in range(2 * k - 2):
            term = _times_sine(term)
        found.append({m + 1: value / (m + 1) for m, value in term.items()})
    return found


def _moved(series: Series, power: int, sign: int) -> Series:
    """p^power times the series, half a level up or down: p^m -> p^m (1 +- b p^2)^(-m/2)."""
    found: list[list[Polynomial]] = [[] for _ in series]
    for order, term in enumerate(series):
        for m, value in term.items():
            exponent = -Fraction(power + m + 2 * order, 2)
            for step in range(len(series) - order):
                found[order + step].append({m: value})
                value = sign * value * (exponent - step) / (step + 1)
    return [_sum(terms) for terms in found]


def _half_levels(series: Series, power: int) -> Series:
    """The mean of p^power times the series half a level up and down."""
    pairs = zip(_moved(series, power, 1), _moved(series, power, -1), strict=True)
    return [_scaled(_sum(pair), 0, Fraction(1, 2)) for pair in pairs]


def _from_half_levels(mean: Series) -> Series:
    """The series whose mean half a level up and down is given."""
    found: Series = [{} for _ in mean]
    for order, term in enumerate(mean):
        found[order] = _sum([term, _scaled(_half_levels(found, 0)[order], 0, -1)])
    return found


def _product(left: Series, right: Series) -> Series:
    orders = range(len(left))
    return [_sum([_times(left[i], right[n - i]) for i in range(n + 1)]) for n in orders]


def _times(left: Polynomial, right: Polynomial) -> Polynomial:
    return _sum({m + n: u * v for n, v in right.items()} for m, u in left.items())


def _sum(terms: Iterable[Polynomial]) -> Polynomial:
    total: dict[int, Fraction] = {}
    for term in terms:
        for m, value in term.items():
            total[m] = total.get(m, Fraction(0)) + value
    return {m: value for m, value in total.items() if value}


def _scaled(term: Polynomial, power: int, factor: Fraction | int) -> Polynomial:
    return {m + power: factor * value for m, value in term.items()}


def _times_c(term: Polynomial) -> Polynomial:
    return _scaled(term, 1, 1)


def _over_c(term: Polynomial) -> Polynomial:
    return _scaled(term, -1, 1)


def _times_sine(term: Polynomial) -> Polynomial:
    """Multiply by 1 - c^2."""
    return _sum([term, _scaled(term, 2, -1)])


def _over_sine(term: Polynomial) -> Polynomial:
    """Divide by 1 - c^2.

    Raises
    ------
    ArithmeticError : if there is a remainder; Q would be infinite at v = 0.
    """
    found: dict[int, Fraction] = {}
    rest = dict(term)
    for m in range(max(rest, default=0) + 1):
        value = rest.pop(m, Fraction(0))
        if m > max(term, default=0) - 2 and value:
            raise ArithmeticError(f"{dict(term)} is not divisible by 1 - c^2.")
        found[m] = value
        if value:
            rest[m + 2] = rest.get(m + 2, Fraction(0)) + value
    return {m: value for m, value in found.items() if value}


def _coefficients(term: Polynomial) -> tuple[Fraction, ...]:
    return tuple(term.get(m, Fraction(0)) for m in range(max(term, default=0) + 1))
