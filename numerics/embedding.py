"""Kernel files as text to be copied into generated modules."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from dataclasses import dataclass
from types import ModuleType

import numerics.kernels


@dataclass(frozen=True)
class Embedded:
    """Source of one kernel file: its import lines, and the rest with its docstring as comment."""

    imports: frozenset[str]
    text: str


def embed(kernel: str) -> Embedded:
    """Return the source of the file that defines the kernel called `kernel`."""
    source = inspect.getsource(_module_of(kernel))
    tree = ast.parse(source)
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    lines = source.splitlines()[imports[-1].end_lineno :]
    docstring = (ast.get_docstring(tree) or "").splitlines()
    comment = [f"# {line}".rstrip() for line in docstring]
    kept = frozenset(ast.unparse(n) for n in imports if getattr(n, "module", "") != "__future__")
    return Embedded(kept, "\n".join([*comment, *lines]).rstrip())


def _module_of(kernel: str) -> ModuleType:
    for info in pkgutil.iter_modules(numerics.kernels.__path__):
        module = importlib.import_module(f"numerics.kernels.{info.name}")
        if hasattr(module, kernel):
            return module
    raise NotImplementedError(f"no module of numerics.kernels defines the kernel {kernel!r}.")
