r"""exp(x^2) erfc(x) and Gamma(a, x) of half-integer a for JAX.

E(x) = exp(x^2) erfc(x) has E' = 2 x E - 2/sqrt(pi) and E'' = 2 E + 2 x E', which cancel to
-1/(sqrt(pi) x^2) and 2/(sqrt(pi) x^3) for large x: the value and both derivatives have tables,
in x for x <= 2 and in 1/x^2 above.  For x < 0 the reflection E(-x) = 2 exp(x^2) - E(x) and the
two relations add terms of one sign.

Since Gamma(1/2, x) = sqrt(pi) exp(-x) E(sqrt x), the recurrence in a gives all half-integer
orders, upwards by adding positive terms.  Downwards it subtracts, and the tables of E' and
E'' take its place:

    Gamma(-1/2, x) = -sqrt(pi/x) exp(-x) E'(sqrt x),
    Gamma(-3/2, x) = sqrt(pi)/(3 x) exp(-x) (E'' - E'/y)(y),    y = sqrt(x).

This file depends on jax alone.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.rational import as_floats, two_branches, with_derivatives

_SQRT_PI = 1.772453850905516
_TWO_OVER_SQRT_PI = 1.1283791670955126


@jax.jit
def erfcx(x: ArrayLike) -> Array:
    """exp(x^2) erfc(x): 0 at inf, 1 at 0, inf at -inf.

    Any shape, float32 or float64.  The relative error of the value and of the first and second
    derivative is at most 2e-15 for x >= 0 (float32: 1e-6); for x < 0 it is x^2 roundings.
    """
    return _erfcx(*as_floats("erfcx", x))


@partial(jax.jit, static_argnums=0)
def uppergamma(a: float, x: ArrayLike) -> Array:
    """Incomplete gamma function Gamma(a, x) = int_x^oo t^(a-1) exp(-t) dt, a half an odd integer.

    Parameters
    ----------
    a : static; -3/2, -1/2, 1/2, 3/2, ...
    x : x >= 0, any shape, float32 or float64; NaN for x < 0.

    Notes
    -----
    Relative error at most 4e-15 (float32: 2e-6); the derivative is -x^(a-1) exp(-x).

    Raises
    ------
    NotImplementedError : for other orders.
    """
    if 2 * a % 2 != 1 or a < -1.5:
        raise NotImplementedError(
            f"uppergamma covers the orders a = -3/2, -1/2, 1/2, 3/2, ..., but got a = {a}; "
            "use jax.scipy.special.gammaincc for a > 0."
        )
    return _uppergamma(*as_floats("uppergamma", x), float(a))


def _error_table(name: str, x: Array, far_power: int) -> Array:
    """The table at x <= 2 and the table times x^-far_power above, for x >= 0."""
    near = x <= 2
    inverse = jnp.where(near, 0.5, 1 / jnp.where(near, 2, x))
    names = (f"{name}_near", f"{name}_far")
    quotient = two_branches(
        _ERROR_FUNCTION_TABLES, names, near, (jnp.where(near, x, 2), inverse * inverse)
    )
    return quotient * jnp.where(near, 1, inverse**far_power / _SQRT_PI)


def _positive(x: Array) -> Array:
    return jnp.where(x < 0, 0, x)


def _erfcx_value(x: Array) -> Array:
    value = _error_table("value", jnp.abs(x), 1)
    reflected = 2 * jnp.exp(jnp.square(jnp.where(x < 0, x, 0))) - value
    return jnp.where(x < 0, reflected, value)


def _erfcx_slope(x: Array) -> Array:
    left = 2 * x * _erfcx_value(jnp.where(x < 0, x, 0)) - _TWO_OVER_SQRT_PI
    return jnp.where(x < 0, left, -_error_table("slope", _positive(x), 2))


def _erfcx_curvature(x: Array) -> Array:
    at = jnp.where(x < 0, x, 0)
    left = 2 * _erfcx_value(at) + 2 * at * _erfcx_slope(at)
    return jnp.where(x < 0, left, _error_table("curvature", _positive(x), 3))


_erfcx, _, _ = with_derivatives(_erfcx_value, _erfcx_slope, _erfcx_curvature)


def _lowest_orders(a: float, x: Array) -> Array:
    """exp(x) Gamma(a, x) for a = 1/2, -1/2, -3/2, at y = sqrt(x)."""
    y = jnp.sqrt(x)
    if a == -1.5:
        return _SQRT_PI / 3 * (_erfcx_curvature(y) - _erfcx_slope(y) / y) / x
    if a == -0.5:
        return -_SQRT_PI * _erfcx_slope(y) / y
    return _SQRT_PI * _erfcx_value(y)


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def _uppergamma(x: Array, a: float) -> Array:
    order = min(a, 0.5)
    exponential = jnp.exp(-x)
    x = jnp.where(exponential == 0, 1, x)
    scaled, power = _lowest_orders(order, x), jnp.sqrt(x)
    while order < a:
        # Gamma(order + 1, x) = order Gamma(order, x) + x^order exp(-x)
        scaled, power, order = order * scaled + power, power * x, order + 1
    return exponential * scaled


@_uppergamma.defjvp
def _uppergamma_jvp(a: float, primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    (x,), (dx,) = primals, tangents
    return _uppergamma(x, a), -_power_exp(x, a) * dx


def _power_exp(x: Array, a: float) -> Array:
    """x^(a-1) exp(-x), as an odd power of sqrt(x)."""
    exponential = jnp.exp(-x)
    x = jnp.where(exponential == 0, 1, x)
    return exponential * jnp.sqrt(x) ** int(2 * a - 2)


# begin tables: written by `python -m numerics.approximants --write`
# fmt: off
_ERROR_FUNCTION_TABLES = {
    "float64": {
        # E = exp(x^2) erfc(x)
        "value_near": (
            (
                1.0, 1.3583276769309123, 0.9432693138191904,
                0.3899323002639881, 0.10001556045501135, 0.014926932159686056,
                0.0010153587081501332, -5.756898829823621e-09,
            ),
            (
                1.0, 2.486706844026425, 2.749217511292369,
                1.7576379998601381, 0.7047122831143119, 0.17812579122042613,
                0.026462004717040882, 0.0017993650162989984,
            ),
        ),
        # -E'
        "slope_near": (
            (
                1.1283791670955126, 1.1496300827230341, 0.6591359829122697,
                0.23041556999572038, 0.051653365313867355, 0.0068750817974246444,
                0.00042688574261189077, -7.797071152583891e-09,
            ),
            (
                1.0, 2.7912869845251396, 3.531571420296142,
                2.6536277276716573, 1.3001604787836591, 0.42737018381502484,
                0.09260243088635987, 0.012193560961025203, 0.0007561675428597045,
            ),
        ),
        # E''
        "curvature_near": (
            (
                2.0, 1.1958052980020077, 0.5147809202886363,
                0.11740210113060062, 0.01726384701267881, 0.0010625141406309553,
                2.2570527401712104e-06, -7.050609801549974e-08,
            ),
            (
                1.0, 2.8546609831920287, 3.6996704252530015,
                2.85299127918862, 1.4378391146588465, 0.4875164546153224,
                0.10935431549913413, 0.014978329233718612, 0.0009730461110060704,
            ),
        ),
        # sqrt(pi) x E
        "value_far": (
            (
                1.0, 32.42450149709292, 385.5499409454682,
                2127.1297738192443, 5682.881745341699, 6980.393514523554,
                3344.9401805210337, 403.8544385446292,
            ),
            (
                1.0, 32.92450149709291, 401.26219169402674,
                2304.9424935394095, 6589.577289228405, 9112.306059310047,
                5457.27674974188, 1085.2845335720447, 30.434249491352368,
            ),
        ),
        # -sqrt(pi) x^2 E'
        "slope_far": (
            (
                1.0, 40.13768031641439, 604.7377107602213,
                4351.432677904567, 15747.756763753016, 27672.688571298822,
                20783.742085596405, 4800.725868870119, 46.071926950773694,
            ),
            (
                1.0, 41.637680316414375, 663.444231234871,
                5203.582723559491, 21552.64703791766, 47061.547532597906,
                51080.25238408329, 23916.186432619357, 3391.227116357307,
            ),
        ),
        # sqrt(pi) x^3 E''
        "curvature_far": (
            (
                2.0, 92.8847556688902, 1621.886439430449,
                13449.063912778262, 54768.83718297524, 100093.95466532365,
                55822.120121094886, -12582.744929735993, 974.1142909388117,
                -83.70143981590154,
            ),
            (
                1.0, 49.442377834445075, 948.0203532186077,
                9064.866265386516, 46214.20075421956, 123829.01251205965,
                157017.48384821118, 64622.450023473495, -10398.377164126547,
            ),
        ),
    },
    "float32": {
        # E = exp(x^2) erfc(x)
        "value_near": (
            (
                1.0, 0.8686861, 0.36312902,
                0.060993765,
            ),
            (
                1.0, 1.9970652, 1.61658,
                0.64025503, 0.10834706,
            ),
        ),
        # -E'
        "slope_near": (
            (
                1.1283792, 0.7155736, 0.2513473,
                0.036819857,
            ),
            (
                1.0, 2.4066155, 2.4883509,
                1.4024385, 0.4409672, 0.06553065,
            ),
        ),
        # E''
        "curvature_near": (
            (
                2.0, 0.4861765, 0.115776755,
                -0.0011301832,
            ),
            (
                1.0, 2.4998467, 2.6994298,
                1.6009748, 0.5361874, 0.087467484,
            ),
        ),
        # sqrt(pi) x E
        "value_far": (
            (
                1.0, 4.9277534, 3.775396,
            ),
            (
                1.0, 5.427751, 5.7397566,
                0.6542709,
            ),
        ),
        # -sqrt(pi) x^2 E'
        "slope_far": (
            (
                1.0, 8.079169, 12.612025,
                1.03968,
            ),
            (
                1.0, 9.579167, 23.231298,
                13.058375,
            ),
        ),
        # sqrt(pi) x^3 E''
        "curvature_far": (
            (
                2.0, 20.590643, 41.799557,
            ),
            (
                1.0, 13.295318, 49.537006,
                51.45636, 2.3195777,
            ),
        ),
    },
}
# fmt: on
# end tables
