"""Invariances that hold for every diagram, on diagrams drawn at random."""

from collections import Counter
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagrams.diagram import Diagram, Site
from diagrams.faces import face_count, loops, walked_sites
from diagrams.families import is_free_of_self_energies, reverse
from diagrams.matchings import BUBBLE, DENSITY_OF_STATES, FLUCTUATION
from diagrams.momenta import route, segment_ends
from diagrams.notation import parse
from diagrams.skeletons import cut_modes, skeleton, strip_self_energies

BOX = parse("R[a b] A[b c] R[c d] A[d a]").strings


relaxed = settings(deadline=None, max_examples=40)


@st.composite
def gaussian_diagrams(draw, max_lines=4):
    frame = draw(st.sampled_from([DENSITY_OF_STATES, BUBBLE, FLUCTUATION, BOX]))
    n_lines = draw(st.integers(0, max_lines))
    places = st.lists(st.integers(0, len(frame) - 1), min_size=2 * n_lines, max_size=2 * n_lines)
    counts = Counter(draw(places))
    strings = tuple(replace(string, sites=counts[s]) for s, string in enumerate(frame))
    sites = [Site(s, i) for s in range(len(frame)) for i in range(counts[s])]
    shuffled = draw(st.permutations(sites))
    return Diagram(strings, tuple(zip(shuffled[::2], shuffled[1::2], strict=True)))


@relaxed
@given(gaussian_diagrams(), st.randoms())
def test_diagram_does_not_depend_on_the_order_in_which_it_is_given(diagram, random):
    lines = [random.sample(line, len(line)) for line in diagram.lines]
    random.shuffle(lines)
    assert Diagram(diagram.strings, tuple(map(tuple, lines))) == diagram


@relaxed
@given(gaussian_diagrams())
def test_text_gives_the_diagram_back(diagram):
    assert parse(str(diagram)) == diagram


@relaxed
@given(gaussian_diagrams(), st.integers(0, 3))
def test_reversing_a_string_is_an_involution(diagram, string):
    string %= len(diagram.strings)
    assert reverse(reverse(diagram, string), string) == diagram


@relaxed
@given(gaussian_diagrams(), st.integers(0, 3))
def test_reversing_a_string_keeps_faces_and_order(diagram, string):
    back = reverse(diagram, string % len(diagram.strings))
    assert sorted(map(len, walked_sites(back))) == sorted(map(len, walked_sites(diagram)))
    assert skeleton(back).order == skeleton(diagram).order


@relaxed
@given(gaussian_diagrams())
def test_momentum_is_conserved_at_every_vertex_and_line(diagram):
    momentum = route(diagram)
    surplus = {}
    for segment, (tail, head) in segment_ends(diagram).items():
        parts = (*momentum[segment].loops, *momentum[segment].injected)
        for node, sign in ((tail, -1), (head, 1)):
            total = surplus.setdefault(node, Counter())
            for name, n in parts:
                total[name] += sign * n
    roots = set()
    for node, total in surplus.items():
        left = {name: n for name, n in total.items() if n}
        if isinstance(node, str) and left != {node: -1}:
            # One vertex of a connected part absorbs what enters at all others.
            roots.add(node)
            assert all(n == 1 and isinstance(name, str) for name, n in left.items())
        elif isinstance(node, int):
            assert not left
    assert len(roots) <= len(loops(diagram))


@relaxed
@given(gaussian_diagrams())
def test_number_of_loop_momenta_is_the_cyclomatic_number(diagram):
    ends = segment_ends(diagram)
    nodes = {node for pair in ends.values() for node in pair}
    parts = {node: node for node in nodes}

    def root(node):
        while parts[node] != node:
            node = parts[node]
        return node

    for tail, head in ends.values():
        parts[root(tail)] = root(head)
    connected = len({root(node) for node in nodes})
    carried = {name for momentum in route(diagram).values() for name, _ in momentum.loops}
    assert len(carried) == len(ends) - len(nodes) + connected


@relaxed
@given(gaussian_diagrams())
def test_stripping_leaves_no_self_energy_and_happens_once(diagram):
    stripped = strip_self_energies(diagram)
    assert is_free_of_self_energies(stripped.lines)
    assert strip_self_energies(stripped) == stripped


@relaxed
@given(gaussian_diagrams(), st.integers(0, 4))
def test_contraction_keeps_every_line_and_the_order(diagram, string):
    """The order is that of the largest number of faces over all ways to twist all lines."""
    stripped = strip_self_energies(diagram)
    if string < len(diagram.strings):
        stripped = reverse(stripped, string)
    found = skeleton(stripped)
    hard = len(found.diagram.lines) - len(found.modes)
    assert sum(mode.rungs for mode in found.modes) + hard == len(stripped.lines)
    twists = product(*((None, line) for line in stripped.lines))
    faces = max(face_count(stripped, set(twist)) for twist in twists)
    assert found.order == len(loops(stripped)) + len(stripped.lines) - faces


@relaxed
@given(gaussian_diagrams())
def test_cutting_the_modes_keeps_all_other_lines(diagram):
    contracted = skeleton(diagram)
    hard = cut_modes(contracted)
    assert len(hard.lines) == len(contracted.diagram.lines) - len(contracted.modes)
    assert len(hard.strings) == len(diagram.strings) + 2 * len(contracted.modes)


@relaxed
@given(gaussian_diagrams())
def test_untwisted_faces_obey_euler_s_formula_for_an_orientable_surface(diagram):
    characteristic = len(loops(diagram)) - len(diagram.lines) + face_count(diagram)
    assert characteristic % 2 == 0


@pytest.mark.parametrize("frame", [DENSITY_OF_STATES, BUBBLE, FLUCTUATION, BOX])
def test_every_string_is_in_one_loop(frame):
    assert sorted(s for loop in loops(Diagram(frame)) for s, _ in loop) == [*range(len(frame))]
