"""What is fitted: a parameter with its unit, its bounds and whether the curves share it.

All bounds are finite, and one transformation serves every parameter. With the natural coordinate
t = ln p where the lower bound is positive and t = p otherwise, the solver's coordinate u is

    t = t_mid + t_half sin(u).

Unlike the logistic function, the sine reaches its bounds at finite u, with zero slope: a minimum on
a bound is an ordinary minimum in u with a positive Hessian, and a maximum on it a negative one, so
a search cannot drift for ever towards a bound and one test serves inside and on the edge.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.prior import Prior


@dataclass(frozen=True)
class Parameter:
    """A fitted parameter, declared once.

    Attributes
    ----------
    name : str
        The name of the fit function's argument.
    lower, upper : float
        Finite bounds in `unit`. With ``lower > 0`` the parameter is varied and searched on a
        logarithmic scale, which also keeps it positive.
    unit : str
        SI unit of the value, ``"1"`` for a pure number.
    shared : bool
        One value for all curves (True) or one for each (False).
    search : (float, float), optional
        Interval the starting points are drawn from; the bounds if not given.
    prior : Prior, optional
        What is known beforehand (`numerics.prior`), within the bounds; log-uniform where they are
        positive and uniform otherwise if not given. Posteriors, evidence and their calibration use
        it; least squares knows the bounds only, and a fit says so.

    Raises
    ------
    ValueError
        If the bounds are not finite or not in order, or the search interval is not within them.

    Examples
    --------
    >>> Parameter("tau_phi", 1e-13, 1e-9, unit="s", shared=False).logarithmic
    True
    """

    name: str
    lower: float
    upper: float
    unit: str = "1"
    shared: bool = True
    search: tuple[float, float] | None = None
    prior: Prior | None = None

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(
                f"The parameter name {self.name!r} cannot be an argument of a function; use "
                "letters, digits and underscores."
            )
        if not (math.isfinite(self.lower) and math.isfinite(self.upper)):
            raise ValueError(
                f"Parameter {self.name!r} has the bounds {self.lower:g} and {self.upper:g}; both "
                "must be finite, so give the widest range that physics allows."
            )
        if not self.lower < self.upper:
            raise ValueError(
                f"Parameter {self.name!r} has the lower bound {self.lower:g} and the upper bound "
                f"{self.upper:g}; the lower must be the smaller, and a fixed value belongs to "
                "fixed=."
            )
        low, high = self.search_interval
        if not self.lower <= low <= high <= self.upper:
            raise ValueError(
                f"Parameter {self.name!r} is searched from {low:g} to {high:g}, which is not an "
                f"interval within its bounds {self.lower:g} and {self.upper:g}; narrow it."
            )

    @property
    def logarithmic(self) -> bool:
        """Whether the natural coordinate is ln p (positive parameters) rather than p."""
        return self.lower > 0

    @property
    def search_interval(self) -> tuple[float, float]:
        """The interval that starting points are drawn from."""
        return self.search or (self.lower, self.upper)

    @property
    def scale(self) -> float:
        """Size of a step that matters in the natural coordinate: a factor e, or half the range."""
        return 1.0 if self.logarithmic else (self.upper - self.lower) / 2

    def natural(self, value: float) -> float:
        """Return the natural coordinate t of a value."""
        return math.log(value) if self.logarithmic else value


def natural_bounds(parameters: Sequence[Parameter]) -> tuple[NDArray[np.float64], ...]:
    """Return t_mid and t_half of each parameter, two arrays of shape (n,)."""
    low = np.array([p.natural(p.lower) for p in parameters])
    high = np.array([p.natural(p.upper) for p in parameters])
    return (low + high) / 2, (high - low) / 2


def starting_points(parameters: Sequence[Parameter], count: int, seed: int) -> NDArray[np.float64]:
    """Return `count` starting points u, shape (count, n): a Latin hypercube in the natural t."""
    from scipy.stats import qmc  # takes longer to import than JAX, and only fits need it

    sampler = qmc.LatinHypercube(len(parameters), seed=np.random.default_rng(seed))
    interval = np.array([[p.natural(v) for v in p.search_interval] for p in parameters])
    t = interval[:, 0] + sampler.random(count) * (interval[:, 1] - interval[:, 0])
    middle, half = natural_bounds(parameters)
    return np.arcsin(np.clip((t - middle) / half, -1.0, 1.0))
