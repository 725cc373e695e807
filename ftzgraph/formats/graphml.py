"""Factors and links as GraphML, for yEd, Cytoscape, Gephi, PRSM or ``networkx.read_graphml``; and back."""

from pathlib import Path
from typing import Final
from xml.etree.ElementTree import ParseError

import networkx as nx
from rdflib import Graph

from ftzgraph.errors import GraphError
from ftzgraph.formats.markup import EDGE_COLUMNS, NODE_COLUMNS, TYPES, attributes, document, maker, network, text
from ftzgraph.formats.rows import from_rows

_XML: Final = maker("http://graphml.graphdrawing.org/xmlns")
# PRSM shows the node's datum whose key has the identifier "label", and asks for an identifier of each edge.
_KINDS: Final = (("node", "", NODE_COLUMNS), ("edge", "edge-", EDGE_COLUMNS))


def write(graph: Graph) -> str:
    """Write the factors and links of a graph as GraphML.

    Args:
        graph: an ftzgraph RDF graph.

    Returns:
        A node for each factor, an edge for each link, with plain attributes such as label, type and confidence.
        Characters that XML cannot hold are left out.

    Raises:
        GraphError: the graph holds no factors, or lacks something essential.
    """
    keys = [
        _XML.key({"id": prefix + name, "for": element, "attr.name": name, "attr.type": TYPES.get(kind, "int")})
        for element, prefix, columns in _KINDS
        for name, kind in columns.items()
    ]
    nodes, edges = network(graph)
    items = []
    for (element, prefix, columns), found in zip(_KINDS, (nodes, edges), strict=True):
        for row in found:
            ends = {name: text(row[name]) for name in ("id", "source", "target") if name in row}
            data = (_XML.data(value, key=prefix + name) for name, value in attributes(row, columns))
            items.append(_XML(element, ends, *data))
    return document(_XML.graphml(*keys, _XML.graph(*items, edgedefault="directed")))


def read(path: Path) -> Graph:
    """Read GraphML that :func:`write` made and a person may have edited in a program that keeps its attributes.

    Raises:
        GraphError: the file is missing or broken, or see :func:`~ftzgraph.formats.rows.from_rows`.
    """
    try:
        found: nx.MultiDiGraph[str] = nx.MultiDiGraph(nx.read_graphml(path, force_multigraph=True))
    except OSError as error:
        raise GraphError(f"cannot read {path}: {error.strerror or error}") from error
    except (KeyError, ParseError, ValueError, nx.NetworkXError) as error:
        raise GraphError(f"{path}: not GraphML that can be read: {error}") from error
    return from_rows(
        (
            (f"{path}, node {node}", {"quote": data.get("label"), **data, "id": node})
            for node, data in found.nodes.items()
        ),
        (
            (f"{path}, edge {key}", {**data, "id": key, "source": source, "target": target})
            for source, target, key, data in found.edges(keys=True, data=True)
        ),
    )
