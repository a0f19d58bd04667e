"""The interference corrections, against counts of other theories."""

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import chain, combinations, permutations, product

import pytest
import sympy as sp

from diagrams.corrections import (
    box_count,
    interference_corrections,
    interference_families,
    most_lines,
)
from diagrams.diagram import Diagram, Site, remove_lines
from diagrams.faces import loops
from diagrams.families import dress, is_free_of_self_energies, maximally_crossed
from diagrams.hikami import conductivity_box_diagrams
from diagrams.matchings import bubble_diagrams
from diagrams.rules import Rules, evaluate
from diagrams.skeletons import Kind, cut_modes, skeleton


@pytest.fixture(scope="module")
def second():
    return interference_corrections(2)


def with_two_rungs(contracted):
    """Draw each soft mode of a skeleton with two rungs, in the order of its kind."""
    kinds = {mode.line: mode.kind for mode in contracted.modes}
    owner = {site: line for line in contracted.diagram.lines for site in line}
    counts = Counter()
    lines = {}
    for site in contracted.diagram.sites:
        line = owner[site]
        rungs = [0, 1] if line in kinds else [0]
        if kinds.get(line) is Kind.DIFFUSON and site.string == 1:
            rungs.reverse()
        for rung in rungs:
            lines.setdefault((line, rung), []).append(Site(site.string, counts[site.string]))
            counts[site.string] += 1
    strings = (replace(s, sites=counts[i]) for i, s in enumerate(contracted.diagram.strings))
    return Diagram(tuple(strings), tuple(map(tuple, lines.values())))


def key(found):
    return found.diagram, tuple((mode.kind, mode.line) for mode in found.modes), found.order


def test_first_order_is_the_hikami_box_and_its_two_dressed_partners():
    crossed = maximally_crossed(2)
    box = {key(skeleton(diagram)) for diagram in (crossed, dress(crossed, 0), dress(crossed, 1))}
    found = interference_corrections(1)
    assert len(found) == 3
    assert {key(s) for s in found} == box


def test_first_order_is_all_that_enumeration_of_bubbles_finds():
    """Every bubble of up to four lines, its modes read off and not chosen."""
    found = set()
    for n in range(1, 5):
        for diagram in bubble_diagrams(n, is_free_of_self_energies):
            read = skeleton(diagram)
            if read.order == 1 and not read.diffusons and not repeats_a_hard_line(read):
                found.add(key(read))
    assert found == {key(s) for s in interference_corrections(1)}


def repeats_a_hard_line(read):
    """More than one hard line: a face of one branch, see the module's docstring."""
    return len(read.diagram.lines) - len(read.modes) > 1


def test_two_rungs_identify_each_mode(second):
    for found in (*interference_corrections(1), *second):
        assert skeleton(with_two_rungs(found)) == found


def test_corrections_are_distinct(second):
    assert len({key(s) for s in second}) == len(second)


def test_order_is_the_number_of_slow_momenta(second):
    for found in second:
        assert len(found.modes) - len(loops(cut_modes(found))) + 1 == found.order == 2


def test_second_order_has_two_modes_on_one_box_or_three_between_two():
    shapes = Counter((len(s.modes), box_count(s)) for s in interference_families(2))
    assert shapes == {(2, 1): 4, (3, 2): 5}


def trajectory_pairs(order, time_reversal):
    """Count pairs of semiclassical trajectories by their number of encounters.

    A trajectory runs through stretches 0, 1, ..., L - 1 that are grouped into encounters of
    two or more, in which some run backwards if time reversal allows. Its partner leaves each
    encounter cyclically shifted and must be one path from beginning to end. The order is L
    minus the number of encounters.
    """
    found = Counter()
    for encounters in range(1, order + 1):
        L = order + encounters
        for blocks in set_partitions(tuple(range(L)), encounters):
            for turned in product((False, True) if time_reversal else (False,), repeat=L):
                # Turning a whole encounter around is the same encounter.
                if any(turned[block[0]] for block in blocks):
                    continue
                for shifts in product(*map(cyclic_shifts, blocks)):
                    found[encounters] += is_one_path(dict(chain(*shifts)), turned)
    return +found


def set_partitions(items, parts):
    if not items:
        return [()] if parts == 0 else []
    first, *rest = items
    return [
        ((first, *others), *blocks)
        for size in range(1, len(rest) + 1)
        for others in combinations(rest, size)
        for blocks in set_partitions(tuple(r for r in rest if r not in others), parts - 1)
    ]


def cyclic_shifts(block):
    cycles = [(block[0], *order) for order in permutations(block[1:])]
    return [list(zip(cycle, (*cycle[1:], cycle[0]), strict=True)) for cycle in cycles]


