"""Many fits at once: the minima of `fit`, honesty about each curve, and interrupted runs."""

import csv
import io
import json
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from numerics.batch_fit import fit_many
from numerics.curve import Curve
from numerics.fit import fit
from numerics.kernels.hikami import hikami
from numerics.parameters import Parameter
from numerics.precision import double_precision
from numerics.small_systems import LARGEST, solve

B = np.linspace(2e-3, 0.2, 40)
ALPHA = Parameter("alpha", -5.0, 5.0)
B_PHI = Parameter("B_phi", 1e-6, 1.0, unit="T")
BOTH = (ALPHA, B_PHI)
TRUTH = {"alpha": -0.5, "B_phi": 4e-3}


def one_channel(B, alpha, B_phi):
    return alpha * hikami(B, B_phi)


@double_precision()
def simulate(count, noise=1e-3, B=B, B_phi=4e-3, first=0):
    rng = np.random.default_rng(first)
    exact = np.asarray(one_channel(B, -0.5, B_phi))
    return [
        Curve(
            B,
            exact + noise * rng.standard_normal(len(B)),
            standard_error=np.full(len(B), noise or 1.0),
            label=f"gate {first + k}",
        )
        for k in range(count)
    ]


@pytest.fixture(scope="module")
def curves():
    return simulate(12)


@pytest.fixture(scope="module")
def fits(curves):
    return fit_many(one_channel, curves, BOTH, threads=1)


def test_the_minima_and_their_errors_are_those_of_fit(curves, fits):
    assert np.all(fits.converged)
    for curve in curves[:3]:
        expected = fit(one_channel, curve, BOTH, starts=8).best
        found = fits[curve.label]
        for name, value in expected.values.items():
            assert found.values[name] == pytest.approx(value, rel=1e-8)
            assert found.standard_errors[name] == pytest.approx(
                expected.standard_errors[name], rel=1e-6
            )
        np.testing.assert_allclose(found.covariance, expected.covariance, rtol=1e-6)
        np.testing.assert_allclose(found.correlation, expected.correlation, rtol=1e-6)
        assert found.sum_of_squares == pytest.approx(expected.sum_of_squares, rel=1e-10)
        np.testing.assert_allclose(
            found.residuals[curve.label], expected.residuals[curve.label], atol=1e-10
        )


def test_single_precision_finds_the_way_and_double_precision_the_end(curves, fits):
    exact = fit_many(one_channel, curves, BOTH, precision="float64", threads=1)
    assert fits.single
    assert not exact.single
    np.testing.assert_allclose(fits.values, exact.values, rtol=1e-9)


def test_a_function_that_warns_in_single_precision_is_fitted_in_double():
    def uncertified(B, alpha, B_phi):
        if B.dtype == jnp.float32:
            warnings.warn("loses digits", stacklevel=2)
        return one_channel(B, alpha, B_phi)

    fits = fit_many(uncertified, simulate(2), BOTH, starts=TRUTH)
    assert not fits.single
    assert np.all(fits.converged)


def test_two_threads_and_chunks_change_nothing(curves, fits):
    many = curves * 1
    once = fit_many(one_channel, many, BOTH, starts=TRUTH, threads=1)
    both = fit_many(one_channel, many, BOTH, starts=TRUTH, threads=2)
    np.testing.assert_array_equal(once.values, both.values)
    np.testing.assert_allclose(once.values, fits.values, rtol=1e-8)


@pytest.mark.slow
def test_curves_of_different_length_and_weights(curves):
    short = simulate(2, B=B[:31], first=40)
    known = {"starts": TRUTH, "weights": "standard_error", "precision": "float64"}
    fits = fit_many(one_channel, [curves[0], *short], BOTH, **known)
    expected = fit(one_channel, short[1], BOTH, weights="standard_error", starts=8).best
    found = fits["gate 41"]
    assert found.dof == 29
    assert found.sum_of_squares == pytest.approx(expected.sum_of_squares, rel=1e-9)
    np.testing.assert_allclose(
        list(found.standard_errors.values()), list(expected.standard_errors.values()), rtol=1e-6
    )


def test_a_value_known_for_each_curve_is_not_fitted():
    curves = [*simulate(1, noise=0.0), *simulate(1, noise=0.0, B_phi=8e-3, first=1)]
    known = {"B_phi": {"gate 0": 4e-3, "gate 1": 8e-3}}
    fits = fit_many(one_channel, curves, [ALPHA], fixed=known, precision="float64")
    np.testing.assert_allclose(fits.values, -0.5, rtol=1e-10)
    with pytest.raises(ValueError, match="not for 'gate 1'"):
        fit_many(one_channel, curves, [ALPHA], fixed={"B_phi": {"gate 0": 4e-3}})


