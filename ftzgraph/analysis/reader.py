"""From RDF to records: the one place of analysis and rendering that knows how the graph is written down.

What a hand-edited graph may leave out (section, cue, modality, confidence, even the evidence) has a default; what
nothing can be said without (a type, a quote, a document) is a :class:`~ftzgraph.errors.GraphError`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, PROV, RDF, RDFS, SKOS
from rdflib.term import Node

from ftzgraph.analysis.records import (
    TIERS,
    ChangeKind,
    DocumentRecord,
    EvidenceRecord,
    FactorRecord,
    LinkRecord,
    MentionRecord,
    SectionRecord,
    SentenceRecord,
)
from ftzgraph.causalmap import FactorType, MentionKind, Modality, Relation
from ftzgraph.errors import GraphError
from ftzgraph.knowledge.vocabulary import FACTOR_TYPES, FTZ, MODALITIES, OA, PREFIXES, RELATIONS

CHANGES: Final[dict[ChangeKind, URIRef]] = {kind: FTZ[kind.value.capitalize()] for kind in ChangeKind}
"""The ontology's term for each outcome of a comparison."""


class _Facts:
    """The triples of a graph by subject and predicate; several values of one property come sorted."""

    def __init__(self, graph: Graph) -> None:
        self._values: dict[Node, dict[Node, list[Node]]] = {}
        for subject, predicate, value in graph:
            self._values.setdefault(subject, {}).setdefault(predicate, []).append(value)
        self._instances: dict[Node, list[Node]] = {}
        for subject, properties in self._values.items():
            for kind in properties.get(RDF.type, ()):
                self._instances.setdefault(kind, []).append(subject)

    def instances(self, kind: Node) -> list[Node]:
        return sorted(self._instances.get(kind, ()), key=str)

    def all(self, subject: Node, predicate: Node) -> list[Node]:
        return sorted(self._values.get(subject, {}).get(predicate, ()), key=str)

    def one(self, subject: Node, predicate: Node) -> Node | None:
        values = self.all(subject, predicate)
        return values[0] if values else None

    def triples(self, predicate: Node) -> Iterator[tuple[Node, Node]]:
        for subject, properties in self._values.items():
            for value in properties.get(predicate, ()):
                yield subject, value

    def text(self, subject: Node, predicate: Node, language: str | None = None) -> str:
        """The value as text; with a language the value that is tagged with it, or ``""``."""
        for value in self.all(subject, predicate):
            if language is None or (isinstance(value, Literal) and value.language == language):
                return str(value)
        return ""

    def integer(self, subject: Node, predicate: Node, default: int | None = None) -> int:
        value = self.one(subject, predicate)
        if value is None and default is not None:
            return default
        try:
            return int(str(value))
        except ValueError:
            shown = "missing" if value is None else f"{str(value)!r}, not a whole number"
            raise GraphError(f"{_short(subject)}: {_short(predicate)} is {shown}") from None

    def truth(self, subject: Node, predicate: Node) -> bool:
        return any(str(value) in ("true", "1") for value in self.all(subject, predicate))


