r"""The three-dimensional weak-localization kernel K(B, B_phi) for JAX.

.. math:: K(B, B_\phi) = \sqrt{|B|}\, f_3(x), \qquad
          f_3(x) = \sum_{n\ge0}\left[2\sqrt{n+1+x} - 2\sqrt{n+x}
                   - \frac{1}{\sqrt{n+\frac12+x}}\right],\qquad x = B_\phi/|B|,

Kawabata, J. Phys. Soc. Jpn. 49, 628 (1980); f_3(x) = -2 sqrt(x) - zeta(1/2, 1/2 + x) > 0.  It
is the first of the functions F_s(x) = x^(1-s)/(s-1) - zeta(s, 1/2 + x), F_s' = -s F_(s+1), and
f_3 = F_1/2.  With the factor sqrt(|B|), which the magnetoconductivity has anyway, the function
is homogeneous of degree 1/2 in the two fields and smooth at B = 0,

    K ~ B^2/(48 B_phi^(3/2)) in weak fields,    K ~ 0.60490 sqrt(|B|) in strong ones,

while f_3 as a function of x would need B_phi/0 there.  Both terms of f_3 are large where it is
small: nothing is left of it for x > 1e8.  Here no difference of nearly equal numbers is
formed.  With p = B_phi/2 there are two branches, |B| <= p with rational functions of
w = (B/p)^2, and |B| > p with rational functions of v = sqrt(p/|B|), or of s = v^2 where the
roots cancel.

Derivatives follow from functions of x that have their own tables,

    H = F_1/2 + x F_3/2,    M = (3/4) x F_5/2 - F_3/2 / 4,    C = x M - H/4,

    dK/dB = H/(2 sqrt(B)),          dK/dB_phi = -F_3/2 / (2 sqrt(B)),
    d2K/dB2 = C/B^(3/2),            d2K/dB dB_phi = -M/B^(3/2),
    d2K/dB_phi2 = (3/4) F_5/2 / B^(3/2),

with the powers of B and B_phi divided out beforehand.

This file depends on jax alone.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.field_differences import cut_path
from numerics.kernels.fields import FieldRegime, field_regime
from numerics.kernels.rational import (
    KernelFunction,
    as_floats,
    isolated,
    rational,
    rational_difference,
    set_derivatives,
    two_branches,
)


@jax.jit
def kawabata(B: ArrayLike, B_phi: ArrayLike) -> Array:
    r"""sqrt(\|B\|) f_3(B_phi/\|B\|), even in B, with derivatives in both arguments.

    Parameters
    ----------
    B : magnetic field, of either sign, any shape.
    B_phi : dephasing field hbar/(4 e D tau_phi) in the unit of B, B_phi >= 0; broadcasts
        against B.

    Returns
    -------
    Array of the broadcast shape, in the square root of the unit of B, float32 or float64 as the
    arguments are; integers count as the default float.

    Notes
    -----
    Relative error of the value and of each first and second derivative for
    1e-8 <= B_phi/|B| <= 1e12: at most 5e-15 in float64 and 3e-6 in float32.  d2K/dB2 changes
    sign at |B| = 5.9202 B_phi; next to it the error is relative to the rounding of |B|/B_phi.
    Fields in float32 should be of order one, their squares must not overflow.

    Limits: 0 at B = 0 and at B_phi = inf (gradient 0; d2K/dB2 = 1/(24 B_phi^1.5) at B = 0);
    0.60490 sqrt(|B|) at B_phi = 0, where dK/dB_phi = -inf, a true divergence; inf at |B| = inf.
    K(inf, inf) = 0.  NaN if an argument is NaN or B_phi < 0.

    Raises
    ------
    TypeError : if an argument is complex or a float of another width.
    """
    return _kawabata(*as_floats("kawabata", B, B_phi))


@partial(jax.jit, static_argnames=("m", "n"))
def kawabata_derivative(B: ArrayLike, B_phi: ArrayLike, m: int, n: int) -> Array:
    """Partial derivative of `kawabata`, m times in B and n times in B_phi, m + n <= 2.

    Units: field^(1/2 - m - n).  The orders are Python integers (static).  Arguments, accuracy
    and limits as in `kawabata`; odd in B for odd m.

    Raises
    ------
    NotImplementedError : if m + n > 2 (`jax.grad` differentiates further).
    """
    if (m, n) not in _KAWABATA_DERIVATIVES:
        raise NotImplementedError(
            f"kawabata_derivative covers orders m, n >= 0 with m + n <= 2, but got ({m}, {n}); "
            "apply jax.grad to a lower order instead."
        )
    return _KAWABATA_DERIVATIVES[m, n](*as_floats("kawabata_derivative", B, B_phi))


@jax.jit
def kawabata_difference(B: ArrayLike, B_phi_1: ArrayLike, B_phi_2: ArrayLike) -> Array:
    """kawabata(B, B_phi_1) - kawabata(B, B_phi_2), without cancellation for close fields.

    Relative error at most 2e-14 (float32: 1e-5) for all ratios of B_phi_1 to B_phi_2; the
    difference of the two values loses as many digits as they have in common.  Arguments and
    derivatives as in `kawabata`.
    """
    return _kawabata_difference(*as_floats("kawabata_difference", B, B_phi_1, B_phi_2))


@jax.custom_jvp
def _kawabata(B: Array, B_phi: Array) -> Array:
    at = _kawabata_regime(B, B_phi)
    return _w(at) * _root(at) * _kawabata_table("value", at, _v(at))


@jax.custom_jvp
def _kawabata_B(B: Array, B_phi: Array) -> Array:
    at = _kawabata_regime(B, B_phi)
    return 0.5 * _odd_w(at) * _root_over_field(at) * _kawabata_table("slope", at, _s(at))


@jax.custom_jvp
def _kawabata_P(B: Array, B_phi: Array) -> Array:
    at = _kawabata_regime(B, B_phi)
    return -0.5 * _w(at) * _kawabata_table("decay", at, _v(at)) / jnp.sqrt(at.B_phi)


def _kawabata_BB(B: Array, B_phi: Array) -> Array:
    at = _kawabata_regime(B, B_phi)
    sign_change = jnp.where(at.weak, 1, _s(at) - _KAWABATA_INFLECTION)
    C = sign_change * _kawabata_table("curvature", at, _s(at))
    return C * _root_over_field(at) / jnp.abs(at.scale)


def _kawabata_BP(B: Array, B_phi: Array) -> Array:
    at = _kawabata_regime(B, B_phi)
    root = _root(at) * jnp.abs(at.scale)
    return -_odd_w(at) * _kawabata_table("mixed", at, _s(at)) / root


def _kawabata_PP(B: Array, B_phi: Array) -> Array:
    at = _kawabata_regime(B, B_phi)
    F = _kawabata_table("damping", at, _v(at))
    return 0.75 * _w(at) * F / (jnp.sqrt(at.B_phi) * at.B_phi)


_KAWABATA_DERIVATIVES: dict[tuple[int, int], KernelFunction] = {
    (0, 0): _kawabata,
    (1, 0): _kawabata_B,
    (0, 1): _kawabata_P,
    (2, 0): _kawabata_BB,
    (1, 1): _kawabata_BP,
    (0, 2): _kawabata_PP,
}
set_derivatives(_kawabata, _kawabata_B, _kawabata_P)
set_derivatives(_kawabata_B, _kawabata_BB, _kawabata_BP)
set_derivatives(_kawabata_P, _kawabata_BP, _kawabata_PP)


@jax.custom_jvp
def _kawabata_difference(B: Array, P: Array, Q: Array) -> Array:
    size, edge, weak, strong = cut_path(B, P, Q)
    v_P, v_Q = (jnp.sqrt(p / edge) for p in strong)
    # sqrt(|B|) (v_P - v_Q)
    step = _difference_of_roots(*strong) * _SQRT_HALF
    F = rational_difference(_KAWABATA_TABLES, "value_strong", v_P, v_Q, step)
    return _weak_difference("value", size, *weak) * size * size + F


@jax.custom_jvp
def _kawabata_B_difference(B: Array, P: Array, Q: Array) -> Array:
    size, edge, weak, (P, Q) = cut_path(B, P, Q)
    H = rational_difference(_KAWABATA_TABLES, "slope_strong", P / edge, Q / edge, (P - Q) / edge)
    strong = H / jnp.sqrt(jnp.where(size > 0, size, 1))
    return 0.5 * jnp.sign(B) * (_weak_difference("slope", size, *weak) * size + strong)


set_derivatives(
    _kawabata_difference,
    _kawabata_B_difference,
    lambda B, P, Q: _kawabata_P(B, P),
    lambda B, P, Q: -_kawabata_P(B, Q),
)
set_derivatives(
    _kawabata_B_difference,
    lambda B, P, Q: _kawabata_BB(B, P) - _kawabata_BB(B, Q),
    lambda B, P, Q: _kawabata_BP(B, P),
    lambda B, P, Q: -_kawabata_BP(B, Q),
)


_SQRT_HALF = 0.7071067811865476


def _difference_of_roots(P: Array, Q: Array) -> Array:
    total = jnp.sqrt(P) + jnp.sqrt(Q)
    return (P - Q) / jnp.where(total == 0, 1, total)


def _weak_difference(name: str, size: Array, P: Array, Q: Array) -> Array:
    """Difference of 4 R(w) B_phi^(-3/2), w = (2 B/B_phi)^2."""
    P, Q = (jnp.where(p > 0, p, 1) for p in (P, Q))
    a, b = 1 / jnp.sqrt(P), 1 / jnp.sqrt(Q)
    gap = -_difference_of_roots(P, Q) * a * b  # a - b
    t_P, t_Q = 2 * size / P, 2 * size / Q
    step = (t_P + t_Q) * 2 * size * gap * (a + b)
    R_Q = rational(_KAWABATA_TABLES, f"{name}_weak", t_Q * t_Q)
    R = rational_difference(_KAWABATA_TABLES, f"{name}_weak", t_P * t_P, t_Q * t_Q, step)
    return 4 * (gap * (a * a + a * b + b * b) * R_Q + a * a * a * R)


def _kawabata_regime(B: Array, B_phi: Array) -> FieldRegime:
    """The regime of finite fields: infinite dephasing is the largest finite one, at B = 0."""
    infinite = B_phi == jnp.inf
    largest = 0.25 * jnp.finfo(B.dtype).max
    return field_regime(jnp.where(infinite & (B == B), 0, B), jnp.where(infinite, largest, B_phi))


def _s(at: FieldRegime) -> Array:
    """p/|B|, with a harmless 1 in weak fields, where the derivative of its root must be finite."""
    return jnp.where(at.weak, 1, jnp.abs(at.t))


def _v(at: FieldRegime) -> Array:
    return isolated(jnp.sqrt(_s(at)))


def _root(at: FieldRegime) -> Array:
    """sqrt(B_phi) in weak fields, sqrt(|B|) in strong ones."""
    return jnp.sqrt(jnp.where(at.weak, at.B_phi, jnp.abs(at.scale)))


def _root_over_field(at: FieldRegime) -> Array:
    """sqrt(B_phi)/p in weak fields, 1/sqrt(|B|) in strong ones."""
    root = _root(at)
    return jnp.where(at.weak, root / at.scale, 1 / root)


def _w(at: FieldRegime) -> Array:
    """The power of B that tables of weak fields have lost."""
    return jnp.where(at.weak, at.t * at.t, 1)


def _odd_w(at: FieldRegime) -> Array:
    """The same, divided by B/p; in strong fields the sign of B."""
    return jnp.where(at.weak, at.t, jnp.sign(at.scale))


def _kawabata_table(name: str, at: FieldRegime, strong: Array) -> Array:
    names = (f"{name}_weak", f"{name}_strong")
    return two_branches(_KAWABATA_TABLES, names, at.weak, (at.t * at.t, strong))


# begin tables: written by `python -m numerics.approximants --write`
# fmt: off
_KAWABATA_INFLECTION = 0.08445703094056513  # the s where C = 0
_KAWABATA_TABLES = {
    "float64": {
        # F_1/2 / (sqrt(x) w)
        "value_weak": (
            (
                1.0, 4.6191918889030275, 6.800308941724984,
                3.8896133952771077, 0.8393987613629734, 0.05443516641988441,
                0.0004330612706319134,
            ),
            (
                192.0, 892.1348426693805, 1329.5087070406555,
                780.752228367734, 179.26887807210701, 13.798387918795363,
                0.2284280847380014,
            ),
        ),
        # F_1/2
        "value_strong": (
            (
                0.6048986434216304, 1.5528597388312944, 3.8975591897007553,
                10.57103285790528, 9.450555804774437, 24.900669042852357,
                16.215263118686934, 25.746437495289914, 15.568718740884893,
                12.99389564507467, 6.136354839002259, 2.6510012285671136,
                0.37419076481389485, 0.0004347116301434718,
            ),
            (
                1.0, 7.24300990128624, 32.41426828276518,
                111.84669958414591, 298.1383412612861, 664.2353493172441,
                1232.5680017359941, 1945.5885406046373, 2616.9149154252646,
                3007.687336774014, 2941.6741109571803, 2420.9563439574104,
                1639.6589256853492, 870.1147872881818, 352.27765347569493,
                51.78111131269837,
            ),
        ),
        # H / (sqrt(x) w)
        "slope_weak": (
            (
                1.0, 6.0348650782973925, 12.128465597321224,
                10.078547587546948, 3.486404400026539, 0.43906649871223286,
                0.013205547737542298,
            ),
            (
                48.0, 292.2985237582746, 597.7427327832861,
                514.0952937798496, 191.0688468273111, 28.363545485254793,
                1.3485868027136858, 0.011056377371757332,
            ),
        ),
        # H
        "slope_strong": (
            (
                0.6048986434216304, 6.417675661661472, 27.60848467609108,
                64.50505444343565, 91.95770676880613, 81.8146714768079,
                44.36953313282371, 13.433202840108184, 1.8888051975569167,
                0.08306285651987803,
            ),
            (
                1.0, 18.505932739236858, 145.29835330301822,
                634.0722924348537, 1695.489578913713, 2891.7834100390746,
                3172.7543011483654, 2193.9314303154442, 899.9706655173527,
                191.37893043370505, 16.22906375850491, 0.26536959151491213,
                -0.0018607566978261871,
            ),
        ),
        # sqrt(x) F_3/2 / w
        "decay_weak": (
            (
                1.0, 6.085269517191762, 12.35344110076952,
                10.392560685760687, 3.6502799426409864, 0.4687466157347501,
                0.014493236679663202,
            ),
            (
                64.0, 393.54058243360566, 815.0629238598713,
                713.2390548554393, 271.81352850470483, 41.992799660961964,
                2.1514266735012733, 0.021554464023380196,
            ),
        ),
        # sqrt(x) F_3/2
        "decay_strong": (
            (
                2.0, -0.2902003128898838, 10.748108601636849,
                -1.1788443975531193, 18.90178665044246, 3.393356956287445,
                14.319345995398075, 6.0305012335954995, 5.8192707270123405,
                2.384075359302753, 1.1965093483249087, -0.001210926109918332,
            ),
            (
                1.0, 3.232422216865954, 16.29163265827059,
                41.183808724673796, 105.71367230446988, 204.4768771732336,
                351.22174279324366, 510.10800630862406, 641.7555059406222,
                693.903987865559, 644.4126977282607, 508.3651399572573,
                333.07340197757094, 161.3181512115036, 75.37444089189651,
            ),
        ),
        # sqrt(x) M / w
        "mixed_weak": (
            (
                1.0, 7.76331606911802, 20.790660160571086,
                24.119446653594576, 12.444907565254214, 2.601670759112921,
                0.16254118855977318, 0.0003526631449596578,
            ),
            (
                64.0, 505.01889509021936, 1393.0467186607063,
                1706.4680675604816, 976.7635092716914, 252.25065277648307,
                25.915608732714603, 0.7607075912132242,
            ),
        ),
        # M
        "mixed_strong": (
            (
                1.1941344868887083, 10.666457180561798, 37.39623189882119,
                69.75761652906559, 79.74863482739806, 56.39026090400469,
                23.83448945878689, 5.26697091088816, 0.4738566249996583,
                0.01070658849780558,
            ),
            (
                1.0, 20.703242708244225, 183.77824934902404,
                917.822423873879, 2849.0663313088985, 5740.75374743062,
                7616.443332953735, 6591.402886537459, 3578.975852382038,
                1115.0468144746192, 163.38166390596226, 8.073733701225265,
                0.05569256428177811,
            ),
        ),
        # C / (sqrt(x) w)
        "curvature_weak": (
            (
                1.0, 8.768551608078788, 26.9511538603211,
                36.57948315705762, 22.579129339191272, 5.756762953288724,
                0.41416102832461515, -0.008038729703634092,
            ),
            (
                96.0, 857.5309543755634, 2723.9125287307,
                3923.7612797672678, 2709.8349163441403, 870.631856376809,
                114.44578740439619, 4.0249167913620845, -0.05432653047717609,
            ),
        ),
        # C / (s - _KAWABATA_INFLECTION)
        "curvature_strong": (
            (
                1.7905514694428315, 15.580988897711531, 52.52556534076277,
                93.08920940827723, 100.89797645304782, 66.74331827974231,
                25.789312149725344, 4.849219172833456, 0.30771358743236643,
                0.0026512753203552088,
            ),
            (
                1.0, 20.550722580977656, 180.76513856041242,
                892.4661869702283, 2729.882062666754, 5395.331445892123,
                6972.756315836037, 5812.250183933783, 2978.3155412543124,
                838.0742747222286, 97.8940612045868, 2.8145086654751723,
            ),
        ),
        # x^(3/2) F_5/2 / w
        "damping_weak": (
            (
                5.0, 38.54207880016244, 102.37694047034454,
                117.66541475647256, 60.090898702755666, 12.438543470802271,
                0.7769328378227436, 0.002829156144888064,
            ),
            (
                192.0, 1502.0658259262364, 4098.582464383081,
                4950.527213274289, 2780.3746237940686, 698.9741400115265,
                68.92684423637503, 1.8876153897770418,
            ),
        ),
        # x^(3/2) F_5/2
        "damping_strong": (
            (
                2.0, 5.574193774946636, 37.26733834708444,
                30.923824490661996, 129.17474178913653, 9.116558100101333,
                203.7531616352942, 7.7419232538670055, 117.01998031072573,
                14.04017942617534, 29.42781184814579, -0.7541596155377032,
                0.055097526212992826,
            ),
            (
                3.0, 8.361290662419947, 55.901007520636014,
                125.89847399934717, 415.37181542246753, 755.7453889506019,
                1581.2947810112269, 2321.117251836058, 3330.9575213734893,
                3892.9548146711663, 3992.6589809952716, 3446.0748977490484,
                2723.85088805441, 1233.1807936754608, 947.7970805555369,
            ),
        ),
    },
    "float32": {
        # F_1/2 / (sqrt(x) w)
        "value_weak": (
            (
                1.0, 0.39631203, 0.012171417,
            ),
            (
                192.0, 81.34189, 4.016795,
            ),
        ),
        # F_1/2
        "value_strong": (
            (
                0.60489863, 0.015810093, 1.3687358,
                0.6842015, 1.0738453, 0.63718235,
                0.28617507,
            ),
            (
                1.0, 4.7020063, 16.352293,
                40.463253, 77.342636, 116.021484,
                137.56557, 127.76274, 90.77811,
                38.39738,
            ),
        ),
        # H / (sqrt(x) w)
        "slope_weak": (
            (
                1.0, 0.48758543, 0.017387379,
            ),
            (
                48.0, 26.02908, 1.850054,
            ),
        ),
        # H
        "slope_strong": (
            (
                0.60489863, 1.6975874, 2.1559675,
                0.98667556, 0.10040368,
            ),
            (
                1.0, 10.702829, 41.60425,
                72.89675, 57.53814, 13.566223,
                0.3988001,
            ),
        ),
        # sqrt(x) F_3/2 / w
        "decay_weak": (
            (
                1.0, 0.83550763, 0.10382825,
            ),
            (
                64.0, 57.55582, 9.651319,
                0.2232537,
            ),
        ),
        # sqrt(x) F_3/2
        "decay_strong": (
            (
                2.0, -1.4316728, 3.2065346,
                -0.41397136, 1.0490267, -0.048679154,
            ),
            (
                1.0, 2.661686, 10.593186,
                22.318743, 40.654102, 58.275925,
                67.008606, 49.16325, 43.8892,
            ),
        ),
        # sqrt(x) M / w
        "mixed_weak": (
            (
                1.0, 1.0472251, 0.1713543,
            ),
            (
                64.0, 75.18906, 18.563679,
                0.8466108,
            ),
        ),
        # M
        "mixed_strong": (
            (
                1.1941345, 2.174934, 2.105314,
                0.56426525, 0.015743505,
            ),
            (
                1.0, 13.592213, 70.52183,
                175.51254, 217.50623, 121.22276,
                12.729672,
            ),
        ),
        # C / (sqrt(x) w)
        "curvature_weak": (
            (
                1.0, 1.4240148, 0.36704648,
            ),
            (
                96.0, 152.45541, 56.162067,
                4.465874,
            ),
        ),
        # C / (s - _KAWABATA_INFLECTION)
        "curvature_strong": (
            (
                1.7905514, 3.0445173, 2.8564436,
                0.7151045, 0.01766588,
            ),
            (
                1.0, 13.549263, 70.06578,
                173.85631, 214.96588, 119.05388,
                11.46158,
            ),
        ),
        # x^(3/2) F_5/2 / w
        "damping_weak": (
            (
                5.0, 5.0752807, 0.789035,
            ),
            (
                192.0, 216.94075, 50.01997,
                1.9780775,
            ),
        ),
        # x^(3/2) F_5/2
        "damping_strong": (
            (
                2.0, 5.745597, 29.625486,
                15.257375, 13.351262, 39.066887,
                0.77839947,
            ),
            (
                3.0, 8.618396, 44.43783,
                102.428986, 247.53452, 511.45483,
                453.03403, 1507.0609, -96.952065,
                1709.2051,
            ),
        ),
    },
}
# fmt: on
# end tables
