"""Differences: to the value at zero field, and to a reference curve."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.steps.field_axis import zero_index
from numerics.steps.row_pairs import coordinate, row_pairs
from numerics.steps.step import Step
from numerics.sweep_array import Floats, SweepArray


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

    Rows at one gate voltage fluctuate together at all temperatures, so subtract before
    `AverageRows`: from every row the row of the reference at its gate voltage, within a tenth of
    the smallest step. The covariance that is found afterwards is that of the differences.

    Of averages nothing is known of what they have in common: their covariances add, as those of
    independent measurements, which makes errors too large where rows fluctuate together.

    A model of the reference is better than either, since the reference holds a weak localization
    of its own, which is subtracted too.

    Attributes
    ----------
    label : str
        Label of the reference, which is not among the results.
    lone_rows : str
        ``"refuse"`` rows at a gate voltage that only one of the two has, or ``"pair"`` them:
        subtract those of the reference from those of the sweep, which must be as many, in ascending
        order. Their fluctuations are independent, and the mean over rows stays the mean of all rows
        of the sweep minus that of all rows of the reference.
    """

    label: str
    lone_rows: str = "refuse"

    def __post_init__(self) -> None:
        if self.lone_rows not in ("refuse", "pair"):
            raise ValueError(f"lone_rows is {self.lone_rows!r}; use 'refuse' or 'pair'.")

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
            If the reference is missing, was measured at other fields, or has other rows.
        """
        found = [sweep for sweep in sweeps if sweep.label == self.label]
        if len(found) != 1 or len(sweeps) < 2:
            labels = ", ".join(sweep.label for sweep in sweeps)
            raise ValueError(
                f"There is no reference {self.label!r} beside other sweeps among {labels}; read it "
                "with the others."
            )
        return tuple(self._subtracted(s, found[0]) for s in sweeps if s.label != self.label)

    def _subtracted(self, sweep: SweepArray, reference: SweepArray) -> SweepArray:
        _require_comparable(sweep, reference)
        rows, said = [axis for axis in sweep.axes if axis != "B"], []
        for axis in rows:
            pairs = row_pairs(sweep, reference, axis, self.lone_rows)
            reference = reference.take(axis, pairs.partner)
            said += [_lone_note(axis, *pair) for pair in pairs.lone]
        change = sweep.values["delta_sigma"] - reference.values["delta_sigma"]
        covariance, how = _combined(sweep, reference)
        if rows:
            how = f" row by row at equal {' and '.join(rows)}"
        unit = sweep.units["delta_sigma"]
        return sweep.with_values(
            {"delta_sigma": change}, covariance=covariance, delta_sigma=unit
        ).noted(
            f"Subtracted the reference {self.label!r}{how}.",
            *said,
            "The reference holds a quantum correction of its own, so modelling it is better than "
            "subtracting it, and all curves now share its noise.",
        )


def _require_comparable(sweep: SweepArray, reference: SweepArray) -> None:
    same = (
        list(sweep.axes) == list(reference.axes)
        and sweep.B.shape == reference.B.shape
        and np.allclose(sweep.B, reference.B, rtol=1e-6, atol=1e-12)
    )
    if not same or list(sweep.values) != ["delta_sigma"] or sweep.units != reference.units:
        raise ValueError(
            f"The reference {reference.label!r} ({_described(reference)}) was not measured at the "
            f"points of {sweep.label!r} ({_described(sweep)}) or is not delta_sigma in the same "
            "unit; choose one window for both, and average the rows of both before or of none."
        )


def _combined(sweep: SweepArray, reference: SweepArray) -> tuple[Floats | None, str]:
    """Return the covariance of a difference of averages, and what is said of it."""
    own, other = sweep.covariance, reference.covariance
    if own is not None and other is not None:
        return own + other, (
            ", its covariance added as independent, which makes errors too large where rows at one "
            "gate voltage fluctuate together: subtract before averaging"
        )
    if own is None and other is None:
        return None, ""
    known = sweep if own is not None else reference
    return None, f"; only {known.label!r} has a covariance, so that of the difference is not known"


def _lone_note(axis: str, own: float, other: float) -> str:
    return (
        f"From the row at {axis} = {coordinate(axis, own)} that at {coordinate(axis, other)} was "
        "subtracted, as neither has a partner; the mean is that of all rows."
    )


def _described(sweep: SweepArray) -> str:
    axes = " x ".join(f"{len(v)} {k}" for k, v in sweep.axes.items())
    return f"{', '.join(sweep.values)} over {axes}"
