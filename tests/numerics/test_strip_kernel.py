"""The kernel of the exact strip: against its definition, at the joints, and its derivatives."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp
from numpy.polynomial.chebyshev import chebgrid2d, chebval
from scipy.special import digamma

from cooperon.strip_arithmetic import extended
from cooperon.strip_function import StripFunction, narrow_strip
from cooperon.strip_value import strip_value
from diagrams.symbols import B, B_phi
from numerics import strip_tables
from numerics.codegen import compile
from numerics.kernels.strip import _STRIP_TABLES, strip
from numerics.precision import double_precision

B_W = sp.Symbol("B_W", positive=True)
# points (b, c) of every regime: two patches, walls alone with and without images, their series
REGIMES = [
    (0.02, 0.015), (3.0, 0.2), (14.0, 7.0), (1.0, 3.0), (0.01, 0.02), (5.0, 8.0),
    (16.0, 0.3), (40.0, 2.0), (450.0, 0.01), (450.0, 60.0), (3.0, 12.0), (30.0, 40.0),
]  # fmt: skip


def values(b, c):
    """The kernel at arrays of b and c."""
    b, c = np.broadcast_arrays(b, c)
    return np.asarray(padded(8 * b, 4 * c * c, 1.0))


def padded(*fields):
    """The kernel, always of sixteen points so that the tests share one compilation."""
    arrays = np.broadcast_arrays(*fields)
    found = strip(*(np.resize(np.ravel(a).astype(float), 16) for a in arrays))
    return np.asarray(found)[: arrays[0].size].reshape(arrays[0].shape)


@double_precision()
def test_every_regime_has_the_value_of_the_definition():
    expected = [float(strip_value(b, c)) for b, c in REGIMES]
    np.testing.assert_allclose(values(*np.transpose(REGIMES)), expected, rtol=2e-11)


@double_precision()
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((14.999999, 0.3), (15.000001, 0.3)),
        ((14.999999, 8.0), (15.000001, 8.0)),
        ((3.0, 8.999999), (3.0, 9.000001)),
        ((2.0, 1.999999), (2.0, 2.000001)),
        ((40.0, 0.799999), (40.0, 0.800001)),
        ((40.0, np.sqrt(640) - 1e-6), (40.0, np.sqrt(640) + 1e-6)),
    ],
)
def test_regimes_join(before, after):
    one, other = (float(values(*point)) for point in (before, after))
    middle = np.mean([before, after], axis=0)
    slope = gradients()(jnp.array(middle))
    assert other - one == pytest.approx(float(slope @ np.subtract(after, before)), abs=1e-10 * one)


@cache
def gradients():
    return jax.jit(jax.grad(lambda p: strip(8 * p[0], 4 * p[1] ** 2, 1.0)))


@double_precision()
@pytest.mark.parametrize("point", [(0.5, 0.4), (0.5, 1.3), (30.0, 0.5), (30.0, 20.0)])
def test_derivatives_are_those_of_finite_differences(point):
    point, h = np.array(point), 1e-3
    for k, slope in enumerate(gradients()(jnp.array(point))):
        step = h * point[k] * np.eye(2)[k]
        first, second = (
            (float(values(*(point + m * step))) - float(values(*(point - m * step))))
            / (2 * m * h * point[k])
            for m in (1, 2)
        )
        assert float(slope) == pytest.approx((4 * first - second) / 3, rel=1e-8)


@double_precision()
@pytest.mark.slow
def test_curvature_at_zero_field_is_finite_and_that_of_the_parabola():
    curvature = jax.jit(jax.jacfwd(jax.jacfwd(lambda field: strip(field, 0.7, 1.3))))(0.0)
    small = 1e-4
    parabola = 2 * float(padded(small, 0.7, 1.3)) / small**2
    assert float(curvature) == pytest.approx(parabola, rel=1e-7)


@double_precision()
def test_limits_of_the_width_are_the_layer_and_the_narrow_strip():
    fields = np.array([0.01, 0.3, 2.0, 50.0])
    layer = digamma(0.5 + 0.4 / fields) - np.log(0.4 / fields)
    np.testing.assert_allclose(padded(fields, 0.4, 1e-18), layer, rtol=1e-7)
    narrow = [float(narrow_strip(sp.Float(f), sp.Float(0.4), sp.Integer(10**8))) for f in fields]
    np.testing.assert_allclose(padded(fields, 0.4, 1e8), narrow, rtol=1e-4)


@double_precision()
def test_ends_are_exact():
    inf, nan = np.inf, np.nan
    B = np.array([0.0, 0.0, 1.0, 1.0, 1.0, inf, 1.0, 1.0, 1.0, -2.0, 2.0])
    B_phi = np.array([1.0, 0.0, inf, 1.0, 0.0, 1.0, -1.0, 1.0, nan, 1.0, 1.0])
    B_W = np.array([1.0, 1.0, 1.0, inf, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0])
    *ends, mirrored, found = padded(B, B_phi, B_W)
    np.testing.assert_array_equal(ends, [0, 0, 0, 0, inf, inf, nan, nan, nan])
    assert mirrored == found


def test_complex_fields_are_refused():
    with pytest.raises(TypeError, match="strip takes real arguments"):
        strip(1.0, 1.0 + 1j, 1.0)


@double_precision()
def test_generated_code_calls_it():
    function = compile(3 * StripFunction(B, B_phi, B_W))
    found = function(B=np.array([0.0, 0.4]), B_phi=0.3, B_W=0.2)
    np.testing.assert_allclose(found, 3 * padded(np.array([0.0, 0.4]), 0.3, 0.2), rtol=1e-13)


@pytest.mark.parametrize(
    ("name", "points", "ratio", "v"),
    [
        ("close", strip_tables.close_points, strip_tables.close_ratio, 12),
        ("far", strip_tables.far_points, strip_tables.far_ratio, 9),
    ],
)
def test_committed_surfaces_are_those_of_the_generator(name, points, ratio, v):
    if extended() is None:
        pytest.skip("longdouble is only a double on this machine")
    table = np.array(_STRIP_TABLES[name])
    node = strip_tables.nodes(table.shape[1])[v]
    fresh = ratio(*points(table.shape[0], node))
    u = strip_tables.nodes(table.shape[0])
    np.testing.assert_allclose(
        chebgrid2d(2 * u - 1, 2 * node - 1, table).ravel(), fresh, rtol=1e-12
    )


@pytest.mark.parametrize("name", ["wall_series", "image", "image_series"])
def test_committed_rows_are_those_of_the_generator(name):
    np.testing.assert_allclose(
        _STRIP_TABLES[name], strip_tables.TABLES[name](), rtol=1e-12, atol=1e-15
    )


def test_committed_wall_is_that_of_the_generator():
    if extended() is None:
        pytest.skip("longdouble is only a double on this machine")
    v, scale, end = 0.3, strip_tables.SCALE_X, strip_tables.LARGEST_X
    y = v * end / (end + scale)
    expected = strip_tables.wall(scale * y / (1 - y))
    assert chebval(2 * v - 1, _STRIP_TABLES["wall"]) == pytest.approx(expected, rel=1e-13)


def test_committed_text_is_what_the_generator_writes():
    tables = {name: np.array(table) for name, table in _STRIP_TABLES.items()}
    assert strip_tables.emit(tables) == strip_tables.committed()
