"""What importing costs, and compiled code that outlives the process."""

import os
import subprocess
import sys

import jax
import pytest
import scipy.constants

from numerics import constants

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def run_python(code, *arguments, **environment):
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.split()


@pytest.mark.slow
def test_importing_numerics_leaves_out_what_only_fits_and_figures_need():
    heavy = "matplotlib scipy typer rich"
    code = f"import sys, numerics; print(*[n for n in {heavy.split()} if n in sys.modules])"
    assert run_python(code) == []


@pytest.mark.slow
def test_importing_numerics_changes_no_setting_of_jax():
    code = """
import jax
before = dict(jax.config.values)
import numerics
print(*[name for name, value in jax.config.values.items() if before[name] != value])
"""
    assert run_python(code) == []


CACHED = """
import sys, jax, numerics
folder = numerics.enable_cache(*sys.argv[1:])
hits = []
jax.monitoring.register_event_listener(lambda event, **_: hits.append(event.split("/")[-1]))
jax.jit(lambda x: jax.numpy.sin(x) + 1)(2.0)
print(folder, hits.count("cache_hits"))
"""


@pytest.mark.slow
def test_a_second_process_compiles_nothing_again(tmp_path):
    folder, hits = run_python(CACHED, str(tmp_path / "new"))
    assert folder == str(tmp_path / "new")
    assert hits == "0"
    assert int(run_python(CACHED, str(tmp_path / "new"))[1]) > 0


@pytest.mark.slow
def test_the_cache_is_where_jax_or_the_user_keeps_caches(tmp_path):
    code = """
import sys, jax, numerics
print(numerics.enable_cache())
jax.config.update("jax_compilation_cache_dir", sys.argv[1])
print(numerics.enable_cache())
"""
    variables = {"XDG_CACHE_HOME": str(tmp_path), "JAX_COMPILATION_CACHE_DIR": ""}
    users, own = run_python(code, str(tmp_path / "own"), **variables)
    assert own == str(tmp_path / "own")
    assert users == str(tmp_path / "cooperon/jax") or not sys.platform.startswith("linux")


@pytest.mark.parametrize("name", ["e", "h", "hbar"])
def test_constants_are_those_of_codata(name):
    assert getattr(constants, name) == getattr(scipy.constants, name)


def test_the_boltzmann_constant_is_that_of_the_si():
    assert constants.k_B == scipy.constants.k


def test_the_bohr_magneton_is_that_of_codata():
    magneton, unit, _ = scipy.constants.physical_constants["Bohr magneton"]
    # editions differ by a few uncertainties of the older one
    assert unit == "J T^-1"
    assert abs(constants.mu_B / magneton - 1) < 3e-9


def test_no_test_has_switched_the_cache_on():
    assert jax.config.jax_persistent_cache_min_entry_size_bytes == 0
