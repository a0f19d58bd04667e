"""The shipped measurement: twisted bilayer graphene on WSe2, 25 mK to 700 mK.

Raw lock-in voltages of device W5 (Nature 2020, doi 10.1038/s41586-020-2473-8; CC0 1.0) are
brought to magnetoconductance curves by the steps of the published analysis:

1. R = V / 10 nA per gate voltage; G = 1/R, taken as sigma (the aspect ratio is not published);
2. subtract the value at true zero field, -1.0 mT on the axis;
3. average B and -B, keep B > 0, average over the gate voltages, subtract the 900 mK curve.

A gate voltage has the same conductance fluctuations at all temperatures, and the subtraction
cancels part of them. The standard errors are therefore those of the mean of row-by-row differences;
those of both means in quadrature are 1.1 (base) to 2.1 times (700 mK) as large.

Where the data come from is in ``SOURCE.md`` beside them.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from numerics.curve import Curve

_EXCITATION = 10e-9  # A
# The published curves are in units of e^2/h with these rounded constants; the exact ones would
# change the sum of squares of a fit by 4e-4 of itself.
CONDUCTANCE_QUANTUM = 1.602e-19**2 / 6.626e-34
_CENTRE = 120  # column of -25 mT + 120 * 0.2 mT = -1.0 mT, the true zero field
_POINTS = 120  # columns on the shorter side of the centre
_STEP = 0.2e-3  # T
# Gate row 11 (-1.96 V) of the base-temperature file was stopped half-way, says its header.
_FILES: dict[str, tuple[str, float, tuple[int, ...]]] = {
    "base": ("baseT", 0.025, (11,)),
    "300 mK": ("300mK", 0.3, ()),
    "500 mK": ("500mK", 0.5, ()),
    "700 mK": ("700mK", 0.7, ()),
    "900 mK": ("900mK", 0.9, ()),
}
_REFERENCE = "900 mK"


@dataclass(frozen=True, eq=False)
class _GateRows:
    """Magnetoconductance for B > 0, shape (n, 120), and which of the gate voltages the rows are."""

    gate: NDArray[np.intp]
    values: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        return np.asarray(self.values.mean(axis=0))


def load_tbg(*, subtract_reference: bool = True) -> tuple[Curve, ...]:
    """Return the measured curves, labelled ``base``, ``300 mK``, ``500 mK``, ``700 mK``.

    Parameters
    ----------
    subtract_reference : bool
        Subtract the 900 mK curve, as the published analysis does. Without, the curves are the
        plain magnetoconductance and the fifth, ``900 mK``, is returned too.

    Returns
    -------
    tuple of Curve
        120 points each, B = 0.2 to 24 mT, delta_sigma in e^2/h (author's constants, see
        `CONDUCTANCE_QUANTUM`). The standard error is that of the mean over 30 gate voltages, of
        the differences between rows at one gate voltage (at base temperature the row at -2.34 V,
        which the reference lacks, minus that at -1.96 V, which only the reference has).
        Neighbouring gate voltages and fields are correlated by conductance fluctuations, so it is
        not the scatter of the points of a curve.
    """
    reference = _gate_rows(_REFERENCE) if subtract_reference else None
    labels = [label for label in _FILES if reference is None or label != _REFERENCE]
    return tuple(_curve(label, reference) for label in labels)


def _curve(label: str, reference: _GateRows | None) -> Curve:
    own = _gate_rows(label)
    mean, rows = own.mean, own.values
    if reference is not None:
        mean, rows = mean - reference.mean, _differences(own, reference)
    return Curve(
        B=_STEP * np.arange(1.0, _POINTS + 1),
        delta_sigma=mean,
        standard_error=rows.std(axis=0, ddof=1) / np.sqrt(len(rows)),
        label=label,
        temperature=_FILES[label][1],
        unit="e^2/h",
    )


def _differences(own: _GateRows, reference: _GateRows) -> NDArray[np.float64]:
    """Return the rows minus those of the reference at the same gate, then what is left of both."""
    _, i, j = np.intersect1d(own.gate, reference.gate, return_indices=True)
    here, there = (
        np.append(same, np.setdiff1d(np.arange(len(rows.gate)), same))
        for rows, same in ((own, i), (reference, j))
    )
    return np.asarray(own.values[here] - reference.values[there])


@cache
def _gate_rows(label: str) -> _GateRows:
    name, _, stopped = _FILES[label]
    path = files("numerics") / "example_data" / "tbg_wse2" / "raw"
    with (path / f"W5_10nA_-2Vbg_{name}_39-38.txt").open(encoding="utf-8") as lines:
        voltage = np.loadtxt(lines)
    gate = np.delete(np.arange(len(voltage)), stopped)
    G = _EXCITATION / voltage[gate] / CONDUCTANCE_QUANTUM
    return _GateRows(gate, _even_part(G - G[:, [_CENTRE]]))


def _even_part(G: NDArray[np.float64]) -> NDArray[np.float64]:
    right = G[:, _CENTRE + 1 : _CENTRE + 1 + _POINTS]
    left = G[:, _CENTRE - _POINTS : _CENTRE][:, ::-1]
    return (right + left) / 2
