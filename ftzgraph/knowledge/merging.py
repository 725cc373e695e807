"""Many graphs as one, in which the later ones have the last word."""

from collections.abc import Sequence
from typing import Final

from rdflib import RDF
from rdflib.term import Node

from ftzgraph.knowledge.documents import Triple, Triples
from ftzgraph.knowledge.vocabulary import FTZ, RELATIONS

_RELATIONS: Final[frozenset[Node]] = frozenset(RELATIONS.values())
# What a thing is and how sure that is makes one judgement, of which no part is taken from another graph.
_JUDGEMENT: Final[frozenset[Node]] = frozenset(
    [RDF.type, FTZ.cue, FTZ.confidence, FTZ.method, FTZ.modality, FTZ.negated, FTZ.inferred, FTZ.change]
)


def merge(graphs: Sequence[Triples]) -> list[Triple]:
    """Put together what many graphs say.

    Where two graphs describe the same thing, each property has the values of the later graph; type, cue, confidence,
    modality and the like count as one property. What only one graph says stays: nothing is deleted. A relation of two
    factors stands when the last graph that describes its link asserts it.

    Args:
        graphs: the later ones overrule the earlier.

    Returns:
        The triples. They conform when the graphs do and do not contradict each other: where one takes a problem for a
        remedy, it cannot be what another says is caused.
    """
    merged: list[Triple] = []
    settled: set[tuple[Node, Node]] = set()
    linked: set[Triple] = set()
    for graph in reversed(graphs):
        links = _links(graph)
        for triple in graph:
            subject, predicate, _ = triple
            if predicate not in _RELATIONS:
                stands = (subject, _property(predicate)) not in settled
            elif triple in links:
                stands = triple not in linked and (links[triple], RDF.type) not in settled
            else:
                stands = triple not in linked
            if stands:
                merged.append(triple)
        settled |= {(subject, _property(predicate)) for subject, predicate, _ in graph}
        linked |= links.keys()
    return merged


def _property(predicate: Node) -> Node:
    return RDF.type if predicate in _JUDGEMENT else predicate


def _links(graph: Triples) -> dict[Triple, Node]:
    """The relations that the links of a graph describe, each with its link."""
    sources: dict[Node, Node] = {}
    relations: dict[Node, Node] = {}
    targets: dict[Node, Node] = {}
    parts: dict[Node, dict[Node, Node]] = {RDF.subject: sources, RDF.predicate: relations, RDF.object: targets}
    for subject, predicate, value in graph:
        if predicate in parts:
            parts[predicate][subject] = value
    return {
        (sources[link], relations[link], targets[link]): link
        for link in sources
        if link in relations and link in targets
    }
