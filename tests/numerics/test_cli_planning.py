"""The commands `sensitivity` and `design` as a newcomer uses them, and their refusals."""

import numpy as np
import pytest
from typer.testing import CliRunner

from numerics import cli, cli_planning
from numerics.planning_request import parse_fields

runner = CliRunner()
SWEEP = ["--fields", "0:0.05:26", "--noise", "1e-3"]
DESIGN = ["--bounds", "1e-4:0.1", "--points", "4", "--noise", "1e-3"]


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    monkeypatch.setattr(cli_planning.console, "width", 200)


def run(*arguments):
    return runner.invoke(cli.app, [str(a) for a in arguments], catch_exceptions=False)


@pytest.mark.slow
def test_sensitivity_prints_the_table_and_writes_the_figure_once(tmp_path):
    path = tmp_path / "new" / "sweep.png"
    command = ["sensitivity", "--model", "hln-isotropic", "--at", "B_phi=1e-3", "--at", "B_so=2e-2"]
    command += ["--at", "B_s=0", *SWEEP, "--output", path]
    result = run(*command)
    assert "B_s at zero: taken as known." in result.stdout
    assert "This sweep of 26 points determines B_phi to" in result.stdout
    assert path.read_bytes()[1:4] == b"PNG"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="--force"):
        run(*command)
    assert path.read_text() == "mine"
    run(*command, "--force")
    assert path.read_bytes()[1:4] == b"PNG"


def test_values_in_brackets_make_several_sweeps():
    result = run(
        "sensitivity", "--model", "orthogonal", "--at", "B_phi[1 K]=1e-3",
        "--at", "B_phi[4 K]=4e-3", *SWEEP,
    )  # fmt: skip
    assert "These 2 sweeps of 52 points determine B_phi[1 K] to" in result.stdout


@pytest.mark.slow
def test_times_replace_fields():
    result = run(
        "sensitivity", "--model", "orthogonal", "--times", "--at", "tau_phi=1e-11",
        "--fix", "D=0.03", *SWEEP,
    )  # fmt: skip
    assert "determines tau_phi to" in result.stdout
    both = run(
        "sensitivity", "--model", "orthogonal", "--times", "--at", "tau_phi=1e-11",
        "--at", "D=0.03", *SWEEP,
    )  # fmt: skip
    assert "Undetermined: tau_phi, D" in both.stdout


def test_design_names_the_fields_and_draws_them(tmp_path):
    path = tmp_path / "design.svg"
    result = run(
        "design", "--model", "orthogonal", "--at", "B_phi=1e-3", "--target", "B_phi", *DESIGN,
        "--output", path,
    )  # fmt: skip
    assert "The design determines B_phi to" in result.stdout
    assert path.read_text().startswith("<?xml")


def test_help_shows_an_example():
    for command in ("sensitivity", "design"):
        assert f"cooperon {command} --model" in " ".join(run(command, "--help").stdout.split())


def test_fields_are_read_in_three_forms():
    assert parse_fields("0:1:5").tolist() == [0, 0.25, 0.5, 0.75, 1]
    np.testing.assert_allclose(parse_fields("1e-3:1e-1:3:log"), [1e-3, 1e-2, 1e-1])
    assert parse_fields("3,1").tolist() == [3, 1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--at", "B_phy=1", *SWEEP], "did you mean one of"),
        (["--at", "B_phi=x", *SWEEP], "--at B_phi=x: 'x' is not a number"),
        (["--at", "B_phi", *SWEEP], "--at 'B_phi' is not of the form NAME=VALUE"),
        (["--at", "B_phi=-1", *SWEEP], "B_phi is -1"),
        (["--at", "B_phi=1", "--at", "B_phi=2", *SWEEP], "--at gives B_phi twice"),
        (["--at", "B_phi=1", "--fix", "B_phi=2", *SWEEP], "in --at and in --fix"),
        (["--at", "B_phi=0", *SWEEP], "Nothing is left to determine"),
        (["--at", "B_phi=1", "--fields", "0:1", "--noise", "1"], "START:STOP:POINTS"),
        (["--at", "B_phi=1", "--fields", "0:1:0", "--noise", "1"], "no points"),
        (["--at", "B_phi=1", "--fields", "0:1:5:log", "--noise", "1"], "not positive"),
        (["--at", "B_phi=1", "--fields", "0:1:5:lag", "--noise", "1"], "'linear' or 'log'"),
        (["--at", "B_phi=1", "--fields", "0:1:5", "--noise", "0"], "must be positive"),
        (["--at", "B_phi=1", *SWEEP, "--output", "x.xyz"], "format of figures"),
        (["--at", "B_phi=1", *SWEEP, "--unit", "ohm"], "'ohm' is not known"),
    ],
)
def test_bad_input_is_one_sentence_with_the_remedy(arguments, sentence, monkeypatch, capsys):
    words = ["cooperon", "sensitivity", "--model", "orthogonal", *arguments]
    monkeypatch.setattr("sys.argv", words)
    with pytest.raises(SystemExit) as stop:
        cli.main()
    error = " ".join(capsys.readouterr().err.split())
    assert stop.value.code == 2
    assert sentence in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--at", "B_phi[1 K]=1", *DESIGN], "for one sweep"),
        (["--at", "B_phi=1", "--target", "B_so", *DESIGN], "did you mean"),
        (["--at", "B_phi=1", "--bounds", "1", "--points", "3", "--noise", "1"], "--bounds"),
    ],
)
def test_a_design_that_is_not_possible_is_refused(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        run("design", "--model", "orthogonal", *arguments)
