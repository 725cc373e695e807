"""What reviewers decided, and how it is kept as RDF; see ``ontology/ftzgraph.ttl``."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeAlias

from rdflib import DCTERMS, PROV, RDF, RDFS, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from ftzgraph.causalmap import FactorType, Modality, Relation
from ftzgraph.errors import GraphError
from ftzgraph.knowledge.serialisation import load
from ftzgraph.knowledge.vocabulary import FACTOR_TYPES, FTZ, FTZ_IRI, ID, MODALITIES, OA, RELATIONS, compact, new_graph
from ftzgraph.review.anchors import Home, Place

_Triple: TypeAlias = tuple[URIRef, URIRef, Node]

_TYPES: Final = {term: kind for kind, term in FACTOR_TYPES.items()}
_RELATIONS: Final = {term: relation for relation, term in RELATIONS.items()}
_MODALITIES: Final = {term: modality for modality, term in MODALITIES.items()}


class Verdict(StrEnum):
    """What a reviewer decided; the values are the terms of the ontology."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    CORRECTED = "Corrected"
    MERGED = "Merged"


@dataclass(frozen=True)
class FactorClaim:
    """That a stretch of text states a factor of a type."""

    place: Place
    type: FactorType
    modality: Modality = Modality.ASSERTED
    negated: bool = False


@dataclass(frozen=True)
class LinkClaim:
    """That the text links two factors."""

    source: Place
    relation: Relation
    target: Place
    modality: Modality = Modality.ASSERTED
    negated: bool = False


@dataclass(frozen=True)
class ConceptClaim:
    """That a factor expresses the same concept as another one, by which the concept is known."""

    place: Place
    other: Place


Claim: TypeAlias = FactorClaim | LinkClaim | ConceptClaim


@dataclass(frozen=True)
class Decision:
    """What one reviewer decided about one thing.

    Attributes:
        target: IRI of the factor, link or match in the graph that was reviewed.
        verdict: what was decided.
        claim: what the graph said.
        instead: what it should say, of a correction or merger.
        author, date, note: who decided, when (ISO 8601), and why.
        number: place among all decisions; the later ones see what the earlier ones made.
        replaces: IRI of the earlier decision about the same thing, ``""`` when there is none.
        iri: its own, which :func:`record` gives it.
    """

    target: str
    verdict: Verdict
    claim: Claim
    instead: Claim | None
    author: str
    date: str
    note: str = ""
    number: int = 0
    replaces: str = ""
    iri: str = ""

    @property
    def outcome(self) -> Claim:
        """What the graph should say where the thing is not rejected."""
        return self.instead or self.claim

    @property
    def place(self) -> Place:
        """Where what was decided about stands; of a link, its source."""
        return places(self.claim)[0]


def places(claim: Claim) -> tuple[Place, ...]:
    """Return the stretches of text that a claim is about."""
    if isinstance(claim, LinkClaim):
        return claim.source, claim.target
    return (claim.place, claim.other) if isinstance(claim, ConceptClaim) else (claim.place,)


def current(decisions: Iterable[Decision]) -> list[Decision]:
    """Return the last decision about each thing, in the order in which they apply.

    Decisions of several reviewers may contradict each other without one replacing the other; then the later date counts.
    """
    found = sorted(decisions, key=lambda each: (each.date, each.number, each.iri))
    replaced = {each.replaces for each in found if each.replaces}
    last = {each.target: each for each in found if each.iri not in replaced}
    return [each for each in found if last.get(each.target) == each]


def record(earlier: Sequence[Decision], new: Iterable[Decision]) -> list[Decision]:
    """Add decisions to those that stand already.

    A new one about the same thing replaces the earlier one, which stays in the record. Where the earlier one had corrected the
    thing and the reviewer saw the outcome, the new one is told as if it were made of what the reader had found. One that says
    what stands already is left out.

    Args:
        earlier: what was decided before.
        new: what is decided now, in order.

    Returns:
        All decisions.
    """
    standing = {each.target: each for each in current(earlier)}
    found = list(earlier)
    number = max((each.number for each in earlier), default=-1)
    for decision in new:
        last = standing.get(decision.target)
        if last:
            decision = _revised(last, decision)
            if replace(decision, date=last.date, number=last.number, replaces=last.replaces, iri=last.iri) == last:
                continue
        number += 1
        decision = replace(decision, number=number, replaces=last.iri if last else "")
        decision = replace(decision, iri=str(ID[f"decision-{_digest(repr(decision))}"]))
        standing[decision.target] = decision
        found.append(decision)
    return found


def _revised(last: Decision, decision: Decision) -> Decision:
    if not last.instead or last.verdict == Verdict.MERGED or decision.claim == last.claim:
        return decision
    if decision.verdict == Verdict.ACCEPTED:
        return replace(decision, verdict=last.verdict, claim=last.claim, instead=decision.claim)
    return replace(decision, claim=last.claim)


def to_graph(decisions: Iterable[Decision]) -> Graph:
    """Write decisions as RDF; with the documents they are about, which makes the graph conform."""
    graph = new_graph()
    for decision in decisions:
        for triple in _decision(decision):
            graph.add(triple)
    return graph


def load_decisions(path: Path) -> list[Decision]:
    """Read a file of decisions.

    Raises:
        GraphError: it cannot be read, or a decision in it lacks something; one line.
    """
    graph = load(path)
    found = [_Reader(graph, path).decision(node) for node in graph.subjects(RDF.type, FTZ.Decision)]
    return sorted(found, key=lambda each: (each.number, each.iri))


