"""Raw files to curves on the command line: written steps, CSV and back, replay, refusals."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from numerics import cli
from numerics.curve import Curve
from numerics.curves_csv import curves_csv
from numerics.data import read_csv
from numerics.data_file import DataFile
from numerics.fit_record import read_record
from numerics.grid_reader import GridAxis
from numerics.measured_curves import CurveFiles, MeasuredCurves
from numerics.named_model import NamedModel
from numerics.pipeline import Pipeline
from numerics.precision import double_precision
from numerics.raw_files import RawFiles, read_pipeline
from numerics.replay import replay_steps
from numerics.steps import (
    FieldWindow,
    InQuanta,
    SubtractZeroField,
    Symmetrise,
    ToConductivity,
)
from numerics.tbg_raw import load_tbg_raw, tbg_pipeline
from numerics.units import CONDUCTANCE_UNITS

STEPS = Pipeline(
    (
        ToConductivity(squares=2.0, reason="drawing"),
        InQuanta(),
        SubtractZeroField(),
        Symmetrise(),
        FieldWindow(0.5e-3, 20e-3),
    )
)


@pytest.fixture(autouse=True)
def precision_is_left_alone(monkeypatch):
    monkeypatch.setattr(cli, "enable_x64", lambda: None)


def write_sweep(path, B_phi, seed=0):
    """Write a resistance of two squares with weak localization in it; return sigma - sigma(0)."""
    B = 1e-3 * np.arange(-20.0, 21.0)
    with double_precision():
        sigma = np.asarray(NamedModel("orthogonal").function("e^2/h")(np.abs(B), B_phi=B_phi))
    sigma = sigma + 1e-4 * np.random.default_rng(seed).standard_normal(len(B))
    R = 2.0 / ((30.0 + sigma) * CONDUCTANCE_UNITS["e^2/h"])
    table = np.column_stack([1e3 * B, R])
    np.savetxt(path, table, delimiter=",", header="B_mT,R_xx (ohm)", comments="")
    return B, sigma - sigma[20]


def write_steps(folder):
    path = folder / "steps.json"
    path.write_text(STEPS.to_json())
    return path


def run(*arguments):
    return CliRunner().invoke(cli.app, [str(a) for a in arguments], catch_exceptions=False)


def test_written_steps_and_reader_come_back():
    axes = {
        "rows": GridAxis("V_g", "V", start=-1.74, step=-0.02),
        "columns": GridAxis("B", "mT", start=-25, step=0.2),
    }
    files = RawFiles(tbg_pipeline(), "grid", {"value": "V_xx", "unit": "V", **axes})
    again = RawFiles.from_json(files.to_json())
    assert again == files
    assert again.arguments == files.arguments
    assert Pipeline.from_json(files.to_json()).steps == files.pipeline.steps
    assert RawFiles.from_json(STEPS.to_json()) == RawFiles(STEPS)


@pytest.mark.parametrize(
    ("read", "sentence"),
    [
        ({"as": "excel"}, "choose one of columns"),
        ({"as": "grid", "unit": "V"}, "needs value, rows, columns"),
        ({"as": "columns", "unit": "V"}, "no argument 'unit'; it has names"),
        ({"units": {"B": "mT"}}, "write the reader"),
        (
            {"as": "grid", "value": "G", "unit": "S", "rows": {"nam": "B"}, "columns": {}},
            'axis "rows"',
        ),
    ],
)
def test_a_reader_that_makes_no_sense_is_refused(read, sentence, tmp_path):
    path = tmp_path / "steps.json"
    path.write_text(json.dumps({"read": read, **json.loads(STEPS.to_json())}))
    with pytest.raises(ValueError, match=sentence) as error:
        read_pipeline(path)
    assert str(path) in str(error.value)


def test_files_of_one_measurement_are_read_with_labels_and_temperatures(tmp_path):
    B, expected = write_sweep(tmp_path / "a.csv", 1e-3)
    write_sweep(tmp_path / "warm.csv", 4e-3)
    texts = [f"300 mK={tmp_path / 'a.csv'}", str(tmp_path / "warm.csv")]
    found = RawFiles(STEPS).read([DataFile.of(text) for text in texts])
    assert [(c.label, c.temperature) for c in found.curves] == [("300 mK", 0.3), ("warm", None)]
    even = (expected[21:] + expected[19::-1]) / 2
    np.testing.assert_allclose(found.curves[0].B, B[21:], rtol=1e-12)
    np.testing.assert_allclose(found.curves[0].delta_sigma, even, rtol=0, atol=1e-9)
    assert found.sources[1].options == {"label": "warm"}
    assert any("drawing" in note for note in found.notes)


def test_the_csv_of_processed_curves_is_read_again_to_the_last_digit(tmp_path):
    write_sweep(tmp_path / "a.csv", 1e-3)
    write_sweep(tmp_path / "b.csv", 4e-3)
    words = ["process", f"300 mK={tmp_path / 'a.csv'}", f"4 K={tmp_path / 'b.csv'}"]
    target, record = tmp_path / "curves.csv", tmp_path / "run.json"
    options = ["--pipeline", write_steps(tmp_path), "--output", target, "--record", record]
    assert run(*words, *options).exit_code == 0
    direct = RawFiles(STEPS).read([DataFile.of(word) for word in words[1:]]).curves
    for found, curve in zip(read_csv(target).curves, direct, strict=True):
        assert (found.label, found.temperature, found.unit) == (
            curve.label, curve.temperature, curve.unit
        )  # fmt: skip
        np.testing.assert_array_equal(found.B, curve.B)
        np.testing.assert_array_equal(found.delta_sigma, curve.delta_sigma)
    with pytest.raises(FileExistsError, match="--force"):
        run(*words, *options)
    again = run(*words, "--pipeline", record)
    assert "The replay repeats the recorded output bit for bit." in again.stdout


def test_averaged_rows_keep_their_standard_errors_in_the_csv(tmp_path):
    sweeps = tbg_pipeline(subtract_reference=False).run(load_tbg_raw("base", "300 mK"))
    path = tmp_path / "tbg.csv"
    path.write_text(curves_csv(MeasuredCurves(sweeps.curves, (), ())))
    for found, curve in zip(read_csv(path).curves, sweeps.curves, strict=True):
        np.testing.assert_array_equal(found.standard_error, curve.standard_error)


def test_what_a_table_cannot_hold_is_refused():
    x = np.array([1e-3, 2e-3])
    first, other = Curve(x, x, label="a"), Curve(2 * x, x, label="b")
    with pytest.raises(ValueError, match="different fields"):
        curves_csv(MeasuredCurves((first, other), (), ()))
    for label in ("a, V_g = 1 V", "a (b)", " a"):
        with pytest.raises(ValueError, match="cannot be in the name of a column"):
            curves_csv(MeasuredCurves((Curve(x, x, label=label),), (), ()))


def test_a_label_names_the_one_curve_of_a_csv(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("B_mT,dG_e2h\n1,0.1\n2,0.2\n")
    found = CurveFiles().read([DataFile.of(f"2 K={path}")])
    assert (found.curves[0].label, found.curves[0].temperature) == ("2 K", 2.0)
    path.write_text("B_mT,dG_a_e2h,dG_b_e2h\n1,0.1,0.1\n2,0.2,0.2\n")
    with pytest.raises(ValueError, match="holds 2 curves"):
        CurveFiles().read([DataFile.of(f"2 K={path}")])


def test_a_file_with_an_equals_sign_in_its_name_is_a_file(tmp_path):
    path = tmp_path / "n=1.csv"
    path.write_text("x")
    assert DataFile.of(str(path)) == DataFile(path)
    with pytest.raises(ValueError, match="LABEL=PATH"):
        DataFile.of("=x.csv")


@pytest.mark.slow
def test_a_fit_of_raw_files_is_recorded_repeated_and_told_apart_from_changed_ones(tmp_path):
    for name, B_phi in (("a.csv", 1e-3), ("b.csv", 4e-3)):
        write_sweep(tmp_path / name, B_phi)
    words = [f"300 mK={tmp_path / 'a.csv'}", f"4 K={tmp_path / 'b.csv'}", "--together"]
    options = ["--model", "orthogonal", "--starts", 4, "--windows", "", "--noise", "correlated"]
    options += ["--background", "parabola", "--pipeline", write_steps(tmp_path)]
    out = tmp_path / "out"
    assert run("fit", *words, *options, "--output", out).exit_code == 0
    record = read_record(out / "fit.json")
    values = record.result.best.values
    assert values["B_phi[300 mK]"] == pytest.approx(1e-3, rel=0.05)
    assert values["B_phi[4 K]"] == pytest.approx(4e-3, rel=0.05)
    assert abs(values["c_2"]) < 5
    assert record.noise.kernel == "exponential"
    assert [s.options["label"] for s in record.sources] == ["300 mK", "4 K"]
    page = (out / "report.html").read_text()
    for words in ("c_{2}", "Symmetrise", "b.csv", "correlated noise", "300 mK: Symmetrised;"):
        assert words in page

    done = run("report", out / "fit.json", "--repeat", "--output", tmp_path / "again.html")
    assert done.exit_code == 0
    assert "The replay repeats the recorded output bit for bit." in done.stdout
    assert "The fit repeats" in done.stdout
    (tmp_path / "b.csv").rename(tmp_path / "c.csv")
    assert replay_steps(record, out / "fit.json") == (
        True,
        (
            f"{tmp_path / 'b.csv'} is not there, so the steps were not run again; the fit starts "
            "from the curves in the record.",
        ),
    )
    write_sweep(tmp_path / "b.csv", 5e-3)
    with pytest.raises(ValueError, match=r"b\.csv changed since the fit"):
        read_record(out / "fit.json")


@pytest.mark.slow
def test_raw_files_are_fitted_in_turn_and_skipped_when_done(tmp_path):
    for name, B_phi in (("a.csv", 1e-3), ("b.csv", 4e-3)):
        write_sweep(tmp_path / name, B_phi)
    words = ["fit", tmp_path / "a.csv", f"warm={tmp_path / 'b.csv'}", "--model", "orthogonal"]
    words += ["--starts", 4, "--windows", "", "--pipeline", write_steps(tmp_path)]
    assert run(*words, "--output", tmp_path / "out").exit_code == 0
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"a", "warm", "summary.csv"}
    again = run(*words, "--output", tmp_path / "out")
    assert " ".join(again.stdout.split()).count("was skipped") == 2
    other = (*STEPS.steps[:-1], FieldWindow(0.5e-3, 15e-3))
    (tmp_path / "steps.json").write_text(Pipeline(other).to_json())
    with pytest.raises(FileExistsError, match="something else"):
        run(*words, "--output", tmp_path / "out")
