"""Fewer points of each curve, on which a search finds its way as well as on all.

To come within a few standard deviations of a minimum, a fraction of the points is enough. Every
point of the weakest fields is among them, and ever fewer towards strong fields: a curve is narrow
where the field is weak, and wide where it is strong.
"""

import numpy as np
from numpy.typing import NDArray

from numerics.many_curves import CurveData

# Points per curve, and at least so many per unknown.
_FEW = 48
_PER_UNKNOWN = 12
# Curves with fewer points than this many times as many are searched with all of them.
_WORTH = 2


def thinned(data: CurveData, lengths: NDArray[np.int64], unknowns: int) -> CurveData | None:
    """Return fewer points of curves that have `lengths` points, or None if a curve is short."""
    count = max(_FEW, _PER_UNKNOWN * unknowns)
    if lengths.min() < _WORTH * count:
        return None
    shared = len(data.B) == 1
    own = lengths[:1] if shared else lengths
    size = np.where(np.arange(data.B.shape[1]) < own[:, None], np.abs(data.B), np.inf)
    order = np.argsort(size, axis=1, kind="stable")
    # in the order of the field, as a function may expect them
    columns = np.sort(np.take_along_axis(order, _ranks(own, count), axis=1), axis=1)

    def chosen(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return x[:, columns[0]] if shared else np.take_along_axis(x, columns, axis=1)

    return CurveData(
        B=chosen(data.B),
        delta_sigma=chosen(data.delta_sigma),
        weight=None if data.weight is None else chosen(data.weight),
        constants=data.constants,
    )


def _ranks(lengths: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return which points are kept, counted from the weakest field: shape (C, count)."""
    place = np.arange(count)
    part = (place / (count - 1)) ** 2
    return np.maximum(np.rint((lengths[:, None] - 1) * part).astype(int), place)
