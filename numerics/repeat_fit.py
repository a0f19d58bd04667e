"""Whether a recorded fit comes out again: the same problem solved anew, the numbers compared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from numerics.fit import Progress, fit
from numerics.fit_record import FitRecord, read_record, versions
from numerics.problem import Model
from numerics.result import FitResult, Minimum

# In a flat valley the last digits of a value depend on the machine; a millionth of the standard
# error, or of the value, does not.
_AGREE = 1e-6


@dataclass(frozen=True, eq=False)
class Repetition:
    """A fit done again.

    Attributes
    ----------
    agrees : bool
        Whether all minima and all their values came out again.
    difference : float
        Largest difference of a value, relative to the value or to its standard error, whichever
        makes it smaller; inf if the minima are not the same in number.
    sentences : tuple of str
        What was found, as sentences.
    result : FitResult
        The new fit.
    """

    agrees: bool
    difference: float
    sentences: tuple[str, ...]
    result: FitResult


def repeat_fit(
    record: FitRecord | str | Path,
    function: Model | None = None,
    *,
    trust_source: bool = False,
    progress: Progress | None = None,
) -> Repetition:
    """Repeat a fit from its record and say whether the numbers agree.

    Parameters
    ----------
    record : FitRecord, or path of its JSON file
        The fit; the points are those in the record.
    function : callable, optional
        The fitted function, where the record does not have its model.
    trust_source : bool
        Whether to run the Python source that a record without the names of a model holds.
    progress : callable, optional
        Called as ``progress(done, total, text)``.

    Raises
    ------
    ValueError
        If the record or the data it names changed, or the model cannot be made again.
    """
    known = record if isinstance(record, FitRecord) else read_record(record)
    weights = known.result.weights
    extra = {} if known.noise is None else {"noise": known.noise}
    result = fit(
        function or known.model.function(trust_source=trust_source),
        known.curves,
        known.parameters,
        fixed=known.fixed,
        starts=known.result.starts,
        seed=known.result.seed,
        weights=weights if weights == "standard_error" else None,
        progress=progress,
        **extra,
    )
    return _compare(known, result)


def _compare(known: FitRecord, result: FitResult) -> Repetition:
    old, new = known.result.minima, result.minima
    changed = _changed_versions(known)
    if len(old) != len(new):
        text = f"The fit does not repeat: {len(new)} distinct minima, and {len(old)} in the record."
        return Repetition(False, math.inf, (text, *changed), result)
    worst, name, k = _worst(old, new)
    count = f"{len(new)} distinct minima" if len(new) > 1 else "one distinct minimum"
    if worst <= _AGREE:
        text = f"The fit repeats: {count}, values within {worst:.1g} of those in the record."
    else:
        text = (
            f"The fit does not repeat: {name} is {new[k].values[name]:.10g} at minimum {k + 1} and "
            f"{old[k].values[name]:.10g} in the record."
        )
    return Repetition(worst <= _AGREE, worst, (text, *changed), result)


def _worst(old: Sequence[Minimum], new: Sequence[Minimum]) -> tuple[float, str, int]:
    return max(
        (_difference(a, b, name), name, k)
        for k, (a, b) in enumerate(zip(old, new, strict=True))
        for name in a.values
    )


def _difference(old: Minimum, new: Minimum, name: str) -> float:
    if name in old.undetermined and name in new.undetermined:
        return 0.0
    size = abs(old.values[name])
    if math.isfinite(old.standard_errors[name]):
        size = max(size, old.standard_errors[name])
    return abs(new.values[name] - old.values[name]) / size if size else abs(new.values[name])


def _changed_versions(known: FitRecord) -> list[str]:
    now = versions()
    changed = [
        f"{name} {then} then and {now[name]} now"
        for name, then in known.versions.items()
        if name in now and now[name] != then
    ]
    return [f"Other versions: {', '.join(changed)}."] if changed else []
