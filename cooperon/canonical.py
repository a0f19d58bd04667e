"""A canonical text of models and expressions, to hash.

The text is the same for equal values in every process, whatever the order of sets and the hash
seed: arguments of commutative operations are ordered by their own text, symbols carry all their
assumptions, and classes their full name.  `srepr` and pickles have none of these properties.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef


class UnstorableError(TypeError):
    """A value that has no text, or none that means the same in another process."""


def canonical(value: Any) -> str:
    """Return a text that is the same for equal values in any process, and else another.

    Takes None, bool, int, float, str, enums, SymPy expressions and matrices, tuples, lists,
    mappings, sets and dataclasses of them, the latter by their class and compared fields.

    Raises
    ------
    UnstorableError
        If a part is of another type, or a Dummy.
    """
    if value is None or type(value) in (bool, int, float, str):
        return f"{type(value).__name__}:{value!r}"
    if isinstance(value, Enum):
        return f"{_class_name(type(value))}.{value.name}"
    if isinstance(value, sp.MatrixBase):
        return _call("matrix", [str(value.shape), *map(canonical, value.flat())])
    if isinstance(value, sp.Basic):
        return _canonical_expression(value)
    return _canonical_container(value)


def _canonical_container(value: Any) -> str:
    if isinstance(value, tuple | list):
        return _call(type(value).__name__, map(canonical, value))
    if isinstance(value, Mapping):
        return _call("map", sorted(_call("", map(canonical, item)) for item in value.items()))
    if isinstance(value, set | frozenset):
        return _call("set", sorted(map(canonical, value)))
    if is_dataclass(value) and not isinstance(value, type):
        content = [
            _call(f.name, [canonical(getattr(value, f.name))]) for f in fields(value) if f.compare
        ]
        return _call(_class_name(type(value)), content)
    raise UnstorableError(
        f"a {type(value).__name__} cannot be part of a key; give numbers, text, expressions, "
        "dataclasses, or containers of them."
    )


def _canonical_expression(value: sp.Basic) -> str:
    if isinstance(value, sp.Dummy):
        raise UnstorableError(
            f"the Dummy {value} has no name outside this process; replace it by a Symbol."
        )
    if isinstance(value, sp.Symbol):
        known = sorted(f"{k}={v}" for k, v in value.assumptions0.items())
        return _call(_class_name(type(value)), [repr(value.name), *known])
    if not value.args:
        name = _undefined_name(value)
        return _call(name or _class_name(type(value)), [sp.srepr(value)])
    args = [canonical(arg) for arg in value.args]
    unordered = isinstance(value, sp.Add | sp.And | sp.Or | sp.Max | sp.Min | sp.FiniteSet) or (
        isinstance(value, sp.Mul) and value.is_commutative
    )
    head = _undefined_name(value) or _class_name(type(value))
    return _call(head, sorted(args) if unordered else args)


def _undefined_name(value: sp.Basic) -> str:
    if not isinstance(value, AppliedUndef):
        return ""
    known = sorted(f"{k}={v}" for k, v in type(value)._kwargs.items())
    return _call("undefined", [type(value).__name__, *known])


def _class_name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _call(head: str, parts: Iterable[str]) -> str:
    # Lengths make the text unambiguous whatever a name contains.
    return head + "(" + ",".join(f"{len(part)}:{part}" for part in parts) + ")"
