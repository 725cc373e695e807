"""From RDF to networkx: the typed multigraph that analysis and rendering read, and views of it.

Everything right of RDF starts here and reads nothing else, so a graph that was edited by hand or merged from many
documents is analysed and drawn all the same.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import networkx as nx
from rdflib import Graph

from ftzgraph.analysis.reader import RecordReader
from ftzgraph.analysis.records import (
    DocumentRecord,
    EvidenceRecord,
    FactorRecord,
    LinkRecord,
    MentionRecord,
    SectionRecord,
    SentenceRecord,
)
from ftzgraph.causalmap import FactorType, Relation
from ftzgraph.errors import GraphError

__all__ = [
    "DocumentRecord",
    "EvidenceRecord",
    "FactorGraph",
    "FactorRecord",
    "LinkRecord",
    "LinkView",
    "MentionRecord",
    "SectionRecord",
    "SentenceRecord",
    "Sorter",
    "barriers",
    "causal",
    "factor",
    "factors",
    "goals",
    "links",
    "remedies",
    "sorter",
    "strategies",
    "to_networkx",
    "view",
]

FactorGraph: TypeAlias = "nx.MultiDiGraph[str]"
"""What :func:`to_networkx` returns."""

LinkView: TypeAlias = "nx.DiGraph[str]"
"""The links of one relation: at most one edge from factor to factor."""

Sorter: TypeAlias = Callable[[Iterable[str]], tuple[str, ...]]
"""What :func:`sorter` returns."""


def to_networkx(graph: Graph, min_confidence: float = 0.0) -> FactorGraph:
    """Read the factors and links of an RDF graph.

    A ``ftz:Link`` and a direct triple such as ``a ftz:causes b`` each suffice for an edge. Where two links describe the
    same triple the more confident one counts. A factor or link without confidence counts as certain: a person wrote it.

    Args:
        graph: RDF in the shape of the ontology, one document or many.
        min_confidence: 0 to 1; factors and links below it are left out, and the links of such factors.

    Returns:
        Nodes are factor IRIs in document order with the attribute ``factor`` (:class:`FactorRecord`). Edges run from
        source to target with the relation's name as key and the attribute ``link`` (:class:`LinkRecord`). ``G.graph``
        has the dicts ``documents``, ``sections``, ``sentences`` and ``mentions``: records by IRI, in document order.

    Raises:
        GraphError: the graph holds neither document nor factor, or lacks something essential.
    """
    reader = RecordReader(graph)
    result: FactorGraph = nx.MultiDiGraph(
        documents=reader.documents, sections=reader.sections, sentences=reader.sentences, mentions=reader.mentions
    )
    for factor in reader.factors():
        if factor.confidence >= min_confidence:
            result.add_node(factor.iri, factor=factor)
    position = {iri: index for index, iri in enumerate(result)}
    found = [link for link in reader.links() if link.confidence >= min_confidence]
    found = [link for link in found if link.source in position and link.target in position]
    for link in sorted(found, key=lambda link: (position[link.source], position[link.target])):
        result.add_edge(link.source, link.target, key=link.relation, link=link)
    return result


def factor(graph: FactorGraph, iri: str) -> FactorRecord:
    """Return the record of a factor.

    Raises:
        GraphError: the graph has no such factor.
    """
    if iri not in graph:
        raise GraphError(f"the graph has no factor {iri}")
    record: FactorRecord = graph.nodes[iri]["factor"]
    return record


def factors(graph: FactorGraph, *types: FactorType) -> list[FactorRecord]:
    """Return the factors of the given types, of all types when none is given, in document order."""
    records: Iterator[FactorRecord] = (attributes["factor"] for _, attributes in graph.nodes(data=True))
    return [record for record in records if not types or record.type in types]


def barriers(graph: FactorGraph) -> list[FactorRecord]:
    """Return the problems, causes and effects in document order."""
    return factors(graph, *(kind for kind in FactorType if kind.is_barrier))


def strategies(graph: FactorGraph) -> list[FactorRecord]:
    """Return the remedies and goals in document order."""
    return factors(graph, *(kind for kind in FactorType if kind.is_strategy))


def remedies(graph: FactorGraph) -> list[FactorRecord]:
    """Return the remedies in document order."""
    return factors(graph, FactorType.REMEDY)


def goals(graph: FactorGraph) -> list[FactorRecord]:
    """Return the goals in document order."""
    return factors(graph, FactorType.GOAL)


def links(graph: FactorGraph, *relations: Relation) -> list[LinkRecord]:
    """Return the links of the given relations, of all when none is given, by source and target in document order."""
    records: Iterator[LinkRecord] = (attributes["link"] for *_, attributes in graph.edges(data=True))
    return [record for record in records if not relations or record.relation in relations]


def sorter(graph: Iterable[str]) -> Sorter:
    """Return a function that puts factor IRIs, each once, into the order of the graph's nodes: document order."""
    position = {iri: index for index, iri in enumerate(graph)}
    return lambda iris: tuple(sorted(set(iris), key=position.__getitem__))


def view(graph: FactorGraph, relation: Relation) -> LinkView:
    """Return the factors and the links of one relation.

    Links that the text denies, and links from a factor to itself, are left out: nothing follows from them.

    Returns:
        A simple graph with the nodes and the attributes ``factor`` and ``link`` of the argument.
    """
    result: LinkView = nx.DiGraph()
    result.add_nodes_from(graph.nodes(data=True))
    for link in links(graph, relation):
        if not link.negated and link.source != link.target:
            result.add_edge(link.source, link.target, link=link)
    return result


def causal(graph: FactorGraph) -> LinkView:
    """Return the causal core: the barriers and what the text says they cause."""
    result = view(graph, Relation.CAUSES)
    result.remove_nodes_from([record.iri for record in factors(graph) if not FactorType(record.type).is_barrier])
    return result
