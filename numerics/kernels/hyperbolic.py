r"""x coth x, x/sinh x, coth x - 1/x and coth(x)/x - 1/x^2 for JAX.

Thermal factors of the Fermi edge, the Langevin function, and the weak localization of a wire of
finite length L between leads, coth(L/L_phi)/(L/L_phi) - (L_phi/L)^2: all are smooth at x = 0,
where the definitions lose every digit, and all are bounded by powers of x, where sinh
overflows.

Each function and its first two derivatives are rational functions of x^2 for |x| <= 2; beyond,
they are written in e = exp(-2 |x|), with coth = (1 + e)/(1 - e) and 1/sinh^2 = 4 e/(1 - e)^2.
Second derivatives that change sign have their zero divided out.

This file depends on jax alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.rational import as_floats, of_order, rational, with_derivatives

_Piece = Callable[[Array], Array]


@partial(jax.jit, static_argnames="n")
def x_coth(x: ArrayLike, n: int = 0) -> Array:
    """x coth x, even; 1 at 0, |x| for large |x|.  With n = 1, 2 its first, second derivative.

    Any shape, float32 or float64.  The relative error of the value and of the first and second
    derivative is at most 1e-15 for all x (float32: 5e-7).
    """
    return of_order("x_coth", _X_COTH, n)(*as_floats("x_coth", x))


@partial(jax.jit, static_argnames="n")
def x_cosech(x: ArrayLike, n: int = 0) -> Array:
    """x/sinh x, even; 1 at 0, exponentially small for large |x|.  n as in `x_coth`.

    Any shape, float32 or float64.  The relative error of the value and of the first and second
    derivative is at most 3e-15 (float32: 2e-6) beside exp(-|x|), whose error is |x| roundings;
    next to the sign change of the second derivative at |x| = 1.6061 it is relative to the
    rounding of x.
    """
    return of_order("x_cosech", _X_COSECH, n)(*as_floats("x_cosech", x))


@partial(jax.jit, static_argnames="n")
def langevin(x: ArrayLike, n: int = 0) -> Array:
    """Langevin function coth x - 1/x, odd; x/3 near 0, sign(x) for large |x|.  n as in `x_coth`.

    Any shape, float32 or float64.  The relative error of the value and of the first and second
    derivative is at most 3e-15 for all x (float32: 2e-6).
    """
    return of_order("langevin", _LANGEVIN, n)(*as_floats("langevin", x))


@partial(jax.jit, static_argnames="n")
def finite_wire(x: ArrayLike, n: int = 0) -> Array:
    """coth(x)/x - 1/x^2, even; 1/3 at 0, 1/|x| for large |x|.  n as in `x_coth`.

    With x = L/L_phi this is (L_phi/L) times the weak localization of a wire of length L between
    reservoirs, relative to that of a long wire.  Any shape, float32 or float64.  The relative
    error of the value and of the first and second derivative is at most 3e-15 (float32: 2e-6);
    next to the sign change of the second derivative at |x| = 1.8712 it is relative to the
    rounding of x.
    """
    return of_order("finite_wire", _FINITE_WIRE, n)(*as_floats("finite_wire", x))


def _even(near: _Piece, far: _Piece) -> _Piece:
    """near(x^2) for |x| <= 2, far(|x|) beyond; each sees arguments of its own range only."""

    def function(x: Array) -> Array:
        size = jnp.abs(x)
        outside = size > 2
        w = jnp.where(outside, 0, x * x)
        return jnp.where(outside, far(jnp.where(outside, size, 3)), near(w))

    return function


def _odd(near: _Piece, far: _Piece) -> _Piece:
    even = _even(near, far)

    def function(x: Array) -> Array:
        # near(x^2) is to be multiplied by x, far(|x|) by its sign
        return jnp.where(jnp.abs(x) > 2, jnp.sign(x), x) * even(x)

    return function


def _table(name: str) -> _Piece:
    return lambda w: rational(_HYPERBOLIC_TABLES, name, w)


def _with_zero(name: str, root: float) -> _Piece:
    return lambda w: (w - root) * rational(_HYPERBOLIC_TABLES, name, w)


def _coth(x: Array) -> Array:
    e = jnp.exp(-2 * x)
    return (1 + e) / (1 - e)


def _cosech(x: Array) -> Array:
    e = jnp.exp(-x)
    return 2 * e / (1 - e * e)


def _times(x: Array, small: Array) -> Array:
    """x times an exponentially small factor, 0 at infinity."""
    return jnp.where(small == 0, 0, x) * small


def _x_coth_slope_far(x: Array) -> Array:
    c = _cosech(x)
    return _coth(x) - _times(x, c) * c


def _x_coth_curvature_far(x: Array) -> Array:
    c = _cosech(x)
    return 2 * (_times(x, c) * _coth(x) - c) * c


def _x_cosech_far(x: Array) -> Array:
    return _times(x, _cosech(x))


def _x_cosech_slope_far(x: Array) -> Array:
    c = _cosech(x)
    return c - _times(x, c) * _coth(x)


def _x_cosech_curvature_far(x: Array) -> Array:
    c = _cosech(x)
    return _times(x, c) * (1 + 2 * c * c) - 2 * _coth(x) * c


def _langevin_far(x: Array) -> Array:
    return _coth(x) - 1 / x


def _langevin_slope_far(x: Array) -> Array:
    inverse, c = jnp.abs(1 / x), _cosech(x)
    return inverse * inverse - c * c


def _langevin_curvature_far(x: Array) -> Array:
    inverse, c = jnp.abs(1 / x), _cosech(x)
    return 2 * (_coth(x) * c * c - inverse**3)


def _wire_far(x: Array) -> Array:
    return _langevin_far(x) * jnp.abs(1 / x)


def _wire_slope_far(x: Array) -> Array:
    inverse = jnp.abs(1 / x)
    return (_langevin_slope_far(x) - _langevin_far(x) * inverse) * inverse


def _wire_curvature_far(x: Array) -> Array:
    inverse = jnp.abs(1 / x)
    return (_langevin_curvature_far(x) - 2 * _wire_slope_far(x)) * inverse


def _minus(piece: _Piece) -> _Piece:
    return lambda w: -piece(w)


_X_COTH = with_derivatives(
    _even(_table("x_coth"), lambda x: x * _coth(x)),
    _odd(_table("x_coth_slope"), _x_coth_slope_far),
    _even(_table("x_coth_curvature"), _x_coth_curvature_far),
)
_X_COSECH = with_derivatives(
    _even(_table("x_cosech"), _x_cosech_far),
    _odd(_minus(_table("x_cosech_slope")), _x_cosech_slope_far),
    _even(
        lambda w: _with_zero("x_cosech_curvature", _COSECH_INFLECTION)(w), _x_cosech_curvature_far
    ),
)
_LANGEVIN = with_derivatives(
    _odd(_table("wire"), _langevin_far),
    _even(_table("langevin_slope"), _langevin_slope_far),
    _odd(_minus(_table("langevin_curvature")), _langevin_curvature_far),
)
_FINITE_WIRE = with_derivatives(
    _even(_table("wire"), _wire_far),
    _odd(_minus(_table("wire_slope")), _wire_slope_far),
    _even(lambda w: _with_zero("wire_curvature", _WIRE_INFLECTION)(w), _wire_curvature_far),
)


# begin tables: written by `python -m numerics.approximants --write`
# fmt: off
_COSECH_INFLECTION = 2.5796063530483027  # the x^2 where (x/sinh x)'' = 0
_WIRE_INFLECTION = 3.7236697982928697  # the x^2 where (coth(x)/x - 1/x^2)'' = 0
_HYPERBOLIC_TABLES = {
    "float64": {
        # x coth x
        "x_coth": (
            (
                1.0, 0.47039289018678937, 0.027360867210166305,
                0.0003976791300795496, 1.2661295699846238e-06,
            ),
            (
                1.0, 0.13705955685345608, 0.003896570481233889,
                2.818811669026358e-05, 2.7621224957377046e-08,
            ),
        ),
        # (coth x - x/sinh^2 x) / x
        "x_coth_slope": (
            (
                2.0, 0.28957735948190255, 0.018151189937478426,
                0.00047115184607251777, 3.3837261837977412e-06,
            ),
            (
                3.0, 0.8343660392228534, 0.08133273299309457,
                0.00327745332570812, 4.989835178201853e-05, 1.0893955365454655e-07,
            ),
        ),
        # 2 (x coth x - 1)/sinh^2 x
        "x_coth_curvature": (
            (
                2.0, 0.008429547931295394, -0.0018144345024163728,
                3.477177260879855e-05, -2.389323849168002e-07,
            ),
            (
                3.0, 1.2126443218969432, 0.19662179129086765,
                0.016544272089829972, 0.0007915781726989154, 2.2445950025224273e-05,
                3.670125413257109e-07, 2.9610867770400598e-09,
            ),
        ),
        # x/sinh x
        "x_cosech": (
            (
                1.0, -0.012770730467472327, 7.012208134302817e-05,
                -1.7082448940904266e-07,
            ),
            (
                1.0, 0.15389593619919434, 0.0062750003367641905,
                0.00010350613358546597, 7.777367580582596e-07, 2.3489739126143997e-09,
            ),
        ),
        # (x coth x - 1)/(x sinh x)
        "x_cosech_slope": (
            (
                1.0, 0.03836791640728956, -0.0005090977705921771,
                2.006240988078177e-06,
            ),
            (
                3.0, 0.8151037492218687, 0.07794929579237145,
                0.0032320255675361686, 6.505912242548747e-05, 6.518328462006263e-07,
                2.9658121025208788e-09,
            ),
        ),
        # (x/sinh x)'' / (x^2 - _COSECH_INFLECTION)
        "x_cosech_curvature": (
            (
                0.1292186821215709, 0.0060161804611833965, -4.413469041168733e-06,
                -3.3150994732973076e-06, 6.54645928409657e-08, -5.038793254800206e-10,
            ),
            (
                1.0, 0.35890208565155773, 0.04862495401030098,
                0.0030768509470812783, 9.23215254864406e-05, 1.1995816642500489e-06,
            ),
        ),
        # coth(x)/x - 1/x^2
        "wire": (
            (
                1.0, 0.07355979919434888, 0.0013185687817839319,
                6.443843384925418e-06, 4.402525646048758e-09,
            ),
            (
                3.0, 0.4206793975830466, 0.012953380469935917,
                0.00011667183079750605, 2.454819186391069e-07,
            ),
        ),
        # 1/x^2 - 1/sinh^2 x
        "langevin_slope": (
            (
                1.0, 0.07810196673830488, 0.003646276043376202,
                7.069300859635145e-05, 5.620857575538086e-07,
            ),
            (
                3.0, 0.8343059002149147, 0.08256191293501366,
                0.0035718933520190745, 7.147631015410821e-05, 5.578342562481593e-07,
            ),
        ),
        # 2 (1/x^3 - coth(x)/sinh^2 x) / x
        "langevin_curvature": (
            (
                2.0, 0.09350862891827394, 0.0027790856188606165,
                4.8611704825968476e-05, -1.969436383340218e-07, 1.7281077554984803e-09,
            ),
            (
                15.0, 5.463219478791816, 0.7551985322341421,
                0.049055694815121786, 0.0015081563134137273, 1.9129615911816546e-05,
            ),
        ),
        # (2/x^3 - coth(x)/x^2 - 1/(x sinh^2 x)) / -x
        "wire_slope": (
            (
                2.0, 0.13579195691267598, 0.0035604278419593062,
                2.4478311266627777e-05, 1.3828135147131342e-08,
            ),
            (
                45.0, 11.62674760196378, 1.0090139315800484,
                0.033711276360866634, 0.00041771332570447435, 9.56260302650426e-07,
            ),
        ),
        # (coth(x)/x - 1/x^2)'' / (x^2 - _WIRE_INFLECTION)
        "wire_curvature": (
            (
                0.01193565671822463, 0.0007383620465598479, 1.8021845120495648e-05,
                1.582462899077096e-07, -7.731290354113972e-10, 4.386011710227645e-12,
            ),
            (
                1.0, 0.3647381654605802, 0.05046143643854415,
                0.003273448029361567, 9.981816164001878e-05, 1.2348272484568715e-06,
            ),
        ),
    },
    "float32": {
        # x coth x
        "x_coth": (
            (
                1.0, 0.44793212, 0.01728523,
            ),
            (
                1.0, 0.11459878, 0.0013078294,
                -5.6450517e-06,
            ),
        ),
        # (coth x - x/sinh^2 x) / x
        "x_coth_slope": (
            (
                2.0, 0.18341026, 0.0065930095,
            ),
            (
                3.0, 0.67511535, 0.04276231,
                0.0004607538,
            ),
        ),
        # 2 (x coth x - 1)/sinh^2 x
        "x_coth_curvature": (
            (
                2.0, -0.10406764, 0.0018034944,
            ),
            (
                3.0, 1.0438986, 0.13455054,
                0.007734107, 0.00018017984,
            ),
        ),
        # x/sinh x
        "x_cosech": (
            (
                1.0, -0.013372942,
            ),
            (
                1.0, 0.15329376, 0.006104298,
                8.7233704e-05,
            ),
        ),
        # (x coth x - 1)/(x sinh x)
        "x_cosech_slope": (
            (
                1.0, -0.0074996683,
            ),
            (
                3.0, 0.677501, 0.047369163,
                0.0011691018, 1.8556884e-05,
            ),
        ),
        # (x/sinh x)'' / (x^2 - _COSECH_INFLECTION)
        "x_cosech_curvature": (
            (
                0.12921868, -0.0019812202,
            ),
            (
                1.0, 0.29701135, 0.02932892,
                0.0010006699, 7.1164263e-06,
            ),
        ),
        # coth(x)/x - 1/x^2
        "wire": (
            (
                1.0, 0.05398153, 0.00027310156,
            ),
            (
                3.0, 0.3619446, 0.005901419,
            ),
        ),
        # 1/x^2 - 1/sinh^2 x
        "langevin_slope": (
            (
                1.0, 0.0552764, 0.0018487364,
            ),
            (
                3.0, 0.7658292, 0.06347378,
                0.0017164284,
            ),
        ),
        # 2 (1/x^3 - coth(x)/sinh^2 x) / x
        "langevin_curvature": (
            (
                2.0, -0.0037746292, 0.0008165345,
            ),
            (
                15.0, 4.7335954, 0.5088463,
                0.019140339,
            ),
        ),
        # (2/x^3 - coth(x)/x^2 - 1/(x sinh^2 x)) / -x
        "wire_slope": (
            (
                2.0, 0.029311076, 0.00016809154,
                -6.5244385e-06,
            ),
            (
                45.0, 9.230927, 0.47634166,
            ),
        ),
        # (coth(x)/x - 1/x^2)'' / (x^2 - _WIRE_INFLECTION)
        "wire_curvature": (
            (
                0.011935657, 6.6847024e-05, 9.969466e-07,
            ),
            (
                1.0, 0.30847707, 0.031994402,
                0.0011287138,
            ),
        ),
    },
}
# fmt: on
# end tables
