"""What causes what: chains, root causes, causal flow, feedback loops and the leverage of a cause.

Everything here looks at the causal core (:func:`~ftzgraph.analysis.graph.causal`): the barriers and the causes links
that the text does not deny. Orders are document order unless said otherwise: the same results in every process.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import networkx as nx

from ftzgraph.analysis.graph import FactorGraph, LinkView, Sorter, causal, factor, sorter

CHAINS_PER_ROOT = 50
"""At most so many chains are listed from one first cause."""
LONGEST_CHAIN = 20
"""A chain is cut after so many steps."""
MOST_LOOPS = 100
"""At most so many feedback loops are listed."""
LONGEST_LOOP = 8
"""Loops through more barriers than this are not looked for."""


@dataclass(frozen=True)
class Chain:
    """A causal chain from a first cause to a last effect.

    Attributes:
        steps: IRIs of the barriers in causal order; a step has several where they cause one another in a circle.
    """

    steps: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Chains:
    """All chains; ``complete`` is ``False`` when a cap was hit and there are more or longer ones."""

    chains: tuple[Chain, ...]
    complete: bool


@dataclass(frozen=True)
class RootCause:
    """A barrier that causes others and for which the text gives no cause; ``reaches`` is all that lies downstream."""

    factor: str
    reaches: tuple[str, ...]


@dataclass(frozen=True)
class FlowStep:
    """A factor in a causal flow and how many links away it is."""

    factor: str
    distance: int


@dataclass(frozen=True)
class Flow:
    """What lies upstream (all that brings a factor about) or downstream (all that it brings about), nearest first."""

    factor: str
    direction: Literal["up", "down"]
    steps: tuple[FlowStep, ...]


@dataclass(frozen=True)
class FeedbackLoop:
    """A vicious circle: each factor causes the next, the last the first. It is as sure as its weakest link."""

    factors: tuple[str, ...]
    confidence: float


@dataclass(frozen=True)
class FeedbackLoops:
    """All loops; ``complete`` is ``False`` when a cap was hit and there may be more or longer ones."""

    loops: tuple[FeedbackLoop, ...]
    complete: bool


@dataclass(frozen=True)
class Leverage:
    """What follows when a cause is taken away: see :func:`leverage`."""

    factor: str
    loses: tuple[str, ...]
    weight: float


def chains(graph: FactorGraph, per_root: int = CHAINS_PER_ROOT, longest: int = LONGEST_CHAIN) -> Chains:
    """Find the causal chains, each from a barrier without cause to one without effect.

    Barriers that cause one another in a circle count as one step (the graph's condensation). A direct link that a
    longer chain already implies makes no chain of its own (the condensation's transitive reduction).

    Args:
        graph: the factors and links.
        per_root: how many chains to list from one first step.
        longest: after how many steps to cut a chain.
    """
    core = causal(graph)
    core.remove_nodes_from(list(nx.isolates(core)))
    position = {iri: index for index, iri in enumerate(core)}
    condensed = nx.condensation(core)
    members = {node: tuple(sorted(condensed.nodes[node]["members"], key=position.__getitem__)) for node in condensed}
    reduced = nx.transitive_reduction(condensed)
    steps = sorted(reduced, key=lambda node: position[members[node][0]])
    rank = {node: index for index, node in enumerate(steps)}
    complete = True

    def paths(path: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        nonlocal complete
        following = sorted(reduced.successors(path[-1]), key=rank.__getitem__)
        if following and len(path) == longest:
            complete = False
        if not following or len(path) == longest:
            yield path
        else:
            for node in following:
                yield from paths((*path, node))

    found = []
    for root in (node for node in steps if not reduced.in_degree(node)):
        from_root = list(islice(paths((root,)), per_root + 1))
        complete = complete and len(from_root) <= per_root
        found += from_root[:per_root]
    return Chains(tuple(Chain(tuple(members[node] for node in path)) for path in found), complete)


def root_causes(graph: FactorGraph) -> tuple[RootCause, ...]:
    """Find the barriers with effects and no stated cause, those that reach most first."""
    core = causal(graph)
    roots = [iri for iri in core if core.out_degree(iri) and not core.in_degree(iri)]
    in_order = sorter(core)
    found = [RootCause(iri, in_order(nx.descendants(core, iri))) for iri in roots]
    return tuple(sorted(found, key=lambda root: -len(root.reaches)))


def flow(graph: FactorGraph, iri: str, direction: Literal["up", "down"]) -> Flow:
    """Follow the causes links from a factor, as far as they go.

    Args:
        graph: the factors and links.
        iri: the factor to start from.
        direction: ``"up"`` to its causes and their causes, ``"down"`` to its effects and their effects.

    Returns:
        The factors met, nearest first, then in document order; the factor itself is not among them, and there are none
        for a factor that is no barrier.

    Raises:
        GraphError: the graph has no such factor.
    """
    factor(graph, iri)
    core = causal(graph)
    if iri not in core:
        return Flow(iri, direction, ())
    distances = nx.single_source_shortest_path_length(core if direction == "down" else core.reverse(copy=False), iri)
    del distances[iri]
    steps = (FlowStep(other, distances[other]) for other in sorter(core)(distances))
    return Flow(iri, direction, tuple(sorted(steps, key=lambda step: step.distance)))


def feedback_loops(graph: FactorGraph, most: int = MOST_LOOPS, longest: int = LONGEST_LOOP) -> FeedbackLoops:
    """Find the simple cycles of causes, shortest first, each from its earliest barrier in the document on.

    Args:
        graph: the factors and links.
        most: how many loops to list.
        longest: how many barriers a loop may have.
    """
    core = causal(graph)
    names = list(core)
    numbers = {iri: number for number, iri in enumerate(names)}
    # networkx keeps sets, and sets of strings come in another order in every process; sets of integers do not.
    numbered: nx.DiGraph[int] = nx.DiGraph([(numbers[source], numbers[target]) for source, target in core.edges])
    found: list[list[int]] = []
    for length in range(2, longest + 1):
        cycles = (cycle for cycle in nx.simple_cycles(numbered, length_bound=length) if len(cycle) == length)
        found += islice(cycles, most + 1 - len(found))
    knots = nx.strongly_connected_components(numbered)
    complete = len(found) <= most and all(len(knot) <= longest for knot in knots)
    turned = [cycle[cycle.index(min(cycle)) :] + cycle[: cycle.index(min(cycle))] for cycle in found[:most]]
    loops = []
    for cycle in sorted(turned, key=lambda cycle: (len(cycle), cycle)):
        iris = tuple(names[number] for number in cycle)
        pairs = zip(iris, (*iris[1:], iris[0]), strict=True)
        loops.append(FeedbackLoop(iris, min(core.edges[pair]["link"].confidence for pair in pairs)))
    return FeedbackLoops(tuple(loops), complete)


def leverage(graph: FactorGraph) -> tuple[Leverage, ...]:
    """Tell for each cause how many barriers would have no stated cause left if it were taken away.

    A barrier loses its causal support when it has causes and each of them is the one taken away or has itself lost its
    support. A barrier without causes never does, and neither does a vicious circle that the one taken away is not part
    of: it sustains itself. ``loses`` are the barriers that lose their support. ``weight`` is the same count with each
    barrier weighted by its strongest chain from the cause: the product of the confidences of the links, greatest of all
    chains. It equals the count when every link is certain.

    Returns:
        Only causes that something depends on, greatest count first, then greatest weight.
    """
    core = causal(graph)
    in_order = sorter(core)
    found = [_leverage_of(core, iri, in_order) for iri in core if core.out_degree(iri)]
    return tuple(sorted((each for each in found if each.loses), key=lambda each: (-len(each.loses), -each.weight)))


def _leverage_of(core: LinkView, cause: str, in_order: Sorter) -> Leverage:
    strength = {cause: 1.0}
    support: dict[str, int] = {}
    falling = [cause]
    for fallen in falling:
        for effect in core.successors(fallen):
            if effect == cause:
                continue
            support[effect] = support.get(effect, core.in_degree(effect)) - 1
            if not support[effect]:
                links = (core.edges[before, effect]["link"] for before in core.predecessors(effect))
                strength[effect] = max(strength[link.source] * link.confidence for link in links)
                falling.append(effect)
    return Leverage(cause, in_order(falling[1:]), sum(strength[iri] for iri in falling[1:]))
