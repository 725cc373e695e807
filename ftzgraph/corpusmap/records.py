"""Documents, concepts and what ties concepts, read out of a graph or store."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from ftzgraph.concepts.statements import Side
from ftzgraph.concepts.told import ask
from ftzgraph.knowledge.queries import Source
from ftzgraph.knowledge.sparql import prepare
from ftzgraph.knowledge.vocabulary import FTZ_IRI

_DOCUMENTS: Final = """
SELECT ?document ?title ?date ?original WHERE {
  ?document a ftz:Document
  OPTIONAL { ?document dcterms:title ?title }
  OPTIONAL { ?document dcterms:date ?date }
  OPTIONAL { ?document ftz:copyOf ?original }
}"""
_OF_DOCUMENTS: Final = "SELECT ?document ?value WHERE {{ ?document a ftz:Document ; {} ?value }}"
_CONCEPTS: Final = (
    "SELECT ?concept ?label ?support WHERE { ?concept a ftz:Concept ; skos:prefLabel ?label ; ftz:support ?support }"
)
_FACTORS: Final = f"""
SELECT ?concept ?side ?document WHERE {{
  VALUES ?side {{ {" ".join(f"ftz:{side}" for side in Side)} }}
  ?factor ftz:expresses ?concept ; a ?side ; prov:wasDerivedFrom ?document . ?document a ftz:Document
}}"""
_TIES: Final = """
SELECT ?tie ?source ?relation ?target ?support ?contradictions ?confidence WHERE {
  ?tie a ftz:ConceptLink ; rdf:subject ?source ; rdf:predicate ?relation ; rdf:object ?target ;
    ftz:support ?support ; ftz:contradictions ?contradictions ; ftz:confidence ?confidence
}"""
_OF_TIES: Final = """
SELECT ?tie ?document WHERE { ?tie a ftz:ConceptLink ; prov:wasDerivedFrom/prov:wasDerivedFrom ?document . ?document a ftz:Document }"""
_NAMED: Final = """
SELECT ?tie ?name WHERE {{
  ?tie a ftz:ConceptLink ; rdf:predicate ftz:addresses ; prov:wasDerivedFrom/rdf:subject/ftz:mentions ?named .
  ?named a ftz:{} ; skos:prefLabel ?name FILTER(LANG(?name) = "zh")
}}"""


@dataclass(frozen=True)
class CorpusDocument:
    """A document.

    Attributes:
        iri, title: what it is called.
        year: of its date, ``None`` when it has none.
        creators, publishers, places: who wrote and published it, and what place it is about, as the graph has them; sorted.
        original: the document that it is a copy of, else itself.
    """

    iri: str
    title: str
    year: int | None
    creators: tuple[str, ...]
    publishers: tuple[str, ...]
    places: tuple[str, ...]
    original: str


@dataclass(frozen=True)
class ConceptRecord:
    """A concept.

    Attributes:
        iri, label: what it is called.
        side: that of its factors.
        support: how many independent documents state it.
        documents: those that state it, copies aside; sorted.
    """

    iri: str
    label: str
    side: Side
    support: int
    documents: tuple[str, ...]


@dataclass(frozen=True)
class TieRecord:
    """What all links of one relation between two concepts say together.

    Attributes:
        source, target: concepts; ``relation`` as in :class:`~ftzgraph.causalmap.Relation`.
        support, contradictions: how many independent documents state and deny it.
        confidence: the belief in it, 0 to 1.
        documents: those that state or deny it, copies aside; sorted.
        actors, places: what the strategies mention; of ``addresses`` only.
    """

    source: str
    relation: str
    target: str
    support: int
    contradictions: int
    confidence: float
    documents: tuple[str, ...]
    actors: tuple[str, ...]
    places: tuple[str, ...]


@dataclass(frozen=True)
class Records:
    """What a graph tells; documents and concepts by their IRIs, all of it in the order of IRIs."""

    documents: Mapping[str, CorpusDocument]
    concepts: Mapping[str, ConceptRecord]
    ties: tuple[TieRecord, ...]


def has_concepts(source: Source) -> bool:
    """Whether factors were grouped there."""
    answer = source.evaluate(prepare("ASK { ?concept a ftz:Concept }", {}))
    assert isinstance(answer, ox.QueryBoolean)
    return bool(answer)


def read_records(source: Source) -> Records:
    """Read a graph or store.

    Raises:
        QueryError: it cannot be asked.
    """
    creators, publishers, places = (
        _several(source, _OF_DOCUMENTS.format(term))
        for term in ("dcterms:creator", "dcterms:publisher", "dcterms:spatial")
    )
    documents = {
        iri: CorpusDocument(
            iri,
            title,
            int(date[:4]) if date[:4].isdecimal() else None,
            creators.get(iri, ()),
            publishers.get(iri, ()),
            places.get(iri, ()),
            original or iri,
        )
        for iri, title, date, original in reversed(ask(source, _DOCUMENTS))
    }
    sides: dict[str, str] = {}
    stated: dict[str, set[str]] = {}
    for concept, side, document in ask(source, _FACTORS):
        sides[concept] = side.removeprefix(FTZ_IRI)
        stated.setdefault(concept, set()).add(documents[document].original)
    concepts = {
        iri: ConceptRecord(iri, label, Side(sides[iri]), int(support), tuple(sorted(stated[iri])))
        for iri, label, support in ask(source, _CONCEPTS)
        if iri in stated
    }
    told = _several(source, _OF_TIES)
    actors, mentioned = (_several(source, _NAMED.format(kind)) for kind in ("Actor", "Place"))
    ties = tuple(
        TieRecord(
            start,
            relation.removeprefix(FTZ_IRI),
            end,
            int(support),
            int(contradictions),
            float(confidence),
            tuple(sorted({documents[document].original for document in told.get(iri, ())})),
            actors.get(iri, ()),
            mentioned.get(iri, ()),
        )
        for iri, start, relation, end, support, contradictions, confidence in ask(source, _TIES)
        if start in concepts and end in concepts
    )
    return Records({iri: documents[iri] for iri in sorted(documents)}, concepts, ties)


def _several(source: Source, sparql: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for subject, value in ask(source, sparql):
        found.setdefault(subject, {})[value] = None
    return {subject: tuple(values) for subject, values in found.items()}
