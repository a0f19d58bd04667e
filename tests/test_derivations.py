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
SCRIPTS = ("hikami_larkin_nagaoka", "weak_localization_123d")


@pytest.fixture
def load(monkeypatch):
    """Import a script as Python would when it is run, with its own folder first."""
    monkeypatch.syspath_prepend(FOLDER)

    def module(name):
        spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        return script

    yield module
    sys.modules.pop("comparison", None)


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


@pytest.mark.slow
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
    monkeypatch.setattr(script, "printed_equations", dict)
    monkeypatch.setattr(script, "printed_leading_terms", lambda: {2: printed[2], 3: -printed[3]})
    assert script.main([]) == 1
    out = capsys.readouterr().out
    assert "DISAGREES with the leading term in d = 3" in out
    assert "agrees with the leading term in d = 2" in out
