"""Imports go one way, diagrams <- cooperon <- numerics, and theory needs no JAX."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALLOWED = {
    "diagrams": {"diagrams"},
    "cooperon": {"diagrams", "cooperon"},
    "numerics": {"diagrams", "cooperon", "numerics"},
}
MODULES = [path for package in ALLOWED for path in sorted((ROOT / package).rglob("*.py"))]


def imported(path):
    """Return the top-level names of all absolute imports in a file, in functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]


def package(path):
    return path.relative_to(ROOT).parts[0]


def test_all_three_packages_are_looked_at():
    assert {package(path) for path in MODULES} == set(ALLOWED)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_package_imports_one_to_its_right(path):
    assert set(imported(path)) & set(ALLOWED) <= ALLOWED[package(path)]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_diagrams_and_cooperon_name_no_numerical_library(path):
    if package(path) != "numerics":
        assert not set(imported(path)) & {"jax", "matplotlib", "scipy"}


@pytest.mark.parametrize("name", ["diagrams", "cooperon"])
def test_importing_the_theory_does_not_import_jax(name):
    code = f"import sys, {name}; sys.exit('jax' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
