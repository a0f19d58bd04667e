r"""The two-dimensional weak-localization kernel F(B, B_phi) of a complex B_phi, for JAX.

.. math:: F(B, B_\phi) = \psi\left(\tfrac12 + z\right) - \ln z, \qquad z = B_\phi / |B|,

as in the module `hikami`, for Re z >= 0.  At a frequency omega the Cooperon has the denominator
D q^2 - i omega + 1/tau_phi (Altshuler, Khmel'nitzkii, Larkin and Lee, Phys. Rev. B 22, 5142
(1980)), so that B_phi becomes B_phi - i hbar omega/(4 e D); without dephasing it is imaginary.

With p = B_phi/2 there are two branches, each a rational function in factors:

* |B| <= |p|: t^2 times a rational function of t = |B|/p;
* |B| > |p|: ln(1 + r/s), with s = p/|B| and r = s (exp(F) - 1) rational in s.

No difference of nearly equal numbers is formed: psi and the logarithm, which cancel to a
thirtieth already at |z| = 1, do not appear.  Re z = 0 has no exceptions, although F is not an
even function of t beyond all orders there: Im F(i y) = -pi/(1 + exp(2 pi y)).

Derivatives follow from H = 1 - z psi'(1/2 + z) = -z dF/dz, L = -z dH/dz and C = L - H by the
formulas in `hikami`, as the function is holomorphic in B_phi.  A derivative along B_phi is the
complex derivative, and `jax.grad` of a real loss through real parameters is their gradient.

This file depends on jax alone.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.complex_fields import ComplexRegime, complex_fields, complex_regime
from numerics.kernels.complex_parts import (
    ComplexTables,
    Parts,
    complex_branches,
    parts_where,
    real_parts,
)
from numerics.kernels.logarithm import ratio_logarithm
from numerics.kernels.rational import KernelFunction, isolated, set_derivatives


@jax.jit
def hikami_complex(B: ArrayLike, B_phi: ArrayLike) -> Array:
    r"""psi(1/2 + B_phi/\|B\|) - ln(B_phi/\|B\|) for complex B_phi, with derivatives.

    Parameters
    ----------
    B : perpendicular field, real, of either sign, any shape; the function is even in B.
    B_phi : dephasing field hbar/(4 e D) (1/tau_phi - i omega) in the unit of B, Re B_phi >= 0;
        broadcasts against B.  A real one gives a result without imaginary part.

    Returns
    -------
    Array of the broadcast shape, dimensionless, complex64 or complex128 as the arguments are.

    Notes
    -----
    Relative error of the value and of each first and second derivative for
    1e-8 <= \|B_phi/B\| <= 1e16 (1e10 in complex64, with fields of order one): at most 1e-14 in
    complex128 and 5e-6 in complex64.  d2F/dB2
    vanishes at \|B\| = 3.0057 B_phi; next to it the error is relative to the rounding of B_phi/B.
    Third and higher derivatives are those of the rational functions by automatic
    differentiation.

    Limits: 0 at B = 0 and at \|B_phi\| = inf (gradient 0; d2F/dB2 = 1/(12 B_phi^2) at B = 0);
    +inf at B_phi = 0 with B != 0; Re F = inf and Im F = -arg B_phi at \|B\| = inf.  F(0, 0) = 0.
    NaN if an argument is NaN or Re B_phi < 0.

    Raises
    ------
    TypeError : if B is complex or the type has another width.
    """
    return _hikami_complex(*complex_fields("hikami_complex", B, B_phi))


@partial(jax.jit, static_argnames=("m", "n"))
def hikami_complex_derivative(B: ArrayLike, B_phi: ArrayLike, m: int, n: int) -> Array:
    """Partial derivative of `hikami_complex`, m times in B and n times in B_phi, m + n <= 2.

    Units: 1/field^(m + n).  The orders are Python integers (static).  Arguments, accuracy
    and limits as in `hikami_complex`; odd in B for odd m.

    Raises
    ------
    NotImplementedError : if m + n > 2 (`jax.jvp` differentiates further).
    """
    if (m, n) not in _HIKAMI_COMPLEX_DERIVATIVES:
        raise NotImplementedError(
            f"hikami_complex_derivative covers orders m, n >= 0 with m + n <= 2, but got "
            f"({m}, {n}); apply jax.jvp to a lower order instead."
        )
    return _HIKAMI_COMPLEX_DERIVATIVES[m, n](*complex_fields("hikami_complex", B, B_phi))


@jax.custom_jvp
def _hikami_complex(B: Array, B_phi: Array) -> Array:
    at = complex_regime(B, B_phi)
    rational = _hikami_complex_table("value", at)
    strong = _log_quotient(rational * at.direction.conjugate(), at.ratio)
    value = parts_where(at.weak, at.t.square() * rational, strong)
    return _with_pole(at, jnp.inf, value)


def _log_quotient(rho: Parts, ratio: Array) -> Parts:
    """ln(1 + rho/ratio) for ratio > 0, with |rho| of order one or of order `ratio`."""
    v = rho.plus(ratio)
    # next to ratio = 0 a square would overflow; elsewhere the modulus would cancel
    steep = ratio < 0.1
    modulus = isolated(jnp.sqrt(v.re * v.re + v.im * v.im))
    norm = isolated((rho.re * rho.re + rho.im * rho.im) / jnp.where(steep, 1, ratio))
    growth = jnp.where(steep, modulus - ratio, 2 * rho.re + norm)
    log = ratio_logarithm(growth, jnp.where(ratio == 0, 1, ratio))
    size = jnp.where(steep, 1, 0.5) * log.value(isolated(log.numerator / log.denominator))
    return Parts(jnp.where(ratio == 0, jnp.inf, size), jnp.arctan2(v.im, v.re))


@jax.custom_jvp
def _hikami_complex_B(B: Array, B_phi: Array) -> Array:
    at = complex_regime(B, B_phi)
    scale = parts_where(at.weak, at.t * at.inverse_p, real_parts(at.inverse_B))
    return (_hikami_complex_table("slope", at) * scale).times(at.sign).joined()


@jax.custom_jvp
def _hikami_complex_P(B: Array, B_phi: Array) -> Array:
    at = complex_regime(B, B_phi)
    return _with_pole(at, -jnp.inf, (_complex_H(at) * at.inverse_p).times(-0.5))


def _hikami_complex_BB(B: Array, B_phi: Array) -> Array:
    at = complex_regime(B, B_phi)
    strong = at.t.plus(-_HIKAMI_COMPLEX_INFLECTION).times(at.inverse_B).times(at.inverse_B)
    scale = parts_where(at.weak, at.inverse_p.square(), strong)
    return (_hikami_complex_table("curvature", at) * scale).joined()


def _hikami_complex_BP(B: Array, B_phi: Array) -> Array:
    at = complex_regime(B, B_phi)
    weak = (at.t * at.inverse_p * at.inverse_p).times(0.5)
    scale = parts_where(at.weak, weak, real_parts(at.inverse_B).times(at.inverse_B))
    return (_hikami_complex_table("mixed", at) * scale).times(-at.sign).joined()


def _hikami_complex_PP(B: Array, B_phi: Array) -> Array:
    at = complex_regime(B, B_phi)
    L = _hikami_complex_table("mixed", at)
    L = L * parts_where(at.weak, at.t.square(), at.t.times(2))
    half = ((L + _complex_H(at)) * at.inverse_p).times(0.5)
    return _with_pole(at, jnp.inf, (half * at.inverse_p).times(0.5))


_HIKAMI_COMPLEX_DERIVATIVES: dict[tuple[int, int], KernelFunction] = {
    (0, 0): _hikami_complex,
    (1, 0): _hikami_complex_B,
    (0, 1): _hikami_complex_P,
    (2, 0): _hikami_complex_BB,
    (1, 1): _hikami_complex_BP,
    (0, 2): _hikami_complex_PP,
}
set_derivatives(_hikami_complex, _hikami_complex_B, _hikami_complex_P)
set_derivatives(_hikami_complex_B, _hikami_complex_BB, _hikami_complex_BP)
set_derivatives(_hikami_complex_P, _hikami_complex_BP, _hikami_complex_PP)


def _with_pole(at: ComplexRegime, limit: float, value: Parts) -> Array:
    pole = real_parts(jnp.full_like(at.size, limit))
    return parts_where(at.pole, pole, value).joined()


def _hikami_complex_table(name: str, at: ComplexRegime) -> Parts:
    names = (f"{name}_weak", f"{name}_strong")
    return complex_branches(_HIKAMI_COMPLEX_TABLES, names, at.weak, at.t)


def _complex_H(at: ComplexRegime) -> Parts:
    one = real_parts(jnp.ones_like(at.size))
    return _hikami_complex_table("slope", at) * parts_where(at.weak, at.t.square(), one)


# begin tables: written by `python -m numerics.complex_approximants --write`
# fmt: off
_HIKAMI_COMPLEX_INFLECTION = 0.16635127313553633  # the s where C = 0
_HIKAMI_COMPLEX_TABLES: ComplexTables = {
    # F / t^2
    "value_weak": (
        0.010416666666666666,
        (
            (0.10104858582438439, 0.0015626925379555964),
            (1.034641749002625, 0.47145940963248395),
            (1.328021556476416, 0.2717756056206381),
            (2.0590647731393656, 1.302026762282264),
            (2.3075192306141337, 1.7340170530370025),
            (2.731637864637651, 2.7898197690565416),
            (3.1328591244735144, 4.266085861250308),
            (3.5686494092170276, 6.674143305513112),
        ),
        (
            (0.052768969192778556, 0.00037234270491297034),
            (0.49699374640378263, 0.06324864272724719),
            (0.570690569748304, 0.05094580889327068),
            (1.4580882648117635, 0.5621763108123329),
            (1.9202978070435417, 1.0738694532910154),
            (2.3324547131519098, 1.7835634425318871),
            (2.7306224062832847, 2.78781183634832),
            (3.13287646289589, 4.2661185791731),
            (3.568649353853863, 6.674143194706875),
        ),
    ),
    # (exp(psi(1/2 + z)) - z) / 2
    "value_strong": (
        0.07018243544586064,
        (
            (0.9264648037898429, 0.32255855711362824),
            (1.32095329444573, 0.5247016833786595),
            (1.5124933163441678, 0.7150344157493571),
            (2.1946275063995664, 2.1210725494016742),
            (3.5203636658686204, 2.1551208204267365),
            (7.521172049633289, 14.270098883364383),
            (7.630600176800511, 15.28893605737963),
        ),
        (
            (0.9267448192885862, 0.3226531718710711),
            (1.3073557013469896, 0.5289879606962598),
            (1.7695833851541838, 0.8510338272660362),
            (2.3869105586756674, 1.4634186747044058),
            (2.6709389519520115, 0.0),
            (5.958329874618936, 8.99096351597543),
            (6.629699086760449, 11.3601015895138),
            (7.356087378317129, 14.0226300629172),
        ),
    ),
    # H / t^2
    "slope_weak": (
        0.020833333333333332,
        (
            (1.1236322292123468, 0.6908676433994867),
            (2.2314767141622687, 1.771671190668627),
            (3.1621690907139146, 2.9702428782900414),
            (3.2636259034927337, 3.584455680218153),
            (3.353304585125153, 2.870162284314487),
            (3.6480987936809672, 5.205839629194509),
            (4.0556519305197245, 7.814430136667009),
        ),
        (
            (0.49999999851004484, 0.06249999968703855),
            (1.4998617866151687, 0.5624028450191166),
            (2.3069200700301242, 1.340215474509163),
            (2.6046298778679415, 1.8031131302783168),
            (2.9393816914023705, 2.540984821240692),
            (3.283601357706513, 3.61029205500324),
            (3.6479121426694467, 5.205705845392996),
            (4.055652322105499, 7.81443007710797),
        ),
    ),
    # H
    "slope_strong": (
        1.0,
        (
            (0.859310027353776, 0.24631942361822673),
            (1.011619520033179, 0.3095585631301523),
            (1.0348442206146815, 0.2742720654086094),
            (1.2596190886429508, 0.5645211266962554),
            (1.626407379340444, 1.4474552643210528),
        ),
        (
            (0.854871856117271, 0.24457132779638763),
            (1.1254494353094735, 0.35893515562394107),
            (1.3810352164365565, 0.4916274621119873),
            (1.633379103334017, 0.6681803624252366),
            (2.666669025875812, 1.777781090396209),
            (8.00000000000126, 16.000000000005652),
        ),
    ),
    # L / t^2
    "mixed_weak": (
        0.041666666666666664,
        (
            (0.4737748622689318, -6.666731001372967e-11),
            (1.1973281581027444, 0.9887072922838819),
            (2.3413026057448336, 2.234392493563142),
            (3.2184334760161804, 3.2395998345440176),
            (3.25174504767386, 3.978694699214075),
            (3.3724473913087984, 2.924019991666083),
            (3.6384687609977333, 5.747173146352377),
            (4.055844675596596, 8.615082832908184),
        ),
        (
            (0.5018849544178005, 0.06297498607996756),
            (0.9588931014423945, 0.176353463905713),
            (1.5373849687627883, 0.5927223771394456),
            (2.173609786510967, 1.2520685893254162),
            (2.5294145397874246, 1.862545334738426),
            (2.8940593439033826, 2.7371205626848147),
            (3.2598296055354377, 3.96305449841778),
            (3.6384239196447465, 5.747680098360677),
            (4.055844757704737, 8.615080789562455),
        ),
    ),
    # L / z
    "mixed_strong": (
        4.934802200544679,
        (
            (0.5364291614398885, 8.253542109140033e-10),
            (0.8296377008567648, 0.25827596754663595),
            (0.9913418293250712, 0.28819184250138147),
            (1.048646777161457, 0.44802819965121027),
            (1.2110036659619967, 1.0114217055120818),
            (2.999362043283919, 1.8759664110411591),
        ),
        (
            (0.8396677696019209, 0.26099277440602825),
            (1.1429230247262563, 0.4039939030926981),
            (1.4726964484127396, 0.5984671402045127),
            (1.8054565342461457, 0.842234104439433),
            (2.7000064121984817, 1.8230396276579661),
            (5.296167699525647, 5.185784747181507),
            (8.000412051478092, 16.001648375518883),
        ),
    ),
    # C / t^2
    "curvature_weak": (
        0.020833333333333332,
        (
            (0.2791264232880889, -0.07410578195432121),
            (1.1900149474751085, 1.0883124065474032),
            (2.3322923425090765, 2.338639889414739),
            (3.249721076621439, 4.006335039997633),
            (3.3170666634598462, 3.425478691708464),
            (3.493338222061613, 3.13359610491771),
            (3.637538518284654, 5.755238641463517),
            (4.054666240198536, 8.627410988135521),
        ),
        (
            (0.5018044761487416, 0.06295455786689956),
            (0.9640590775439778, 0.177672862950659),
            (1.537269219230471, 0.591917841218076),
            (2.1747804801496318, 1.2556353928154038),
            (2.5303723295194507, 1.867126084127678),
            (2.8940704001336535, 2.7421628406985668),
            (3.25925864479558, 3.9693775705805114),
            (3.637483476878672, 5.756258975940461),
            (4.0546663294981835, 8.62740699309522),
        ),
    ),
    # C / (s - _HIKAMI_COMPLEX_INFLECTION)
    "curvature_strong": (
        6.011375694042571,
        (
            (0.5116536822405692, 1.442487441422304e-09),
            (0.8213016711396284, 0.2556537267225161),
            (0.954478837902753, 0.2671835816637931),
            (0.9977493787392172, 0.42768492017276644),
            (1.0934497730912702, 0.9188538158860254),
            (3.1631460266940157, 2.061713293798963),
        ),
        (
            (0.838730752794668, 0.26095537877678016),
            (1.1429640103823906, 0.40447660539569835),
            (1.4756260225981885, 0.6008567682318479),
            (1.8164787865382683, 0.8521593396780368),
            (2.7019996121962726, 1.8257813638496392),
            (5.293328873798664, 5.174626426446712),
            (8.000484419635146, 16.001937912908133),
        ),
    ),
}
# fmt: on
# end tables
