"""From raw sweeps to curves: every step against plain numpy, refusals, and replay bit for bit."""

import json
from importlib.resources import files

import numpy as np
import pint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import curve_fit
from scipy.special import digamma

from numerics.curve import Curve
from numerics.pipeline import STEPS, Pipeline
from numerics.row_covariance import effective_rows, row_covariance
from numerics.steps import (
    AverageDirections,
    AverageRows,
    Drop,
    FieldWindow,
    InQuanta,
    InterpolateField,
    Recentre,
    SelectDirection,
    SplitDirections,
    SubtractReference,
    SubtractZeroField,
    Symmetrise,
    ToConductivity,
    VoltageToResistance,
)
from numerics.steps.conductivity import invert_tensor
from numerics.steps.zero_field import find_zero_field
from numerics.sweep_array import SweepArray
from numerics.sweeps import symmetrise
from numerics.tbg import load_tbg
from numerics.tbg_raw import load_tbg_raw, tbg_pipeline
from numerics.window_scan import window_scan

B = 1e-3 * np.arange(-4.0, 5.0)
EVERY_STEP = (
    AverageDirections(),
    AverageRows("row", shrinkage=0.5),
    Drop("V_g", values=(0.1, 0.3), reason="leaky gate"),
    FieldWindow(0.0, 1e-3),
    InQuanta(),
    InterpolateField(1e-4),
    Recentre(on_grid=False, reach=1e-3),
    SelectDirection(-1),
    SplitDirections(),
    SubtractReference("900 mK", lone_rows="pair"),
    SubtractZeroField(),
    Symmetrise(),
    ToConductivity(length=4e-6, width=2e-6, thickness=1e-8, reason="micrograph"),
    VoltageToResistance(1e-8),
)


def sweep(B=B, label="data", **values):
    return SweepArray({"B": B}, values or {"R_xx": 10.0 + B**2}, label=label)


def gate_map(seed=1, rows=12, fields=41):
    random = np.random.default_rng(seed)
    field = 1e-3 * (np.arange(fields) - fields // 2)
    signal = 1e-4 * (1 + np.abs(field) + 0.01 * random.normal(size=(rows, fields)))
    return SweepArray({"V_g": 0.1 * np.arange(rows), "B": field}, {"sigma_xx": signal})


@pytest.fixture(scope="module")
def raw():
    return load_tbg_raw()


@pytest.fixture(scope="module")
def processed(raw):
    return tbg_pipeline().run(raw)


def test_raw_voltages_give_the_authors_curves(processed):
    with (files("numerics") / "example_data/tbg_wse2/Data_array.txt").open() as lines:
        field, delta_sigma = np.loadtxt(lines)
    np.testing.assert_allclose(np.concatenate([c.B for c in processed.curves]), 1e-3 * field)
    rebuilt = np.concatenate([c.delta_sigma for c in processed.curves])
    np.testing.assert_allclose(rebuilt, delta_sigma, rtol=0, atol=5e-9)


def test_the_pipeline_agrees_with_the_plain_loader(processed):
    for mine, plain in zip(processed.curves, load_tbg(), strict=True):
        assert (mine.label, mine.temperature) == (plain.label, plain.temperature)
        np.testing.assert_allclose(mine.delta_sigma, plain.delta_sigma, rtol=0, atol=1e-12)
        # Correlated rows count as fewer, so the error is never that of independent rows.
        assert np.all(mine.standard_error > plain.standard_error)


def test_the_notes_say_what_was_done_to_the_measurement(processed):
    notes = " ".join(processed.notes["base"])
    assert "Left out V_g = -1.96 V: stopped half-way" in notes
    assert "Field counted from the given zero -0.001 T" in notes
    assert "Subtracted the reference '900 mK' row by row at equal V_g." in notes
    assert "From the row at V_g = -2.34 V that at -1.96 V was subtracted" in notes
    assert "Averaged 30 rows along V_g; they are correlated over 0.0086 V" in notes
    assert "modelling it is better than subtracting it" in notes


def test_without_the_subtraction_the_reference_is_a_result(raw):
    found = tbg_pipeline(subtract_reference=False).run(raw).curves
    plain = load_tbg(subtract_reference=False)
    assert [c.label for c in found] == [c.label for c in plain]
    assert found[-1].label == "900 mK"
    np.testing.assert_allclose(found[-1].delta_sigma, plain[-1].delta_sigma, atol=1e-12)


def test_a_temperature_that_was_not_measured_is_refused():
    with pytest.raises(ValueError, match="no sweep '1 K'"):
        load_tbg_raw("1 K")


def test_a_replay_repeats_the_record_bit_for_bit(raw, processed):
    again = Pipeline.from_json(processed.to_json()).run(raw)
    assert again.status == ("The replay repeats the recorded output bit for bit.",)
    for first, second in zip(processed.curves, again.curves, strict=True):
        assert np.array_equal(first.delta_sigma, second.delta_sigma)
        assert np.array_equal(first.covariance, second.covariance)


def test_a_replay_on_other_data_says_so():
    first = Pipeline((Symmetrise(),)).run(gate_map(1))
    (status,) = Pipeline.from_json(first.to_json()).run(gate_map(2)).status
    assert status.startswith("Replayed on other data than recorded: 'data' (hash ")
    assert gate_map(1).digest()[:12] in status


def test_a_replay_with_another_output_says_which_versions_changed():
    record = json.loads(Pipeline((Symmetrise(),)).run(gate_map()).to_json())
    record["output"]["data"] = "0" * 64
    record["versions"]["numpy"] = "1.0"
    (status,) = Pipeline.from_json(json.dumps(record)).run(gate_map()).status
    assert status.startswith("The input is the recorded one but the output is not (numpy 1.0 ->")


@given(st.permutations(EVERY_STEP))
def test_every_step_survives_its_record(steps):
    pipeline = Pipeline(steps)
    assert Pipeline.from_json(pipeline.to_json()).steps == pipeline.steps


def test_the_record_can_name_every_step():
    assert {type(step) for step in EVERY_STEP} == set(STEPS.values())


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**31), st.booleans())
def test_a_replay_equals_the_run_on_any_data(seed, covariance):
    steps = (SubtractZeroField(), Symmetrise(), FieldWindow(1e-3, 1), AverageRows("V_g", None))
    steps = steps if covariance else (*steps[:3], AverageRows(covariance=False))
    first = Pipeline(steps).run(gate_map(seed))
    again = Pipeline.from_json(first.to_json()).run(gate_map(seed))
    assert "bit for bit" in again.status[0]
    assert again.record == first.record


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no json", "no record of a pipeline"),
        ("{}", "no record of a pipeline"),
        ('{"steps": [{"step": "Smooth"}]}', "names the step 'Smooth'"),
        ('{"steps": [{"step": "Symmetrise", "window": 3}]}', "no record of a pipeline"),
    ],
)
def test_a_text_that_is_no_record_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        Pipeline.from_json(text)


