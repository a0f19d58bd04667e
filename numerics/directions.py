"""Stiff and sloppy directions: eigenvectors of the information in ln p, as products of powers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Singular values below this fraction of the largest are zero to the accuracy of A in float64.
_SINGULAR = 1e-8
# A factor p^0.05 changes by 4 % when p doubles; smaller exponents would only hide the others.
_SHOWN = 0.05
# Components of a null vector below this are rounding errors.
_COMPONENT = 1e-5


@dataclass(frozen=True)
class Direction:
    """A product of powers of the parameters and how well it is determined.

    Attributes
    ----------
    exponents : dict
        Components of the unit vector in ln p; the largest is positive.
    relative_error : float
        Standard error of the logarithm of the product, ``inf`` if the data do not see it.
    """

    exponents: dict[str, float]
    relative_error: float

    def __str__(self) -> str:
        ranked = sorted(self.exponents.items(), key=lambda item: -abs(item[1]))
        return " ".join(f"{name}^{c:.2f}" for name, c in ranked if abs(c) >= _SHOWN)


def directions(rows: NDArray[np.float64], names: Sequence[str]) -> tuple[Direction, ...]:
    """Return the eigenvectors of rows^T rows, the stiffest first.

    Parameters
    ----------
    rows : array, shape (N, n)
        Whitened derivatives by ln p. With N < n, the directions that no row sees are included.
    names : sequence of str
        The n parameters.
    """
    # Appended zeros make the economic decomposition return all n axes where N < n.
    padded = np.vstack([rows, np.zeros((len(names), len(names)))])
    _, singular, axes = np.linalg.svd(padded, full_matrices=False)
    floor = _SINGULAR * singular[0]
    return tuple(
        Direction(_exponents(axis, names), 1 / float(s) if s > floor else math.inf)
        for s, axis in zip(singular, axes, strict=True)
    )


def _exponents(axis: NDArray[np.float64], names: Sequence[str]) -> dict[str, float]:
    sign = np.sign(axis[np.argmax(np.abs(axis))])
    return dict(zip(names, (sign * axis).tolist(), strict=True))


def null_sentences(rows: NDArray[np.float64], names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return {sentence: parameters concerned} for each direction that no row sees.

    Arguments as for `directions`. Where there are several such directions they are combined so
    that each involves as few parameters as possible.
    """
    padded = np.vstack([rows, np.zeros((len(names), len(names)))])
    _, singular, axes = np.linalg.svd(padded, full_matrices=False)
    null = axes[singular <= _SINGULAR * singular[0]]
    return dict(_null_sentence(vector, names) for vector in _sparse(null))


def _sparse(null: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a basis of the same space in which each pivot parameter occurs in one vector only."""
    if not len(null):
        return null
    from scipy.linalg import qr  # a fifth of a second that only singular information needs

    _, _, order = qr(null, pivoting=True, mode="economic")
    basis = np.linalg.solve(null[:, order[: len(null)]], null)
    return np.asarray(basis / np.max(np.abs(basis), axis=1, keepdims=True))


def _null_sentence(
    vector: NDArray[np.float64], names: Sequence[str]
) -> tuple[str, tuple[str, ...]]:
    changes = [(n, c) for n, c in zip(names, vector, strict=True) if abs(c) > _COMPONENT]
    involved = tuple(name for name, _ in changes)
    if len(involved) == 1:
        return f"Undetermined: {involved[0]}; the function does not depend on it here.", involved
    together = ", ".join(
        f"{n} {'grows' if c > 0 else 'shrinks'} by {abs(c):.3g} %" for n, c in changes
    )
    return (
        f"Undetermined: {', '.join(involved)}; the function stays the same when {together}.",
        involved,
    )


def error_text(relative: float) -> str:
    """Return a relative error in words.

    >>> error_text(0.0123), error_text(1.5), error_text(math.inf)
    ('to 1.2 %', 'to a factor of 4.5', 'not at all')
    """
    if not math.isfinite(relative):
        return "not at all"
    if relative > math.log(1000):
        return "not even to a factor of 1000"
    if relative > 1:
        return f"to a factor of {math.exp(relative):.2g}"
    return f"to {100 * relative:.2g} %"
