"""Everything there is to say about a graph, in one object.

The measures themselves are in :mod:`~ftzgraph.analysis.causality` (what causes what) and
:mod:`~ftzgraph.analysis.answers` (what answers what).
"""

import json
from collections import Counter
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from rdflib import Graph

from ftzgraph.analysis.answers import (
    Answer,
    GoalSupport,
    LooseRemedy,
    RemedySet,
    answers,
    goal_support,
    loose_remedies,
    smallest_remedy_set,
)
from ftzgraph.analysis.causality import (
    Chains,
    FeedbackLoops,
    Leverage,
    RootCause,
    chains,
    feedback_loops,
    leverage,
    root_causes,
)
from ftzgraph.analysis.graph import FactorGraph, factors, links, to_networkx
from ftzgraph.causalmap import FactorType, Relation


@dataclass(frozen=True)
class Analysis:
    """The argument of one document or many, analysed.

    Attributes:
        graph: the factors and links that were analysed.
        min_confidence: factors and links below it were left out before anything else.
        chains, roots, loops, leverage: :mod:`ftzgraph.analysis.causality`.
        answers, loose_remedies, goals, remedy_set: :mod:`ftzgraph.analysis.answers`.
    """

    graph: FactorGraph = field(repr=False, compare=False)
    min_confidence: float
    chains: Chains
    roots: tuple[RootCause, ...]
    loops: FeedbackLoops
    leverage: tuple[Leverage, ...]
    answers: tuple[Answer, ...]
    loose_remedies: tuple[LooseRemedy, ...]
    goals: tuple[GoalSupport, ...]
    remedy_set: RemedySet

    @property
    def unanswered(self) -> tuple[Answer, ...]:
        """The barriers that no strategy addresses, those with a detour to an answer included."""
        return tuple(answer for answer in self.answers if not answer.strategies)

    def to_json(self) -> str:
        """Return all results as JSON; factors are told by IRI, and ``factors`` has the quote and place of each.

        Returns:
            The same text for the same graph, in every process; it ends in a line break. Offsets are source offsets.
        """
        types = Counter(record.type for record in factors(self.graph))
        relations = Counter(link.relation for link in links(self.graph))
        results = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "graph"}
        content: dict[str, Any] = {
            "documents": list(self.graph.graph["documents"].values()),
            "counts": {
                "factors": {kind.value: types[kind] for kind in FactorType},
                "links": {relation.value: relations[relation] for relation in Relation},
            },
            "factors": {record.iri: self._place(record.iri) for record in factors(self.graph)},
            **results,
        }
        return json.dumps(_plain(content), ensure_ascii=False, indent=2) + "\n"

    def _place(self, iri: str) -> dict[str, Any]:
        record = self.graph.nodes[iri]["factor"]
        sections = self.graph.graph["sections"]
        return {
            "type": record.type,
            "quote": record.quote,
            "document": record.document,
            "section": list(sections[record.section].path) if record.section else [],
            "places": [[evidence.start, evidence.end] for evidence in record.evidence],
        }


def analyse(graph: Graph, min_confidence: float = 0.0) -> Analysis:
    """Analyse an RDF graph.

    Args:
        graph: RDF in the shape of the ontology, one document or many.
        min_confidence: 0 to 1; factors and links below it are left out first.

    Raises:
        GraphError: the graph lacks something essential.
    """
    network = to_networkx(graph, min_confidence)
    return Analysis(
        graph=network,
        min_confidence=min_confidence,
        chains=chains(network),
        roots=root_causes(network),
        loops=feedback_loops(network),
        leverage=leverage(network),
        answers=answers(network),
        loose_remedies=loose_remedies(network),
        goals=goal_support(network),
        remedy_set=smallest_remedy_set(network),
    )


def _plain(value: Any) -> Any:
    """The value for JSON: records as objects, floats rounded to four digits, so that no machine's last bit shows."""
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value
