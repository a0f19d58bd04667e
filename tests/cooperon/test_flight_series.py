"""Flights on Landau levels: the series in the field against inverse matrices and continuations."""

import mpmath as mp
import numpy as np
import pytest

from cooperon.flight_series import flight_series
from cooperon.nondiffusive_value import _Levels, _Terms


def inverse(s, b, size=400):
    """The inverse of s + i (b/2)^(1/2) (a + a^+), cut far above the levels that are looked at."""
    root = 1j * np.sqrt(b / 2 * np.arange(1, size))
    return np.linalg.inv(np.diag(np.full(size, complex(s))) + np.diag(root, 1) + np.diag(root, -1))


def series(name, x, w):
    rows = getattr(flight_series(4), name)
    return sum(w**k * sum(float(u) * x**m for m, u in enumerate(row)) for k, row in enumerate(rows))


@pytest.mark.parametrize(("b", "level"), [(0.02, 3), (0.02, 60), (0.1, 80)])
def test_the_series_is_the_inverse_matrix(b, level):
    s = 1.05
    exact = inverse(s, b)
    v = b * (level + 0.5)
    p = (s**2 + 2 * v) ** -0.5
    assert p * series("diagonal", s * p, (b * p**2) ** 2) == pytest.approx(
        exact[level, level].real, rel=3e-13
    )
    v = b * (level + 1)
    p = (s**2 + 2 * v) ** -0.5
    T = (1 - series("remainder", s * p, (b * p**2) ** 2)) / 2
    off_diagonal = np.sqrt(b / 2 * (level + 1)) * abs(exact[level, level + 1])
    assert pytest.approx(off_diagonal, rel=3e-12) == T


def test_the_mean_of_neighbouring_squares_has_its_own_series():
    s, b, level = 1.02, 0.03, 50
    exact = abs(inverse(s, b))
    mean = (exact[level, level + 1] ** 2 + exact[level - 1, level] ** 2) / 2
    p = (s**2 + 2 * b * (level + 0.5)) ** -0.5
    c, w = s * p, (b * p**2) ** 2
    found = p**2 * (series("squares", c, w) + series("lowest", 1 / (1 + c), w))
    # at order 0, `lowest` is 2 y - 1 = (1 - c)/(1 + c)
    assert found == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("level", [40, 41])
@pytest.mark.parametrize("b", [1.0, 10.0])
def test_a_pair_that_crosses_its_orbit_adds_a_part_of_alternating_sign(b, level):
    s = 1.01
    above, below = mp.mpf(0), mp.mpf(0)
    for n in range(40000, level, -1):
        above = 1 / (s + b / 2 * (n + 1) * above)
    for n in range(level):
        below = 1 / (s + b / 2 * n * below)
    exact = 1 / (s + b / 2 * (level * below + (level + 1) * above))
    levels = _Levels(mp.mpf(b), mp.mpf(s - 1), _Terms(1, 1), level)
    v = b * mp.mpf(2 * level + 1) / 2
    smooth, crossed = levels._diagonal(v), levels._crossed(v)
    assert crossed > 1e-9
    assert float(smooth * (1 + (-1) ** level * crossed) / exact - 1) == pytest.approx(0, abs=1e-13)


def test_orders_do_not_depend_on_how_many_are_asked_for():
    short, long = flight_series(2), flight_series(4)
    for name in ("diagonal", "remainder", "squares", "lowest", "action"):
        assert getattr(long, name)[:3] == getattr(short, name)
