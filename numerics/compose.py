"""Models as sums of terms: a correction, backgrounds, a reference curve.

What is measured is the correction plus everything else that depends on the field, and often minus a
warmer curve. All of it belongs into the model: a background subtracted beforehand has been fitted
with the correction in it, and its error is nowhere. A `Model` is a callable
``model(B, **values)`` for `numerics.fit.fit`, and carries what a report needs: names, units, LaTeX,
range of validity, references.

A name means one value: two terms with a parameter mu share it. `Model.renamed` keeps them apart.

>>> from numerics.backgrounds import constant, parabola
>>> model = parabola() + constant()
>>> model.parameters
('c_2', 'c_0')
>>> print(model.latex())
B^{2} c_{2} + c_{0}
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import sympy as sp

from cooperon.correction import Correction
from diagrams.symbols import B, symbol
from numerics.codegen import compile
from numerics.module_source import is_conductance
from numerics.term import DATA, Function, Term, unit_of
from numerics.units import CONDUCTANCE_UNITS, require_unit


@dataclass(frozen=True)
class Model:
    """A sum of terms, to be called as ``model(B, **values)``.

    Attributes
    ----------
    terms : tuple of Term
    unit : str or None
        Unit of the result, ``"e^2/h"``, ``"e^2/(pi h)"`` or ``"S"``; None for backgrounds, which
        are in the unit of whatever they are added to. `numerics.fit.fit` refuses curves in
        another unit.

    Raises
    ------
    ValueError
        If there is no term.
    """

    terms: tuple[Term, ...]
    unit: str | None = None

    def __post_init__(self) -> None:
        if not self.terms:
            raise ValueError("The model has no terms; give at least one.")
        kinds = [inspect.Parameter("B", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
        kinds += [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY) for n in self.parameters]
        # read by inspect.signature, which is how a fit learns the arguments
        object.__setattr__(self, "__signature__", inspect.Signature(kinds))

    def __call__(self, B: jax.Array, **values: Any) -> jax.Array:
        """Return the sum of the terms at fields B (tesla) in `unit`."""
        if set(values) != set(self.parameters):
            raise TypeError(
                f"The model takes {', '.join(self.parameters)}; it was given "
                f"{', '.join(values) or 'none'}."
            )
        total = sum((term(B, values) for term in self.terms), start=jnp.zeros_like(B))
        return jnp.asarray(total)

    def __add__(self, other: Model | Correction) -> Model:
        """Return the sum; a Correction is compiled in the unit of this model.

        Raises
        ------
        ValueError
            If both have units and these differ, or a Correction is added to a model without one.
        """
        if isinstance(other, Correction):
            other = theory(other, unit=self._own_unit())
        if not isinstance(other, Model):
            return NotImplemented
        units = {u for u in (self.unit, other.unit) if u is not None}
        if len(units) > 1:
            raise ValueError(
                f"The models are in {' and in '.join(sorted(units))}; compile both in one unit."
            )
        return Model(self.terms + other.terms, next(iter(units), None))

    def __radd__(self, other: Correction) -> Model:
        """Return the sum of a Correction and this model."""
        if not isinstance(other, Correction):
            return NotImplemented
        return theory(other, unit=self._own_unit()) + self

    def __neg__(self) -> Model:
        """Return minus the model."""
        return replace(self, terms=tuple(replace(t, sign=-t.sign) for t in self.terms))

    def __sub__(self, other: Model) -> Model:
        """Return the difference."""
        return self + (-other) if isinstance(other, Model) else NotImplemented

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the arguments beside B, in the order of the terms."""
        return tuple(dict.fromkeys(name for term in self.terms for _, name in term.names))

    @property
    def units(self) -> dict[str, str]:
        """Unit of each parameter."""
        data = self.unit or "unit of the data"
        return {
            name: data if unit == DATA else unit.replace(DATA, f"({data})")
            for term in self.terms
            for (_, name), unit in zip(term.names, term.units, strict=True)
        }

    @property
    def references(self) -> tuple[str, ...]:
        """Whom to cite."""
        return tuple(dict.fromkeys(r for term in self.terms for r in term.references))

    @property
    def validity(self) -> str:
        """Where all terms hold."""
        return "; ".join(dict.fromkeys(t.validity for t in self.terms if t.validity))

    def renamed(self, names: Mapping[str, str]) -> Model:
        """Return the model with parameters of other names.

        Parameters
        ----------
        names : mapping
            {name: new name}; the name of another parameter makes the two one.

        Raises
        ------
        ValueError
            If a name is not a parameter, or a new one not an identifier.
        """
        for name, new in names.items():
            if name not in self.parameters:
                raise ValueError(
                    f"{name!r} is not a parameter of the model; it has "
                    f"{', '.join(self.parameters)}."
                )
            if not new.isidentifier() or new == "B":
                raise ValueError(f"{new!r} cannot be the name of a parameter; choose another.")
        return replace(self, terms=tuple(term.renamed(names) for term in self.terms))

    def latex(self) -> str:
        """Return the sum as LaTeX, in the symbols of the symbol table."""
        return " ".join(map(_signed, self.terms)).removeprefix("+ ")

    def _own_unit(self) -> str:
        if self.unit is None:
            raise ValueError(
                "A correction is added to a model without a unit; write theory(correction, "
                "unit='e^2/h') + ... with the unit of the data."
            )
        return self.unit


