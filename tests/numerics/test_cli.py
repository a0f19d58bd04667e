"""The command line, as a newcomer uses it: each command, its files, and its refusals."""

import json
import shutil
import subprocess
from functools import cache

import numpy as np
import pytest
from typer.testing import CliRunner

from cooperon.geometries import named_correction
from numerics import cli
from numerics.codegen import compile
from numerics.precision import double_precision

runner = CliRunner()


@pytest.fixture(autouse=True)
def precision_is_left_alone(monkeypatch):
    """Entry points switch on 64 bits for their process; tests share one."""
    monkeypatch.setattr(cli, "enable_x64", lambda: None)


def run(*arguments):
    return runner.invoke(cli.app, [str(a) for a in arguments], catch_exceptions=False)


@cache
def noisy_curves():
    B = np.linspace(0.5e-3, 50e-3, 60)
    function = compile(named_correction("orthogonal"), unit="e^2/h")
    noise = 1e-4 * np.random.default_rng(0).standard_normal((2, 60))
    with double_precision():
        cold, warm = (np.asarray(function(B, B_phi=b)) for b in (1e-3, 4e-3))
    return np.column_stack([1e3 * B, cold + noise[0], warm + noise[1]])


def write_curves(path):
    header = "B_mT,dG_cold_e2h,dG_4K_e2h"
    np.savetxt(path, noisy_curves(), delimiter=",", header=header, comments="")
    return path


def test_models_lists_every_model():
    result = run("models")
    assert result.exit_code == 0
    for name in ("orthogonal", "hln-isotropic", "graphene-so"):
        assert name in result.stdout


def test_help_shows_an_example_for_each_command():
    for command in ("derive", "compile", "fit", "compare", "process"):
        assert f"cooperon {command}" in run(command, "--help").stdout


def test_derive_prints_the_steps_and_writes_latex(tmp_path):
    path = tmp_path / "derivation.tex"
    result = run("derive", "hln-isotropic", "--output", path)
    assert "Born self-energy" in result.stdout
    assert "Hikami boxes" in result.stdout
    assert path.read_text().startswith("\\documentclass")


def test_derive_without_a_field_covers_three_dimensions():
    for dimension in (1, 2, 3):
        result = run("derive", "hln-isotropic", "--no-field", "--dimension", dimension)
        assert "smooth cutoff" in result.stdout


def test_compile_writes_a_module(tmp_path):
    path = tmp_path / "wl.py"
    result = run("compile", "orthogonal", "--output", path, "--times", "--unit", "e^2/h")
    assert "magnetoconductance(B, D, tau_phi)" in result.stdout
    assert "def magnetoconductance(B, D, tau_phi):" in path.read_text()


