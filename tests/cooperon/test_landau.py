"""The trace over Landau levels against a numerical sum and a lattice of charge 2e."""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from cooperon.landau import field_trace, landau_levels, level_sum, x
from diagrams.symbols import B, D, e, hbar


def value(gap):
    with mp.workdps(30):
        return mp.mpf(str(field_trace().subs(x, gap).evalf(30)))


def test_trace_is_minus_the_kernel():
    assert field_trace() == sp.log(x) - sp.digamma(x + sp.Rational(1, 2))


def test_levels_are_those_of_charge_2e():
    levels = landau_levels()
    assert levels.spacing == 4 * D * e * sp.Abs(B) / hbar
    assert levels.offset == sp.Rational(1, 2)
    assert sp.simplify(levels.degeneracy - e * sp.Abs(B) / (sp.pi * hbar)) == 0


def test_degeneracy_is_one_state_per_flux_quantum_of_charge_2e():
    flux_quantum = 2 * sp.pi * hbar / (2 * e)
    assert sp.simplify(landau_levels().degeneracy * flux_quantum / sp.Abs(B)) == 1


def test_level_sum_is_the_sum():
    count = sp.Symbol("N", positive=True)
    for number in (1, 2, 5):
        direct = sum(1 / (sp.Integer(n) + x) for n in range(number))
        assert sp.simplify(sp.expand_func(level_sum(x, count).subs(count, number)) - direct) == 0


def sum_minus_integral(gap, count=200):
    """Sum of `count` levels minus the integral, with the midpoint Euler-Maclaurin tail."""
    with mp.workdps(40):
        gap = mp.mpf(gap)
        y = count + gap
        levels = mp.fsum(1 / (n + mp.mpf(1) / 2 + gap) for n in range(count))
        tail = -1 / (24 * y**2) + 7 / (960 * y**4) - mp.mpf(31) / (8064 * y**6)
        return levels - mp.log(y / gap) + tail


@pytest.mark.parametrize("gap", ["0.001", "0.3", "1", "7.5", "120"])
def test_trace_is_the_sum_over_levels_minus_the_integral(gap):
    """The next term of the tail is below y^-8, and y > 200."""
    assert abs(sum_minus_integral(gap) - value(sp.Rational(gap))) < mp.mpf(200) ** -8


def hofstadter_trace(flux_cells, gap):
    """Return 4 pi [C(r, r) at one flux quantum per `flux_cells` cells - C(r, r) without].

    C = 1/(lattice Laplacian + mass) with mass = gap times the Landau spacing 4 pi/flux_cells.
    Bands are exponentially narrow, so that one Bloch vector is enough.
    """
    q, k = flux_cells, np.pi / (2 * flux_cells)
    mass = 4 * np.pi * gap / q
    rows = np.arange(q)
    H = np.diag(4 + mass - 2 * np.cos(2 * np.pi * rows / q + k)).astype(complex)
    H[rows, (rows + 1) % q] -= np.exp(1j * k)
    H[(rows + 1) % q, rows] -= np.exp(-1j * k)
    no_field = 2 / (mp.pi * (4 + mass)) * mp.ellipk((4 / (4 + mass)) ** 2)
    return 4 * np.pi * (np.trace(np.linalg.inv(H)).real / q - float(no_field))


@pytest.mark.parametrize("gap", [0.3, 1.0, 3.0])
def test_trace_is_the_continuum_limit_of_the_hofstadter_lattice(gap):
    """Lattice errors are linear in the flux per cell; the square of 1/256 is left over."""
    coarse, fine = (hofstadter_trace(cells, gap) for cells in (128, 256))
    assert 2 * fine - coarse == pytest.approx(float(value(sp.Float(gap))), abs=256.0**-2)


def test_strong_field_leaves_a_logarithm_and_weak_field_the_square_of_the_field():
    assert sp.limit(field_trace() - sp.log(x), x, 0) == sp.EulerGamma + 2 * sp.log(2)
    assert sp.limit(field_trace() * x**2, x, sp.oo) == -sp.Rational(1, 24)