def _signed(term: Term) -> str:
    """Return the term with its sign in front; a minus that it begins with is merged."""
    text = term.latex()
    negative = text.startswith("- ")
    sign = "-" if (term.sign < 0) != negative else "+"
    return f"{sign} {text.removeprefix('- ')}"


def theory(correction: Correction, *, unit: str) -> Model:
    """Return a derived correction as a model.

    Parameters
    ----------
    correction : Correction
        A conductivity in two dimensions, or a conductance.
    unit : str
        The unit of the data: ``"e^2/h"``, ``"e^2/(pi h)"``, ``"S"``, ``"mS"`` or ``"uS"``.

    Raises
    ------
    ValueError
        If the unit is not known, or the correction is not a conductance.
    """
    unit = require_unit(unit, CONDUCTANCE_UNITS, "the data")
    if not is_conductance(correction):
        raise ValueError(
            f"The correction is in units of {correction.unit_name}, not a conductance; give the "
            "length of a wire by of_length, or the thickness of a film."
        )
    names = tuple(s.name for s in correction.parameters if s != B)
    return Model(
        (
            Term(
                compile(correction, unit=unit),
                tuple((name, name) for name in names),
                tuple(unit_of(name) for name in names),
                correction.expression,
                correction.unit,
                validity=correction.validity,
                references=correction.references,
            ),
        ),
        unit,
    )


def function_term(
    function: Function, *, units: Mapping[str, str] | None = None, unit: str | None = None
) -> Model:
    """Return any JAX function of (B, parameters) as a model.

    Parameters
    ----------
    function : callable
        Its parameters are the arguments of its signature after B.
    units : mapping, optional
        Units of parameters that the symbol table does not have.
    unit : str, optional
        Unit of its result, None for that of the data.
    """
    _, *names = inspect.signature(function).parameters
    name = getattr(function, "__name__", "f")
    symbols = [symbol(n) for n in names]
    printed = sp.Function(name if name.isidentifier() else "f")(B, *symbols)
    known = units or {}
    term = Term(
        function,
        tuple((n, n) for n in names),
        tuple(known.get(n) or unit_of(n) for n in names),
        printed,
    )
    return Model((term,), unit)


def minus_reference(model: Model, own: Sequence[str], label: str = "ref") -> Model:
    """Return the model of curves from which a reference curve has been subtracted.

    The reference follows the same model at its own values of some parameters, which become
    further parameters: tau_phi_ref beside tau_phi. Where the reference is warm its correction is
    small but not zero, and this takes care of the difference. With a dephasing law, let T be
    what it has of its own and fix T_ref. Terms that are the same in both cancel and are left out.

    Parameters
    ----------
    model : Model
        Of a curve before the subtraction.
    own : sequence of str
        Parameters of which the reference has its own value.
    label : str
        Is appended to their names, after an underscore.

    Notes
    -----
    Noise of the reference is in all curves, which a fit of subtracted curves does not know. If the
    reference is at hand as a curve, fit it with the others instead.

    Raises
    ------
    ValueError
        If a name is not a parameter, or no parameter is the reference's own (the difference would
        vanish).
    """
    if not own:
        raise ValueError(
            "The reference differs in no parameter; name what is its own: ['tau_phi']."
        )
    reference = model.renamed({name: f"{name}_{label}" for name in own})
    pairs = zip(model.terms, (-reference).terms, strict=True)
    kept = [pair for pair in pairs if pair[0].names != pair[1].names]
    return Model(tuple(t for pair in zip(*kept, strict=True) for t in pair), model.unit)