@pytest.mark.slow
def test_fit_finds_the_dephasing_field_of_each_curve_and_writes_the_files(tmp_path):
    data = write_curves(tmp_path / "data.csv")
    result = run("fit", data, "--model", "orthogonal", "--starts", 8, "--output", tmp_path / "out")
    assert result.exit_code == 0
    # rich would take [cold] for a style
    assert "B_phi[cold]" in result.stdout
    assert "B_phi[4 K]" in result.stdout
    content = json.loads((tmp_path / "out" / "fit.json").read_text())
    values = content["minima"][0]["values"]
    assert values["B_phi[cold]"] == pytest.approx(1e-3, rel=0.02)
    assert values["B_phi[4 K]"] == pytest.approx(4e-3, rel=0.02)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"fit.json", "fit.tex", "fit.png", "magnetoconductance.py", "report.html"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["derive", "hlm"], "did you mean one of"),
        (["fit", "DATA", "--model", "orthogonal", "--fix", "B_phy=1"], "did you mean"),
        (["fit", "DATA", "--model", "orthogonal", "--fix", "B_phi=-1"], "not negative"),
        (["fit", "DATA", "--model", "orthogonal", "--fix", "B_phi=nan"], "not negative"),
        (["fit", "DATA", "--model", "orthogonal", "--fix", "B_phi"], "NAME=VALUE"),
        (["fit", "DATA", "--model", "orthogonal", "--fix", "B_phi=x"], "not a number"),
        (["fit", "DATA", "--model", "orthogonal", "--times"], "--fix D="),
        (["fit", "DATA", "--model", "orthogonal", "--bounds", "B_phi=1"], "NAME=LOWER:UPPER"),
        (["fit", "MISSING", "--model", "orthogonal"], "MISSING"),
        (["compile", "orthogonal", "--output", "DATA"], "--force"),
        (["derive", "orthogonal", "--no-field", "--cutoff", "hard"], "choose one of"),
        (["derive", "orthogonal", "--dimension", "1"], "no flux through the geometry"),
        (["derive", "orthogonal", "--geometry", "flim"], "did you mean one of ['film'"),
        (["compile", "hln", "--times", "--lengths"], "exclude each other"),
        (["fit", "DATA", "--model", "orthogonal", "--noise", "pink"], "choose correlated"),
        (
            ["fit", "DATA", "--model", "orthogonal", "--noise", "correlated", "--weights"],
            "choose one",
        ),
        (["fit", "DATA", "--model", "orthogonal", "--correlation-field", "1"], "--noise correl"),
        (
            ["fit", "DATA", "--model", "orthogonal", "--noise", "covariance"],
            "no covariance with the curve 'cold'",
        ),
        (["fit", "DATA", "--model", "orthogonal", "--background", "cubic"], "choose of parabola"),
        (["fit", "DATA", "--model", "orthogonal", "--background", "kohler"], "--fix sigma_0"),
        (["fit", "DATA", "--model", "orthogonal", "--background", "drude"], "--bounds sigma_0"),
        (
            ["fit", "DATA", "--model", "orthogonal", "--dephasing", "phonons", "--fix", "D=0.03"],
            "that of the curve 'cold' is not known",
        ),
        (["fit", "DATA", "--model", "orthogonal", "--dephasing", "phonons"], "--fix D="),
        (["fit", "DATA", "--model", "orthogonal", "--pipeline", "DATA"], "no record of a pipeline"),
        (["fit", "DATA", "--model", "orthogonal", "--pipeline", "MISSING"], "pipeline.to_json()"),
        (["fit", "DATA", "MISSING", "--model", "orthogonal"], "--together"),
        (
            ["fit", "DATA", "MISSING", "--model", "orthogonal", "--posterior"],
            "pass --together, or sample",
        ),
        (["fit", "DATA", "--model", "orthogonal", "--posterior", "--draws", "2"], "too few"),
        (["process", "MISSING", "--pipeline", "MISSING", "--output", "DATA"], "--force"),
        (["compare", "DATA", "orthogonal"], "name two or more"),
        (["compare", "DATA", "orthogonal", "hln", "--fix", "B_x=1"], "any of the models"),
        (["compare", "DATA", "orthogonal", "orthogonal+cubic"], "choose of parabola"),
    ],
)
def test_bad_input_is_one_sentence_with_the_remedy(
    arguments, sentence, tmp_path, monkeypatch, capsys
):
    data = write_curves(tmp_path / "data.csv")
    before = data.read_text()
    words = [str(data) if word == "DATA" else word for word in arguments]
    monkeypatch.setattr("sys.argv", ["cooperon", *words])
    monkeypatch.setattr(cli, "enable_cache", lambda: None)  # it is for the whole process
    with pytest.raises(SystemExit) as stop:
        cli.main()
    error = " ".join(capsys.readouterr().err.split())
    assert stop.value.code == 2
    assert sentence in error
    assert "Traceback" not in error
    assert data.read_text() == before