def test_an_error_names_the_step():
    with pytest.raises(ValueError, match=r"^Step 2 \(SubtractZeroField\): .* no sigma_xx"):
        Pipeline((Symmetrise(), SubtractZeroField())).run(sweep())


def test_two_sweeps_of_one_label_are_refused():
    with pytest.raises(ValueError, match="two sweeps are called 'data'"):
        Pipeline((Symmetrise(),)).run([sweep(), sweep()])


def test_rows_that_are_not_averaged_are_a_curve_each():
    curves = Pipeline((SubtractZeroField(), FieldWindow(0, 1))).run(gate_map(rows=3)).curves
    assert [c.label for c in curves] == [f"data, V_g = {v} V" for v in (0, 0.1, 0.2)]
    assert all(c.B[0] > 0 and c.unit == "S" for c in curves)


def test_voltages_and_pint_currents_give_resistances():
    unit = pint.get_application_registry()
    step = VoltageToResistance(unit.Quantity(10, "nA"))
    found = step.apply(sweep(V_xx=B + 1, V_xy=B))
    np.testing.assert_allclose(found.values["R_xx"], (B + 1) / 1e-8)
    assert found.units["R_xy"] == "ohm"
    with pytest.raises(ValueError, match="current is given in nanovolt; a value in A"):
        VoltageToResistance(unit.Quantity(10, "nV"))


@given(st.floats(1e-3, 1e6), st.floats(-1e6, 1e6))
def test_the_tensor_inversion_inverts(rho_xx, rho_xy):
    xx, xy = invert_tensor(np.array(rho_xx), np.array(rho_xy))
    rho = np.array([[rho_xx, rho_xy], [-rho_xy, rho_xx]])
    np.testing.assert_allclose(rho @ np.array([[xx, xy], [-xy, xx]]), np.eye(2), atol=1e-9)
    back = invert_tensor(xx, xy)
    # The smallest numbers have fewer digits.
    np.testing.assert_allclose(back, (rho_xx, rho_xy), rtol=1e-12, atol=1e-300)


