"""The concepts of a graph as the explorer shows them: read out of RDF, and as a graph that the layouts can arrange."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import networkx as nx
from rdflib import PROV, RDF, SKOS, Graph, URIRef
from rdflib.term import Node

from ftzgraph.analysis.graph import FactorGraph, FactorRecord, LinkRecord, factor, links
from ftzgraph.causalmap import FactorType, Modality, Relation
from ftzgraph.errors import GraphError
from ftzgraph.knowledge.vocabulary import FTZ, RELATIONS

STEPS: Final = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)
"""The least numbers of documents that a reader can choose from."""
MOST: Final = 1500
"""A step that would show more concepts than this is not offered, unless all would."""
MOST_AT_FIRST: Final = 150
"""The page opens on the first step that shows no more concepts than this."""


@dataclass(frozen=True)
class Likeness:
    """Another concept, its label, and how sure it is that the two may be one, or are about one thing."""

    iri: str
    label: str
    confidence: float


@dataclass(frozen=True)
class Concept:
    """What factors of one side have in common.

    Attributes:
        iri: its IRI.
        label: its most central wording.
        wordings: the others.
        type: the type of most of its factors; of equally many the first.
        support: the number of independent documents that state it.
        factors: the IRIs of its factors, in document order.
        close: concepts that may be the same one, the likeliest first.
        related: concepts about the same thing, the likeliest first.
    """

    iri: str
    label: str
    wordings: tuple[str, ...]
    type: FactorType
    support: int
    factors: tuple[str, ...]
    close: tuple[Likeness, ...]
    related: tuple[Likeness, ...]


@dataclass(frozen=True)
class ConceptLink:
    """What documents say of two concepts.

    Attributes:
        iri: its IRI.
        relation: how they are linked.
        source, target: the concepts.
        support, contradictions: the number of independent documents that state it, and that deny it.
        confidence: the belief in it.
        links: the IRIs of the links between factors that it rests on, in document order.
    """

    iri: str
    relation: Relation
    source: str
    target: str
    support: int
    contradictions: int
    confidence: float
    links: tuple[str, ...]


@dataclass(frozen=True)
class Concepts:
    """The concepts, those that most documents state first, and the links between them."""

    concepts: tuple[Concept, ...]
    links: tuple[ConceptLink, ...]


def read_concepts(graph: Graph, factors: FactorGraph) -> Concepts:
    """Read the concepts of a graph.

    Args:
        graph: RDF in the shape of the ontology.
        factors: its factors and links, as :func:`~ftzgraph.analysis.graph.to_networkx` gives them. Concepts that none of
            these factors expresses are left out, and so are links between concepts that rest on none of these links.

    Raises:
        GraphError: a concept has no label, a number is none, or a link between concepts has no relation of the ontology.
    """
    return _Reader(graph, factors).read()


def steps(found: Concepts) -> tuple[int, ...]:
    """Return the least numbers of documents to choose from: each shows some concepts, and none more than is bearable."""
    shown = [step for step in STEPS if step == 1 or any(concept.support >= step for concept in found.concepts)]
    return tuple(step for step in shown if _count(found, step) <= MOST) or (shown[-1],)


def first_step(found: Concepts) -> int:
    """Return the step on which the page opens: what recurs, and of that no more than can be overlooked."""
    offered = steps(found)
    few = (step for step in offered if step > 1 and _count(found, step) <= MOST_AT_FIRST)
    return next(few, offered[-1])


def arrangeable(found: Concepts, least: int) -> FactorGraph:
    """Return the concepts that at least so many documents state, as a graph for the layouts.

    Returns:
        As :func:`~ftzgraph.analysis.graph.to_networkx` does, without documents: nodes in the order of the concepts.
    """
    result: FactorGraph = nx.MultiDiGraph(documents={}, sections={}, sentences={}, mentions={})
    for concept in found.concepts:
        if concept.support >= least:
            result.add_node(concept.iri, factor=_as_factor(concept))
    for link in found.links:
        if link.source in result and link.target in result:
            result.add_edge(link.source, link.target, key=link.relation.value, link=_as_link(link))
    return result


def _count(found: Concepts, least: int) -> int:
    return sum(concept.support >= least for concept in found.concepts)


def _as_factor(concept: Concept) -> FactorRecord:
    return FactorRecord(
        iri=concept.iri,
        type=concept.type.value,
        quote=concept.label,
        document="",
        section=None,
        evidence=(),
        cue="",
        method="",
        confidence=1.0,
        modality=Modality.ASSERTED.value,
        negated=False,
        mentions=(),
    )


def _as_link(link: ConceptLink) -> LinkRecord:
    return LinkRecord(
        iri=link.iri,
        relation=link.relation.value,
        source=link.source,
        target=link.target,
        evidence=(),
        cue="",
        method="",
        confidence=link.confidence,
        modality=Modality.ASSERTED.value,
        negated=not link.support,
        inferred=False,
    )


class _Reader:
    def __init__(self, graph: Graph, factors: FactorGraph) -> None:
        self._graph, self._factors = graph, factors
        self._position = {link.iri: index for index, link in enumerate(links(factors))}
        self._members: dict[Node, list[str]] = {}
        for iri in factors:
            for concept in self._all(URIRef(iri), FTZ.expresses)[:1]:
                self._members.setdefault(concept, []).append(iri)
        self._certainty = {
            (self._one(match, RDF.subject), self._one(match, RDF.predicate), self._one(match, RDF.object)): match
            for match in self._instances(FTZ.Match)
        }

    def read(self) -> Concepts:
        concepts = [self._concept(node) for node in self._instances(FTZ.Concept) if node in self._members]
        concepts.sort(key=lambda concept: (-concept.support, concept.label, concept.iri))
        known = {concept.iri for concept in concepts}
        found = (self._link(node) for node in self._instances(FTZ.ConceptLink))
        kept = [link for link in found if link.links and {link.source, link.target} <= known]
        return Concepts(tuple(concepts), tuple(sorted(kept, key=lambda link: (-link.support, link.iri))))

    def _concept(self, node: Node) -> Concept:
        members = self._members[node]
        ((kind, _),) = Counter(factor(self._factors, iri).type for iri in members).most_common(1)
        documents = {factor(self._factors, iri).document for iri in members}
        label = self._label(node)
        wordings = dict.fromkeys(map(str, self._all(node, SKOS.altLabel)))
        return Concept(
            iri=str(node),
            label=label,
            wordings=tuple(wording for wording in wordings if wording != label),
            type=FactorType(kind),
            support=self._integer(node, FTZ.support, len(documents)),
            factors=tuple(members),
            close=self._alike(node, SKOS.closeMatch),
            related=self._alike(node, SKOS.related),
        )

    def _alike(self, node: Node, predicate: Node) -> tuple[Likeness, ...]:
        """Both relations are symmetric, but described in one direction."""
        found = []
        for other in dict.fromkeys((*self._all(node, predicate), *self._inverse(node, predicate))):
            match = self._certainty.get((node, predicate, other)) or self._certainty.get((other, predicate, node))
            if other in self._members:
                confidence = 1.0 if match is None else self._confidence(match)
                found.append(Likeness(str(other), self._label(other), confidence))
        return tuple(sorted(found, key=lambda likeness: (-likeness.confidence, likeness.label, likeness.iri)))

    def _link(self, node: Node) -> ConceptLink:
        predicate = self._one(node, RDF.predicate)
        relation = next((relation for relation, term in RELATIONS.items() if term == predicate), None)
        if relation is None:
            raise GraphError(f"{node}: rdf:predicate is {predicate}, none of {', '.join(Relation)}")
        told = {str(link) for link in self._all(node, PROV.wasDerivedFrom)} & self._position.keys()
        return ConceptLink(
            iri=str(node),
            relation=relation,
            source=str(self._one(node, RDF.subject)),
            target=str(self._one(node, RDF.object)),
            support=self._integer(node, FTZ.support, 0),
            contradictions=self._integer(node, FTZ.contradictions, 0),
            confidence=self._confidence(node),
            links=tuple(sorted(told, key=self._position.__getitem__)),
        )

    def _instances(self, kind: Node) -> list[Node]:
        return _nodes(self._graph.subjects(RDF.type, kind))

    def _inverse(self, node: Node, predicate: Node) -> list[Node]:
        return _nodes(self._graph.subjects(predicate, node))

    def _all(self, node: Node, predicate: Node) -> list[Node]:
        return _nodes(self._graph.objects(node, predicate))

    def _one(self, node: Node, predicate: Node) -> Node | None:
        return next(iter(self._all(node, predicate)), None)

    def _label(self, node: Node) -> str:
        label = self._one(node, SKOS.prefLabel)
        if label is None:
            raise GraphError(f"{node} has no skos:prefLabel")
        return str(label)

    def _integer(self, node: Node, predicate: Node, default: int) -> int:
        value = self._one(node, predicate)
        try:
            return default if value is None else int(str(value))
        except ValueError:
            raise GraphError(f"{node}: {predicate} is {str(value)!r}, not a whole number") from None

    def _confidence(self, node: Node) -> float:
        value = self._one(node, FTZ.confidence)
        try:
            number = 1.0 if value is None else float(str(value))
        except ValueError:
            number = -1.0
        if not 0 <= number <= 1:
            raise GraphError(f"{node}: ftz:confidence is {str(value)!r}, not a number from 0 to 1")
        return number


def _nodes(found: Iterable[Node]) -> list[Node]:
    """Nodes sorted, so that the first is the same in every process."""
    return sorted(found, key=str)
