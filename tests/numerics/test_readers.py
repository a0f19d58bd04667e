"""Readers of raw sweeps: what is found is echoed, what cannot be known is asked for."""

import sys

import h5netcdf
import numpy as np
import pint
import pytest
import xarray

from numerics.curve import Curve
from numerics.readers import GridAxis, from_xarray, read_columns, read_grid, read_netcdf
from numerics.sweep_array import SweepArray

GATE = GridAxis("V_g", "V", start=-1.0, step=-0.5)
FIELD = GridAxis("B", "mT", start=-1, step=1)


@pytest.fixture
def write(tmp_path):
    def write_text(text, name="sweep.txt"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_text


def grid(path, **changes):
    arguments = {"value": "V_xx", "unit": "uV", "rows": GATE, "columns": FIELD} | changes
    return read_grid(path, **arguments)


@pytest.mark.parametrize("mark", [" ", ",", ";", "\t"])
def test_a_matrix_is_read_with_its_axes_in_si(write, mark):
    path = write("# lock-in 830\n1 2 3\n4 5 6\n".replace(" ", mark).replace("#" + mark, "# "))
    found = grid(path, label="cold", temperature=0.3)
    np.testing.assert_allclose(found.B, [-1e-3, 0, 1e-3])
    np.testing.assert_allclose(found.axes["V_g"], [-1.0, -1.5])
    np.testing.assert_allclose(found.values["V_xx"], 1e-6 * np.array([[1, 2, 3], [4, 5, 6]]))
    assert (found.label, found.temperature, found.source) == ("cold", 0.3, "sweep.txt")


def test_delimiter_header_and_units_are_echoed(write):
    notes = grid(write("# lock-in 830\n1,2,3\n4,5,6\n")).notes
    assert notes == (
        "sweep.txt: 2 lines of 3 numbers, separated by commas.",
        "Comment in the file: lock-in 830",
        "Axis V_g (gate voltage) down the lines: -1 V to -1.5 V, 2 values, given in V.",
        "Axis B (magnetic field) along a line: -0.001 T to 0.001 T, 3 values, given in mT.",
        "A cell is V_xx (longitudinal voltage) in uV.",
    )


def test_the_field_may_go_down_the_lines(write):
    rows, columns = GridAxis("B", "Oe", values=[0, 10]), GridAxis("V_g", "mV", values=[1, 2, 3])
    found = grid(write("1 2 3\n4 5 6\n"), rows=rows, columns=columns)
    np.testing.assert_allclose(found.B, [0, 1e-3])
    np.testing.assert_allclose(found.values["V_xx"][:, 1], 1e-6 * np.array([4, 5, 6]))


def test_an_axis_may_be_pint_quantities(write):
    unit = pint.get_application_registry()
    columns = GridAxis("B", start=unit.Quantity(-1, "mT"), step=unit.Quantity(1000, "uT"))
    np.testing.assert_allclose(grid(write("1 2 3\n4 5 6\n"), columns=columns).B, [-1e-3, 0, 1e-3])


def test_cells_without_a_number_are_points_that_were_not_measured(write):
    found = grid(write("1,2,3\n4,nan,\n"))
    assert np.isnan(found.values["V_xx"][1, 1:]).all()
    assert "2 cells hold no number" in found.notes[-1]


BAD_GRIDS = [
    ("1 2 3\n4 x 6\n", {}, "Line 2 of sweep.txt has 'x', not a number"),
    ("1 2 3\n4 5\n", {}, "Line 2 of sweep.txt has 2 numbers and line 1 has 3"),
    ("1 2 3\n", {}, "holds 1 line"),
    ("1 2 3\n4 5 6\n", {"unit": "ohm"}, "'ohm' of V_xx is no unit of the kind V"),
    ("1 2 3\n4 5 6\n", {"value": "X"}, "'X' is no measured value"),
    ("1 2 3\n4 5 6\n", {"columns": GridAxis("B", "T", values=[1, 2])}, "has 2 values .* file 3"),
    ("1 2 3\n4 5 6\n", {"columns": GATE}, "must differ, and one must be B"),
]


@pytest.mark.parametrize(("text", "changes", "message"), BAD_GRIDS)
def test_a_bad_matrix_is_refused_in_one_sentence(write, text, changes, message):
    with pytest.raises(ValueError, match=message) as caught:
        grid(write(text), **changes)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("bias", "V", 0.0, 1.0), "'bias' is no axis"),
        (("B", "T", 0.0), "either start and step or values"),
        (("B", None, 0.0, 1.0), "has no unit"),
    ],
)
def test_an_axis_that_is_not_told_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        GridAxis(*arguments)


