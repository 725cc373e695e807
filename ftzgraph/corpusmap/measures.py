"""What recurs, what is tried against it, how that changes, what goes together, and who differs.

Copies of a document are left out throughout.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Final

from ftzgraph.analysis.measures import as_json
from ftzgraph.causalmap import Relation
from ftzgraph.concepts.statements import Side
from ftzgraph.corpusmap.records import ConceptRecord, CorpusDocument, Records, TieRecord

RECURS: Final = 2
"""What so many independent documents state recurs."""

COMPARED: Final = 300
"""Of the concepts that recur so many, the best supported, are looked at for what goes together and who differs."""

CHANCE: Final = 0.05
"""A difference that chance would make more often than this is not told."""


@dataclass(frozen=True)
class Recurring:
    """A concept that recurs.

    Attributes:
        concept: its record.
        years: the first and the last that state it; ``None`` without dates.
        answered: of a barrier, how many of the documents offer something against it; of a strategy, how many barriers it is
            offered against.
    """

    concept: ConceptRecord
    years: tuple[int, int] | None
    answered: int


@dataclass(frozen=True)
class Tried:
    """A strategy that is offered against a barrier, and the years, as in :class:`Recurring`."""

    strategy: ConceptRecord
    barrier: ConceptRecord
    tie: TieRecord
    years: tuple[int, int] | None


@dataclass(frozen=True)
class Trend:
    """How many of the dated documents of each year state a concept; ``counts`` are in the order of the years."""

    concept: ConceptRecord
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Together:
    """Two barriers in the same documents: in how many, and how many times as many as if they had nothing to do with each other."""

    first: ConceptRecord
    second: ConceptRecord
    documents: int
    lift: float


@dataclass(frozen=True)
class Difference:
    """A concept that one group of documents states more often than the others.

    Attributes:
        by: what the documents are grouped by: ``creators``, ``publishers`` or ``places``.
        group: who or where.
        concept: its record.
        inside, size: how many documents of the group state it, of how many.
        outside, rest: the same of the other documents of which it is known who or where.
    """

    by: str
    group: str
    concept: ConceptRecord
    inside: int
    size: int
    outside: int
    rest: int


@dataclass(frozen=True)
class CorpusMap:
    """What many documents say together.

    Attributes:
        documents: how many there are, copies aside.
        copies: how many are copies.
        years: how many documents of each year there are, in their order; undated ones are missing.
        barriers, strategies: those that recur, the best supported first.
        tried: what is offered against which barrier, in most documents first.
        unanswered: the barriers that recur and that nothing is offered against.
        causes: the causal links between concepts that recur, in most documents first.
        contradicted: the links that a document denies.
        trends: of the best supported barriers.
        together: barriers that recur in the same documents, those that chance explains least first.
        differences: the clearest first.
        concepts: all of them, by IRI.
    """

    documents: int
    copies: int
    years: dict[int, int]
    barriers: tuple[Recurring, ...]
    strategies: tuple[Recurring, ...]
    tried: tuple[Tried, ...]
    unanswered: tuple[Recurring, ...]
    causes: tuple[TieRecord, ...]
    contradicted: tuple[TieRecord, ...]
    trends: tuple[Trend, ...]
    together: tuple[Together, ...]
    differences: tuple[Difference, ...]
    concepts: dict[str, ConceptRecord]

    def to_json(self) -> str:
        """Return all of it as JSON, the same text for the same map."""
        return as_json(self)


def corpus_map(records: Records, min_confidence: float = 0.0) -> CorpusMap:
    """Measure.

    Args:
        records: what a graph tells.
        min_confidence: links between concepts below it are left out, 0 to 1.
    """
    ties = [tie for tie in records.ties if tie.confidence >= min_confidence or tie.contradictions]
    own = {iri: document for iri, document in records.documents.items() if document.original == iri}
    concepts = records.concepts
    recurring = sorted(
        (each for each in concepts.values() if each.support >= RECURS),
        key=lambda each: (-each.support, -len(each.documents), each.label, each.iri),
    )
    dated = Counter(document.year for document in own.values() if document.year is not None)
    answers = [tie for tie in ties if tie.relation == Relation.ADDRESSES and tie.support]
    answered: dict[str, set[str]] = {}
    offered: Counter[str] = Counter()
    for tie in answers:
        answered.setdefault(tie.target, set()).update(tie.documents)
        offered[tie.source] += 1

    def recur(side: Side) -> tuple[Recurring, ...]:
        return tuple(
            Recurring(each, _span(each.documents, own), len(answered.get(each.iri, ())) or offered[each.iri])
            for each in recurring
            if each.side is side
        )

    barriers = recur(Side.BARRIER)
    tried = (Tried(concepts[tie.source], concepts[tie.target], tie, _span(tie.documents, own)) for tie in answers)
    causes = (tie for tie in ties if tie.relation == Relation.CAUSES and tie.support >= RECURS)
    best = recurring[:COMPARED]
    return CorpusMap(
        documents=len(own),
        copies=len(records.documents) - len(own),
        years=dict(sorted(dated.items())),
        barriers=barriers,
        strategies=recur(Side.STRATEGY),
        tried=tuple(sorted(tried, key=lambda each: (*_weight(each.tie), each.barrier.label, each.strategy.label))),
        unanswered=tuple(each for each in barriers if not each.answered),
        causes=tuple(sorted(causes, key=_weight)),
        contradicted=tuple(tie for tie in ties if tie.contradictions),
        trends=tuple(_trend(each.concept, own, sorted(dated)) for each in barriers),
        together=_together([each for each in best if each.side is Side.BARRIER], len(own)),
        differences=tuple(_differences(best, own.values())),
        concepts=dict(concepts),
    )


def _span(documents: Iterable[str], own: dict[str, CorpusDocument]) -> tuple[int, int] | None:
    years = [year for iri in documents if iri in own and (year := own[iri].year) is not None]
    return (min(years), max(years)) if years else None


def _weight(tie: TieRecord) -> tuple[int, float, str, str]:
    return -tie.support, -tie.confidence, tie.source, tie.target


def _trend(concept: ConceptRecord, own: dict[str, CorpusDocument], years: list[int]) -> Trend:
    counts = Counter(own[iri].year for iri in concept.documents if iri in own)
    return Trend(concept, tuple(counts[year] for year in years))


def _together(concepts: list[ConceptRecord], total: int) -> tuple[Together, ...]:
    """Barriers that two documents or more state both, and more often than chance would have it."""
    stated: dict[str, list[ConceptRecord]] = {}
    for concept in concepts:
        for document in concept.documents:
            stated.setdefault(document, []).append(concept)
    shared = Counter(pair for group in stated.values() for pair in combinations(group, 2))
    found = []
    for (first, second), documents in shared.items():
        expected = len(first.documents) * len(second.documents) / total
        rare = _tail(documents, len(first.documents), len(second.documents), total)
        if documents >= RECURS and rare <= CHANCE:
            found.append((rare, Together(first, second, documents, documents / expected)))
    found.sort(key=lambda each: (each[0], -each[1].documents, each[1].first.label, each[1].second.label))
    return tuple(each for _, each in found)


def _differences(concepts: list[ConceptRecord], documents: Collection[CorpusDocument]) -> Iterator[Difference]:
    found: list[tuple[float, Difference]] = []
    for by in ("places", "creators", "publishers"):
        groups: dict[str, set[str]] = {}
        for document in documents:
            for name in getattr(document, by):
                groups.setdefault(name, set()).add(document.iri)
        everyone: set[str] = set().union(*groups.values())
        for name, group in sorted(groups.items()):
            if len(group) < RECURS or len(group) == len(everyone):
                continue
            for concept in concepts:
                stating = everyone.intersection(concept.documents)
                inside = len(stating & group)
                rare = _tail(inside, len(group), len(stating), len(everyone))
                if inside >= RECURS and rare <= CHANCE:
                    rest = len(everyone) - len(group)
                    found.append((rare, Difference(by, name, concept, inside, len(group), len(stating) - inside, rest)))
    found.sort(key=lambda each: (each[0], each[1].by, each[1].group, each[1].concept.label, each[1].concept.iri))
    yield from (each for _, each in found)


def _tail(hits: int, drawn: int, marked: int, total: int) -> float:
    """How often chance would make so many hits or more (hypergeometric; Fisher's exact test, one-sided).

    >>> round(_tail(2, 2, 2, 10), 4)  # both of two drawn from ten are the two marked ones
    0.0222
    """
    ways = sum(comb(marked, k) * comb(total - marked, drawn - k) for k in range(hits, min(drawn, marked) + 1))
    return ways / comb(total, drawn)
