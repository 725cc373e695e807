"""The syntaxes of RDF: triples to bytes and back, the same bytes every time.

Triples are sorted here, in an order that suits a reader (a document, its sections, sentences, factors, links, evidence,
selectors, each by offset), and written by Oxigraph, which keeps that order; so one more factor adds lines to a file
and moves none. N-Triples and N-Quads are sorted as lines, as canonical RDF is. Nothing here needs an rdflib graph,
whose indices take several times the memory of its triples.
"""

import json
import logging
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
from rdflib import RDF, RDFS, BNode, Literal
from rdflib.term import Node

from ftzgraph.errors import GraphError
from ftzgraph.knowledge.documents import Triple, Triples, by_document, homes
from ftzgraph.knowledge.order import reading_order
from ftzgraph.knowledge.oxigraph import from_oxigraph, read, to_oxigraph
from ftzgraph.knowledge.vocabulary import OA, PREFIXES, compact

NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""A character that no XML document can hold."""


def parse(path: Path) -> list[Triple]:
    """Read a file in any syntax of RDF that its suffix names.

    Args:
        path: the file, in UTF-8.

    Returns:
        Its triples in the order of the file; named graphs, where the syntax has them, are merged.

    Raises:
        GraphError: the file is missing, of an unknown format or broken; one line with file, place and fault.
    """
    term = cache(from_oxigraph)
    with _quiet():
        found = list(read(path, rename=False))
        try:
            return [(term(each.subject), term(each.predicate), term(each.object)) for each in found]
        except GraphError as error:
            raise GraphError(f"{path}: {error}") from error


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


def _turtle(triples: Triples) -> bytes:
    return _write(map(to_oxigraph, _sorted(triples)), ox.RdfFormat.TURTLE)


def _trig(triples: Triples) -> bytes:
    parted = by_document(triples).items()
    return _write((_quad(triple, home) for home, own in parted for triple in _sorted(own)), ox.RdfFormat.TRIG)


def _ntriples(triples: Triples) -> bytes:
    return _lines((map(to_oxigraph, said) for said in _about(triples).values()), ox.RdfFormat.N_TRIPLES)


def _nquads(triples: Triples) -> bytes:
    found, nowhere = homes(triples), {None}
    about = _about(triples).items()
    quads = ((_quad(each, home) for each in said for home in found.get(node, nowhere)) for node, said in about)
    return _lines(quads, ox.RdfFormat.N_QUADS)


def _rdfxml(triples: Triples) -> bytes:
    for predicate in sorted({str(predicate) for _, predicate, _ in triples}):
        if not re.search(r"[^\W\d][\w.-]*\Z", predicate):
            raise GraphError(f"RDF/XML cannot write the property {predicate}, which does not end in a name; use Turtle")
    data = _write(map(to_oxigraph, _sorted(triples)), ox.RdfFormat.RDF_XML)
    found = NOT_XML.search(data.decode())
    if found:
        raise GraphError(f"RDF/XML cannot write the character U+{ord(found[0]):04X}; use Turtle")
    return data.replace(b"\r", b"&#13;")  # which XML would otherwise read as a line feed


def _jsonld(triples: Triples) -> bytes:
    nodes: dict[str, dict[str, Any]] = {}
    for subject, predicate, object_ in _sorted(triples):
        node = nodes.setdefault(_name(subject), {"@id": _name(subject)})
        if predicate == RDF.type:
            node.setdefault("@type", []).append(_name(object_))
        else:
            node.setdefault(_name(predicate), []).append(_json_value(object_))
    data = {"@context": PREFIXES, "@graph": list(nodes.values())}
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def _json_value(term: Node) -> dict[str, str]:
    if not isinstance(term, Literal):
        return {"@id": _name(term)}
    if term.language:
        return {"@value": str(term), "@language": term.language}
    return {"@value": str(term), "@type": _name(term.datatype)} if term.datatype else {"@value": str(term)}


def _name(term: Node) -> str:
    return f"_:{term}" if isinstance(term, BNode) else compact(term)


def _quad(triple: Triple, document: Node | None) -> ox.Quad:
    """A triple in the graph that has the name of its document, or in the default graph."""
    plain = to_oxigraph(triple)
    graph = ox.DefaultGraph() if document is None else ox.NamedNode(str(document))
    return ox.Quad(plain.subject, plain.predicate, plain.object, graph)


def _write(triples: Iterable[ox.Triple] | Iterable[ox.Quad], syntax: ox.RdfFormat) -> bytes:
    return ox.serialize(triples, format=syntax, prefixes=PREFIXES) or b""


def _lines(groups: Iterable[Iterable[ox.Triple] | Iterable[ox.Quad]], syntax: ox.RdfFormat) -> bytes:
    """All lines sorted, of which those of a subject, which stand together, are written at a time."""
    written = (sorted(set(_write(group, syntax).splitlines(keepends=True))) for group in groups)
    return b"".join(sorted(map(b"".join, written)))


def _sorted(triples: Triples) -> Iterator[Triple]:
    """Each triple once, in reading order."""
    key, about = cache(reading_order), _about(triples)
    for subject in sorted(about, key=reading_order):
        yield from sorted(about[subject], key=lambda said: (_predicate_order(said[1]), key(said[2])))


def _about(triples: Triples) -> dict[Node, set[Triple]]:
    """The triples by subject, each once."""
    about: dict[Node, set[Triple]] = {}
    for triple in triples:
        about.setdefault(triple[0], set()).add(triple)
    return about


_FIRST: Final[list[Node]] = [RDF.type, RDFS.label, RDF.subject, RDF.predicate, RDF.object, OA.start, OA.end]


def _predicate_order(predicate: Node) -> tuple[int, str]:
    return _FIRST.index(predicate) if predicate in _FIRST else len(_FIRST), str(predicate)


SYNTAXES: Final[dict[str, tuple[str, Callable[[Triples], bytes]]]] = {
    "turtle": (".ttl", _turtle),
    "ntriples": (".nt", _ntriples),
    "trig": (".trig", _trig),
    "nquads": (".nq", _nquads),
    "jsonld": (".jsonld", _jsonld),
    "rdfxml": (".rdf", _rdfxml),
}
"""The file suffix of each syntax, and the function that writes triples in it."""
