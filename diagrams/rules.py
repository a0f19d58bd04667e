r"""Rules: from a diagram to a SymPy expression, for weak disorder.

Units and signs. Energies are angular frequencies (hbar = 1 inside the rules), so `nu` is
here the density of states per spin, volume and *angular frequency*: hbar times the nu of
the symbol table. The rules are

    Green function   1/(omega_s - xi(k) +- i/(2 tau)), frequency omega_s on retarded strings only
    impurity line    1/(2 pi nu tau) w(n, n'),    w = 1 + d g n.n',  g = <cos theta>
    higher cumulant  a constant for each number of sites (see `Rules`)
    vertex           1 (density) or v_x = v_F n_x (current)
    loop momentum    nu int dxi <...>_n

with xi(k + K) = xi + v_F n.K for a slow momentum K. The angular dependence w keeps the
harmonics 0 and 1, which is exact for current vertices and to second order in K.
Self-energies are part of the Green functions: a diagram that contains them counts them
twice. Spin is not summed, unless the rules have an internal structure (`diagrams.matrices`).

A diagram is covered when every Green function carries one loop momentum up to a sign and a
slow momentum, which holds for bubbles, ladders and Hikami boxes. Others are smaller by a
power of 1/(k_F l), or have to be cut at their soft modes first (`skeletons.cut_modes`).

Sources: after Edwards, Phil. Mag. 3, 1020 (1958); Abrikosov, Gorkov, Dzyaloshinski, Methods
of Quantum Field Theory in Statistical Physics (1963); Hikami, Phys. Rev. B 24, 2671 (1981).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sympy as sp

from diagrams.angular import angular_average, axial_average, check_dimension
from diagrams.diagram import Branch, Diagram, Line
from diagrams.integrals import expanded_xi_integral, shifted_xi_integral
from diagrams.matrices import InternalStructure
from diagrams.momenta import Momentum, Segment, route
from diagrams.symbols import nu, omega, tau, v_F

Vector = tuple[sp.Expr, ...]
Direction = tuple[sp.Symbol, ...]
_epsilon = sp.Dummy("epsilon", positive=True)


@dataclass(frozen=True)
class Rules:
    """The physical content of a diagram.

    Attributes
    ----------
    dimension
        1, 2 or 3.
    currents
        Vertices that carry the velocity v_x; all others are density vertices.
    momenta
        Slow momentum that enters at a vertex, as a tuple of its components in 1/m (missing
        ones are zero). The one at the first vertex of each connected part is not used: it
        is minus the sum of the others.
    frequency
        Angular frequency of the retarded minus that of the advanced strings, in rad/s.
    anisotropy
        g, the mean cosine of the scattering angle; zero for isotropic scatterers.
    cumulants
        The constant for a line of m > 2 sites, {m: strength} in (rad/s)^m m^(d (m-1)). It
        is n_i u^m for zero-range scatterers u delta(r) of density n_i. Skew scattering to one
        side needs spin-orbit coupling in the amplitude and is not covered.
    internal
        The matrices of Gaussian disorder and of vertices in internal space. The value of a
        diagram is then traced over the internal states; without it, it is that per spin.

    Raises
    ------
    ValueError
        The dimension is not 1, 2 or 3, or a momentum has another number of components.
    TypeError
        The internal structure is not an `InternalStructure`.
    NotImplementedError
        There are both cumulants and an internal structure, or the latter gives no single
        lifetime (`InternalStructure.out_rate`).
    """

    dimension: int
    currents: tuple[str, ...] = ()
    momenta: Mapping[str, Vector] = field(default_factory=dict)
    frequency: sp.Expr = omega
    anisotropy: sp.Expr = sp.S.Zero
    cumulants: Mapping[int, sp.Expr] = field(default_factory=dict)
    internal: InternalStructure | None = None

    def __post_init__(self) -> None:
        check_dimension(self.dimension)
        for vertex, momentum in self.momenta.items():
            if len(momentum) != self.dimension:
                raise ValueError(
                    f"The momentum at vertex {vertex!r} has {len(momentum)} components, "
                    f"but the dimension is {self.dimension}."
                )
        if self.internal is not None:
            _check_internal(self, self.internal)


def _check_internal(rules: Rules, internal: InternalStructure) -> None:
    if not isinstance(internal, InternalStructure):
        raise TypeError(f"The internal structure is an InternalStructure, not {internal!r}.")
    if rules.cumulants:
        raise NotImplementedError(
            f"These rules have cumulants for lines of {', '.join(map(str, rules.cumulants))} "
            "sites, but fields with matrices are Gaussian; leave out cumulants or internal."
        )
    internal.out_rate(rules.dimension, rules.anisotropy)


def impurity_line() -> sp.Expr:
    """Return the correlator <V V> of isotropic scatterers, 1/(2 pi nu tau)."""
    return 1 / (2 * sp.pi * nu * tau)


def evaluate(diagram: Diagram, rules: Rules, order: int | None = None) -> sp.Expr:
    """Return the value of a diagram, per spin or traced over `rules.internal`.

    Parameters
    ----------
    order
        Expand in the slow momenta to this order, where the frequency counts as two. Without
        it the result is exact in them; the momenta must then point along x.

    Raises
    ------
    NotImplementedError
        A Green function carries several loop momenta, a line of more than two sites has no
        strength in the rules, or anisotropic scattering or a momentum that is not along x is
        asked for without an `order`.
    ValueError
        A vertex of the rules is not one of the diagram, or a current vertex (any vertex, if
        there is an internal structure) does not have one string in and one string out.

    Examples
    --------
    >>> from diagrams.families import ladder
    >>> evaluate(ladder(0), Rules(dimension=2, currents=("x", "y")), order=0)
    pi*nu*tau*v_F**2
    """
    _check_vertices_exist(diagram, rules)
    loops = _loops(diagram)
    directions = [_direction(number, rules.dimension) for number in range(len(loops))]
    arrows = _arrows(loops, directions)
    value = _currents(diagram, rules, arrows) * _lines(diagram, rules, arrows)
    value = value * _matrices(diagram, rules, arrows)
    for members in loops.values():
        integral = nu * _loop_integral(diagram, rules, members, arrows, order)
        value = value * integral if order is None else _truncate(value * integral, order)
    if order is None:
        return _exact_average(value, directions)
    for direction in directions:
        value = angular_average(value, direction)
    return sp.factor(value.subs(_epsilon, 1))


def _truncate(value: sp.Expr, order: int) -> sp.Expr:
    """Drop the terms beyond `order` in the slow momenta."""
    terms = sp.Add.make_args(sp.expand(value))
    return sp.Add(*(term for term in terms if term.as_coeff_exponent(_epsilon)[1] <= order))


Loops = dict[Segment, dict[Segment, Momentum]]  # loop momentum: the segments that carry it


def _loops(diagram: Diagram) -> Loops:
    loops: Loops = defaultdict(dict)
    for segment, momentum in route(diagram).items():
        if len(momentum.loops) != 1 or abs(momentum.loops[0][1]) != 1:
            raise NotImplementedError(
                f"Green function {segment.place} on string {segment.string} of {diagram} carries "
                f"{len(momentum.loops)} loop momenta, so its integrals over xi do not factorise; "
                "cut the diagram at its soft modes first."
            )
        loops[momentum.loops[0][0]][segment] = momentum
    return dict(loops)


def _direction(number: int, dimension: int) -> Direction:
    return tuple(sp.Symbol(f"n_{axis}{number}", real=True) for axis in "xyz"[:dimension])


def _arrows(loops: Loops, directions: list[Direction]) -> dict[Segment, Vector]:
    """Return the direction of the momentum that flows along the arrow of each segment."""
    return {
        segment: tuple(momentum.loops[0][1] * n for n in direction)
        for members, direction in zip(loops.values(), directions, strict=True)
        for segment, momentum in members.items()
    }


def _loop_integral(
    diagram: Diagram,
    rules: Rules,
    members: Mapping[Segment, Momentum],
    arrows: Mapping[Segment, Vector],
    order: int | None,
) -> sp.Expr:
    # The frequency is of the order of D q^2: second order in the slow momenta.
    scale = sp.S.One if order is None else _epsilon
    shifts: dict[Branch, list[sp.Expr]] = {Branch.RETARDED: [], Branch.ADVANCED: []}
    for segment, momentum in members.items():
        branch = diagram.strings[segment.string].branch
        frequency = rules.frequency if branch is Branch.RETARDED else sp.S.Zero
        slow = _dot(arrows[segment], _slow_momentum(momentum, rules))
        shifts[branch].append(scale * v_F * slow - scale**2 * frequency)
    retarded, advanced = shifts.values()
    if order is None:
        return shifted_xi_integral(retarded, advanced)
    return expanded_xi_integral(retarded, advanced, order)


def _slow_momentum(momentum: Momentum, rules: Rules) -> list[sp.Expr]:
    zero = (sp.S.Zero,) * rules.dimension
    entering = [(n, rules.momenta.get(vertex, zero)) for vertex, n in momentum.injected]
    return [sp.Add(*(n * K[i] for n, K in entering)) for i in range(rules.dimension)]


def _dot(a: Sequence[sp.Expr], b: Sequence[sp.Expr]) -> sp.Expr:
    return sp.Add(*(x * y for x, y in zip(a, b, strict=True)))


def _currents(diagram: Diagram, rules: Rules, arrows: Mapping[Segment, Vector]) -> sp.Expr:
    leaving = {string.start: Segment(s, 0) for s, string in enumerate(diagram.strings)}
    arriving = {string.end for string in diagram.strings}
    for vertex in rules.currents:
        if vertex not in leaving or vertex not in arriving:
            raise ValueError(
                f"The current vertex {vertex!r} needs one string in and one out, "
                f"which {diagram} does not give it."
            )
    return sp.Mul(*(v_F * arrows[leaving[vertex]][0] for vertex in rules.currents))


def _lines(diagram: Diagram, rules: Rules, arrows: Mapping[Segment, Vector]) -> sp.Expr:
    return sp.Mul(*(_line(line, rules, arrows) for line in diagram.lines))


def _line(line: Line, rules: Rules, arrows: Mapping[Segment, Vector]) -> sp.Expr:
    if len(line) != 2:
        return _cumulant(line, rules)
    s, i = line[0]
    cosine = _dot(arrows[Segment(s, i)], arrows[Segment(s, i + 1)])
    return impurity_line() * (1 + rules.dimension * rules.anisotropy * cosine)


def _cumulant(line: Line, rules: Rules) -> sp.Expr:
    if len(line) not in rules.cumulants:
        raise NotImplementedError(
            f"These rules are those of Gaussian disorder, but a line joins {len(line)} sites; "
            f"give the strength of its cumulant as Rules(cumulants={{{len(line)}: ...}})."
        )
    return rules.cumulants[len(line)]


def _matrices(diagram: Diagram, rules: Rules, arrows: Mapping[Segment, Vector]) -> sp.Expr:
    if rules.internal is None:
        return sp.S.One
    out_rate = rules.internal.out_rate(rules.dimension, rules.anisotropy)
    return rules.internal.trace(diagram, arrows) / out_rate ** len(diagram.lines)


def _exact_average(value: sp.Expr, directions: list[Direction]) -> sp.Expr:
    off_axis = {n for direction in directions for n in direction[1:]}
    if value.free_symbols & off_axis:
        raise NotImplementedError(
            "Without an order of expansion the scatterers must be isotropic and all momenta "
            "along x; pass order=2 for others."
        )
    for direction in directions:
        n_x = direction[0]
        constant, function = value.as_independent(n_x, as_Add=False)
        value = constant * axial_average(function, n_x, len(direction))
    return value


def _check_vertices_exist(diagram: Diagram, rules: Rules) -> None:
    matrices = rules.internal.vertices if rules.internal else {}
    unknown = {*rules.currents, *rules.momenta, *matrices} - set(diagram.vertices)
    if unknown:
        raise ValueError(
            f"The diagram {diagram} has vertices {', '.join(diagram.vertices)}, "
            f"but the rules name {', '.join(sorted(unknown))}."
        )