def test_conductivity_is_the_inverse_of_the_tensor_with_the_geometry():
    R_xx, R_xy = 4000.0 + 1e6 * B**2, 2e5 * B
    found = ToConductivity(length=8e-6, width=2e-6).apply(sweep(R_xx=R_xx, R_xy=R_xy))
    for i in range(len(B)):
        rho = np.array([[R_xx[i] / 4, R_xy[i]], [-R_xy[i], R_xx[i] / 4]])
        sigma = np.linalg.inv(rho)
        assert found.values["sigma_xx"][i] == pytest.approx(sigma[0, 0], rel=1e-13)
        assert found.values["sigma_xy"][i] == pytest.approx(sigma[0, 1], rel=1e-13)


def test_drude_magnetoresistance_of_one_carrier_vanishes_only_in_the_right_tensor():
    # rho_xx is constant for one carrier; sigma_xx = sigma_0/(1 + (mu B)^2).
    mu, rho_0, field = 2.0, 500.0, np.linspace(-1, 1, 21)
    step = ToConductivity(squares=1.0)
    full = step.apply(sweep(field, R_xx=np.full(21, rho_0), R_xy=rho_0 * mu * field))
    expected = 1 / rho_0 / (1 + (mu * field) ** 2)
    np.testing.assert_allclose(full.values["sigma_xx"], expected, rtol=1e-13)
    alone = step.apply(sweep(field, R_xx=np.full(21, rho_0)))
    assert "too large by the fraction" in " ".join(alone.notes)


def test_a_conductance_becomes_a_conductivity_by_the_squares():
    found = ToConductivity(squares=4.0).apply(sweep(G=np.full(9, 1e-4)))
    np.testing.assert_allclose(found.values["sigma_xx"], 4e-4)


REFUSED = [
    (ToConductivity(), {}, "no conductivity without the geometry"),
    (ToConductivity(length=1e-6), {}, "no conductivity without the geometry"),
    (
        ToConductivity(length=5e-3, width=2e-3, thickness=2e-3),
        {},
        "it is bulk and has no conductivity per square",
    ),
    (ToConductivity(squares=1.0), {"R_xx": B}, "falls to -0.004 ohm"),
    (ToConductivity(squares=1.0), {"R_xy": B}, "no R_xx, rho_xx or G"),
    (VoltageToResistance(1e-8), {}, "no voltage V_xx"),
    (InQuanta(), {}, "R_xx of 'data' is in ohm"),
    (SubtractZeroField(), {}, "no sigma_xx"),
    (AverageRows(), {"delta_sigma": B}, "not delta_sigma over V_g and B"),
    (Recentre(1.0), {}, "lies outside the sweep"),
    (Recentre(), {}, "compares 1 of 9 fields"),
    (FieldWindow(1.0, 2.0), {}, "holds 0 point"),
    (Drop("B", indices=(9,), reason="spike"), {}, "none with the index 9"),
    (Drop("B", values=(0.5e-3,), reason="spike"), {}, "has no 0.0005; the nearest is 0"),
    (Drop("V_g", indices=(0,), reason="spike"), {}, "has no axis 'V_g'"),
    (SplitDirections(), {}, "turns 0 times"),
    (AverageDirections(), {}, "has no axis 'direction'"),
    (SubtractReference("3 K"), {}, "needs the sweep '3 K' beside"),
    (InterpolateField(1e-4), {}, "finer than the measured 0.001 T"),
]


@pytest.mark.parametrize(("step", "values", "message"), REFUSED)
def test_what_a_step_cannot_do_is_refused_in_one_sentence(step, values, message):
    with pytest.raises(ValueError, match=message) as caught:
        step.apply(sweep(**values))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: VoltageToResistance(0.0), "give a positive current"),
        (lambda: ToConductivity(length=-1.0, width=1.0), "length of the sample is -1"),
        (lambda: ToConductivity(squares=1.0, width=1.0), "given twice"),
        (lambda: Drop("B", indices=(1,)), "without a reason"),
        (lambda: Drop("B", reason="spike"), "indices or values"),
        (lambda: FieldWindow(2.0, 1.0), "B_min must be lower"),
        (lambda: InterpolateField(0.0), "must be positive"),
        (lambda: SelectDirection(2), r"give \+1 for up or -1"),
        (lambda: AverageRows("T"), "are not repetitions"),
        (lambda: AverageRows(shrinkage=2.0), "between 0 and 1"),
        (lambda: SubtractReference("warm", lone_rows="drop"), "use 'refuse' or 'pair'"),
        (lambda: InQuanta(1.2e-5).apply(sweep(G=np.ones(9))), r"neither e\^2/\(pi h\)"),
    ],
)
def test_parameters_that_mean_nothing_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_stopped_row_is_refused_until_it_is_dropped():
    values = np.ones((2, 9))
    values[1, 5:] = np.nan
    found = SweepArray({"V_g": [0.0, 0.1], "B": B}, {"R_xx": values})
    with pytest.raises(ValueError, match=r"R_xx of 'data' is NaN at V_g = 0\.1 V"):
        ToConductivity(squares=1.0).apply(found)
    dropped = Drop("V_g", values=0.1, reason="stopped half-way").apply(found)
    assert dropped.shape == (1, 9)
    assert "Left out V_g = 0.1 V: stopped half-way." in dropped.notes


