from collections.abc import Mapping, Set
from itertools import pairwise
from math import prod

import networkx as nx
import pytest
from argument_graphs import BARRIERS, REMEDIES, Links, argued, barriers, iri, link_sets
from hypothesis import given, settings

from ftzgraph.analysis.graph import to_networkx
from ftzgraph.analysis.leverage import RemedyLeverage, leverage, remedy_leverage

few = settings(max_examples=60, deadline=None)


def names(iris: tuple[str, ...]) -> str:
    return "".join(each[-1] for each in iris)


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        (["ab"], {"a": "b"}),
        (["ab", "bc"], {"a": "bc", "b": "c"}),
        (["ac", "bc"], {}),  # c has another cause left
        (["ab", "ac", "bd", "cd"], {"a": "bcd"}),  # d loses both its causes with a
        (["ab", "bc", "cb"], {"b": "c"}),  # the circle of b and c sustains itself without a
        (["ab", "ba"], {"a": "b", "b": "a"}),
    ],
)
def test_leverage_is_what_has_no_cause_left(links: list[str], expected: dict[str, str]) -> None:
    argument = barriers("a", "b", "c", "d")
    for link in links:
        argument.causes(*link)
    found = {names((each.factor,)): names(each.loses) for each in leverage(to_networkx(argument.graph))}
    assert found == expected


def test_leverage_weighs_each_barrier_by_its_strongest_chain() -> None:
    argument = barriers("a", "b", "c")
    argument.causes("a", "b", "c", confidence="0.50")
    argument.causes("a", "c", confidence="0.90")
    best = leverage(to_networkx(argument.graph))[0]
    assert (names((best.factor,)), names(best.loses)) == ("a", "bc")
    assert best.weight == pytest.approx(0.5 + 0.9)


def test_a_remedy_removes_what_it_and_its_goals_address_and_the_rest_follows() -> None:
    argument = barriers("a", "b", "c", "d", "e")
    argument.causes("a", "b", "c", confidence="0.50")
    argument.causes("e", "c", confidence="0.50")
    argument.causes("d", "e", confidence="1.00")
    argument.factor("r", "Remedy")
    argument.factor("s", "Remedy")
    argument.factor("idle", "Remedy")
    argument.factor("g", "Goal")
    argument.link("r", "addresses", "a", confidence="0.80")
    argument.link("r", "aimsAt", "g", confidence="0.50")
    argument.link("g", "addresses", "e", confidence="0.60")
    argument.link("s", "addresses", "a", confidence="1.00")
    both, first = remedy_leverage(to_networkx(argument.graph))
    assert (both.remedy, names(both.removes), names(both.loses)) == (iri("r"), "ae", "bc")
    assert both.weight == pytest.approx(0.8 + 0.3 + 0.4 + 0.2)
    assert first == RemedyLeverage(iri("s"), (iri("a"),), (iri("b"),), 1.5)  # c is still caused by e


def test_what_a_remedy_addresses_is_removed_though_it_has_other_causes() -> None:
    argument = barriers("a", "b", "c")
    argument.causes("a", "b", "c")
    argument.factor("r", "Remedy")
    argument.link("r", "addresses", "b")
    (found,) = remedy_leverage(to_networkx(argument.graph))
    assert (names(found.removes), names(found.loses)) == ("b", "c")


def causes_of(links: Links) -> "nx.DiGraph[str]":
    core: nx.DiGraph[str] = nx.DiGraph((s, t) for s, relation, t in links if relation == "causes")
    core.add_nodes_from(BARRIERS)
    return core


def without_support(core: "nx.DiGraph[str]", gone: Set[str]) -> set[str]:
    """Taken away again and again, until nothing more goes."""
    lost: set[str] = set()
    for _ in core:
        fallen = gone | lost
        lost |= {each for each in core if core.in_degree(each) and set(core.predecessors(each)) <= fallen}
    return lost - gone


def strongest(links: Links, starts: Mapping[str, float], end: str) -> float:
    """Of all chains from one of the starts that meet none of the others."""
    return max(
        share * prod(float(links[source, "causes", target]) for source, target in pairwise(path))
        for start, share in starts.items()
        for path in nx.all_simple_paths(causes_of(links), start, end)
        if not starts.keys() & set(path[1:])
    )


@few
@given(link_sets)
def test_leverage_agrees_with_naive_recomputation(links: Links) -> None:
    core = causes_of(links)
    found = {each.factor: each for each in leverage(to_networkx(argued(links).graph))}
    lost = {cause: without_support(core, {cause}) for cause in BARRIERS}
    assert {each.factor: set(each.loses) for each in found.values()} == {
        iri(cause): set(map(iri, effects)) for cause, effects in lost.items() if effects
    }
    for cause, effects in lost.items():
        if effects:
            weight = sum(strongest(links, {cause: 1.0}, effect) for effect in effects)
            assert found[iri(cause)].weight == pytest.approx(weight)


@few
@given(link_sets)
def test_remedy_leverage_agrees_with_naive_recomputation(links: Links) -> None:
    core = causes_of(links)
    found = {each.remedy: each for each in remedy_leverage(to_networkx(argued(links).graph))}
    for remedy in REMEDIES:
        goals = {t: float(sure) for (s, relation, t), sure in links.items() if (s, relation) == (remedy, "aimsAt")}
        removes: dict[str, float] = {}
        for strategy, share in {remedy: 1.0, **goals}.items():
            for (source, relation, barrier), sure in links.items():
                if (source, relation) == (strategy, "addresses"):
                    removes[barrier] = max(share * float(sure), removes.get(barrier, 0.0))
        loses = without_support(core, removes.keys())
        assert (iri(remedy) in found) == bool(removes)
        if removes:
            result = found[iri(remedy)]
            assert set(result.removes) == set(map(iri, removes))
            assert set(result.loses) == set(map(iri, loses))
            weight = sum(removes.values()) + sum(strongest(links, removes, each) for each in loses)
            assert result.weight == pytest.approx(weight)
