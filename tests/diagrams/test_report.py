"""Families of diagrams: their numbers, their lists, their drawings, and what is refused."""

import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

from diagrams.catalogue import FAMILIES, family
from diagrams.families import is_free_of_self_energies, is_rung_only
from diagrams.matchings import bubble_diagrams
from diagrams.notation import parse
from diagrams.report import MOST_DRAWN, count_family, report, report_family
from diagrams.skeletons import skeleton


@pytest.mark.parametrize("n", range(6))
@pytest.mark.parametrize("name", FAMILIES)
def test_number_of_members_is_what_enumeration_finds(name, n):
    members = [*family(name).members(n)]
    assert len(set(members)) == len(members) == family(name).count(n)
    assert all(len(diagram.lines) == n for diagram in members)


def test_predicates_find_the_members_of_the_families_made_otherwise():
    for name, keep in (("rungs", is_rung_only), ("no-self-energy", is_free_of_self_energies)):
        for n in range(5):
            assert set(family(name).members(n)) == set(bubble_diagrams(n, keep))


def test_every_family_is_part_of_all():
    everything = set(family("all").members(3))
    assert all(everything.issuperset(found.members(3)) for found in FAMILIES.values())


@pytest.mark.parametrize("n", range(2, 6))
def test_hikami_family_has_one_cooperon_and_is_of_first_order(n):
    found = [skeleton(diagram) for diagram in family("hikami").members(n)]
    assert [(s.order, s.cooperons, s.diffusons) for s in found] == [(1, 1, 0)] * 3


def test_list_gives_text_order_and_modes():
    assert [*report_family(2, "rungs")] == [
        "R[x 1 2 y] A[y 1 2 x]  order 1  1 Cooperon",
        "R[x 1 2 y] A[y 2 1 x]  order 0  1 diffuson",
    ]


def test_listed_diagrams_can_be_read_back():
    listed = [parse(line.split("  ")[0]) for line in report_family(3)]
    assert listed == [*family("all").members(3)]


def test_list_is_lazy():
    assert next(report_family(6, limit=10**9)).startswith("R[x y] A[y 1 1 2 2 3 3 4 4 5 5 6 6 x]")


def test_limit_stops_a_family_that_is_too_large():
    assert len([*report_family(12, "rungs", limit=3)]) == 3


@pytest.mark.parametrize("contracted", [False, True])
def test_svg_of_a_family_has_every_diagram_in_its_own_place(contracted):
    (text,) = report_family(2, form="svg", contracted=contracted)
    root = ET.fromstring(text)
    places = [node.get("transform") for node in root if node.get("transform")]
    assert len(set(places)) == len(places) == 15
    captions = {"".join(node.itertext()) for node in root.iter() if node.tag.endswith("text")}
    assert captions > {str(diagram) for diagram in family("all").members(2)}
    assert "order 1 in 1/(kF\N{THIN SPACE}l)" in captions


def test_pictures_of_a_sheet_do_not_overlap():
    (text,) = report_family(3, "rungs", "svg")
    corners = [
        tuple(map(int, node.get("transform")[10:-1].split()))
        for node in ET.fromstring(text)
        if node.get("transform")
    ]
    assert all(abs(a - c) > 200 or abs(b - d) > 100 for (a, b), (c, d) in combinations(corners, 2))


def test_tikz_of_a_family_is_a_document_with_a_picture_for_each():
    (text,) = report_family(2, "rungs", "tikz")
    assert text.startswith("\\documentclass")
    assert text.endswith("\\end{document}")
    assert text.count("\\begin{tikzpicture}") == 2
    assert r"{order 0 in $1/(k_F\,l)$}" in text


def test_any_diagram_can_be_reported():
    (line,) = report([parse("R[x 1 2 y] A[y x] R[x' y'] A[y' 2 1 x']")])
    assert line.endswith("order 2  1 diffuson")


def test_count_is_a_sentence_for_any_order():
    assert count_family(1, "ladder") == "The family ladder has 1 diagram with 1 impurity line."
    assert "has 135135 diagrams with 6 impurity lines" in count_family(6)
    assert "no-self-energy has 248 diagrams" in count_family(4, "no-self-energy")


@pytest.mark.parametrize(
    ("arguments", "options", "sentence"),
    [
        ((6,), {}, "has 135135 diagrams with 6 impurity lines, more than the 10000 that are list"),
        ((4, "all", "svg"), {}, f"has 945 diagrams .* more than the {MOST_DRAWN} that are drawn"),
        ((40, "rungs"), {}, "has 815915283247897734345611269596115894272000000000 diagrams"),
        ((2, "lader"), {}, "no family 'lader'; choose one of all, ladder, crossed"),
        ((2, "all", "png"), {}, "no format 'png'; choose one of text, tikz, svg"),
        ((-1,), {}, "0, 1, 2, ..., not -1"),
        ((2,), {"limit": 0}, "1, 2, 3, ..., not 0"),
    ],
)
def test_bad_requests_are_refused_before_anything_is_enumerated(arguments, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        report_family(*arguments, **options)


def test_a_drawing_of_nothing_is_refused():
    with pytest.raises(ValueError, match="There is no diagram to draw"):
        next(report_family(1, "hikami", "svg"))
