"""Kernel files as text to be copied into generated modules."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import TypeGuard

import numerics.kernels


@dataclass(frozen=True)
class Embedded:
    """Source of one kernel file: its import lines, and the rest with its docstring as comment."""

    imports: frozenset[str]
    text: str


def embed(kernels: Iterable[str]) -> list[Embedded]:
    """Return the sources of the files that define `kernels`, each after those it imports."""
    modules: dict[str, ModuleType] = {}
    for kernel in sorted(kernels):
        _collect(_module_of(kernel), modules)
    return [_embedded(module) for module in modules.values()]


def _collect(module: ModuleType, modules: dict[str, ModuleType]) -> None:
    for node in _imports(inspect.getsource(module)):
        if _is_kernel_import(node):
            _collect(importlib.import_module(str(node.module)), modules)
    modules.setdefault(module.__name__, module)


def _embedded(module: ModuleType) -> Embedded:
    source = inspect.getsource(module)
    imports = _imports(source)
    lines = source.splitlines()[imports[-1].end_lineno :]
    docstring = (inspect.getdoc(module) or "").splitlines()
    comment = [f"# {line}".rstrip() for line in docstring]
    kept = (node for node in imports if not _is_kernel_import(node))
    outside = frozenset(ast.unparse(n) for n in kept if getattr(n, "module", "") != "__future__")
    return Embedded(outside, "\n".join([*comment, *lines]).rstrip())


def _imports(source: str) -> list[ast.Import | ast.ImportFrom]:
    return [n for n in ast.parse(source).body if isinstance(n, ast.Import | ast.ImportFrom)]


def _is_kernel_import(node: ast.stmt) -> TypeGuard[ast.ImportFrom]:
    return isinstance(node, ast.ImportFrom) and str(node.module).startswith("numerics.kernels.")


def _module_of(kernel: str) -> ModuleType:
    for info in pkgutil.iter_modules(numerics.kernels.__path__):
        module = importlib.import_module(f"numerics.kernels.{info.name}")
        if hasattr(module, kernel):
            return module
    raise NotImplementedError(f"no module of numerics.kernels defines the kernel {kernel!r}.")
