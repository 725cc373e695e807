import networkx as nx
from argument_graphs import barriers, iri, network
from hypothesis import given, settings
from hypothesis import strategies as st

from ftzgraph.analysis.gateways import Bridge, bridges, gateways
from ftzgraph.analysis.graph import causal, to_networkx
from ftzgraph.analysis.leverage import leverage

SIZE = 7
edge_sets = st.sets(
    st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).filter(lambda edge: edge[0] != edge[1]), max_size=14
)
few = settings(max_examples=80, deadline=None)


def names(iris: tuple[str, ...]) -> str:
    return "".join(each[-1] for each in iris)


def test_a_gateway_commands_what_every_path_reaches_through_it() -> None:
    argument = barriers("a", "b", "gate", "d", "e", "f")
    argument.causes("a", "gate", "d", "f")
    argument.causes("b", "gate", "e", "f")
    (found,) = gateways(to_networkx(argument.graph))
    assert (found.factor, names(found.commands)) == (iri("gate"), "def")  # neither d nor e is on every path to f


def test_a_start_is_no_gateway_be_it_a_root_or_a_circle() -> None:
    argument = barriers("a", "b", "c", "x", "y", "z")
    argument.causes("a", "b", "c")
    argument.causes("x", "y", "x")
    argument.causes("y", "z")
    assert [(names((each.factor,)), names(each.commands)) for each in gateways(to_networkx(argument.graph))] == [
        ("b", "c")
    ]


def test_the_gateway_that_commands_most_comes_first() -> None:
    argument = barriers("a", "b", "x", "y", "z", "c")
    argument.causes("a", "b", "c")
    argument.causes("x", "y", "z", "c")
    argument.causes("y", "a")
    assert [names((each.factor,)) for each in gateways(to_networkx(argument.graph))] == ["y", "a"]


def test_without_barriers_there_is_neither_gateway_nor_bridge() -> None:
    empty = to_networkx(barriers().graph)
    assert gateways(empty) == ()
    assert bridges(empty) == ()


def test_a_bridge_parts_the_argument_into_what_stands_before_and_after() -> None:
    argument = barriers("a", "b", "c", "d", "e", "f")
    argument.causes("a", "b", "c", "d")
    argument.causes("e", "c")
    argument.link("d", "partOf", "a")
    (found,) = bridges(to_networkx(argument.graph))
    assert found == Bridge(iri("b"), iri("c"), (iri("a"), iri("b")), (iri("c"), iri("d"), iri("e")))


def test_barriers_that_cause_each_other_are_no_bridge() -> None:
    argument = barriers("a", "b", "c", "d")
    argument.causes("a", "b", "c", "d")
    argument.causes("c", "b")
    assert bridges(to_networkx(argument.graph)) == ()


@few
@given(edge_sets)
def test_gateways_agree_with_taking_each_barrier_away(edges: set[tuple[int, int]]) -> None:
    graph = to_networkx(network(SIZE, edges).graph)
    core = causal(graph)
    starts = {each for each in core if nx.ancestors(core, each) <= nx.descendants(core, each)}
    expected = {}
    for cause in core.nodes - starts:
        rest = core.subgraph(core.nodes - {cause})
        reached = starts.union(*(nx.descendants(rest, start) for start in starts))
        if core.nodes - reached - {cause}:
            expected[cause] = core.nodes - reached - {cause}
    found = {each.factor: set(each.commands) for each in gateways(graph)}
    assert found == expected


@few
@given(edge_sets)
def test_what_loses_its_support_with_a_gateway_is_what_it_commands_but_for_circles(edges: set[tuple[int, int]]) -> None:
    graph = to_networkx(network(SIZE, edges).graph)
    core = causal(graph)
    on_circles = {each for knot in nx.strongly_connected_components(core) if len(knot) > 1 for each in knot}
    loses = {each.factor: set(each.loses) for each in leverage(graph)}
    for gateway in gateways(graph):
        commands, lost = set(gateway.commands), loses.get(gateway.factor, set())
        assert lost <= commands
        if not on_circles:
            assert lost == commands


@few
@given(edge_sets)
def test_bridges_agree_with_taking_each_link_away(edges: set[tuple[int, int]]) -> None:
    graph = to_networkx(network(SIZE, edges).graph)
    core = causal(graph)
    expected = []
    for source, target in core.edges:
        rest = core.copy()
        rest.remove_edge(source, target)
        side = {end: strand for strand in nx.weakly_connected_components(rest) for end in strand}
        before, after = side[source], side[target]
        if before != after and min(len(before), len(after)) > 1:
            expected.append((source, target, before, after))
    assert [(each.source, each.target, set(each.before), set(each.after)) for each in bridges(graph)] == expected
