"""Draws as ArviZ InferenceData, the form in which other programs read them.

All points of all curves are one dimension ``point`` with coordinates ``curve`` (the label) and
``B`` (tesla), since curves may differ in length.

The log likelihood of a point is that of the point given the parameters where points are
independent. Correlated noise has no such factors; there it is the log density of the point given
the parameters and all *other* points, which is what leaving one out needs (Buerkner, Gabry and
Vehtari, Comput. Stat. 36, 1243 (2021), eqs. 2 to 4).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.inference_problem import (
    InferenceProblem,
    coloured,
    independent_errors,
    split,
    whitened,
    whitening_matrices,
)

_Array = NDArray[np.float64]


def import_arviz() -> ModuleType:
    """Return arviz without its announcement of a new version.

    Raises
    ------
    ImportError
        If it is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", message="\\s*ArviZ is undergoing", category=FutureWarning
            )
            import arviz
    except ImportError as error:
        raise missing("arviz") from error
    module: ModuleType = arviz
    return module


def missing(package: str) -> ImportError:
    """Return the error that says how to install the packages of this part."""
    return ImportError(
        f'Posteriors need {package}, which is not installed; pip install "cooperon[inference]".'
    )


def inference_data(
    problem: InferenceProblem,
    values: Mapping[str, _Array],
    sample_stats: Mapping[str, NDArray[Any]],
    natural: _Array,
    noise: _Array | None,
    seed: int,
) -> Any:
    """Return the InferenceData of draws.

    Parameters
    ----------
    problem : InferenceProblem
    values : mapping of array, shape (chains, draws)
        Free values in SI units, by name.
    sample_stats : mapping of array, shape (chains, draws)
    natural : array, shape (chains, draws, n)
        The natural coordinates of the same draws.
    noise : array, shape (chains, draws), or None
        Draws of the common standard deviation where it is unknown.
    seed : int
        Of the replicated data.
    """
    shape = natural.shape[:2]
    model = problem.predict(natural.reshape(-1, natural.shape[-1]))
    scale = np.ones(len(model)) if noise is None else noise.ravel()
    white = np.random.default_rng(seed).standard_normal(model.shape)
    replicated = model + coloured(problem, white, scale)
    data = np.concatenate([c.delta_sigma for c in problem.curves])
    likelihood = point_log_likelihood(problem, data - model, scale)
    grouped = {
        "delta_sigma": replicated.reshape(*shape, -1),
        "model": model.reshape(*shape, -1),
    }
    posterior = {_variable(name): draws for name, draws in values.items()}
    if noise is not None:
        posterior["noise"] = noise
    labels = np.concatenate([np.full(len(c), c.label) for c in problem.curves])
    fields = np.concatenate([c.B for c in problem.curves])
    return import_arviz().from_dict(
        posterior=posterior,
        sample_stats=dict(sample_stats),
        log_likelihood={"delta_sigma": likelihood.reshape(*shape, -1)},
        posterior_predictive=grouped,
        observed_data={"delta_sigma": data},
        constant_data={"B": fields, "curve": labels},
        dims={name: ["point"] for name in ("delta_sigma", "model", "B", "curve")},
    )


def point_log_likelihood(problem: InferenceProblem, difference: _Array, scale: _Array) -> _Array:
    """Return the log density of each point for k draws, shape (k, N); see the module's text.

    Parameters
    ----------
    problem : InferenceProblem
    difference : array, shape (k, N)
        Measured minus model.
    scale : array, shape (k,)
        Standard deviation of the noise where it is unknown, else ones.
    """
    z = whitened(problem, difference, scale)
    matrices = whitening_matrices(problem)
    half_log = np.log(2 * np.pi) / 2
    if matrices is None:
        spread = independent_errors(problem) * scale[:, None]
        return -half_log - np.log(spread) - z**2 / 2
    parts = []
    for own, L_inverse in zip(split(problem, z), matrices, strict=True):
        precision = np.sum(L_inverse**2, axis=0)  # diagonal of C^-1
        pull = own @ L_inverse  # C^-1 (measured - model)
        parts.append(-half_log + np.log(precision) / 2 - pull**2 / precision / 2)
    return np.concatenate(parts, axis=1)


def _variable(name: str) -> str:
    # A slash makes a group in HDF5.
    return name.replace("/", "|")
