"""Modified Bessel functions K_0, K_1 (also scaled by exp x), I_0 and I_1 for JAX.

K_0 is the return amplitude of diffusion in two dimensions.  For x <= 1 the logarithm of K_n is
written out and the rest is a rational function of x^2; for x >= 1, sqrt(x) exp(x) K_n is
a rational function of 1/x.  K_0' = -K_1 and K_1' = -K_0 - K_1/x lose no digit; the derivatives
of the scaled functions, differences of nearly equal numbers for large x, have their own tables.
I_0 and I_1 are jax's, with derivatives in closed form in place of those of Chebyshev series,
which are good to eight digits only.

This file depends on jax alone.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import i0 as jax_i0
from jax.scipy.special import i1 as jax_i1
from jax.typing import ArrayLike

from numerics.kernels.logarithm import vector_log
from numerics.kernels.rational import (
    KernelFunction,
    as_floats,
    rational,
    set_derivatives,
    with_derivatives,
)


@jax.jit
def bessel_k0(x: ArrayLike) -> Array:
    """K_0(x), x >= 0: inf at 0, 0 at inf, NaN for x < 0.

    Any shape, float32 or float64.  The relative error of the value and of the first and second
    derivative is at most 3e-15 (float32: 2e-6).
    """
    return _k0(*as_floats("bessel_k0", x))


@jax.jit
def bessel_k1(x: ArrayLike) -> Array:
    """K_1(x), x >= 0; range and accuracy as for `bessel_k0`."""
    return _k1(*as_floats("bessel_k1", x))


@jax.jit
def bessel_k0e(x: ArrayLike) -> Array:
    """exp(x) K_0(x), x >= 0, which does not underflow; accuracy as for `bessel_k0`."""
    return _k0e(*as_floats("bessel_k0e", x))


@jax.jit
def bessel_k1e(x: ArrayLike) -> Array:
    """exp(x) K_1(x), x >= 0, which does not underflow; accuracy as for `bessel_k0`."""
    return _k1e(*as_floats("bessel_k1e", x))


@jax.jit
def bessel_i0(x: ArrayLike) -> Array:
    """I_0(x), even; relative error of value, first and second derivative at most 3e-15."""
    return _i0(*as_floats("bessel_i0", x))


@jax.jit
def bessel_i1(x: ArrayLike) -> Array:
    """I_1(x), odd; relative error of value, first and second derivative at most 3e-15."""
    return _i1(*as_floats("bessel_i1", x))


def _bessel_table(name: str, t: Array) -> Array:
    return rational(_BESSEL_TABLES, name, t)


def _near(x: Array) -> Array:
    return jnp.where(x < 0, jnp.nan, jnp.where(x < 1, x, 1))


def _k0_near(x: Array) -> Array:
    w = x * x
    return _bessel_table("k0_near", w) - vector_log(x) * _bessel_table("i0_near", w)


def _k1_near(x: Array) -> Array:
    w = x * x
    rest = _bessel_table("k1_near", w) - _safe_log(x) * _bessel_table("i1_near", w)
    return 1 / x - x * rest


def _safe_log(x: Array) -> Array:
    """A finite logarithm at zero, where a power of x multiplies it."""
    return vector_log(jnp.maximum(x, jnp.finfo(x.dtype).tiny))


def _far(name: str, x: Array, power: int) -> Array:
    """x^(-power/2) times the table at 1/x."""
    inverse = jnp.where(x < 1, 1, jnp.abs(1 / x))
    return jnp.sqrt(inverse) ** power * _bessel_table(name, inverse)


def _plain(near: KernelFunction, name: str) -> KernelFunction:
    def function(x: Array) -> Array:
        return jnp.where(x < 1, near(_near(x)), jnp.exp(-x) * _far(name, x, 1))

    return function


def _scaled(near: KernelFunction, name: str, power: int, sign: int = 1) -> KernelFunction:
    def function(x: Array) -> Array:
        return jnp.where(x < 1, jnp.exp(x) * near(_near(x)), sign * _far(name, x, power))

    return function


_k0 = jax.custom_jvp(_plain(_k0_near, "k0_far"))
_k1 = jax.custom_jvp(_plain(_k1_near, "k1_far"))
set_derivatives(_k0, lambda x: -_k1(x))
set_derivatives(_k1, lambda x: -_k0(x) - _k1(x) / x)


def _near_slope0(x: Array) -> Array:
    return _k0_near(x) - _k1_near(x)


def _near_slope1(x: Array) -> Array:
    return _k1_near(x) - _k0_near(x) - _k1_near(x) / x


def _near_curvature0(x: Array) -> Array:
    return 2 * _k0_near(x) + (1 / x - 2) * _k1_near(x)


def _near_curvature1(x: Array) -> Array:
    inverse = 1 / x
    return (2 - 2 * inverse + 2 * inverse * inverse) * _k1_near(x) + (inverse - 2) * _k0_near(x)


_k0e, _, _ = with_derivatives(
    _scaled(_k0_near, "k0_far", 1),
    _scaled(_near_slope0, "k0_slope", 3, -1),
    _scaled(_near_curvature0, "k0_curvature", 5),
)
_k1e, _, _ = with_derivatives(
    _scaled(_k1_near, "k1_far", 1),
    _scaled(_near_slope1, "k1_slope", 3, -1),
    _scaled(_near_curvature1, "k1_curvature", 5),
)

_i0 = jax.custom_jvp(jax_i0)
_i1 = jax.custom_jvp(jax_i1)


@jax.custom_jvp
def _i1_slope(x: Array) -> Array:
    """I_1' = I_0 - I_1/x."""
    zero = x == 0
    return _i0(x) - jnp.where(zero, 0.5, _i1(x) / jnp.where(zero, 1, x))