def test_a_table_with_a_field_keeps_the_order_of_measurement(write):
    found = read_columns(write("B_mT, R_xx (kOhm), R_xy (ohm), time\n1,2,5,0\n2,3,6,1\n1,2,5,2\n"))
    np.testing.assert_allclose(found.B, [1e-3, 2e-3, 1e-3])
    np.testing.assert_allclose(found.values["R_xx"], [2e3, 3e3, 2e3])
    np.testing.assert_allclose(found.values["R_xy"], [5, 6, 5])
    assert "R_xx read from column 'R_xx (kOhm)' in kOhm, held in ohm." in found.notes
    assert "Left out: time." in found.notes


def test_a_long_table_is_sorted_into_a_grid(write):
    lines = [f"{v},{b},{10 * v + b}" for b in (2, 1, 3) for v in (0.5, 0.25)]
    found = read_columns(write("\n".join(["Vg (V),B (T),Vxx_uV", *lines])))
    np.testing.assert_allclose(found.axes["V_g"], [0.5, 0.25])
    np.testing.assert_allclose(found.B, [2, 1, 3])
    expected = 10 * found.axes["V_g"][:, None] + found.B
    np.testing.assert_allclose(found.values["V_xx"], 1e-6 * expected)


def test_one_temperature_in_a_column_is_that_of_the_sweep(write):
    found = read_columns(write("T (mK);B (T);R_xx (ohm)\n300;0;1\n300;1;2\n"))
    assert found.temperature == pytest.approx(0.3)
    assert list(found.axes) == ["B"]


def test_names_and_units_may_be_given(write):
    path = write("field\tX\n1\t2\n2\t3\n")
    names, units = {"B": "field", "V_xx": "X"}, {"B": "kOe", "V_xx": "nV"}
    found = read_columns(path, names=names, units=units)
    np.testing.assert_allclose(found.B, [0.1, 0.2])
    np.testing.assert_allclose(found.values["V_xx"], [2e-9, 3e-9])


BAD_TABLES = [
    ("B_T,R_xx\n1,2\n2,3\n", "states no unit for R_xx"),
    ("B_T,R_xx (V)\n1,2\n2,3\n", "'V' of column 'R_xx \\(V\\)' is no unit of the kind ohm"),
    ("B_T,rho_xx (ohm m)\n1,2\n2,3\n", "the unit of a bulk sample"),
    ("B_T,time\n1,2\n2,3\n", "needs a field column"),
    ("B_T,R_xx_ohm\n1,nan\n2,3\n", "Line 2 of sweep.txt has 'nan'"),
    ("V_g_V,B_T,R_xx_ohm\n0,1,5\n0,2,5\n1,1,5\n", "holds 0 lines for V_g = 1 V, B = 2 T"),
    (
        "V_g_V,B_T,R_xx_ohm\n0,1,5\n1,1,5\n0,2,5\n1,2,5\n0,1,5\n",
        "holds 2 lines for V_g = 0 V, B = 1 T",
    ),
    ("B_T,B (mT),R_xx_ohm\n0,1,5\n0,2,5\n", "two columns for B"),
]


@pytest.mark.parametrize(("text", "message"), BAD_TABLES)
def test_a_bad_table_is_refused_in_one_sentence(write, text, message):
    with pytest.raises(ValueError, match=message) as caught:
        read_columns(write(text))
    assert "\n" not in str(caught.value)


def example():
    values = np.arange(6.0).reshape(2, 3)
    axes = {"V_g": np.array([0.5, 0.25]), "B": np.array([-1e-3, 0.0, 1e-3])}
    return SweepArray(axes, {"V_xx": values, "V_xy": -values}, label="cold", temperature=0.3)


def test_a_sweep_survives_netcdf(tmp_path):
    example().to_xarray().to_netcdf(tmp_path / "cold.nc", engine="h5netcdf")
    assert read_netcdf(tmp_path / "cold.nc").digest() == example().digest()


