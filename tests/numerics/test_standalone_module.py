"""What a generated module says and refuses, and that it needs nothing but jax."""

import ast
import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

from cooperon import Conductor, Field, HikamiFunction, magnetoconductivity, model
from cooperon.internal import SIGMA_X, SIGMA_Z
from cooperon.kernel_trace import HikamiTrace
from diagrams.symbols import B, B_phi, symbol
from numerics.codegen import compile, write_module
from numerics.embedding import embed
from numerics.module_source import source
from numerics.precision import double_precision

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STACKED = sp.Add(
    *(symbol(f"A_{k}") * HikamiFunction(B, k * B_phi + symbol("B_so")) for k in range(1, 20))
)
MIXED = HikamiTrace(B, B_phi + symbol("b"), symbol("c"), B_phi + 2 * symbol("b"))


def run_python(code, folder, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "JAX_ENABLE_X64": "1", **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_a_module_imports_jax_numpy_and_the_standard_library_only():
    tree = ast.parse(source(STACKED + MIXED + sp.zeta(sp.Rational(1, 2), B_phi)))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module.split(".")[0])
    assert imported <= {"jax", "numpy"} | sys.stdlib_module_names


@pytest.mark.slow
def test_stacked_and_folded_sources_have_the_same_bytes_under_different_hash_seeds():
    code = """
import sympy as sp
from cooperon import HikamiFunction
from diagrams.symbols import B, B_phi, symbol
from numerics import source
modes = [(symbol(f"A_{k}"), k * B_phi + symbol(f"B_{k}")) for k in range(1, 20)]
folded = sp.digamma(B_phi / B + sp.Rational(1, 2)) - sp.log(B_phi) + sp.log(B)
print(source(sp.Add(folded, *(A * HikamiFunction(B, b) for A, b in modes))))
"""
    first, second = (
        run_python(code, ROOT, PYTHONHASHSEED=seed, PYTHONPATH=ROOT) for seed in ("1", "2")
    )
    assert first == second
    assert "_sum_of" in first


@pytest.mark.slow
def test_a_reloaded_module_gives_the_same_bits_with_jax_alone(tmp_path):
    write_module(STACKED, tmp_path / "stacked.py", probe=False)
    arguments = ", ".join(f"A_{k}={1 / k!r}" for k in range(1, 20))
    call = f"function(jnp.geomspace(1e-4, 10, 9), B_phi=1e-3, B_so=2e-2, {arguments})"
    code = f"""
import sys
import jax.numpy as jnp
from stacked import function
print([float(v).hex() for v in {call}])
print(sorted({{"sympy", "cooperon", "numerics", "diagrams", "scipy"}} & set(sys.modules)))
"""
    bits, _ = run_python(code, tmp_path).splitlines()
    with double_precision():
        here = eval(call, {"function": compile(STACKED, probe=False), "jnp": jnp})
    assert bits == str([float(v).hex() for v in here])


def test_two_kernel_files_may_use_one_private_name(tmp_path, monkeypatch):
    import numerics.kernels

    shared = "import jax\n\n_FACTOR = {}\n\n\ndef {}(x):\n    return _FACTOR * x\n"
    (tmp_path / "zz_first.py").write_text(shared.format(2, "zz_double"))
    (tmp_path / "zz_second.py").write_text(shared.format(3, "zz_triple"))
    monkeypatch.setattr(numerics.kernels, "__path__", [*numerics.kernels.__path__, str(tmp_path)])
    namespace = {}
    exec("import jax\n" + "\n".join(k.text for k in embed(["zz_double", "zz_triple"])), namespace)
    assert (namespace["zz_double"](1), namespace["zz_triple"](1)) == (2, 3)


@double_precision()
@pytest.mark.parametrize("value", [1e-3 + 1e-4j, np.array([1e-3j])])
def test_a_complex_value_of_a_real_parameter_is_refused_by_name(value):
    function = compile(HikamiFunction(B, B_phi), probe=False)
    with pytest.raises(TypeError, match=r"B_phi = .* is complex; B_phi is real"):
        function(0.01, value)
    with pytest.raises(TypeError, match="B_phi"):
        jax.jit(function)(0.01, value)


def test_a_missing_value_is_refused_by_name():
    with pytest.raises(TypeError, match="'B_phi'"):
        compile(HikamiFunction(B, B_phi), probe=False)(0.01)


def test_single_precision_is_warned_of_where_a_kernel_is_not_certified_for_it():
    function = compile(MIXED, probe=False)
    arguments = [jnp.float32(v) for v in (0.01, 1e-3, 2e-3, 1e-4)]
    with pytest.warns(UserWarning, match=r"hikami_trace is certified in float64 only.*enable_x64"):
        function(*arguments)
    with double_precision():
        function(0.01, 1e-3, 2e-3, 1e-4)


def test_certified_kernels_take_single_precision_without_a_warning():
    assert compile(HikamiFunction(B, B_phi), probe=False)(0.01, 1e-3).dtype == jnp.float32


def mixed_model(name):
    tilted = Field("tilted", SIGMA_X + SIGMA_Z, sp.Symbol(name, positive=True))
    return magnetoconductivity(Conductor(2, [*model("hln").conductor().disorder[:4], tilted]))


def test_a_parameter_of_a_correction_without_a_unit_is_warned_of_with_the_remedy():
    correction = mixed_model("Gamma_m")
    with pytest.warns(UserWarning, match=r"Gamma_m has no unit .*units=\{'Gamma_m'"):
        source(correction)
    assert "Gamma_m : 1/s" in source(correction, units={"Gamma_m": "1/s"})


def test_new_times_and_fields_have_units_by_their_letter():
    assert "B_new : T" in source(HikamiFunction(B, B_phi + symbol("B_new")))


def test_units_of_what_is_no_parameter_are_refused():
    with pytest.raises(ValueError, match="'q', which is not a parameter"):
        source(HikamiFunction(B, B_phi), units={"q": "1/m"})


@pytest.mark.parametrize("name", ["jnp", "hikami", "dtype"])
def test_a_parameter_with_a_name_that_the_code_uses_is_refused(name):
    with pytest.raises(ValueError, match=f"'{name}' has the name of something"):
        source(HikamiFunction(B, B_phi) * symbol(name))
