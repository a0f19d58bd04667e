"""The derivation scripts agree with the printed equations, and would notice if they did not."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sympy as sp

FOLDER = Path(__file__).parents[1] / "derivations"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "comparison")


@pytest.fixture
def load(monkeypatch):
    """Import a script as Python would when it is run, with its own folder first."""
    monkeypatch.syspath_prepend(FOLDER)

    def module(name):
        spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
        script = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, script)  # where dataclasses look for it
        spec.loader.exec_module(script)
        return script

    yield module
    sys.modules.pop("comparison", None)


@pytest.fixture(autouse=True)
def derived_in_this_session(tmp_path_factory, monkeypatch):
    """Let the scripts share what they derive, in a folder that is empty when the tests begin.

    No test in this file changes the engine, only what a script says is printed.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "derived"
    monkeypatch.setenv("COOPERON_CACHE", str(folder))


def run(name, *arguments):
    return subprocess.run(
        [sys.executable, FOLDER / f"{name}.py", *arguments],
        env={**os.environ, "PYTHONPATH": str(FOLDER.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", SCRIPTS)
def test_importing_a_script_does_nothing(name, load, capsys):
    load(name)
    assert capsys.readouterr().out == ""


@pytest.mark.document
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_agrees_and_its_document_compiles(name, tmp_path):
    tex = tmp_path / "derivation.tex"
    finished = run(name, "--tex", tex)
    assert finished.returncode == 0, finished.stderr
    assert "agrees with" in finished.stdout
    assert "DISAGREES" not in finished.stdout
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed; the document was written but not compiled")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", tex.name]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    log = tex.with_suffix(".log").read_text(errors="replace")
    widths = [float(pt) for pt in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
    assert max(widths, default=0) < 20


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_existing_document_is_left_as_it_is(name, load, tmp_path, capsys):
    tex = tmp_path / "mine.tex"
    tex.write_text("mine")
    with pytest.raises(SystemExit) as stop:
        load(name).main(["--tex", str(tex)])
    assert stop.value.code != 0
    assert "exists and is left as it is" in capsys.readouterr().err
    assert tex.read_text() == "mine"


@pytest.mark.slow
def test_a_wrong_factor_in_hikami_larkin_nagaoka_is_noticed(load, monkeypatch, capsys, tmp_path):
    """4/tau_so^x of the m = 0 triplet mistyped as 2/tau_so^x."""
    script = load("hikami_larkin_nagaoka")
    printed, so_x = script.printed_equation(), script.so_x
    wrong = printed.replace(lambda f: f.func == sp.polygamma, lambda f: f.subs(4 / so_x, 2 / so_x))
    assert wrong != printed
    monkeypatch.setattr(script, "printed_equation", lambda: wrong)
    tex = tmp_path / "derivation.tex"
    assert script.main(["--tex", str(tex)]) == 1
    assert "DISAGREES with Hikami" in capsys.readouterr().out
    assert not tex.exists()


@pytest.mark.slow
def test_a_wrong_sign_in_three_dimensions_is_noticed(load, monkeypatch, capsys):
    script = load("weak_localization_123d")
    printed = script.printed_leading_terms()
    monkeypatch.setattr(script, "DIMENSIONS", (2, 3))
    monkeypatch.setattr(script, "printed_equations", dict)
    monkeypatch.setattr(script, "printed_leading_terms", lambda: {2: printed[2], 3: -printed[3]})
    assert script.main([]) == 1
    out = capsys.readouterr().out
    assert "DISAGREES with the leading term in d = 3" in out
    assert "agrees with the leading term in d = 2" in out


# What these scripts compare beside the statement that is made wrong below, and takes seconds.
BESIDE = {
    "iordanskii_lyanda_geller_pikus": (
        "rate_comparison",
        "value_comparisons",
        "weak_localization",
        "dephasing_comparison",
        "truncation_comparison",
        "reduction_comparisons",
    ),
    "persistent_spin_helix": ("helix_comparisons", "value_comparisons"),
}


def leave_out(script, functions, monkeypatch):
    """Let a script skip comparisons, all of which the test that runs it whole has seen agree."""
    equal = script.Comparison("nothing", sp.S.Zero, sp.S.Zero)
    for function in functions:
        stands_in = [equal] if function.endswith("s") else equal
        monkeypatch.setattr(script, function, lambda *_, value=stands_in: value)


@pytest.mark.parametrize(
    ("name", "function", "statement"),
    [
        ("drude", "printed_einstein_relation", "Einstein's relation in d = 3"),
        ("drude", "printed_drude_formula", "n e^2 tau_tr/m in d = 1"),
        ("diffuson", "printed_bubble", "the exact bubble in d = 3"),
        ("diffuson", "printed_diffuson", "the Cooperon without a field in d = 2"),
        ("diffuson", "printed_response", "the density response in d = 1"),
        ("vertex_correction", "printed_factor", "tau_tr/tau in d = 2"),
        ("vertex_correction", "printed_integral", "the integral equation in d = 3"),
        ("hikami_box", "printed_density_box", "the momenta of the box in d = 2"),
        ("hikami_box", "printed_correction", "the prefactor of weak localization in d = 1"),
        ("hall_coefficient", "printed_hall_coefficient", "R_H = -1/(n e)"),
        ("hall_coefficient", "printed_ratio", "delta sigma_xy/sigma_xy = 2"),
        ("heavy_holes", "printed_finite_range", "the same with 2 Omega_3^2 tau_3/hbar^2"),
        ("dephasing_rates", "printed_schmid", "Schmid, Z. Phys. 271, 251 (1974)"),
        ("quantum_dot", "printed_dephasing", "Brouwer, Beenakker (1995)"),
        ("kawabata", "printed_summand", "the sum over Landau levels at delta = 1/100"),
        ("kawabata", "printed_weak_field", "the weak-field limit"),
        pytest.param(
            "fukuyama_hoshino",
            "f3",
            "Fukuyama, Hoshino, J. Phys. Soc. Jpn. 50, 2131 (1981), for gamma < 1",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "zduniak_dyakonov_knap",
            "printed_element",
            "P_0 as an integral of a Laguerre polynomial",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "iordanskii_lyanda_geller_pikus",
            "printed_edge",
            "the edge blocks of Knap et al., Eq. (37), Rashba",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "persistent_spin_helix",
            "printed_relaxation",
            "the relaxation at Q = 0 of Pikus, Pikus",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "weak_to_antilocalization",
            "printed_alpha",
            "alpha = -1/2, spin-orbit impurities, xyz",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_wrong_factor_is_noticed(name, function, statement, load, monkeypatch, capsys, tmp_path):
    script = load(name)
    printed = getattr(script, function)
    monkeypatch.setattr(script, function, lambda *arguments: 2 * printed(*arguments))
    leave_out(script, BESIDE.get(name, ()), monkeypatch)
    if statement[:-1].endswith("in d = "):
        monkeypatch.setattr(script, "DIMENSIONS", (int(statement[-1]),))
    if name == "weak_to_antilocalization":
        metals = [row for row in script.rows() if statement.endswith(f", {row.terms}")]
        assert len(metals) == 1
        monkeypatch.setattr(script, "rows", lambda: metals)
    tex = tmp_path / "derivation.tex"
    assert script.main(["--tex", str(tex)]) == 1
    assert f"DISAGREES with {statement}" in capsys.readouterr().out
    assert not tex.exists()


def test_a_dressed_box_of_the_wrong_sign_is_noticed(load, monkeypatch, capsys):
    script = load("hikami_box")
    bare, dressed = script.printed_parts()
    monkeypatch.setattr(script, "printed_parts", lambda: (bare, -dressed))
    monkeypatch.setattr(script, "DIMENSIONS", (2,))
    assert script.main([]) == 1
    out = capsys.readouterr().out
    assert "DISAGREES with the dressed box in d = 2" in out
    assert "\nagrees with the bare box in d = 2" in out


def test_a_wrong_factor_in_the_massive_dirac_surface_is_noticed(load, monkeypatch):
    """The vertex correction eta_v of Lu, Shi and Shen, mistyped by a factor of 2."""
    script = load("massive_dirac")
    printed = script.printed_dressing()
    monkeypatch.setattr(script, "printed_dressing", lambda: 2 * printed)
    modes = script.expanded_modes(script.symbolic_surface())
    wrong = [c.source for c in script.mode_comparisons(modes) if c.difference != 0]
    assert len(wrong) == 4
    assert not any(source.startswith("l^2/L") for source in wrong)


@pytest.mark.slow
def test_the_crossover_between_the_classes_is_drawn_and_a_figure_left_as_it_is(
    load, tmp_path, capsys
):
    script, path = load("weak_to_antilocalization"), tmp_path / "crossover.svg"
    script.draw(script.magnetoconductivity(script.model("hln-isotropic").conductor()), path)
    drawn = path.read_text()
    assert "<svg" in drawn
    with pytest.raises(SystemExit):
        script.main(["--figure", str(path)])
    assert "exists and is left as it is" in capsys.readouterr().err
    assert path.read_text() == drawn


@pytest.mark.slow
def test_a_curve_that_the_authors_did_not_have_is_noticed(load, monkeypatch):
    script = load("tbg_wse2")
    printed = script.printed_curves()
    _, (right,) = script.data_chapter(script.Study())
    assert right.difference == 0
    monkeypatch.setattr(script, "printed_curves", lambda: printed + 1e-6)
    _, (wrong,) = script.data_chapter(script.Study())
    assert str(wrong).startswith("DISAGREES with the authors' processed curves")