def test_an_xarray_with_other_names_and_units_is_read(tmp_path):
    data = xarray.DataArray(
        [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],
        dims=("field", "gate"),
        coords={
            "field": ("field", [0.0, 1.0, 2.0], {"units": "millitesla"}),
            "gate": ("gate", [0.1, 0.2], {"units": "V"}),
        },
        name="X",
        attrs={"units": "uV"},
    )
    found = from_xarray(data, names={"B": "field", "V_g": "gate", "V_xx": "X"})
    np.testing.assert_allclose(found.B, [0, 1e-3, 2e-3])
    np.testing.assert_allclose(found.values["V_xx"][1], 1e-6 * np.array([2.0, 4.0, 6.0]))
    assert "B read from 'field' in millitesla, held in T." in found.notes


def test_plain_hdf5_without_named_dimensions_is_read(tmp_path):
    import h5py

    with h5py.File(tmp_path / "raw.h5", "w") as file:
        file["B"], file["V_g"] = [0.0, 1.0, 2.0], [0.1, 0.2]
        file["X"] = np.arange(6.0).reshape(2, 3)
    units = {"B": "mT", "V_g": "V", "V_xx": "uV"}
    found = read_netcdf(tmp_path / "raw.h5", names={"V_xx": "X"}, units=units)
    assert list(found.axes) == ["V_g", "B"]
    np.testing.assert_allclose(found.values["V_xx"][1], 1e-6 * np.array([3.0, 4.0, 5.0]))


def test_a_netcdf_without_units_or_names_is_refused(tmp_path):
    bare = example().to_xarray()
    bare["V_xx"].attrs.clear()
    with pytest.raises(ValueError, match="'V_xx' states no unit"):
        from_xarray(bare)
    with pytest.raises(ValueError, match="has no 'X' for V_xx"):
        from_xarray(bare, names={"V_xx": "X"})
    with pytest.raises(ValueError, match=r"dimension 'V_g' .* has no coordinate"):
        from_xarray(example().to_xarray().drop_vars("V_g"))
    with pytest.raises(ValueError, match="holds no measured value"):
        from_xarray(bare[[]])
    wrong = example().to_xarray()
    wrong["V_xx"].attrs["units"] = "ohm"
    with pytest.raises(ValueError, match="V_xx is given in ohm; a value in V is needed"):
        from_xarray(wrong)


def test_a_file_that_is_no_hdf5_is_refused(tmp_path, write):
    with pytest.raises(ValueError, match="cannot be opened as HDF5"):
        read_netcdf(write("1 2 3\n"))
    with pytest.raises(ValueError, match="There is no file"):
        read_netcdf(tmp_path / "missing.nc")
    with h5netcdf.File(tmp_path / "empty.nc", "w"):
        pass
    with pytest.raises(ValueError, match="holds no measured value"):
        read_netcdf(tmp_path / "empty.nc")


def test_a_missing_library_is_named_with_its_remedy(monkeypatch, tmp_path):
    monkeypatch.setattr("numerics.xarray_edge.find_spec", lambda _: None)
    with pytest.raises(ImportError, match=r"need xarray, h5netcdf, h5py; .*cooperon\[inference\]"):
        read_netcdf(tmp_path / "cold.nc")
    monkeypatch.setitem(sys.modules, "pint", None)
    with pytest.raises(ImportError, match=r"need pint; .*cooperon\[inference\]"):
        example().quantity("V_xx")


def test_names_the_wrong_way_round_are_turned_in_the_error(write):
    path = write("B_mT,Rxx_ohm\n1,2\n2,3\n")
    with pytest.raises(ValueError, match=r"write \{'R_xx': 'Rxx_ohm'\} instead of"):
        read_columns(path, names={"Rxx_ohm": "R_xx"})


def test_sweeps_and_curves_are_shown_in_a_line():
    sweep = SweepArray(
        {"B": [-1e-3, 0, 1e-3]}, {"R_xx": [9.0, 10.0, 9.5]}, label="cold", temperature=0.3
    )
    assert repr(sweep) == "SweepArray('cold': R_xx in ohm over B (3) -0.001 to 0.001 T, T = 0.3 K)"
    curve = Curve([0.0, 0.01], [0.0, 0.1], standard_error=[0.1, 0.1], label="cold")
    shown = "Curve('cold': 2 points, B = 0 to 0.01 T, in e^2/h, with standard errors)"
    assert repr(curve) == shown
