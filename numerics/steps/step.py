"""What a step is: parameters that can be written down, and a function of a sweep.

A step holds no data and no random state, so its record and the input determine the output to the
last bit. What it did to this sweep (a found zero field, a number of effective rows) goes into the
notes of the result.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from numerics.sweep_array import SweepArray


@dataclass(frozen=True)
class Step(ABC):
    """One recorded operation on a sweep."""

    @abstractmethod
    def apply(self, sweep: SweepArray) -> SweepArray:
        """Return a new sweep with the step done and said in its notes."""

    def apply_all(self, sweeps: Sequence[SweepArray]) -> tuple[SweepArray, ...]:
        """Return the step applied to every sweep; steps that combine sweeps override it."""
        return tuple(self.apply(sweep) for sweep in sweeps)

    def record(self) -> dict[str, Any]:
        """Return the name of the step and its parameters in SI, ready for JSON."""
        parameters = {f.name: _plain(getattr(self, f.name)) for f in fields(self)}
        return {"step": type(self).__name__, **parameters}

    def _set(self, name: str, value: Any) -> None:
        """Set a field of the frozen record while it is being made."""
        object.__setattr__(self, name, value)


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
