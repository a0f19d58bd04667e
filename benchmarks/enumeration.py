"""How long it takes to visit all bubbles of an order, and how much memory it needs.

Run as `python benchmarks/enumeration.py [ORDER]` (default 6). Prints, for each order up to
ORDER, the number of diagrams, the time to generate all, the time per diagram, and the peak of
the memory that Python allocates meanwhile (measured in a second pass, since tracing slows it).
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

if __name__ == "__main__":  # the repository's own packages, wherever this is started from
    sys.path.insert(0, str(Path(__file__).parents[1]))

from diagrams.matchings import bubble_diagrams, count_bubbles

TRACED_ORDER = 5  # tracing order 6 takes a quarter of a minute and shows the same peak


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


def main() -> None:
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    print(f"{'order':>5} {'diagrams':>10} {'seconds':>9} {'us each':>8} {'peak kB':>8}")
    for order in range(1, largest + 1):
        elapsed, number = seconds(order), count_bubbles(order)
        peak = f"{peak_kilobytes(order):8.0f}" if order <= TRACED_ORDER else ""
        print(f"{order:5} {number:10} {elapsed:9.3f} {elapsed / number * 1e6:8.1f} {peak}")


if __name__ == "__main__":
    main()
