"""Soft modes and the order in 1/(k_F l)."""

from itertools import product

import pytest

from diagrams.faces import face_count, loops
from diagrams.families import dress, is_free_of_self_energies, ladder, maximally_crossed, reverse
from diagrams.matchings import FLUCTUATION, bubble_diagrams, diagrams_of
from diagrams.notation import parse
from diagrams.skeletons import Kind, cut_modes, skeleton, strip_self_energies


def modes_and_order(diagram):
    found = skeleton(diagram)
    return found.diffusons, found.cooperons, found.order


@pytest.mark.parametrize("n", range(1, 6))
def test_ladder_is_one_diffuson_of_order_zero(n):
    assert modes_and_order(ladder(n)) == (1, 0, 0)
    assert skeleton(ladder(n)).modes[0].rungs == n


@pytest.mark.parametrize("n", range(2, 6))
def test_maximally_crossed_is_one_cooperon_of_order_one(n):
    assert modes_and_order(maximally_crossed(n)) == (0, 1, 1)
    assert skeleton(maximally_crossed(n)).modes[0].rungs == n


@pytest.mark.parametrize("n", range(1, 5))
@pytest.mark.parametrize("string", [0, 1])
def test_dressed_hikami_box_is_one_cooperon_of_order_one(n, string):
    assert modes_and_order(dress(maximally_crossed(n), string)) == (0, 1, 1)


def test_bare_bubble_has_no_modes_and_order_zero():
    assert modes_and_order(ladder(0)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a ladder, then crossed rungs, then a ladder: a Cooperon between two diffusons
        ("R[x 1 2 3 4 5 6 y] A[y 6 5 3 4 2 1 x]", (2, 1, 1)),
        # self-energies on the rungs of a crossed diagram change nothing
        ("R[x 1 4 4 2 y] A[y 5 5 1 2 x]", (0, 1, 1)),
        # two crossed pairs one after the other, each an interference of its own
        ("R[x 1 2 3 4 y] A[y 3 4 1 2 x]", (0, 2, 2)),
        # vertex correction around a pair of parallel rungs
        ("R[x 1 2 3 1 y] A[y 3 2 x]", (1, 0, 2)),
        # self-energies only
        ("R[x 1 2 2 1 y] A[y 3 3 x]", (0, 0, 0)),
    ],
)
def test_mixed_diagrams(text, expected):
    assert modes_and_order(parse(text)) == expected


def test_order_is_not_the_number_of_crossings():
    crossings = {n: n * (n - 1) // 2 for n in range(2, 6)}
    assert {skeleton(maximally_crossed(n)).order for n in crossings} == {1}


def test_reversal_exchanges_diffusons_and_cooperons_but_not_the_order():
    for n in range(2, 6):
        assert modes_and_order(reverse(maximally_crossed(n), 1)) == (1, 0, 1)


@pytest.mark.parametrize("n", range(1, 5))
def test_contraction_leaves_the_order_of_every_bubble(n):
    """Against the largest number of faces over all ways to twist all lines."""
    for diagram in bubble_diagrams(n, is_free_of_self_energies):
        twists = product(*((None, line) for line in diagram.lines))
        faces = max(face_count(diagram, set(t)) for t in twists)
        assert skeleton(diagram).order == len(loops(diagram)) + n - faces


def test_soft_loops_count_the_order_when_no_hard_lines_remain():
    """Boxes joined by modes: the number of free slow momenta is the order."""
    for n in range(1, 5):
        for diagram in bubble_diagrams(n, is_free_of_self_energies):
            found = skeleton(diagram)
            if any(mode.rungs < 2 for mode in found.modes):
                continue
            hard = cut_modes(found)
            if not hard.lines:
                boxes = len(loops(hard))
                assert found.order == len(found.modes) - boxes + 1


def test_conductance_fluctuations_are_of_second_order():
    linked = parse("R[x 1 2 y] A[y x] R[x' y'] A[y' 2 1 x']")
    assert modes_and_order(linked) == (1, 0, 2)
    time_reversed = parse("R[x 1 2 y] A[y x] R[x' y'] A[y' 1 2 x']")
    assert modes_and_order(time_reversed) == (0, 1, 2)
    connected = [d for d in diagrams_of(FLUCTUATION, (2,)) if len(walk_of_line(d)) == 2]
    assert {skeleton(d).order for d in connected} == {2}


def walk_of_line(diagram):
    return {site.string // 2 for site in diagram.lines[0]}


def test_cutting_a_ladder_leaves_two_bubbles_and_cutting_a_cooperon_one_box():
    assert len(loops(cut_modes(skeleton(ladder(4))))) == 2
    assert len(loops(cut_modes(skeleton(maximally_crossed(4))))) == 1


def test_nested_and_crossed_self_energies_are_stripped():
    diagram = parse("R[x 1 2 3 3 2 1 4 y] A[y 5 6 5 6 4 x]")
    assert strip_self_energies(diagram) == ladder(1)


def test_modes_name_their_kind():
    assert skeleton(ladder(2)).modes[0].kind is Kind.DIFFUSON
    assert skeleton(maximally_crossed(2)).modes[0].kind is Kind.COOPERON


def test_higher_cumulants_are_refused():
    with pytest.raises(NotImplementedError, match="a line joins 3"):
        skeleton(parse("R[x 1 1 y] A[y 1 x]"))


def test_too_many_lone_lines_are_refused_with_their_number():
    # No two rungs are neighbours on both strings, so that nothing is contracted.
    retarded, advanced = range(17), [*range(0, 17, 2), *range(1, 17, 2)]
    text = f"R[x {' '.join(map(str, retarded))} y] A[y {' '.join(map(str, advanced))} x]"
    with pytest.raises(NotImplementedError, match="17 of them make 131072"):
        skeleton(parse(text))