def _i1_curvature(x: Array) -> Array:
    """I_1'' = I_1 - I_2/x, with I_2/x = (I_0 - 2 I_1/x)/x beyond x = 2."""
    near = jnp.abs(x) <= 2
    inside, inverse = jnp.where(near, x, 0), 1 / jnp.where(near, 3, x)
    far = (_i0(x) - 2 * _i1(x) * inverse) * inverse
    return _i1(x) - jnp.where(near, inside * _bessel_table("i2_near", inside * inside), far)


set_derivatives(_i0, _i1)
set_derivatives(_i1, _i1_slope)
set_derivatives(_i1_slope, _i1_curvature)


# begin tables: written by `python -m numerics.approximants --write`
# fmt: off
_BESSEL_TABLES = {
    "float64": {
        # K_0(x) + ln(x) I_0(x)
        "k0_near": (
            (
                0.11593151565841245, 0.27670256172432206, 0.019782061510458714,
                0.0003988611626613532, 2.5414239193239554e-06,
            ),
            (
                1.0, -0.019669519347955983, 0.00017761100367894424,
                -7.766771145026332e-07,
            ),
        ),
        # I_0(x)
        "i0_near": (
            (
                1.0, 0.23147460195944058, 0.011149234909378036,
                0.00018284300929166853, 1.016770998343707e-06,
            ),
            (
                1.0, -0.018525398040559405, 0.00015558441951783625,
                -6.215289810184551e-07,
            ),
        ),
        # (1/x + ln(x) I_1(x) - K_1(x)) / x
        "k1_near": (
            (
                0.3079657578292062, 0.08018946258372203, 0.0032450260535582735,
                4.514396419014299e-05, 2.1728257243895144e-07,
            ),
            (
                1.0, -0.016824133895438482, 0.00012706512187351482,
                -4.514873773384621e-07,
            ),
        ),
        # I_1(x) / x
        "i1_near": (
            (
                1.0, 0.10291988072900753, 0.0026756613602878206,
                2.0767646441472515e-05,
            ),
            (
                2.0, -0.04416023854198514, 0.00045468587167078875,
                -2.3130877179146657e-06,
            ),
        ),
        # I_2(x) / x^2
        "i2_near": (
            (
                1.0, 0.06771710164633771, 0.001419301929952543,
                1.1936585048974531e-05, 3.661148351640799e-08,
            ),
            (
                8.0, -0.12492985349596501, 0.0009319032309506671,
                -4.049984263407358e-06, 8.9637461022665e-09,
            ),
        ),
        # sqrt(x) exp(x) K_0(x)
        "k0_far": (
            (
                1.2533141373155001, 21.75393841305602, 145.05377275432227,
                480.2112662701507, 853.1510438555981, 822.4764629795061,
                415.6130186941836, 100.8976251007348, 9.830505417639264,
                0.24898460441887305,
            ),
            (
                1.0, 17.48213159643372, 117.85111971644506,
                396.72857505407995, 723.1889884376797, 725.6430404435886,
                390.7052267823154, 105.27894801561766, 12.335824525627475,
                0.46301131412422986, 0.0019358347062950606,
            ),
        ),
        # sqrt(x) exp(x) K_1(x)
        "k1_far": (
            (
                1.2533141373155003, 21.41898037512377, 141.47552939894294,
                469.0786605853663, 850.2815010830172, 861.6532125656073,
                479.22055781165966, 137.2107560996302, 17.52510531897322,
                0.6991809231454191,
            ),
            (
                1.0, 16.714873749450916, 106.73025048276983,
                336.10301235808254, 563.3255716805537, 506.82839265409416,
                235.2800115966996, 51.03408326466061, 4.15367104589104,
                0.06359717258991891, -0.0004175231574751251,
            ),
        ),
        # -x^(3/2) (exp(x) K_0)'
        "k0_slope": (
            (
                0.62665706865775, 12.943329638434692, 104.22825733124259,
                423.90585400749217, 944.4141984347332, 1171.8345332570982,
                789.9309477653026, 270.35880360663606, 41.08585664311534,
                2.0893205266154546, 0.014775178622527684,
            ),
            (
                1.0, 21.029565767778106, 173.85875931093037,
                734.7723956289228, 1731.2568351859586, 2331.2884221536656,
                1772.4557073652118, 726.1917207322836, 145.93751596040357,
                11.954741197573108, 0.2562160643699559,
            ),
        ),
        # -x^(3/2) (exp(x) K_1)'
        "k1_slope": (
            (
                0.6266570686577502, 14.193904199743598, 128.9860142567907,
                614.9278078594036, 1687.5014209147892, 2749.2467560372834,
                2642.2776060615115, 1439.0131944867696, 408.4647259454938,
                51.47722553990015, 1.992941356444526,
            ),
            (
                1.0, 21.525194036980846, 182.20199287835894,
                788.2002107557942, 1898.7439506785026, 2607.013644273236,
                2009.8971232050521, 825.874909756836, 162.54157823520302,
                12.238867650207906, 0.17596275948964507, -0.0010944537049118934,
            ),
        ),
        # x^(5/2) (exp(x) K_0)''
        "k0_curvature": (
            (
                0.9399856029866251, 24.259045790466402, 249.5819402955317,
                1332.4179553006165, 4031.065784316262, 7100.764157234514,
                7225.176398135949, 4088.1021378864666, 1192.902945649946,
                156.3339465073104, 6.93012545618555, 0.043637963396118536,
            ),
            (
                1.0, 26.43289079469707, 281.21701333607797,
                1573.1031086350115, 5077.892187264875, 9782.899367077353,
                11263.043722902241, 7559.156558689446, 2800.5882014030026,
                518.285907887123, 39.579734721717244, 0.7929163788904612,
            ),
        ),
        # x^(5/2) (exp(x) K_1)''
        "k1_curvature": (
            (
                0.9399856029866254, 25.259544214722325, 276.85568196584853,
                1619.826577889172, 5554.950246545699, 11531.709692604416,
                14455.467330393389, 10613.154302500488, 4292.335956809495,
                859.3968484094637, 69.96572513607197, 1.467188996661497,
            ),
            (
                1.0, 24.997267122459235, 249.0291439268147,
                1288.3391428734087, 3785.377020290662, 6501.261101721552,
                6487.870483002539, 3628.7765119569535, 1056.8530001583297,
                139.75113629730075, 6.321658190421675, 0.041028370649067905,
            ),
        ),
    },
    "float32": {
        # K_0(x) + ln(x) I_0(x)
        "k0_near": (
            (
                0.11593152, 0.27406487, 0.013507991,
            ),
            (
                1.0, -0.04242142, 0.00080850464,
            ),
        ),
        # I_0(x)
        "i0_near": (
            (
                1.0, 0.21278483, 0.0069114375,
            ),
            (
                1.0, -0.03721518, 0.00059021346,
            ),
        ),
        # (1/x + ln(x) I_1(x) - K_1(x)) / x
        "k1_near": (
            (
                0.30796576, 0.07805667, 0.00261619,
            ),
            (
                1.0, -0.023748621,
            ),
        ),
        # I_1(x) / x
        "i1_near": (
            (
                1.0, 0.10442443, 0.0026368976,
            ),
            (
                2.0, -0.041151077,
            ),
        ),
        # I_2(x) / x^2
        "i2_near": (
            (
                1.0, 0.059973598, 0.00086720375,
            ),
            (
                8.0, -0.18687785, 0.0016771855,
            ),
        ),
        # sqrt(x) exp(x) K_0(x)
        "k0_far": (
            (
                1.253314, 2.7552328, 1.0503913,
            ),
            (
                1.0, 2.3233483, 1.0583848,
                0.04049197, -0.0018656177,
            ),
        ),
        # sqrt(x) exp(x) K_1(x)
        "k1_far": (
            (
                1.2533141, 3.8758144, 3.1113436,
                0.6327434,
            ),
            (
                1.0, 2.7174556, 1.5805551,
                0.12895846, -0.0037520754,
            ),
        ),
        # -x^(3/2) (exp(x) K_0)'
        "k0_slope": (
            (
                0.626657, 2.2099643, 1.689366,
                0.18264236, -0.0055421893,
            ),
            (
                1.0, 3.9015787, 3.80774,
                0.8558211,
            ),
        ),
        # -x^(3/2) (exp(x) K_1)'
        "k1_slope": (
            (
                0.62665707, 3.3913305, 5.644373,
                3.094556, 0.37294155,
            ),
            (
                1.0, 4.286786, 4.770239,
                1.3683728, 0.04710722,
            ),
        ),
        # x^(5/2) (exp(x) K_0)''
        "k0_curvature": (
            (
                0.9399856, 4.8699245, 6.4237685,
                2.0752735, 0.07386538,
            ),
            (
                1.0, 5.8058405, 9.642576,
                5.0044374, 0.5805704,
            ),
        ),
        # x^(5/2) (exp(x) K_1)''
        "k1_curvature": (
            (
                0.9399857, 6.345788, 13.142678,
                8.594266, 1.1726,
            ),
            (
                1.0, 4.875963, 6.205836,
                2.030966, 0.07780499,
            ),
        ),
    },
}
# fmt: on
# end tables
