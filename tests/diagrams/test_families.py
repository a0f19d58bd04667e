"""Ladders, maximally crossed diagrams, and time reversal."""

import pytest

from diagrams.families import (
    cross,
    dress,
    is_free_of_self_energies,
    is_ladder,
    is_maximally_crossed,
    is_non_crossing,
    is_rung_only,
    ladder,
    maximally_crossed,
    reverse,
)
from diagrams.notation import parse


@pytest.mark.parametrize("n", range(6))
def test_reversing_the_advanced_string_turns_crossed_into_ladder(n):
    assert is_ladder(reverse(maximally_crossed(n), 1))


@pytest.mark.parametrize("n", range(6))
def test_reversing_the_retarded_string_turns_ladder_into_crossed(n):
    assert is_maximally_crossed(reverse(ladder(n), 0))


@pytest.mark.parametrize("n", range(2, 6))
def test_all_rungs_of_a_maximally_crossed_diagram_cross_and_those_of_a_ladder_do_not(n):
    crossed, uncrossed = maximally_crossed(n).lines, ladder(n).lines
    assert all(cross(a, b) for a in crossed for b in crossed if a != b)
    assert is_non_crossing(uncrossed)
    assert is_rung_only(crossed)
    assert is_rung_only(uncrossed)
    assert not is_ladder(maximally_crossed(n))
    assert not is_maximally_crossed(ladder(n))


def test_with_one_rung_ladder_and_crossed_are_the_same_diagram():
    assert ladder(1) == maximally_crossed(1)


def test_dressing_encloses_a_string_and_makes_no_self_energy_when_there_are_rungs():
    dressed = dress(ladder(2), 1)
    assert str(dressed) == "R[x 1 2 y] A[y 3 2 1 3 x]"
    assert is_free_of_self_energies(dressed.lines)
    assert not is_free_of_self_energies(dress(ladder(0), 1).lines)


@pytest.mark.parametrize(
    ("text", "free"),
    [
        ("R[x 1 1 y] A[y x]", False),
        ("R[x 1 2 1 2 3 y] A[y 3 x]", False),
        ("R[x 1 2 2 1 3 y] A[y 3 x]", False),
        ("R[x 1 2 1 y] A[y 2 x]", True),
        ("R[x 1 2 y] A[y 1 2 x]", True),
        ("R[x 1 1 1 2 y] A[y 2 x]", False),
        ("R[x 1 2 1 y] A[y 1 2 x]", True),
    ],
)
def test_a_self_energy_is_a_closed_run_on_one_string(text, free):
    assert is_free_of_self_energies(parse(text).lines) is free


def test_two_strings_of_one_branch_make_no_ladder():
    assert not is_ladder(parse("R[x 1 y] R[y 1 x]"))
