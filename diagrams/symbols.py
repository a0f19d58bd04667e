"""The symbol table: one name, one letter, one meaning and one unit.

Every formula of the toolkit is written in these symbols, so that an expression of one
module can be combined with that of another (SymPy treats two symbols of one name but
different assumptions as different).  `QUANTITIES` is the table; `symbol` looks a name up
or makes a positive symbol for a name that is not in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp


@dataclass(frozen=True)
class Quantity:
    """One row of the table: a symbol, how it is printed, what it means, its SI unit."""

    symbol: sp.Symbol
    latex: str
    meaning: str
    unit: str


def _positive(name: str, latex: str, meaning: str, unit: str) -> Quantity:
    return Quantity(sp.Symbol(name, positive=True), latex, meaning, unit)


def _real(name: str, latex: str, meaning: str, unit: str) -> Quantity:
    return Quantity(sp.Symbol(name, real=True), latex, meaning, unit)


def _component_times(stem: str, meaning: str) -> list[Quantity]:
    return [
        _positive(f"tau_{stem}_{i}", rf"\tau_{{\mathrm{{{stem}}}}}^{{{i}}}", f"{meaning}, {i}", "s")
        for i in "xyz"
    ]


def _component_fields(stem: str, meaning: str) -> list[Quantity]:
    return [
        _positive(f"B_{stem}_{i}", rf"B_{{\mathrm{{{stem}}}}}^{{{i}}}", f"{meaning}, {i}", "T")
        for i in "xyz"
    ]


_ROWS = [
    _positive("e", "e", "elementary charge", "C"),
    _positive("hbar", r"\hbar", "reduced Planck constant", "J s"),
    _positive("nu", r"\nu", "density of states per spin at the Fermi level", "1/(J m^d)"),
    _positive("v_F", "v_F", "Fermi velocity", "m/s"),
    _positive("tau", r"\tau", "elastic lifetime", "s"),
    _positive("tau_tr", r"\tau_{\mathrm{tr}}", "transport time", "s"),
    _positive("D", "D", "diffusion constant", "m^2/s"),
    _positive("tau_phi", r"\tau_\phi", "dephasing time", "s"),
    _positive("B_phi", r"B_\phi", "dephasing field hbar/(4 e D tau_phi)", "T"),
    _positive("L_phi", r"L_\phi", "dephasing length sqrt(D tau_phi)", "m"),
    _positive("tau_so", r"\tau_{\mathrm{so}}", "spin-orbit time", "s"),
    _positive("B_so", r"B_{\mathrm{so}}", "spin-orbit field hbar/(4 e D tau_so)", "T"),
    _positive("tau_s", r"\tau_{\mathrm{s}}", "magnetic scattering time", "s"),
    _positive("B_s", r"B_{\mathrm{s}}", "magnetic scattering field hbar/(4 e D tau_s)", "T"),
    _positive("tau_asy", r"\tau_{\mathrm{asy}}", "spin-orbit time of terms odd under z -> -z", "s"),
    _positive("B_asy", r"B_{\mathrm{asy}}", "field hbar/(4 e D tau_asy)", "T"),
    _positive(
        "tau_sym", r"\tau_{\mathrm{sym}}", "spin-orbit time of terms even under z -> -z", "s"
    ),
    _positive("B_sym", r"B_{\mathrm{sym}}", "field hbar/(4 e D tau_sym)", "T"),
    _real("delta_sigma", r"\delta\sigma", "correction to the conductivity", "S m^(2-d)"),
    _real("Delta_sigma", r"\Delta\sigma(B)", "sigma(B) - sigma(0)", "S m^(2-d)"),
    _real("q", "q", "wave vector of a diffuson or Cooperon", "1/m"),
    _positive("Q_c", "Q_{c}", "largest wave vector of diffusion, about 1/l", "1/m"),
    _real("omega", r"\omega", "angular frequency", "rad/s"),
    _real("omega_c", r"\omega_c", "cyclotron frequency e B/m", "rad/s"),
    _positive("E_F", r"E_F", "Fermi energy", "J"),
    _real("B", "B", "perpendicular magnetic field", "T"),
    _real("B_parallel", r"B_\parallel", "magnetic field in the plane", "T"),
    _positive("k_F", "k_F", "Fermi momentum over hbar", "1/m"),
    _real("alpha_R", r"\alpha_R", "Rashba parameter", "J m"),
    _real("beta_D", r"\beta_D", "linear Dresselhaus parameter", "J m"),
    _real("gamma_D", r"\gamma_D", "cubic Dresselhaus parameter", "J m^3"),
    _real("g", "g", "g-factor", "1"),
    _positive("mu_B", r"\mu_B", "Bohr magneton", "J/T"),
    _positive("tau_R", r"\tau_R", "spin relaxation time by Rashba coupling", "s"),
    _positive("B_R", "B_R", "field hbar/(4 e D tau_R)", "T"),
    _positive("tau_D", r"\tau_D", "spin relaxation time by linear Dresselhaus coupling", "s"),
    _positive("B_D", "B_D", "field hbar/(4 e D tau_D)", "T"),
    _positive("tau_3", r"\tau_3", "spin relaxation time by cubic Dresselhaus coupling", "s"),
    _positive("B_3", "B_3", "field hbar/(4 e D tau_3)", "T"),
    _positive("tau_i", r"\tau_{\mathrm{i}}", "intervalley scattering time", "s"),
    _positive("B_i", r"B_{\mathrm{i}}", "field hbar/(4 e D tau_i)", "T"),
    _positive("tau_z", r"\tau_z", "intravalley scattering time of fields odd in the valley", "s"),
    _positive("B_z", "B_z", "field hbar/(4 e D tau_z)", "T"),
    _positive("tau_w", r"\tau_w", "intravalley relaxation time by trigonal warping", "s"),
    _positive("B_w", "B_w", "field hbar/(4 e D tau_w)", "T"),
    _positive("length", "L", "length of a sample", "m"),
    _positive("width", "W", "width of a strip or wire", "m"),
    _positive("thickness", "t_z", "thickness of a film or wall", "m"),
    _positive("circumference", "L_c", "circumference of a ring or cylinder", "m"),
    _positive("radius", "R", "radius of a round wire", "m"),
    _real("Phi", r"\Phi", "magnetic flux", "Wb"),
    _positive("l", "l", "mean free path v_F tau_tr", "m"),
    _positive("B_tr", r"B_{\mathrm{tr}}", "transport field hbar/(2 e l^2)", "T"),
    _positive("L_N", "L_N", "Nyquist length (hbar^2 D sigma_1/(e^2 k_B T))^(1/3)", "m"),
    _positive("tau_N", r"\tau_N", "Nyquist time L_N^2/D", "s"),
    _positive("time", "t", "time since the start of a path", "s"),
    _positive("T", "T", "temperature", "K"),
    _positive("k_B", "k_B", "Boltzmann constant", "J/K"),
    _positive("N_1", "N_1", "number of channels of the first contact", "1"),
    _positive("N_2", "N_2", "number of channels of the second contact", "1"),
    _positive("R_square", r"R_{\mathrm{sq}}", "sheet resistance", "ohm"),
    _positive("sigma_1", r"\sigma_1", "conductance of a wire times its length", "S m"),
    _positive("sigma_D", r"\sigma_D", "Drude conductivity in three dimensions", "S/m"),
    _positive("A_ep", r"A_{\mathrm{ep}}", "dephasing rate by phonons over T^p", "1/(s K^p)"),
    _positive("tau_0", r"\tau_0", "dephasing time at zero temperature", "s"),
    _positive("tau_sf", r"\tau_{\mathrm{sf}}", "dephasing time by spin flips", "s"),
    _positive("tau_H", r"\tau_H", "Heisenberg time h/Delta, level spacing Delta of a spin", "s"),
    _real("delta_G", r"\delta G", "correction to the conductance", "S"),
    _positive("area", r"\mathcal{A}", "effective area of a dot in a field", "m^2"),
    *_component_times("so", "spin-orbit time of spin component"),
    *_component_times("s", "magnetic (spin-flip) time of spin component"),
    *_component_fields("so", "spin-orbit field of spin component"),
    *_component_fields("s", "magnetic scattering field of spin component"),
]

QUANTITIES = MappingProxyType({row.symbol.name: row for row in _ROWS})


def symbol(name: str) -> sp.Symbol:
    """Return the symbol `name` of the table, or a new positive symbol of that name."""
    row = QUANTITIES.get(name)
    return row.symbol if row else sp.Symbol(name, positive=True)


def symbol_names() -> dict[sp.Symbol, str]:
    """Return {symbol: LaTeX} for `sympy.latex(..., symbol_names=...)`."""
    return {row.symbol: row.latex for row in QUANTITIES.values()}


e, hbar, k_B = symbol("e"), symbol("hbar"), symbol("k_B")
nu, v_F, tau, tau_tr, D = (symbol(name) for name in ("nu", "v_F", "tau", "tau_tr", "D"))
tau_phi, B_phi = symbol("tau_phi"), symbol("B_phi")
q, omega, B = symbol("q"), symbol("omega"), symbol("B")
omega_c, E_F = symbol("omega_c"), symbol("E_F")
mu_B = symbol("mu_B")

# What a formula may contain beside its parameters.
CONSTANTS_OF_NATURE = frozenset({e, hbar, k_B, mu_B})
