"""Between the terms of rdflib, which the program works with, and those of Oxigraph, which is fast."""

import pyoxigraph as ox
from rdflib import XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Identifier, Node

from ftzgraph.errors import GraphError


def to_oxigraph(triple: tuple[Node, Node, Node]) -> ox.Triple:
    """Translate a triple.

    Raises:
        GraphError: it is not RDF: a malformed IRI or language tag, or a literal where none may stand.
    """
    try:
        subject, predicate, object_ = (_term(term) for term in triple)
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
            datatype = URIRef(term.datatype.value)
            return Literal(term.value, datatype=None if datatype == XSD.string else datatype, normalize=False)
    raise GraphError("RDF 1.2 triple terms cannot be read")


def store(graph: Graph) -> ox.Store:
    """Return an Oxigraph store in memory that holds the triples of a graph."""
    result = ox.Store()
    result.bulk_extend(ox.Quad(*to_oxigraph(triple)) for triple in graph)
    return result


def _term(term: Node) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    match term:
        case Literal(language=str(language)):
            return ox.Literal(str(term), language=language)
        case Literal(datatype=URIRef() as datatype):
            return ox.Literal(str(term), datatype=ox.NamedNode(datatype))
        case Literal():
            return ox.Literal(str(term))
        case BNode():
            return ox.BlankNode(str(term))
    return ox.NamedNode(str(term))
