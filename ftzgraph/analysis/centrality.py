"""How central each barrier is to the causal argument.

Sources: C. Eden, F. Ackermann and S. Cropper, "The analysis of cause maps" (1992), for counting what leads to and from a
statement, directly and farther off; L. C. Freeman, "A set of measures of centrality based on betweenness" (1977).
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import networkx as nx

from ftzgraph.analysis.graph import FactorGraph, causal

PATHS_FROM: Final = 500
"""Where more barriers are linked, the shortest paths from so many of them stand for all."""
_SEED: Final = 0

MEASURES: Final = {
    "causes": {
        "zh": "文中直接指出的成因数：有多少项障碍直接导致它。",
        "en": "How many barriers the text names as its direct causes.",
    },
    "effects": {
        "zh": "文中直接指出的后果数：它直接导致多少项障碍。",
        "en": "How many barriers the text names as its direct effects.",
    },
    "upstream": {
        "zh": "上游障碍数：有多少项障碍直接或经由其他障碍导致它；数值越大，成因越复杂，越难单独解决。",
        "en": "How many barriers lead to it, directly or through others: the more, the less it can be dealt with alone.",
    },
    "downstream": {
        "zh": "下游障碍数：它直接或经由其他障碍导致多少项障碍；数值越大，影响面越广。",
        "en": "How many barriers it leads to, directly or through others: the more, the wider its consequences.",
    },
    "between": {
        "zh": "中介程度（0至1）：其他障碍之间的最短因果路径中，经过它的占多大比例；数值越大，越处于因果传导的枢纽位置。",
        "en": "What share, from 0 to 1, of the shortest causal paths between other barriers runs through it: "
        "the greater, the more it is a hub that effects pass through.",
    },
}
"""What each measure of :class:`Centrality` means, in Chinese and English."""


@dataclass(frozen=True)
class Centrality:
    """The measures of one barrier; :data:`MEASURES` tells what they mean.

    ``between`` is the mean over all pairs of other barriers of which one leads to the other: of the shortest paths
    between the two, the share that runs through this barrier. It is 0 where there is no such pair.
    """

    factor: str
    causes: int
    effects: int
    upstream: int
    downstream: int
    between: float


@dataclass(frozen=True)
class Centralities:
    """The barriers with a causal link; where ``exact`` is ``False``, ``between`` is an estimate from a sample."""

    barriers: tuple[Centrality, ...]
    exact: bool


def centralities(graph: FactorGraph, paths_from: int = PATHS_FROM) -> Centralities:
    """Measure how central each barrier is that causes another or is caused by one.

    Args:
        graph: the factors and links.
        paths_from: from how many barriers to follow the shortest paths; a random choice, always the same, if there are
            more.
    """
    core = causal(graph)
    core.remove_nodes_from(list(nx.isolates(core)))
    exact = len(core) <= paths_from
    downstream: dict[str, int] = {}
    upstream: Counter[str] = Counter()
    for iri in core:
        reached = nx.descendants(core, iri)
        downstream[iri] = len(reached)
        upstream.update(reached)
    pairs = upstream.total()
    passing = nx.betweenness_centrality(core, k=None if exact else paths_from, normalized=False, seed=_SEED)

    def between(iri: str) -> float:
        others = pairs - upstream[iri] - downstream[iri]
        return min(passing[iri] / others, 1.0) if others else 0.0  # an estimate may be above 1

    found = (
        Centrality(iri, core.in_degree(iri), core.out_degree(iri), upstream[iri], downstream[iri], between(iri))
        for iri in core
    )
    return Centralities(tuple(found), exact)
