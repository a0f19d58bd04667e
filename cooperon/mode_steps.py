"""The steps from a model to its weighted soft modes, computed as they are recorded."""

from __future__ import annotations

import sympy as sp

from cooperon.angular_matrix import inner
from cooperon.conductor import Conductor
from cooperon.derivation import Step, equation
from cooperon.internal import ONE, PAULI
from cooperon.pair_functions import density
from cooperon.soft_modes import SoftPropagator
from diagrams.symbols import D, q, tau_phi


def model_steps(conductor: Conductor) -> tuple[Step, ...]:
    """Return the steps that state the model and check that it conserves particles."""
    stated = [_disorder(conductor), _out_rate(conductor)]
    if conductor.band is not None:
        stated.insert(0, _band(conductor))
    if not conductor.hamiltonian.is_zero_matrix:
        stated.append(_hamiltonian(conductor))
    return (*stated, _ward_identity(conductor))


def mode_steps(propagator: SoftPropagator, frequency: sp.Expr) -> tuple[Step, ...]:
    """Return the steps from the ladder kernel of a Cooperon to its weighted soft modes."""
    steps = [_kernel(propagator), _transport(propagator)]
    if is_separable(propagator):
        gaps = [sp.Symbol(f"Gamma_{number}") for number in range(1, len(propagator.modes) + 1)]
        return (*steps, _gaps(propagator, gaps), _poles(propagator, gaps, frequency))
    return (*steps, *_couplings(propagator), _matrix_trace(propagator, frequency))


def is_separable(propagator: SoftPropagator) -> bool:
    """Return whether the modes are poles D q^2 - i omega + gap with a weight each."""
    return all(b.weight is not None and not b.couples_to_momentum for b in propagator.blocks)


def _band(conductor: Conductor) -> Step:
    assert conductor.band is not None
    return Step(
        "Band",
        (equation(sp.Symbol("P(n)"), conductor.band.projector),),
        "Only one band is at the Fermi level; $P(n)$ projects on its spinor, which follows the "
        "direction of the momentum, and stands on both sides of every vertex.",
    )


def _hamiltonian(conductor: Conductor) -> Step:
    return Step(
        "Internal Hamiltonian",
        _hamiltonian_rows(conductor.hamiltonian),
        "At the Fermi level, in the direction $n$ of the momentum. It enters the ladder of the "
        "Cooperon as $i [h(n) \\otimes 1 - 1 \\otimes h(-n)]/\\hbar$, beside $i v_F n q$; "
        "harmonics of $n$ are eliminated to second order, for $|h| \\tau/\\hbar \\ll 1$.",
    )


def _hamiltonian_rows(hamiltonian: sp.MatrixBase) -> tuple[sp.Eq, ...]:
    """Return h(n), for a doublet by its components h_i in h = h_0 + h_i sigma_i."""
    if hamiltonian.rows != 2:
        return (equation(sp.Symbol("h(n)"), hamiltonian),)
    components = ((hamiltonian * sigma).trace() / 2 for sigma in (ONE, *PAULI))
    expanded = ((i, sp.factor_terms(sp.expand(h))) for i, h in zip("0xyz", components, strict=True))
    return tuple(equation(sp.Symbol(f"h_{i}(n)"), h) for i, h in expanded if h != 0)


def _disorder(conductor: Conductor) -> Step:
    numbered = list(enumerate(conductor.disorder, 1))
    names = ", ".join(f"{number} ({field.name})" for number, field in numbered)
    return Step(
        "Disorder",
        tuple(equation(sp.Symbol(f"M_{number}"), field.vertex) for number, field in numbered),
        f"Independent Gaussian fields {names}, with vertices $M_a(n, n')$ in internal space, each "
        "normalised by its out-rate.",
    )


def _out_rate(conductor: Conductor) -> Step:
    return Step(
        "Self-energy of the model",
        (equation(1 / sp.Symbol("tau_tot"), conductor.scattering_rate),),
        "The out-rates of independent fields add.",
    )


def _ward_identity(conductor: Conductor) -> Step:
    diffuson = conductor.diffuson()
    overlaps = sp.Matrix([inner(state, density(conductor)) for state in diffuson.states])
    decay = (overlaps.H * diffuson.relaxation * overlaps)[0, 0] / (overlaps.H * overlaps)[0, 0]
    return Step(
        "Particle conservation",
        (equation(sp.Symbol("Gamma_0"), sp.expand(decay)),),
        "Ward identity: the diffuson of the density has no gap, since out-rate and in-rate come "
        "from the same vertices.",
    )


