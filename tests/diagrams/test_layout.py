"""Geometry of the pictures: what a reader takes for granted when looking at a diagram."""

from collections import Counter
from dataclasses import replace
from itertools import combinations, pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagrams.arcs import arc_levels, overlap
from diagrams.columns import GAP, columns
from diagrams.diagram import Diagram, Site
from diagrams.families import is_non_crossing, is_rung_only, ladder, maximally_crossed
from diagrams.impurities import draw_lines
from diagrams.layout import layout
from diagrams.matchings import BUBBLE, DENSITY_OF_STATES, FLUCTUATION, bubble_diagrams
from diagrams.notation import parse
from diagrams.paths import clearance, distance

BOX = parse("R[a b] A[b c] R[c d] A[d a]").strings
FRAMES = [DENSITY_OF_STATES, BUBBLE, FLUCTUATION, BOX, (*BUBBLE, *BOX)]

relaxed = settings(deadline=None, max_examples=40)


@st.composite
def diagrams(draw, frames=FRAMES):
    """Diagrams with lines of two, three and four sites."""
    frame = draw(st.sampled_from(frames))
    sizes = draw(st.lists(st.sampled_from([2, 2, 2, 3, 4]), max_size=6))
    places = draw(
        st.lists(st.integers(0, len(frame) - 1), min_size=sum(sizes), max_size=sum(sizes))
    )
    counts = Counter(places)
    strings = tuple(replace(string, sites=counts[s]) for s, string in enumerate(frame))
    sites = [Site(s, i) for s in range(len(frame)) for i in range(counts[s])]
    shuffled = iter(draw(st.permutations(sites)))
    return Diagram(strings, tuple(tuple(next(shuffled) for _ in range(n)) for n in sizes))


@relaxed
@given(diagrams())
def test_strings_run_from_vertex_to_vertex_along_their_arrows(diagram):
    placed = layout(diagram)
    at = {ending.label: ending.at for ending in placed.endings}
    assert set(at) == set(diagram.vertices)
    for s, string in enumerate(diagram.strings):
        path = placed.rails[s].path
        assert abs(path.start - at[string.start]) < 1e-9
        assert abs(path.end - at[string.end]) < 1e-9


@relaxed
@given(diagrams())
def test_sites_follow_each_other_along_the_arrow_at_a_distance(diagram):
    for rail in layout(diagram).rails.values():
        edges = (0.0, *rail.marks, rail.length)
        assert all(after - before > 0.5 for before, after in pairwise(edges))


@relaxed
@given(diagrams())
def test_sites_and_vertices_are_all_at_different_places(diagram):
    placed = layout(diagram)
    points = [placed.place(site) for site in diagram.sites]
    points += [ending.at for ending in placed.endings]
    assert all(abs(p - q) > 0.4 for p, q in combinations(points, 2))


@relaxed
@given(diagrams())
def test_arcs_of_one_level_on_one_string_do_not_overlap(diagram):
    levels = arc_levels(diagram.lines)
    for (one, level), (other, same) in combinations(levels.items(), 2):
        assert level != same or not overlap(one, other)


@relaxed
@given(diagrams())
def test_an_arc_is_higher_than_those_it_encloses(diagram):
    levels = arc_levels(diagram.lines)
    for inner, outer in product(levels, levels):
        if outer[0] < inner[0] and inner[-1] < outer[-1]:
            assert levels[outer] > levels[inner]


@relaxed
@given(diagrams())
def test_every_line_has_its_cross_and_its_legs_end_at_its_sites(diagram):
    placed = layout(diagram)
    for line, drawn in zip(diagram.lines, draw_lines(diagram, placed, diagram.lines), strict=True):
        ends = [point for leg in drawn.legs for point in (leg.start, leg.end)]
        for site in line:
            assert min(abs(placed.place(site) - end) for end in ends) < 1e-9
        assert clearance(drawn.cross, [s for leg in drawn.legs for s in leg.segments]) < 1e-9


@pytest.mark.parametrize("n", range(1, 4))
def test_crosses_of_bubbles_are_on_no_other_line_and_on_no_string(n):
    for diagram in bubble_diagrams(n):
        placed = layout(diagram)
        drawn = draw_lines(diagram, placed, diagram.lines)
        strings = [s for rail in placed.rails.values() for s in rail.path.segments]
        for line in drawn:
            foreign = [s for other in drawn if other is not line for s in other.legs[0].segments]
            assert clearance(line.cross, [*foreign, *strings]) > 0.1


