"""Golden-rule rates of Nyquist noise against quadratures that share no code with them."""

import mpmath as mp
import pytest
import sympy as sp

from cooperon.nyquist import nyquist_length
from cooperon.nyquist_rates import (
    decay_rate,
    exponential_rate,
    in_conductivity,
    inverse_sinh_moment,
    iterated_rate,
    noise_kernel,
    occupation_factors,
    omega,
    out_rate,
    out_rate_at_zero_temperature,
    self_consistent_rate,
    slow_noise_rate,
    theta,
)
from diagrams.symbols import D, e, hbar, k_B, nu, symbol

NATURAL = {hbar: 1, nu: sp.Rational(3, 10), D: sp.Rational(7, 5)}


def kernel_by_quadrature(d, frequency):
    """(1/(pi nu)) int d^dq/(2 pi)^d 1/(D^2 q^4 + omega^2), hbar = 1."""
    density, diffusion = mp.mpf(3) / 10, mp.mpf(7) / 5
    sphere = {1: 2, 2: 2 * mp.pi, 3: 4 * mp.pi}[d]
    scale = mp.sqrt(frequency / diffusion)

    def integrand(q):
        shell = sphere * (q / (2 * mp.pi)) ** (d - 1) / (2 * mp.pi)
        return shell / (diffusion**2 * q**4 + frequency**2)

    return mp.quad(integrand, [0, scale, 10 * scale, mp.inf]) / (mp.pi * density)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_the_noise_kernel_is_the_momentum_integral(d):
    with mp.workdps(25):
        value = sp.N(noise_kernel(d).subs(NATURAL).subs(omega, sp.Rational(9, 4)), 25)
        assert mp.almosteq(mp.mpmathify(value), kernel_by_quadrature(d, mp.mpf(9) / 4), 1e-20)


def test_the_kernel_in_three_dimensions_has_the_constant_of_altshuler_and_aronov():
    value = sp.N(noise_kernel(3).subs({hbar: 1, nu: 1, D: 1, omega: 1}), 25)
    assert abs(value - sp.Float("0.01791122400783613321455919", 25)) < 1e-23


def test_the_out_rate_at_finite_temperature_is_emission_and_absorption_counted():
    temperature = mp.mpf(2)

    def quanta(w):
        n = 1 / mp.expm1(w / temperature)
        empty_below, empty_above = (1 / (1 + mp.exp(s * w / temperature)) for s in (1, -1))
        constant = 1 / (4 * mp.sqrt(2) * mp.pi**2)
        kernel = constant / (mp.sqrt(w) * mp.mpf(3) / 10 * (mp.mpf(7) / 5) ** 1.5)
        return w * kernel * ((1 + n) * empty_below + n * empty_above)

    with mp.workdps(20):
        counted = mp.quad(quanta, [0, 0.01, 1, 10, 100])
        value = mp.mpmathify(sp.N(out_rate().subs(NATURAL).subs(theta, 2), 20))
        assert mp.almosteq(value, counted, 1e-9)


def test_the_out_rate_in_three_dimensions_is_0_0536():
    value = sp.N(out_rate().subs({hbar: 1, nu: 1, D: 1, theta: 1}), 12)
    assert abs(value - sp.Float("0.0536127939827", 12)) < 1e-12


def test_the_cooperon_decays_twice_as_fast_as_electrons_leave():
    leave, fill = occupation_factors()
    assert sp.simplify(leave - fill) == 0
    assert sp.simplify(decay_rate() / out_rate()) == 2


@pytest.mark.parametrize("s", [sp.Rational(3, 2), sp.Integer(2), sp.Rational(7, 2)])
def test_moments_of_the_inverse_sinh(s):
    with mp.workdps(20):
        exact = mp.quad(lambda y: y ** (s - 1) / mp.sinh(y), [0, 0.01, 1, 10, 80])
        assert mp.almosteq(mp.mpmathify(sp.N(inverse_sinh_moment(s), 20)), exact, 1e-9)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_the_rate_at_zero_temperature_grows_with_the_power_d_over_2(d):
    energy = symbol("epsilon")
    rate = out_rate_at_zero_temperature(d)
    assert sp.simplify(energy * rate.diff(energy) / rate) == sp.Rational(d, 2)


def test_in_two_dimensions_the_decay_rate_grows_by_the_logarithm_of_its_cutoff():
    def decay(cutoff):
        return mp.quad(lambda w: 2 / mp.sinh(w), [cutoff, 10 * cutoff, 1, 60])

    growth = (decay(mp.mpf("1e-5")) - decay(mp.mpf("1e-4"))) / mp.log(10)
    rate = slow_noise_rate().subs({hbar: 1, nu: 1, D: 1, theta: 1})
    kernel = noise_kernel(2).subs({hbar: 1, nu: 1, D: 1, omega: 1})
    assert float(rate / kernel) == pytest.approx(float(growth), rel=1e-8)


@pytest.mark.parametrize("resistance", [3, 500, 6000])
def test_the_self_consistent_rate_solves_its_equation(resistance):
    values = {e: sp.Float("1.602176634e-19", 40), hbar: sp.Float("1.054571817e-34", 40)}
    values |= {k_B: sp.Float("1.380649e-23", 40), symbol("T"): sp.Float("1.7", 40)}
    rate = in_conductivity(self_consistent_rate(), 1 / sp.Integer(resistance))
    solved = mp.mpmathify(sp.N(rate.subs(values), 30))
    with mp.workdps(30):
        E, H, K = mp.mpf("1.602176634e-19"), mp.mpf("1.054571817e-34"), mp.mpf("1.380649e-23")
        frequency = K * mp.mpf("1.7") / H
        a = E**2 * resistance / (2 * mp.pi * H)
        start = a * frequency * mp.log(1 + 1 / a)
        root = mp.findroot(lambda r: r - a * frequency * mp.log(frequency / r), start)
        assert mp.almosteq(solved, root, 1e-25)


def test_iterating_converges_to_the_self_consistent_rate():
    values = {hbar: 1, nu: 100, D: 1, theta: 1}
    rate = 2 * slow_noise_rate().subs(values)
    for _ in range(60):
        rate = sp.N(iterated_rate(rate).subs(values), 20)
    assert abs(rate / sp.N(self_consistent_rate().subs(values), 20) - 1) < 1e-18


def test_exponential_decay_in_one_dimension_has_the_correction_of_the_noise():
    """1.3717 L_N, the value of the Airy ratio at zero, is the dephasing length."""
    length = sp.sqrt(D / exponential_rate())
    assert float(sp.simplify(length / nyquist_length())) == pytest.approx(1.371721164198448, 1e-14)


@pytest.mark.parametrize("d", [0, 4])
def test_a_dimension_without_a_kernel_is_refused(d):
    with pytest.raises(ValueError, match="choose 1, 2 or 3"):
        noise_kernel(d)
