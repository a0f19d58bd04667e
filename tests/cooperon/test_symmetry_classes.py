"""The three classical symmetry classes as limits of one expression."""

from functools import cache

import mpmath as mp
import pytest
import sympy as sp

from cooperon import HikamiFunction, magnetoconductivity, model
from diagrams.symbols import B, B_phi

Psi = HikamiFunction(B, B_phi)
SPIN_ORBIT = [f"B_so_{i}" for i in "xyz"]
MAGNETIC = [f"B_s_{i}" for i in "xyz"]


@cache
def hln():
    return magnetoconductivity(model("hln").conductor())


def limit(spin_orbit, magnetic):
    fields = dict.fromkeys(SPIN_ORBIT, spin_orbit) | dict.fromkeys(MAGNETIC, magnetic)
    return hln().subs(fields).expression


@pytest.mark.parametrize(
    ("name", "spin_orbit", "magnetic", "alpha"),
    [
        ("orthogonal", 0, 0, sp.S.One),
        ("symplectic", sp.oo, 0, -sp.S.Half),
        ("unitary", 0, sp.oo, sp.S.Zero),
        ("unitary with spin-orbit", sp.oo, sp.oo, sp.S.Zero),
    ],
)
def test_each_class_is_a_limit_of_one_expression(name, spin_orbit, magnetic, alpha):
    assert limit(spin_orbit, magnetic) == alpha * Psi


@pytest.mark.parametrize(
    ("spin_orbit", "magnetic", "alpha"), [(1e-9, 1e-9, 1), (1e9, 1e-12, -0.5), (1e-9, 1e9, 0)]
)
def test_limits_are_approached(spin_orbit, magnetic, alpha):
    """Fields six and more decades away; corrections are linear in them."""
    value = limit(spin_orbit, magnetic).subs({B: 0.02, B_phi: 0.001})
    kernel = mp.digamma(mp.mpf(1) / 2 + 0.05) - mp.log(0.05)
    assert float(value) == pytest.approx(alpha * float(kernel), abs=1e-5)


@pytest.mark.parametrize(("spin_orbit", "sign"), [(0, 1), (sp.oo, -1)])
def test_magnetoconductance_is_positive_without_and_negative_with_spin_orbit(spin_orbit, sign):
    value = limit(spin_orbit, 0)
    for field in (0.001, 0.1, -0.1):
        assert sp.sign(value.subs({B: field, B_phi: 0.01}).evalf()) == sign


def test_weak_spin_orbit_disorder_turns_the_sign_at_a_field():
    """Antilocalization below, localization above the field of spin relaxation."""
    fields = dict.fromkeys(SPIN_ORBIT, 0.02) | dict.fromkeys(MAGNETIC, 0) | {"B_phi": 0.001}
    low, high = (float(hln().subs(fields | {"B": b}).expression) for b in (0.01, 100.0))
    assert low < 0 < high
