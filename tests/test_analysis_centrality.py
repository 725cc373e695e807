from dataclasses import fields

import networkx as nx
import pytest
from argument_graphs import barriers, iri, network
from hypothesis import given, settings
from hypothesis import strategies as st

from ftzgraph.analysis.centrality import MEASURES, Centrality, centralities
from ftzgraph.analysis.graph import causal, to_networkx

SIZE = 6
edge_sets = st.sets(
    st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).filter(lambda edge: edge[0] != edge[1]), max_size=14
)


def test_the_hub_of_two_chains_lies_between() -> None:
    argument = barriers("a", "b", "hub", "d", "alone")
    argument.causes("a", "hub", "d")
    argument.causes("b", "hub")
    argument.causes("a", "d")
    found = centralities(to_networkx(argument.graph))
    assert found.exact
    # Of a to d, which is direct, and b to d, one path runs through the hub.
    assert found.barriers == (
        Centrality(iri("a"), causes=0, effects=2, upstream=0, downstream=2, between=0.0),
        Centrality(iri("b"), causes=0, effects=1, upstream=0, downstream=2, between=0.0),
        Centrality(iri("hub"), causes=2, effects=1, upstream=2, downstream=1, between=0.5),
        Centrality(iri("d"), causes=2, effects=0, upstream=3, downstream=0, between=0.0),
    )


def test_a_barrier_in_a_circle_is_not_its_own_cause() -> None:
    argument = barriers("a", "b")
    argument.causes("a", "b", "a")
    first, _ = centralities(to_networkx(argument.graph)).barriers
    assert first == Centrality(iri("a"), causes=1, effects=1, upstream=1, downstream=1, between=0.0)


def test_every_measure_is_explained_in_both_languages() -> None:
    assert list(MEASURES) == [each.name for each in fields(Centrality) if each.name != "factor"]
    assert all(list(sentences) == ["zh", "en"] for sentences in MEASURES.values())


def test_an_estimate_says_so_is_always_the_same_and_counts_exactly() -> None:
    edges = {(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 2), (1, 5)}
    graph = to_networkx(network(SIZE, edges).graph)
    exact, estimate = centralities(graph), centralities(graph, paths_from=3)
    assert not estimate.exact
    assert estimate == centralities(graph, paths_from=3)
    assert all(0 <= each.between <= 1 for each in estimate.barriers)
    counts = [(each.factor, each.causes, each.effects, each.upstream, each.downstream) for each in estimate.barriers]
    assert counts == [
        (each.factor, each.causes, each.effects, each.upstream, each.downstream) for each in exact.barriers
    ]


@settings(max_examples=60, deadline=None)
@given(edge_sets)
def test_centralities_agree_with_listing_every_shortest_path(edges: set[tuple[int, int]]) -> None:
    graph = to_networkx(network(SIZE, edges).graph)
    core = causal(graph)
    shortest = {
        (source, target): list(nx.all_shortest_paths(core, source, target))
        for source in core
        for target in core
        if source != target and nx.has_path(core, source, target)
    }
    found = centralities(graph).barriers
    assert [each.factor for each in found] == [each for each in core if core.degree(each)]
    for each in found:
        shares = [
            sum(each.factor in path for path in paths) / len(paths)
            for ends, paths in shortest.items()
            if each.factor not in ends
        ]
        assert each.between == pytest.approx(sum(shares) / len(shares) if shares else 0)
        assert each.upstream == sum(target == each.factor for _, target in shortest)
        assert each.downstream == sum(source == each.factor for source, _ in shortest)
