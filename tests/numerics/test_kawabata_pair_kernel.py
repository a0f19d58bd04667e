"""K at two mixed dephasing fields, against mpmath at the poles themselves.

With F_s(x) = x^(1-s)/(s-1) - zeta(s, 1/2 + x) and B = 1, the n-th derivative of K is
(-1)^n (1/2)_n F_(n+1/2).  The difference of both poles is taken with so many digits that enough
are left.
"""

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.kernels.kawabata import kawabata, kawabata_derivative
from numerics.kernels.kawabata_pair import (
    kawabata_mean,
    kawabata_mean_derivative,
    kawabata_pair,
    kawabata_pair_derivative,
)

# (m, d/m^2): close and far, real and complex, weak, strong, and on both sides of |B| = |p|
POINTS = [
    (1e-6, 0.3), (1e-6, 5.0), (0.03, 1e-4), (0.03, 1 - 1e-14), (1.9, 0.98), (2.1, 1.02),
    (2.0, 0.5), (1.3, 1e-6), (11.0, 0.3621), (5.0, 0.78), (4.0, 40.0), (3e2, 1 + 1e-13),
    (1e5, 0.01), (1e5, 1e5), (1e8, 0.999),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _double_precision():
    with jax.enable_x64(True):
        yield


def at_pole(pole, n):
    s = n + mp.mpf(1) / 2
    F = pole ** (1 - s) / (s - 1) - mp.zeta(s, mp.mpf(1) / 2 + pole)
    return (-1) ** n * mp.rf(mp.mpf(1) / 2, n) * F


def exact(m, d, n):
    """Odd and even part of the n-th derivative of K for the poles m +- sqrt(m^2 - d)."""
    with mp.workdps(120):
        m, s = mp.mpf(m), mp.mpf(m) ** 2 - mp.mpf(d)
        r = mp.sqrt(mp.mpc(s))
        upper, lower = at_pole(m + r, n), at_pole(m - r, n)
        return mp.re((upper - lower) / (2 * r)), mp.re((upper + lower) / 2), s


def test_both_parts_and_their_slopes_equal_those_of_the_poles():
    m, d = np.array([(m, ratio * m * m) for m, ratio in POINTS]).T
    found = [
        function(1.0, m, d, *orders)
        for orders in ((0, 0, 0), (0, 1, 0), (0, 0, 1))
        for function in (kawabata_pair_derivative, kawabata_mean_derivative)
    ]
    for k, (mean, product) in enumerate(zip(m, d, strict=True)):
        (odd, even, s), (odd_1, even_1, _) = exact(mean, product, 0), exact(mean, product, 1)
        with mp.workdps(120):
            expected = odd, even, odd_1, even_1, (even_1 - odd) / (2 * s), odd_1 / 2
        got = [float(row[k]) for row in found]
        np.testing.assert_allclose(got, [float(x) for x in expected], rtol=5e-14)


@pytest.mark.slow
def test_second_derivatives_where_the_poles_meet_are_those_of_the_taylor_series():
    """O = sum_j s^j K^(2j+1)/(2j+1)!: d^2/ds^2 is K^(5)/60 and d^2/dm ds is K''''/6."""
    for m in (1e-3, 0.7, 2.0, 30.0):
        got = [
            float(kawabata_pair_derivative(1.0, m, m * m, *orders))
            for orders in ((0, 0, 2), (0, 1, 1), (0, 2, 0))
        ]
        expected = [at_pole(mp.mpf(m), 5) / 60, at_pole(mp.mpf(m), 4) / 6, at_pole(mp.mpf(m), 3)]
        np.testing.assert_allclose(got, [float(x) for x in expected], rtol=2e-12)


@given(st.floats(-3, 3), st.floats(-2, 2), st.floats(0.1, 10))
@settings(max_examples=50, deadline=None)
def test_the_functions_are_even_in_the_field_and_homogeneous(log_m, log_ratio, scale):
    m, d = 10**log_m, 10 ** (2 * log_m + log_ratio)
    value = kawabata_pair(1.0, m, d)
    assert kawabata_pair(-1.0, m, d) == value < 0
    scaled = kawabata_pair(scale, scale * m, scale**2 * d) * np.sqrt(scale)
    np.testing.assert_allclose(scaled, value, rtol=1e-13)


def test_equal_poles_give_the_derivative_and_the_value_of_one():
    m = np.geomspace(1e-6, 1e6, 25)
    np.testing.assert_allclose(
        kawabata_pair(1.0, m, m * m), kawabata_derivative(1.0, m, 0, 1), rtol=1e-14
    )
    np.testing.assert_allclose(kawabata_mean(1.0, m, m * m), kawabata(1.0, m), rtol=1e-14)


@pytest.mark.slow
def test_derivatives_at_zero_field_are_those_of_the_weak_field_series():
    """K ~ B^2/(48 B_phi^(3/2)): exact zeros, and a curvature."""
    m, d = 1.3, 2.5
    assert kawabata_pair(0.0, m, d) == 0
    assert jax.grad(kawabata_pair)(0.0, m, d) == 0
    pole = mp.mpc(m, mp.sqrt(d - m * m))
    curvature = float(mp.im(pole**-1.5) / mp.im(pole) / 24)
    np.testing.assert_allclose(kawabata_pair_derivative(0.0, m, d, 2, 0, 0), curvature, rtol=1e-13)


def test_poles_without_a_positive_real_part_are_not_a_number():
    m, d = jnp.array([1.0, -1.0, 0.0, jnp.nan]), jnp.array([-0.5, 2.0, 1.0, 1.0])
    assert jnp.isnan(kawabata_pair(1.0, m, d)).all()


def test_complex_arguments_are_refused():
    with pytest.raises(TypeError, match="real arguments"):
        kawabata_pair(1.0, 1.0 + 1.0j, 2.0)
