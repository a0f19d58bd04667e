"""The tables of the complex kernels: fresh, accurate in the whole sector, without cancellation."""

from __future__ import annotations

import importlib
from fractions import Fraction
from pathlib import Path

import mpmath as mp
import pytest

from numerics import complex_approximants
from numerics.descriptions.exp1_complex import EXP1_COMPLEX
from numerics.descriptions.hikami_complex import HIKAMI_COMPLEX
from numerics.descriptions.kawabata_complex import KAWABATA_COMPLEX

KERNELS = (HIKAMI_COMPLEX, KAWABATA_COMPLEX, EXP1_COMPLEX)


def committed_table(
    kernel: complex_approximants.Kernel, branch: complex_approximants.Branch
) -> complex_approximants.Table:
    module = importlib.import_module(f"numerics.kernels.{kernel.module}")
    tables = getattr(module, f"_{kernel.module.upper()}_TABLES")
    return complex_approximants.Table(*tables[branch.name])


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.module)
def test_committed_tables_are_accurate_in_their_sectors(
    kernel: complex_approximants.Kernel,
) -> None:
    for branch in kernel.branches:
        table = committed_table(kernel, branch)
        with mp.workdps(40):
            nodes = [
                mp.mpf(size)
                * mp.expjpi(part * mp.mpf(branch.angle.numerator) / branch.angle.denominator)
                for size in (1e-3, 0.4, 1)
                for part in (0, 0.5, 0.95, 1)
            ]
            error = max(abs(table(t) / branch.function(t) - 1) for t in nodes)
            condition = max(map(table.condition, nodes))
            assert table.limit == float(branch.limit()), branch.name
        # the bound of numerics' second derivatives is 1e-14, of which a table may use half
        assert error < 6e-15, branch.name
        assert condition < 36, branch.name


# Of all tables only these are computed anew: 100 digits are slow, and a test above compares every
# committed table with its function.
@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.module)
def test_a_committed_table_is_what_the_generator_computes(
    kernel: complex_approximants.Kernel,
) -> None:
    cheapest = min(kernel.branches, key=lambda branch: sum(branch.degrees))
    assert complex_approximants.approximate(cheapest) == committed_table(kernel, cheapest)


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.module)
def test_committed_source_has_the_layout_and_the_constants_of_the_generator(
    kernel: complex_approximants.Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        complex_approximants, "approximate", lambda branch: committed_table(kernel, branch)
    )
    assert complex_approximants.emit(kernel) == complex_approximants.committed(kernel)


def test_factors_do_not_cancel_where_powers_would() -> None:
    roots = [mp.mpf(-k) / 8 for k in range(1, 25)]
    factors = complex_approximants._factors(roots)
    table = complex_approximants.Table(1.0, factors, ())
    t = mp.mpc(0, 1)
    product = mp.fprod(1 - t / r for r in roots)
    powers = mp.fprod(1 + abs(t / r) for r in roots)
    assert abs(table(t) / product - 1) < 1e-15
    assert table.condition(t) < 24
    assert powers / abs(product) > 900


def test_a_rational_function_is_recovered_with_its_limit() -> None:
    branch = complex_approximants.Branch(
        "rational",
        "",
        lambda t: (3 + t) / ((1 + t) * (1 + t / 5)),
        (1, 2),
        lambda: mp.mpf(3),
        Fraction(1, 2),
    )
    table = complex_approximants.approximate(branch)
    assert table.limit == 3
    assert complex_approximants.accuracy(branch, table).error < 3e-16
    assert table.numerator == ((pytest.approx(1 / 3), 0.0),)
    assert table.denominator == ((pytest.approx(1.2), pytest.approx(0.2)),)


def test_a_pole_in_the_sector_is_refused() -> None:
    branch = complex_approximants.Branch(
        "pole", "", lambda t: 1 / (t - mp.mpf("0.5")), (0, 1), lambda: mp.mpf(-2)
    )
    with pytest.raises(ArithmeticError, match="pole has a pole in its sector; change its degrees"):
        complex_approximants.approximate(branch)


def test_a_module_without_markers_is_refused(tmp_path: Path) -> None:
    class Elsewhere(complex_approximants.Kernel):
        @property
        def path(self) -> Path:
            return tmp_path / "empty.py"

    (tmp_path / "empty.py").write_text("")
    with pytest.raises(ValueError, match="add both where the tables are to be written"):
        complex_approximants.committed(Elsewhere("empty", []))
