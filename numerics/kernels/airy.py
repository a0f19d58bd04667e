r"""The Airy functions Ai, Ai' and their ratio Ai/Ai' for JAX.

Ai(x)/Ai'(x) is the exact weak localization of a long wire whose electrons lose their phase by
the noise of each other: Altshuler, Aronov and Khmelnitsky, J. Phys. C 15, 7367 (1982), with
x = tau_N/tau_phi.  It is not the ratio of two library functions: both underflow at x = 110.

The ratio rho has the derivatives

    rho' = 1 - x rho^2,    rho'' = -rho^2 - 2 x rho rho',

which cancel to x^(-3/2)/2 and -(3/4) x^(-5/2) for large x; they have tables of their own.  The
variable is t = x - a below x = 2, with the largest zero a = -1.0188 of Ai' (a pole of rho),
and t = x^(-3/2) above.

This file depends on jax alone.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.rational import (
    as_floats,
    of_order,
    set_derivatives,
    two_branches,
    with_derivatives,
)


@partial(jax.jit, static_argnames="n")
def airy_ratio(x: ArrayLike, n: int = 0) -> Array:
    """Ai(x)/Ai'(x), for x above the largest zero -1.0188 of Ai'; negative and increasing.

    With n = 1, 2 its first, second derivative.  Any shape, float32 or float64.  The relative
    error of the value and of the first and second derivative is at most 2e-15 for all x >= 0
    (float32: 2e-6); next to the pole it is relative to the rounding of x.  Limits: -x^(-1/2)
    for large x, 0 at inf with all derivatives.  NaN at and below the pole, where no branch is
    meant.
    """
    return of_order("airy_ratio", _AIRY_RATIO, n)(*as_floats("airy_ratio", x))


@jax.jit
def airyai(x: ArrayLike) -> Array:
    """Ai(x) for x >= 0; NaN below.

    Any shape, float32 or float64.  The relative error is at most 2e-15 up to x = 2; for large x
    it is the rounding of exp(-2/3 x^(3/2)), 5e-14 at x = 85 and 0 beyond 103.  Derivatives of
    all orders follow from Ai'' = x Ai.
    """
    return _airyai(*as_floats("airyai", x))


@jax.jit
def airyaiprime(x: ArrayLike) -> Array:
    """Ai'(x) for x >= 0; NaN below.  Accuracy as in `airyai`."""
    return _airyaiprime(*as_floats("airyaiprime", x))


def _airy_table(name: str, x: Array, shift: float) -> Array:
    near = x <= 2
    t = jnp.where(near, x, 2) - shift
    root = jnp.sqrt(jnp.where(near, 2, x))
    return two_branches(_AIRY_TABLES, (f"{name}_near", f"{name}_far"), near, (t, 1 / root**3))


def _over_power(x: Array, near: int, far: int) -> Array:
    """(x - a)^-near below 2 and x^(-far/2) above; NaN at and below the pole."""
    small = x <= 2
    root = jnp.sqrt(jnp.where(small, 2, x))
    t = jnp.where(small, x, 2) - _AIRY_POLE
    inverse = 1 / jnp.where(small, jnp.where(t > 0, t, jnp.nan), root)
    return jnp.where(small, inverse**near, inverse**far)


def _ratio_value(x: Array) -> Array:
    sign = jnp.where(x <= 2, 1, -1)
    return sign * _airy_table("ratio", x, _AIRY_POLE) * _over_power(x, 1, 1)


def _ratio_slope(x: Array) -> Array:
    return _airy_table("slope", x, _AIRY_POLE) * _over_power(x, 2, 3)


def _ratio_curvature(x: Array) -> Array:
    sign = jnp.where(x <= 2, 1, -1)
    return sign * _airy_table("curvature", x, _AIRY_POLE) * _over_power(x, 3, 5)


_AIRY_RATIO = with_derivatives(_ratio_value, _ratio_slope, _ratio_curvature)

_HALF_OVER_SQRT_PI = 0.28209479177387814


def _decay(x: Array) -> tuple[Array, Array]:
    """exp(-x) and 1 below x = 2; exp(-2/3 x^1.5)/(2 sqrt(pi)) and x^(1/4) above."""
    near = x <= 2
    far = jnp.where(near, 2, x)
    root = jnp.sqrt(far)
    exponential = jnp.exp(jnp.where(near, -x, -2 / 3 * far * root))
    scale = jnp.where(x < 0, jnp.nan, jnp.where(near, 1, _HALF_OVER_SQRT_PI))
    return scale * exponential, jnp.where(near, 1, jnp.sqrt(root))


