"""Sums over windings as SymPy functions: definitions, exact values, digits, references."""

from __future__ import annotations

import pickle

import mpmath as mp
import pytest
import sympy as sp

from cooperon.windings import RingLog, RingSum, WindingSum

u, theta = sp.symbols("u theta", positive=True)
HEADS = (RingSum, RingLog, WindingSum)
# Beside each other: circumference, L_phi, Phi/Phi_0, and brute-force sums over angular modes:
# the cylinder in e^2/(pi h), and minus the ring in 2 e^2/h times micrometres.
CYLINDERS = (
    (1, 2, "0", "-0.12183628201877672176"),
    (1, 2, "1/4", "0.1144938225204816895"),
    ("3/4", 5, "0", "-2.6139040528410315661"),
)
RINGS = ((6, 3, "1/4", "2.2847824678672946644"), (4, 20, "1/10", "5.663063642376169733"))


def close(result, reference, digits):
    return abs(result / sp.Float(str(reference), digits + 10) - 1) < sp.Float(10) ** (1 - digits)


@pytest.mark.parametrize(("radius", "L_phi", "flux", "reference"), CYLINDERS)
def test_cylinder_has_the_sum_over_angular_modes(radius, L_phi, flux, reference):
    circumference = 2 * sp.pi * sp.Rational(radius) / L_phi
    value = -2 * WindingSum(circumference, 4 * sp.pi * sp.Rational(flux))
    assert close(value.evalf(25), reference, 19)


@pytest.mark.parametrize(("circumference", "L_phi", "flux", "reference"), RINGS)
def test_ring_has_the_sum_over_angular_modes(circumference, L_phi, flux, reference):
    ring = RingSum(sp.Rational(circumference, L_phi), 4 * sp.pi * sp.Rational(flux))
    assert close((L_phi * ring).evalf(25), reference, 18)


@pytest.mark.parametrize("at", [sp.Rational(1, 10**5), sp.Rational(7, 3), sp.Integer(14)])
def test_cylinder_is_an_integral_over_rings(at):
    value = WindingSum(at, sp.Rational(6, 5)).evalf(30)
    with mp.workdps(45):
        size, phase, step = mp.mpf(at.p) / at.q, mp.mpf(6) / 5, mp.mpf(1) / 12

        def ring(y):
            x = mp.exp(-size * mp.cosh(y))
            return 2 * x * (mp.cos(phase) - x) / (1 - 2 * x * mp.cos(phase) + x**2)

        last = int(mp.acosh(max(110 / size, 2)) / step) + 1
        integral = step * (mp.fsum(ring(k * step) for k in range(last)) - ring(0) / 2)
    assert close(value, mp.nstr(integral, 40), 29)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("orders", [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (2, 1)])
def test_derivatives_are_those_of_the_unfolded_function(head, orders):
    derivative = head(u, theta).diff(u, orders[0], theta, orders[1])
    at = {u: sp.Float("2.5", 60), theta: sp.Float("0.7", 60)}
    with mp.workdps(60):
        reference = mp.diff(
            lambda x, y: mp.mpmathify(
                head(sp.Float(x, 60), sp.Float(y, 60)).evalf(55)._to_mpmath(190)
            ),
            (mp.mpf("2.5"), mp.mpf("0.7")), orders, h=mp.mpf(10) ** -11,
        )  # fmt: skip
    assert close(derivative.xreplace(at).evalf(25), mp.nstr(reference, 30), 8)


def test_two_derivatives_by_the_phase_are_minus_two_by_the_circumference():
    for head in (RingSum, RingLog):
        assert head(u, theta).diff(theta, 2) == -head(u, theta).diff(u, 2)
    assert RingLog(u, theta).diff(u, 2) == RingSum(u, theta).diff(u)
    W = WindingSum(u, theta)
    potential = W.diff(u, 2) + W.diff(u) / u + W.diff(theta, 2)
    assert abs(potential.subs({u: 1, theta: 2}).evalf(25)) < 1e-24


def test_logarithm_has_the_ring_sum_as_derivative_without_its_cancellation():
    at = RingLog(500, 1, 1, 0).evalf(30) / (2 * sp.exp(-500) * sp.cos(1))
    assert abs(at - 1) < sp.Float("1e-28", 30)
    assert close((1 + RingLog(2, 1, 1, 0)).evalf(30), RingSum(2, 1).evalf(40), 29)


