"""A model by its names, as a record of a fit keeps it: derived again wherever it is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import jax

from cooperon import Correction


@dataclass(frozen=True)
class NamedModel:
    """The correction that ``cooperon fit`` derives from its options.

    Attributes
    ----------
    name : str
        Of a model; see `cooperon.MODELS`.
    geometry : str or None
        Shape of the sample, infinite if None; see `cooperon.geometries.GEOMETRIES`.
    form : {"fields", "times", "lengths"}
        How rates are written.
    """

    name: str
    geometry: str | None = None
    form: str = "fields"

    def correction(self) -> Correction:
        """Return sigma(B) - sigma(0) as a conductance; ValueError if a name is not known."""
        from numerics.cli_options import measurable  # brings the command line's library with it

        return measurable(self.name, self.geometry, self.form)

    def function(self, unit: str) -> Callable[..., jax.Array]:
        """Return the compiled function in a unit of curves.

        It is one object for one model and unit, so that a second fit in the same process does
        not compile again.
        """
        return _function(self, unit)


@cache
def _function(named: NamedModel, unit: str) -> Callable[..., jax.Array]:
    from numerics.codegen import compile

    return compile(named.correction(), unit="SI" if unit == "S" else unit)
