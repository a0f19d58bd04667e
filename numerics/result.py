"""What a fit returns: every distinct minimum, its uncertainty, and sentences that judge it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from numerics.noise_model import GivenNoise, KernelNoise


@dataclass(frozen=True, eq=False)
class Minimum:
    """A minimum of the sum of squares.

    Attributes
    ----------
    values : dict
        Free values in SI units by name; per-curve ones are called ``tau_phi[300 mK]``.
    standard_errors : dict
        One standard deviation; ``inf`` for a parameter in `undetermined`.
    covariance : array, shape (n, n)
        s^2 (J^T J)^-1 in the order of `values`; inf on the diagonal where J^T J is singular.
    correlation : array, shape (n, n)
        Correlation coefficients, in the limit of a vanishing singular value where there is one.
    undetermined : dict
        A sentence for each parameter that the data do not determine.
    sum_of_squares : float
        Of the (weighted) residuals: in the curves' unit squared, or chi-square.
    dof : int
        Number of points minus number of free values.
    residuals : dict
        Measured minus model, by label of the curve, in the curves' unit (never weighted).
    starts : int
        Number of starting points that led here.
    error_dof : dict
        Where correlated noise was estimated from the residuals, the degrees of freedom behind each
        standard error (`numerics.noise_freedom`); empty otherwise.
    """

    values: dict[str, float]
    standard_errors: dict[str, float]
    covariance: NDArray[np.float64]
    correlation: NDArray[np.float64]
    undetermined: dict[str, str]
    sum_of_squares: float
    dof: int
    residuals: dict[str, NDArray[np.float64]]
    starts: int
    error_dof: dict[str, float] = field(default_factory=dict)

    @property
    def variance(self) -> float:
        """Sum of squares per degree of freedom, s^2."""
        return self.sum_of_squares / self.dof

    def correlation_of(self, first: str, second: str) -> float:
        """Return the correlation coefficient of two free values."""
        names = list(self.values)
        return float(self.correlation[names.index(first), names.index(second)])


@dataclass(frozen=True, eq=False)
class FitResult:
    """Minima by increasing sum of squares, and what can be said about them.

    Attributes
    ----------
    minima : tuple of Minimum
        At least one; `best` is the first.
    status : tuple of str
        Full sentences: convergence, undetermined parameters, correlations, further minima.
    units : dict
        SI unit of each parameter and of each of its per-curve values.
    fixed : dict
        Values that were not fitted, by name.
    unit : str
        Unit of the curves and of the residuals.
    weights : str or None
        ``"standard_error"``, ``"noise"`` (see `noise`) or None, see `numerics.fit.fit`.
    starts, seed : int
        Number of starting points and seed of their choice.
    noise : GivenNoise, KernelNoise or None
        Correlated noise as it was given or estimated; to be passed on as ``noise=`` where another
        fit is to be compared with this one.
    bounds : dict
        Bounds of each free value.
    """

    minima: tuple[Minimum, ...]
    status: tuple[str, ...]
    units: dict[str, str]
    fixed: dict[str, float]
    unit: str
    weights: str | None
    starts: int
    seed: int
    noise: GivenNoise | KernelNoise | None = None
    bounds: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def best(self) -> Minimum:
        """The minimum with the smallest sum of squares."""
        return self.minima[0]

    def arguments(self, label: str, minimum: int = 0) -> dict[str, float]:
        """Return the arguments of the fit function for one curve at a minimum.

        Parameters
        ----------
        label : str
            Label of the curve.
        minimum : int
            Position in `minima`.
        """
        values = self.fixed | self.minima[minimum].values
        suffix = f"[{label}]"
        own = {k.removesuffix(suffix): v for k, v in values.items() if k.endswith(suffix)}
        return {k: v for k, v in values.items() if not k.endswith("]")} | own

    def to_json(self) -> str:
        """Return the result as JSON; infinite errors are null, with the reason beside them."""
        content = asdict(self) | {
            "best": 0,
            "versions": {name: version(name) for name in ("jax", "numpy")},
        }
        return json.dumps(_plain(content), indent=2, allow_nan=False)

    def latex_table(self, symbols: Mapping[str, str] | None = None) -> str:
        """Return a LaTeX tabular of all minima; see `numerics.fit_table.latex_table`."""
        from numerics.fit_table import latex_table

        return latex_table(self, symbols or {})


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(value) if np.isfinite(value) else None
    return value
