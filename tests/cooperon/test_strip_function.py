"""The exact strip: reference values, other methods, and the limits that have a formula."""

import json
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from scipy.constants import e, hbar

from cooperon import latex
from cooperon.kernels import HikamiFunction
from cooperon.strip_arithmetic import arbitrary, extended
from cooperon.strip_edge import images, wall_coefficients
from cooperon.strip_function import StripFunction, narrow_strip
from cooperon.strip_trace import _with_field, strip_trace
from cooperon.strip_validity import narrow_strip_deviation, narrow_strip_warning
from cooperon.strip_value import strip_value
from diagrams.symbols import B, B_phi

B_W = sp.Symbol("B_W", positive=True)
ENTRIES = json.loads((Path(__file__).parents[1] / "data/wire_diffusive.json").read_text())
EXACT = {entry["name"]: entry for entry in ENTRIES["entries"] if "exact" in entry["name"]}


def fields(parameters):
    lengths = (float(parameters[name]) for name in ("L_phi_m", "W_m"))
    return float(parameters["B_T"]), *(hbar / (4 * e * length**2) for length in lengths)


def number(*arguments):
    return float(StripFunction(*(sp.Float(a, 17) for a in arguments)).evalf(15))


@pytest.mark.parametrize("name", EXACT)
def test_reference_values_are_reproduced(name):
    entry = EXACT[name]
    parameters = entry["parameters"]
    per_quantum = number(*fields(parameters)) * float(parameters["W_m"]) / (2 * np.pi)
    # the entry is good to the difference of its two calculations
    assert per_quantum == pytest.approx(float(entry["value"]), rel=7e-9)


@pytest.mark.parametrize(("p", "b", "c"), [(0.3, 2.0, 0.5), (4.0, 1.5, 1.0), (1.0, 6.0, 0.1)])
def test_trace_at_one_momentum_is_that_of_parabolic_cylinder_functions(p, b, c):
    def logarithm(c2):
        left, right = (mp.sqrt(2 * b) * (p / b + s) for s in (-1, 1))
        a = c2 / (2 * b)

        def slope(z):
            return z / 2 * mp.pcfu(a, z) - mp.pcfu(a - 1, z)

        return mp.log(slope(left) * slope(-right) - slope(right) * slope(-left)) + mp.loggamma(
            a + mp.mpf(1) / 2
        )

    with mp.workdps(30):
        expected = float(mp.diff(logarithm, mp.mpf(c) ** 2))
    arguments = (np.array([[v]], np.longdouble) for v in (p, b, c * c))
    assert float(_with_field(*arguments, 32)[0, 0]) == pytest.approx(expected, rel=1e-14)


def by_diagonalization(b, c, modes=90, nodes=70):
    """S in a basis of cosines: sum over eigenvalues, Gauss and Legendre in asinh p."""
    m = np.arange(modes)
    norm = np.where(m == 0, np.sqrt(0.5), 1)
    s, weight = np.polynomial.legendre.leggauss(4 * modes)
    cosines = norm[:, None] * np.cos(np.pi * np.outer(m, s + 1) / 2)
    y, y2 = ((cosines * weight * s**k) @ cosines.T for k in (1, 2))
    x, weight = np.polynomial.legendre.leggauss(nodes)
    end = np.arcsinh(2e3)
    p = np.sinh(end * (x + 1) / 2)
    free = (np.pi * m / 2) ** 2 + c * c
    matrices = np.diag(free) + 2 * b * p[:, None, None] * y + b * b * y2
    with_field = np.sum(1 / (np.linalg.eigvalsh(matrices) + p[:, None] ** 2), axis=1)
    difference = np.sum(1 / (free + p[:, None] ** 2), axis=1) - with_field
    return np.sum(difference * np.sqrt(1 + p * p) * weight) * end


@pytest.mark.parametrize(("b", "c"), [(2.0, 0.4), (8.0, 2.0)])
def test_it_is_the_sum_over_diagonalized_transverse_modes(b, c):
    assert float(strip_value(b, c)) == pytest.approx(by_diagonalization(b, c), rel=3e-5)


def test_narrow_strip_is_the_limit_of_small_widths():
    for width, limit in ((1e-2, 3e-3), (1e-3, 3e-4)):
        exact = number(width, width**2, 1.0)
        narrow = float(narrow_strip(*map(sp.Float, (width, width**2, 1.0))))
        assert 0 < narrow / exact - 1 < limit


def test_wide_strip_is_the_layer_and_its_walls():
    layer = float(HikamiFunction(1, sp.Rational(1, 10)).evalf(15))
    wide, wider = (number(1, 0.1, B_W) - layer for B_W in (1e-4, 1e-6))
    assert wide / wider == pytest.approx(10, rel=1e-10)
    assert number(1, 0.1, 1e-14) == pytest.approx(layer, rel=1e-5)


