"""Which triples belong to which document, for datasets of one named graph a document."""

from collections.abc import Set
from typing import Final, TypeAlias

from rdflib import DCTERMS, PROV, RDF, Graph, URIRef
from rdflib.term import Node

from ftzgraph.knowledge.order import reading_order
from ftzgraph.knowledge.vocabulary import FTZ, OA

Triple: TypeAlias = tuple[Node, Node, Node]
Triples: TypeAlias = Graph | list[Triple]
"""A graph, or its triples without the indices that make a graph of them; a triple may come twice."""

# Of "S P O", S belongs where O belongs: sections and extractions of a document, evidence and what it is evidence of.
_WHOLES: Final[frozenset[Node]] = frozenset(
    [DCTERMS.isPartOf, PROV.used, PROV.wasDerivedFrom, OA.hasSource, FTZ.evidence, RDF.subject]
)
# What is told of several documents at once belongs to none.
_ABOVE: Final[frozenset[Node]] = frozenset([FTZ.Concept, FTZ.ConceptLink, FTZ.Match])
# Of "S P O", O belongs where S belongs: selectors, and concepts, which are told anew with each document.
_PARTS: Final[frozenset[Node]] = frozenset([OA.hasSelector, FTZ.mentions])


def by_document(triples: Triples) -> dict[Node | None, list[Triple]]:
    """Part the triples of a graph by the documents that they are about.

    Returns:
        The triples of each document, by its IRI, the documents in reading order; those of no document under ``None``,
        which comes last and is missing when there are none. A triple goes where its subject belongs; what several
        documents mention stands in each of them.
    """
    found = homes(triples)
    parted: dict[Node | None, list[Triple]] = {}
    for triple in triples:
        for home in found.get(triple[0], {None}):
            parted.setdefault(home, []).append(triple)
    return {home: parted[home] for home in sorted(parted, key=lambda home: reading_order(home) if home else (9,))}


def homes(triples: Triples) -> dict[Node, set[Node]]:
    """Return the documents that each node belongs to; a node that belongs to none is missing."""
    wholes: dict[Node, list[Node]] = {}
    parts: dict[Node, list[Node]] = {}
    documents: set[Node] = set()
    above: set[Node] = set()
    for subject, predicate, value in triples:
        if predicate in _WHOLES:
            wholes.setdefault(value, []).append(subject)
        elif predicate in _PARTS:
            parts.setdefault(subject, []).append(value)
        elif predicate == RDF.type and value == FTZ.Document and isinstance(subject, URIRef):
            documents.add(subject)
        elif predicate == RDF.type and value in _ABOVE:
            above.add(subject)
    found: dict[Node, set[Node]] = {}
    for document in documents:
        # A document may itself be part of another, or derived from it; yet each stays apart.
        for node in _reached(_reached({document}, wholes, documents | above), parts, documents | above):
            found.setdefault(node, set()).add(document)
    return found


def _reached(starts: Set[Node], edges: dict[Node, list[Node]], barred: Set[Node]) -> set[Node]:
    """The given nodes and all that paths lead to from them; no path goes through a barred node."""
    reached, waiting = set(starts), list(starts)
    while waiting:
        found = {node for node in edges.get(waiting.pop(), ()) if node not in reached and node not in barred}
        reached |= found
        waiting += found
    return reached