@pytest.mark.parametrize("n", range(1, 4))
def test_nested_lines_do_not_touch(n):
    for diagram in bubble_diagrams(n, is_non_crossing):
        drawn = draw_lines(diagram, layout(diagram), diagram.lines)
        for one, other in combinations(drawn, 2):
            gaps = (clearance(p, other.legs[0].segments) for p in one.legs[0].points)
            assert min(gaps) > 0.2


@pytest.mark.parametrize("n", range(1, 8))
def test_rungs_of_a_ladder_are_vertical(n):
    placed = layout(ladder(n))
    for top, bottom in ladder(n).lines:
        step = placed.place(bottom) - placed.place(top)
        assert step.real == pytest.approx(0, abs=1e-9)
        assert step.imag < 0


def test_rungs_stay_vertical_beside_self_energies():
    diagram = parse("R[x 1 2 2 3 y] A[y 3 1 4 4 x]")
    placed = layout(diagram)
    rungs = [line for line in diagram.lines if is_rung_only([line])]
    steps = [placed.place(one) - placed.place(other) for one, other in rungs]
    assert [step.real for step in steps] == pytest.approx([0, 0], abs=1e-9)


@pytest.mark.parametrize("n", range(2, 7))
def test_maximally_crossed_rungs_meet_in_one_point(n):
    diagram = maximally_crossed(n)
    placed = layout(diagram)
    centre = sum(placed.place(site) for site in diagram.sites) / (2 * n)
    for one, other in diagram.lines:
        assert distance(centre, (placed.place(one), placed.place(other))) < 1e-9


def test_retarded_string_of_a_bubble_is_above_the_advanced_one():
    placed = layout(ladder(2))
    assert placed.rails[0].origin.imag > placed.rails[1].origin.imag
    left, right = placed.endings
    assert (left.label, right.label) == ("x", "y")
    assert left.at.real < right.at.real


def test_self_energies_of_a_bubble_are_outside():
    placed = layout(parse("R[x 1 2 2 y] A[y 3 3 1 x]"))
    assert placed.rails[0].normal == 1j
    assert placed.rails[1].normal == -1j


def test_hikami_box_is_a_square():
    corners = [ending.at for ending in layout(Diagram(BOX)).endings]
    sides = [b - a for a, b in pairwise([*corners, corners[0]])]
    assert [abs(side) for side in sides] == pytest.approx([2.0] * 4)
    assert [b / a for a, b in pairwise(sides)] == pytest.approx([-1j] * 3)


def test_ladders_between_all_strings_of_two_bubbles_put_one_inside_the_other():
    diagram = parse("R[x 1 2 y] A[y 3 4 x] R[x' 4 3 y'] A[y' 2 1 x']")
    heights = {s: rail.origin.imag for s, rail in layout(diagram).rails.items()}
    assert sorted(heights, key=heights.get, reverse=True) == [0, 3, 2, 1]


def test_one_ladder_between_two_bubbles_stacks_them_face_to_face():
    diagram = parse("R[x 1 2 y] A[y x] R[x' y'] A[y' 2 1 x']")
    heights = {s: rail.origin.imag for s, rail in layout(diagram).rails.items()}
    assert sorted(heights, key=heights.get, reverse=True) == [1, 0, 3, 2]


def test_anchors_that_contradict_each_other_are_dropped():
    top, bottom = [Site(0, 0), Site(0, 1)], [Site(1, 0), Site(1, 1)]
    at, length = columns([top, bottom], {}, [(top[0], bottom[1]), (top[1], bottom[0])])
    assert at[top[0]] == at[bottom[1]]
    assert at[bottom[1]] - at[bottom[0]] == pytest.approx(GAP)
    assert at[top[1]] < length


def test_a_line_bends_around_a_site_that_is_not_its_own():
    # The line 1 passes the row of the string on which the line 2 has its sites.
    diagram = parse("R[x 1 3 4 y] A[y 2 2 x] R[x' 1 y'] A[y' 4 3 x']")
    placed = layout(diagram)
    for line, drawn in zip(diagram.lines, draw_lines(diagram, placed, diagram.lines), strict=True):
        for site in set(diagram.sites) - set(line):
            assert clearance(placed.place(site), drawn.legs[0].segments) > 0.2
