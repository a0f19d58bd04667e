"""How a correction reacts to its parameters, and what a measurement can say about them.

The Jacobian d sigma / d p and the logarithmic sensitivity d ln|sigma| / d ln p come from forward
differentiation, exact to rounding. The Fisher information of a field sweep is J^T C^-1 J with C the
covariance of the noise; its inverse bounds the covariance of any unbiased estimate, so it tells
before the measurement whether two parameters can be separated.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    """

    names: tuple[str, ...]
    B: NDArray[np.float64]
    value: NDArray[np.float64]
    jacobian: NDArray[np.float64]
    logarithmic: np.ma.MaskedArray


@double_precision()
def sensitivities(function: Model, parameters: Mapping[str, float], B: ArrayLike) -> Sensitivities:
    """Return the sensitivities of ``function(B, **parameters)``.

    Parameters
    ----------
    function : callable
        A pure JAX function of fields, shape (m,), and scalar keyword arguments in SI units.
    parameters : mapping
        Values at which to differentiate.
    B : array_like, shape (m,)
        Magnetic fields in tesla.

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
    names = tuple(parameters)
    fields = np.atleast_1d(np.asarray(B, dtype=np.float64))
    values = np.array([parameters[name] for name in names], dtype=np.float64)

    def of_vector(p: jax.Array) -> jax.Array:
        return function(jnp.asarray(fields), **dict(zip(names, p, strict=True)))

    value = np.asarray(of_vector(jnp.asarray(values)))
    jacobian = np.asarray(jax.jacfwd(of_vector)(jnp.asarray(values)))
    _check_finite(fields, names, value, jacobian)
    zero = np.broadcast_to((value == 0)[:, None], jacobian.shape)
    ratio = values * jacobian / np.where(zero, 1.0, value[:, None])
    return Sensitivities(names, fields, value, jacobian, np.ma.MaskedArray(ratio, mask=zero))


def fisher_information(
    function: Model,
    parameters: Mapping[str, float],
    B: ArrayLike,
    noise: float | ArrayLike,
) -> NDArray[np.float64]:
    """Return the Fisher information J^T C^-1 J of a field sweep with Gaussian noise.

    Parameters
    ----------
    function, parameters, B
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
    jacobian = sensitivities(function, parameters, B).jacobian
    whitened = _whiten(jacobian, np.asarray(noise, dtype=np.float64))
    return whitened.T @ whitened


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
        row, column = np.argwhere(~np.isfinite(jacobian))[0]
        raise ValueError(
            f"The derivative with respect to {names[column]!r} is not finite at B = {B[row]:g} T; "
            "the function needs a form that can be differentiated there."
        )


def _whiten(jacobian: NDArray[np.float64], noise: NDArray[np.float64]) -> NDArray[np.float64]:
    points = len(jacobian)
    if noise.shape == (points, points):
        try:
            return np.linalg.solve(np.linalg.cholesky(noise), jacobian)
        except np.linalg.LinAlgError as error:
            raise ValueError(
                "The covariance of the noise is not positive definite; a covariance estimated "
                "from fewer sweeps than fields needs regularisation."
            ) from error
    if noise.shape not in ((), (points,)):
        raise ValueError(
            f"The noise has shape {noise.shape} for {points} fields; give a number, one standard "
            "error per field, or a covariance matrix."
        )
    if np.any(noise <= 0):
        raise ValueError(
            f"The smallest standard error is {noise.min():g}; standard errors must be positive."
        )
    return jacobian / np.broadcast_to(noise, (points,))[:, None]
