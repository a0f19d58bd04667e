"""Kernel files as text to be copied into generated modules.

Two files may use one private name for two things, which in one module would overwrite each
other: the later one then carries the name of its file.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import TypeGuard

import numerics.kernels


@dataclass(frozen=True)
class Embedded:
    """Source of one kernel file: its import lines, and the rest with its docstring as comment."""

    imports: frozenset[str]
    text: str


def embed(kernels: Iterable[str]) -> list[Embedded]:
    """Return the sources of the files that define `kernels`, each after those it imports.

    Raises
    ------
    NotImplementedError
        If no file defines a kernel, or two files share a name that one imports from the other.
    """
    modules: dict[str, ModuleType] = {}
    for kernel in sorted(kernels):
        _collect(_module_of(kernel), modules)
    renamed = _renamed(list(modules.values()))
    return [_embedded(module, renamed[name]) for name, module in modules.items()]


def uncertified(kernels: Iterable[str], dtype: str) -> list[str]:
    """Return the kernels whose file has a `CERTIFIED` that leaves out the type `dtype`."""
    types = {kernel: getattr(_module_of(kernel), "CERTIFIED", (dtype,)) for kernel in kernels}
    return sorted(kernel for kernel, certified in types.items() if dtype not in certified)


def _renamed(modules: list[ModuleType]) -> dict[str, dict[str, str]]:
    """Return, for each module, new names for those that an earlier module has defined."""
    sources = {module.__name__: inspect.getsource(module) for module in modules}
    imported = {
        alias.name
        for source in sources.values()
        for node in _imports(source)
        if _is_kernel_import(node)
        for alias in node.names
    }
    seen: set[str] = set()
    new: dict[str, dict[str, str]] = {}
    for name, source in sources.items():
        defined = set(_defined(source))
        clashes = sorted(defined & seen)
        if shared := imported.intersection(clashes):
            raise NotImplementedError(
                f"{name} defines {min(shared)}, as another kernel file does, and one of them is "
                "imported elsewhere; give one of the two another name."
            )
        new[name] = {old: f"_{name.rpartition('.')[2]}_{old.lstrip('_')}" for old in clashes}
        seen |= defined.union(new[name].values())
    return new


def _defined(source: str) -> Iterator[str]:
    """Names that a file defines at its top level."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))


def _with_names(text: str, names: Mapping[str, str]) -> str:
    """Return source text with its own names replaced; attributes of others keep theirs."""
    if not names:
        return text
    lines = text.splitlines()
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    for previous, token in reversed(list(pairwise(tokens))):
        if token.type == tokenize.NAME and token.string in names and previous.string != ".":
            (row, start), (_, end) = token.start, token.end
            line = lines[row - 1]
            lines[row - 1] = line[:start] + names[token.string] + line[end:]
    return "\n".join(lines)


def _collect(module: ModuleType, modules: dict[str, ModuleType]) -> None:
    for node in _imports(inspect.getsource(module)):
        if _is_kernel_import(node):
            _collect(importlib.import_module(str(node.module)), modules)
    modules.setdefault(module.__name__, module)


def _embedded(module: ModuleType, names: Mapping[str, str]) -> Embedded:
    source = inspect.getsource(module)
    imports = _imports(source)
    lines = source.splitlines()[imports[-1].end_lineno :]
    docstring = (inspect.getdoc(module) or "").splitlines()
    comment = [f"# {line}".rstrip() for line in docstring]
    kept = (node for node in imports if not _is_kernel_import(node))
    outside = frozenset(ast.unparse(n) for n in kept if getattr(n, "module", "") != "__future__")
    text = _with_names("\n".join(lines).rstrip(), names)
    return Embedded(outside, "\n".join([*comment, text]))


def _imports(source: str) -> list[ast.Import | ast.ImportFrom]:
    return [n for n in ast.parse(source).body if isinstance(n, ast.Import | ast.ImportFrom)]


def _is_kernel_import(node: ast.stmt) -> TypeGuard[ast.ImportFrom]:
    return isinstance(node, ast.ImportFrom) and str(node.module).startswith("numerics.kernels.")


@cache
def _module_of(kernel: str) -> ModuleType:
    definition = re.compile(rf"^(def {kernel}\(|{kernel}\b[^=\n]*=)", re.MULTILINE)
    for folder in numerics.kernels.__path__:
        for path in sorted(Path(folder).glob("*.py")):
            if definition.search(path.read_text(encoding="utf-8")):
                return importlib.import_module(f"numerics.kernels.{path.stem}")
    raise NotImplementedError(f"no module of numerics.kernels defines the kernel {kernel!r}.")
