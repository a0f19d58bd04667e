"""What must hold before a search: curves that belong together, enough points, a usable model."""

import inspect
from collections.abc import Sequence
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from numerics.curve import Curve
from numerics.problem import Arrays, Layout, Model, predict, to_natural


def check_curves(curves: Sequence[Curve]) -> None:
    """Raise ValueError unless the curves share one unit and have labels of their own."""
    if not curves:
        raise ValueError("There is no curve to fit; give at least one Curve.")
    for curve in curves:
        if not isinstance(curve, Curve):
            raise TypeError(f"The data are a {type(curve).__name__}; give Curve objects.")
    units = sorted({curve.unit for curve in curves})
    if len(units) > 1:
        raise ValueError(
            f"The curves are in different units, {' and '.join(units)}; convert them to one with "
            "Curve.to()."
        )
    labels = [curve.label for curve in curves]
    if len(set(labels)) < len(labels):
        repeated = next(label for label in labels if labels.count(label) > 1)
        raise ValueError(f"Two curves have the label {repeated!r}; give each curve its own.")


def check_unit(function: Model, curves: Sequence[Curve]) -> None:
    """Raise ValueError if a function that states its unit states another than that of the data."""
    unit = getattr(function, "unit", None)
    if isinstance(unit, str) and unit != curves[0].unit:
        raise ValueError(
            f"The model is in {unit} and the curves are in {curves[0].unit}; convert the curves "
            "with Curve.to(), or compile the model in their unit."
        )


def check_counts(layout: Layout, points: int) -> None:
    """Raise ValueError unless there are free values, and more points than free values."""
    if not layout.names:
        raise ValueError("Every value is fixed; leave at least one parameter free.")
    if points <= len(layout.names):
        raise ValueError(
            f"{points} points cannot determine {len(layout.names)} free values "
            f"({', '.join(layout.names)}); fix some, share them, or add data."
        )


def check_model(function: Model, layout: Layout, arrays: Arrays) -> None:
    """Raise unless the function takes the arguments and is finite, real, float64, one per field.

    Raises
    ------
    TypeError
        If the call fails for its arguments, or the result is not float64.
    ValueError
        If the result has another shape than B, or is not finite in the middle of the bounds.
    """
    B = jax.ShapeDtypeStruct(arrays.B.shape[1:], arrays.B.dtype)
    values = dict.fromkeys(layout.arguments, jax.ShapeDtypeStruct((), jnp.float64))
    _check_arguments(function, layout.arguments)
    out = jax.eval_shape(lambda B, values: jnp.asarray(function(B, **values)), B, values)
    if out.dtype != jnp.float64:
        raise TypeError(
            f"The function returns {out.dtype} for float64 arguments; remove the conversions "
            "inside it, because a fit in lower precision stops at its starting point."
        )
    if out.shape != B.shape:
        raise ValueError(
            f"The function returns shape {out.shape} for {B.shape[0]} fields; it must return one "
            "value per field."
        )
    _check_finite(function, layout, arrays)


def _check_arguments(function: Model, arguments: Sequence[str]) -> None:
    try:
        inspect.signature(function).bind(None, **dict.fromkeys(arguments))
    except TypeError as error:
        raise TypeError(
            f"The function cannot be called with B and {', '.join(arguments)} ({error}); declare "
            "each of its other arguments as a Parameter or in fixed=, and no others."
        ) from error


def _check_finite(function: Model, layout: Layout, arrays: Arrays) -> None:
    finite = np.asarray(_finite_at_middle(function, layout.arguments, arrays))
    if not np.all(finite):
        curve, point = (int(i[0]) for i in np.nonzero(~finite))
        raise ValueError(
            f"The function is not finite at B = {float(arrays.B[curve, point]):g} T with all "
            "parameters in the middle of their bounds; use a function that is defined there, or "
            "leave the point out."
        )


# Compiled as a whole: operation by operation, this takes four times as long.
@partial(jax.jit, static_argnames=("function", "arguments"))
def _finite_at_middle(function: Model, arguments: tuple[str, ...], arrays: Arrays) -> jax.Array:
    t = to_natural(jnp.zeros_like(arrays.middle), arrays)
    return jnp.isfinite(predict(function, arguments, t, arrays))
