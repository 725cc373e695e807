"""Leverage: what else goes when a cause is taken away or a remedy carried out.

Both ask the same of the causal core (:func:`~ftzgraph.analysis.graph.causal`): which barriers have no stated cause left
when some are gone. A barrier loses its causal support when it has causes and each of them is gone or has itself lost
its support. A barrier without causes never does, and neither does a vicious circle of which no member is gone: it
sustains itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ftzgraph.analysis.answers import targets
from ftzgraph.analysis.graph import FactorGraph, LinkView, causal, sorter


@dataclass(frozen=True)
class Leverage:
    """What follows when a cause is taken away.

    Attributes:
        factor: the cause.
        loses: the barriers that lose their causal support.
        weight: their number, each weighted by its strongest chain from the cause: the product of the confidences of
            the links, greatest of all chains. It equals the count when every link is certain.
    """

    factor: str
    loses: tuple[str, ...]
    weight: float


@dataclass(frozen=True)
class RemedyLeverage:
    """What follows when a remedy is carried out.

    Attributes:
        remedy: its IRI.
        removes: its :func:`~ftzgraph.analysis.answers.targets`, which are taken to be gone.
        loses: the other barriers that lose their causal support by that.
        weight: the number of both, weighted: one that it removes by how sure it is a target, one that loses its support
            by its strongest chain from one of these, times how sure that one is a target.
    """

    remedy: str
    removes: tuple[str, ...]
    loses: tuple[str, ...]
    weight: float


def leverage(graph: FactorGraph) -> tuple[Leverage, ...]:
    """Tell for each cause which barriers lose their causal support when it is taken away.

    Returns:
        Only causes that something depends on, greatest count first, then greatest weight.
    """
    core = causal(graph)
    in_order = sorter(core)
    found = []
    for iri in core:
        losing = _losing(core, {iri: 1.0})
        if losing:
            found.append(Leverage(iri, in_order(losing), sum(losing.values())))
    return tuple(sorted(found, key=lambda each: (-len(each.loses), -each.weight)))


def remedy_leverage(graph: FactorGraph) -> tuple[RemedyLeverage, ...]:
    """Tell for each remedy which barriers it removes and which others lose their causal support by that.

    Returns:
        Only remedies that remove something, greatest count of both first, then greatest weight.
    """
    core = causal(graph)
    in_order = sorter(core)
    found = []
    for remedy, removed in targets(graph).items():
        if removed:
            losing = _losing(core, removed)
            weight = sum(removed.values()) + sum(losing.values())
            found.append(RemedyLeverage(remedy, in_order(removed), in_order(losing), weight))
    return tuple(sorted(found, key=lambda each: (-len(each.removes) - len(each.loses), -each.weight)))


def _losing(core: LinkView, gone: Mapping[str, float]) -> dict[str, float]:
    """The barriers that lose their support when some are gone, with the strength of the strongest chain to each.

    The strength of a chain begins with that of the barrier that is gone.
    """
    strength = dict(gone)
    support: dict[str, int] = {}
    falling = list(gone)
    for fallen in falling:
        for effect in core.successors(fallen):
            if effect in gone:
                continue
            support[effect] = support.get(effect, core.in_degree(effect)) - 1
            if not support[effect]:
                links = (core.edges[before, effect]["link"] for before in core.predecessors(effect))
                strength[effect] = max(strength[link.source] * link.confidence for link in links)
                falling.append(effect)
    return {iri: strength[iri] for iri in falling[len(gone) :]}