def test_a_bulk_magnetoresistance_is_no_curve():
    sigma = 1e3 / (1 + (0.1 * np.arange(-9.0, 10.0)) ** 2)  # S, a millimetre of metal
    steps = Pipeline((SubtractZeroField(), FieldWindow(0.0, 9.0)))
    with pytest.raises(ValueError, match="a bulk sample has none"):
        _ = steps.run(sweep(np.arange(-9.0, 10.0), sigma_xx=sigma)).curves


def test_a_pipeline_that_ends_before_the_difference_has_no_curves():
    with pytest.raises(ValueError, match="ends with R_xx of 'data', not with delta_sigma"):
        _ = Pipeline((Symmetrise(),)).run(sweep()).curves


SIGNALS = st.lists(st.floats(-1e3, 1e3), min_size=9, max_size=9).map(np.array)


@given(SIGNALS, SIGNALS)
def test_symmetrising_is_idempotent_and_splits_by_parity(xx, xy):
    once = Symmetrise().apply(sweep(R_xx=xx, R_xy=xy))
    twice = Symmetrise().apply(once)
    for name, parity in (("R_xx", 1), ("R_xy", -1)):
        value = once.values[name]
        assert np.array_equal(value, parity * value[::-1])
        assert np.array_equal(value, twice.values[name])


def test_symmetrising_agrees_with_that_of_curves():
    values = np.random.default_rng(3).normal(size=9)
    values[4] = 0.0
    mine = Symmetrise().apply(sweep(delta_sigma=values)).values["delta_sigma"][4:]
    np.testing.assert_array_equal(mine, symmetrise(Curve(B, values)).delta_sigma)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (np.abs(B[5:]), "one sign of the field only"),
        (np.array([-2.0, -1.0, 0.0, 1.5, 2.0]), "has no partner at 1 T"),
        (np.array([-1.0, 0.0, 0.0, 1.0]), "holds 0 T twice"),
        (np.array([-1.0, 0.0, 1.0, 0.5]), "turns round, .* apply SplitDirections"),
    ],
)
def test_fields_that_do_not_pair_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        Symmetrise().apply(sweep(fields, R_xx=np.ones(len(fields))))


def test_interpolation_is_asked_for_and_makes_pairs():
    shifted = sweep(B + 0.3e-3, R_xx=np.abs(B + 0.3e-3))
    with pytest.raises(ValueError, match="has no partner"):
        Symmetrise().apply(shifted)
    found = InterpolateField(1e-3).apply(shifted)
    np.testing.assert_allclose(found.B, 1e-3 * np.arange(-3, 5), atol=1e-18)
    assert "correlates and reduces the noise" in found.notes[-1]
    assert Symmetrise().apply(found).shape == (7,)


def test_a_loop_is_split_and_its_hysteresis_said():
    up, down = B, B[::-1]
    loop = np.concatenate([up, down[1:]])
    values = np.concatenate([up**2, down[1:] ** 2 + 2.0])
    split = SplitDirections().apply(sweep(loop, R_xx=values))
    # The turning point was measured once, on the way up, and belongs to both.
    np.testing.assert_allclose(split.values["R_xx"][0], up**2)
    np.testing.assert_allclose(split.values["R_xx"][1][:-1], up[:-1] ** 2 + 2.0)
    chosen = SelectDirection(-1).apply(split)
    np.testing.assert_allclose(chosen.values["R_xx"][:-1], up[:-1] ** 2 + 2.0)
    mean = AverageDirections().apply(split)
    np.testing.assert_allclose(mean.values["R_xx"][:-1], up[:-1] ** 2 + 1.0)
    assert "they differ by R_xx 1.89 ohm" in mean.notes[-1]


def test_a_loop_on_other_fields_is_not_averaged():
    loop = np.concatenate([B, B[::-1] - 0.2e-3])
    with pytest.raises(ValueError, match="which are not the same fields"):
        SplitDirections().apply(sweep(loop, R_xx=np.ones(18)))


def dip(field, zero, hall, noise, rows=20, seed=5):
    random = np.random.default_rng(seed)
    x = field - zero
    shape = np.log1p((x / 0.8e-3) ** 2) + hall * x
    signal = 100 + shape + noise * random.normal(size=(rows, len(field)))
    return SweepArray({"row": np.arange(rows), "B": field}, {"R_xx": signal})


