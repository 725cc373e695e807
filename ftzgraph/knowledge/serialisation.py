"""RDF graphs to text and back, the same bytes every time.

Triples are sorted here, in an order that suits a reader (a document, its sections, sentences, factors, links, evidence,
selectors, each by offset), and written by Oxigraph, which keeps that order; so one more factor adds lines to a file
and moves none.
"""

import codecs
import json
import logging
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final, TypeAlias

import pyoxigraph as ox
from rdflib import RDF, RDFS, BNode, Graph, Literal
from rdflib.term import Node

from ftzgraph.errors import GraphError
from ftzgraph.knowledge.order import reading_order
from ftzgraph.knowledge.oxigraph import from_oxigraph, to_oxigraph
from ftzgraph.knowledge.vocabulary import OA, PREFIXES, compact, new_graph

_Triple: TypeAlias = tuple[Node, Node, Node]

FORMATS: Final[dict[str, str]] = {"turtle": ".ttl", "ntriples": ".nt", "jsonld": ".jsonld", "graphml": ".graphml"}
"""Names of the formats that :func:`serialise` writes, each with its file suffix."""


def serialise(graph: Graph, format: str = "turtle") -> str:  # noqa: A002 (the option's name)
    r"""Write a graph as text.

    Args:
        graph: any RDF graph; GraphML holds its factors and links only.
        format: one of :data:`FORMATS`.

    Returns:
        The text, with a final newline; the same for equal graphs without blank nodes, however they were filled.

    Raises:
        GraphError: the format is unknown, or the graph holds what RDF cannot write (a malformed IRI).

    >>> from ftzgraph.knowledge.vocabulary import ID
    >>> graph = Graph().add((ID.a, RDFS.label, ID.b))
    >>> serialise(graph, "ntriples").replace(str(RDFS), "…").replace(ID, "…")
    '<…a> <…label> <…b> .\n'
    """
    if format not in _WRITERS:
        raise GraphError(f"unknown format {format!r}: choose one of {', '.join(FORMATS)}")
    return _WRITERS[format](graph)


def load(path: str | Path) -> Graph:
    """Read a graph file: Turtle, N-Triples, JSON-LD or another RDF format that the file's suffix names.

    Args:
        path: the file, in UTF-8.

    Returns:
        The graph; named graphs, where the format has them, are merged.

    Raises:
        GraphError: the file is missing, of an unknown format or broken; one line with file, place and fault.
    """
    path = Path(path)
    rdf_format = ox.RdfFormat.from_extension(path.suffix.lstrip(".").lower())
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GraphError(f"cannot read {path}: {error.strerror or error}") from error
    if rdf_format is None:
        raise GraphError(f"{path}: not a graph file that can be read; use .ttl, .nt or .jsonld")
    graph = new_graph()
    try:
        with _quiet():
            for quad in ox.parse(data.removeprefix(codecs.BOM_UTF8), format=rdf_format):
                graph.add((from_oxigraph(quad.subject), from_oxigraph(quad.predicate), from_oxigraph(quad.object)))
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        fault = " ".join(re.sub(r"^Parser error .*?: ", "", error.msg).split())
        raise GraphError(f"{path}{line}: {fault}") from error
    except GraphError as error:
        raise GraphError(f"{path}: {error}") from error
    return graph


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep rdflib from printing tracebacks about ill-typed literals; validation names them."""
    logger = logging.getLogger("rdflib.term")
    logger.disabled = True
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logger.disabled = False


def _turtle(graph: Graph) -> str:
    return _write(map(to_oxigraph, _sorted(graph)), ox.RdfFormat.TURTLE)


def _ntriples(graph: Graph) -> str:
    lines = _write(map(to_oxigraph, graph), ox.RdfFormat.N_TRIPLES).split("\n")
    return "".join(f"{line}\n" for line in sorted(lines) if line)


def _jsonld(graph: Graph) -> str:
    nodes: dict[str, dict[str, Any]] = {}
    for subject, predicate, object_ in _sorted(graph):
        node = nodes.setdefault(_name(subject), {"@id": _name(subject)})
        if predicate == RDF.type:
            node.setdefault("@type", []).append(_name(object_))
        else:
            node.setdefault(_name(predicate), []).append(_json_value(object_))
    data = {"@context": PREFIXES, "@graph": list(nodes.values())}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _json_value(term: Node) -> dict[str, str]:
    if not isinstance(term, Literal):
        return {"@id": _name(term)}
    if term.language:
        return {"@value": str(term), "@language": term.language}
    return {"@value": str(term), "@type": _name(term.datatype)} if term.datatype else {"@value": str(term)}


def _name(term: Node) -> str:
    return f"_:{term}" if isinstance(term, BNode) else compact(term)


def _write(triples: Iterable[ox.Triple], rdf_format: ox.RdfFormat) -> str:
    output = BytesIO()
    ox.serialize(triples, output, format=rdf_format, prefixes=PREFIXES)
    return output.getvalue().decode()


def _graphml(graph: Graph) -> str:
    from ftzgraph.knowledge.graphml import graphml  # networkx only when asked for

    return graphml(graph)


_WRITERS: Final[dict[str, Callable[[Graph], str]]] = {
    "turtle": _turtle,
    "ntriples": _ntriples,
    "jsonld": _jsonld,
    "graphml": _graphml,
}


def _sorted(graph: Graph) -> list[_Triple]:
    key = cache(reading_order)
    return sorted(graph, key=lambda triple: (key(triple[0]), _predicate_order(triple[1]), key(triple[2])))


_FIRST: Final[list[Node]] = [RDF.type, RDFS.label, RDF.subject, RDF.predicate, RDF.object, OA.start, OA.end]


def _predicate_order(predicate: Node) -> tuple[int, str]:
    return _FIRST.index(predicate) if predicate in _FIRST else len(_FIRST), str(predicate)
