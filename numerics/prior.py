"""Priors: what is known about a parameter before the measurement."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Prior:
    """Density of a parameter p between its bounds, normal in s = ln p or s = p.

    Use `log_uniform`, `uniform`, `normal`, `log_normal` and `half_normal` to make one.

    Attributes
    ----------
    name : str
        What the prior is called.
    logarithmic : bool
        Whether s is ln p (True) or p.
    location, scale : float
        Centre and standard deviation in s before the bounds cut; an infinite scale is uniform.
    """

    name: str
    logarithmic: bool
    location: float = 0.0
    scale: float = math.inf

    def __post_init__(self) -> None:
        if not math.isfinite(self.location) or not self.scale > 0:
            raise ValueError(
                f"A {self.name} prior has the location {self.location:g} and the scale "
                f"{self.scale:g}; the location must be finite and the scale positive."
            )


def log_uniform() -> Prior:
    """Return the prior dp/p: each factor e between the bounds counts the same."""
    return Prior("log-uniform", True)


def uniform() -> Prior:
    """Return the prior dp between the bounds."""
    return Prior("uniform", False)


def normal(mean: float, standard_deviation: float) -> Prior:
    """Return a normal prior in p, in the unit of the parameter."""
    return Prior("normal", False, mean, standard_deviation)


def log_normal(median: float, relative_deviation: float) -> Prior:
    """Return a prior that is normal in ln p: `relative_deviation` 0.1 is 10 percent of p."""
    if not median > 0:
        raise ValueError(f"A log-normal prior has the median {median:g}; it must be positive.")
    return Prior("log-normal", True, math.log(median), relative_deviation)


def half_normal(scale: float) -> Prior:
    """Return the positive half of a normal prior around 0, for a parameter with lower >= 0."""
    return Prior("half-normal", False, 0.0, scale)