@pytest.mark.parametrize("hall", [0.0, 20.0])
@pytest.mark.parametrize("zero", [-1.0e-3, 0.0, 0.73e-3])
def test_the_true_zero_is_found_beside_a_hall_voltage(zero, hall):
    field = 1e-4 * np.arange(-100.0, 101.0)
    found = find_zero_field(dip(field, zero, hall, 0.03))
    assert found.standard_error < 1e-5
    assert abs(found.zero_field - zero) < 4 * found.standard_error + 1e-6


def test_the_error_of_a_found_zero_is_its_scatter():
    field = 1e-4 * np.arange(-60.0, 61.0)
    results = [find_zero_field(dip(field, 0.2e-3, 5.0, 0.2, seed=s)) for s in range(40)]
    scatter = np.std([r.zero_field - 0.2e-3 for r in results])
    stated = np.mean([r.standard_error for r in results])
    assert stated == pytest.approx(scatter, rel=0.4)


def test_the_zero_of_the_measurement_is_the_authors(raw):
    for measured in raw[1:4]:
        found = find_zero_field(measured)
        assert abs(found.zero_field + 1.0e-3) < 2 * found.standard_error


def test_a_second_symmetry_point_is_said(raw):
    # At 900 mK the dip has gone, and fluctuations are as even elsewhere.
    found = Recentre().apply(raw[4])
    assert "The signal is nearly as even about -1.3 mT" in found.notes[-1]


def test_a_found_zero_is_shifted_to_a_measured_field():
    field = 1e-4 * np.arange(-100.0, 101.0)
    found = Recentre().apply(dip(field, 0.73e-3, 0.0, 0.01))
    assert np.sum(found.B == 0.0) == 1
    assert field[np.argmin(np.abs(found.B))] == pytest.approx(0.7e-3)
    assert "True zero field found at 0.73" in found.notes[-1]


def test_a_monotonic_signal_has_no_zero():
    field = 1e-4 * np.arange(-100.0, 101.0)
    with pytest.raises(ValueError, match="no symmetry point within the sweep stands out"):
        find_zero_field(sweep(field, R_xx=np.exp(200 * field)))


def test_the_zero_field_value_is_subtracted_per_row():
    found = SubtractZeroField().apply(gate_map())
    value = gate_map().values["sigma_xx"]
    np.testing.assert_array_equal(found.values["delta_sigma"], value - value[:, [20]])
    with pytest.raises(ValueError, match="no point at B = 0"):
        SubtractZeroField().apply(sweep(B + 4e-4, sigma_xx=np.ones(9)))


def common_rows(seed=1, rows=14, fields=6):
    """Return two sweeps whose rows share what fluctuates with the gate, and little else."""
    random = np.random.default_rng(seed)
    x, field = 0.02 * np.arange(rows), 1e-3 * np.arange(1, fields + 1)
    common = random.normal(size=(rows, fields))
    own, other = (a * common + 0.1 * random.normal(size=common.shape) for a in (1.0, 0.8))
    return rows_of("cold", x, own, field), rows_of("warm", x, other, field)


def rows_of(label, x, values, field=B[5:]):
    return SweepArray({"V_g": x, "B": field}, {"delta_sigma": values}, label=label)


def test_subtracted_row_by_row_the_covariance_is_that_of_the_differences():
    cold, warm = common_rows()
    differences = cold.values["delta_sigma"] - warm.values["delta_sigma"]
    sample = np.cov(differences.T) / len(differences)
    subtract, average = SubtractReference("warm"), AverageRows(shrinkage=0.0)
    (found,) = Pipeline((subtract, average)).run((cold, warm)).sweeps
    assert "not correlated with each other" in " ".join(found.notes)
    np.testing.assert_allclose(found.values["delta_sigma"], differences.mean(axis=0), atol=1e-14)
    np.testing.assert_allclose(found.covariance, sample, rtol=1e-10)
    # Of what is common, 1 + 0.8^2 of the variance instead of (1 - 0.8)^2.
    (averaged,) = Pipeline((average, subtract)).run((cold, warm)).sweeps
    np.testing.assert_allclose(averaged.values["delta_sigma"], found.values["delta_sigma"])
    assert np.all(np.diag(averaged.covariance) > 5 * np.diag(sample))


