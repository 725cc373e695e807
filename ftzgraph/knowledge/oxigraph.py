"""Between the terms of rdflib, which the program works with, and those of Oxigraph, which is fast."""

import codecs
import gc
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

import pyoxigraph as ox
from rdflib import XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Identifier, Node

from ftzgraph.errors import GraphError

_T = TypeVar("_T")
Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal

_STRING: Final = ox.NamedNode(str(XSD.string))
_DECIMAL: Final = ox.NamedNode(str(XSD.decimal))


def to_term(term: Node) -> Term:
    """Translate a term.

    Raises:
        ValueError: it is a malformed IRI, has a malformed language tag, or is no term of RDF, such as a variable.
    """
    match term:
        case URIRef():
            return ox.NamedNode(term)
        case Literal(language=str(language)):
            return ox.Literal(str(term), language=language)
        case Literal(datatype=URIRef() as datatype):
            return ox.Literal(str(term), datatype=ox.NamedNode(datatype))
        case Literal():
            return ox.Literal(str(term))
        case BNode():
            return ox.BlankNode(str(term))
    raise ValueError(f"{term} is no term of RDF")


def to_oxigraph(triple: tuple[Node, Node, Node], translate: Callable[[Node], Term] = to_term) -> ox.Triple:
    """Translate a triple.

    Args:
        triple: of rdflib terms.
        translate: :func:`to_term`, or the same with a cache, which pays off for many triples.

    Raises:
        GraphError: it is not RDF: a malformed IRI or language tag, or a literal where none may stand.
    """
    try:
        subject, predicate, object_ = map(translate, triple)
        return ox.Triple(subject, predicate, object_)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise GraphError(f"the graph holds a triple that RDF cannot write: {' '.join(map(str, triple))}") from error


def from_oxigraph(term: object) -> Identifier:
    """Translate a term back.

    Raises:
        GraphError: it is none of RDF 1.1.
    """
    match term:
        case ox.NamedNode():
            return URIRef(term.value)
        case ox.BlankNode():
            return BNode(term.value)
        case ox.Literal():
            if term.language:
                return Literal(term.value, lang=term.language)
            datatype = None if term.datatype == _STRING else URIRef(term.datatype.value)
            return Literal(term.value, datatype=datatype, normalize=False)
    raise GraphError("RDF 1.2 triple terms cannot be read")


def from_store(term: object) -> Identifier:
    """Translate a term that a store answered; see :func:`spelt` and :func:`from_oxigraph`."""
    return from_oxigraph(spelt(term))


def spelt(term: _T) -> _T | ox.Literal:
    """Write a decimal with two places at least, as ftzgraph does; other terms stay.

    Stores keep the value of a number, not its spelling: 0.40 comes back as 0.4.

    >>> print(spelt(ox.Literal("0.4", datatype=_DECIMAL)))
    "0.40"^^<http://www.w3.org/2001/XMLSchema#decimal>
    """
    if not isinstance(term, ox.Literal) or term.datatype != _DECIMAL:
        return term
    whole, _, places = term.value.partition(".")
    return ox.Literal(f"{whole}.{places:0<2}", datatype=_DECIMAL)


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the search for cycles, of which terms have none: where many are made it takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def subject_of(triple: ox.Triple) -> str:
    """Return the IRI of a triple's subject, or the label of a blank node."""
    return triple.subject.value  # type: ignore[union-attr]  # in RDF no triple is a subject


def read(path: Path, *, rename: bool = True) -> Iterator[ox.Triple]:
    """Read a file in any syntax of RDF that its suffix names, without translating it.

    Args:
        path: the file, in UTF-8.
        rename: whether blank nodes get new labels, so that those of several files do not meet.

    Yields:
        Its triples in the order of the file; named graphs, where the syntax has them, are merged.

    Raises:
        GraphError: the file is missing, of an unknown format or broken; one line with file, place and fault.
    """
    syntax = ox.RdfFormat.from_extension(path.suffix.lstrip(".").lower())
    try:
        with path.open("rb") as file:
            if syntax is None:
                raise GraphError(f"{path}: not a graph file that can be read; use .ttl, .nt or .jsonld")
            if file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
                file.seek(0)
            for quad in ox.parse(file, format=syntax, rename_blank_nodes=rename):
                yield quad.triple
    except OSError as error:
        raise GraphError(f"cannot read {path}: {error.strerror or error}") from error
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        fault = " ".join(re.sub(r"^Parser error .*?: ", "", error.msg).split())
        raise GraphError(f"{path}{line}: {fault}") from error


def all_to_oxigraph(triples: Iterable[tuple[Node, Node, Node]]) -> Iterator[ox.Triple]:
    """Translate triples, see :func:`to_oxigraph`."""
    translate = cache(to_term)
    return (to_oxigraph(triple, translate) for triple in triples)


def store(graph: Graph) -> ox.Store:
    """Return an Oxigraph store in memory that holds the triples of a graph."""
    result = ox.Store()
    result.bulk_extend(ox.Quad(*triple) for triple in all_to_oxigraph(graph))
    return result