def _kernel(propagator: SoftPropagator) -> Step:
    basis = ", ".join(_in_print(name) for name in propagator.basis)
    return Step(
        "Ladder kernel in the pair space",
        _by_blocks("Gamma", propagator.relaxation, propagator),
        f"Out-rate minus in-rate, $M_a(n, n') \\otimes M_a(-n, -n')$, between the functions of "
        f"direction that the strong fields leave alone, in the basis ({basis}) of pair states; all "
        "others are eliminated by a Schur complement, to first order in the weak rates and to "
        "second order in $h$.",
        "S. Hikami, A. I. Larkin, Y. Nagaoka, Prog. Theor. Phys. 63, 707 (1980)",
    )


# The largest matrix that fits on a line.
_LARGEST = 5


def _by_blocks(letter: str, matrix: sp.MatrixBase, propagator: SoftPropagator) -> tuple[sp.Eq, ...]:
    """Return the equation of a matrix on the soft states, block by block if it is large."""
    if matrix.rows <= _LARGEST:
        return (equation(sp.Symbol(letter, commutative=False), matrix),)
    rows = []
    for block in propagator.blocks:
        chosen = [propagator.basis.index(name) for name in block.names]
        part = sp.Matrix(matrix).extract(chosen, chosen)
        if not part.is_zero_matrix:
            names = ", ".join(block.names)
            rows.append(equation(sp.Symbol(f"{letter}_{{{names}}}", commutative=False), part))
    return tuple(rows)


def _couplings(propagator: SoftPropagator) -> tuple[Step, ...]:
    pairs = zip("xyz", propagator.coupling, strict=False)
    matrices = [(i, matrix) for i, matrix in pairs if not matrix.is_zero_matrix]
    if not matrices:
        return ()
    return (
        Step(
            "Coupling to the wave vector",
            tuple(row for i, m in matrices for row in _by_blocks(f"A_{i}", m, propagator)),
            "The Schur complement has terms linear in $q$ and in $h$: a vector potential that "
            "acts on the pair states.",
        ),
    )


def _matrix_trace(propagator: SoftPropagator, frequency: sp.Expr) -> Step:
    pole = D * q**2 - sp.I * frequency + 1 / tau_phi
    one, gamma, weights, matrix = sp.symbols("1 Gamma w S(q)", commutative=False)
    terms = [pole * one, gamma]
    terms += [
        sp.Symbol(f"A_{i}", commutative=False) * sp.Symbol(f"q_{i}")
        for i, coupling in zip("xyz", propagator.coupling, strict=False)
        if not coupling.is_zero_matrix
    ]
    return Step(
        "Trace over soft modes",
        (
            equation(matrix, sp.Add(*terms)),
            *_by_blocks("w", propagator.weights, propagator),
            equation(sp.Symbol("P"), sp.Function("tr")(weights * matrix**-1)),
        ),
        "The weights are half the parity under exchange of the two electrons (times a degeneracy "
        "that the internal space leaves out); the trace over internal states replaces the factor "
        "2 in $c_0$. Inelastic processes add $1/\\tau_\\phi$. The correction is "
        "$c_0 \\int d^d q/(2\\pi)^d\\, P$.",
    )


def _transport(propagator: SoftPropagator) -> Step:
    return Step(
        "Transport",
        (equation(D, propagator.diffusion_constant),),
        "The $q^2$ term of the Schur complement.",
    )


def _gaps(propagator: SoftPropagator, gaps: list[sp.Symbol]) -> Step:
    names = (mode.name.split(", ")[0] for mode in propagator.modes)
    listed = ", ".join(f"{number} ({_in_print(name)})" for number, name in enumerate(names, 1))
    return Step(
        "Soft modes",
        tuple(equation(gap, m.gap) for gap, m in zip(gaps, propagator.modes, strict=True)),
        f"Eigenvalues of $\\Gamma$: the gaps of the modes {listed}.",
    )


def _poles(propagator: SoftPropagator, gaps: list[sp.Symbol], frequency: sp.Expr) -> Step:
    pole = D * q**2 - sp.I * frequency + 1 / tau_phi
    poles = (mode.weight / (pole + gap) for mode, gap in zip(propagator.modes, gaps, strict=True))
    return Step(
        "Sum over soft modes",
        (equation(sp.Symbol("P"), sp.Add(*poles)),),
        "Each mode enters with half its parity under exchange of the two electrons, $+1/2$ for "
        "spin triplets and $-1/2$ for the singlet (times a degeneracy that the internal space "
        "leaves out); the trace over internal states replaces the factor 2 in $c_0$. Inelastic "
        "processes add $1/\\tau_\\phi$. The correction is "
        "$c_0 \\int d^d q/(2\\pi)^d\\, P$.",
    )


def _in_print(name: str) -> str:
    states = (r"\,".join(sp.latex(sp.Symbol(s)) for s in part.split()) for part in name.split("+"))
    return f"${' + '.join(states)}$"
