"""Everything there is to say about a graph, in one object.

The measures themselves are in :mod:`~ftzgraph.analysis.causality` (what causes what), :mod:`~ftzgraph.analysis.gateways`
and :mod:`~ftzgraph.analysis.centrality` (what holds the argument together), :mod:`~ftzgraph.analysis.answers` (what
answers what), :mod:`~ftzgraph.analysis.leverage` (what else goes with it), :mod:`~ftzgraph.analysis.actors` (who) and
:mod:`~ftzgraph.analysis.robustness` (how sure all this is).
"""

import json
from collections import Counter
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from rdflib import Graph

from ftzgraph.analysis.actors import Responsibilities, responsibilities
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
from ftzgraph.analysis.causality import Chains, FeedbackLoops, RootCause, chains, feedback_loops, root_causes
from ftzgraph.analysis.centrality import Centralities, centralities
from ftzgraph.analysis.gateways import Bridge, Gateway, bridges, gateways
from ftzgraph.analysis.graph import FactorGraph, factors, links, to_networkx
from ftzgraph.analysis.leverage import Leverage, RemedyLeverage, leverage, remedy_leverage
from ftzgraph.analysis.robustness import RobustnessCheck, robustness
from ftzgraph.causalmap import FactorType, Relation

if TYPE_CHECKING:
    from ftzgraph.dataframes import Frames


@dataclass(frozen=True)
class Analysis:
    """The argument of one document or many, analysed.

    Attributes:
        graph: the factors and links that were analysed.
        min_confidence: factors and links below it were left out before anything else.
        chains, roots, loops: :mod:`ftzgraph.analysis.causality`.
        gateways, bridges: :mod:`ftzgraph.analysis.gateways`.
        centralities: :mod:`ftzgraph.analysis.centrality`.
        answers, loose_remedies, goals, remedy_set: :mod:`ftzgraph.analysis.answers`.
        leverage, remedy_leverage: :mod:`ftzgraph.analysis.leverage`.
        responsibilities: :mod:`ftzgraph.analysis.actors`.
        robustness: :mod:`ftzgraph.analysis.robustness`.
    """

    graph: FactorGraph = field(repr=False, compare=False)
    min_confidence: float
    chains: Chains
    roots: tuple[RootCause, ...]
    loops: FeedbackLoops
    gateways: tuple[Gateway, ...]
    bridges: tuple[Bridge, ...]
    centralities: Centralities
    answers: tuple[Answer, ...]
    loose_remedies: tuple[LooseRemedy, ...]
    goals: tuple[GoalSupport, ...]
    remedy_set: RemedySet
    leverage: tuple[Leverage, ...]
    remedy_leverage: tuple[RemedyLeverage, ...]
    responsibilities: Responsibilities
    robustness: RobustnessCheck

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
        return as_json(content)

    def to_pandas(self) -> "Frames":
        """Return factors and links as two pandas tables; see :func:`ftzgraph.dataframes.frames`."""
        from ftzgraph.dataframes import frames_of

        return frames_of(self.graph)

    def _repr_html_(self) -> str:
        from ftzgraph.notebook import analysis_html

        return analysis_html(self)

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
        gateways=gateways(network),
        bridges=bridges(network),
        centralities=centralities(network),
        answers=answers(network),
        loose_remedies=loose_remedies(network),
        goals=goal_support(network),
        remedy_set=smallest_remedy_set(network),
        leverage=leverage(network),
        remedy_leverage=remedy_leverage(network),
        responsibilities=responsibilities(network),
        robustness=robustness(network),
    )


def as_json(value: Any) -> str:
    """Return results as JSON: records as objects; the same text in every process, with a final line break."""
    return json.dumps(_plain(value), ensure_ascii=False, indent=2) + "\n"


def _plain(value: Any) -> Any:
    """The value for JSON: records as objects, floats rounded to four digits, so that no machine's last bit shows."""
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value
