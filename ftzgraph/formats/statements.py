"""From records to RDF: the inverse of :mod:`ftzgraph.analysis.reader` for documents, factors, links and their evidence."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TypeAlias

from rdflib import DCTERMS, PROV, RDF, RDFS, Graph, Literal, URIRef
from rdflib.term import Node

from ftzgraph.analysis.reader import CHANGES
from ftzgraph.analysis.records import ChangeKind, DocumentRecord, EvidenceRecord, FactorRecord, LinkRecord
from ftzgraph.causalmap import FactorType, Modality, Relation
from ftzgraph.knowledge.vocabulary import FACTOR_TYPES, FTZ, MODALITIES, OA, RELATIONS, new_graph, superclasses

_LANGUAGE = "zh"  # of all documents; records do not keep it

_Triple: TypeAlias = tuple[URIRef, URIRef, Node]


def to_graph(
    documents: Iterable[DocumentRecord], factors: Iterable[FactorRecord], links: Iterable[LinkRecord]
) -> Graph:
    """Write records as RDF in the shape of the ontology.

    Args:
        documents: those that the factors belong to.
        factors: their ``section`` and ``mentions`` are left out, and so are the sentences of their evidence.
        links: between these factors.

    Returns:
        The graph; :func:`~ftzgraph.analysis.graph.to_networkx` reads the same records out of it.
    """
    graph = new_graph()
    homes = {factor.iri: factor.document for factor in factors}
    for triples in (
        *map(_document, documents),
        *map(_factor, factors),
        *(_link(link, sorted({homes[link.source], homes[link.target]})) for link in links),
    ):
        for triple in triples:
            graph.add(triple)
    return graph


def _document(record: DocumentRecord) -> Iterator[_Triple]:
    iri = URIRef(record.iri)
    yield iri, RDF.type, FTZ.Document
    yield iri, RDF.type, PROV.Entity
    yield iri, DCTERMS.title, Literal(record.title, lang=_LANGUAGE)
    for predicate, text in ((FTZ.fileName, record.file_name), (FTZ.sha256, record.sha256)):
        if text:
            yield iri, predicate, Literal(text)


def _factor(record: FactorRecord) -> Iterator[_Triple]:
    iri, kind = URIRef(record.iri), FACTOR_TYPES[FactorType(record.type)]
    for term in (kind, *superclasses(kind)):
        yield iri, RDF.type, term
    yield iri, RDFS.label, Literal(record.quote, lang=_LANGUAGE)
    yield iri, PROV.wasDerivedFrom, URIRef(record.document)
    yield from _judgement(record)


def _link(record: LinkRecord, documents: Iterable[str]) -> Iterator[_Triple]:
    iri, relation = URIRef(record.iri), RELATIONS[Relation(record.relation)]
    source, target = URIRef(record.source), URIRef(record.target)
    if not record.negated:
        yield source, relation, target
    yield iri, RDF.type, FTZ.Link
    yield iri, RDF.type, RDF.Statement
    yield iri, RDF.subject, source
    yield iri, RDF.predicate, relation
    yield iri, RDF.object, target
    yield iri, FTZ.inferred, Literal(record.inferred)
    for document in documents:
        yield iri, PROV.wasDerivedFrom, URIRef(document)
    yield from _judgement(record)


def _judgement(record: FactorRecord | LinkRecord) -> Iterator[_Triple]:
    iri = URIRef(record.iri)
    yield iri, FTZ.confidence, Literal(Decimal(str(record.confidence)))
    yield iri, FTZ.modality, MODALITIES[Modality(record.modality)]
    for predicate, text in ((FTZ.method, record.method), (FTZ.cue, record.cue)):
        if text:
            yield iri, predicate, Literal(text)
    if record.negated:
        yield iri, FTZ.negated, Literal(True)
    if record.change:
        yield iri, FTZ.change, CHANGES[ChangeKind(record.change)]
    for place in record.evidence:
        yield iri, FTZ.evidence, URIRef(place.iri)
        yield from _place(place)


def _place(record: EvidenceRecord) -> Iterator[_Triple]:
    iri, selector = URIRef(record.iri), URIRef(f"{record.document}-selector-{record.start}-{record.end}")
    yield iri, RDF.type, OA.SpecificResource
    yield iri, OA.hasSource, URIRef(record.document)
    yield iri, OA.hasSelector, selector
    yield selector, RDF.type, OA.TextPositionSelector
    yield selector, RDF.type, OA.TextQuoteSelector
    yield selector, OA.start, Literal(record.start)
    yield selector, OA.end, Literal(record.end)
    yield selector, OA.exact, Literal(record.quote)
