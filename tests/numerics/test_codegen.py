"""Generated code: the numbers of the expression, standalone, deterministic, and strict."""

import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.constants
import sympy as sp

from cooperon import Conductor, Field, magnetoconductivity, model, potential, weak_localization
from cooperon.internal import SIGMA_X, SIGMA_Y, SIGMA_Z
from diagrams.symbols import B, B_phi, D, omega, symbol, tau, tau_phi
from numerics.codegen import compile, write_module
from numerics.module_source import source
from numerics.precision import double_precision

HLN = magnetoconductivity(model("hln").conductor())
FIELDS = {
    "B_phi": 1e-3,
    "B_s_x": 2e-4,
    "B_s_y": 3e-4,
    "B_s_z": 5e-4,
    "B_so_x": 4e-3,
    "B_so_y": 6e-3,
    "B_so_z": 2e-2,
}


def by_mpmath(expression, **values):
    free = {s: sp.Float(values[s.name], 30) for s in expression.free_symbols if s.name in values}
    return complex(expression.subs(free).doit().evalf(25))


@double_precision()
def test_generated_function_has_the_value_of_the_expression():
    function = compile(HLN)
    for field in (1e-5, -3e-3, 0.2, 8.0):
        expected = by_mpmath(HLN.expression, B=field, **FIELDS).real
        assert float(function(field, **FIELDS)) == pytest.approx(expected, rel=1e-13)


@double_precision()
def test_generated_gradient_is_the_symbolic_derivative():
    function = compile(HLN)
    for name in ("B", "B_phi", "B_so_x", "B_s_z"):
        derivative = HLN.expression.diff(symbol(name) if name != "B" else B)
        gradient = jax.grad(lambda value, n=name: function(**({"B": 0.01} | FIELDS | {n: value})))
        at = 0.01 if name == "B" else FIELDS[name]
        expected = by_mpmath(derivative, B=0.01, **FIELDS).real
        assert float(gradient(at)) == pytest.approx(expected, rel=1e-12)


@double_precision()
def test_times_and_fields_give_the_same_number():
    in_fields, in_times = compile(HLN), compile(HLN.in_times())
    diffusion = 0.02
    flux = 1.054571817646156e-34 / 1.602176634e-19
    times = {"tau" + n[1:]: flux / (4 * diffusion * value) for n, value in FIELDS.items()}
    expected = in_fields(0.01, **FIELDS)
    assert float(in_times(0.01, D=diffusion, **times)) == pytest.approx(float(expected), rel=1e-13)


@double_precision()
@pytest.mark.slow
def test_units_differ_by_pi_and_by_the_conductance_quantum():
    native, quantum, siemens = (compile(HLN, unit=u)(0.01, **FIELDS) for u in (None, "e^2/h", "SI"))
    assert float(native / quantum) == pytest.approx(np.pi, rel=1e-15)
    assert float(siemens / quantum) == pytest.approx(1.602176634e-19**2 / 6.62607015e-34, rel=1e-9)


@double_precision()
def test_arguments_broadcast_against_each_other():
    values = compile(HLN)(jnp.array([0.0, 0.01, 0.1])[:, None], **(FIELDS | {"B_phi": jnp.ones(4)}))
    assert values.shape == (3, 4)


def test_single_precision_holds_formulas_in_times():
    function = compile(HLN.in_times(), unit="e^2/h")
    times = {name.replace("B_", "tau_"): 1e-12 for name in FIELDS}
    value = function(jnp.float32(0.01), D=jnp.float32(0.03), **times)
    with double_precision():
        expected = function(jnp.float64(0.01), D=jnp.float64(0.03), **times)
        assert value.dtype == jnp.float32
        assert float(value) == pytest.approx(float(expected), rel=5e-6)


@double_precision()
def test_infinite_times_switch_a_mechanism_off_without_nan_in_the_gradient():
    function = compile(HLN.in_times())
    times = {name.replace("B_", "tau_"): jnp.inf for name in FIELDS} | {"tau_phi": 1e-11}
    gradient = jax.grad(lambda t: function(0.01, D=0.03, **(times | {"tau_phi": t})))(1e-11)
    assert np.isfinite(gradient)


