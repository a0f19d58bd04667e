"""Sweeps: names carry meaning, units are SI, and what cannot be measured data is refused."""

import numpy as np
import pint
import pytest

from numerics.measured_quantities import SCALES, VALUES, unit_scale
from numerics.pint_edge import si_float
from numerics.sweep_array import SweepArray
from numerics.units import CONDUCTANCE_UNITS

B = np.array([-1e-3, 0.0, 1e-3])


def sweep(**changes):
    arguments = {"axes": {"B": B}, "values": {"R_xx": [9.0, 10.0, 9.5]}} | changes
    return SweepArray(**arguments)


def test_the_field_is_the_last_dimension_whatever_the_order_given():
    gate = {"B": B, "V_g": [0.1, 0.2]}
    values = np.arange(6.0).reshape(3, 2)
    found = sweep(axes=gate, values={"R_xx": values})
    assert list(found.axes) == ["V_g", "B"]
    np.testing.assert_array_equal(found.values["R_xx"], values.T)


def test_units_are_si_and_a_conductivity_may_be_in_quanta():
    assert sweep().units == {"B": "T", "R_xx": "ohm"}
    quanta = sweep(values={"sigma_xx": [1.0, 2.0, 3.0]}, units={"sigma_xx": "e^2/h"})
    assert quanta.units["sigma_xx"] == "e^2/h"
    with pytest.raises(ValueError, match="holds R_xx in ohm, not in 'mohm'"):
        sweep(units={"R_xx": "mohm"})


def test_pint_quantities_go_in_and_come_out():
    unit = pint.get_application_registry()
    found = sweep(
        axes={"B": unit.Quantity([-1.0, 0.0, 1.0], "mT")},
        values={"R_xx": unit.Quantity([9.0, 10.0, 9.5], "kohm")},
        temperature=unit.Quantity(300, "mK"),
    )
    np.testing.assert_allclose(found.B, B)
    assert found.temperature == pytest.approx(0.3)
    np.testing.assert_allclose(found.quantity("R_xx").to("kohm").magnitude, [9.0, 10.0, 9.5])
    assert str(found.quantity("B").units) == "tesla"


def test_a_quantity_in_quanta_comes_out_in_siemens():
    quanta = sweep(values={"delta_sigma": [0.0, 1.0, 2.0]}, units={"delta_sigma": "e^2/h"})
    found = quanta.quantity("delta_sigma").to("siemens").magnitude
    np.testing.assert_allclose(found, CONDUCTANCE_UNITS["e^2/h"] * np.arange(3.0))


def test_a_quantity_of_another_dimension_is_refused_with_the_remedy():
    unit = pint.get_application_registry()
    with pytest.raises(ValueError, match="R_xx is given in volt; a value in ohm is needed"):
        sweep(values={"R_xx": unit.Quantity([1.0, 2.0, 3.0], "V")})
    with pytest.raises(ValueError, match="1 gauss is 1e-4 tesla"):
        si_float(unit.Quantity(3.0, "gauss"), "T", "The zero of the field")


BAD = [
    ({"axes": {"V_g": [1.0, 2.0, 3.0]}}, "has no axis 'B'"),
    ({"axes": {"B": B, "bias": [1.0]}}, "'bias' is no axis"),
    ({"values": {"R": [1.0, 2.0, 3.0]}}, "'R' is no axis or value"),
    ({"values": {"B": [1.0, 2.0, 3.0]}}, "'B' is no measured value"),
    ({"values": {"R_xx": [1.0, 2.0]}}, r"has the shape \(2,\) .* have \(3,\)"),
    ({"values": {"R_xx": [1.0, np.inf, 2.0]}}, r"is infinite at index \[1\]"),
    ({"values": {"R_xx": ["a", "b", "c"]}}, "not numbers"),
    ({"values": {}}, "holds no values"),
    ({"axes": {"B": [0.0, np.nan, 1.0]}}, "not a list of finite numbers"),
    (
        {"axes": {"V_g": [0.1, 0.1], "B": B}, "values": {"R_xx": np.ones((2, 3))}},
        "holds 0.1 V twice",
    ),
    ({"temperature": np.nan}, "temperature of 'data' is nan"),
    ({"covariance": np.eye(2)}, "covariance of shape"),
]


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_what_is_no_sweep_is_refused_in_one_sentence(changes, message):
    with pytest.raises(ValueError, match=message) as caught:
        sweep(**changes)
    assert "\n" not in str(caught.value)


def test_a_point_that_was_not_measured_is_named():
    values = np.ones((2, 3))
    values[1, 2] = np.nan
    found = sweep(axes={"V_g": [-1.94, -1.96], "B": B}, values={"V_xx": values})
    with pytest.raises(ValueError, match=r"NaN at V_g = -1.96 V \(index 1\), B = 0.001 T") as told:
        found.require_complete("an average")
    assert "step Drop and a reason" in str(told.value)


def test_the_digest_knows_numbers_names_and_labels_and_not_the_notes():
    first = sweep()
    assert first.digest() == sweep().noted("read again").digest()
    others = [
        sweep(values={"R_xx": [9.0, 10.0, np.nextafter(9.5, 10)]}),
        sweep(values={"rho_xx": [9.0, 10.0, 9.5]}),
        sweep(label="other"),
        sweep(temperature=1.0),
    ]
    assert len({found.digest() for found in [first, *others]}) == 5


def test_arrays_cannot_be_changed_and_are_copied():
    mine = np.array([9.0, 10.0, 9.5])
    found = sweep(values={"R_xx": mine})
    mine[0] = 0.0
    assert found.values["R_xx"][0] == 9.0
    with pytest.raises(ValueError, match="read-only"):
        found.values["R_xx"][0] = 1.0


def test_scales_of_units_agree_with_pint():
    unit = pint.get_application_registry()
    for si, scales in SCALES.items():
        for text, scale in scales.items():
            # Gaussian units and the quantum have other dimensions or spellings in pint.
            if si in ("S", "1") or text in ("G", "kG", "Oe", "kOe", "ohm/sq"):
                continue
            assert unit.Quantity(1.0, text).to(si).magnitude == pytest.approx(scale, rel=1e-15)


@pytest.mark.parametrize("text", ["ohm m", "Ω cm", "ohm*cm"])
def test_a_bulk_resistivity_is_refused_as_such(text):
    with pytest.raises(ValueError, match="the unit of a bulk sample"):
        unit_scale(text, "ohm", "rho_xx")


def test_longitudinal_values_are_even_and_hall_values_odd():
    assert all(v.parity == (-1 if name.endswith("_xy") else 1) for name, v in VALUES.items())
