"""What analysis and rendering know of a document, a factor, a link: plain records read out of RDF.

IRIs are plain strings and all offsets are source offsets (:mod:`ftzgraph.document`), ends exclusive.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

TIERS: Final = ("national", "ministry", "local", "zone", "market", "society")
"""The tiers of actors, from the state down to enterprises and the public."""


class ChangeKind(StrEnum):
    """What became of a factor or link between two graphs that were compared."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class DocumentRecord:
    """A document of the graph; ``engine`` is the reader that made its factors, with its version."""

    iri: str
    title: str
    creators: tuple[str, ...]
    file_name: str
    sha256: str
    engine: str


@dataclass(frozen=True)
class SectionRecord:
    """A section; ``path`` is the titles from the outermost section down to this one, each with its number."""

    iri: str
    document: str
    parent: str | None
    number: str
    title: str
    order: int
    level: int
    path: tuple[str, ...]


@dataclass(frozen=True)
class SentenceRecord:
    """A sentence of the document's text, so that the whole text can be shown; start and end are source offsets.

    ``cue`` is not empty where the reader passed over a word that usually tells a factor.
    """

    iri: str
    document: str
    section: str | None
    text: str
    start: int
    end: int
    order: int
    paragraph: int
    cue: str = ""


@dataclass(frozen=True)
class EvidenceRecord:
    """One place that says so: source offsets, the cleaned quote, the sentences it stands in."""

    iri: str
    document: str
    start: int
    end: int
    quote: str
    prefix: str
    suffix: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class MentionRecord:
    """A concept that factors mention; ``kind`` is Actor, Place, Sector or Instrument.

    ``tier`` is that of an actor: one of :data:`TIERS`, or ``""`` when it is not known.
    """

    iri: str
    kind: str
    label: str
    label_en: str
    tier: str


@dataclass(frozen=True)
class FactorRecord:
    """A node. ``section`` and ``mentions`` are IRIs; ``quote`` is the first evidence's quote, else the label.

    ``change`` is a :class:`ChangeKind` where the graph is the outcome of a comparison.
    """

    iri: str
    type: str
    quote: str
    document: str
    section: str | None
    evidence: tuple[EvidenceRecord, ...]
    cue: str
    method: str
    confidence: float
    modality: str
    negated: bool
    mentions: tuple[str, ...]
    change: str = ""


@dataclass(frozen=True)
class LinkRecord:
    """An edge; ``source`` and ``target`` are factor IRIs.

    ``iri`` is that of the ``ftz:Link``. A direct triple that no link describes has the
    words ``"SOURCE RELATION TARGET"`` instead. ``change`` is as in :class:`FactorRecord`.
    """

    iri: str
    relation: str
    source: str
    target: str
    evidence: tuple[EvidenceRecord, ...]
    cue: str
    method: str
    confidence: float
    modality: str
    negated: bool
    inferred: bool
    change: str = ""