def test_unfolded_forms_are_those_of_the_textbook():
    assert RingSum(u, theta).doit() == sp.sinh(u) / (sp.cosh(u) - sp.cos(theta))
    assert RingSum(u, 0).doit() == sp.coth(u / 2)
    assert RingSum(u, 3 * sp.pi).doit() == sp.tanh(u / 2)
    assert sp.exp(RingLog(u, 0).doit() / 2) == 1 - sp.exp(-u)
    n = sp.Symbol("n", integer=True)
    assert (
        WindingSum(u, theta).doit()
        == 2
        * sp.Sum(2 * sp.besselk(0, n * u) * sp.cos(n * theta) / 2, (n, 1, sp.oo)).func(
            2 * sp.besselk(0, n * u) * sp.cos(n * theta), (n, 1, sp.oo)
        )
        / 2
    )
    for head in (RingSum, RingLog):
        series = head(3, 1).rewrite(sp.Sum)
        truncated = series.replace(
            sp.Sum, lambda f, limits: sum(f.subs(limits[0], k) for k in range(1, 30))
        )
        assert abs((truncated - head(3, 1)).evalf(30)) < 1e-30


def test_exact_values_and_limits():
    assert RingSum(sp.oo, theta) == 1
    assert RingLog(sp.oo, theta) == WindingSum(sp.oo, theta) == RingSum(sp.oo, theta, 1, 0) == 0
    assert (RingSum(0, 0), RingSum(0, 1), RingLog(0, 0)) == (sp.oo, 0, -sp.oo)
    assert RingLog(0, sp.pi / 3) == 0
    assert (WindingSum(0, 0), WindingSum(0, 1)) == (sp.oo, -sp.oo)
    assert sp.limit(u * RingSum(u, 0), u, 0) == 2
    assert sp.limit(RingLog(u, 0) - 2 * sp.log(u), u, 0) == 0


@pytest.mark.parametrize("head", HEADS)
def test_functions_are_even_and_periodic_in_the_phase(head):
    assert head(u, -theta) == head(u, theta + 4 * sp.pi) == head(u, theta)
    assert head(u, -theta, 0, 1) == -head(u, theta, 0, 1)
    assert head(u, 0, 0, 1) == head(u, sp.pi, 0, 1) == 0
    assert head(u, theta).is_extended_real
    assert pickle.loads(pickle.dumps(head(u, theta).diff(u))) == head(u, theta).diff(u)


def test_finite_frequency_is_evaluated_on_the_branch_that_decays():
    at = 2 - 7 * sp.I
    for head in (RingSum, RingLog):
        assert abs((head(at, 1) - head(at, 1).doit()).evalf(30)) < 1e-28
    assert abs(sp.im(RingLog(at, 1).evalf(20))) < sp.pi


def test_latex_is_what_the_textbook_prints():
    assert sp.latex(RingSum(u, theta)) == r"\frac{\sinh u}{\cosh u - \cos \theta}"
    assert sp.latex(RingLog(u, theta)) == (r"\ln\left(1 - 2 e^{- u} \cos \theta + e^{- 2 u}\right)")
    assert sp.latex(WindingSum(2 * u, theta)) == (
        r"2 \sum_{n=1}^{\infty} K_{0}\left(2 n u\right) \cos\left(n \theta\right)"
    )
    assert sp.latex(RingSum(u, theta).diff(u)) == (
        r"\partial_{u}\left(\frac{\sinh u}{\cosh u - \cos \theta}\right)"
    )


def test_impossible_arguments_are_refused():
    with pytest.raises(ValueError, match="must be real, but got I; pass a real phase"):
        RingSum(u, sp.I)
    with pytest.raises(ValueError, match="must have a positive real part, but got -1"):
        RingLog(-1, theta)
    with pytest.raises(ValueError, match="u must be real, but got I"):
        WindingSum(sp.I, theta)
    with pytest.raises(ValueError, match=r"integers >= 0, but got \(-1, 0\)"):
        WindingSum(u, theta, -1, 0)
    with pytest.raises(sp.core.function.ArgumentIndexError):
        RingSum(u, theta).fdiff(3)
