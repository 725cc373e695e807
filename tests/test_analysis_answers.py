from itertools import pairwise
from math import prod

import networkx as nx
import pytest
from argument_graphs import BARRIERS, GOALS, REMEDIES, Argument, Links, argued, barriers, iri, link_sets
from hypothesis import given, settings
from hypothesis import strategies as st

from ftzgraph.analysis.answers import (
    Answer,
    Detour,
    IndirectAnswer,
    Way,
    answers,
    goal_support,
    loose_remedies,
    reach,
    smallest_remedy_set,
    targets,
)
from ftzgraph.analysis.graph import to_networkx


def answer_of(argument: Argument, name: str) -> Answer:
    return next(answer for answer in answers(to_networkx(argument.graph)) if answer.barrier == iri(name))


def test_remedies_and_goals_answer_what_they_address() -> None:
    argument = barriers("p")
    argument.factor("r", "Remedy")
    argument.factor("g", "Goal")
    argument.link("r", "addresses", "p", confidence="0.30")
    argument.link("g", "addresses", "p", confidence="0.70")
    assert answer_of(argument, "p") == Answer(iri("p"), (iri("r"), iri("g")), 0.7, (), ())


def test_a_barrier_without_any_answer_has_no_detour() -> None:
    argument = barriers("p", "q")
    argument.factor("r", "Remedy")
    argument.link("r", "addresses", "q")
    assert answer_of(argument, "p") == Answer(iri("p"), (), 0.0, (), ())


def test_a_denied_link_answers_nothing() -> None:
    argument = barriers("p")
    argument.factor("r", "Remedy")
    argument.link("r", "addresses", "p", negated=True)
    assert answer_of(argument, "p").strategies == ()


def test_detours_lead_over_causes_effects_heading_and_parts_to_the_nearest_answer() -> None:
    argument = barriers("far", "cause", "p", "effect", "heading", "part")
    argument.causes("far", "cause", "p", "effect")
    argument.link("p", "partOf", "heading")
    argument.link("part", "partOf", "p")
    argument.factor("r", "Remedy")
    for name in ("far", "cause", "effect", "heading", "part"):
        argument.link("r", "addresses", name)
    assert answer_of(argument, "p").detours == (
        Detour(Way.CAUSE, iri("cause")),
        Detour(Way.EFFECT, iri("effect")),
        Detour(Way.WHOLE, iri("heading")),
        Detour(Way.PART, iri("part")),
    )


def test_what_addresses_a_cause_upstream_answers_indirectly_by_its_strongest_chain() -> None:
    argument = barriers("far", "near", "p")
    argument.causes("far", "near", "p", confidence="0.50")
    argument.factor("r", "Remedy")
    argument.factor("s", "Remedy")
    argument.link("r", "addresses", "far", confidence="1.00")
    argument.link("r", "addresses", "near", confidence="0.40")
    argument.link("s", "addresses", "far", confidence="1.00")
    argument.link("s", "addresses", "p", confidence="0.90")
    answer = answer_of(argument, "p")
    assert (answer.strategies, answer.confidence) == ((iri("s"),), 0.9)
    assert answer.indirect == (IndirectAnswer(iri("r"), iri("far"), 0.25),)


def test_a_chain_of_no_confidence_is_still_a_chain() -> None:
    argument = barriers("a", "b")
    argument.causes("a", "b", confidence="0.00")
    argument.factor("r", "Remedy")
    argument.link("r", "addresses", "a")
    assert answer_of(argument, "b").indirect == (IndirectAnswer(iri("r"), iri("a"), 0.0),)


@settings(max_examples=60, deadline=None)
@given(link_sets)
def test_indirect_answers_agree_with_trying_every_chain(links: Links) -> None:
    graph = to_networkx(argued(links).graph)
    causes: nx.DiGraph[str] = nx.DiGraph((s, t) for s, relation, t in links if relation == "causes")
    causes.add_nodes_from(BARRIERS)
    for answer in answers(graph):
        barrier = answer.barrier[-2:]
        chains: dict[str, dict[str, float]] = {}
        for (strategy, relation, cause), sure in links.items():
            if relation == "addresses" and cause != barrier and (strategy, relation, barrier) not in links:
                for path in nx.all_simple_paths(causes, cause, barrier):
                    product = float(sure) * prod(float(links[s, "causes", t]) for s, t in pairwise(path))
                    best = chains.setdefault(strategy, {})
                    best[cause] = max(product, best.get(cause, 0.0))
        assert [each.strategy[-2:] for each in answer.indirect] == [s for s in (*REMEDIES, *GOALS) if s in chains]
        for each in answer.indirect:
            of_causes = chains[each.strategy[-2:]]
            assert each.confidence == pytest.approx(max(of_causes.values()))
            assert of_causes[each.cause[-2:]] == pytest.approx(each.confidence)


