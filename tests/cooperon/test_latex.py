r"""What is printed as LaTeX, letter by letter, and that documents compile."""

import re
import shutil
import subprocess

import pytest
import sympy as sp

from cooperon import Derivation, Step, document, latex, magnetoconductivity, model
from cooperon.derivation import equation
from diagrams.symbols import B_phi, symbol, tau_phi

a, b = sp.symbols("a b")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tau_so_x", r"\tau_{\mathrm{so}}^{x}"),
        ("B_s_z", r"B_{\mathrm{s}}^{z}"),
        ("tau_phi", r"\tau_\phi"),
        ("hbar", r"\hbar"),
        ("Delta_sigma", r"\Delta\sigma(B)"),
    ],
)
def test_symbols_print_as_in_the_symbol_table(name, text):
    assert latex(symbol(name)) == text


def test_digamma_prints_as_psi_and_higher_ones_keep_their_order():
    assert latex(sp.digamma(a)) == r"\psi\left(a\right)"
    assert latex(sp.digamma(a) ** 2) == r"\psi^{2}\left(a\right)"
    assert latex(sp.polygamma(1, a)) == r"\psi^{(1)}\left(a\right)"
    assert latex(sp.polygamma(2, a) ** 3) == r"\left(\psi^{(2)}\left(a\right)\right)^{3}"


def test_logarithm_prints_as_ln():
    assert latex(sp.log(tau_phi)) == r"\ln{\left(\tau_\phi \right)}"


def test_weak_localization_prints_as_the_textbook_prints_it():
    assert model_latex("orthogonal") == (
        r"\Delta\sigma(B) = \frac{e^{2}}{2 \pi^{2} \hbar} "
        r"\left[ \Psi\left(\frac{B_\phi}{B}\right) \right]"
    )


def test_isotropic_hikami_larkin_nagaoka_prints_as_the_textbook_prints_it():
    assert model_latex("hln-isotropic") == (
        r"\Delta\sigma(B) = \frac{e^{2}}{2 \pi^{2} \hbar} \left[ - \frac{\Psi\left(\frac{B_\phi + "
        r"2 B_{\mathrm{s}}}{B}\right)}{2} + \frac{3 \Psi\left(\frac{B_\phi + \frac{2 B_{\mathrm{s}}"
        r"}{3} + \frac{4 B_{\mathrm{so}}}{3}}{B}\right)}{2} \right]"
    )


def model_latex(name):
    correction = magnetoconductivity(model(name).conductor())
    assert latex(correction) == correction.latex()
    return latex(correction)


def test_a_mapping_prints_as_aligned_rows():
    assert latex({a: b, b: a**2}) == ("\\begin{aligned}\na &= b \\\\\nb &= a^{2}\n\\end{aligned}")


def test_a_matrix_prints():
    assert latex(sp.Matrix([[B_phi]])) == r"\left[\begin{matrix}B_\phi\end{matrix}\right]"


def test_a_step_prints_as_a_paragraph_with_its_reference():
    step = Step("Half", (equation(a, b / 2),), "As $q^2$ & 50%.", "X_Y")
    assert latex(step) == (
        "\\paragraph{Half.} As $q^2$ \\& 50\\%. (X\\_Y)\n"
        "\\begin{align}\na &= \\frac{b}{2}\n\\end{align}"
    )


def test_a_step_without_equations_has_no_display():
    assert latex(Step("None", (), "Words.")) == "\\paragraph{None.} Words."


def test_long_sums_break_into_lines_at_their_signs():
    terms = sp.symbols("x_1:60")
    text = latex(Step("Sum", (equation(a, sp.Add(*terms) - b),), "Long."))
    lines = text.split(" \\notag \\\\\n &\\quad ")
    assert len(lines) > 2
    assert all(line[0] in "+-" for line in lines[1:])
    assert all(latex(x) in text for x in terms)


def test_a_document_is_complete():
    text = document(Derivation("Title", (Step("S", (), "Words."),)))
    assert text.startswith("\\documentclass")
    assert "\\section*{Title}" in text
    assert text.endswith("\\end{document}\n")


def test_other_objects_are_refused():
    with pytest.raises(
        TypeError, match="there is no LaTeX for complex objects; pass an expression"
    ):
        latex(1j)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("name", ["orthogonal", "hln", "graphene-so"])
def test_the_derivation_of_a_model_compiles_and_fits_the_page(name, tmp_path):
    derivation = magnetoconductivity(model(name).conductor()).derivation
    (tmp_path / "derivation.tex").write_text(derivation.latex(), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "derivation.tex"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    log = (tmp_path / "derivation.log").read_text(errors="replace")
    widths = [float(pt) for pt in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
    assert max(widths, default=0) < 20


def test_the_document_of_a_derivation_draws_its_diagrams():
    text = magnetoconductivity(model("orthogonal").conductor()).derivation.latex()
    assert text.count(r"\begin{tikzpicture}") == 6
    assert r"\usepackage{tikz}" in text
