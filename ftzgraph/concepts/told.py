"""What a graph or store tells of factors and links, as far as concepts need it."""

from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from ftzgraph.comparison.matching import solid
from ftzgraph.concepts.copies import is_telling, letters
from ftzgraph.concepts.statements import Side, Statement
from ftzgraph.knowledge.queries import Source
from ftzgraph.knowledge.sparql import prepare
from ftzgraph.knowledge.vocabulary import FTZ_IRI

_SIDES: Final = " ".join(f"ftz:{side}" for side in Side)
_FACTORS: Final = f"""
SELECT ?factor ?side ?label WHERE {{
  VALUES ?side {{ {_SIDES} }}
  ?factor a ?side ; rdfs:label ?label
  FILTER NOT EXISTS {{ ?factor ftz:negated true }}
}}"""
_DOCUMENTS: Final = (
    "SELECT ?document ?date WHERE { ?document a ftz:Document OPTIONAL { ?document dcterms:date ?date } }"
)
_HOMES: Final = """
SELECT ?item ?document WHERE {
  ?item prov:wasDerivedFrom|(ftz:evidence/oa:hasSource) ?document . ?document a ftz:Document
}"""
_PLACES: Final = """
SELECT ?factor ?label WHERE { ?factor ftz:mentions ?place . ?place a ftz:Place ; skos:prefLabel ?label }"""
_SENTENCES: Final = """
SELECT ?sentence ?text ?document WHERE {
  ?sentence a ftz:Sentence ; oa:hasSource ?document ; oa:hasSelector/oa:exact ?text
}"""
_STANDS: Final = "SELECT ?item ?sentence WHERE { ?item ftz:evidence/ftz:inSentence ?sentence }"
_LINKS: Final = """
SELECT ?link ?source ?relation ?target ?confidence ?negated WHERE {
  ?link a ftz:Link ; rdf:subject ?source ; rdf:predicate ?relation ; rdf:object ?target
  OPTIONAL { ?link ftz:confidence ?confidence }
  OPTIONAL { ?link ftz:negated ?negated }
}"""


@dataclass(frozen=True)
class Place:
    """Where something is stated.

    Attributes:
        document: the IRI; ``""`` when the graph does not tell.
        sentences: those of its sentences that are long enough to tell a copy, as :func:`~ftzgraph.concepts.copies.letters`, sorted.
    """

    document: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class ToldFactor:
    """A factor that its document does not deny."""

    iri: str
    label: str
    statement: Statement
    place: Place


@dataclass(frozen=True)
class ToldLink:
    """A link of any kind; ``source`` and ``target`` are factors, ``relation`` is the IRI of a property."""

    iri: str
    source: str
    relation: str
    target: str
    confidence: float
    negated: bool
    place: Place


@dataclass(frozen=True)
class Told:
    """What a graph tells.

    Attributes:
        documents: the sentences of each document, by its IRI; the documents by date, those without one last, and then by IRI.
        factors, links: sorted by IRI.
    """

    documents: dict[str, tuple[str, ...]]
    factors: tuple[ToldFactor, ...]
    links: tuple[ToldLink, ...]


def read(source: Source) -> Told:
    """Read a graph or store.

    Raises:
        QueryError: it cannot be asked.
    """
    dates: dict[str, str] = {}
    for iri, date in ask(source, _DOCUMENTS):
        dates[iri] = date or dates.get(iri, "")
    texts: dict[str, str] = {}
    documents: dict[str, list[str]] = {iri: [] for iri in sorted(dates, key=lambda iri: (dates[iri] or "~", iri))}
    for sentence, text, document in ask(source, _SENTENCES):
        documents.setdefault(document, []).append(text)
        if is_telling(text):
            texts[sentence] = letters(text)
    homes: dict[str, str] = dict(reversed(ask(source, _HOMES)))  # type: ignore[arg-type]
    stands: dict[str, list[str]] = {}
    for item, sentence in ask(source, _STANDS):
        if sentence in texts:
            stands.setdefault(item, []).append(texts[sentence])

    def place(iri: str) -> Place:
        return Place(homes.get(iri, ""), tuple(sorted(stands.get(iri, ()))))

    places: dict[str, set[str]] = {}
    for factor, label in ask(source, _PLACES):
        places.setdefault(factor, set()).add(label)
    factors = {
        iri: ToldFactor(
            iri,
            label,
            Statement(Side(side.removeprefix(FTZ_IRI)), solid(label), tuple(sorted(places.get(iri, ())))),
            place(iri),
        )
        for iri, side, label in reversed(ask(source, _FACTORS))
        if solid(label)
    }
    links = {
        iri: ToldLink(iri, source, relation, target, float(confidence or 1), negated == "true", place(iri))
        for iri, source, relation, target, confidence, negated in reversed(ask(source, _LINKS))
    }
    return Told(
        {iri: tuple(told) for iri, told in documents.items()},
        tuple(factors[iri] for iri in sorted(factors)),
        tuple(links[iri] for iri in sorted(links)),
    )


def ask(source: Source, sparql: str) -> list[tuple[str, ...]]:
    """Return the rows of an answer as plain text, sorted; ``""`` is what is not told.

    Raises:
        QueryError: the source cannot be asked.
    """
    answer = source.evaluate(prepare(sparql, {}))
    assert isinstance(answer, ox.QuerySolutions)
    return sorted(tuple("" if term is None else term.value for term in row) for row in answer)
