"""The table of benchmarks: its lines, its verdicts, and that each benchmark yields rows."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.__main__ import NAMES
from benchmarks.measurement import Row, interleaved, ratio
from benchmarks.table import line

ROOT = Path(__file__).parents[2]


def test_every_file_of_the_folder_is_a_benchmark_or_serves_them():
    files = {path.stem for path in (ROOT / "benchmarks").glob("*.py")}
    assert files == {*NAMES, "__init__", "__main__", "measurement", "table"}


@pytest.mark.parametrize(
    ("measured", "target", "verdict"),
    [(0.1, 0.22, "met"), (0.3, 0.22, "missed"), (0.3, None, ""), (None, 0.2, "not installed")],
)
def test_a_row_says_whether_its_target_is_met(measured, target, verdict):
    note = "not installed" if measured is None else ""
    row = Row("kernel", measured, "of scipy", target, note)
    assert row.verdict == verdict
    assert line(row).endswith(verdict or "of scipy")


def test_ratios_are_those_within_a_round():
    times = {"ours": np.array([1.0, 10.0, 3.0]), "theirs": np.array([2.0, 20.0, 3.0])}
    assert ratio(times, "ours", "theirs") == 0.5


def test_contenders_take_turns():
    order = []
    interleaved({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, rounds=2)
    assert "".join(order) == "ababab"


@pytest.mark.slow
def test_the_command_prints_one_line_per_row():
    command = [sys.executable, "-m", "benchmarks", "gpu"]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    head, *rows = run.stdout.splitlines()
    assert head.split() == ["measured", "target"]
    assert all("GPU" in row for row in rows)
    assert rows


def test_an_unknown_benchmark_is_refused_with_the_known_ones():
    command = [sys.executable, "-m", "benchmarks", "speed"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode != 0
    assert "choose from kernel, special_functions" in run.stderr
