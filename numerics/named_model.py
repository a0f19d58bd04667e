"""A model by its names, as a record of a fit keeps it: derived again wherever it is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import jax

from cooperon import Correction
from cooperon.dephasing_law import DephasingLaw
from cooperon.geometries import named_correction
from numerics.compose import Model
from numerics.named_background import named_background, with_background
from numerics.named_dephasing import named_law, with_law


@dataclass(frozen=True)
class NamedModel:
    """The correction that ``cooperon fit`` derives from its options, and backgrounds beside it.

    Attributes
    ----------
    name : str
        Of a model; see `cooperon.MODELS`.
    geometry : str or None
        Shape of the sample, infinite if None; see `cooperon.geometries.GEOMETRIES`.
    form : {"fields", "times", "lengths"}
        How rates are written.
    background : str
        Backgrounds joined by ``+``, see `numerics.named_background`; none if empty.
    dephasing : str
        Mechanisms joined by ``+``, see `numerics.named_dephasing`; a free rate if empty.
    """

    name: str
    geometry: str | None = None
    form: str = "fields"
    background: str = ""
    dephasing: str = ""

    @property
    def title(self) -> str:
        """What the model is called."""
        shape = "" if self.geometry is None else f", geometry {self.geometry}"
        law = f", dephasing by {self.dephasing}" if self.dephasing else ""
        beside = f", background {self.background}" if self.background else ""
        return f"{self.name}{shape}{law}{beside}"

    @property
    def noise_dimension(self) -> int | None:
        """Dimension of Nyquist noise: 2 of a plane; of other shapes the law has to say it."""
        return 2 if self.geometry in (None, "plane") else None

    def correction(self) -> Correction:
        """Return sigma(B) - sigma(0) as a conductance; ValueError if a name is not known."""
        if not self.dephasing:
            return self.without_law()
        return with_law(self.without_law(), self.dephasing, self.noise_dimension)

    def without_law(self) -> Correction:
        """Return the correction with B_phi, tau_phi or L_phi as a parameter."""
        return _measurable(self.name, self.geometry, self.form)

    def law(self) -> DephasingLaw | None:
        """Return the dephasing law, None if there is none."""
        return named_law(self.dephasing, self.noise_dimension) if self.dephasing else None

    def background_model(self, unit: str) -> Model | None:
        """Return the sum of the backgrounds for curves in a unit, None if there are none."""
        return named_background(self.background, unit) if self.background else None

    def whole(self, unit: str) -> Correction:
        """Return the correction with the backgrounds, for curves in a unit, as one formula."""
        if not self.background:
            return self.correction()
        return with_background(self.correction(), self.background, unit)

    def function(self, unit: str) -> Callable[..., jax.Array]:
        """Return the compiled function in a unit of curves.

        It is one object for one model and unit, so that a second fit in the same process does
        not compile again.
        """
        return _function(self, unit)


def background_units(named: NamedModel | None, unit: str) -> dict[str, str]:
    """Return the units of the parameters of the backgrounds, for curves in a unit."""
    background = None if named is None else named.background_model(unit)
    if background is None:
        return {}
    return {name: u.replace("unit of the data", unit) for name, u in background.units.items()}


@cache
def _function(named: NamedModel, unit: str) -> Callable[..., jax.Array]:
    from numerics.codegen import compile

    correction = compile(named.correction(), unit=unit)
    if not named.background:
        return correction
    # The correction was probed by itself: beside a background of either sign it may cancel.
    units = background_units(named, unit)
    return compile(named.whole(unit), unit=unit, units=units, probe=False)


def _measurable(name: str, shape: str | None, form: str) -> Correction:
    """Return sigma(B) - sigma(0) of a sample as a conductance, what curves are.

    A long wire gets its length as a further parameter.

    Raises
    ------
    ValueError
        If the correction is that of a conductivity in d = 3.
    """
    correction = named_correction(name, shape, parameters=form)
    if correction.unit_name == "e^2/(pi hbar) m":
        return correction.of_length()
    if correction.unit_name == "e^2/(pi h) / m":
        raise ValueError(
            "the correction in three dimensions is a conductivity and the data are a conductance; "
            "choose --geometry film, whose thickness makes it one."
        )
    return correction
