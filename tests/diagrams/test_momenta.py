"""Momentum routing, against linear algebra on random diagrams with any cumulants."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagrams.diagram import Diagram, Site
from diagrams.families import ladder, maximally_crossed, reverse
from diagrams.matchings import BUBBLE, DENSITY_OF_STATES, FLUCTUATION
from diagrams.momenta import route, segment_ends
from diagrams.notation import parse

BOX = parse("R[a b] A[b c] R[c d] A[d a]").strings
relaxed = settings(deadline=None, max_examples=100)


@st.composite
def diagrams(draw, max_lines=4):
    """Random frames, some strings against their arrow, lines that join 2, 3 or 4 sites."""
    frame = draw(st.sampled_from([DENSITY_OF_STATES, BUBBLE, FLUCTUATION, BOX]))
    sizes = draw(st.lists(st.integers(2, 4), max_size=max_lines))
    places = st.lists(st.integers(0, len(frame) - 1), min_size=sum(sizes), max_size=sum(sizes))
    counts = Counter(draw(places))
    strings = tuple(replace(string, sites=counts[s]) for s, string in enumerate(frame))
    sites = draw(st.permutations([Site(s, i) for s in range(len(frame)) for i in range(counts[s])]))
    starts = [sum(sizes[:n]) for n in range(len(sizes))]
    lines = [tuple(sites[a : a + n]) for a, n in zip(starts, sizes, strict=True)]
    diagram = Diagram(strings, tuple(lines))
    backwards = draw(st.sets(st.integers(0, len(frame) - 1)))
    for string in backwards:
        diagram = reverse(diagram, string)
    return diagram


def incidence(diagram):
    """+1 where a Green function arrives and -1 where it leaves; nodes by Green functions."""
    ends = segment_ends(diagram)
    nodes = list(dict.fromkeys(node for pair in ends.values() for node in pair))
    matrix = np.zeros((len(nodes), len(ends)), int)
    for column, (tail, head) in enumerate(ends.values()):
        matrix[nodes.index(tail), column] -= 1
        matrix[nodes.index(head), column] += 1
    return nodes, matrix


def flow(diagram):
    """Coefficients of the loop momenta and of the slow momenta in each Green function."""
    momenta = route(diagram).values()
    loop_names = sorted({name for p in momenta for name, _ in p.loops})
    fast = np.array([[dict(p.loops).get(name, 0) for name in loop_names] for p in momenta])
    slow = np.array([[dict(p.injected).get(v, 0) for v in diagram.vertices] for p in momenta])
    return fast.reshape(len(momenta), len(loop_names)), slow


@relaxed
@given(diagrams())
def test_loop_momenta_are_a_basis_of_all_conserved_flows(diagram):
    nodes, matrix = incidence(diagram)
    loops, _ = flow(diagram)
    assert not (matrix @ loops).any()
    conserved = matrix.shape[1] - np.linalg.matrix_rank(matrix)
    assert np.linalg.matrix_rank(loops) == loops.shape[1] == conserved
    assert len(nodes) == len(diagram.lines) + len(diagram.vertices)


@relaxed
@given(diagrams())
def test_slow_momenta_are_conserved_at_every_node(diagram):
    """What leaves a vertex is what enters there; a line takes nothing, for any total of zero."""
    nodes, matrix = incidence(diagram)
    _, slow = flow(diagram)
    entering = np.random.default_rng(0).normal(size=len(diagram.vertices))
    for part in connected_parts(nodes, matrix):
        inside = [diagram.vertices.index(node) for node in part if isinstance(node, str)]
        entering[inside] -= entering[inside].mean()
    balance = dict(zip(nodes, matrix @ slow @ entering, strict=True))
    for node, surplus in balance.items():
        expected = -entering[diagram.vertices.index(node)] if isinstance(node, str) else 0
        assert surplus == pytest.approx(expected, abs=1e-12)


def connected_parts(nodes, matrix):
    touching = (matrix != 0).astype(int)
    reach = touching @ touching.T + np.eye(len(nodes), dtype=int)
    for _ in nodes:
        reach = np.sign(reach @ reach)
    return {frozenset(nodes[j] for j in np.flatnonzero(row)) for row in reach}


@relaxed
@given(diagrams())
def test_every_coefficient_is_one_up_to_sign(diagram):
    loops, slow = flow(diagram)
    assert set(np.unique(loops)) | set(np.unique(slow)) <= {-1, 0, 1}


@relaxed
@given(diagrams())
def test_a_loop_momentum_is_carried_alone_by_the_green_function_that_names_it(diagram):
    momenta = route(diagram)
    for name in {name for p in momenta.values() for name, _ in p.loops}:
        assert momenta[name].loops == ((name, 1),)
        assert momenta[name].injected == ()


@pytest.mark.parametrize("n", range(5))
def test_ladder_and_crossed_diagrams_have_one_momentum_more_than_rungs(n):
    for diagram in (ladder(n), maximally_crossed(n)):
        assert flow(diagram)[0].shape == (2 * n + 2, n + 1)


@pytest.mark.parametrize("n", range(1, 4))
def test_pairs_of_a_ladder_share_their_fast_momentum_and_differ_by_the_slow_one(n):
    momenta = route(ladder(n))
    for segment, partner in ((s, t) for s in momenta for t in momenta if s.string < t.string):
        if segment.place + partner.place == n:
            assert momenta[segment].loops == momenta[partner].loops
            assert momenta[segment].injected != momenta[partner].injected
