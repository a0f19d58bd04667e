"""Numbers of the fits of the twisted bilayer in words."""

from __future__ import annotations

from tbg_story.study import SPINS

from numerics import FitResult, Minimum
from numerics.profile import Profile
from numerics.story import Range, cell_text
from numerics.story_tables import value_cell


def ps(seconds: float) -> str:
    """Return a time in picoseconds."""
    return f"{1e12 * seconds:.3g} ps"


def times(minimum: Minimum) -> str:
    """Return both spin-orbit times of a minimum."""
    return " and ".join(f"{name} = {ps(minimum.values[name])}" for name in SPINS)


def kind(minimum: Minimum) -> str:
    """Return which kind of spin relaxation is the faster one."""
    return "even" if minimum.values["tau_sym"] < minimum.values["tau_asy"] else "odd"


def text_of(result: FitResult, name: str) -> str:
    """Return the best value and its error."""
    return cell_text(value_cell(result.best, name, result.units[name]))


def higher(result: FitResult, best: Minimum) -> str:
    """Return by how much the sum of squares of a fit is higher."""
    return f"{result.best.sum_of_squares - best.sum_of_squares:.1f}"


def interval_of(found: Profile) -> str:
    """Return the interval of a profile."""
    return cell_text(Range(found.lower, found.upper, found.unit))