@pytest.mark.slow
def test_a_value_on_its_bound_is_said_and_has_no_error(curves):
    tight = (ALPHA, Parameter("B_phi", 1e-2, 1.0, unit="T"))
    fits = fit_many(one_channel, curves[:2], tight, starts=4, precision="float64")
    assert np.all(fits.on_bound == [False, True])
    np.testing.assert_allclose(fits.values[:, 1], 1e-2, rtol=1e-12)
    assert np.all(np.isinf(fits.standard_errors[:, 1]))
    expected = fit(one_channel, curves[0], tight, starts=8).best
    assert fits["gate 0"].undetermined == expected.undetermined
    assert fits.values[0, 0] == pytest.approx(expected.values["alpha"], rel=1e-8)
    assert any("have B_phi on a bound" in sentence for sentence in fits.status)


def test_a_parameter_without_influence_is_undetermined(curves):
    def idle(B, alpha, B_phi):
        return alpha * hikami(B, 4e-3) + 0 * B_phi

    fits = fit_many(idle, curves[:1], BOTH, starts=2, precision="float64")
    assert list(fits["gate 0"].undetermined) == ["B_phi"]
    assert "1 fit does not determine B_phi: gate 0." in fits.status


def test_the_table_and_the_json_hold_every_curve(fits):
    rows = list(csv.DictReader(io.StringIO(fits.to_csv())))
    assert [row["label"] for row in rows] == list(fits.labels)
    assert float(rows[3]["B_phi (T)"]) == fits.values[3, 1]
    content = json.loads(fits.to_json())
    assert content["fits"][3]["values"]["alpha"] == fits.values[3, 0]
    assert content["status"] == ["12 of 12 fits converged."]


def test_a_label_that_is_not_there_is_refused(fits):
    with pytest.raises(KeyError, match="No curve has the label"):
        fits["gate 99"]


class Interruption(Exception):
    """Raised by a progress callback."""


@pytest.mark.slow
def test_an_interrupted_run_resumes_and_loses_nothing(tmp_path, monkeypatch, curves):
    monkeypatch.setattr("numerics.batch_fit._CHUNK", 32)
    path = tmp_path / "fits.jsonl"

    def interrupt(done, total, text):
        if done >= 4:
            raise Interruption

    arguments = (one_channel, curves, BOTH)
    with pytest.raises(Interruption):
        fit_many(*arguments, threads=1, checkpoint=path, progress=interrupt)
    lines = path.read_bytes().splitlines()
    assert len(lines) == 2
    # killed while it wrote the next line
    with path.open("ab") as file:
        file.write(b'{"chunk": 1, "results": {"u": [[0.1')
    seen = []
    resumed = fit_many(
        *arguments, threads=1, checkpoint=path, progress=lambda *step: seen.append(step[:2])
    )
    assert seen == [(8, 12), (12, 12)]
    whole = fit_many(*arguments, threads=1)
    np.testing.assert_array_equal(resumed.values, whole.values)
    np.testing.assert_array_equal(resumed.covariance, whole.covariance)
    assert path.read_bytes().splitlines()[:2] == lines
    again = fit_many(*arguments, threads=1, checkpoint=path, progress=seen.append)
    np.testing.assert_array_equal(again.values, resumed.values)
    assert len(seen) == 2


def test_a_checkpoint_of_other_work_is_refused(tmp_path, curves):
    path = tmp_path / "fits.jsonl"
    fit_many(one_channel, curves[:2], BOTH, starts=TRUTH, checkpoint=path)
    with pytest.raises(ValueError, match="is of other data, another model"):
        fit_many(one_channel, curves[1:3], BOTH, starts=TRUTH, checkpoint=path)
    with pytest.raises(ValueError, match="is of other data, another model"):
        fit_many(
            lambda B, **v: -one_channel(B, **v), curves[:2], BOTH, starts=TRUTH, checkpoint=path
        )
    path.write_text("label,alpha\n", encoding="utf-8")
    with pytest.raises(ValueError, match="is not a checkpoint"):
        fit_many(one_channel, curves[:2], BOTH, starts=TRUTH, checkpoint=path)
    assert path.read_text(encoding="utf-8") == "label,alpha\n"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"starts": 0}, "number of starts is 0"),
        ({"starts": {"alpha": 1.0}}, "give one for each of alpha, B_phi"),
        ({"starts": {"alpha": 9.0, "B_phi": 1e-3}}, "outside its bounds"),
        ({"threads": 0}, "number of threads is 0"),
        ({"precision": "half"}, "precision is 'half'"),
        ({"weights": "errors"}, "weights is 'errors'"),
    ],
)
def test_arguments_without_a_meaning_are_refused(curves, changed, message):
    with pytest.raises(ValueError, match=message):
        fit_many(one_channel, curves[:2], BOTH, **changed)


@double_precision()
@pytest.mark.parametrize("n", [1, 3, 6, LARGEST + 1])
def test_small_systems_are_solved(n):
    rng = np.random.default_rng(n)
    J, scale = rng.standard_normal((20, n)), 10.0 ** rng.uniform(-6, 6, n)
    right = rng.standard_normal((n, 2))
    matrix = J.T @ J * np.outer(scale, scale)
    found = jax.vmap(solve)(jnp.asarray(matrix)[None], jnp.asarray(right)[None])[0]
    expected = np.linalg.solve(J.T @ J, right / scale[:, None])
    np.testing.assert_allclose(scale[:, None] * np.asarray(found), expected, rtol=1e-8, atol=1e-16)
