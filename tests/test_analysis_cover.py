from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from ftzgraph.analysis.cover import smallest_cover

families = st.dictionaries(st.sampled_from("abcdefgh"), st.frozensets(st.integers(0, 7)), max_size=8)


def test_the_greedy_choice_is_not_the_smallest() -> None:
    sets = {"greedy": "1245", "left": "123", "right": "456"}
    assert smallest_cover(sets).chosen == ("left", "right")


def test_nothing_to_cover_needs_nothing() -> None:
    assert smallest_cover({}).chosen == ()
    assert smallest_cover({"empty": ""}).chosen == ()


def test_of_equally_good_sets_the_widest_then_the_first_is_taken() -> None:
    assert smallest_cover({"b": "12", "a": "12"}).chosen == ("b",)
    assert smallest_cover({"narrow": "1", "wide": "12", "needed": "23"}).chosen == ("wide", "needed")


@settings(max_examples=60, deadline=None)
@given(families)
def test_as_small_as_trying_every_choice(sets: dict[str, frozenset[int]]) -> None:
    cover = smallest_cover(sets)
    everything = frozenset().union(*sets.values())
    smallest = next(
        size
        for size in range(len(sets) + 1)
        if any(frozenset().union(*choice) == everything for choice in combinations(sets.values(), size))
    )
    assert frozenset().union(*(sets[name] for name in cover.chosen)) == everything
    assert len(cover.chosen) == smallest
    assert cover.exact


@settings(max_examples=60, deadline=None)
@given(families)
def test_without_time_to_search_it_still_covers_all_and_never_claims_too_much(sets: dict[str, frozenset[int]]) -> None:
    hasty = smallest_cover(sets, steps=0)
    assert frozenset().union(*(sets[name] for name in hasty.chosen)) == frozenset().union(*sets.values())
    if hasty.exact:
        assert len(hasty.chosen) == len(smallest_cover(sets).chosen)


def test_a_search_that_is_cut_short_says_so() -> None:
    # Three sets of two around a circle of six elements would do; no set and no element stands for another.
    circle = {str(number): {number, (number + 1) % 6} for number in range(6)}
    assert smallest_cover(circle, steps=0).exact is False
    assert len(smallest_cover(circle).chosen) == 3
    assert smallest_cover(circle).exact