def test_rows_are_paired_by_their_gate_voltage_and_not_by_their_position():
    cold, warm = common_rows()
    order = np.random.default_rng(0).permutation(14)
    read_back = warm.axes["V_g"][order] + 1.5e-3 * np.cos(np.arange(14))
    moved = rows_of("warm", read_back, warm.values["delta_sigma"][order], warm.B)
    step = SubtractReference("warm")
    (expected,), (found,) = (step.apply_all((cold, w)) for w in (warm, moved))
    for name in ("axes", "values"):
        for key, value in getattr(expected, name).items():
            np.testing.assert_array_equal(getattr(found, name)[key], value)
    assert "row by row at equal V_g" in found.notes[0]


@pytest.mark.parametrize(
    ("cold", "warm", "message"),
    [
        ([0, 1, 2, 3], [0, 2], "'cold' has a row at V_g = 1 V, which has no partner in 'warm'"),
        ([2, 0], [3, 2, 1, 0], "'warm' has a row at V_g = 3 V, which has no partner in 'cold'"),
        ([0, 1, 2], [0, 1.11, 2], "'cold' has a row at V_g = 1 V, which has no partner"),
        ([0.0], [1.0], "'cold' has a row at V_g = 0 V, which has no partner in 'warm'"),
    ],
)
def test_a_row_without_a_partner_is_refused(cold, warm, message):
    pair = [rows_of(k, x, np.zeros((len(x), 4))) for k, x in (("cold", cold), ("warm", warm))]
    with pytest.raises(ValueError, match=message) as caught:
        SubtractReference("warm").apply_all(pair)
    assert "leave it out with Drop and a reason" in str(caught.value)
    assert ("lone_rows='pair'" in str(caught.value)) == (len(cold) == len(warm))


@given(st.data())
def test_paired_lone_rows_leave_the_difference_of_the_means(data):
    count = data.draw(st.integers(1, 6))
    cold, warm = (
        data.draw(st.lists(st.integers(0, 9), min_size=count, max_size=count, unique=True))
        for _ in range(2)
    )
    # A row's own signature, 10^gate, shows what was subtracted from what.
    sweeps = [
        rows_of(label, x, np.outer(10.0 ** np.array(x), np.ones(4)))
        for label, x in (("cold", cold), ("warm", warm))
    ]
    (found,) = SubtractReference("warm", lone_rows="pair").apply_all(sweeps)
    rows = dict(zip(cold, found.values["delta_sigma"][:, 0], strict=True))
    lone = zip(sorted({*cold} - {*warm}), sorted({*warm} - {*cold}), strict=True)
    expected = {x: 0.0 for x in cold if x in warm} | {x: 10.0**x - 10.0**y for x, y in lone}
    assert rows == expected
    means = [np.mean(10.0 ** np.array(x)) for x in (cold, warm)]
    assert np.mean(list(rows.values())) == pytest.approx(means[0] - means[1], abs=1e-5)


def test_lone_rows_are_paired_only_where_there_are_as_many_and_rows_are_repetitions():
    step = SubtractReference("warm", lone_rows="pair")
    pair = [rows_of("cold", [0, 1, 2], np.ones((3, 4))), rows_of("warm", [0], np.ones((1, 4)))]
    with pytest.raises(ValueError, match=r"\(2 and 0 rows without a partner cannot be paired"):
        step.apply_all(pair)
    repeated = [
        SweepArray({"row": [n], "B": B}, {"delta_sigma": B[None]}, label=label)
        for label, n in (("cold", 1), ("warm", 2))
    ]
    (found,) = step.apply_all(repeated)
    assert found.notes[1].startswith("From the row at row = 1 that at 2 was subtracted")
    hot = [
        SweepArray({"T": [T], "B": B}, {"delta_sigma": B[None]}, label=label)
        for label, T in (("cold", 1.0), ("warm", 2.0))
    ]
    with pytest.raises(ValueError, match=r"T = 1 K, .*; leave it out with Drop and a reason\.$"):
        step.apply_all(hot)


def test_of_averages_covariances_add_and_the_note_says_what_to_do():
    steps = (SubtractZeroField(), Symmetrise(), FieldWindow(1e-3, 1), AverageRows())
    warm = gate_map(2)
    pair = [gate_map(1), SweepArray(warm.axes, warm.values, label="warm")]
    plain = Pipeline(steps).run(pair).curves
    processed = Pipeline((*steps, SubtractReference("warm"))).run(pair)
    (found,) = processed.curves
    np.testing.assert_array_equal(found.delta_sigma, plain[0].delta_sigma - plain[1].delta_sigma)
    np.testing.assert_array_equal(found.covariance, plain[0].covariance + plain[1].covariance)
    advice = "rows at one gate voltage fluctuate together: subtract before averaging."
    assert any(note.endswith(advice) for note in processed.notes["data"])


