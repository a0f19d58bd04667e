"""The data model: canonical form, and refusals that name the offending sites."""

import ast
from pathlib import Path

import pytest

import diagrams.diagram
from diagrams.diagram import Branch, Diagram, Site, String, remove_lines
from diagrams.notation import parse

R, A = Branch.RETARDED, Branch.ADVANCED


def bubble(n_retarded, n_advanced, *lines):
    return Diagram((String(R, n_retarded, "x", "y"), String(A, n_advanced, "y", "x")), lines)


def test_order_of_lines_and_of_sites_in_a_line_is_immaterial():
    one = bubble(2, 2, (Site(0, 0), Site(1, 1)), (Site(0, 1), Site(1, 0)))
    other = bubble(2, 2, (Site(1, 0), Site(0, 1)), (Site(1, 1), Site(0, 0)))
    assert one == other
    assert hash(one) == hash(other)
    assert {one: "ladder"}[other] == "ladder"


def test_diagram_and_string_are_frozen():
    diagram = bubble(0, 0)
    with pytest.raises(AttributeError):
        diagram.lines = ()
    with pytest.raises(AttributeError):
        diagram.strings[0].sites = 1


@pytest.mark.parametrize(
    ("counts", "lines", "message"),
    [
        ((2, 1), [((0, 0), (1, 0)), ((0, 0), (0, 1))], r"named more than once: \(0, 0\)"),
        ((2, 2), [((0, 0), (1, 0))], r"not paired by any line: \(0, 1\), \(1, 1\)"),
        ((1, 1), [((0, 0), (1, 3))], r"not on any string: \(1, 3\)"),
        ((1, 1), [((0, 0), (2, 0))], r"not on any string: \(2, 0\)"),
        ((1, 2), [((0, 0), (1, 0)), ((1, 1),)], r"alone on their line: \(1, 1\)"),
        ((1, 1), [((0, 0), (1, 0)), ()], "cannot be empty"),
    ],
)
def test_wrong_lines_are_refused_by_a_sentence_that_names_the_sites(counts, lines, message):
    with pytest.raises(ValueError, match=message):
        bubble(*counts, *lines)


def test_strings_that_do_not_meet_are_refused():
    with pytest.raises(ValueError, match=r"do not meet at: 'y' \(1\), 'z' \(1\)"):
        Diagram((String(R, 0, "x", "y"), String(A, 0, "z", "x")))
    with pytest.raises(ValueError, match=r"'x' \(4\)"):
        Diagram((String(R, 0, "x", "x"), String(A, 0, "x", "x")))
    with pytest.raises(ValueError, match="at least one string"):
        Diagram(())


def test_wrong_strings_are_refused():
    with pytest.raises(ValueError, match="sites, not -1"):
        String(R, -1, "x", "y")
    with pytest.raises(TypeError, match=r"Branch\.RETARDED or Branch\.ADVANCED, not on 'R'"):
        String("R", 0, "x", "y")
    with pytest.raises(TypeError, match="String objects"):
        Diagram(("R[x y]",))


def test_a_line_may_join_three_sites_as_in_skew_scattering():
    diagram = parse("R[x 1 1 y] A[y 1 x]")
    assert diagram.lines == (((0, 0), (0, 1), (1, 0)),)


def test_removing_a_line_moves_the_sites_behind_it_up():
    diagram = parse("R[x 1 2 2 y] A[y 1 x]")
    self_energy = (Site(0, 1), Site(0, 2))
    assert remove_lines(diagram, [self_energy]) == parse("R[x 1 y] A[y 1 x]")


@pytest.mark.parametrize("text", ["R[x y", "Q[x y]", "R[x 1 y] and A[y 1 x]", "ladder"])
def test_text_that_is_no_diagram_is_refused(text):
    with pytest.raises(ValueError, match="A diagram is written as"):
        parse(text)


def test_a_string_without_vertices_is_refused():
    with pytest.raises(ValueError, match="a start and an end vertex"):
        parse("R[x]")


@pytest.mark.parametrize(
    "module", ["diagram", "notation", "matchings", "families", "faces", "skeletons", "momenta"]
)
def test_structure_imports_no_sympy(module):
    source = Path(diagrams.diagram.__file__).with_name(f"{module}.py").read_text()
    imported = {
        name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None), *(alias.name for alias in node.names)]
    }
    assert not {"sympy", "diagrams.symbols", "diagrams.rules"} & imported
