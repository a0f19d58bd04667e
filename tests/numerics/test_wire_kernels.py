"""Kernels of wires in JAX: values and derivatives against their SymPy functions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

from cooperon.flux_cancellation import FluxCancellation
from cooperon.line_trace import LineTrace
from cooperon.models import model
from cooperon.narrow_wire import narrow_wire
from cooperon.nyquist_decay import NyquistDecay
from diagrams.symbols import B
from numerics.codegen import compile
from numerics.kernels.flux_cancellation import flux_cancellation
from numerics.kernels.line_trace import line_trace
from numerics.kernels.nyquist_decay import nyquist_decay
from numerics.precision import double_precision

x, q, g, kappa = sp.symbols("x q g kappa", positive=True)
KERNELS = {
    "flux_cancellation": (flux_cancellation, FluxCancellation(x)),
    "nyquist_decay": (nyquist_decay, NyquistDecay(x)),
}
POINTS = [1e-4, 0.0269, 0.0271, 0.13, 0.8, 1.99, 2.01, 20.0]


@double_precision()
@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 4e-15), ("float32", 4e-6)])
@pytest.mark.slow
def test_value_and_derivatives_are_those_of_the_function(name, dtype, tolerance):
    kernel, f = KERNELS[name]
    at = jnp.array(POINTS, dtype)
    found = [jax.vmap(h)(at) for h in (kernel, jax.grad(kernel), jax.grad(jax.grad(kernel)))]
    for n, values in enumerate(found):
        exact = f.diff(x, n) if n else f
        expected = [float(exact.subs(x, sp.Float(float(v), 40)).evalf(17)) for v in at]
        np.testing.assert_allclose(values, expected, rtol=tolerance)
        assert values.dtype == dtype


@double_precision()
@pytest.mark.parametrize("name", KERNELS)
def test_ends_of_the_range_are_exact(name):
    kernel, _ = KERNELS[name]
    assert kernel(0.0) == 1
    assert jax.grad(kernel)(0.0) == 0
    assert kernel(jnp.inf) == jax.grad(kernel)(jnp.inf) == 0
    assert jnp.isnan(kernel(-1.0))
    forward, reverse = (d(kernel)(0.7) for d in (jax.jacfwd, jax.jacrev))
    assert float(forward) == pytest.approx(float(reverse), rel=1e-15)


S_Y = sp.Matrix([[0, 0, sp.I], [0, 0, 0], [-sp.I, 0, 0]])
S_Z = sp.Matrix([[0, -sp.I, 0], [sp.I, 0, 0], [0, 0, 0]])
a = q * (S_Y + S_Z / 3)
TRACE = LineTrace.of(2 * a, a**2 + g * sp.diag(0, 1, 2) + kappa * sp.eye(3), sp.diag(1, 1, -1) / 2)
ENTRIES = sp.lambdify((q, g, kappa), list(TRACE.args[1:]), "jax")


@jax.jit
def trace_and_gradients(*at):
    def f(*values):
        return line_trace(*ENTRIES(*values))

    return f(*at), jax.jacfwd(f, (0, 1, 2))(*at), jax.grad(f, (0, 1, 2))(*at)


@double_precision()
@pytest.mark.parametrize("gap", [0.3, 1e-3, 1e-6])
def test_the_line_trace_and_its_derivatives_are_right_next_to_the_real_axis(gap):
    at = (1.3, 0.2 * gap, gap)
    value, forward, reverse = trace_and_gradients(*at)
    numbers = {s: sp.Float(v, 40) for s, v in zip((q, g, kappa), at, strict=True)}
    tolerance = 1e-13 + 1e-15 / gap
    assert float(value) == pytest.approx(float(TRACE.subs(numbers).evalf(20)), rel=tolerance)
    for s, *found in zip((g, kappa), forward[1:], reverse[1:], strict=True):
        expected = float(TRACE.diff(s).subs(numbers).evalf(20))
        assert [float(v) for v in found] == pytest.approx([expected] * 2, rel=10 * tolerance)


@double_precision()
def test_poles_on_the_real_axis_are_not_a_number_and_shapes_broadcast():
    assert jnp.isnan(line_trace(0.0, -1.0, 1.0))
    values = line_trace(0.0, jnp.array([[1.0, 4.0]]), 1.0)
    np.testing.assert_allclose(values, [[0.5, 0.25]], rtol=1e-14)
    with pytest.raises(TypeError, match="got 4"):
        line_trace(1.0, 2.0, 3.0, 4.0)


@double_precision()
@pytest.mark.slow
def test_a_narrow_wire_is_generated_with_its_gradient():
    correction = narrow_wire(model("rashba-dresselhaus").conductor(), field=B)
    values = {
        "B": 0.02,
        "D": 0.05,
        "tau": 1e-13,
        "tau_3": 4e-10,
        "tau_D": 3e-11,
        "tau_R": 1e-11,
        "tau_phi": 2e-10,
        "width": 2e-7,
    }
    function = compile(correction, probe=False)
    constants = {"e": sp.Float("1.602176634e-19", 30), "hbar": sp.Float("6.62607015e-34", 30)}
    constants["hbar"] = (constants["hbar"] / (2 * sp.pi)).evalf(30)
    named = {s: s.name for s in correction.expression.free_symbols}
    at = {s: constants.get(n) or sp.Float(values[n], 30) for s, n in named.items()}
    expected = float(correction.expression.subs(at).evalf(18))
    assert float(function(**values)) == pytest.approx(expected, rel=1e-9)
    slope = jax.grad(lambda w: function(**(values | {"width": w})))(values["width"])
    assert np.isfinite(slope)
