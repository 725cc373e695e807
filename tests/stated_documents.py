"""Documents of which every sentence is a factor, for the tests of concepts."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from rdflib import Graph

from ftzgraph.causalmap import CausalMap, Factor, FactorType, Link, Mention, MentionKind, Relation, Span
from ftzgraph.document import Document, Sentence, Structure
from ftzgraph.knowledge.rdf import to_rdf

PROBLEM, CAUSE, EFFECT, REMEDY, GOAL = (
    FactorType.PROBLEM, FactorType.CAUSE, FactorType.EFFECT, FactorType.REMEDY, FactorType.GOAL,
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """A sentence that is a factor, and the places that it mentions."""

    type: FactorType
    text: str
    negated: bool = False
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tied:
    """A link between two sentences, told by their numbers."""

    relation: Relation
    source: int
    target: int
    confidence: float = 0.5
    negated: bool = False


def document(
    name: str, said: Sequence[Said], tied: Sequence[Tied] = (), date: str = "", noise: Sequence[str] = ()
) -> Graph:
    """The graph of a document: its sentences, then others that say nothing."""
    text, spans = "", []
    for words in (*(each.text for each in said), *noise):
        spans.append(Span(len(text), len(text) + len(words)))
        text += f"{words}。"
    sentences = tuple(Sentence(span.start, span.end + 1, 0, None) for span in spans)
    structure = Structure(None, (), (), ((0, len(text)),), sentences)
    digest = hashlib.sha256(f"{name} {text}".encode()).hexdigest()
    metadata = (("date", date),) if date else ()
    made = Document(f"{name}.txt", digest, text, text, tuple(range(len(text))), structure, metadata=metadata)
    factors = tuple(Factor(span, each.type, negated=each.negated) for span, each in zip(spans, said, strict=False))
    links = tuple(
        Link(
            each.relation,
            each.source,
            each.target,
            (spans[each.source], spans[each.target]),
            confidence=each.confidence,
            negated=each.negated,
        )
        for each in tied
    )
    mentions = tuple(
        Mention(Span(start := span.start + each.text.index(place), start + len(place)), MentionKind.PLACE, place)
        for span, each in zip(spans, said, strict=False)
        for place in each.places
    )
    return to_rdf(CausalMap(made, factors, links, mentions))
