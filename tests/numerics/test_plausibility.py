"""Data that the model cannot be meant for are noticed, and scattered data are not blamed."""

import numpy as np
import pytest

from numerics.curve import Curve
from numerics.fit import fit
from numerics.kernels.hikami import hikami
from numerics.parameters import Parameter
from numerics.plausibility import implausible

B = np.linspace(-0.1, 0.1, 41)
PARAMETERS = [Parameter("B_phi", 1e-6, 1.0, unit="T")]


def change(B, B_phi):
    return hikami(B, B_phi)


def said(y):
    return [s for s in fit(change, Curve(B, y), PARAMETERS, starts=4).status if "worse than" in s]


@pytest.mark.slow
def test_wrong_data_are_named_and_right_ones_are_not():
    y = np.asarray(hikami(B, 2e-3))
    noise = np.random.default_rng(0).standard_normal(41)
    assert said(y + 0.1 * noise) == []
    (resistance,) = said(5000 - 20 * y)
    assert "is 5000 e^2/h at its smallest field" in resistance
    assert "give sigma(B) - sigma(0)" in resistance
    (sign,) = said(-y)
    assert "check the sign" in sign


def test_noise_alone_is_no_reason():
    noise = np.random.default_rng(1).standard_normal(41)
    assert implausible([Curve(B, noise)], {"data": noise}) == []
