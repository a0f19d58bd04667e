"""Differences: to the value at zero field, and to a reference curve."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.steps.field_axis import zero_index
from numerics.steps.step import Step
from numerics.sweep_array import SweepArray


@dataclass(frozen=True)
class SubtractZeroField(Step):
    """delta_sigma(B) = sigma_xx(B) - sigma_xx(0), row by row.

    The noise of the one value at B = 0 enters every point of a row; a covariance estimated from the
    rows afterwards (`AverageRows`) contains it.
    """

    def apply(self, sweep: SweepArray) -> SweepArray:
        """Return the sweep with delta_sigma alone.

        Raises
        ------
        ValueError
            If there is no sigma_xx, or B = 0 was not measured.
        """
        if "sigma_xx" not in sweep.values:
            held = ", ".join(sweep.values)
            raise ValueError(
                f"The sweep {sweep.label!r} holds {held} and no sigma_xx, of which the value at "
                "zero field is subtracted; apply ToConductivity before."
            )
        zero = zero_index(sweep, "subtracting the zero-field value")
        sigma = sweep.values["sigma_xx"]
        change = sigma - sigma[..., [zero]]
        unit = sweep.units["sigma_xx"]
        dropped = [name for name in sweep.values if name != "sigma_xx"]
        notes = [f"Subtracted sigma_xx at B = {sweep.B[zero]:.3g} T from each row."]
        if dropped:
            notes.append(f"{', '.join(dropped)} not carried on.")
        return sweep.with_values({"delta_sigma": change}, delta_sigma=unit).noted(*notes)


@dataclass(frozen=True)
class SubtractReference(Step):
    """Subtract another sweep, for example a warm one, from all the others.

    Covariances add, as those of independent measurements. It is the better way to model the
    reference, since it holds a weak localization of its own, which is subtracted too.

    Attributes
    ----------
    label : str
        Label of the reference, which is not among the results.
    """

    label: str

    def apply(self, sweep: SweepArray) -> SweepArray:
        """Refuse: a single sweep has no reference."""
        raise ValueError(
            f"SubtractReference needs the sweep {self.label!r} beside {sweep.label!r}; run the "
            "pipeline on both."
        )

    def apply_all(self, sweeps: Sequence[SweepArray]) -> tuple[SweepArray, ...]:
        """Return all sweeps but the reference, with it subtracted.

        Raises
        ------
        ValueError
            If the reference is missing or was measured at other points.
        """
        found = [sweep for sweep in sweeps if sweep.label == self.label]
        if len(found) != 1 or len(sweeps) < 2:
            labels = ", ".join(sweep.label for sweep in sweeps)
            raise ValueError(
                f"There is no reference {self.label!r} beside other sweeps among {labels}; read it "
                "with the others."
            )
        return tuple(_subtracted(s, found[0]) for s in sweeps if s.label != self.label)


def _subtracted(sweep: SweepArray, reference: SweepArray) -> SweepArray:
    same = list(sweep.axes) == list(reference.axes) and all(
        a.shape == b.shape and np.allclose(a, b, rtol=1e-6, atol=1e-12)
        for a, b in zip(sweep.axes.values(), reference.axes.values(), strict=True)
    )
    if not same or list(sweep.values) != ["delta_sigma"] or sweep.units != reference.units:
        raise ValueError(
            f"The reference {reference.label!r} ({_described(reference)}) was not measured at the "
            f"points of {sweep.label!r} ({_described(sweep)}) or is not delta_sigma in the same "
            "unit; average rows and choose one window for both before."
        )
    change = sweep.values["delta_sigma"] - reference.values["delta_sigma"]
    covariance = sweep.covariance
    if covariance is not None and reference.covariance is not None:
        covariance = covariance + reference.covariance
    unit = sweep.units["delta_sigma"]
    return sweep.with_values(
        {"delta_sigma": change}, covariance=covariance, delta_sigma=unit
    ).noted(
        f"Subtracted the reference {reference.label!r}, its covariance added as independent; it "
        "holds a quantum correction of its own, so modelling it is better than subtracting it, and "
        "all curves now share its noise."
    )


def _described(sweep: SweepArray) -> str:
    axes = " x ".join(f"{len(v)} {k}" for k, v in sweep.axes.items())
    return f"{', '.join(sweep.values)} over {axes}"
