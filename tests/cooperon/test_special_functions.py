"""SymPy functions with kernels of their own: definition, exact values, derivatives, digits."""

from __future__ import annotations

import pickle

import mpmath as mp
import pytest
import sympy as sp

from cooperon.airy_ratio import AiryRatio, AiryRatioDerivative
from cooperon.hyperbolic import FiniteWire, Langevin, XCosech, XCoth
from cooperon.kawabata import KawabataFunction, KawabataFunctionDerivative
from cooperon.theta import Theta3

B, B_phi, x, t = sp.symbols("B B_phi x t", positive=True)
b, z = sp.symbols("b z", real=True)
half = sp.Rational(1, 2)
K = KawabataFunction(B, B_phi)


def agrees(result: sp.Expr, reference: mp.mpf, digits: int) -> bool:
    with mp.workdps(digits + 10):
        value = mp.mpmathify(result._to_mpmath(mp.mp.prec))
        return bool(abs(value / reference - 1) < mp.mpf(10) ** (1 - digits))


def kawabata(B: object, B_phi: object) -> mp.mpf:
    q = mp.mpmathify(B_phi) / abs(mp.mpmathify(B))
    return mp.sqrt(abs(mp.mpmathify(B))) * (-2 * mp.sqrt(q) - mp.zeta(0.5, q + 0.5))


def test_kawabata_unfolds_to_the_textbook_formula() -> None:
    q = B_phi / sp.Abs(b)
    expected = sp.sqrt(sp.Abs(b)) * (-2 * sp.sqrt(q) - sp.zeta(half, half + q))
    difference = KawabataFunction(b, B_phi).rewrite(sp.zeta) - expected
    assert abs(difference.subs({b: -2, B_phi: 3}).evalf(20)) < 1e-18


def test_kawabata_prints_as_the_textbook_prints_it() -> None:
    assert sp.latex(K) == r"\sqrt{B}\, f_{3}\left(\frac{B_{\phi}}{B}\right)"
    assert sp.latex(K.diff(B)) == r"\partial_{B} " + sp.latex(K)


def test_kawabata_is_even_and_its_slope_odd_in_the_field() -> None:
    assert KawabataFunction(-b, B_phi) == KawabataFunction(b, B_phi)
    slope = KawabataFunctionDerivative(b, B_phi, 1, 0)
    assert slope.subs(b, -b) == -slope


def test_kawabata_has_exact_values_and_series() -> None:
    assert KawabataFunction(0, B_phi) == KawabataFunction(b, sp.oo) == 0
    assert KawabataFunction(sp.oo, B_phi) is sp.oo
    assert agrees(KawabataFunction(4, 0).evalf(20), -2 * mp.zeta(0.5, 0.5), 14)
    assert KawabataFunctionDerivative(0, B_phi, 2, 0) == B_phi ** sp.Rational(-3, 2) / 24
    assert K.diff(B).subs(B, 0) == 0
    assert sp.limit(K / B**2, B, 0) == B_phi ** sp.Rational(-3, 2) / 48
    assert sp.limit(K / sp.sqrt(B), B, sp.oo) == -sp.zeta(half, half)


@pytest.mark.parametrize("orders", [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)])
@pytest.mark.parametrize("fields", [(1, 3), (-7, 2), (1, 10**6)])
def test_kawabata_evaluates_to_the_digits_asked_for(
    orders: tuple[int, int], fields: tuple[int, int]
) -> None:
    result = KawabataFunctionDerivative(*fields, *orders).evalf(25)
    with mp.workdps(90):
        assert agrees(result, mp.diff(kawabata, fields, orders) if any(orders)
                      else kawabata(*fields), 25)  # fmt: skip


def test_kawabata_evaluates_where_its_terms_cancel_completely() -> None:
    result = 48 * KawabataFunction(1, 10**400).evalf(30) * sp.Integer(10) ** 600
    assert abs(result - 1) < sp.Float("1e-29", 30)


def test_kawabata_refuses_undefined_arguments_with_the_value() -> None:
    with pytest.raises(ValueError, match=r"must not be negative, but got -2; pass"):
        KawabataFunction(B, -2)
    with pytest.raises(ValueError, match=r"must be real, but got I; pass"):
        KawabataFunction(sp.I, B_phi)
    with pytest.raises(ValueError, match=r"integers >= 0, but got \(-1, 0\)"):
        KawabataFunctionDerivative(B, B_phi, -1, 0)


def test_kernels_exist_up_to_second_order() -> None:
    assert (K.diff(B, 2)._jaxcode, K.diff(B, 3)._jaxcode) == ("kawabata_derivative", None)
    assert AiryRatio(x).diff(x, 2)._jaxcode == "airy_ratio"
    assert AiryRatio(x).diff(x, 3)._jaxcode is None
    assert (XCoth(x).diff(x, 2)._jaxcode, XCoth(x).diff(x, 3)._jaxcode) == ("x_coth", None)


def test_airy_ratio_obeys_its_differential_equation() -> None:
    rho = AiryRatio(x)
    assert sp.expand(rho.diff(x).doit() - (1 - x * rho.doit() ** 2)) == 0
    equation = AiryRatioDerivative(x, 2) + rho**2 + 2 * x * rho * rho.diff(x)
    assert abs(equation.subs(x, half).evalf(30)) < 1e-28


@pytest.mark.parametrize("n", [0, 1, 2])
@pytest.mark.parametrize(
    "at", [sp.Rational(-1, 2), sp.Integer(0), sp.Integer(3), sp.Integer(10**5)]
)
def test_airy_ratio_evaluates_to_the_digits_asked_for(n: int, at: sp.Rational) -> None:
    with mp.workdps(60):
        point = mp.mpf(at.p) / at.q
        reference = mp.diff(lambda v: mp.airyai(v) / mp.airyai(v, 1), point, n)
    assert agrees(AiryRatioDerivative(at, n).evalf(25), reference, 25)