def is_one_path(shift, turned):
    """Follow the partner from port to port; a port is (stretch, whether it is the exit)."""
    across = {}
    for left, right in shift.items():
        one, other = (left, turned[left]), (right, not turned[right])
        across[one], across[other] = other, one
    port, visited = (0, False), 0
    while True:
        visited += 1
        stretch, is_exit = across[port]
        if is_exit and stretch == len(turned) - 1:
            return visited == len(turned)
        if not is_exit and stretch == 0:
            return False
        port = (stretch + 1, False) if is_exit else (stretch - 1, True)


@pytest.mark.parametrize("time_reversal", [True, False])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_families_are_those_of_semiclassical_trajectory_pairs(order, time_reversal):
    """Encounters of p stretches are boxes with 2p corners; after Heusler et al. (2006)."""
    families = interference_families(order, time_reversal)
    assert Counter(map(box_count, families)) == trajectory_pairs(order, time_reversal)


def test_number_of_families_by_boxes():
    families = {n: Counter(map(box_count, interference_families(n))) for n in (1, 2, 3)}
    assert families == {1: {1: 1}, 2: {1: 4, 2: 5}, 3: {1: 20, 2: 60, 3: 41}}


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("time_reversal", [True, False])
def test_families_add_up_to_the_random_matrix_conductance(order, time_reversal):
    """N_1 N_2/(N + 1) with time reversal, N_1 N_2/N without: each box has the sign -1."""
    total = sum((-1) ** box_count(s) for s in interference_families(order, time_reversal))
    assert total == ((-1) ** order if time_reversal else 0)


def test_unitary_class_has_a_two_and_a_three_diffuson_family_and_no_first_order():
    assert interference_corrections(1, time_reversal=False) == ()
    modes = [(s.diffusons, s.cooperons) for s in interference_families(2, time_reversal=False)]
    assert modes == [(2, 0), (3, 0)]


@pytest.mark.parametrize(("time_reversal", "total"), [(True, 4 * 16 + 5 * 9), (False, 16 + 9)])
def test_each_family_has_every_dressing_of_its_boxes(time_reversal, total):
    """Four corners take 1 + 2 dressings, six corners 1 + 6 + 9."""
    found = interference_corrections(2, time_reversal)
    dressings = Counter(
        (len(s.modes), len(s.diagram.lines) - len(s.modes)) for s in found if not s.cooperons
    )
    assert len(found) == total
    assert dressings == {(2, 0): 1, (2, 1): 6, (2, 2): 9, (3, 0): 1, (3, 1): 4, (3, 2): 4}


def test_dressings_of_a_box_are_the_diagonals_that_do_not_cross():
    """Sides of a hexagon in alternation; a diagonal joins sides of one branch."""
    diagonals = [(0, 2), (2, 4), (0, 4), (1, 3), (3, 5), (1, 5)]

    def compatible(one, other):
        a, b = one
        c, d = other
        return not (a < c < b < d or c < a < d < b)

    pairs = [(p, r) for i, p in enumerate(diagonals) for r in diagonals[:i] if compatible(p, r)]
    assert (1, len(diagonals), len(pairs)) == (1, 6, 9)


def family(found):
    """The correction without its hard lines."""
    soft = [mode.line for mode in found.modes]
    hard = [line for line in found.diagram.lines if line not in soft]
    return remove_lines(found.diagram, hard), tuple(mode.kind for mode in found.modes)


def test_dressed_boxes_cancel_at_zero_momentum(second):
    """Conservation of particles: with density vertices each family adds up to zero.

    A dressing that was missing or that was counted twice would be left over.
    """
    rules = Rules(2, frequency=sp.S.Zero)
    totals = defaultdict(list)
    for found in (*interference_corrections(1), *second):
        totals[family(found)].append(evaluate(cut_modes(found), rules, order=0))
    assert sorted(map(len, totals.values())) == [3] + 5 * [9] + 4 * [16]
    assert all(sp.expand(sum(values)) == 0 and values[0] != 0 for values in totals.values())


def test_first_order_boxes_are_those_of_the_conductivity():
    boxes = {cut_modes(found) for found in interference_corrections(1)}
    assert boxes == set(conductivity_box_diagrams())


def test_no_correction_has_more_lines_than_are_searched(second):
    assert max(len(s.diagram.lines) for s in second) == most_lines(2) == 5


def test_an_order_too_large_says_how_many_bubbles_it_would_be():
    with pytest.raises(ValueError, match="among 36633048 diagrams with up to 8 impurity lines"):
        interference_corrections(3)
    with pytest.raises(ValueError, match="among 695482 diagrams with up to 7 impurity lines"):
        interference_families(4)
    with pytest.raises(ValueError, match=r"is 1, 2, \.\.\., not 0"):
        interference_corrections(0)
