"""Which conclusions still hold when only links of a higher confidence count.

A conclusion that rests on unsure links alone falls early. The other measures are taken again on the graph without the
links below each threshold; the factors stay.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final, TypeAlias

from ftzgraph.analysis.answers import answered, smallest_remedy_set
from ftzgraph.analysis.causality import feedback_loops, root_causes
from ftzgraph.analysis.gateways import gateways
from ftzgraph.analysis.graph import FactorGraph, barriers, links
from ftzgraph.analysis.leverage import leverage

THRESHOLDS: Final = (0.3, 0.5, 0.7, 0.9)
"""Links below each of these are left out in turn."""
FOREMOST: Final = 3
"""So many of the causes with the greatest leverage are conclusions."""


class Kind(StrEnum):
    """What a conclusion says of its factors."""

    ROOT = "root"  # it is a root cause
    LOOP = "loop"  # they cause one another in a circle
    ANSWERED = "answered"  # a strategy addresses it
    GATEWAY = "gateway"  # it lies on every path to other barriers
    CHOSEN = "chosen"  # it is in the smallest set of remedies
    LEVERAGE = "leverage"  # it is among the causes with the greatest leverage


Conclusion: TypeAlias = tuple[Kind, tuple[str, ...]]
"""What is said, and of which factors."""


@dataclass(frozen=True)
class Robustness:
    """A conclusion, and up to which threshold it holds without a break; 0 when it falls at the first."""

    kind: Kind
    factors: tuple[str, ...]
    holds_to: float


@dataclass(frozen=True)
class Level:
    """What is left at a threshold.

    Attributes:
        threshold: links below it are left out; 0 leaves all.
        links: how many are left, of all relations.
        roots, unanswered, chosen: the number of root causes, of barriers that no strategy addresses, and of remedies in
            the smallest set.
    """

    threshold: float
    links: int
    roots: int
    unanswered: int
    chosen: int


@dataclass(frozen=True)
class RobustnessCheck:
    """The conclusions by kind, in the order of the measure each comes from, and what is left at each threshold."""

    conclusions: tuple[Robustness, ...]
    levels: tuple[Level, ...]


def robustness(graph: FactorGraph) -> RobustnessCheck:
    """Draw the conclusions again without the links below each of :data:`THRESHOLDS`, and tell which still hold.

    A conclusion counts as fallen from the first threshold at which it is not drawn, even if it is drawn again at a
    higher one: there it would rest on the loss of other links. That a remedy is chosen, or a cause among the foremost,
    depends on its rivals too; one that falls may only have been overtaken.
    """
    drawn = conclusions(graph)
    holds_to = dict.fromkeys(drawn, 0.0)
    levels = [_level(graph, 0.0, drawn)]
    for below, threshold in pairwise((0.0, *THRESHOLDS)):
        surer = without_links_below(graph, threshold)
        drawn = conclusions(surer)
        levels.append(_level(surer, threshold, drawn))
        holds_to.update((each, threshold) for each in drawn if holds_to.get(each) == below)
    return RobustnessCheck(tuple(Robustness(*each, held) for each, held in holds_to.items()), tuple(levels))


def conclusions(graph: FactorGraph) -> tuple[Conclusion, ...]:
    """Draw the conclusions of every :class:`Kind`, each kind in the order of its measure."""
    return (
        *((Kind.ROOT, (root.factor,)) for root in root_causes(graph)),
        *((Kind.LOOP, loop.factors) for loop in feedback_loops(graph).loops),
        *((Kind.ANSWERED, (barrier,)) for barrier in answered(graph)),
        *((Kind.GATEWAY, (gateway.factor,)) for gateway in gateways(graph)),
        *((Kind.CHOSEN, (chosen.remedy,)) for chosen in smallest_remedy_set(graph).chosen),
        *((Kind.LEVERAGE, (each.factor,)) for each in leverage(graph)[:FOREMOST]),
    )


def without_links_below(graph: FactorGraph, threshold: float) -> FactorGraph:
    """Return a copy of the graph with all its factors and only the links of at least this confidence."""
    surer = graph.copy()
    for link in links(graph):
        if link.confidence < threshold:
            surer.remove_edge(link.source, link.target, link.relation)
    return surer


def _level(graph: FactorGraph, threshold: float, drawn: Iterable[Conclusion]) -> Level:
    number = Counter(kind for kind, _ in drawn)
    unanswered = len(barriers(graph)) - number[Kind.ANSWERED]
    return Level(threshold, len(links(graph)), number[Kind.ROOT], unanswered, number[Kind.CHOSEN])