def test_airy_ratio_has_its_limits_and_asymptotic_series() -> None:
    rho = AiryRatio(x)
    assert sp.limit(rho, x, sp.oo) == 0
    assert sp.limit(rho * sp.sqrt(x), x, sp.oo) == -1
    tail = sp.series(rho, x, sp.oo, 4).removeO()
    value, reference = (f.subs(x, 100).evalf(20) for f in (tail, rho))
    # the first term left out
    assert abs(value - reference) < 0.34 / sp.Float(100) ** 5
    assert rho.is_negative
    assert sp.latex(rho) == r"\frac{\mathrm{Ai}(x)}{\mathrm{Ai}'(x)}"


HYPERBOLIC = {
    XCoth: lambda v: v * mp.coth(v),
    XCosech: lambda v: v / mp.sinh(v),
    Langevin: lambda v: mp.coth(v) - 1 / v,
    FiniteWire: lambda v: mp.coth(v) / v - 1 / v**2,
}


@pytest.mark.parametrize("head", HYPERBOLIC)
@pytest.mark.parametrize("n", [0, 1, 2, 3])
@pytest.mark.parametrize("at", [sp.Rational(1, 10**9), sp.Rational(-3, 2), sp.Integer(60)])
def test_hyperbolic_functions_evaluate_to_the_digits_asked_for(
    head: type[sp.Function], n: int, at: sp.Rational
) -> None:
    with mp.workdps(150):
        point = mp.mpf(at.p) / at.q
        reference = mp.diff(HYPERBOLIC[head], point, n)
    assert agrees(head(at, n).evalf(25), reference, 25)


@pytest.mark.parametrize("head", HYPERBOLIC)
def test_hyperbolic_functions_are_exact_at_zero_and_have_parity(head: type[sp.Function]) -> None:
    for n in range(4):
        unfolded = sp.series(head(x).doit(), x, 0, n + 2).removeO()
        assert head(0, n) == unfolded.diff(x, n).subs(x, 0)
        assert head(-x, n) == (1 if head is not Langevin else -1) * (-1) ** n * head(x, n)
    assert sp.limit(head(x), x, 0) == head(0)
    assert head(x, 0) == head(x)
    assert head(x).diff(x, 2) == head(x, 2)


@pytest.mark.parametrize(
    ("function", "value"),
    [(XCoth(sp.oo), sp.oo), (XCoth(-sp.oo, 1), -1), (XCosech(sp.oo), 0), (Langevin(-sp.oo), -1),
     (FiniteWire(sp.oo), 0), (FiniteWire(sp.oo, 1), 0), (XCoth(sp.nan), sp.nan)],
)  # fmt: skip
def test_hyperbolic_functions_have_their_limits(function: sp.Expr, value: object) -> None:
    assert function == value


def test_theta_derivatives_close_by_the_heat_equation() -> None:
    theta = Theta3(z, t)
    assert theta.diff(t) == sp.pi / 4 * theta.diff(z, 2)
    assert theta.diff(z, t) == sp.pi / 4 * Theta3(z, t, 3)
    assert Theta3(-z, t, 1) == -Theta3(z, t, 1)
    assert Theta3(0, t, 3) == 0
    assert Theta3(z, sp.oo) == 1


@pytest.mark.parametrize("m", [0, 1, 4])
@pytest.mark.parametrize("time", [sp.Rational(1, 50), sp.Rational(3, 2)])
def test_theta_evaluates_to_the_digits_asked_for(m: int, time: sp.Rational) -> None:
    result = Theta3(sp.Rational(6, 5), time, m).evalf(25)
    with mp.workdps(60):
        tau, terms = mp.mpf(time.p) / time.q, range(-12, 13)
        reference = mp.diff(
            lambda v: (
                mp.fsum(mp.exp(-((v - mp.pi * k) ** 2) / (mp.pi * tau)) for k in terms)
                / mp.sqrt(tau)
            ),
            mp.mpf(6) / 5,
            m,
        )
    assert agrees(result, reference, 25)


def test_theta_unfolds_to_both_of_its_sums() -> None:
    n, k = sp.symbols("n k", integer=True)
    assert Theta3(z, t).doit() == sp.Sum(
        sp.exp(-sp.pi * t * n**2) * sp.cos(2 * n * z), (n, -sp.oo, sp.oo)
    )
    images = sp.exp(-((z - sp.pi * k) ** 2) / (sp.pi * t))
    assert Theta3(z, t).rewrite(sp.exp) == sp.Sum(images, (k, -sp.oo, sp.oo)) / sp.sqrt(t)


@pytest.mark.parametrize("function", [AiryRatio(x), XCoth(x), Theta3(z, t)])
def test_impossible_arguments_are_refused(function: sp.Function) -> None:
    with pytest.raises(sp.core.function.ArgumentIndexError):
        function.fdiff(4)
    with pytest.raises(ValueError, match="integer >= 0, but got -1; pass"):
        {AiryRatio: AiryRatioDerivative}.get(function.func, function.func)(*function.args, -1)


def test_a_negative_time_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative, but got -1; pass"):
        Theta3(z, -1)


def test_all_survive_pickling() -> None:
    for function in (K.diff(B), AiryRatio(x).diff(x), Langevin(x).diff(x), Theta3(z, t)):
        assert pickle.loads(pickle.dumps(function)) == function
