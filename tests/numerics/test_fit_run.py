"""Many files fitted in turn: a folder each, a summary, and nothing done twice or lost."""

import csv

import numpy as np
import pytest
from typer.testing import CliRunner

from numerics import cli
from numerics.figure import UNITS
from numerics.named_model import NamedModel
from numerics.precision import double_precision
from numerics.units import CONDUCTANCE_UNITS

FIELDS = {"cold.csv": 1e-3, "warm.csv": 3e-3}


@pytest.fixture(autouse=True)
def precision_is_left_alone(monkeypatch):
    monkeypatch.setattr(cli, "enable_x64", lambda: None)


def write_sweeps(folder):
    B = np.linspace(1e-3, 40e-3, 30)
    function = NamedModel("orthogonal").function("e^2/h")
    noise = 1e-5 * np.random.default_rng(1).standard_normal(30)
    for name, B_phi in FIELDS.items():
        with double_precision():
            sigma = np.asarray(function(B, B_phi=B_phi)) + noise
        np.savetxt(
            folder / name,
            np.column_stack([1e3 * B, sigma]),
            delimiter=",",
            header="B_mT,dG_e2h",
            comments="",
        )


def run(folder, *names, starts=4):
    paths = [str(folder / name) for name in names]
    options = ["--model", "orthogonal", "--starts", str(starts), "--windows", "2e-2"]
    arguments = ["fit", *paths, *options, "--output", str(folder / "out")]
    return CliRunner().invoke(cli.app, arguments, catch_exceptions=False)


@pytest.mark.slow
def test_files_are_fitted_in_turn_and_an_interrupted_run_goes_on(tmp_path, monkeypatch):
    write_sweeps(tmp_path)
    (tmp_path / "empty.csv").write_text("B_mT,dG_e2h\n")
    out = tmp_path / "out"
    with monkeypatch.context() as patch:  # as if the process ended while files are written
        patch.setattr("numerics.fit_files.write_report", interrupted_at_the_second())
        stopped = run(tmp_path, "empty.csv", "cold.csv", "warm.csv")
    assert stopped.exit_code != 0
    assert "empty.csv has 0 data row(s)" in " ".join(stopped.stdout.split())
    first = (out / "cold" / "fit.json").read_bytes()
    assert not (out / "empty").exists()
    assert not (out / "warm").exists()

    done = run(tmp_path, "cold.csv", "warm.csv")
    assert done.exit_code == 0
    assert done.stdout.count("was skipped") == 1
    assert (out / "cold" / "fit.json").read_bytes() == first
    assert sorted(p.name for p in out.iterdir()) == ["cold", "summary.csv", "warm"]
    with (out / "summary.csv").open() as lines:
        rows = {row["file"].rpartition("/")[2]: row for row in csv.DictReader(lines)}
    for name, B_phi in FIELDS.items():
        assert float(rows[name]["B_phi (T)"]) == pytest.approx(B_phi, rel=1e-2)
        assert rows[name]["status"].startswith("The fit converged")

    summary = (out / "summary.csv").read_bytes()
    with pytest.raises(FileExistsError, match="--force"):
        run(tmp_path, "cold.csv", "warm.csv", starts=5)
    (tmp_path / "cold.csv").write_text((tmp_path / "warm.csv").read_text())
    with pytest.raises(ValueError, match="changed since the fit"):
        run(tmp_path, "cold.csv", "warm.csv")
    assert (out / "summary.csv").read_bytes() == summary


def interrupted_at_the_second():
    calls = iter([None, KeyboardInterrupt])

    def write(*arguments, **options):
        stop = next(calls)
        if stop is not None:
            raise stop

    return write


def test_several_files_need_a_folder_and_names_of_their_own(tmp_path):
    paths = [str(tmp_path / "a.csv"), str(tmp_path / "b" / "a.csv")]
    arguments = ["fit", *paths, "--model", "orthogonal"]
    with pytest.raises(ValueError, match="--output"):
        CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
    with pytest.raises(ValueError, match="called a,"):
        CliRunner().invoke(
            cli.app, [*arguments, "--output", str(tmp_path / "out")], catch_exceptions=False
        )


def test_every_unit_of_data_has_a_label_in_figures():
    assert set(UNITS) == set(CONDUCTANCE_UNITS)