@jax.custom_jvp
def _airyai(x: Array) -> Array:
    exponential, root = _decay(x)
    return exponential / root * _airy_table("ai", x, 0)


@jax.custom_jvp
def _airyaiprime(x: Array) -> Array:
    exponential, root = _decay(x)
    # exp(-inf) times the root of infinity is zero
    return -exponential * jnp.where(exponential == 0, 1, root) * _airy_table("prime", x, 0)


def _airyai_curvature(x: Array) -> Array:
    ai = _airyai(x)
    return jnp.where(ai == 0, 0, x) * ai


set_derivatives(_airyai, _airyaiprime)
set_derivatives(_airyaiprime, _airyai_curvature)


# begin tables: written by `python -m numerics.approximants --write`
# fmt: off
_AIRY_POLE = -1.018792971647471  # the largest zero of Ai'
_AIRY_TABLES = {
    "float64": {
        # t rho
        "ratio_near": (
            (
                -0.9815536893456565, -1.5074409557114385, -0.7882038496316672,
                -0.1834590313422426, -0.019861033642915835, -0.0009138218341003848,
                -1.2904622522043157e-05,
            ),
            (
                1.0, 1.0449934061795347, 0.38889372159026786,
                0.06434882611267737, 0.004734306555903961, 0.00013060480125934518,
                6.946028860464628e-07, -1.6398860147840547e-09,
            ),
        ),
        # -sqrt(x) rho
        "ratio_far": (
            (
                1.0, 19.92489461977512, 141.51304928080987,
                449.3729467390563, 656.3076501079337, 407.007983880058,
                84.85498297697417, 2.88996846338405,
            ),
            (
                1.0, 20.174894619775106, 146.3380229357676,
                481.87231927203993, 750.6698194934784, 524.9422623431524,
                139.68976458007316, 9.01733130398624,
            ),
        ),
        # t^2 rho'
        "slope_near": (
            (
                0.9815536893456566, 1.536064161070592, 1.0252040923878079,
                0.35429697836166096, 0.06510820444116064, 0.005924306982048952,
                0.0002212942661765553, 2.149951990058026e-06,
            ),
            (
                1.0, 1.5649313712983017, 0.945734977879764,
                0.27619283609108836, 0.03972577321971546, 0.0025283182568002823,
                5.4127012225706144e-05, 1.641895194323091e-07,
            ),
        ),
        # x^(3/2) rho'
        "slope_far": (
            (
                1.0, 25.565577723251423, 240.5855722602431,
                1054.570367921598, 2247.7704382236134, 2214.386913929275,
                859.1734700147896, 86.26148915969037,
            ),
            (
                2.0, 53.13115544650278, 531.2397999670695,
                2565.5859540134793, 6403.429250397403, 8219.652399213765,
                5091.284175111369, 1305.675366406162, 93.74719525129878,
            ),
        ),
        # t^3 rho''
        "curvature_near": (
            (
                -1.9631073786913131, -3.743488476947146, -2.858147086267183,
                -1.1759666798888944, -0.27393442754911357, -0.03483116100791148,
                -0.0020684886358102307, -3.8728979237732255e-05,
            ),
            (
                1.0, 1.9069198748785445, 1.4559300817112428,
                0.5641571787085694, 0.11542089069694937, 0.011602304433438165,
                0.0004471294164579689, 3.2013263853589184e-06, -9.538483647545062e-09,
            ),
        ),
        # -x^(5/2) rho''
        "curvature_far": (
            (
                3.0, 117.39257563475088, 1720.5938477846412,
                12041.545888229724, 42276.532877386315, 70770.69208650338,
                46258.633823236065, 4751.1924902968785,
            ),
            (
                4.0, 164.523434179668, 2604.7969987386346,
                20561.70898941366, 87499.9799139558, 202249.53402377357,
                241841.8183182482, 130669.00302320185, 22157.124502991926,
                652.5534256979553,
            ),
        ),
        # exp(x) Ai(x)
        "ai_near": (
            (
                0.3550280538878172, 0.22075455432675073, -0.0019519531246900152,
                -0.015535820791233062, 0.00024602614986695825, 0.0004128040875047635,
                -3.360593601866325e-05,
            ),
            (
                1.0, 0.35080581060527544, 0.12844863875256843,
                0.03294310078010616, 0.006036781993943616, 0.001385718913005122,
                0.00012802426193637194, 3.426846805414703e-05, 8.282311136363778e-07,
                4.523899497673313e-07,
            ),
        ),
        # 2 sqrt(pi) x^(1/4) exp(2/3 x^1.5) Ai(x)
        "ai_far": (
            (
                1.0, 20.088520167242883, 144.18931702805784,
                464.4114604126892, 692.1053741308351, 442.94710090236487,
                97.89089391891174, 3.950722079581707,
            ),
            (
                1.0, 20.192686833909544, 146.20917155937443,
                478.08270302700026, 731.9872188033877, 492.9881000243529,
                121.19916417074786, 6.542792793677988,
            ),
        ),
        # -exp(x) Ai'(x)
        "prime_near": (
            (
                0.2588194037928068, 0.3051993562602117, 0.02456108346898798,
                -0.027401562777980202, -0.0010990460153302904, 0.001052068305396324,
                -2.8733434274111268e-05, -1.4563595769836362e-05, 1.0896675685755475e-06,
            ),
            (
                1.0, 0.179198127295483, 0.101559062666554,
                0.011736025733574304, 0.0041295782523982725, 0.00027969090578795454,
                8.748794033502156e-05, 2.294776067851361e-06, 8.934956166525735e-07,
            ),
        ),
        # -2 sqrt(pi) x^(-1/4) exp(2/3 x^1.5) Ai'(x)
        "prime_far": (
            (
                1.0, 19.98687236127709, 143.26829337819876,
                464.5477519779889, 708.7053984429689, 480.8628014489278,
                121.89375079539985, 7.12232017501238,
            ),
            (
                1.0, 19.84103902794376, 140.4735498393939,
                445.87784428014277, 655.0258568208094, 414.5849061908528,
                91.58612212570549, 3.832441665436463,
            ),
        ),
    },
    "float32": {
        # t rho
        "ratio_near": (
            (
                -0.9815538, -1.0711379, -0.26585627,
                -0.013086794,
            ),
            (
                1.0, 0.6004939, 0.07486164,
                0.0010512229,
            ),
        ),
        # -sqrt(x) rho
        "ratio_far": (
            (
                1.0, 3.1540802, 1.539394,
            ),
            (
                1.0, 3.4040794, 2.1717806,
                0.12311792,
            ),
        ),
        # t^2 rho'
        "slope_near": (
            (
                0.98155373, 0.9297343, 0.3326343,
                0.03132786,
            ),
            (
                1.0, 0.94720817, 0.24013872,
                0.008181696, -9.22988e-05,
            ),
        ),
        # x^(3/2) rho'
        "slope_far": (
            (
                1.0, 5.4141774, 5.5879626,
                0.2178946,
            ),
            (
                2.0, 12.828353, 20.942104,
                8.283227,
            ),
        ),
        # t^3 rho''
        "curvature_near": (
            (
                -1.9631075, -2.6460364, -1.1940219,
                -0.2397076, -0.011917897,
            ),
            (
                1.0, 1.3478831, 0.60821486,
                0.08729774, 0.0012815172,
            ),
        ),
        # -x^(5/2) rho''
        "curvature_far": (
            (
                3.0, 24.388624, 41.310913,
            ),
            (
                4.0, 40.518166, 117.74294,
                101.833626, 9.453547,
            ),
        ),
        # exp(x) Ai(x)
        "ai_near": (
            (
                0.35502806, 0.11625343, -0.037759013,
                -0.005319312, 0.001318676,
            ),
            (
                1.0, 0.05645883, 0.10736796,
                -3.5157926e-05, 0.0041396767,
            ),
        ),
        # 2 sqrt(pi) x^(1/4) exp(2/3 x^1.5) Ai(x)
        "ai_far": (
            (
                1.0, 3.216676, 1.6317396,
            ),
            (
                1.0, 3.3208423, 1.8941649,
                0.046531033,
            ),
        ),
        # -exp(x) Ai'(x)
        "prime_near": (
            (
                0.2588194, 0.26727632, 0.003089823,
                -0.009209617,
            ),
            (
                1.0, 0.03267418, 0.16513816,
                -0.008874842, 0.013851608, -0.0013378583,
                0.0005062353,
            ),
        ),
        # -2 sqrt(pi) x^(-1/4) exp(2/3 x^1.5) Ai'(x)
        "prime_far": (
            (
                1.0, 3.162286, 1.6913481,
            ),
            (
                1.0, 3.016453, 1.3501201,
                -0.040398702,
            ),
        ),
    },
}
# fmt: on
# end tables
