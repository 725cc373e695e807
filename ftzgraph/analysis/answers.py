"""What answers what: barriers and the strategies against them, goals and the remedies towards them.

Only what is stated counts as an answer. A link to a heading problem says nothing of the parts that stand under it, and
the other way round; such detours are named, never counted.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from math import inf, log

import networkx as nx

from ftzgraph.analysis.cover import smallest_cover
from ftzgraph.analysis.graph import (
    FactorGraph,
    LinkRecord,
    LinkView,
    Sorter,
    barriers,
    causal,
    goals,
    remedies,
    sorter,
    strategies,
    view,
)
from ftzgraph.causalmap import Relation


class Way(StrEnum):
    """How a factor without an answer of its own is near one that has one."""

    CAUSE = "cause"  # something that causes it
    EFFECT = "effect"  # something that it causes
    WHOLE = "whole"  # the heading statement that it is part of
    PART = "part"  # a statement that elaborates it
    GOAL = "goal"  # a goal that it aims at


@dataclass(frozen=True)
class Detour:
    """A neighbour that has an answer; only the nearest of each way are named."""

    way: Way
    factor: str


@dataclass(frozen=True)
class IndirectAnswer:
    """A strategy that addresses a cause of a barrier, however far upstream, and not the barrier itself.

    Attributes:
        strategy: its IRI.
        cause: the cause it addresses; of several the one with the strongest chain to the barrier.
        confidence: of that chain: the product of the confidences of the addresses link and the causes links.
    """

    strategy: str
    cause: str
    confidence: float


@dataclass(frozen=True)
class Answer:
    """A barrier and what answers it.

    Attributes:
        barrier: its IRI.
        strategies: IRIs of the remedies and goals that address it.
        confidence: the highest of their links; 0 when there are none.
        indirect: the strategies that address only what causes it.
        detours: when there are none, what is addressed among its causes, its effects, its heading and its parts.
    """

    barrier: str
    strategies: tuple[str, ...]
    confidence: float
    indirect: tuple[IndirectAnswer, ...]
    detours: tuple[Detour, ...]


@dataclass(frozen=True)
class LooseRemedy:
    """A remedy that addresses no stated barrier.

    Attributes:
        remedy: its IRI.
        detours: what addresses one among its heading, its parts and its goals.
        goals: IRIs of the goals it aims at.
    """

    remedy: str
    detours: tuple[Detour, ...]
    goals: tuple[str, ...]


@dataclass(frozen=True)
class GoalSupport:
    """A goal and the IRIs of the remedies that aim at it."""

    goal: str
    remedies: tuple[str, ...]


@dataclass(frozen=True)
class ChosenRemedy:
    """A remedy of the smallest set, the barriers it reaches, and those of them that no other remedy reaches."""

    remedy: str
    reaches: tuple[str, ...]
    alone: tuple[str, ...]


@dataclass(frozen=True)
class RemedySet:
    """As few remedies as possible that reach every barrier that any remedy reaches.

    Attributes:
        chosen: the remedies.
        reached, unreached: the barriers that some remedy reaches, and those that none does.
        exact: whether the set is proved to be a smallest one.
    """

    chosen: tuple[ChosenRemedy, ...]
    reached: tuple[str, ...]
    unreached: tuple[str, ...]
    exact: bool


def answered(graph: FactorGraph) -> tuple[str, ...]:
    """Find the barriers that a strategy addresses."""
    addresses = view(graph, Relation.ADDRESSES)
    return tuple(record.iri for record in barriers(graph) if addresses.in_degree(record.iri))


def answers(graph: FactorGraph) -> tuple[Answer, ...]:
    """Tell for each barrier which strategies address it, which address its causes, or how near an answer is."""
    addresses, core = view(graph, Relation.ADDRESSES), causal(graph)
    parts = view(graph, Relation.PART_OF).subgraph(core)
    ways = {
        Way.CAUSE: core.reverse(copy=False),
        Way.EFFECT: core,
        Way.WHOLE: parts,
        Way.PART: parts.reverse(copy=False),
    }
    with_answer = set(answered(graph))
    indirect = _indirect_answers(graph, core, addresses)
    in_order = sorter(graph)
    found = []
    for record in barriers(graph):
        direct = in_order(addresses.predecessors(record.iri))
        confidence = max((addresses.edges[each, record.iri]["link"].confidence for each in direct), default=0.0)
        detours = () if direct else _detours(record.iri, ways, with_answer, in_order)
        found.append(Answer(record.iri, direct, confidence, tuple(indirect[record.iri]), detours))
    return tuple(found)


def loose_remedies(graph: FactorGraph) -> tuple[LooseRemedy, ...]:
    """Find the remedies that address no stated barrier."""
    addresses, aims = view(graph, Relation.ADDRESSES), view(graph, Relation.AIMS_AT)
    parts = view(graph, Relation.PART_OF)
    ways = {Way.WHOLE: parts, Way.PART: parts.reverse(copy=False), Way.GOAL: aims}
    answering = {iri for iri in graph if addresses.out_degree(iri)}
    in_order = sorter(graph)
    return tuple(
        LooseRemedy(record.iri, _detours(record.iri, ways, answering, in_order), in_order(aims.successors(record.iri)))
        for record in remedies(graph)
        if record.iri not in answering
    )


def goal_support(graph: FactorGraph) -> tuple[GoalSupport, ...]:
    """Tell for each goal which remedies aim at it."""
    aims = view(graph, Relation.AIMS_AT)
    in_order = sorter(graph)
    return tuple(GoalSupport(record.iri, in_order(aims.predecessors(record.iri))) for record in goals(graph))


def targets(graph: FactorGraph) -> dict[str, dict[str, float]]:
    """Tell for each remedy which barriers it addresses, itself or through a goal that it aims at, and how sure that is.

    Returns:
        By remedy, the confidence by barrier: that of the addresses link, times that of the aimsAt link if it goes
        through a goal; of several ways the surest.
    """
    addresses, aims, core = view(graph, Relation.ADDRESSES), view(graph, Relation.AIMS_AT), causal(graph)
    found = {}
    for record in remedies(graph):
        ways = {record.iri: 1.0, **{goal: aims.edges[record.iri, goal]["link"].confidence for goal in aims[record.iri]}}
        surest: dict[str, float] = {}
        for strategy, share in ways.items():
            for barrier in addresses[strategy]:
                if barrier in core:
                    confidence = share * addresses.edges[strategy, barrier]["link"].confidence
                    surest[barrier] = max(confidence, surest.get(barrier, 0.0))
        found[record.iri] = surest
    return found


def reach(graph: FactorGraph) -> dict[str, tuple[str, ...]]:
    """Tell for each remedy which barriers it reaches.

    A remedy reaches its :func:`targets` and everything downstream of them by causes. It does not reach the parts of a
    heading problem it addresses: the heading names them together, and which of them the remedy deals with is not said.
    """
    core = causal(graph)
    in_order = sorter(core)
    return {
        remedy: in_order(set(starts).union(*(nx.descendants(core, start) for start in starts)))
        for remedy, starts in targets(graph).items()
    }


def smallest_remedy_set(graph: FactorGraph) -> RemedySet:
    """Find as few remedies as possible that together reach (:func:`reach`) all that any remedy reaches."""
    reaches = reach(graph)
    cover = smallest_cover(reaches)
    times: dict[str, int] = {}
    for barrier in (barrier for reached in reaches.values() for barrier in reached):
        times[barrier] = times.get(barrier, 0) + 1
    chosen = (
        ChosenRemedy(iri, reaches[iri], tuple(barrier for barrier in reaches[iri] if times[barrier] == 1))
        for iri in cover.chosen
    )
    everything = [record.iri for record in barriers(graph)]
    return RemedySet(
        chosen=tuple(chosen),
        reached=tuple(iri for iri in everything if iri in times),
        unreached=tuple(iri for iri in everything if iri not in times),
        exact=cover.exact,
    )


def _indirect_answers(graph: FactorGraph, core: LinkView, addresses: LinkView) -> dict[str, list[IndirectAnswer]]:
    """By barrier the strategies that address only what causes it."""
    ways = core.copy()
    for record in strategies(graph):
        targeted = (barrier for barrier in addresses[record.iri] if barrier in core)
        ways.add_edges_from((record.iri, barrier, addresses.edges[record.iri, barrier]) for barrier in targeted)
    found: dict[str, list[IndirectAnswer]] = {iri: [] for iri in core}
    for strategy in (iri for iri in ways if iri not in core):
        nearest, distances = nx.dijkstra_predecessor_and_distance(ways, strategy, weight=_doubt)
        strength = {strategy: 1.0}
        via: dict[str, str] = {}
        for barrier in islice(distances, 1, None):  # nearest first, so that what stands before it on the chain is known
            before = nearest[barrier][0]
            strength[barrier] = strength[before] * ways.edges[before, barrier]["link"].confidence
            via[barrier] = via.get(before, barrier)
            if not ways.has_edge(strategy, barrier):
                found[barrier].append(IndirectAnswer(strategy, via[barrier], strength[barrier]))
    return found


def _doubt(_source: str, _target: str, attributes: dict[str, LinkRecord]) -> float:
    """The length of a link, such that the shortest path is the one with the greatest product of confidences."""
    confidence = attributes["link"].confidence
    return -log(confidence) if confidence else inf


def _detours(start: str, ways: dict[Way, LinkView], answered: set[str], in_order: Sorter) -> tuple[Detour, ...]:
    """The nearest answered factors that each way leads to."""
    found: list[Detour] = []
    for way, links in ways.items():
        for layer in nx.bfs_layers(links, [start]):
            near = answered.intersection(layer)
            if near:
                found += [Detour(way, iri) for iri in in_order(near)]
                break
    return tuple(found)
