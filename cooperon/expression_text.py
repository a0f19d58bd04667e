"""Expressions as text that is safe to read.

`encode` and `decode` turn a value into JSON and back: None, bool, int, str, tuple, dict, and
SymPy expressions and matrices as the text of `sympy.srepr`.  Reading never evaluates Python:
the text is parsed to a syntax tree, in which only calls of listed constructors are understood,
and strings only as names, since SymPy would evaluate them anywhere else.  Nor does it evaluate
mathematics: every node is rebuilt as it was (polygamma(0, 10^4 + 1/2), kept unevaluated, would
otherwise expand to 10^4 terms), so that what comes back is equal in structure.  `encode` reads
its own text and refuses what does not.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import sympy as sp
from sympy.core.function import FunctionClass
from sympy.core.symbol import Str
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.functions.special.hyper import TupleArg

from cooperon.canonical import UnstorableError, canonical

_CONSTANTS = MappingProxyType(
    {
        name: getattr(sp, name)
        for name in ("oo", "zoo", "nan", "pi", "E", "I", "EulerGamma", "Catalan", "GoldenRatio")
    }
    | {"true": sp.true, "false": sp.false}
)
_PLAIN = ("Sum", "Product", "Integral", "Derivative", "Subs", "Lambda", "Tuple", "Order")
_RELATIONS = (sp.Eq, sp.Ne, sp.Lt, sp.Le, sp.Gt, sp.Ge, sp.And, sp.Or, sp.Not)


def encode(value: Any, classes: Sequence[type] = ()) -> Any:
    """Return `value` as a JSON document.

    Parameters
    ----------
    value : None, bool, int, str, SymPy expression or matrix, or tuples and dicts of them
        Matrices are ImmutableDenseMatrix.  Symbols keep their assumptions.
    classes : sequence of types
        SymPy classes beside those of SymPy itself that may occur, such as HikamiFunction.

    Raises
    ------
    UnstorableError
        If a part has no text that reads back as an equal value: a Dummy (it belongs to one
        process), a mutable matrix, or a class that is not listed.
    """
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is tuple:
        return {"tuple": [encode(item, classes) for item in value]}
    if type(value) is dict:
        items = value.items()
        return {"dict": [[encode(k, classes), encode(v, classes)] for k, v in items]}
    if isinstance(value, sp.Basic | sp.ImmutableDenseMatrix):
        return {"srepr": _checked_text(value, classes)}
    raise UnstorableError(
        f"a value of type {type(value).__name__} cannot be stored; give None, bool, int, str, "
        "SymPy expressions, ImmutableDenseMatrix, or tuples and dicts of them."
    )


def decode(document: Any, classes: Sequence[type] = ()) -> Any:
    """Return the value of a JSON document that `encode` made.

    Raises
    ------
    ValueError
        If the document is of any other form, or names a class that is not listed.
    """
    if document is None or isinstance(document, bool | int | str):
        return document
    match document:
        case {"tuple": [*items], **rest} if not rest:
            return tuple(decode(item, classes) for item in items)
        case {"dict": [*items], **rest} if not rest and all(_is_pair(i) for i in items):
            return _mapping(items, classes)
        case {"srepr": str(text), **rest} if not rest:
            return parse(text, classes)
    raise ValueError(f"{str(document)[:60]!r} is not a stored value.")


def _mapping(items: list[list[Any]], classes: Sequence[type]) -> dict[Any, Any]:
    try:
        return {decode(key, classes): decode(value, classes) for key, value in items}
    except TypeError as error:
        raise ValueError(f"a stored mapping has a key that cannot be one: {error}.") from error


def parse(text: str, classes: Sequence[type] = ()) -> Any:
    """Return the expression or matrix whose `srepr` is `text`, without evaluating anything.

    Raises
    ------
    ValueError
        If the text is anything but calls of known constructors, or too deeply nested.
    """
    try:
        return _Reader(classes).value(ast.parse(text, mode="eval").body)
    except ValueError:
        raise
    except Exception as error:  # whatever a constructor says to arguments that make no sense
        raise ValueError(f"{text[:60]!r} is not the text of an expression: {error}.") from error


def _checked_text(value: Any, classes: Sequence[type]) -> str:
    if value.atoms(sp.Dummy) if isinstance(value, sp.Basic) else value.has(sp.Dummy):
        raise UnstorableError(
            "an expression with a Dummy cannot be stored; replace it by a Symbol."
        )
    try:
        text = sp.srepr(value, order="none")
        same = canonical(parse(text, classes)) == canonical(value) and parse(text, classes) == value
    except (ValueError, RecursionError) as error:
        raise UnstorableError(f"a {type(value).__name__} has no text to store: {error}") from error
    if not same:
        raise UnstorableError(
            f"the expression {str(value)[:80]} reads back as another one; store it in other terms."
        )
    return text


def _is_pair(item: Any) -> bool:
    return isinstance(item, list) and len(item) == 2


def _unevaluated(cls: type) -> Callable[..., Any]:
    return lambda *args: cls(*args, evaluate=False)


def _is_function(value: Any) -> bool:
    return isinstance(value, FunctionClass)


_BUILDERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        **{name: _unevaluated(f) for name, f in vars(sp.functions).items() if _is_function(f)},
        **{relation.__name__: _unevaluated(relation) for relation in _RELATIONS},
        **{name: getattr(sp, name) for name in _PLAIN},
        "Add": lambda *args: sp.Add._from_args(args),
        "Mul": lambda *args: sp.Mul._from_args(args),
        "Pow": _unevaluated(sp.Pow),
        "ExprCondPair": ExprCondPair,
        "TupleArg": TupleArg,
    }
)


class _Reader:
    """Builds an expression from the syntax tree of its text."""

    def __init__(self, classes: Sequence[type]) -> None:
        self.builders = {**_BUILDERS, **{cls.__name__: _unevaluated(cls) for cls in classes}}

    def value(self, node: ast.expr) -> Any:
        """Return the expression of a node, an error for any node that `srepr` does not make."""
        match node:
            case ast.Name(id=name) if name in _CONSTANTS:
                return _CONSTANTS[name]
            case ast.UnaryOp(op=ast.USub(), operand=ast.Name(id="oo")):
                return sp.S.NegativeInfinity
            case ast.Call(func=ast.Name(id=name)) if name in _ATOMS:
                return _ATOMS[name](*map(_literal, node.args), **_options(node))
            case ast.Call(func=ast.Name(id="ImmutableDenseMatrix"), args=args, keywords=[]):
                return self._matrix(args)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._builder(name)(*map(self.value, args))
            case ast.Call(
                func=ast.Call(func=ast.Name(id="Function"), args=[name], keywords=[]),
                args=args,
                keywords=[],
            ):
                return sp.Function(_text(_literal(name)))(*map(self.value, args))
        raise ValueError(f"{ast.unparse(node)[:60]!r} is not part of an expression.")

    def _builder(self, name: str) -> Callable[..., Any]:
        if name not in self.builders:
            raise ValueError(f"{name!r} is not a class that may be read; list it in `classes`.")
        return self.builders[name]

    def _matrix(self, args: list[ast.expr]) -> sp.ImmutableDenseMatrix:
        match args:
            case [ast.List(elts=rows)] if all(isinstance(row, ast.List) for row in rows):
                return sp.ImmutableDenseMatrix(
                    [[self.value(entry) for entry in row.elts] for row in rows]  # type: ignore[attr-defined]
                )
            case [rows, columns, ast.List(elts=[])]:
                return sp.ImmutableDenseMatrix(
                    _whole(_literal(rows)), _whole(_literal(columns)), []
                )
        raise ValueError("a stored matrix is neither a list of rows nor empty.")


def _literal(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=value) if type(value) in (bool, int, str):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)) if type(value) is int:
            return -value
    raise ValueError(f"{ast.unparse(node)[:60]!r} is not a number or a name.")


def _options(node: ast.Call) -> dict[str, Any]:
    if any(keyword.arg is None for keyword in node.keywords):
        raise ValueError("a stored expression does not unpack keywords.")
    return {str(keyword.arg): _literal(keyword.value) for keyword in node.keywords}


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise ValueError(f"{value!r} is not an integer.")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError(f"{value!r} is not a name.")
    return value


def _symbol(name: Any, **assumptions: Any) -> sp.Symbol:
    if not all(type(value) is bool for value in assumptions.values()):
        raise ValueError(f"the assumptions {assumptions} of a symbol are not true or false.")
    return sp.Symbol(_text(name), **assumptions)


def _float(digits: Any, precision: Any) -> sp.Float:
    if not _DIGITS.fullmatch(_text(digits)):
        raise ValueError(f"{digits!r} is not a number.")
    return sp.Float(digits, precision=_whole(precision))


_DIGITS = re.compile(r"-?\d+(\.\d*)?(e[+-]?\d{1,9})?")
_ATOMS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "Symbol": _symbol,
        "Str": lambda name: Str(_text(name)),
        "Integer": lambda p: sp.Integer(_whole(p)),
        "Rational": lambda p, q: sp.Rational(_whole(p), _whole(q)),
        "Float": _float,
    }
)