def test_series_of_the_walls_is_what_the_calculation_finds():
    x, b = mp.mpf(8), mp.mpf(30)
    c = mp.sqrt(2 * b * x)
    walls = strip_value(b, c) - mp.digamma(x + 0.5) + mp.log(x)
    terms = (
        v.numerator / mp.mpf(v.denominator) / (2 * x) ** (2 * k)
        for k, v in enumerate(wall_coefficients(10), 1)
    )
    assert float(walls / (mp.pi / c * mp.fsum(terms))) == pytest.approx(1, abs=1e-10)


@pytest.mark.parametrize(("b", "c"), [(24.0, 0.3), (24.0, 3.0), (21.0, 14.0)])
def test_far_walls_agree_with_the_direct_calculation(b, c):
    direct = strip_trace(*(np.array([v], np.longdouble) for v in (b, c)), _extended())[0]
    assert float(strip_value(b, c)) == pytest.approx(float(direct), rel=1e-13)


def _extended():
    arithmetic = extended()
    if arithmetic is None:
        pytest.skip("longdouble is only a double on this machine")
    return arithmetic


def test_both_arithmetics_agree():
    with mp.workdps(20):
        arithmetic = arbitrary(8)
        found = strip_trace(*(arithmetic.array([v]) for v in (0.5, 0.25)), arithmetic)[0]
    assert float(found) == pytest.approx(float(strip_value(0.5, 0.25)), rel=1e-8)


@pytest.mark.parametrize("c", ["0.1", "0.79", "0.81"])
def test_images_are_the_sum_of_bessel_functions(c):
    with mp.workdps(20):
        c = mp.mpf(c)
        expected = 4 * mp.fsum(mp.besselk(0, 4 * n * c) for n in range(1, int(12 / c) + 2))
        assert abs(images(c) / expected - 1) < 1e-15


def test_it_depends_on_two_ratios_only():
    assert number(0.3, 0.2, 0.1) == pytest.approx(number(30, 20, 10), rel=1e-14)


def test_it_is_even_and_has_exact_values():
    assert StripFunction(-B, B_phi, B_W) == StripFunction(B, B_phi, B_W)
    assert StripFunction(0, B_phi, B_W) == 0
    assert StripFunction(B, sp.oo, B_W) == 0
    assert StripFunction(B, B_phi, sp.oo) == 0
    assert StripFunction(1, 0, B_W) is sp.oo
    assert StripFunction(B, B_phi, 0) == HikamiFunction(B, B_phi)


def test_it_grows_with_the_field_and_stays_below_its_zero_field_value():
    values = [number(field, 0.3, 1.0) for field in (0.5, 1, 2, 4, 8, 100, 1000)]
    assert all(np.diff(values) > 0)


def test_it_prints_its_arguments_and_is_real():
    function = StripFunction(B, B_phi, B_W)
    assert latex(function) == r"\Psi_{\mathrm{strip}}\left(B, B_\phi, B_{W}\right)"
    assert function.is_extended_real
    assert function.is_extended_nonnegative


def test_fields_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="must be real"):
        StripFunction(sp.I, B_phi, B_W)
    with pytest.raises(ValueError, match="B_W must be real and not negative"):
        StripFunction(B, B_phi, -1)
    with pytest.raises(NotImplementedError, match=r"jax\.grad"):
        StripFunction(B, B_phi, B_W).diff(B)


@pytest.mark.parametrize("name", EXACT)
def test_deviation_of_the_narrow_formula_is_that_of_the_reference(name):
    parameters = EXACT[name]["parameters"]
    deviation = narrow_strip_deviation(*fields(parameters))
    assert deviation == pytest.approx(1 / float(parameters["ratio_exact_to_AA"]) - 1, rel=1e-5)


def test_deviation_in_weak_fields_is_that_of_the_curvatures():
    weak = narrow_strip_deviation(0.0, 1.0, 1.0)
    assert narrow_strip_deviation(1e-9, 1.0, 1.0) == weak
    assert weak == pytest.approx(narrow_strip_deviation(0.6, 1.0, 1.0), rel=1e-2)


def test_a_wide_wire_is_warned_of_and_a_narrow_one_is_not():
    B_phi_ = hbar / (4 * e * 1e-6**2)
    assert narrow_strip_warning(0.01, B_phi_, 1e-8) is None
    sentence = narrow_strip_warning(0.01, B_phi_, 1e-6)
    assert "the wire is 1000 nm wide and L_phi = 1000 nm" in sentence
    assert "use the exact strip" in sentence
    with pytest.raises(ValueError, match="width"):
        narrow_strip_warning(0.01, B_phi_, 0.0)
    with pytest.raises(ValueError, match="B_phi = 0"):
        narrow_strip_deviation(1.0, 0, 1.0)
    with pytest.raises(ValueError, match="must be finite"):
        narrow_strip_deviation(float("nan"), 1.0, 1.0)
