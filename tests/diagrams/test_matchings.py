"""Counting: the number of diagrams is known without any physics."""

import itertools
import tracemalloc
from math import factorial

import pytest
import sympy as sp

from diagrams.families import (
    is_free_of_self_energies,
    is_ladder,
    is_maximally_crossed,
    is_non_crossing,
    is_rung_only,
)
from diagrams.matchings import (
    BUBBLE,
    DENSITY_OF_STATES,
    FLUCTUATION,
    bubble_diagrams,
    count_bubbles,
    count_diagrams,
    diagrams_of,
    pairings,
    partitions,
    splittings,
)

ORDERS = range(1, 6)


def count(generator):
    return sum(1 for _ in generator)


@pytest.mark.parametrize("n", ORDERS)
def test_number_of_bubbles_is_2n_plus_1_times_the_odd_factorial(n):
    found = set(bubble_diagrams(n))
    assert len(found) == (2 * n + 1) * sp.factorial2(2 * n - 1)


@pytest.mark.parametrize("n", ORDERS)
def test_number_of_non_crossing_bubbles_is_2n_plus_1_catalan_n(n):
    assert count(bubble_diagrams(n, is_non_crossing)) == (2 * n + 1) * sp.catalan(n)


@pytest.mark.parametrize("n", ORDERS)
def test_rung_only_bubbles_are_the_permutations_with_one_ladder_and_one_crossed(n):
    found = list(bubble_diagrams(n, is_rung_only))
    assert len(found) == factorial(n)
    assert sum(map(is_ladder, found)) == 1
    assert sum(map(is_maximally_crossed, found)) == 1


def test_bubbles_free_of_self_energies_number_1_4_27_248():
    """Free means: no run of neighbouring sites on one string is closed under the lines."""
    found = [count(bubble_diagrams(n, is_free_of_self_energies)) for n in range(5)]
    assert found == [1, 1, 4, 27, 248]


def test_bubbles_free_of_self_energies_follow_from_the_full_propagator():
    """Dressing every propagator of the skeletons in zero dimensions gives all bubbles back.

    With g(x) = sum (2n-1)!! x^n the full propagator in units of the bare one, n lines of a
    skeleton sit between 2n + 2 propagators: sum_n s_n x^n g^(2n+2) = sum_n b_n x^n.
    """
    x, order = sp.Symbol("x"), 5
    g = sum(sp.factorial2(2 * n - 1) * x**n for n in range(order))
    skeletons = [count(bubble_diagrams(n, is_free_of_self_energies)) for n in range(order)]
    dressed = sp.Poly(
        sp.expand(sum(s * x**n * g ** (2 * n + 2) for n, s in enumerate(skeletons))), x
    )
    for n in range(order):
        assert dressed.coeff_monomial(x**n) == (2 * n + 1) * sp.factorial2(2 * n - 1)


@pytest.mark.parametrize("n", range(1, 5))
@pytest.mark.parametrize("keep", [is_non_crossing, is_rung_only, is_free_of_self_energies])
def test_pruning_finds_what_filtering_finds(n, keep):
    filtered = {diagram for diagram in bubble_diagrams(n) if keep(diagram.lines)}
    assert set(bubble_diagrams(n, keep)) == filtered


@pytest.mark.parametrize("n", range(1, 6))
def test_zero_dimensional_green_function_sums_to_the_gaussian_moment(n):
    """G = 1/(z - V): the coefficient of 1/z^(2n+1) is <V^2n>, one for each diagram."""
    V = sp.Symbol("V", real=True)
    weight = sp.exp(-(V**2) / 2) / sp.sqrt(2 * sp.pi)
    moment = sp.integrate(V ** (2 * n) * weight, (V, -sp.oo, sp.oo))
    assert count(diagrams_of(DENSITY_OF_STATES, (2,) * n)) == moment


@pytest.mark.parametrize("n", range(1, 5))
def test_zero_dimensional_bubble_sums_to_the_average_of_the_product(n):
    """The coefficient of V^2n in 1/(z - V)^2 is 2n + 1 at z = 1."""
    V = sp.Symbol("V", real=True)
    coefficient = sp.series(1 / (1 - V) ** 2, V, 0, 2 * n + 1).coeff(V, 2 * n)
    assert count(bubble_diagrams(n)) == coefficient * sp.factorial2(2 * n - 1)


@pytest.mark.parametrize("n", range(1, 7))
def test_poissonian_disorder_sums_to_the_bell_numbers(n):
    """All cumulants of a Poisson variable of mean one are one, its moments are Bell's."""
    sizes = [
        [size for size, times in blocks.items() for _ in range(times)]
        for blocks in sp.utilities.iterables.partitions(n)
    ]
    assert sum(count(partitions(range(n), blocks)) for blocks in sizes) == sp.bell(n)


def test_skew_scattering_diagrams_join_three_sites():
    found = list(diagrams_of(BUBBLE, (3,)))
    assert len(found) == 4
    assert {len(line) for diagram in found for line in diagram.lines} == {3}
    assert count(diagrams_of(DENSITY_OF_STATES, (3, 2))) == 10


def test_fluctuation_distributes_its_sites_over_four_strings():
    assert count(splittings(4, 4)) == 35
    assert len(set(diagrams_of(FLUCTUATION, (2, 2)))) == 35 * 3


def test_enumeration_is_lazy():
    first = next(bubble_diagrams(40))
    assert len(first.lines) == 40
    assert count(itertools.islice(pairings(range(60)), 1000)) == 1000


@pytest.mark.slow
def test_all_135135_bubbles_of_order_six_pass_through_constant_memory():
    def peak_while_counting(diagrams):
        tracemalloc.start()
        number = count(diagrams)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return number, peak

    number, peak = peak_while_counting(bubble_diagrams(6))
    assert number == 135135
    assert peak < 10 * number  # bytes: stored, the diagrams would take over a kilobyte each


@pytest.mark.parametrize(
    ("frame", "sizes"),
    [
        (BUBBLE, (2, 2, 2)),
        (BUBBLE, (3,)),
        (BUBBLE, (3, 2)),
        (BUBBLE, (4, 2)),
        (DENSITY_OF_STATES, (3, 3)),
        (FLUCTUATION, (2, 2)),
    ],
)
def test_number_of_diagrams_is_known_before_they_are_made(frame, sizes):
    assert count_diagrams(frame, sizes) == count(diagrams_of(frame, sizes))


@pytest.mark.parametrize("n", range(7))
def test_number_of_bubbles_is_a_product(n):
    assert count_bubbles(n) == count_diagrams(BUBBLE, (2,) * n)


def test_items_that_cannot_be_divided_are_refused():
    with pytest.raises(ValueError, match="odd number of items, 3,"):
        pairings("abc")
    with pytest.raises(ValueError, match=r"sizes \(2, 2\) cannot hold 3 items"):
        list(partitions("abc", (2, 2)))
