"""From causal maps to RDF: the graph that stands in the middle of everything.

IRIs are made from content alone (the document's hash and source offsets), so the same input gives the same graph in any
process, and graphs of many documents merge by plain union. There are no blank nodes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from typing import Final

from rdflib import DCTERMS, PROV, RDF, RDFS, SKOS, XSD, Graph, Literal, URIRef
from rdflib.term import Node

import ftzgraph
from ftzgraph.causalmap import CausalMap, Factor, Link, Mention, Span
from ftzgraph.document import Document, Sentence
from ftzgraph.knowledge.vocabulary import FACTOR_TYPES, FTZ, ID, MODALITIES, OA, RELATIONS, new_graph, superclasses

CONTEXT: Final = 20
"""How many characters ``oa:prefix`` and ``oa:suffix`` have at the most."""

Triple = tuple[URIRef, URIRef, Node]

# What a document's metadata may say beside title and author.
_DESCRIBED: Final[dict[str, URIRef]] = {
    "date": DCTERMS.date,
    "identifier": DCTERMS.identifier,
    "place": DCTERMS.spatial,
    "publisher": DCTERMS.publisher,
    "source": DCTERMS.source,
    "subject": DCTERMS.subject,
}


def to_rdf(maps: CausalMap | Iterable[CausalMap]) -> Graph:
    """Write causal maps as one RDF graph.

    Args:
        maps: one map, or those of many documents. A document is known by its content: when the same content comes
            again under another name, the first map stands.

    Returns:
        The graph, with all sentences of each document, so that the text can be shown from RDF alone.

    >>> from ftzgraph.causalmap import Factor, FactorType, Span
    >>> from ftzgraph.document import Document, Sentence, Structure
    >>> text = "人才不足。"
    >>> structure = Structure(None, (), (), ((0, 5),), (Sentence(0, 5, 0, None),))
    >>> document = Document("note.txt", "ab" * 32, text, text, tuple(range(5)), structure)
    >>> graph = to_rdf(CausalMap(document, (Factor(Span(0, 4), FactorType.PROBLEM),), ()))
    >>> print(graph.value(ID["abababababab-factor-0-4"], RDFS.label))
    人才不足
    """
    graph = new_graph()
    seen: set[str] = set()
    for causal_map in (maps,) if isinstance(maps, CausalMap) else maps:
        if causal_map.document.sha256 not in seen:
            seen.add(causal_map.document.sha256)
            for triple in to_triples(causal_map):
                graph.add(triple)
    return graph


def to_triples(causal_map: CausalMap) -> Iterator[Triple]:
    """Write a causal map as triples, without the indices that make a graph of them; a triple may come twice."""
    return _MapWriter(causal_map).triples()


def concept_iri(mention: Mention) -> URIRef:
    """Return the IRI of what a mention names: its kind and its label, so that all documents share it.

    >>> from ftzgraph.causalmap import MentionKind
    >>> str(concept_iri(Mention(Span(0, 2), MentionKind.INSTRUMENT, "《外商投资法》")))
    'https://w3id.org/ftzgraph/id/instrument-%E3%80%8A外商投资法%E3%80%8B'
    """
    label = "".join(c if c.isalnum() else "".join(f"%{byte:02X}" for byte in c.encode()) for c in mention.label)
    return ID[f"{mention.kind.lower()}-{label}"]


def mention_triples(factor: URIRef, mention: Mention) -> Iterator[Triple]:
    """Say that a factor mentions something, and what that is."""
    iri = concept_iri(mention)
    yield factor, FTZ.mentions, iri
    yield iri, RDF.type, FTZ[mention.kind.value]
    yield iri, RDF.type, SKOS.Concept
    yield iri, SKOS.prefLabel, Literal(mention.label, lang="zh")
    if mention.label_en:
        yield iri, SKOS.prefLabel, Literal(mention.label_en, lang="en")
    if mention.tier:
        yield iri, FTZ.tier, Literal(mention.tier)


def _date(value: str) -> Literal:
    """A day, month or year of ISO 8601 with its datatype, so that queries can compare; anything else as it is."""
    for datatype, rest in ((XSD.date, ""), (XSD.gYearMonth, "-01"), (XSD.gYear, "-01-01")):
        with suppress(ValueError):
            if date.fromisoformat(value + rest).isoformat() == value + rest:
                return Literal(value, datatype=datatype)
    return Literal(value)


class _MapWriter:
    """Writes one causal map; each method yields the triples of one kind of thing."""

    def __init__(self, causal_map: CausalMap) -> None:
        self.map = causal_map
        self.document: Document = causal_map.document
        self.hash = self.document.sha256[:12]
        self.iri = ID[self.hash]
        self.activity = ID[f"{self.hash}-extraction-{causal_map.engine}"]
        self.gaps = {gap.sentence: gap.cue for gap in causal_map.gaps}
        self.mentions = sorted(causal_map.mentions, key=lambda mention: mention.span.start)

    def triples(self) -> Iterator[Triple]:
        yield from self.document_triples()
        yield from self.section_triples()
        for order, sentence in enumerate(self.document.structure.sentences):
            yield from self.sentence_triples(order, sentence)
        for factor in self.map.factors:
            yield from self.factor_triples(factor)
        for link in self.map.links:
            yield from self.link_triples(link)

    def document_triples(self) -> Iterator[Triple]:
        document, iri = self.document, self.iri
        yield iri, RDF.type, FTZ.Document
        yield iri, RDF.type, PROV.Entity
        yield iri, DCTERMS.title, self.text(document.title)
        for author in document.authors:
            yield iri, DCTERMS.creator, Literal(author)
        if document.authors:
            yield iri, FTZ.byline, self.text("、".join(document.authors))
        yield iri, DCTERMS.language, Literal(document.language)
        for key, value in document.metadata:
            if key in _DESCRIBED:
                yield iri, _DESCRIBED[key], _date(value) if key == "date" else Literal(value)
        yield iri, FTZ.sha256, Literal(document.sha256)
        yield iri, FTZ.fileName, Literal(document.name)
        yield self.activity, RDF.type, PROV.Activity
        yield self.activity, PROV.used, iri
        yield self.activity, FTZ.engine, Literal(self.map.engine)
        yield self.activity, FTZ.engineVersion, Literal(ftzgraph.__version__)

    def section_triples(self) -> Iterator[Triple]:
        for index, section in enumerate(self.document.structure.sections):
            iri = self.section(index)
            yield iri, RDF.type, FTZ.Section
            yield iri, DCTERMS.title, self.text(self.document.text[section.title_start : section.title_end])
            if section.number:
                yield iri, FTZ.number, Literal(section.number)
            yield iri, FTZ.order, Literal(index)
            yield iri, FTZ.level, Literal(section.level)
            yield iri, DCTERMS.isPartOf, self.iri if section.parent is None else self.section(section.parent)

    def sentence_triples(self, order: int, sentence: Sentence) -> Iterator[Triple]:
        span = Span(sentence.start, sentence.end)
        iri = self.spot("sentence", span)
        yield iri, RDF.type, FTZ.Sentence
        yield from self.selection_triples(iri, span)
        yield iri, FTZ.order, Literal(order)
        yield iri, FTZ.paragraph, Literal(sentence.paragraph)
        if sentence.section is not None:
            yield iri, FTZ.inSection, self.section(sentence.section)
        if order in self.gaps:
            yield iri, FTZ.cue, Literal(self.gaps[order])

    def factor_triples(self, factor: Factor) -> Iterator[Triple]:
        iri, kind = self.spot("factor", factor.span), FACTOR_TYPES[factor.type]
        for term in (kind, *superclasses(kind)):
            yield iri, RDF.type, term
        yield iri, RDFS.label, self.text(self.quote(factor.span))
        yield from self.judgement_triples(iri, factor)
        yield from self.evidence_triples(iri, factor.span)
        first = next(iter(self.sentences(factor.span)), None)
        if first is not None and first.section is not None:
            yield iri, FTZ.inSection, self.section(first.section)
        for mention in self.mentions_in(factor.span):
            yield from mention_triples(iri, mention)

    def link_triples(self, link: Link) -> Iterator[Triple]:
        source, target = self.map.factors[link.source].span, self.map.factors[link.target].span
        subject, predicate, object_ = self.spot("factor", source), RELATIONS[link.relation], self.spot("factor", target)
        if not link.negated:  # what the text denies is described, never asserted
            yield subject, predicate, object_
        iri = self.spot(link.relation.value, source, target)
        yield iri, RDF.type, FTZ.Link
        yield iri, RDF.type, RDF.Statement
        yield iri, RDF.subject, subject
        yield iri, RDF.predicate, predicate
        yield iri, RDF.object, object_
        yield iri, FTZ.inferred, Literal(link.inferred)
        yield from self.judgement_triples(iri, link)
        for span in link.evidence:
            yield from self.evidence_triples(iri, span)

    def judgement_triples(self, iri: URIRef, item: Factor | Link) -> Iterator[Triple]:
        yield iri, PROV.wasGeneratedBy, self.activity
        yield iri, PROV.wasDerivedFrom, self.iri
        yield iri, FTZ.confidence, Literal(f"{item.confidence:.2f}", datatype=XSD.decimal)
        yield iri, FTZ.method, Literal(item.method)
        yield iri, FTZ.modality, MODALITIES[item.modality]
        if item.cue:
            yield iri, FTZ.cue, Literal(item.cue)
        if item.negated:
            yield iri, FTZ.negated, Literal(True)

    def evidence_triples(self, owner: URIRef, span: Span) -> Iterator[Triple]:
        iri = self.spot("evidence", span)
        yield owner, FTZ.evidence, iri
        yield from self.selection_triples(iri, span)
        for sentence in self.sentences(span):
            yield iri, FTZ.inSentence, self.spot("sentence", Span(sentence.start, sentence.end))

    def selection_triples(self, iri: URIRef, span: Span) -> Iterator[Triple]:
        """Say that a resource is this stretch of the document (Web Annotation: specific resource and selectors)."""
        selector = self.spot("selector", span)
        start, end = self.document.source_span(span.start, span.end)
        text = self.document.text
        yield iri, RDF.type, OA.SpecificResource
        yield iri, OA.hasSource, self.iri
        yield iri, OA.hasSelector, selector
        yield selector, RDF.type, OA.TextPositionSelector
        yield selector, RDF.type, OA.TextQuoteSelector
        yield selector, OA.start, Literal(start)
        yield selector, OA.end, Literal(end)
        yield selector, OA.exact, Literal(self.quote(span))
        yield selector, OA.prefix, Literal(text[max(0, span.start - CONTEXT) : span.start])
        yield selector, OA.suffix, Literal(text[span.end : span.end + CONTEXT])

    def spot(self, kind: str, *spans: Span) -> URIRef:
        offsets = (offset for span in spans for offset in self.document.source_span(span.start, span.end))
        return ID["-".join([self.hash, kind, *map(str, offsets)])]

    def section(self, index: int) -> URIRef:
        return ID[f"{self.hash}-section-{index}"]

    def sentences(self, span: Span) -> Sequence[Sentence]:
        """The sentences that a span touches; they stand in order and do not overlap."""
        sentences = self.document.structure.sentences
        first = bisect_right(sentences, span.start, key=lambda sentence: sentence.end)
        return sentences[first : bisect_left(sentences, span.end, key=lambda sentence: sentence.start)]

    def mentions_in(self, span: Span) -> list[Mention]:
        first, stop = (bisect_left(self.mentions, at, key=lambda m: m.span.start) for at in (span.start, span.end))
        return [mention for mention in self.mentions[first:stop] if span.contains(mention.span)]

    def quote(self, span: Span) -> str:
        return self.document.text[span.start : span.end]

    def text(self, words: str) -> Literal:
        return Literal(words, lang=self.document.language)
