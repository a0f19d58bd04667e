"""What must hold before many curves are fitted."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from numerics.checks import check_counts, check_curves, check_model, check_unit
from numerics.curve import Curve
from numerics.many_curves import Starts
from numerics.parameters import Parameter
from numerics.precision import double_precision
from numerics.problem import Fixed, Model, make_arrays, make_layout

_PRECISIONS = ("auto", "mixed", "float64")


def check_many(
    function: Model,
    curves: tuple[Curve, ...],
    parameters: Sequence[Parameter],
    fixed: Fixed,
    starts: Starts,
    weights: str | None,
    precision: str,
    threads: int | None,
) -> None:
    """Raise unless the arguments of `numerics.batch_fit.fit_many` make a problem."""
    if weights not in (None, "standard_error"):
        raise ValueError(f"weights is {weights!r}; use None or 'standard_error'.")
    if precision not in _PRECISIONS:
        raise ValueError(f"precision is {precision!r}; use one of {', '.join(_PRECISIONS)}.")
    if threads is not None and threads < 1:
        raise ValueError(f"The number of threads is {threads}; use at least 1.")
    if isinstance(starts, int) and starts < 1:
        raise ValueError(f"The number of starts is {starts}; use at least 1.")
    check_curves(curves)
    check_unit(function, curves)
    shortest = min(curves, key=len)
    known = {k: v.get(shortest.label) if isinstance(v, Mapping) else v for k, v in fixed.items()}
    given = tuple((k, float(v)) for k, v in known.items() if v is not None)
    _check_model(function, tuple(parameters), given, tuple(shortest.B.tolist()))


# The same model is often fitted again and again, and a look at it takes as long as 300 fits.
@lru_cache(maxsize=64)
@double_precision()
def _check_model(
    function: Model,
    parameters: tuple[Parameter, ...],
    fixed: tuple[tuple[str, float], ...],
    B: tuple[float, ...],
) -> None:
    curve = Curve(np.array(B), np.zeros(len(B)))
    layout = make_layout(parameters, [curve.label], dict(fixed))
    check_counts(layout, len(B))
    check_model(function, layout, make_arrays(layout, [curve], None))
