"""The raw voltages of the shipped measurement, and the published way to its curves as a pipeline.

See ``SOURCE.md`` beside the data (device W5, Nature 2020, doi 10.1038/s41586-020-2473-8; CC0 1.0)
for where they come from. `numerics.tbg.load_tbg` computes the same curves in a few lines of numpy,
which the pipeline is tested against.
"""

from importlib.resources import as_file, files

from numerics.pipeline import Pipeline
from numerics.readers import GridAxis, read_grid
from numerics.steps import (
    AverageRows,
    Drop,
    FieldWindow,
    InQuanta,
    Recentre,
    SubtractReference,
    SubtractZeroField,
    Symmetrise,
    ToConductivity,
    VoltageToResistance,
)
from numerics.sweep_array import SweepArray
from numerics.tbg import CONDUCTANCE_QUANTUM

_FILES = {
    "base": ("baseT", 0.025),
    "300 mK": ("300mK", 0.3),
    "500 mK": ("500mK", 0.5),
    "700 mK": ("700mK", 0.7),
    "900 mK": ("900mK", 0.9),
    "3 K": ("3K", 3.0),
}
_ROWS = GridAxis("V_g", "V", start=-1.74, step=-0.02)
_COLUMNS = GridAxis("B", "mT", start=-25, step=0.2)


def load_tbg_raw(*labels: str) -> tuple[SweepArray, ...]:
    """Return the measured voltages V_xx(V_g, B), one sweep per temperature.

    Parameters
    ----------
    *labels : str
        Of ``base``, ``300 mK``, ``500 mK``, ``700 mK``, ``900 mK``, ``3 K``; all but the last,
        which the published analysis does not use, if none is given.

    Returns
    -------
    tuple of SweepArray
        30 gate voltages from -1.74 V in steps of -0.02 V (31 at base temperature, of which the one
        with index 11 was stopped half-way) and 251 fields from -25 mT to 25 mT.

    Raises
    ------
    ValueError
        If a label is not one of these.
    """
    unknown = [label for label in labels if label not in _FILES]
    if unknown:
        raise ValueError(
            f"There is no sweep {unknown[0]!r}; the temperatures are {', '.join(_FILES)}."
        )
    return tuple(_read(label) for label in labels or tuple(_FILES)[:-1])


def tbg_pipeline(*, subtract_reference: bool = True) -> Pipeline:
    """Return the published analysis as a pipeline for `load_tbg_raw()`.

    Parameters
    ----------
    subtract_reference : bool
        Subtract the 900 mK curve, as published; without, it is the fifth of the results. Rows are
        subtracted before they are averaged, since they fluctuate together at all temperatures. The
        published means are over all rows: at base temperature also over that at -2.34 V, which the
        reference lacks, and not over that at -1.96 V, so these two are paired.
    """
    reference = (SubtractReference("900 mK", lone_rows="pair"),) if subtract_reference else ()
    return Pipeline(
        (
            Drop("V_g", indices=(11,), reason="stopped half-way, says the header", label="base"),
            VoltageToResistance(10e-9),
            ToConductivity(squares=1.0, reason="not published; the analysis takes G as sigma"),
            InQuanta(CONDUCTANCE_QUANTUM),
            Recentre(-1.0e-3),
            SubtractZeroField(),
            Symmetrise(),
            FieldWindow(0.1e-3, 24e-3),
            *reference,
            AverageRows("V_g"),
        )
    )


def _read(label: str) -> SweepArray:
    name, temperature = _FILES[label]
    data = files("numerics") / "example_data" / "tbg_wse2" / "raw"
    with as_file(data / f"W5_10nA_-2Vbg_{name}_39-38.txt") as path:
        return read_grid(
            path,
            value="V_xx",
            unit="V",
            rows=_ROWS,
            columns=_COLUMNS,
            label=label,
            temperature=temperature,
        )
