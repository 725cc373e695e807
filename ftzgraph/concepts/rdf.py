"""Concepts as RDF, beside the graph that they are made of; see ``ontology/ftzgraph.ttl``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from itertools import chain

import pyoxigraph as ox
from rdflib import PROV, RDF, SKOS, XSD, URIRef

from ftzgraph.concepts.belief import belief, independent, voices
from ftzgraph.concepts.copies import copied
from ftzgraph.concepts.grouping import Group, Tie, group
from ftzgraph.concepts.statements import Statement
from ftzgraph.concepts.told import ToldFactor, ToldLink, read
from ftzgraph.concepts.vectors import Progress
from ftzgraph.knowledge.documents import Triple
from ftzgraph.knowledge.oxigraph import from_store
from ftzgraph.knowledge.queries import Source
from ftzgraph.knowledge.vocabulary import FTZ, ID
from ftzgraph.store import Store
from ftzgraph.store.base import is_of_concepts

METHOD = "similarity"
"""The ``ftz:method`` of what this package decides."""


def concepts(source: Source, progress: Progress | None = None) -> Iterator[ox.Triple]:
    """Group the factors of a graph or store by what they mean.

    Args:
        source: what to read; concepts that it holds already make no difference.
        progress: is called with how many statements of how many are read.

    Yields:
        The triples to add, each once; the same whatever the order of the documents.

    Raises:
        QueryError: the source cannot be asked.
    """
    told = read(source)
    labels = {factor.statement: factor.label for factor in reversed(told.factors)}
    statements = sorted(labels)
    groups, ties = group(statements, progress=progress)
    originals = copied(told.documents)
    for document, original in originals.items():
        if document != original:
            yield _triple(document, FTZ.copyOf, ox.NamedNode(original))
    writer = _Writer(statements, labels, groups, originals)
    yield from writer.concepts(told.factors)
    for tie in ties:
        yield from writer.tie(tie)
    yield from link_triples(told.links, writer.concept_of, originals)


def with_concepts(store: Store, progress: Progress | None = None) -> list[Triple]:
    """Return what a store or graph file holds, with concepts made anew.

    Args and errors are those of :func:`concepts`.
    """
    term = cache(from_store)
    told = (triple for part in store.parts() for triple in part if not is_of_concepts(triple))
    return [
        (term(triple.subject), term(triple.predicate), term(triple.object))
        for triple in chain(told, concepts(store, progress))
    ]


class _Writer:
    def __init__(
        self,
        statements: Sequence[Statement],
        labels: dict[Statement, str],
        groups: Sequence[Group],
        originals: dict[str, str],
    ) -> None:
        self._labels, self._originals = labels, originals
        self._groups = [[statements[i] for i in found.members] for found in groups]
        self._iris = [new_iri("concept", *map(repr, sorted(members))) for members in self._groups]
        self._certainty = {
            statements[i]: certainty
            for found in groups
            for i, certainty in zip(found.members, found.certainty, strict=True)
        }
        self.concept_of: dict[str, str] = {}  # of factors

    def concepts(self, factors: Iterable[ToldFactor]) -> Iterator[ox.Triple]:
        by_statement: dict[Statement, list[ToldFactor]] = {}
        for factor in factors:
            by_statement.setdefault(factor.statement, []).append(factor)
        for iri, members in zip(self._iris, self._groups, strict=True):
            own = [factor for statement in members for factor in by_statement[statement]]
            yield _triple(iri, RDF.type, _node(FTZ.Concept))
            yield _triple(iri, RDF.type, _node(SKOS.Concept))
            # Wordings may differ in their places only, or in white space.
            label, *others = dict.fromkeys(self._labels[statement] for statement in members)
            yield _triple(iri, SKOS.prefLabel, ox.Literal(label, language="zh"))
            for other in others:
                yield _triple(iri, SKOS.altLabel, ox.Literal(other, language="zh"))
            yield _triple(iri, FTZ.support, _integer(independent((factor.place for factor in own), self._originals)))
            for factor in own:
                self.concept_of[factor.iri] = iri
                yield from _match(factor.iri, FTZ.expresses, iri, self._certainty[factor.statement])

    def tie(self, tie: Tie) -> Iterator[ox.Triple]:
        source, target = self._iris[tie.source], self._iris[tie.target]
        relation = SKOS.closeMatch if tie.close else SKOS.related
        yield from _match(source, relation, target, tie.certainty)
        yield _triple(target, relation, ox.NamedNode(source))  # both are symmetric, which plain SPARQL does not know


def link_triples(
    links: Iterable[ToldLink], concept_of: Mapping[str, str], originals: Mapping[str, str]
) -> Iterator[ox.Triple]:
    """Describe what all links between two concepts say together.

    Args:
        links: the links between factors.
        concept_of: the concepts of the factors, by their IRIs; links of others, and those within a concept, are left out.
        originals: see :func:`~ftzgraph.concepts.belief.voices`.
    """
    found: dict[tuple[str, str, str], list[ToldLink]] = {}
    for link in links:
        source, target = concept_of.get(link.source), concept_of.get(link.target)
        if source and target and source != target:
            found.setdefault((source, link.relation, target), []).append(link)
    for (source, relation, target), own in sorted(found.items()):
        iri = new_iri("conceptlink", source, relation, target)
        stated, denied = ([link for link in own if link.negated is negated] for negated in (False, True))
        heard = voices((link.place for link in stated), originals)
        yield _triple(iri, RDF.type, _node(FTZ.ConceptLink))
        yield _triple(iri, RDF.type, _node(RDF.Statement))
        yield from _statement(iri, source, ox.NamedNode(relation), target)
        yield _triple(iri, FTZ.support, _integer(len(set(heard.values()))))
        yield _triple(iri, FTZ.contradictions, _integer(independent((link.place for link in denied), originals)))
        told = belief((heard[link.place.document], link.confidence) for link in stated)
        yield _triple(iri, FTZ.confidence, _decimal(told))
        for link in own:
            yield _triple(iri, PROV.wasDerivedFrom, ox.NamedNode(link.iri))


def _match(source: str, relation: URIRef, target: str, certainty: float) -> Iterator[ox.Triple]:
    """Say something, and how sure it is."""
    iri = new_iri("match", source, relation, target)
    yield _triple(source, relation, ox.NamedNode(target))
    yield _triple(iri, RDF.type, _node(FTZ.Match))
    yield _triple(iri, RDF.type, _node(RDF.Statement))
    yield from _statement(iri, source, _node(relation), target)
    yield _triple(iri, FTZ.confidence, _decimal(certainty))
    yield _triple(iri, FTZ.method, ox.Literal(METHOD))


def _statement(iri: str, source: str, relation: ox.NamedNode, target: str) -> Iterator[ox.Triple]:
    yield _triple(iri, RDF.subject, ox.NamedNode(source))
    yield _triple(iri, RDF.predicate, relation)
    yield _triple(iri, RDF.object, ox.NamedNode(target))


def new_iri(kind: str, *content: str) -> str:
    """Return the IRI of a concept, match or link of concepts, which its content tells."""
    return str(ID[f"{kind}-{sha256(chr(0).join(content).encode()).hexdigest()[:16]}"])


def _triple(subject: str, predicate: URIRef, value: ox.NamedNode | ox.Literal) -> ox.Triple:
    return ox.Triple(ox.NamedNode(subject), _node(predicate), value)


def _node(iri: URIRef) -> ox.NamedNode:
    return ox.NamedNode(str(iri))


def _integer(number: int) -> ox.Literal:
    return ox.Literal(str(number), datatype=ox.NamedNode(str(XSD.integer)))


def _decimal(number: float) -> ox.Literal:
    return ox.Literal(f"{number:.2f}", datatype=ox.NamedNode(str(XSD.decimal)))
