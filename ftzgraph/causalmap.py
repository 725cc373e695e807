"""The causal map of one document: typed factors, directed links, mentions, and the evidence of each.

The words are those of participatory systems mapping: a *factor* is a verbatim statement, a *link* is a directed relation
between two factors, *evidence* is the exact place that says so. All offsets are text offsets of the document
(:mod:`ftzgraph.document`); the RDF writer translates them to source offsets.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from ftzgraph.document import Document

if TYPE_CHECKING:
    from ftzgraph.dataframes import Frames


class FactorType(StrEnum):
    """The six kinds of factor; the names are the local names of the ontology's classes."""

    PROBLEM = "Problem"
    CAUSE = "Cause"
    EFFECT = "Effect"
    REMEDY = "Remedy"
    GOAL = "Goal"
    ACHIEVEMENT = "Achievement"

    @property
    def is_barrier(self) -> bool:
        """Problem, cause or effect."""
        return self in (FactorType.PROBLEM, FactorType.CAUSE, FactorType.EFFECT)

    @property
    def is_strategy(self) -> bool:
        """Remedy or goal."""
        return self in (FactorType.REMEDY, FactorType.GOAL)


class Relation(StrEnum):
    """The four kinds of link; the names are the local names of the ontology's properties."""

    CAUSES = "causes"
    ADDRESSES = "addresses"
    AIMS_AT = "aimsAt"
    PART_OF = "partOf"


class Modality(StrEnum):
    """How the text commits itself to a factor or link."""

    ASSERTED = "asserted"
    CONDITIONAL = "conditional"  # 如果
    PREDICTED = "predicted"  # 必将
    DEMANDED = "demanded"  # 应, 必须, 要
    PERMITTED = "permitted"  # 可以考虑


class MentionKind(StrEnum):
    """What kind of thing a factor names."""

    ACTOR = "Actor"
    PLACE = "Place"
    SECTOR = "Sector"
    INSTRUMENT = "Instrument"


@dataclass(frozen=True, order=True)
class Span:
    """Text offsets of a non-empty stretch, end exclusive."""

    start: int
    end: int

    def contains(self, other: "Span") -> bool:
        """Whether the other span lies within this one."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True)
class Factor:
    """A node: one verbatim statement of the document.

    Attributes:
        span: where it stands.
        type: what it is in the argument.
        cue: the words that made the extractor say so, as they stand in the text; ``""`` when there are none.
        method: the rule or model that decided, such as ``"rules/lack"``, for a developer to find it by.
        confidence: 0 to 1.
        modality, negated: how the text commits itself to it.
    """

    span: Span
    type: FactorType
    cue: str = ""
    method: str = "rules"
    confidence: float = 0.5
    modality: Modality = Modality.ASSERTED
    negated: bool = False


@dataclass(frozen=True)
class Link:
    """An edge between two factors of the same map.

    Attributes:
        relation: what the source does to the target.
        source, target: indices into :attr:`CausalMap.factors`.
        evidence: the places that say so: one span around both ends when a single sentence says it, else the place of each end.
        inferred: ``True`` when no connective states the link and position or topic suggest it.
    """

    relation: Relation
    source: int
    target: int
    evidence: tuple[Span, ...]
    cue: str = ""
    method: str = "rules"
    confidence: float = 0.5
    modality: Modality = Modality.ASSERTED
    negated: bool = False
    inferred: bool = False


@dataclass(frozen=True)
class Mention:
    """A named actor, place, sector or instrument.

    Attributes:
        span: where it is named.
        kind: what it is.
        label: its canonical name, so that several spellings meet in one concept.
        label_en: its English name, ``""`` when the lexicon has none.
        tier: of an actor, on which tier it acts: national, ministry, local, zone, market or society; ``""`` when unknown.
    """

    span: Span
    kind: MentionKind
    label: str
    label_en: str = ""
    tier: str = ""


@dataclass(frozen=True)
class Gap:
    """A sentence (index into the structure's sentences) in which a cue stands and no factor was found."""

    sentence: int
    cue: str


@dataclass(frozen=True)
class CausalMap:
    """The argument of one document.

    Attributes:
        document: what was read.
        factors: sorted by span; no two have the same span.
        links: sorted by relation, source, target; no two have the same three.
        mentions: sorted by span; those that lie within a factor are mentioned by it.
        engine: the reader that made it: ``"rules"``, ``"model"``, ``"llm"`` or a third party's.
        gaps: sentences with a cue and no factor, in reading order.
        notes: what the reader counted on its way, such as quotes it refused; not part of the graph.
    """

    document: Document
    factors: tuple[Factor, ...]
    links: tuple[Link, ...]
    mentions: tuple[Mention, ...] = field(default=())
    engine: str = "rules"
    gaps: tuple[Gap, ...] = ()
    notes: tuple[tuple[str, int], ...] = ()

    # The rooms that make tables and HTML build on this module, so they are imported when they are asked for.

    def to_pandas(self) -> "Frames":
        """Return factors and links as two pandas tables; see :func:`ftzgraph.dataframes.frames`.

        Raises:
            FtzgraphError: pandas is not installed.
        """
        from ftzgraph.dataframes import frames
        from ftzgraph.knowledge.rdf import to_rdf

        return frames(to_rdf(self))

    def _repr_html_(self) -> str:
        from ftzgraph.notebook import map_html

        return map_html(self)