def test_a_remedy_that_addresses_nothing_is_loose_and_its_surroundings_are_named() -> None:
    argument = barriers("p")
    argument.factor("heading", "Remedy")
    argument.factor("r", "Remedy")
    argument.factor("g", "Goal")
    argument.factor("alone", "Remedy")
    argument.link("heading", "addresses", "p")
    argument.link("r", "partOf", "heading")
    argument.link("r", "aimsAt", "g")
    loose, alone = loose_remedies(to_networkx(argument.graph))
    assert (loose.remedy, loose.detours, loose.goals) == (iri("r"), (Detour(Way.WHOLE, iri("heading")),), (iri("g"),))
    assert (alone.remedy, alone.detours, alone.goals) == (iri("alone"), (), ())


def test_goals_know_the_remedies_that_aim_at_them() -> None:
    argument = Argument()
    argument.factor("r", "Remedy")
    argument.factor("g", "Goal")
    argument.factor("h", "Goal")
    argument.link("r", "aimsAt", "g")
    support = {
        goal.goal[-1]: [each[-1] for each in goal.remedies] for goal in goal_support(to_networkx(argument.graph))
    }
    assert support == {"g": ["r"], "h": []}


def test_a_remedy_reaches_downstream_and_through_its_goal_but_not_the_parts_of_a_heading() -> None:
    argument = barriers("a", "b", "c", "heading", "part")
    argument.causes("a", "b")
    argument.link("part", "partOf", "heading")
    argument.factor("r", "Remedy")
    argument.factor("g", "Goal")
    argument.link("r", "addresses", "a")
    argument.link("r", "addresses", "heading")
    argument.link("r", "aimsAt", "g")
    argument.link("g", "addresses", "c")
    assert reach(to_networkx(argument.graph)) == {iri("r"): (iri("a"), iri("b"), iri("c"), iri("heading"))}


def test_a_remedy_reaches_no_barrier_through_what_is_none() -> None:
    argument = Argument()
    argument.factor("done", "Achievement")
    argument.factor("r", "Remedy")
    argument.link("r", "addresses", "done")
    graph = to_networkx(argument.graph)
    assert reach(graph) == {iri("r"): ()}
    assert answers(graph) == ()


def test_targets_are_as_sure_as_the_surest_way_to_them() -> None:
    argument = barriers("a", "b")
    argument.factor("r", "Remedy")
    argument.factor("g", "Goal")
    argument.link("r", "addresses", "a", confidence="0.10")
    argument.link("r", "aimsAt", "g", confidence="0.50")
    argument.link("g", "addresses", "a", confidence="0.80")
    argument.link("g", "addresses", "b", confidence="1.00")
    assert targets(to_networkx(argument.graph)) == {iri("r"): {iri("a"): 0.4, iri("b"): 0.5}}


def test_the_smallest_set_says_what_only_one_remedy_reaches_and_what_none_does() -> None:
    argument = barriers("a", "b", "c", "d")
    for name, addressed in {"r": "a", "s": "ab", "t": "bc"}.items():
        argument.factor(name, "Remedy")
        for target in addressed:
            argument.link(name, "addresses", target)
    found = smallest_remedy_set(to_networkx(argument.graph))
    assert [chosen.remedy[-1] for chosen in found.chosen] == ["s", "t"]
    assert [each[-1] for each in found.chosen[1].alone] == ["c"]
    assert [each[-1] for each in found.unreached] == ["d"]
    assert found.exact


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)).filter(lambda edge: edge[0] != edge[1]), max_size=6),
    st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=10),
)
def test_the_smallest_set_reaches_all_that_can_be_reached_and_loses_some_without_each_member(
    causes: set[tuple[int, int]], addresses: set[tuple[int, int]]
) -> None:
    argument = barriers(*(f"b{number}" for number in range(5)))
    for number in range(5):
        argument.factor(f"r{number}", "Remedy")
    for source, target in sorted(causes):
        argument.causes(f"b{source}", f"b{target}")
    for source, target in sorted(addresses):
        argument.link(f"r{source}", "addresses", f"b{target}")
    graph = to_networkx(argument.graph)
    reaches, found = reach(graph), smallest_remedy_set(graph)
    everything = {barrier for reached in reaches.values() for barrier in reached}
    assert set(found.reached) == everything
    assert {barrier for chosen in found.chosen for barrier in chosen.reaches} == everything
    for leave_out in found.chosen:
        rest = {barrier for chosen in found.chosen if chosen != leave_out for barrier in chosen.reaches}
        assert rest != everything
