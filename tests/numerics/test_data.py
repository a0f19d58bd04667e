"""Reading measured curves: units found and echoed, and bad files refused with a sentence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.constants import e, h

from numerics.curve import Curve
from numerics.data import read_csv
from numerics.headers import read_header
from numerics.sweeps import symmetrise
from numerics.units import CONDUCTANCE_UNITS


@pytest.fixture
def write(tmp_path):
    def write_text(text, name="sweep.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_text


HEADERS = [
    ("B_mT", "field", "", "mT"),
    ("B (T)", "field", "", "T"),
    ("B[Oe]", "field", "", "Oe"),
    ("mu0_H_T", "field", "", "T"),
    ("dG_300mK_e2h", "signal", "300 mK", "e^2/h"),
    ("sem_300mK_e2h", "error", "300 mK", "e^2/h"),
    ("delta_sigma (e^2/h)", "signal", "", "e^2/h"),
    ("delta_sigma [e²/h]", "signal", "", "e^2/h"),
    ("dG (e^2/(pi h))", "signal", "", "e^2/(pi h)"),
    ("sigma_1.5K_uS", "signal", "1.5 K", "uS"),
    ("dG_baseT_e2h", "signal", "baseT", "e^2/h"),
    ("G", "signal", "", None),
    ("B", "field", "", None),
]


@pytest.mark.parametrize(("name", "kind", "label", "unit"), HEADERS)
def test_header_names_are_read_as_quantity_label_and_unit(name, kind, label, unit):
    column = read_header(name)
    assert (column.kind, column.label, column.unit) == (kind, label, unit)


@pytest.mark.parametrize("name", ["time_s", "Vg", "bias", "gate", "comment"])
def test_other_columns_are_left_alone(name):
    assert read_header(name) is None


def test_several_curves_with_errors_and_temperatures(write):
    path = write("B_mT,dG_300mK_e2h,sem_300mK_e2h,dG_2K_e2h\n0,0,0.1,0\n5,-1,0.2,-0.5\n")
    measurement = read_csv(path)
    cold, warm = measurement.curves
    np.testing.assert_allclose(cold.B, [0, 5e-3])
    np.testing.assert_allclose(cold.standard_error, [0.1, 0.2])
    assert (cold.label, cold.temperature, cold.unit) == ("300 mK", 0.3, "e^2/h")
    assert (warm.label, warm.temperature, warm.standard_error) == ("2 K", 2.0, None)


def test_units_found_are_echoed_back(write):
    notes = read_csv(write("B_mT,dG_e2h\n0,0\n5,-1\n")).notes
    assert notes[0] == "Field read from column 'B_mT' in mT: 0 T to 0.005 T."
    assert notes[1] == "Curve 'sweep' read from column 'dG_e2h' in e^2/h."


@pytest.mark.parametrize("mark", [",", ";", "\t", "  "])
def test_delimiters_give_the_same_curve(write, mark):
    rows = ["B_mT dG_e2h", "1 0.5", "2 0.7"]
    (curve,) = read_csv(write("\n".join(row.replace(" ", mark) for row in rows))).curves
    np.testing.assert_allclose(curve.delta_sigma, [0.5, 0.7])


def test_a_commented_header_is_found_in_white_space_columns(write):
    (curve,) = read_csv(write("# cooled twice\n# B (mT)  dG (e^2/(pi h))\n1 0.5\n2 0.7\n")).curves
    assert curve.unit == "e^2/(pi h)"
    np.testing.assert_allclose(curve.B, [1e-3, 2e-3])


def test_arguments_override_names_and_units(write):
    path = write("x,y,z\n10,1,2\n20,3,4\n")
    (curve,) = read_csv(path, field="x", signal="z", field_unit="Oe", unit="e^2/h").curves
    np.testing.assert_allclose(curve.B, [1e-3, 2e-3])
    np.testing.assert_allclose(curve.delta_sigma, [2, 4])


def test_a_descending_sweep_is_turned_round(write):
    (curve,) = read_csv(write("B_T,dG_e2h\n0.2,3\n0.1,1\n")).curves
    np.testing.assert_allclose(curve.delta_sigma, [1, 3])


def test_a_two_sided_sweep_is_symmetrised_on_request_about_the_true_zero(write):
    path = write("B_mT,dG_e2h,sem_e2h\n-3,4,0.3\n-2,1,0.3\n-1,0,0.3\n0,3,0.4\n1,8,0.4\n")
    (curve,) = read_csv(path, symmetrise=True, zero_field=-1e-3).curves
    np.testing.assert_allclose(curve.B, [0, 1e-3, 2e-3], atol=1e-12)
    np.testing.assert_allclose(curve.delta_sigma, [0, 2, 6])
    np.testing.assert_allclose(curve.standard_error, [0.3, 0.25, 0.25])


def test_symmetrising_drops_what_only_one_sign_covers():
    curve = Curve([-2.0, -1.0, 0.0, 1.0], [9.0, 1.0, 0.0, 3.0])
    np.testing.assert_allclose(symmetrise(curve).delta_sigma, [0.0, 2.0])


BAD_FILES = [
    ("", "holds no data"),
    ("1,2\n3,4\n", "no header line"),
    ("B_mT,dG_e2h\n1,2\n", r"1 data row\(s\)"),
    ("B_mT,dG_e2h\n1,2\n2\n", "Line 3 .* has 1 cells and the header has 2"),
    ("B_mT,dG_e2h\n1,2\n2,nan\n", "Line 3 .* has 'nan' in column 'dG_e2h'"),
    ("B_mT,dG_e2h\n1,2\n2,\n", "Line 3 .* has '' in column 'dG_e2h'"),
    ("x,dG_e2h\n1,2\n2,3\n", "needs one magnetic-field column"),
    ("B_mT,H_mT,dG_e2h\n1,1,2\n2,2,3\n", "has B_mT and H_mT"),
    ("B_mT,y\n1,2\n2,3\n", "no conductance column"),
    ("B_mT,R_xx (ohm)\n1,2\n2,3\n", "'R_xx .ohm.' of sweep.csv is a resistance; convert"),
    ("B,dG_e2h\n1,2\n2,3\n", "Column 'B' states no unit"),
    ("B_mT,dG\n1,2\n2,3\n", "differ by pi"),
    ("B (parsec),dG_e2h\n1,2\n2,3\n", "'parsec', which is not known for a field; use one of T, mT"),
    ("B_T,dG_e2h\n0,0\n9000,3\n", "largest field is 9000 T .* stronger than any static magnet"),
    ("B_uT,dG_e2h\n0,0\n1e-5,3\n", "too weak to be set"),
    ("B_T,dG_S\n0,0\n1,3\n", "cannot be a quantum correction"),
    ("B_mT,dG_e2h\n0,0\n1,1\n2,2\n1,1\n", "not monotonic: it turns or repeats at 0.002 T"),
    ("B_mT,dG_e2h\n0,0\n1,1\n1,2\n", "not monotonic: it turns or repeats at 0.001 T"),
    ("B_mT,dG_e2h\n0,0\n0,1\n1,2\n", "not monotonic: it turns or repeats at 0 T"),
    ("B_mT,dG_e2h\n-1,0\n0,1\n1,2\n", "two-sided sweep .* pass symmetrise=True"),
    ("B_mT,dG_1K_e2h,G_1K_e2h\n1,0,0\n2,1,1\n", "share the label '1 K'"),
]


@pytest.mark.parametrize(("text", "message"), BAD_FILES)
def test_bad_files_are_refused_with_the_value_and_the_remedy(write, text, message):
    with pytest.raises(ValueError, match=message):
        read_csv(write(text))


def test_a_binary_file_is_refused(tmp_path):
    path = tmp_path / "sweep.csv"
    path.write_bytes(b"\xff\xfe\x00B")
    with pytest.raises(ValueError, match="is not text"):
        read_csv(path)


def test_an_unknown_column_or_unit_argument_names_the_known_ones(write):
    path = write("B_mT,dG_e2h\n1,2\n2,3\n")
    with pytest.raises(ValueError, match="has no column 'H'; it has B_mT, dG_e2h"):
        read_csv(path, field="H")
    with pytest.raises(ValueError, match=r"'furlong' .* use one of T, mT"):
        read_csv(path, field_unit="furlong")


def test_a_grid_without_partners_is_not_interpolated():
    with pytest.raises(ValueError, match=r"no partner at .* pass zero_field="):
        symmetrise(Curve([-1.1, 0.0, 1.0, 1.2], [1.0, 0.0, 1.0, 2.0]))


BAD_CURVES = [
    ({"B": [1.0]}, "1 point"),
    ({"B": [1.0, 0.0]}, "does not increase from 1 T to 0 T"),
    ({"delta_sigma": [1.0, np.nan]}, "delta_sigma = nan at index 1"),
    ({"delta_sigma": [1.0, 2.0, 3.0]}, "one-dimensional arrays of one length"),
    ({"standard_error": [0.1, -0.1]}, "negative standard error -0.1"),
    ({"unit": "ohm"}, "'ohm' of delta_sigma is not known"),
]


@pytest.mark.parametrize(("change", "message"), BAD_CURVES)
def test_a_curve_is_validated_when_it_is_made(change, message):
    good = {"B": [0.0, 1.0], "delta_sigma": [0.0, 1.0]}
    if change.get("B") == [1.0]:
        good["delta_sigma"] = [0.0]
    with pytest.raises(ValueError, match=message):
        Curve(**good | change)


def test_a_curve_cannot_be_changed():
    curve = Curve([0.0, 1.0], [0.0, 1.0])
    with pytest.raises(ValueError, match="read-only"):
        curve.B[0] = 1.0


@settings(deadline=None)
@given(st.sampled_from(list(CONDUCTANCE_UNITS)), st.floats(-1e3, 1e3))
def test_unit_conversion_is_undone_by_the_way_back(unit, value):
    curve = Curve([0.0, 1.0], [0.0, value], standard_error=[0.0, abs(value)])
    back = curve.to(unit).to(curve.unit)
    np.testing.assert_allclose(back.delta_sigma, curve.delta_sigma, 1e-14, 1e-280)
    np.testing.assert_allclose(back.standard_error, curve.standard_error, 1e-14, 1e-280)


def test_the_conductance_quantum_in_siemens():
    curve = Curve([0.0, 1.0], [0.0, 1.0], unit="e2/h").to("S")
    assert curve.delta_sigma[1] == pytest.approx(e**2 / h, rel=1e-15)


def test_the_zero_that_defines_a_curve_is_left_out_so_that_points_can_be_weighted(tmp_path):
    path = tmp_path / "curve.csv"
    path.write_text("B_mT,dG_e2h,sem_e2h\n0,0,0\n1,-0.1,0.01\n2,-0.2,0.02\n")
    measurement = read_csv(path)
    assert measurement.curves[0].B.tolist() == [1e-3, 2e-3]
    assert any("zero by definition" in note for note in measurement.notes)


def test_a_unit_that_contradicts_the_header_is_echoed(tmp_path):
    path = tmp_path / "sweep.csv"
    path.write_text("B_mT,dG_1K_e2h\n1,0.1\n2,0.2\n")
    notes = " ".join(read_csv(path, field_unit="Oe", unit="uS").notes)
    assert "in Oe, though its name says mT: " in notes
    assert "in uS, though its name says e^2/h" in notes
