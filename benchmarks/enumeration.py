"""How long it takes to visit all bubbles of an order, and how much memory it needs.

Rows give the time per diagram and the peak of the memory that Python allocates meanwhile, which
does not grow with their number (measured in a second pass, since tracing slows it).
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator

from benchmarks.measurement import Row
from diagrams.matchings import bubble_diagrams, count_bubbles

ORDERS = (5,)


def visit(diagrams: Iterator[object]) -> int:
    return sum(1 for _ in diagrams)


def seconds(order: int) -> float:
    start = time.perf_counter()
    found = visit(bubble_diagrams(order))
    elapsed = time.perf_counter() - start
    if found != count_bubbles(order):
        raise SystemExit(f"Order {order} has {count_bubbles(order)} bubbles, but {found} came.")
    return elapsed


def peak_kilobytes(order: int) -> float:
    tracemalloc.start()
    visit(bubble_diagrams(order))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e3


def rows() -> Iterator[Row]:
    """Two rows per order."""
    for order in ORDERS:
        name = f"{count_bubbles(order)} bubbles of order {order}"
        yield Row(f"{name}, time for each", seconds(order) / count_bubbles(order) * 1e6, "us")
        yield Row(f"{name}, peak memory", peak_kilobytes(order), "kB")