@double_precision()
@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("cutoff", ["smooth", "momentum", "sharp"])
def test_complex_conductivity_without_a_field_is_generated(dimension, cutoff):
    correction = weak_localization(Conductor(dimension, [potential()]), cutoff, omega)
    values = {"D": 0.01, "tau": 1e-13, "tau_phi": 1e-11, "omega": 3e10, "Q_c": 1e7}
    names = [s.name for s in correction.parameters]
    value = compile(correction)(**{name: values[name] for name in names})
    assert complex(value) == pytest.approx(by_mpmath(correction.expression, **values), rel=1e-12)


@double_precision()
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_the_sharp_cutoff_is_generated(dimension):
    correction = weak_localization(Conductor(dimension, [potential()]), "sharp")
    values = {"D": 0.01, "tau": 1e-13, "tau_phi": 1e-11}
    chosen = {s.name: values[s.name] for s in correction.parameters}
    expected = by_mpmath(correction.expression, **chosen).real
    assert float(compile(correction)(**chosen)) == pytest.approx(expected, rel=1e-13)


@double_precision()
@pytest.mark.slow
def test_mixed_triplets_have_values_and_gradients_where_gaps_coincide():
    tilted = Field("tilted", SIGMA_X + SIGMA_Y + SIGMA_Z, 1 / symbol("tau_m"))
    conductor = Conductor(2, [*model("hln").conductor().disorder[:4], tilted])
    correction = magnetoconductivity(conductor)
    function = compile(correction)
    equal = {"B_m": 2e-3, "B_phi": 1e-3, "B_so_x": 2e-2, "B_so_y": 2e-2, "B_so_z": 2e-2}
    for values in (equal, equal | {"B_m": 0.0}, equal | {"B_so_x": 4e-3, "B_so_y": 6e-3}):
        expected = by_mpmath(correction.expression, B=0.01, **values).real
        assert float(function(0.01, **values)) == pytest.approx(expected, rel=1e-12)
        gradient = jax.grad(lambda v: function(0.01, **v))(values)
        for name, value in values.items():
            step = 1e-6 * (value + 1e-4)
            ahead, behind = (function(0.01, **(values | {name: value + d})) for d in (step, 0))
            assert float(gradient[name]) == pytest.approx(float((ahead - behind) / step), rel=1e-3)


@double_precision()
@pytest.mark.slow
def test_a_module_with_two_kernels_runs_on_its_own(tmp_path):
    tilted = Field("tilted", SIGMA_X + SIGMA_Z, 1 / symbol("tau_m"))
    correction = magnetoconductivity(Conductor(2, [*model("hln").conductor().disorder[:4], tilted]))
    write_module(correction, tmp_path / "mixed.py")
    values = "0.01, B_m=2e-3, B_phi=1e-3, B_so_x=4e-3, B_so_y=6e-3, B_so_z=2e-2"
    code = f"import mixed; print(float(mixed.magnetoconductivity({values})).hex())"
    assert run_python(code, tmp_path).strip() == eval(f"float(compile(correction)({values})).hex()")


@double_precision()
def test_plain_expressions_compile():
    x, y = sp.symbols("x y", positive=True)
    function = compile(sp.exp(-x) * sp.sqrt(y) / 3 + sp.Float("0.1") * sp.atan(x / y), name="f")
    expected = np.exp(-1.5) * np.sqrt(2.5) / 3 + 0.1 * np.arctan(1.5 / 2.5)
    assert float(function(x=1.5, y=2.5)) == pytest.approx(expected, rel=1e-15)


