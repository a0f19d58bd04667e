r"""Chebyshev tables of the kernel `numerics.kernels.strip`, computed from `cooperon.strip_trace`.

The strip function divided by its narrow-strip form is smooth on two patches that meet at c = b,
and the corner b = c = 0, where it depends on the direction, is the edge of both.  The maps of
the kernel stretch the patches to where things happen; each patch is sampled at Chebyshev
nodes, of which the table is the expansion.  Walls of a wide strip are what a strip of b = 20 has
beyond the layer.  Extended precision of numpy is needed, so an x86 processor.

Usage::

    python -m numerics.strip_tables            print the size of the last coefficients
    python -m numerics.strip_tables --write    rewrite the tables of the kernel (two minutes)
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import mpmath as mp
import numpy as np
from numpy.typing import NDArray

from cooperon.strip_arithmetic import Arithmetic, Reals, extended
from cooperon.strip_edge import images, wall_coefficients
from cooperon.strip_trace import strip_trace
from numerics.table_file import END, committed_tables, replace_tables

_Floats = NDArray[np.float64]

PATH = Path(__file__).parent / "kernels" / "strip.py"
BEGIN = "# begin tables: written by `python -m numerics.strip_tables --write`"
_IN_LINE = 4

LARGEST_B, LARGEST_C = 15, 9  # walls further apart do not see each other, to 1e-13
SCALE_B, SCALE_C = 6, 3
CLOSE, FAR = (30, 40), (13, 36)
LARGEST_X, SCALE_X, WALL = 8, 2, 40
SMALLEST_C, SCALE_IMAGES, IMAGES = 0.8, 2, 32
_WIDE = 20


def nodes(count: int) -> _Floats:
    """Chebyshev nodes on [0, 1], ascending."""
    return np.sin(np.pi * (2 * np.arange(count) + 1) / (4 * count)) ** 2


def expansion(values: Reals) -> Reals:
    """Chebyshev coefficients along the first axis, from values at `nodes`."""
    count = len(values)
    angles = np.pi * np.outer(np.arange(count), 2 * np.arange(count)[::-1] + 1) / (2 * count)
    found: Reals = np.tensordot(np.cos(angles) * 2 / count, values, 1)
    found[0] /= 2
    return found


def close_points(rows: int, v: float) -> tuple[_Floats, _Floats]:
    """b and c of the nodes at one b of the patch c < b."""
    b = _unmapped(v, LARGEST_B, SCALE_B)
    tau, u = 1 / np.sqrt(1 + b), nodes(rows)
    return np.full(rows, b), b * u * tau / (1 + tau - u)


def far_points(rows: int, v: float) -> tuple[_Floats, _Floats]:
    """b and c of the nodes at one c of the patch b < c."""
    c = _unmapped(v, LARGEST_C, SCALE_C)
    return c * np.sqrt(nodes(rows)), np.full(rows, c)


def _unmapped(v: float, largest: float, scale: float) -> float:
    y = v * largest / (largest + scale)
    return scale * y / (1 - y)


def close_ratio(b: _Floats, c: _Floats) -> _Floats:
    """The strip function over its narrow form with the gap of edge states."""
    return _ratio(b, c, b * b / np.sqrt(9 + b * b))


def far_ratio(b: _Floats, c: _Floats) -> _Floats:
    """The strip function over its narrow form."""
    return _ratio(b, c, b * b / 3)


def _ratio(b: _Floats, c: _Floats, gap: _Floats) -> _Floats:
    exact = strip_trace(b.astype(np.longdouble), c.astype(np.longdouble), _extended())
    root = np.sqrt(c * c + gap)
    found: _Floats = (exact / (np.pi * gap / (c * root * (c + root)))).astype(float)
    return found


def _extended() -> Arithmetic:
    arithmetic = extended()
    if arithmetic is None:
        raise RuntimeError("longdouble is only a double here; run this on an x86 processor.")
    return arithmetic


def wall(x: float) -> float:
    """pi/(2 sqrt(2 x)) - e(x), smooth at x = 0."""
    arithmetic = _extended()
    with mp.workdps(25):
        x, b = mp.mpf(x), mp.mpf(_WIDE)
        c = mp.sqrt(2 * b * x)
        traced = strip_trace(arithmetic.array([b]), arithmetic.array([c]), arithmetic)
        exact = mp.mpf(str(traced[0]))
        layer = mp.digamma(x + mp.mpf(1) / 2) - mp.log(x)
        return float(mp.pi / (2 * mp.sqrt(2 * x)) - mp.sqrt(b) * (exact - layer - images(c)))


def image(v: float) -> float:
    """exp(4 c) sqrt(c) times the images without a field."""
    with mp.workdps(20):
        low, high = (mp.mpf(c) / (c + SCALE_IMAGES) for c in (SMALLEST_C, LARGEST_C))
        y = low + mp.mpf(v) * (high - low)
        c = SCALE_IMAGES * y / (1 - y)
        return float(mp.exp(4 * c) * mp.sqrt(c) * images(c))


def _close_table() -> _Floats:
    values = [close_ratio(*close_points(CLOSE[0], v)) for v in nodes(CLOSE[1])]
    return expansion(expansion(np.array(values)).T)


def _far_table() -> _Floats:
    values = [far_ratio(*far_points(FAR[0], v)) for v in nodes(FAR[1])]
    return expansion(expansion(np.array(values)).T)


def _wall_table() -> _Floats:
    return expansion(np.array([wall(_unmapped(v, LARGEST_X, SCALE_X)) for v in nodes(WALL)]))


def _image_series() -> _Floats:
    """Of the images at small c, in powers of c^2 from the first on."""
    w = (2 / mp.pi) ** 2
    terms = (2 * mp.binomial(-0.5, k) * w**k * mp.zeta(2 * k + 1) for k in range(1, 31))
    return np.array([float(v) for v in terms])


TABLES: dict[str, Callable[[], _Floats]] = {
    "close": _close_table,
    "far": _far_table,
    "wall": _wall_table,
    "wall_series": lambda: np.array([float(np.pi * v) for v in wall_coefficients(14)]),
    "image": lambda: expansion(np.array([image(v) for v in nodes(IMAGES)])),
    "image_series": _image_series,
}


def emit(found: dict[str, _Floats]) -> str:
    """Python source of the tables, between the two marker lines."""
    lines = [BEGIN, "# fmt: off", "_STRIP_TABLES: dict[str, tuple] = {"]
    for name, table in found.items():
        lines += [f'    "{name}": (', *_rows(table, " " * 8), "    ),"]
    return "\n".join([*lines, "}", "# fmt: on", END])


def _rows(table: _Floats, indent: str) -> Iterator[str]:
    if table.ndim == 2:
        for row in table:
            yield indent + "("
            yield from _rows(row, indent + "    ")
            yield indent + "),"
        return
    # what is below the rounding of the largest coefficient is not a digit
    texts = [repr(float(f"{v:.17f}")) if abs(v) < 1 else repr(float(v)) for v in table]
    for start in range(0, len(texts), _IN_LINE):
        yield indent + " ".join(f"{t}," for t in texts[start : start + _IN_LINE])


def main(arguments: Sequence[str]) -> None:
    """Print the decay of the coefficients; with `--write`, rewrite the tables."""
    found = {name: table() for name, table in TABLES.items()}
    for name, table in found.items():
        last = [np.max(np.abs(np.take(table, [-1, -2], axis))) for axis in range(table.ndim)]
        print(f"{name:13} {table.shape!s:9}", *(f"{v:.1e}" for v in last))
    if "--write" in arguments:
        replace_tables(PATH, BEGIN, emit(found))


def committed() -> str:
    """The tables that the kernel holds now, markers included."""
    return committed_tables(PATH, BEGIN)


if __name__ == "__main__":
    main(sys.argv[1:])
