"""Graphs of several documents with concepts, put together by hand, for the tests of what reads them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rdflib import PROV, RDF, RDFS, SKOS, XSD, Graph, Literal, URIRef
from stated_documents import Said, Tied, document

from ftzgraph.knowledge.vocabulary import FTZ, ID


@dataclass(frozen=True)
class Paper:
    """A document: what it says, and how its sentences are tied."""

    said: Sequence[Said]
    tied: Sequence[Tied] = ()


def concept_graph(
    papers: Mapping[str, Paper],
    concepts: Iterable[Sequence[str]] = (),
    close: Iterable[tuple[str, str, float]] = (),
    related: Iterable[tuple[str, str, float]] = (),
    copies: Mapping[str, str] | None = None,
) -> Graph:
    """Build the graph of papers, by name, with concepts.

    Args:
        concepts: wordings that mean the same; the first is the label. Every other wording is a concept of its own.
        close, related: labels of two concepts, and how sure it is that they may be one, or are about one thing.
        copies: the original of each copy, by name; both count once.
    """
    graph, homes = Graph(), {}
    for name, paper in papers.items():
        part = document(name, paper.said, paper.tied)
        (homes[name],) = part.subjects(RDF.type, FTZ.Document)
        graph += part
    originals = {homes[copy]: homes[original] for copy, original in (copies or {}).items()}
    for copy, original in originals.items():
        graph.add((copy, FTZ.copyOf, original))
    label_of = {wording: wordings[0] for wordings in concepts for wording in wordings}

    def voices(items: Iterable[URIRef]) -> int:
        documents = {graph.value(item, PROV.wasDerivedFrom) for item in items}
        return len({originals.get(document, document) for document in documents})

    members: dict[str, list[URIRef]] = {}
    for factor in sorted(graph.subjects(RDF.type, FTZ.Factor)):
        if (factor, FTZ.negated, Literal(True)) not in graph:
            wording = str(graph.value(factor, RDFS.label))
            members.setdefault(label_of.get(wording, wording), []).append(factor)
    iris = {label: ID[f"concept-{number}"] for number, label in enumerate(sorted(members))}
    expressed = {factor: iris[label] for label, factors in members.items() for factor in factors}
    for label, factors in members.items():
        iri = iris[label]
        graph.add((iri, RDF.type, FTZ.Concept))
        graph.add((iri, SKOS.prefLabel, Literal(label, lang="zh")))
        for wording in sorted({str(graph.value(factor, RDFS.label)) for factor in factors} - {label}):
            graph.add((iri, SKOS.altLabel, Literal(wording, lang="zh")))
        graph.add((iri, FTZ.support, Literal(voices(factors))))
        for factor in factors:
            _state(graph, ID[f"match-{iri[-8:]}-{factor[-20:]}"], FTZ.Match, (factor, FTZ.expresses, iri), 0.9)
            graph.add((factor, FTZ.expresses, iri))
    for predicate, pairs in ((SKOS.closeMatch, close), (SKOS.related, related)):
        for one, other, confidence in pairs:
            _state(
                graph,
                ID[f"match-{iris[one][-8:]}-{iris[other][-8:]}"],
                FTZ.Match,
                (iris[one], predicate, iris[other]),
                confidence,
            )
            graph.add((iris[one], predicate, iris[other]))
            graph.add((iris[other], predicate, iris[one]))
    rests: dict[tuple[URIRef, URIRef, URIRef], list[URIRef]] = {}
    for link in sorted(graph.subjects(RDF.type, FTZ.Link)):
        source, relation, target = (graph.value(link, end) for end in (RDF.subject, RDF.predicate, RDF.object))
        rests.setdefault((expressed[source], relation, expressed[target]), []).append(link)
    for number, (triple, links) in enumerate(rests.items()):
        iri = ID[f"conceptlink-{number}"]
        denied = [link for link in links if (link, FTZ.negated, Literal(True)) in graph]
        _state(graph, iri, FTZ.ConceptLink, triple, 0.5)
        graph.add((iri, FTZ.support, Literal(voices(set(links) - set(denied)))))
        graph.add((iri, FTZ.contradictions, Literal(voices(denied))))
        for link in links:
            graph.add((iri, PROV.wasDerivedFrom, link))
    return graph


def _state(graph: Graph, iri: URIRef, kind: URIRef, triple: tuple[URIRef, URIRef, URIRef], confidence: float) -> None:
    graph.add((iri, RDF.type, kind))
    graph.add((iri, RDF.type, RDF.Statement))
    for predicate, value in zip((RDF.subject, RDF.predicate, RDF.object), triple, strict=True):
        graph.add((iri, predicate, value))
    graph.add((iri, FTZ.confidence, Literal(f"{confidence:.2f}", datatype=XSD.decimal)))