@pytest.mark.slow
def test_compare_prefers_the_model_that_made_the_data(tmp_path):
    data = write_curves(tmp_path / "data.csv")
    result = run("compare", data, "orthogonal", "orthogonal+parabola", "--starts", 4)
    assert result.exit_code == 0
    split = [line.strip("│").split("│") for line in result.stdout.splitlines()]
    # A name may be folded; the line with the numbers has the number of values in the next cell.
    rows = [[cell.strip() for cell in cells] for cells in split if len(cells) > 1]
    plain, more = (row for row in rows if row[1].isdigit())
    assert (plain[0], plain[1], more[1]) == ("orthogonal", "3", "4")
    assert plain[-1] == "+0.00"
    # One parameter more costs ln N = ln 120, less what it explains of the noise.
    assert 0 < float(more[-1]) < np.log(120)


@pytest.mark.slow
def test_models_are_compared_under_the_noise_of_the_largest(tmp_path):
    data = write_curves(tmp_path / "data.csv")
    words = ["compare", data, "orthogonal", "orthogonal+constant", "--starts", 4]
    result = run(*words, "--noise", "correlated")
    assert result.exit_code == 0
    text = " ".join(result.stdout.split())
    assert "The noise was estimated with orthogonal+constant and is that of all." in text
    assert "The data do not need c_0" in text


@pytest.mark.slow
def test_the_posterior_agrees_with_the_fit_and_is_written(tmp_path):
    arviz = pytest.importorskip("arviz")
    data, out = write_curves(tmp_path / "data.csv"), tmp_path / "out"
    words = ["fit", data, "--model", "orthogonal", "--starts", 4, "--windows", "", "--output", out]
    result = run(*words, "--posterior", "--draws", 100)
    assert result.exit_code == 0
    draws = arviz.from_netcdf(out / "posterior.nc").posterior["B_phi[4 K]"]
    best = json.loads((out / "fit.json").read_text())["minima"][0]
    error = best["standard_errors"]["B_phi[4 K]"]
    assert float(draws.mean()) == pytest.approx(best["values"]["B_phi[4 K]"], abs=0.5 * error)
    assert float(draws.std()) == pytest.approx(error, rel=0.25)
    assert (out / "corner.png").stat().st_size > 10_000
    with pytest.raises(FileExistsError, match=r"posterior\.nc exists"):
        run(*words, "--posterior")


@pytest.mark.slow
def test_demo_reproduces_the_published_analysis_and_finds_the_second_minimum(tmp_path):
    folder = tmp_path / "demo"
    result = run("demo", "--output", folder)
    assert result.exit_code == 0
    for printed in ("0.500527", "19.776 +- 0.587", "8.806", "4.135", "3.227", "1.019", "-0.990"):
        assert result.stdout.count(printed) >= 2
    minima = json.loads((folder / "fit.json").read_text())["minima"]
    assert len(minima) == 2
    assert {path.name for path in folder.iterdir()} == {
        *("derivation.tex", "magnetoconductance.py", "fit.json", "fit.tex", "fit.png"),
        "report.html",
    }
    again = run("report", folder / "fit.json", "--output", tmp_path / "again.html")
    assert again.exit_code == 0
    assert (tmp_path / "again.html").read_text() == (folder / "report.html").read_text()
    # as a model typed by hand reaches it
    assert minima[0]["sum_of_squares"] == pytest.approx(0.50052712, abs=5e-9)
    assert minima[1]["sum_of_squares"] - minima[0]["sum_of_squares"] == pytest.approx(
        4e-4, abs=1e-4
    )
    assert minima[1]["values"]["tau_asy"] == pytest.approx(1.68e-12, rel=0.01)
    assert minima[1]["values"]["tau_sym"] == pytest.approx(3.44e-12, rel=0.01)
    with pytest.raises(FileExistsError, match="--force"):
        run("demo", "--output", folder)
    for name in ("derivation.tex", "fit.tex"):
        check_latex(folder, name)


def check_latex(folder, name):
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed: the LaTeX output was not compiled")
    text = (folder / name).read_text()
    if not text.startswith("\\documentclass"):
        wrapped = f"\\documentclass{{article}}\\begin{{document}}\n{text}\\end{{document}}\n"
        (folder / name).write_text(wrapped)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
