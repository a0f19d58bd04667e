"""Simulation-based calibration: right samplers pass, and wrong ones would not."""

import importlib.util

import numpy as np
import pytest

from numerics.calibration import _judge, simulation_based_calibration
from numerics.curve import Curve
from numerics.parameters import Parameter
from numerics.prior import log_normal, normal

HAVE = importlib.util.find_spec("numpyro") is not None
B = np.linspace(0.1, 1.0, 12)


def decay(B, height, rate):
    return height * B / (B + rate)


@pytest.mark.slow
@pytest.mark.skipif(not HAVE, reason="numpyro is not installed")
def test_ranks_of_a_nonlinear_model_are_uniform():
    found = simulation_based_calibration(
        decay,
        Curve(B, 0 * B, standard_error=np.full(len(B), 0.2)),
        [Parameter("height", -20.0, 20.0), Parameter("rate", 1e-2, 10.0)],
        priors={"height": normal(2.0, 1.0), "rate": log_normal(0.4, 0.5)},
        simulations=60,
        draws=31,
        thin=6,
        stage=90,
        acceptance=0.8,
        batch=60,
    )
    assert set(found.ranks) == {"height", "rate", "posterior density"}
    assert "calibrated as far as these show" in found.status[0]
    for ranks in found.ranks.values():
        assert ranks.min() >= 0
        assert ranks.max() <= 31
        assert np.mean(ranks) == pytest.approx(15.5, abs=4 * 9.2 / np.sqrt(60))


@pytest.mark.parametrize(
    "place",
    [
        lambda u: np.where(u < 0.5, u / 2, 1 - u / 4),  # horns: too narrow
        lambda u: 0.3 + 0.4 * u,  # a hump: too wide
        lambda u: u**1.5,  # biased
    ],
    ids=["narrow", "wide", "biased"],
)
def test_ranks_that_are_not_uniform_are_said(place):
    u = np.random.default_rng(0).random(200)
    good = np.floor(64 * u).astype(int)
    bad = np.floor(64 * place(u)).astype(int)
    found = _judge(np.column_stack([good, bad]), ("good", "bad"), 63, 0)
    assert len(found.status) == 1
    assert found.status[0].startswith("The ranks of bad are not uniform")


def test_uniform_ranks_pass():
    ranks = np.random.default_rng(1).integers(0, 64, (200, 3))
    assert "are uniform" in _judge(ranks, ("a", "b", "c"), 63, 0).status[0]


def test_too_few_simulations_are_refused():
    curve = Curve(B, 0 * B, standard_error=np.ones(len(B)))
    with pytest.raises(ValueError, match="cannot show a distribution"):
        simulation_based_calibration(decay, curve, [], simulations=3)