class RecordReader:
    """Turns nodes of the RDF graph into records."""

    def __init__(self, graph: Graph) -> None:
        self._facts = facts = _Facts(graph)
        self._kinds = {node: kind for kind, term in reversed(FACTOR_TYPES.items()) for node in facts.instances(term)}
        for node in (each for term in (FTZ.Factor, FTZ.Barrier, FTZ.Strategy) for each in facts.instances(term)):
            if node not in self._kinds:
                raise GraphError(f"{_short(node)} is a factor of none of the types {', '.join(FactorType)}")
        if not self._kinds and not facts.instances(FTZ.Document):
            raise GraphError("the graph holds neither a ftz:Document nor a factor")
        self.documents = self._read_documents()
        self._document_order = {iri: index for index, iri in enumerate(self.documents)}
        self.sections = self._read_sections()
        self.sentences = self._read_sentences()
        self._sentence_order = {iri: index for index, iri in enumerate(self.sentences)}
        self.mentions = self._read_mentions()

    def factors(self) -> list[FactorRecord]:
        """All factors in document order."""
        records = [self._factor(node, kind) for node, kind in self._kinds.items()]
        return sorted(records, key=lambda each: (self._document_order[each.document], _place(each.evidence), each.iri))

    def links(self) -> list[LinkRecord]:
        """All links, one for each triple, sorted by their IRIs."""
        best: dict[tuple[str, str, str], LinkRecord] = {}
        for node in self._facts.instances(FTZ.Link):
            link = self._link(node)
            triple = link.relation, link.source, link.target
            if triple not in best or link.confidence > best[triple].confidence:
                best[triple] = link
        for relation, term in RELATIONS.items():
            for subject, target in self._facts.triples(term):
                triple = relation.value, str(subject), str(target)
                if triple not in best:
                    best[triple] = self._bare_link(relation, subject, target)
        return [best[triple] for triple in sorted(best)]

    def _read_documents(self) -> dict[str, DocumentRecord]:
        facts = self._facts
        engines: dict[Node, list[str]] = {}
        for activity, document in facts.triples(PROV.used):
            engine = f"{facts.text(activity, FTZ.engine)} {facts.text(activity, FTZ.engineVersion)}".strip()
            engines.setdefault(document, []).append(engine)
        records = [
            DocumentRecord(
                iri=str(node),
                title=facts.text(node, DCTERMS.title) or facts.text(node, FTZ.fileName) or str(node),
                creators=_in_order(map(str, facts.all(node, DCTERMS.creator)), facts.text(node, FTZ.byline)),
                file_name=facts.text(node, FTZ.fileName),
                sha256=facts.text(node, FTZ.sha256),
                engine=", ".join(sorted(filter(None, engines.get(node, [])))),
            )
            for node in facts.instances(FTZ.Document)
        ]
        return {record.iri: record for record in sorted(records, key=lambda record: (record.file_name, record.iri))}

    def _read_sections(self) -> dict[str, SectionRecord]:
        facts = self._facts
        records = []
        for node in facts.instances(FTZ.Section):
            ancestors = self._ancestors(node)
            titles = (_heading(facts.text(each, FTZ.number), facts.text(each, DCTERMS.title)) for each in ancestors)
            records.append(
                SectionRecord(
                    iri=str(node),
                    document=self._document_of(node),
                    parent=str(ancestors[-2]) if len(ancestors) > 1 else None,
                    number=facts.text(node, FTZ.number),
                    title=facts.text(node, DCTERMS.title),
                    order=facts.integer(node, FTZ.order, default=0),
                    level=facts.integer(node, FTZ.level, default=len(ancestors)),
                    path=tuple(titles),
                )
            )
        records.sort(key=lambda record: (self._document_order[record.document], record.order, record.iri))
        return {record.iri: record for record in records}

    def _read_sentences(self) -> dict[str, SentenceRecord]:
        facts = self._facts
        records = []
        for node in facts.instances(FTZ.Sentence):
            start, end, selector = self._position(node)
            section = facts.one(node, FTZ.inSection)
            records.append(
                SentenceRecord(
                    iri=str(node),
                    document=self._document_of(node),
                    section=None if section is None else str(section),
                    text=facts.text(selector, OA.exact),
                    start=start,
                    end=end,
                    order=facts.integer(node, FTZ.order, default=0),
                    paragraph=facts.integer(node, FTZ.paragraph, default=0),
                    cue=facts.text(node, FTZ.cue),
                )
            )
        records.sort(key=lambda record: (self._document_order[record.document], record.order, record.start, record.iri))
        return {record.iri: record for record in records}

    def _read_mentions(self) -> dict[str, MentionRecord]:
        facts = self._facts
        records = [
            MentionRecord(
                iri=str(node),
                kind=kind.value,
                label=facts.text(node, SKOS.prefLabel, "zh") or facts.text(node, SKOS.prefLabel) or str(node),
                label_en=facts.text(node, SKOS.prefLabel, "en"),
                tier=self._tier(node),
            )
            for kind in MentionKind
            for node in facts.instances(FTZ[kind.value])
        ]
        return {record.iri: record for record in records}

    def _factor(self, node: Node, kind: FactorType) -> FactorRecord:
        facts = self._facts
        evidence = self._evidence(node)
        quote = evidence[0].quote if evidence else facts.text(node, RDFS.label)
        if not quote:
            raise GraphError(f"{_short(node)} has neither evidence with a quote nor a label")
        section = facts.one(node, FTZ.inSection)
        return FactorRecord(
            iri=str(node),
            type=kind.value,
            quote=quote,
            document=self._document_of(node),
            section=str(section) if str(section) in self.sections else None,
            evidence=evidence,
            cue=facts.text(node, FTZ.cue),
            method=facts.text(node, FTZ.method),
            confidence=self._confidence(node),
            modality=self._choice(node, FTZ.modality, MODALITIES) or Modality.ASSERTED.value,
            negated=facts.truth(node, FTZ.negated),
            mentions=tuple(str(each) for each in facts.all(node, FTZ.mentions) if str(each) in self.mentions),
            change=self._choice(node, FTZ.change, CHANGES),
        )

    def _link(self, node: Node) -> LinkRecord:
        facts = self._facts
        ends = (facts.one(node, term) for term in (RDF.subject, RDF.predicate, RDF.object))
        source, predicate, target = ends
        relation = next((relation for relation, term in RELATIONS.items() if term == predicate), None)
        if relation is None:
            raise GraphError(f"{_short(node)}: rdf:predicate is {_short(predicate)}, none of {', '.join(Relation)}")
        self._require_factors(_short(node), source, target)
        return LinkRecord(
            iri=str(node),
            relation=relation.value,
            source=str(source),
            target=str(target),
            evidence=self._evidence(node),
            cue=facts.text(node, FTZ.cue),
            method=facts.text(node, FTZ.method),
            confidence=self._confidence(node),
            modality=self._choice(node, FTZ.modality, MODALITIES) or Modality.ASSERTED.value,
            negated=facts.truth(node, FTZ.negated),
            inferred=facts.truth(node, FTZ.inferred),
            change=self._choice(node, FTZ.change, CHANGES),
        )

    def _bare_link(self, relation: Relation, source: Node, target: Node) -> LinkRecord:
        self._require_factors(f"{_short(source)} ftz:{relation}", source, target)
        return LinkRecord(
            iri=f"{source} {relation} {target}",
            relation=relation.value,
            source=str(source),
            target=str(target),
            evidence=(),
            cue="",
            method="",
            confidence=1.0,
            modality=Modality.ASSERTED.value,
            negated=False,
            inferred=False,
        )

    def _evidence(self, node: Node) -> tuple[EvidenceRecord, ...]:
        facts = self._facts
        records = []
        for place in facts.all(node, FTZ.evidence):
            start, end, selector = self._position(place)
            sentences = [str(each) for each in facts.all(place, FTZ.inSentence) if str(each) in self.sentences]
            records.append(
                EvidenceRecord(
                    iri=str(place),
                    document=self._document_of(place),
                    start=start,
                    end=end,
                    quote=facts.text(selector, OA.exact),
                    prefix=facts.text(selector, OA.prefix),
                    suffix=facts.text(selector, OA.suffix),
                    sentences=tuple(sorted(sentences, key=self._sentence_order.__getitem__)),
                )
            )
        return tuple(sorted(records, key=lambda record: (record.document, record.start, record.end, record.iri)))

    def _position(self, node: Node) -> tuple[int, int, Node]:
        """The source offsets of a place and the selector that has them."""
        selector = self._facts.one(node, OA.hasSelector)
        if selector is None:
            raise GraphError(f"{_short(node)} has no oa:hasSelector")
        return self._facts.integer(selector, OA.start), self._facts.integer(selector, OA.end), selector

    def _ancestors(self, section: Node) -> list[Node]:
        """The sections around a section, outermost first, itself included."""
        chain = [section]
        while (parent := self._facts.one(chain[0], DCTERMS.isPartOf)) is not None and str(parent) not in self.documents:
            if parent in chain:
                raise GraphError(f"{_short(section)} is part of itself")
            chain.insert(0, parent)
        return chain

    def _document_of(self, node: Node) -> str:
        """The document that a section, sentence, piece of evidence or factor belongs to."""
        facts = self._facts
        candidates = [*facts.all(node, PROV.wasDerivedFrom), *facts.all(node, OA.hasSource)]
        candidates += [source for place in facts.all(node, FTZ.evidence) for source in facts.all(place, OA.hasSource)]
        if FTZ.Section in facts.all(node, RDF.type):
            candidates += facts.all(self._ancestors(node)[0], DCTERMS.isPartOf)
        found = [str(candidate) for candidate in candidates if str(candidate) in self.documents]
        if not found and len(self.documents) == 1:
            found = list(self.documents)
        if not found:
            raise GraphError(f"{_short(node)} belongs to no ftz:Document")
        return found[0]

    def _confidence(self, node: Node) -> float:
        values = self._facts.all(node, FTZ.confidence)
        try:
            numbers = [float(str(value)) for value in values]
        except ValueError:
            numbers = [-1.0]
        if any(not 0 <= number <= 1 for number in numbers):
            raise GraphError(f"{_short(node)}: ftz:confidence is {str(values[0])!r}, not a number from 0 to 1")
        return max(numbers, default=1.0)

    def _choice(
        self, node: Node, predicate: URIRef, terms: Mapping[Modality, URIRef] | Mapping[ChangeKind, URIRef]
    ) -> str:
        """Which of a few individuals a property names, ``""`` when it is missing."""
        value = self._facts.one(node, predicate)
        if value is None:
            return ""
        for name, term in terms.items():
            if value == term:
                return name.value
        raise GraphError(f"{_short(node)}: {_short(predicate)} is {_short(value)}, none of {', '.join(terms)}")

    def _tier(self, node: Node) -> str:
        tier = self._facts.text(node, FTZ.tier)
        if tier and tier not in TIERS:
            raise GraphError(f"{_short(node)}: ftz:tier is {tier!r}, none of {', '.join(TIERS)}")
        return tier

    def _require_factors(self, what: str, *ends: Node | None) -> None:
        for end in ends:
            if end not in self._kinds:
                raise GraphError(f"{what}: {_short(end)} is no factor of the graph")


def _place(evidence: tuple[EvidenceRecord, ...]) -> tuple[int, int]:
    return (evidence[0].start, evidence[0].end) if evidence else (0, 0)


def _heading(number: str, title: str) -> str:
    """A section's title with its number before it, parted where the number does not end in punctuation of its own."""
    if not number or not number[-1].isalnum():
        return f"{number}{title}"
    return (
        f"{number}、{title}" if all(digit in "零〇一二三四五六七八九十百" for digit in number) else f"{number} {title}"
    )


def _short(node: Node | None) -> str:
    """A node's name in a message, with the usual prefix where there is one."""
    name = "nothing" if node is None else str(node)
    for prefix, namespace in PREFIXES.items():
        if name.startswith(namespace) and "#" not in name.removeprefix(namespace):
            return f"{prefix}:{name.removeprefix(namespace)}"
    return name


def _in_order(names: Iterable[str], byline: str) -> tuple[str, ...]:
    """Authors in the order of the byline; those it does not name come last."""
    return tuple(sorted(names, key=lambda name: (byline.find(name) if name in byline else len(byline), name)))