def test_where_there_is_no_covariance_nothing_is_said_of_one():
    pair = [sweep(delta_sigma=B), sweep(label="warm", delta_sigma=2 * B)]
    (found,) = SubtractReference("warm").apply_all(pair)
    np.testing.assert_array_equal(found.values["delta_sigma"], -B)
    assert found.notes[0] == "Subtracted the reference 'warm'."
    assert "covariance" not in " ".join(found.notes)


def test_half_a_covariance_is_none():
    known = SweepArray({"B": B}, {"delta_sigma": B}, covariance=np.eye(9))
    (found,) = SubtractReference("warm").apply_all([known, sweep(label="warm", delta_sigma=B)])
    assert found.covariance is None
    assert "only 'data' has a covariance, so that of the difference is not known" in found.notes[0]


def test_a_record_in_the_old_order_repeats_what_it_did(raw, processed):
    old = json.loads(processed.to_json())
    (*first, reference, average) = old["steps"]
    assert (reference["step"], average["step"]) == ("SubtractReference", "AverageRows")
    del reference["lone_rows"]
    again = Pipeline.from_json(json.dumps({"steps": [*first, average, reference]})).run(raw)
    averaged = tbg_pipeline(subtract_reference=False).run(raw).curves
    for mine, now, own in zip(again.curves, processed.curves, averaged, strict=False):
        np.testing.assert_allclose(mine.delta_sigma, now.delta_sigma, rtol=0, atol=1e-12)
        np.testing.assert_array_equal(mine.covariance, own.covariance + averaged[-1].covariance)
    ratios = [
        np.median(mine.standard_error) / np.median(now.standard_error)
        for mine, now in zip(again.curves, processed.curves, strict=True)
    ]
    # What rows share was counted as noise twice instead of cancelling.
    np.testing.assert_allclose(ratios, [1.47, 1.93, 2.96, 4.14], atol=0.01)
    (status,) = Pipeline.from_json(again.to_json()).run(raw).status
    assert "bit for bit" in status


def test_a_reference_on_other_fields_is_refused():
    pair = [sweep(delta_sigma=B), sweep(2 * B, label="warm", delta_sigma=B)]
    with pytest.raises(ValueError, match="was not measured at the points of 'data'"):
        Pipeline((SubtractReference("warm"),)).run(pair)


def correlated_rows(random, x, length, fields, white):
    R = np.exp(-np.abs(x[:, None] - x) / length) if length else np.eye(len(x))
    K = (1 - white) * np.exp(-((fields[:, None] - fields) ** 2) / (2 * 2e-3**2))
    K = (K + white * np.eye(len(fields))) * np.outer(1 + fields / 6e-3, 1 + fields / 6e-3)
    rows = np.linalg.cholesky(R) @ random.normal(size=(len(x), len(fields)))
    return rows @ np.linalg.cholesky(K).T, K * R.sum() / len(x) ** 2


@pytest.mark.parametrize("length", [0.0, 0.02, 0.05])
def test_the_covariance_of_the_mean_is_right_on_average(length):
    # The sample covariance over n takes correlated rows for independent: 5 times too small at 0.05.
    random = np.random.default_rng(11)
    x, fields = 0.02 * np.arange(30), 0.5e-3 * np.arange(1, 31)
    ratios, chi_square = [], []
    for _ in range(40):
        rows, truth = correlated_rows(random, x, length, fields, 0.1)
        found = row_covariance(rows, x, fields)
        mean = rows.mean(axis=0)
        ratios.append(np.mean(np.diag(found.covariance) / np.diag(truth)))
        chi_square.append(mean @ np.linalg.solve(found.covariance, mean) / len(fields))
    assert np.median(ratios) == pytest.approx(1.0, abs=0.25)
    # With 7 effective rows the estimate itself scatters by half, and its inverse is larger.
    assert np.median(chi_square) == pytest.approx(1.0, abs=0.7 if length == 0.05 else 0.4)


def test_effective_rows_are_counted_from_the_correlation():
    x = 0.02 * np.arange(30)
    assert effective_rows(x, 0.0) == 30
    R = np.exp(-np.abs(x[:, None] - x) / 0.05)
    assert effective_rows(x, 0.05) == pytest.approx(1 / np.mean(R))
    assert effective_rows(x, 1e6) == pytest.approx(1.0, abs=1e-4)


def test_few_effective_rows_are_said_and_two_are_refused():
    x, fields = 0.02 * np.arange(12), 1e-3 * np.arange(1, 20)
    rows, _ = correlated_rows(np.random.default_rng(2), x, 0.3, fields, 0.1)
    found = AverageRows().apply(SweepArray({"V_g": x, "B": fields}, {"delta_sigma": rows}))
    assert "the standard error is a rough one" in found.notes[-1]
    with pytest.raises(ValueError, match="from 2 row"):
        row_covariance(rows[:2], x[:2], fields)


