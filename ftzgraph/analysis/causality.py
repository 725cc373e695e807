"""What causes what: chains, root causes, causal flow and feedback loops.

Everything here looks at the causal core (:func:`~ftzgraph.analysis.graph.causal`): the barriers and the causes links
that the text does not deny. Orders are document order unless said otherwise: the same results in every process.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import networkx as nx

from ftzgraph.analysis.graph import FactorGraph, causal, factor, sorter, view
from ftzgraph.causalmap import Relation

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
    """A circle of causes: each factor causes the next, the last the first.

    Attributes:
        factors: the barriers from the earliest in the document on.
        confidence: that of the weakest link.
        broken_by: the strategies that address one of the barriers.
        reinforcing: the sign of the loop, always ``True``: a vicious circle. A causes link says that more of one
            barrier brings more of the other, and nothing in the graph says the opposite, so no link turns the sign. A
            balancing loop, which keeps itself in check, cannot be told from such links.
    """

    factors: tuple[str, ...]
    confidence: float
    broken_by: tuple[str, ...]
    reinforcing: bool = True


@dataclass(frozen=True)
class FeedbackLoops:
    """All loops; ``complete`` is ``False`` when a cap was hit and there may be more or longer ones."""

    loops: tuple[FeedbackLoop, ...]
    complete: bool


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
    core, addresses = causal(graph), view(graph, Relation.ADDRESSES)
    in_order = sorter(graph)
    names = list(core)
    numbers = {iri: number for number, iri in enumerate(names)}
    # networkx keeps sets, and sets of strings come in another order in every process; sets of integers do not.
    numbered: nx.DiGraph[int] = nx.DiGraph([(numbers[source], numbers[target]) for source, target in core.edges])
    short = _on_loops(numbered, longest)
    found: list[list[int]] = []
    for length in range(2, longest + 1):
        cycles = (cycle for cycle in nx.simple_cycles(short, length_bound=length) if len(cycle) == length)
        found += islice(cycles, most + 1 - len(found))
    knots = nx.strongly_connected_components(numbered)
    complete = len(found) <= most and all(len(knot) <= longest for knot in knots)
    turned = [cycle[cycle.index(min(cycle)) :] + cycle[: cycle.index(min(cycle))] for cycle in found[:most]]
    loops = []
    for cycle in sorted(turned, key=lambda cycle: (len(cycle), cycle)):
        iris = tuple(names[number] for number in cycle)
        pairs = zip(iris, (*iris[1:], iris[0]), strict=True)
        confidence = min(core.edges[pair]["link"].confidence for pair in pairs)
        broken_by = in_order(strategy for iri in iris for strategy in addresses.predecessors(iri))
        loops.append(FeedbackLoop(iris, confidence, broken_by))
    return FeedbackLoops(tuple(loops), complete)


def _on_loops(numbered: "nx.DiGraph[int]", longest: int) -> "nx.DiGraph[int]":
    """The links on a closed walk of at most so many steps: few of a large knot, which networkx is slow to search."""
    links = []
    for target in numbered:
        near = nx.single_source_shortest_path_length(numbered, target, cutoff=longest - 1)
        links += [(source, target) for source in numbered.predecessors(target) if source in near]
    return nx.DiGraph(links)
