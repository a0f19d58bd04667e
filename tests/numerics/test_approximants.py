"""The generator of coefficient tables, and what it promises of every kernel's tables."""

from __future__ import annotations

import ast
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import jax
import mpmath as mp
import numpy as np
import pytest

from numerics import approximants
from numerics.approximants import Branch, Kernel
from numerics.descriptions import KERNELS
from numerics.embedding import embed
from numerics.kernels.hikami import hikami

every_kernel = pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.module)

# Horner's scheme on tables of decreasing functions of sqrt(x) loses a digit at most.
CONDITION = {"kawabata": 3.5, "airy": 3, "bessel": 2.25, "hyperbolic": 2.6}


# one test, for with several workers two could compute the same tables
@every_kernel
def test_committed_tables_are_fresh_accurate_to_rounding_and_free_of_cancellation(
    kernel: Kernel,
) -> None:
    assert approximants.emit(kernel) == approximants.committed(kernel)
    for branch in kernel.branches:
        once = replace(branch, function=cache(branch.function))
        for dtype in approximants.DTYPES:
            table = approximants.approximate(branch, dtype)
            accuracy = approximants.accuracy(once, table, points=13)
            assert accuracy.error < 2.1 * np.finfo(dtype).eps, branch.name
            assert accuracy.condition < CONDITION.get(kernel.module, 2.02), branch.name


def test_a_rational_function_is_found_exactly() -> None:
    branch = Branch("f", "", lambda t: (1 + 2 * t) / (4 + t), ((1, 1), (1, 1)), Fraction(1, 4))
    table = approximants.approximate(branch, "float64")
    assert table == approximants.Table((1.0, 2.0), (4.0, 1.0))
    assert approximants.accuracy(branch, table).error == 0


def test_the_measured_error_is_that_of_too_low_degrees() -> None:
    branch = Branch("f", "", mp.exp, ((1, 1), (1, 1)), Fraction(1))
    table = approximants.approximate(branch, "float64")
    t = np.linspace(0.001, 1, 400)
    N, D = (np.polynomial.polynomial.polyval(t, c) for c in (table.numerator, table.denominator))
    error = np.max(abs(N / D / np.exp(t) - 1))
    assert approximants.accuracy(branch, table).error == pytest.approx(error, rel=0.01)


@every_kernel
def test_source_of_a_kernel_needs_jax_and_other_kernels_only(kernel: Kernel) -> None:
    source = Path(kernel.path).read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("numerics"):
            assert str(node.module).startswith("numerics.kernels.")
        elif isinstance(node, ast.ImportFrom):
            package = str(node.module).split(".")[0]
            assert package in {"__future__", "typing", "collections", "functools", "jax"}
        elif isinstance(node, ast.Import):
            assert {alias.name.split(".")[0] for alias in node.names} <= {"jax"}


def test_embedded_source_gives_the_same_numbers() -> None:
    parts = embed(["hikami"])
    imports = sorted({line for part in parts for line in part.imports})
    text = "\n".join(["from __future__ import annotations", *imports, *(p.text for p in parts)])
    namespace: dict[str, object] = {"__name__": "generated"}
    exec(text, namespace)
    B = np.linspace(-3, 3, 7)
    result = jax.jit(namespace["hikami"])(B, 0.4)  # type: ignore[arg-type]
    assert np.all(result == hikami(B, 0.4))


def test_a_module_without_markers_is_refused(tmp_path: Path) -> None:
    class Elsewhere(Kernel):
        @property
        def path(self) -> Path:
            return tmp_path / "empty.py"

    (tmp_path / "empty.py").write_text("")
    with pytest.raises(ValueError, match="add both where the tables are to be written"):
        approximants.committed(Elsewhere("empty", []))
