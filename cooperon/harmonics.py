"""Angular harmonics on the Fermi surface: S^0 (two points), S^1 (circle), S^2 (sphere).

A polynomial in the components of a direction n is a finite sum of harmonics Y_a(n),
orthonormal under the average over directions, <Y_a^* Y_b> = delta_ab:

* d = 1: 1 and n_x;
* d = 2: z^m with z = n_x + i n_y, labelled by m;
* d = 3: spherical harmonics (n_x + i n_y)^m P_l^(m)(n_z), labelled by (l, m) and normalised to
  an average of 1.

Complex harmonics are used because what conserves angular momentum then couples few of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from diagrams.angular import check_dimension
from diagrams.matrices import n_out

Label = tuple[int, int]
Coefficients = dict[Label, sp.Expr]

CONSTANT: Label = (0, 0)


@dataclass(frozen=True)
class Harmonics:
    """The harmonics of a d-dimensional Fermi surface.

    Labels are pairs (l, m): the degree l, and m with abs(m) <= l in d = 3, m = +-l in d = 2
    and m = 0 in d = 1.
    """

    dimension: int

    def __post_init__(self) -> None:
        check_dimension(self.dimension)

    @property
    def direction(self) -> tuple[sp.Symbol, ...]:
        """The components of n that exist in this dimension."""
        return tuple(n_out[: self.dimension])

    def up_to(self, degree: int) -> list[Label]:
        """Return the labels of all harmonics of degree l <= `degree`."""
        if self.dimension == 1:
            return [(parity, 0) for parity in range(min(degree, 1) + 1)]
        if self.dimension == 2:
            return [(abs(m), m) for m in range(-degree, degree + 1)]
        return [(l, m) for l in range(degree + 1) for m in range(-l, l + 1)]  # noqa: E741

    def expand(self, polynomial: sp.Expr) -> Coefficients:
        """Return {a: c_a} with the polynomial in n equal to sum_a c_a Y_a(n).

        Raises
        ------
        ValueError
            If the expression is not a polynomial in the components of n, or contains one
            that does not exist in this dimension.
        """
        self._require_polynomial(polynomial)
        total: Coefficients = {}
        for powers, factor in sp.Poly(polynomial, *self.direction).terms():
            for label, value in _monomial(self.dimension, powers).items():
                total[label] = total.get(label, sp.S.Zero) + factor * value
        return _nonzero(total)

    def product(self, left: Label, right: Label) -> Coefficients:
        """Return the expansion of Y_left Y_right."""
        return _product(self.dimension, left, right)

    def conjugate(self, label: Label) -> Label:
        """Return the label of Y_a^*."""
        degree, m = label
        return degree, -m

    def parity(self, label: Label) -> int:
        """Return the sign of Y_a under n -> -n."""
        return -1 if label[0] % 2 else 1

    def _require_polynomial(self, expression: sp.Expr) -> None:
        missing = sorted(map(str, expression.free_symbols & set(n_out[self.dimension :])))
        if missing:
            raise ValueError(
                f"{expression} depends on {', '.join(missing)}, which a Fermi surface in "
                f"d = {self.dimension} does not have; use {', '.join(map(str, self.direction))}."
            )
        if not expression.is_polynomial(*self.direction):
            raise ValueError(
                f"{expression} is not a polynomial in {', '.join(map(str, self.direction))}; "
                "expand it in angular harmonics."
            )


def _nonzero(coefficients: Coefficients) -> Coefficients:
    expanded = {label: sp.expand(value) for label, value in coefficients.items()}
    return {label: value for label, value in expanded.items() if value != 0}


@cache
def _monomial(dimension: int, powers: tuple[int, ...]) -> Coefficients:
    """Return the expansion of n_x^i n_y^j n_z^k."""
    if dimension == 1:
        return {(powers[0] % 2, 0): sp.S.One}
    if dimension == 2:
        return _circle_monomial(*powers)
    return _sphere_monomial(powers)


def _circle_monomial(i: int, j: int) -> Coefficients:
    """Expand ((z + 1/z)/2)^i ((z - 1/z)/(2i))^j."""
    z = sp.Symbol("z")
    numerator = sp.Poly((z**2 + 1) ** i * (z**2 - 1) ** j, z)
    scale = 1 / (sp.S(2) ** (i + j) * sp.I**j)
    shifted = {power - i - j: value for (power,), value in numerator.terms() if value != 0}
    return {(abs(m), m): sp.expand(scale * value) for m, value in shifted.items()}


def _sphere_monomial(powers: tuple[int, ...]) -> Coefficients:
    """Multiply by one component of n at a time."""
    axis = next((i for i, power in enumerate(powers) if power), None)
    if axis is None:
        return {CONSTANT: sp.S.One}
    rest = _monomial(3, tuple(power - (i == axis) for i, power in enumerate(powers)))
    total: Coefficients = {}
    for a, component in _COMPONENTS[axis].items():
        for b, value in rest.items():
            for c, number in _product(3, a, b).items():
                total[c] = total.get(c, sp.S.Zero) + component * value * number
    return _nonzero(total)


# n_x, n_y, n_z in harmonics of degree 1
_COMPONENTS: tuple[Coefficients, ...] = (
    {(1, 1): 1 / sp.sqrt(6), (1, -1): 1 / sp.sqrt(6)},
    {(1, 1): -sp.I / sp.sqrt(6), (1, -1): sp.I / sp.sqrt(6)},
    {(1, 0): 1 / sp.sqrt(3)},
)


@cache
def _product(dimension: int, left: Label, right: Label) -> Coefficients:
    if dimension == 1:
        return {((left[0] + right[0]) % 2, 0): sp.S.One}
    m = left[1] + right[1]
    if dimension == 2:
        return {(abs(m), m): sp.S.One}
    lowest = max(abs(left[0] - right[0]), abs(m))
    degrees = [
        k for k in range(lowest, left[0] + right[0] + 1) if (k - left[0] - right[0]) % 2 == 0
    ]
    values = {(k, m): _coupling(left, right, (k, m)) for k in degrees}
    return {label: value for label, value in values.items() if value != 0}


def _coupling(a: Label, b: Label, c: Label) -> sp.Expr:
    """Return <Y_c^* Y_a Y_b> by the integral of Gaunt over three spherical harmonics.

    Harmonics are sqrt(4 pi) times those of Condon and Shortley, without their sign (-1)^m.
    """
    # imported where it is needed: sympy.physics brings all units, a tenth of a second
    from sympy.physics.wigner import gaunt

    sign = sp.Mul(*((-1) ** m for _, m in (a, b, c) if m > 0)) * (-1) ** abs(c[1])
    integral = gaunt(a[0], b[0], c[0], a[1], b[1], -c[1])
    return sign * sp.sqrt(4 * sp.pi) * integral


@cache
def polynomial(dimension: int, label: Label) -> sp.Expr:
    """Return Y_a(n) as a polynomial in the components of n."""
    degree, m = label
    x, y, z = n_out
    if dimension == 1:
        return x**degree
    ring = sp.expand((x + sp.sign(m) * sp.I * y) ** abs(m))
    if dimension == 2:
        return ring
    legendre = sp.diff(sp.legendre(degree, z), z, abs(m))
    ratio = sp.factorial(degree - abs(m)) / sp.factorial(degree + abs(m))
    return sp.expand(sp.sqrt((2 * degree + 1) * ratio) * ring * legendre)