def test_zero_field_has_no_covariance():
    found = SubtractZeroField().apply(gate_map())
    with pytest.raises(ValueError, match="The 12 rows do not differ at B = 0 T"):
        AverageRows().apply(found)


def test_shrinkage_goes_from_the_sample_to_the_model():
    x, fields = 0.02 * np.arange(30), 1e-3 * np.arange(1, 12)
    rows, _ = correlated_rows(np.random.default_rng(7), x, 0.0, fields, 0.1)
    ends = [row_covariance(rows, x, fields, part).covariance for part in (0.0, 0.5, 1.0)]
    np.testing.assert_allclose(ends[1], (ends[0] + ends[2]) / 2, rtol=1e-12)
    n_eff = row_covariance(rows, x, fields).effective_rows
    if n_eff == 30:
        np.testing.assert_allclose(ends[0] * 30, np.cov(rows.T), rtol=1e-10)
    np.testing.assert_allclose(np.diag(ends[0]), np.diag(ends[2]), rtol=1e-10)


def test_a_curve_carries_its_covariance_through_units_and_windows():
    root = np.random.default_rng(1).normal(size=(9, 9))
    curve = Curve(B, B**2, covariance=root @ root.T, unit="e^2/h")
    np.testing.assert_allclose(curve.standard_error**2, np.diag(curve.covariance))
    pi = curve.to("e^2/(pi h)")
    np.testing.assert_allclose(pi.covariance, np.pi**2 * curve.covariance)
    assert curve.window(1.5e-3, 1).covariance.shape == (6, 6)
    even = symmetrise(curve)
    A = (np.eye(9)[4:] + np.eye(9)[4::-1]) / 2
    np.testing.assert_allclose(even.covariance, A @ curve.covariance @ A.T, rtol=1e-12)
    with pytest.raises(ValueError, match="not the root of the diagonal"):
        Curve(B, B, standard_error=np.ones(9), covariance=2 * np.eye(9))
    with pytest.raises(ValueError, match="has a covariance of shape"):
        Curve(B, B, covariance=np.triu(np.ones((9, 9))))


def hikami(field, alpha, log_B_phi):
    """One-channel Hikami, Larkin and Nagaoka (1980), in e^2/h."""
    x = np.exp(log_B_phi) / field
    return -alpha / np.pi * (digamma(0.5 + x) - np.log(x))


def fit_hikami(curves):
    (curve,) = curves
    (alpha, log_B_phi), _ = curve_fit(hikami, curve.B, curve.delta_sigma, p0=(0.5, np.log(1e-4)))
    return {"alpha": alpha, "B_phi": np.exp(log_B_phi)}


def test_one_channel_alpha_drifts_with_the_window_as_published(processed):
    scan = window_scan(processed.curves[0], fit_hikami, [2e-3, 4e-3, 8e-3, 16e-3, 24e-3])
    np.testing.assert_allclose(scan.values["alpha"], [0.84, 0.31, 0.26, 0.36, 0.22], atol=5e-3)
    assert scan.points == (10, 20, 40, 80, 120)
    assert scan.drift("alpha") == pytest.approx(0.62, abs=0.005)
    assert scan.status[0].startswith("alpha = 0.836, 0.309, 0.26, 0.36, 0.216 for windows up to 2,")


def test_a_drift_is_compared_with_the_error_of_the_fit():
    class Best:
        values, standard_errors = {"a": 1.0}, {"a": 0.1}

    class Result:
        best = Best

    field = 1e-3 * np.arange(1.0, 11.0)
    scan = window_scan(Curve(field, field), lambda _: Result, [5e-3, 10e-3])
    assert scan.status == (
        "a = 1, 1 for windows up to 5, 10 mT: it drifts by 0, within two standard errors (0.1).",
    )


@pytest.mark.parametrize(
    ("windows", "message"),
    [
        ([5e-3], "at least two ascending"),
        ([5e-3, 4e-3], "at least two ascending"),
        ([1e-4, 5e-3], "holds 0 point"),
        ([5e-3, 10e-3, 20e-3], "holds the same 10 points as the one before"),
    ],
)
def test_windows_that_say_nothing_are_refused(windows, message):
    field = 1e-3 * np.arange(1.0, 11.0)
    with pytest.raises(ValueError, match=message):
        window_scan(Curve(field, field), lambda _: {"a": 1.0}, windows)
