"""From voltages to the conductivity tensor.

Fitting a resistance instead of a conductivity is the classic mistake, and leaving out the geometry
the second: a magnetoconductance of a bar of four squares, taken per sample, is a quarter of the
conductivity correction, and the amplitude of a fit is then wrong by that factor.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.pint_edge import si_float
from numerics.steps.step import Step
from numerics.sweep_array import Floats, SweepArray
from numerics.units import CONDUCTANCE_UNITS

_RATIO = 0.05


@dataclass(frozen=True)
class VoltageToResistance(Step):
    """R_xx = V_xx/I and R_xy = V_xy/I.

    Attributes
    ----------
    current : float
        Excitation current in ampere (or a pint quantity), positive.
    """

    current: Any

    def __post_init__(self) -> None:
        self._set("current", si_float(self.current, "A", "The excitation current"))
        if self.current <= 0:
            raise ValueError(
                f"The excitation current is {self.current:g} A; give a positive current, "
                "for example 10e-9."
            )

    def apply(self, sweep: SweepArray) -> SweepArray:
        """Return the sweep with resistances in the place of voltages."""
        voltages = [name for name in sweep.values if name.startswith("V_")]
        if not voltages:
            held = ", ".join(sweep.values)
            raise ValueError(
                f"The sweep {sweep.label!r} holds {held} and no voltage V_xx or V_xy; leave "
                "the step VoltageToResistance out."
            )
        others = {k: v for k, v in sweep.values.items() if k not in voltages}
        found = {k.replace("V_", "R_"): sweep.values[k] / self.current for k in voltages}
        return sweep.with_values(others | found).noted(
            f"Divided {' and '.join(voltages)} by the current {self.current:g} A."
        )


@dataclass(frozen=True)
class ToConductivity(Step):
    """Resistances to the conductivity tensor of an isotropic film, per square.

    With rho_xx = R_xx width/length, rho_xy = R_xy and rho_yx = -rho_xy, rho_yy = rho_xx,

        sigma_xx = rho_xx/(rho_xx^2 + rho_xy^2),   sigma_xy = -rho_xy/(rho_xx^2 + rho_xy^2).

    Without R_xy, sigma_xx = 1/rho_xx, too large by the fraction (rho_xy/rho_xx)^2. A conductance G
    becomes sigma_xx = G length/width.

    Attributes
    ----------
    length, width : float, optional
        Distance between the voltage probes and width of the current path, in metre (or pint).
    squares : float, optional
        length/width instead of the two.
    thickness : float, optional
        Of a film, in metre; it must be the smallest of the three sizes.
    reason : str
        Where the geometry comes from; kept in the notes.

    Raises
    ------
    ValueError
        From `apply`, if no geometry is given, a resistivity vanishes or the sample is bulk.
    """

    length: Any = None
    width: Any = None
    squares: float | None = None
    thickness: Any = None
    reason: str = ""

    def __post_init__(self) -> None:
        for name in ("length", "width", "thickness", "squares"):
            if getattr(self, name) is not None:
                unit = "1" if name == "squares" else "m"
                self._set(name, si_float(getattr(self, name), unit, f"The {name} of the sample"))
                if getattr(self, name) <= 0:
                    raise ValueError(
                        f"The {name} of the sample is {getattr(self, name):g}; it must be positive."
                    )
        if self.squares is not None and (self.length is not None or self.width is not None):
            raise ValueError(
                f"The geometry is given twice, by squares = {self.squares:g} and by a length or "
                "width; give one of the two."
            )

    def apply(self, sweep: SweepArray) -> SweepArray:
        """Return the sweep with sigma_xx, and sigma_xy where a Hall signal was measured."""
        squares, notes = self._aspect(sweep), []
        sweep.require_complete("a conductivity")
        values = sweep.values
        if "G" in values:
            tensor = {"sigma_xx": values["G"] * squares}
            notes.append("sigma_xx = G length/width, without the Hall part of the tensor.")
        else:
            tensor = self._inverse(sweep, squares, notes)
        notes.insert(0, f"Conductivity per square with length/width = {squares:g}{self._why()}.")
        if self.thickness is not None:
            notes.append(
                f"The film is {self.thickness:g} m thick: two-dimensional formulas hold only for a "
                "dephasing length well above that."
            )
        return sweep.with_values(tensor).noted(*notes)

    def _aspect(self, sweep: SweepArray) -> float:
        if self.squares is None and (self.length is None or self.width is None):
            raise ValueError(
                f"The resistance of {sweep.label!r} is no conductivity without the geometry; pass "
                "length= and width= (or squares=, their ratio) to ToConductivity."
            )
        sizes = [s for s in (self.length, self.width) if s is not None]
        if self.thickness is not None and sizes and self.thickness >= min(sizes):
            raise ValueError(
                f"The sample is {self.thickness:g} m thick and {min(sizes):g} m wide or long: it "
                "is bulk and has no conductivity per square; use a three-dimensional formula with "
                "sigma in S/m."
            )
        return float(self.squares if self.squares is not None else self.length / self.width)

    def _why(self) -> str:
        return f" ({self.reason})" if self.reason else ""

    def _inverse(self, sweep: SweepArray, squares: float, notes: list[str]) -> dict[str, Floats]:
        values = sweep.values
        rho_xx, rho_xy = values.get("rho_xx"), values.get("rho_xy", values.get("R_xy"))
        if "R_xx" in values:
            rho_xx = values["R_xx"] / squares
        if rho_xx is None:
            raise ValueError(
                f"The sweep {sweep.label!r} holds {', '.join(values)} and no R_xx, rho_xx or G; "
                "sigma_xx needs the longitudinal signal."
            )
        if np.any(rho_xx <= 0):
            raise ValueError(
                f"The resistivity of {sweep.label!r} falls to {rho_xx.min():g} ohm, and a "
                "conductor's is positive; check the lock-in phase and the offset."
            )
        if rho_xy is None:
            notes.append(
                "No Hall signal: sigma_xx = 1/rho_xx, too large by the fraction (rho_xy/rho_xx)^2."
            )
            return {"sigma_xx": 1.0 / rho_xx}
        sigma_xx, sigma_xy = invert_tensor(rho_xx, rho_xy)
        largest = float(np.max(np.abs(rho_xy / rho_xx)))
        notes.append(f"Full tensor inverted; |rho_xy/rho_xx| reaches {largest:.3g}.")
        if largest > _RATIO and not _is_odd(sweep):
            notes.append(
                "R_xx and R_xy were not symmetrised before the inversion, so an admixture of one "
                "in the other enters sigma_xx; symmetrise first."
            )
        return {"sigma_xx": sigma_xx, "sigma_xy": sigma_xy}


@dataclass(frozen=True)
class InQuanta(Step):
    """Express conductivities in e^2/h.

    Attributes
    ----------
    quantum : float, optional
        Siemens per e^2/h; the exact value if not given. Published curves may use rounded ones.
    """

    quantum: float | None = None

    def apply(self, sweep: SweepArray) -> SweepArray:
        """Return the sweep with every value in e^2/h; ValueError for what is no conductivity."""
        other = [name for name in sweep.values if sweep.units[name] != "S"]
        if other:
            raise ValueError(
                f"{other[0]} of {sweep.label!r} is in {sweep.units[other[0]]}, which is not "
                "expressed in e^2/h; apply ToConductivity before, and this step once."
            )
        exact = CONDUCTANCE_UNITS["e^2/h"]
        quantum = exact if self.quantum is None else si_float(self.quantum, "S", "The quantum")
        if abs(quantum / exact - 1) > 0.01:
            raise ValueError(
                f"The quantum is {quantum:g} S and e^2/h is {exact:g} S; give e^2/h in siemens, "
                "neither e^2/(pi h) nor 2 e^2/h."
            )
        values = {name: value / quantum for name, value in sweep.values.items()}
        covariance = None if sweep.covariance is None else sweep.covariance / quantum**2
        off = f"{quantum / exact - 1:+.2g} of itself off" if quantum != exact else "with"
        note = f"Expressed in e^2/h = {quantum:.10g} S, {off} the exact value."
        held = dict.fromkeys(values, "e^2/h")
        return sweep.with_values(values, covariance=covariance, **held).noted(note)


def invert_tensor(xx: Floats, xy: Floats) -> tuple[Floats, Floats]:
    """Return the inverse of the isotropic tensor [[xx, xy], [-xy, xx]]; it is its own inverse.

    >>> invert_tensor(np.array(3.0), np.array(4.0))
    (np.float64(0.12), np.float64(-0.16))
    """
    square = xx**2 + xy**2
    return xx / square, -xy / square


def _is_odd(sweep: SweepArray) -> bool:
    hall = sweep.values.get("rho_xy", sweep.values.get("R_xy"))
    mirrored = len(sweep.B) and np.allclose(sweep.B, -sweep.B[::-1], rtol=1e-6, atol=0.0)
    return bool(mirrored and hall is not None and np.array_equal(hall, -hall[..., ::-1]))
