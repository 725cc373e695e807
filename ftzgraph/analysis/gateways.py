"""Where an argument is narrow: causes that every path runs through, and links that hold two strands together.

Both look at the causal core (:func:`~ftzgraph.analysis.graph.causal`).
"""

from dataclasses import dataclass
from typing import Final

import networkx as nx

from ftzgraph.analysis.graph import FactorGraph, causal, sorter

_SOURCE: Final = ""  # stands before every start; no IRI is empty


@dataclass(frozen=True)
class Gateway:
    """A cause that lies on every causal path to other barriers; these are what it commands."""

    factor: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Bridge:
    """A causal link without which the argument falls into two strands.

    Attributes:
        source, target: the ends of the link.
        before, after: the barriers of the two strands, the source among the former, the target among the latter.
    """

    source: str
    target: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def gateways(graph: FactorGraph) -> tuple[Gateway, ...]:
    """Find the dominators of the causal core: "every causal path to this effect runs through that cause".

    Paths start at the barriers without cause, and at every member of a vicious circle that nothing outside of it
    causes. A start is no gateway, although what only it reaches hangs on it: there a path begins and nothing is passed,
    and :func:`~ftzgraph.analysis.leverage.leverage` tells it already. A gateway is what can be closed when the root
    itself is out of reach.

    What loses its causal support with a gateway is always among what it commands, and the same but for the vicious
    circles behind it: they sustain themselves, though they would not have come about without it.

    Returns:
        Those that command most first.
    """
    core = causal(graph)
    in_order = sorter(core)
    condensed = nx.condensation(core)
    starts = [iri for iri in core if not condensed.in_degree(condensed.graph["mapping"][iri])]
    core.add_node(_SOURCE)
    core.add_edges_from((_SOURCE, iri) for iri in starts)
    dominators = nx.immediate_dominators(core, _SOURCE)
    tree = nx.DiGraph((dominator, iri) for iri, dominator in dominators.items() if iri != _SOURCE)
    passed = [iri for iri in in_order(tree.nodes - {_SOURCE, *starts}) if tree.out_degree(iri)]
    found = [Gateway(iri, in_order(nx.descendants(tree, iri))) for iri in passed]
    return tuple(sorted(found, key=lambda each: -len(each.commands)))


def bridges(graph: FactorGraph) -> tuple[Bridge, ...]:
    """Find the causal links that alone hold two strands of the argument together, each of at least two barriers.

    Directions do not count for that, but two barriers that cause each other are held together twice.
    """
    core = causal(graph)
    in_order = sorter(core)
    strands: nx.MultiGraph[str] = nx.MultiGraph(list(core.edges))
    alone = {frozenset(ends) for ends in nx.bridges(strands)}
    found = []
    for source, target in core.edges:
        if frozenset((source, target)) in alone and strands.degree(source) > 1 and strands.degree(target) > 1:
            strands.remove_edge(source, target)
            before, after = (in_order(nx.node_connected_component(strands, end)) for end in (source, target))
            strands.add_edge(source, target)
            found.append(Bridge(source, target, before, after))
    return tuple(found)