def _decision(decision: Decision) -> Iterator[_Triple]:
    iri = URIRef(decision.iri)
    yield iri, RDF.type, FTZ.Decision
    yield iri, RDF.type, PROV.Activity
    yield iri, FTZ.decides, URIRef(decision.target)
    yield iri, FTZ.verdict, FTZ[decision.verdict.value]
    yield iri, DCTERMS.creator, Literal(decision.author)
    yield iri, DCTERMS.date, Literal(decision.date, datatype=XSD.date)
    yield iri, FTZ.order, Literal(decision.number)
    if decision.note:
        yield iri, RDFS.comment, Literal(decision.note)
    if decision.replaces:
        yield iri, DCTERMS.replaces, URIRef(decision.replaces)
    for predicate, claim in ((FTZ.found, decision.claim), (FTZ.instead, decision.instead)):
        if claim:
            node = ID[f"claim-{_digest(repr(claim))}"]
            yield iri, predicate, node
            yield from _claim(node, claim)


def _claim(node: URIRef, claim: Claim) -> Iterator[_Triple]:
    anchors = [ID[f"anchor-{_digest(repr(place))}"] for place in places(claim)]
    yield node, RDF.type, RDF.Statement
    yield node, RDF.subject, anchors[0]
    if isinstance(claim, ConceptClaim):
        yield node, RDF.predicate, FTZ.expresses
        yield node, RDF.object, anchors[1]
    else:
        yield node, RDF.predicate, RDF.type if isinstance(claim, FactorClaim) else RELATIONS[claim.relation]
        yield node, RDF.object, FACTOR_TYPES[claim.type] if isinstance(claim, FactorClaim) else anchors[1]
        yield node, FTZ.modality, MODALITIES[claim.modality]
        if claim.negated:
            yield node, FTZ.negated, Literal(True)
    for anchor, place in zip(anchors, places(claim), strict=True):
        yield from _anchor(anchor, place)


def _anchor(node: URIRef, place: Place) -> Iterator[_Triple]:
    document, selector = URIRef(place.home.iri), URIRef(f"{node}-selector")
    yield node, RDF.type, OA.SpecificResource
    yield node, OA.hasSource, document
    yield node, OA.hasSelector, selector
    yield selector, RDF.type, OA.TextPositionSelector
    yield selector, RDF.type, OA.TextQuoteSelector
    yield selector, OA.start, Literal(place.start)
    yield selector, OA.end, Literal(place.end)
    yield selector, OA.exact, Literal(place.quote)
    yield selector, OA.prefix, Literal(place.prefix)
    yield selector, OA.suffix, Literal(place.suffix)
    yield document, RDF.type, FTZ.Document
    yield document, DCTERMS.title, Literal(place.home.title, lang="zh")
    for predicate, text in ((FTZ.fileName, place.home.file_name), (FTZ.sha256, place.home.sha256)):
        if text:
            yield document, predicate, Literal(text)


class _Reader:
    """Reads what :func:`to_graph` wrote."""

    def __init__(self, graph: Graph, path: Path) -> None:
        self._graph, self._path = graph, path

    def decision(self, node: Node) -> Decision:
        try:
            verdict = Verdict(str(self._one(node, FTZ.verdict)).removeprefix(FTZ_IRI))
            instead = self._graph.value(node, FTZ.instead)
            if (instead is None) != (verdict in (Verdict.ACCEPTED, Verdict.REJECTED)):
                raise GraphError(f"{self._path}: {compact(node)} has no ftz:instead, or should not have one")
            return Decision(
                target=str(self._one(node, FTZ.decides)),
                verdict=verdict,
                claim=self._claim(self._one(node, FTZ.found)),
                instead=None if instead is None else self._claim(instead),
                author=str(self._one(node, DCTERMS.creator)),
                date=date.fromisoformat(str(self._one(node, DCTERMS.date))).isoformat(),
                note=str(self._graph.value(node, RDFS.comment) or ""),
                number=int(str(self._one(node, FTZ.order))),
                replaces=str(self._graph.value(node, DCTERMS.replaces) or ""),
                iri=str(node),
            )
        except (KeyError, ValueError) as error:
            raise GraphError(f"{self._path}: {compact(node)} is no decision: {error}") from error

    def _claim(self, node: Node) -> Claim:
        predicate, value = self._one(node, RDF.predicate), self._one(node, RDF.object)
        place = self._place(self._one(node, RDF.subject))
        if predicate == FTZ.expresses:
            return ConceptClaim(place, self._place(value))
        modality = _MODALITIES[self._term(self._one(node, FTZ.modality))]
        negated = str(self._graph.value(node, FTZ.negated)) == "true"
        if predicate == RDF.type:
            return FactorClaim(place, _TYPES[self._term(value)], modality, negated)
        return LinkClaim(place, _RELATIONS[self._term(predicate)], self._place(value), modality, negated)

    def _place(self, node: Node) -> Place:
        document, selector = self._one(node, OA.hasSource), self._one(node, OA.hasSelector)
        home = Home(
            str(document),
            str(self._graph.value(document, FTZ.fileName) or ""),
            str(self._one(document, DCTERMS.title)),
            str(self._graph.value(document, FTZ.sha256) or ""),
        )
        start, end = (int(str(self._one(selector, term))) for term in (OA.start, OA.end))
        quote, prefix, suffix = (str(self._one(selector, term)) for term in (OA.exact, OA.prefix, OA.suffix))
        return Place(home, start, end, quote, prefix, suffix)

    def _one(self, node: Node, predicate: URIRef) -> Node:
        values = sorted(self._graph.objects(node, predicate), key=str)
        if len(values) != 1:
            raise GraphError(f"{self._path}: {compact(node)} has {len(values)} values of {compact(predicate)}, not one")
        return values[0]

    @staticmethod
    def _term(node: Node) -> URIRef:
        return URIRef(str(node))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
