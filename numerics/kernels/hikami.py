r"""The two-dimensional weak-localization kernel F(B, B_phi) for JAX.

.. math:: F(B, B_\phi) = \psi\left(\tfrac12 + x\right) - \ln x, \qquad x = B_\phi / |B|,

F is what the sum of 1/(n + 1/2 + x) over the Landau levels n of a Cooperon loses in a
perpendicular field B: Hikami, Larkin and Nagaoka, Prog. Theor. Phys. 63, 707 (1980), Eq. (18),
where 1/(tau a) with a = 4 e B D / hbar is x.  F > 0, F ~ (B/B_phi)^2/24 in weak fields and
F ~ ln(|B|/B_phi) - 1.96351 in strong ones.

psi - ln x loses all digits for x > 1e7, and its derivatives lose them earlier.  Here no
difference of nearly equal numbers is formed.  With p = B_phi/2 the kernel has two branches:

* |B| <= p: a rational function of w = (B/p)^2 times w;
* |B| > p: ln(1 + r/s), with s = p/|B| and the positive r = s (exp(F) - 1) rational in s.

Derivatives follow from three functions of x that have their own tables,

    H = 1 - x psi'(1/2 + x) = (z d/dz) F,   L = (z d/dz)^2 F,   C = L - H,    z = 1/x,

    dF/dB = H/B,            dF/dB_phi = -H/B_phi,
    d2F/dB2 = C/B^2,        d2F/dB dB_phi = -L/(B B_phi),    d2F/dB_phi2 = (L + H)/B_phi^2,

where the powers of B and B_phi are divided out beforehand, so that B = 0 needs no exception.
Third and higher derivatives are those of the rational functions by automatic
differentiation: correct, also at B = 0, but with some digits less.

This file depends on jax alone.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.fields import FieldRegime, field_regime
from numerics.kernels.logarithm import ratio_logarithm
from numerics.kernels.rational import (
    KernelFunction,
    as_floats,
    isolated,
    over_square,
    polynomials,
    set_derivatives,
    two_branches,
)


@jax.jit
def hikami(B: ArrayLike, B_phi: ArrayLike) -> Array:
    r"""psi(1/2 + B_phi/\|B\|) - ln(B_phi/\|B\|), even in B, with derivatives in both arguments.

    Parameters
    ----------
    B : perpendicular field, of either sign, any shape.
    B_phi : dephasing field hbar/(4 e D tau_phi) in the unit of B, B_phi >= 0; broadcasts
        against B.

    Returns
    -------
    Array of the broadcast shape, dimensionless, float32 or float64 as the arguments are;
    integers count as the default float.

    Notes
    -----
    Relative error of the value and of each first and second derivative for
    1e-8 <= B_phi/|B| <= 1e12: at most 1e-14 in float64 and 5e-6 in float32.  d2F/dB2 changes
    sign at |B| = 3.0057 B_phi; next to it the error is relative to the rounding of |B|/B_phi.
    Fields in float32 should be of order one, their squares must not overflow.

    Limits: 0 at B = 0 and at B_phi = inf (gradient 0; d2F/dB2 = 1/(12 B_phi^2) at B = 0);
    +inf at |B| = inf and, a true divergence, at B_phi = 0 with B != 0, where dF/dB = 1/B and
    dF/dB_phi = -inf.  F(0, 0) = F(inf, inf) = 0.  NaN if an argument is NaN or B_phi < 0.

    Raises
    ------
    TypeError : if an argument is complex or a float of another width.
    """
    return _hikami(*as_floats("hikami", B, B_phi))


@partial(jax.jit, static_argnames=("m", "n"))
def hikami_derivative(B: ArrayLike, B_phi: ArrayLike, m: int, n: int) -> Array:
    """Partial derivative of `hikami`, m times in B and n times in B_phi, m + n <= 2.

    Units: 1/field^(m + n).  The orders are Python integers (static).  Arguments, accuracy
    and limits as in `hikami`; odd in B for odd m.

    Raises
    ------
    NotImplementedError : if m + n > 2 (`jax.grad` differentiates further).
    """
    if (m, n) not in _HIKAMI_DERIVATIVES:
        raise NotImplementedError(
            f"hikami_derivative covers orders m, n >= 0 with m + n <= 2, but got ({m}, {n}); "
            "apply jax.grad to a lower order instead."
        )
    return _HIKAMI_DERIVATIVES[m, n](*as_floats("hikami", B, B_phi))


@jax.custom_jvp
def _hikami(B: Array, B_phi: Array) -> Array:
    # of `field_regime` only what a value needs, which is a tenth faster
    size, p = jnp.abs(B), 0.5 * B_phi
    weak = size <= p
    t = isolated(jnp.where(weak, size, p) / jnp.where(weak, p, size))
    t = jnp.where(weak & ((size == 0) | (p == jnp.inf)), 0, t)
    w = t * t
    N_weak, D_weak = polynomials(_HIKAMI_TABLES, "value_weak", w)
    N_strong, D_strong = polynomials(_HIKAMI_TABLES, "value_strong", t)
    strong = ratio_logarithm(N_strong, t * D_strong)
    # one division serves both branches: w N/D and the argument of artanh
    quotient = isolated(
        jnp.where(weak, w * N_weak, strong.numerator) / jnp.where(weak, D_weak, strong.denominator)
    )
    limit = jnp.where((t == 0) & (p >= 0), jnp.inf, jnp.nan)
    return jnp.where(weak, quotient, jnp.where(t > 0, strong.value(quotient), limit))


@jax.custom_jvp
def _hikami_B(B: Array, B_phi: Array) -> Array:
    at = field_regime(B, B_phi)
    return jnp.where(at.weak, at.t, 1) * _hikami_table("slope", at) / at.scale


@jax.custom_jvp
def _hikami_P(B: Array, B_phi: Array) -> Array:
    at = field_regime(B, B_phi)
    return -_slope(at) / at.B_phi


def _hikami_BB(B: Array, B_phi: Array) -> Array:
    at = field_regime(B, B_phi)
    sign_change = jnp.where(at.weak, 1, jnp.abs(at.t) - _HIKAMI_INFLECTION)
    return over_square(sign_change * _hikami_table("curvature", at), at.scale)


def _hikami_BP(B: Array, B_phi: Array) -> Array:
    at = field_regime(B, B_phi)
    odd = jnp.where(at.weak, at.t, jnp.sign(at.scale))
    return -0.5 * over_square(odd * _hikami_table("mixed", at), at.scale)


def _hikami_PP(B: Array, B_phi: Array) -> Array:
    at = field_regime(B, B_phi)
    L = jnp.where(at.weak, at.t * at.t, jnp.abs(at.t)) * _hikami_table("mixed", at)
    return over_square(L + _slope(at), at.B_phi)


_HIKAMI_DERIVATIVES: dict[tuple[int, int], KernelFunction] = {
    (0, 0): _hikami,
    (1, 0): _hikami_B,
    (0, 1): _hikami_P,
    (2, 0): _hikami_BB,
    (1, 1): _hikami_BP,
    (0, 2): _hikami_PP,
}


set_derivatives(_hikami, _hikami_B, _hikami_P)
set_derivatives(_hikami_B, _hikami_BB, _hikami_BP)
set_derivatives(_hikami_P, _hikami_BP, _hikami_PP)


def _slope(at: FieldRegime) -> Array:
    return jnp.where(at.weak, at.t * at.t, 1) * _hikami_table("slope", at)


def _hikami_table(name: str, at: FieldRegime) -> Array:
    names = (f"{name}_weak", f"{name}_strong")
    at_both = (at.t * at.t, jnp.abs(at.t))
    return two_branches(_HIKAMI_TABLES, names, at.weak, at_both)


# begin tables: written by `python -m numerics.approximants --write`
# fmt: off
_HIKAMI_INFLECTION = 0.16635127313553633  # the s where C = 0
_HIKAMI_TABLES = {
    "float64": {
        # F / w
        "value_weak": (
            (
                1.0, 6.715670847286246, 15.391896751500823,
                15.114042425574823, 6.539006408591803, 1.1446376356978178,
                0.06223306875353478, 0.0003673057604875086,
            ),
            (
                96.0, 648.9044013394796, 1505.458084274126,
                1513.2188699112526, 686.2048572011994, 133.102263629452,
                9.393268102973725, 0.15921154114798694,
            ),
        ),
        # s (exp(F) - 1)
        "value_strong": (
            (
                0.07018243544586064, 1.2027950278893127, 8.801334881117507,
                36.25146007750068, 93.91124489614984, 162.0359358035077,
                190.2480186736105, 151.188329913659, 78.41645581832977,
                24.183481953591848, 3.404947293457472,
            ),
            (
                1.0, 21.517095332187466, 204.5823874596775,
                1130.7030586597289, 4026.420959425012, 9690.872946794576,
                16105.91057341953, 18552.698246191423, 14603.557700422265,
                7540.578204189658, 2321.614252330649, 326.8749409832911,
            ),
        ),
        # H / w
        "slope_weak": (
            (
                1.0, 8.506277443644313, 25.520390886120484,
                34.27721932459229, 21.604530317111475, 6.102146985605607,
                0.6601053363073545, 0.017811008483988682,
            ),
            (
                48.0, 412.50131729492705, 1260.2422706542468,
                1748.7394780269956, 1170.61896346873, 371.5758804295736,
                51.38389061689825, 2.5601135621186484, 0.02889904433066457,
            ),
        ),
        # H
        "slope_strong": (
            (
                1.0, 4.809736471312546, 10.944355216848123,
                14.731917150550418, 12.466258348074284, 6.5831286009592525,
                2.0055346241682996, 0.2726915831246552,
            ),
            (
                1.0, 14.679340872401912, 88.50845591925892,
                289.7691577087403, 576.7503279590865, 734.6575128792662,
                606.8030456624124, 317.1355825854001, 96.26564971959782,
                13.089196701090689,
            ),
        ),
        # L / w
        "mixed_weak": (
            (
                1.0, 10.637415592668837, 41.009316077995024,
                73.26017468192747, 64.30118387241707, 27.01743586817203,
                4.838594213930901, 0.266620578229616, -0.0002682094675044909,
            ),
            (
                24.0, 259.4979742240521, 1028.3901956468173,
                1925.3405393247763, 1832.803772929614, 890.5763565544682,
                210.4347995656939, 21.432052121876097, 0.6934741089625592,
            ),
        ),
        # L / s
        "mixed_strong": (
            (
                9.869604401089358, 60.66946107425721, 162.0665058920881,
                256.83097339233285, 264.6628793553665, 181.4526225188682,
                80.8386479130319, 21.456845398505887, 2.615281514221202,
            ),
            (
                1.0, 19.78801036914666, 167.91196142290138,
                806.674117509268, 2447.5438714601237, 4960.958942289423,
                6914.993168939392, 6690.1219723408485, 4444.976288511808,
                1951.1125740816483, 514.9642028165209, 62.76676077862712,
            ),
        ),
        # C / w
        "curvature_weak": (
            (
                1.0, 12.001921449335327, 52.97087236604896,
                110.19484764255135, 114.86111010734716, 58.49624875023364,
                12.791581699465624, 0.7380330084460878, -0.031580467996383775,
            ),
            (
                48.0, 588.6922295680957, 2692.9817981177016,
                5947.4247528297055, 6865.624356778701, 4195.305528133812,
                1310.7504854164936, 190.34537217269616, 10.161177669266776,
                0.06818220122076664,
            ),
        ),
        # C / (s - _HIKAMI_INFLECTION)
        "curvature_strong": (
            (
                6.011375694042571, 36.35395560119037, 93.93700167247026,
                144.05970357636164, 144.05681934635734, 96.15845010969238,
                41.83643312421508, 10.872065507643908, 1.2996922628111844,
            ),
            (
                1.0, 19.775359905906924, 167.67698281167847,
                804.8378199314361, 2439.6179652172427, 4940.005773109831,
                6879.323247026782, 6650.216127740516, 4415.801545882822,
                1937.714491441216, 511.48112764252386, 62.385236455738195,
            ),
        ),
    },
    "float32": {
        # F / w
        "value_weak": (
            (
                1.0, 0.683965, 0.054260023,
                -0.0008575915,
            ),
            (
                96.0, 69.86064, 7.7119055,
            ),
        ),
        # s (exp(F) - 1)
        "value_strong": (
            (
                0.07018242, 0.8252452, 2.5806644,
                3.6860023, 2.259075,
            ),
            (
                1.0, 16.137506, 92.39128,
                256.32272, 353.7925, 216.87976,
            ),
        ),
        # H / w
        "slope_weak": (
            (
                1.0, 0.8006592, 0.06678087,
                -0.0019106881,
            ),
            (
                48.0, 42.631634, 6.1056705,
            ),
        ),
        # H
        "slope_strong": (
            (
                1.0000002, 2.8671634, 3.5781848,
                1.8004161,
            ),
            (
                1.0, 12.736812, 61.968643,
                145.69191, 171.60208, 86.44107,
            ),
        ),
        # L / w
        "mixed_weak": (
            (
                1.0, 0.9207216, 0.06617587,
                -0.0037237662,
            ),
            (
                24.0, 26.297304, 4.945373,
            ),
        ),
        # L / s
        "mixed_strong": (
            (
                9.869602, 22.232079, 23.11331,
                9.968018,
            ),
            (
                1.0, 15.893449, 100.70957,
                326.17123, 578.7707, 553.82825,
                239.3446,
            ),
        ),
        # C / w
        "curvature_weak": (
            (
                1.0, 0.88029957, 0.015887547,
                -0.0043135774,
            ),
            (
                48.0, 54.854336, 11.012318,
            ),
        ),
        # C / (s - _HIKAMI_INFLECTION)
        "curvature_strong": (
            (
                6.0113745, 12.276781, 11.944217,
                4.809551,
            ),
            (
                1.0, 15.7700405, 99.05539,
                317.91913, 559.9542, 533.49585,
                231.03433,
            ),
        ),
    },
}
# fmt: on
# end tables
