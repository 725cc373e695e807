"""Factors and links as GraphML, for Gephi, yEd, Cytoscape or ``networkx.read_graphml``."""

import re
from typing import Final, TypeAlias

import networkx as nx
from rdflib import Graph

from ftzgraph.analysis.graph import factors, links, to_networkx

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_Attributes: TypeAlias = dict[str, str | int | float | bool]


def graphml(graph: Graph) -> str:
    """Write the factor graph as GraphML.

    Args:
        graph: an ftzgraph RDF graph.

    Returns:
        A node for each factor, an edge for each link, with plain attributes such as label, type and confidence.
        Characters that XML cannot hold are left out.

    Raises:
        GraphError: the graph holds no factors, or lacks something essential.
    """
    network = to_networkx(graph)
    documents, sections = network.graph["documents"], network.graph["sections"]
    flat: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for factor in factors(network):
        node: _Attributes = {
            "label": factor.quote,
            "type": factor.type,
            "document": documents[factor.document].title if factor.document in documents else "",
            "section": " / ".join(sections[factor.section].path) if factor.section in sections else "",
            "cue": factor.cue,
            "method": factor.method,
            "confidence": factor.confidence,
            "modality": factor.modality,
            "negated": factor.negated,
        }
        if factor.evidence:
            node |= {"start": factor.evidence[0].start, "end": factor.evidence[0].end}
        flat.add_node(factor.iri, **_printable(node))
    for link in links(network):
        edge: _Attributes = {
            "relation": link.relation,
            "cue": link.cue,
            "method": link.method,
            "confidence": link.confidence,
            "weight": link.confidence,
            "modality": link.modality,
            "negated": link.negated,
            "inferred": link.inferred,
        }
        flat.add_edge(link.source, link.target, key=link.relation, **_printable(edge))
    return "\n".join(nx.generate_graphml(flat)) + "\n"


def _printable(attributes: _Attributes) -> _Attributes:
    return {name: _NOT_XML.sub("", value) if isinstance(value, str) else value for name, value in attributes.items()}