def run_python(code, folder, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "JAX_ENABLE_X64": "1",
            "COOPERON_CACHE": "off",
            **environment,
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.slow
def test_written_module_runs_with_jax_alone_and_gives_the_same_bits(tmp_path):
    write_module(HLN, tmp_path / "generated.py")
    values = ", ".join(f"{name}={value!r}" for name, value in FIELDS.items())
    code = f"""
import sys
import generated
print(float(generated.magnetoconductivity(0.01, {values})).hex())
print(sorted({{"sympy", "cooperon", "numerics", "diagrams"}} & set(sys.modules)))
"""
    number, imported = run_python(code, tmp_path).splitlines()
    with double_precision():
        assert number == float(compile(HLN)(0.01, **FIELDS)).hex()
    assert imported == "[]"


@pytest.mark.slow
def test_source_has_the_same_bytes_under_different_hash_seeds():
    code = """
from cooperon import magnetoconductivity, model
from numerics import source
print(source(magnetoconductivity(model("hln").conductor()).in_times()))
"""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    first, second = (
        run_python(code, root, PYTHONHASHSEED=seed, PYTHONPATH=root) for seed in ("1", "2")
    )
    assert first == second


def test_docstring_states_formula_units_validity_and_reference():
    text = compile(HLN).__doc__
    for part in ("e^2/(pi h)", "B_phi : dephasing field", "Psi", "B << B_tr", "Hikami"):
        assert part in text


@pytest.mark.parametrize(
    "expression",
    [
        sp.LambertW(-tau, -1),
        sp.besselj(0, tau),
        sp.Piecewise((tau, tau > 1), (0, True)),
        sp.expint(2, tau),
        sp.Max(tau, D),
        sp.Sum(1 / symbol("n"), (symbol("n"), 1, tau)),
    ],
)
def test_an_unknown_head_is_refused_by_name_before_code_is_generated(expression):
    with pytest.raises(NotImplementedError, match=type(expression).__name__):
        compile(expression)


def test_two_symbols_of_one_name_are_refused():
    with pytest.raises(ValueError, match="2 symbols are called 'tau'"):
        compile(tau + sp.Symbol("tau"))


def test_a_symbol_that_is_no_identifier_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match="rename it"):
        compile(2 * sp.Symbol(r"B_{\varphi}", positive=True))


def test_nan_and_infinity_in_an_expression_are_refused():
    with pytest.raises(ValueError, match="contains oo"):
        compile(sp.Add(tau, sp.oo, evaluate=False))


def test_an_unknown_unit_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"e\^2/h"):
        compile(HLN, unit="e^2/hbar")


def test_an_existing_module_is_not_overwritten_without_force(tmp_path):
    path = tmp_path / "kept.py"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="--force"):
        write_module(HLN, path)
    assert path.read_text() == "mine"
    write_module(HLN, path, force=True)
    assert path.read_text() == source(HLN)


def test_local_names_do_not_hide_parameters():
    text = source(compileable := (B_phi + symbol("B_1")) * tau_phi)
    assert "B_1" in text
    assert float(compile(compileable)(B_phi=1.0, B_1=2.0, tau_phi=3.0)) == 9.0


@double_precision()
@pytest.mark.parametrize("bad", [-1e-3, float("nan"), np.array([1e-3, -1e-3])])
def test_a_negative_or_nan_rate_is_refused_by_name(bad):
    with pytest.raises(ValueError, match=r"B_so_x = .* is negative or NaN"):
        compile(HLN)(0.01, **(FIELDS | {"B_so_x": bad}))


def test_a_derivative_of_too_high_an_order_is_refused_before_code_is_generated():
    third = HLN.expression.diff(B_phi, 3)
    with pytest.raises(NotImplementedError, match="HikamiFunctionDerivative"):
        compile(third)


@double_precision()
def test_a_conductance_is_given_in_any_unit_of_data():
    correction = magnetoconductivity(model("orthogonal").conductor())
    values = {
        unit: float(compile(correction, unit=unit, probe=False)(0.02, B_phi=2e-3))
        for unit in ("e^2/(pi h)", "e^2/h", "S", "mS", "uS", "SI")
    }
    quantum = scipy.constants.e**2 / scipy.constants.h
    assert values["e^2/h"] == pytest.approx(values["e^2/(pi h)"] / np.pi, rel=1e-14)
    assert values["S"] == values["SI"] == pytest.approx(values["e^2/h"] * quantum, rel=1e-14)
    assert values["uS"] == pytest.approx(1e3 * values["mS"], rel=1e-14)
    assert values["mS"] == pytest.approx(1e3 * values["S"], rel=1e-14)


def test_a_generated_function_states_its_unit():
    correction = magnetoconductivity(model("orthogonal").conductor())
    assert compile(correction, probe=False).unit == "e^2/(pi h)"
    assert compile(correction, unit="SI", probe=False).unit == "S"
    metal = magnetoconductivity(model("orthogonal").conductor(3))
    assert compile(metal, probe=False).unit == "e^2/(pi h) / m"
