"""Factors, documents and whatever else has an IRI of ours, each under ``/id/`` as a page and as RDF.

The functions run in the processes of :mod:`ftzgraph.service.pool`; the store is their first argument.
"""

from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from typing import Final, NamedTuple

import pyoxigraph as ox
from rdflib import DCTERMS, RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.term import Node

from ftzgraph.knowledge.order import reading_order
from ftzgraph.knowledge.results import readable
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.knowledge.vocabulary import FTZ, FTZ_IRI, ID, OA
from ftzgraph.service.answers import Answer, Refusal
from ftzgraph.service.evaluation import GRAPHS, MAX_ROWS, evaluate
from ftzgraph.service.pages import HTML, Cell, address, page
from ftzgraph.service.processes import Held
from ftzgraph.service.protocol import Query
from ftzgraph.service.texts import property_name

# What is said of a resource, the places that it quotes, the links that join it, the names of its neighbours, and what
# leads to it: of a document, more than anyone would read.
_ABOUT: Final = f"""
CONSTRUCT {{ ?s ?p ?o }} WHERE {{
  {{ ?iri ?p ?o BIND(?iri AS ?s) }}
  UNION {{ ?iri ftz:evidence ?s . ?s ?p ?o }}
  UNION {{ ?iri ftz:evidence?/oa:hasSelector ?s . ?s ?p ?o }}
  UNION {{ ?s rdf:subject|rdf:object ?iri . ?s ?p ?o }}
  UNION {{
    {{ ?iri ?to ?s }} UNION {{ ?s ?from ?iri }} UNION {{ ?iri ftz:evidence/oa:hasSource ?s }}
    VALUES ?p {{ rdfs:label dcterms:title skos:prefLabel }}
    ?s ?p ?o
  }}
  UNION {{ ?s ?p ?iri BIND(?iri AS ?o) }}
}}
LIMIT {MAX_ROWS}
"""
_NAMES: Final = (RDFS.label, DCTERMS.title, SKOS.prefLabel)
_TOLD_ABOVE: Final = (*_NAMES, RDF.type, FTZ.evidence, OA.hasSelector)


class Place(NamedTuple):
    """Where a text says something: the words, those around them, source offsets, and the document."""

    before: str
    quote: str
    after: str
    start: str
    end: str
    document: Cell


def show(store: Held, local: str, media_type: str, lang: str) -> Answer:
    """Tell what is known of a resource.

    Args:
        store: where it is looked up.
        local: what follows ``https://w3id.org/ftzgraph/id/`` in its IRI.
        media_type: HTML, or one of those of :data:`GRAPHS`.
        lang: ``"zh"`` or ``"en"``, the language of the page.

    Raises:
        Refusal: 404, nothing is known of it.
    """
    graph = _about(store, f"{ID}{local}")
    iri = ID[local]
    if media_type != HTML:
        return Answer(serialise(graph, GRAPHS[media_type]).encode(), media_type)
    outgoing = [pair for pair in graph.predicate_objects(iri) if pair[0] not in _TOLD_ABOVE]
    incoming = [(by, subject) for subject, by in graph.subject_predicates(iri) if _name(graph, subject, lang)]
    kinds = sorted(str(kind) for kind in graph.objects(iri, RDF.type) if str(kind).startswith(FTZ_IRI))
    return page(
        "resource",
        lang,
        address(iri, lang).partition("?")[0],
        {},
        title=_name(graph, iri, lang) or local,
        iri=str(iri),
        kinds=[_cell(graph, URIRef(kind), lang) for kind in kinds],
        places=_places(graph, iri, lang),
        outgoing=_grouped(graph, outgoing, lang),
        incoming=_grouped(graph, incoming, lang),
    )


def _about(store: Held, iri: str) -> Graph:
    with suppress(ValueError):
        ox.NamedNode(iri)  # raises where it is none
        graph = evaluate(store, Query(_ABOUT), iri=URIRef(iri)).graph
        if graph is not None and (URIRef(iri), None, None) in graph:
            return graph
    raise Refusal(HTTPStatus.NOT_FOUND, f"nothing is known of {iri}")


def _name(graph: Graph, node: Node, lang: str) -> str:
    """The words that name a resource, in a language where it has several; ``""`` when it has none."""
    if (node, RDF.type, FTZ.Link) in graph:
        ends = (graph.value(node, each) for each in (RDF.subject, RDF.predicate, RDF.object))
        return " → ".join(_cell(graph, end, lang).text for end in ends if end is not None)
    found = sorted(value for name in _NAMES for value in graph.objects(node, name) if isinstance(value, Literal))
    return str(next((each for each in found if each.language == lang), found[0] if found else ""))


def _cell(graph: Graph, node: Node, lang: str) -> Cell:
    return Cell(_name(graph, node, lang) or readable(node, lang), address(node, lang))


def _grouped(graph: Graph, pairs: Iterable[tuple[Node, Node]], lang: str) -> list[tuple[str, list[Cell]]]:
    """Properties in the language of the page, each with its values in reading order."""
    groups: dict[Node, list[Cell]] = {}
    for predicate, value in sorted(pairs, key=lambda pair: tuple(map(reading_order, pair))):
        groups.setdefault(predicate, []).append(_cell(graph, value, lang))
    return [(property_name(predicate, lang), cells) for predicate, cells in groups.items()]


def _places(graph: Graph, iri: URIRef, lang: str) -> list[Place]:
    places = []
    for place in [iri, *sorted(graph.objects(iri, FTZ.evidence), key=reading_order)]:
        source = graph.value(place, OA.hasSource)
        document = Cell("") if source is None else _cell(graph, source, lang)
        for selector in graph.objects(place, OA.hasSelector):
            before, quote, after, start, end = (
                str(graph.value(selector, term) or "") for term in (OA.prefix, OA.exact, OA.suffix, OA.start, OA.end)
            )
            places.append(Place(before, quote, after, start, end, document))
    return places
