"""How a correction reacts to its parameters, and what a measurement can say about them.

The Jacobian d sigma / d p, the logarithmic sensitivity d ln|sigma| / d ln p and the Hessian come
from automatic differentiation, exact to rounding. The Fisher information of a field sweep is
J^T C^-1 J with C the covariance of the noise; its inverse bounds the covariance of any unbiased
estimate. `numerics.identifiability` reads from it what a measurement can determine.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.noise import whiten
from numerics.precision import double_precision
from numerics.problem import Model


@dataclass(frozen=True, eq=False)
class Sensitivities:
    """Sensitivities of a function of the field, for m fields and n parameters.

    Attributes
    ----------
    names : tuple of str
        The parameters, in the order of the columns.
    B : array, shape (m,)
        Fields in tesla.
    value : array, shape (m,)
        The function.
    jacobian : array, shape (m, n)
        d sigma / d p, in the function's unit per SI unit of the parameter.
    logarithmic : masked array, shape (m, n)
        d ln|sigma| / d ln p = (p / sigma) d sigma / d p, dimensionless. Where sigma = 0, as at
        B = 0 for a magnetoconductance, it is not defined, and the entry is masked.
    per_logarithm : array, shape (m, n)
        d sigma / d ln p = p d sigma / d p, in the function's unit: what a relative change of p
        does. It is what a sweep of given noise can see, and defined where sigma = 0.
    """

    names: tuple[str, ...]
    B: NDArray[np.float64]
    value: NDArray[np.float64]
    jacobian: NDArray[np.float64]
    logarithmic: np.ma.MaskedArray
    per_logarithm: NDArray[np.float64]


@double_precision()
def sensitivities(
    function: Model,
    parameters: Mapping[str, float],
    B: ArrayLike,
    *,
    fixed: Mapping[str, float] | None = None,
) -> Sensitivities:
    """Return the sensitivities of ``function(B, **parameters, **fixed)``.

    Parameters
    ----------
    function : callable
        A pure JAX function of fields, shape (m,), and scalar keyword arguments in SI units.
    parameters : mapping
        Values at which to differentiate.
    B : array_like, shape (m,)
        Magnetic fields in tesla.
    fixed : mapping, optional
        Further arguments of the function, not differentiated.

    Raises
    ------
    ValueError
        If a value or a derivative is not finite; the field and the parameter are in the message.

    Examples
    --------
    >>> s = sensitivities(lambda B, a: a**3 * B**2, {"a": 2.0}, [0.0, 1.0])
    >>> s.jacobian[:, 0].tolist(), s.logarithmic[:, 0].tolist()
    ([0.0, 12.0], [None, 3.0])
    """
    fields, values, of_vector = _of_vector(function, parameters, B, fixed)
    names = tuple(parameters)
    value = np.asarray(of_vector(values))
    jacobian = np.asarray(jax.jacfwd(of_vector)(values))
    _check_finite(fields, names, value, jacobian)
    change = np.asarray(values) * jacobian
    zero = np.broadcast_to((value == 0)[:, None], jacobian.shape)
    ratio = np.ma.MaskedArray(change / np.where(zero, 1.0, value[:, None]), mask=zero)
    return Sensitivities(names, fields, value, jacobian, ratio, change)


@double_precision()
def hessian(
    function: Model,
    parameters: Mapping[str, float],
    B: ArrayLike,
    *,
    fixed: Mapping[str, float] | None = None,
) -> NDArray[np.float64]:
    """Return d^2 sigma / d p_i d p_j at each field, shape (m, n, n); as for `sensitivities`.

    Examples
    --------
    >>> hessian(lambda B, a, b: a**2 * b * B, {"a": 3.0, "b": 5.0}, [1.0])[0].tolist()
    [[10.0, 6.0], [6.0, 0.0]]
    """
    fields, values, of_vector = _of_vector(function, parameters, B, fixed)
    second = np.asarray(jax.hessian(of_vector)(values))
    _check_finite(fields, tuple(parameters), np.asarray(of_vector(values)), second)
    return second


def fisher_information(
    function: Model,
    parameters: Mapping[str, float],
    B: ArrayLike,
    noise: float | ArrayLike,
    *,
    fixed: Mapping[str, float] | None = None,
) -> NDArray[np.float64]:
    """Return the Fisher information J^T C^-1 J of a field sweep with Gaussian noise.

    Parameters
    ----------
    function, parameters, B, fixed
        As for `sensitivities`.
    noise : float or array_like
        In the function's unit: one standard error for all points, one per point (shape (m,)), or
        the covariance matrix C of correlated noise (shape (m, m), unit squared).

    Returns
    -------
    array, shape (n, n)
        In the order of `parameters`, per SI units of the two; its inverse is the covariance.

    Raises
    ------
    ValueError
        If a standard error is not positive, or C is not a positive definite m x m matrix.
    """
    jacobian = sensitivities(function, parameters, B, fixed=fixed).jacobian
    whitened = whiten(jacobian, np.asarray(noise, dtype=np.float64))
    return whitened.T @ whitened


def _of_vector(
    function: Model,
    parameters: Mapping[str, float],
    B: ArrayLike,
    fixed: Mapping[str, float] | None,
) -> tuple[NDArray[np.float64], jax.Array, Callable[[jax.Array], jax.Array]]:
    """Return the fields, the values as a vector, and the function of that vector."""
    fields = np.atleast_1d(np.asarray(B, dtype=np.float64))
    known = dict(fixed or {})
    if twice := [name for name in known if name in parameters]:
        raise ValueError(f"{twice[0]!r} is both a parameter and fixed; give it once.")

    def of_vector(p: jax.Array) -> jax.Array:
        values = dict(zip(parameters, p, strict=True))
        return jnp.broadcast_to(function(jnp.asarray(fields), **values, **known), fields.shape)

    return fields, jnp.asarray([float(v) for v in parameters.values()]), of_vector


def _check_finite(
    B: NDArray[np.float64],
    names: tuple[str, ...],
    value: NDArray[np.float64],
    jacobian: NDArray[np.float64],
) -> None:
    if not np.all(np.isfinite(value)):
        at = B[np.argmin(np.isfinite(value))]
        raise ValueError(f"The function is not finite at B = {at:g} T; check the parameters there.")
    if not np.all(np.isfinite(jacobian)):
        row, column = np.argwhere(~np.isfinite(jacobian))[0][:2]
        raise ValueError(
            f"The derivative with respect to {names[column]!r} is not finite at B = {B[row]:g} T; "
            "the function needs a form that can be differentiated there."
        )
