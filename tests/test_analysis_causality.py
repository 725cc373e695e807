from itertools import permutations

import pytest
from argument_graphs import barriers, iri, network
from hypothesis import given, settings
from hypothesis import strategies as st

from ftzgraph.analysis.causality import chains, feedback_loops, flow, root_causes
from ftzgraph.analysis.graph import causal, to_networkx
from ftzgraph.errors import GraphError

SIZE = 6
edge_sets = st.sets(
    st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).filter(lambda edge: edge[0] != edge[1]), max_size=14
)
few = settings(max_examples=50, deadline=None)


def names(iris: tuple[str, ...]) -> str:
    return "".join(each[-1] for each in iris)


def test_a_chain_runs_from_first_cause_to_last_effect() -> None:
    argument = barriers("a", "b", "c", "alone")
    argument.causes("a", "b", "c")
    found = chains(to_networkx(argument.graph))
    assert [[names(step) for step in chain.steps] for chain in found.chains] == [["a", "b", "c"]]
    assert found.complete


def test_a_direct_link_that_a_chain_implies_makes_no_chain_of_its_own() -> None:
    argument = barriers("a", "b", "c")
    argument.causes("a", "b", "c")
    argument.causes("a", "c")
    (chain,) = chains(to_networkx(argument.graph)).chains
    assert [names(step) for step in chain.steps] == ["a", "b", "c"]


def test_a_circle_is_one_step_of_a_chain() -> None:
    argument = barriers("a", "b", "c", "d")
    argument.causes("a", "b", "c", "b")
    argument.causes("c", "d")
    (chain,) = chains(to_networkx(argument.graph)).chains
    assert [names(step) for step in chain.steps] == ["a", "bc", "d"]


def test_chains_are_capped_in_number_and_length_and_say_so() -> None:
    argument = barriers("a", "b", "c", "d")
    argument.causes("a", "b", "d")
    argument.causes("a", "c", "d")
    graph = to_networkx(argument.graph)
    assert len(chains(graph).chains) == 2
    one = chains(graph, per_root=1)
    assert [[names(step) for step in chain.steps] for chain in one.chains] == [["a", "b", "d"]]
    assert not one.complete
    short = chains(graph, longest=2)
    assert [[names(step) for step in chain.steps] for chain in short.chains] == [["a", "b"], ["a", "c"]]
    assert not short.complete


def test_root_causes_have_effects_and_no_cause_and_the_farthest_reaching_comes_first() -> None:
    argument = barriers("a", "b", "c", "d", "e")
    argument.causes("a", "b")
    argument.causes("c", "d", "e")
    assert [(names((root.factor,)), names(root.reaches)) for root in root_causes(to_networkx(argument.graph))] == [
        ("c", "de"),
        ("a", "b"),
    ]


def test_flow_goes_up_and_down_nearest_first() -> None:
    argument = barriers("a", "b", "c", "d")
    argument.causes("a", "b", "c", "d")
    argument.factor("r", "Remedy")
    graph = to_networkx(argument.graph)
    assert [(step.factor[-1], step.distance) for step in flow(graph, iri("c"), "up").steps] == [("b", 1), ("a", 2)]
    assert [(step.factor[-1], step.distance) for step in flow(graph, iri("c"), "down").steps] == [("d", 1)]
    assert flow(graph, iri("r"), "down").steps == ()
    with pytest.raises(GraphError, match="no factor"):
        flow(graph, "nobody", "up")


def test_loops_start_at_their_earliest_barrier_and_are_as_sure_as_their_weakest_link() -> None:
    argument = barriers("a", "b", "c")
    argument.causes("c", "a", "b", confidence="0.90")
    argument.causes("b", "c", confidence="0.40")
    argument.causes("b", "a", confidence="0.70")
    found = feedback_loops(to_networkx(argument.graph))
    assert [(names(loop.factors), loop.confidence) for loop in found.loops] == [("ab", 0.7), ("abc", 0.4)]
    assert found.complete


def test_a_loop_is_vicious_and_broken_by_what_addresses_any_of_its_barriers() -> None:
    argument = barriers("a", "b", "c")
    argument.causes("a", "b", "a")
    argument.causes("b", "c")
    for name, kind, target in (("r", "Remedy", "b"), ("g", "Goal", "a"), ("s", "Remedy", "c")):
        argument.factor(name, kind)
        argument.link(name, "addresses", target)
    argument.link("r", "addresses", "a")
    (loop,) = feedback_loops(to_networkx(argument.graph)).loops
    assert names(loop.broken_by) == "rg"
    assert loop.reinforcing


def test_loops_are_capped_the_shortest_kept_and_it_is_said() -> None:
    argument = barriers("a", "b", "c")
    argument.causes("a", "b", "c", "a")
    argument.causes("c", "b")
    graph = to_networkx(argument.graph)
    assert [names(loop.factors) for loop in feedback_loops(graph, most=1).loops] == ["bc"]
    assert not feedback_loops(graph, most=1).complete
    assert [names(loop.factors) for loop in feedback_loops(graph, longest=2).loops] == ["bc"]
    assert not feedback_loops(graph, longest=2).complete


@few
@given(edge_sets)
def test_loops_agree_with_trying_every_order(edges: set[tuple[int, int]]) -> None:
    found = [
        tuple(int(each[-1]) for each in loop.factors)
        for loop in feedback_loops(to_networkx(network(SIZE, edges).graph)).loops
    ]
    expected = {
        order
        for length in range(2, SIZE + 1)
        for order in permutations(range(SIZE), length)
        if order[0] == min(order) and all(pair in edges for pair in zip(order, (*order[1:], order[0]), strict=True))
    }
    capped = feedback_loops(to_networkx(network(SIZE, edges).graph), most=3).loops
    short = feedback_loops(to_networkx(network(SIZE, edges).graph), longest=3).loops
    assert set(found) == expected
    assert len(found) == len(expected)
    assert {tuple(int(each[-1]) for each in loop.factors) for loop in short} == {
        order for order in expected if len(order) <= 3
    }
    assert [len(loop.factors) for loop in capped] == sorted(len(order) for order in expected)[:3]


@few
@given(edge_sets)
def test_flow_agrees_with_the_transitive_closure(edges: set[tuple[int, int]]) -> None:
    reachable = set(edges)
    for _ in range(SIZE):
        reachable |= {(a, d) for a, b in reachable for c, d in edges if b == c}
    graph = to_networkx(network(SIZE, edges).graph)
    for number in range(SIZE):
        down = {step.factor for step in flow(graph, iri(f"f{number}"), "down").steps}
        up = {step.factor for step in flow(graph, iri(f"f{number}"), "up").steps}
        assert down == {iri(f"f{b}") for a, b in reachable if a == number != b}
        assert up == {iri(f"f{a}") for a, b in reachable if b == number != a}


@few
@given(edge_sets)
def test_chains_are_maximal_paths_and_leave_no_linked_barrier_out(edges: set[tuple[int, int]]) -> None:
    graph = to_networkx(network(SIZE, edges).graph)
    core = causal(graph)
    found = chains(graph).chains
    for chain in found:
        for before, after in zip(chain.steps, chain.steps[1:], strict=False):
            assert any(core.has_edge(cause, effect) for cause in before for effect in after)
        assert all(set(core.predecessors(each)) <= set(chain.steps[0]) for each in chain.steps[0])
        assert all(set(core.successors(each)) <= set(chain.steps[-1]) for each in chain.steps[-1])
    told = {each for chain in found for step in chain.steps for each in step}
    assert told == {each for each in core if core.degree(each)}
