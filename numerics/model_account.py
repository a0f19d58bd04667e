"""What a record keeps of a model: its names or source, its formula in print, whom to cite."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import jax

from cooperon import Correction
from numerics.named_dephasing import law_latex
from numerics.named_model import NamedModel, background_units
from numerics.report_formula import background_meanings, formula_lines, meanings, with_sign


@dataclass(frozen=True)
class ModelAccount:
    """A model as it stands in a record.

    Attributes
    ----------
    title : str
        What it is called.
    named : NamedModel or None
        Its names, where it has them.
    source : str
        Of the generated module; empty where only a function was given.
    unit : str
        Unit of the curves.
    latex : str
        The whole formula.
    lines : tuple of str
        The same in lines that fit on a page, for `matplotlib`'s mathtext.
    formula_unit : str
        Unit of the formula.
    symbols : mapping
        {name: {"latex": ..., "meaning": ..., "unit": ...}}
    validity : str
        Where the formula holds.
    references : tuple of str
        Whom to cite.
    """

    title: str
    named: NamedModel | None = None
    source: str = ""
    unit: str = "e^2/h"
    latex: str = ""
    lines: tuple[str, ...] = ()
    formula_unit: str = ""
    symbols: Mapping[str, Mapping[str, str]] | None = None
    validity: str = ""
    references: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, correction: Correction | None, unit: str, named: NamedModel | None = None
    ) -> ModelAccount:
        """Return the account of a derived correction, or of a function of which nothing is known.

        Parameters
        ----------
        correction : Correction or None
            The formula.
        unit : str
            Unit of the curves.
        named : NamedModel, optional
            What makes the correction again.
        """
        if correction is None:
            return cls("A function given by the user", unit=unit)
        from numerics.module_source import source

        whole = correction if named is None else named.whole(unit)
        background = None if named is None else named.background_model(unit)
        units = background_units(named, unit)
        beside = "" if background is None else background.latex()
        printed = correction if named is None else named.without_law()
        laws = _laws(named)
        return cls(
            title=correction.derivation.title if named is None else named.title,
            named=named,
            source=source(whole, name="magnetoconductance", unit=unit, units=units),
            unit=unit,
            latex=r",\qquad ".join([with_sign(printed.latex(), beside), *laws]),
            lines=(*formula_lines(printed, beside), *laws),
            formula_unit=correction.unit_name,
            symbols=meanings(printed) | meanings(correction) | background_meanings(units),
            validity=whole.validity,
            references=tuple(whole.references),
        )

    @property
    def source_hash(self) -> str:
        """SHA-256 of the generated source, empty if there is none."""
        return hashlib.sha256(self.source.encode()).hexdigest() if self.source else ""

    def function(self, *, trust_source: bool = False) -> Callable[..., jax.Array]:
        """Return the function that was fitted, in the unit of the curves.

        Raises
        ------
        ValueError
            If the model has no names and `trust_source` is not set, or nothing can make it again.
        """
        if self.named is not None:
            return self.named.function(self.unit)
        if not self.source:
            raise ValueError(
                "The fitted function was given by the user and is not in the record; pass it as "
                "function=."
            )
        if not trust_source:
            raise ValueError(
                "The record keeps the model as Python source, which runs when the fit is repeated; "
                "read it, and pass trust_source=True (--trust-source) if it is yours."
            )
        space: dict[str, Any] = {"__name__": "cooperon_generated_magnetoconductance"}
        exec(self.source, space)
        function: Callable[..., jax.Array] = space["magnetoconductance"]
        return function

    def content(self) -> dict[str, Any]:
        """Return the account as texts, lists and mappings."""
        return asdict(self)

    @classmethod
    def of_content(cls, content: Mapping[str, Any]) -> ModelAccount:
        """Return the account that `content` described."""
        facts = dict(content)
        named = facts["named"]
        facts["named"] = None if named is None else NamedModel(**named)
        for name in ("lines", "references"):
            facts[name] = tuple(facts[name])
        return cls(**facts)


def _laws(named: NamedModel | None) -> tuple[str, ...]:
    law = None if named is None else named.law()
    if named is None or law is None:
        return ()
    return (law_latex(law, times=named.form == "times"),)
