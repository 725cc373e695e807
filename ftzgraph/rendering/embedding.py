"""The graph inside the page, so that what a reader sees can leave it as RDF again."""

import base64
import gzip

from rdflib import Graph

from ftzgraph.knowledge.serialisation import serialise


def embedded(graph: Graph) -> str:
    """Pack a graph for the page's data block.

    Args:
        graph: any RDF graph.

    Returns:
        The Turtle that :func:`~ftzgraph.knowledge.serialisation.serialise` writes, compressed by gzip, in Base64. Its
        layout is so regular that a script takes it apart and writes it again without a parser.

    Raises:
        GraphError: the graph holds what RDF cannot write (a malformed IRI).

    >>> from ftzgraph.knowledge.vocabulary import FTZ, ID, new_graph
    >>> graph = new_graph().add((ID.a, FTZ.causes, ID.b))
    >>> gzip.decompress(base64.b64decode(embedded(graph))).decode() == serialise(graph)
    True
    """
    return base64.b64encode(gzip.compress(serialise(graph).encode(), mtime=0)).decode()
