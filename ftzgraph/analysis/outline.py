"""The analysis arranged for telling: one chapter a document, in it everything in the order a reader wants it.

Nothing is computed anew here; results of :mod:`~ftzgraph.analysis.measures` are picked, grouped and merged. Factors are
told by IRI.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from ftzgraph.analysis.answers import Answer, ChosenRemedy, Detour, GoalSupport, LooseRemedy
from ftzgraph.analysis.causality import Chain, FeedbackLoop
from ftzgraph.analysis.graph import (
    DocumentRecord,
    FactorGraph,
    FactorRecord,
    LinkRecord,
    LinkView,
    MentionRecord,
    SentenceRecord,
    causal,
    factor,
    factors,
    links,
    view,
)
from ftzgraph.analysis.measures import Analysis
from ftzgraph.analysis.robustness import Robustness
from ftzgraph.analysis.tables import (
    UNSURE,
    ActorRow,
    AnswerRow,
    HubRow,
    RemedyRow,
    RootRow,
    actor_rows,
    answer_rows,
    bridge_links,
    hub_rows,
    remedy_rows,
    root_rows,
    unsure,
)
from ftzgraph.causalmap import FactorType, MentionKind, Modality, Relation

T = TypeVar("T")
Step = tuple[str, ...]
"""The barriers of one step of a chain, several where they form a circle."""
Row = tuple[tuple[Step, ...], ...]
"""Chains side by side: in each place the steps that they have there."""


@dataclass(frozen=True)
class Stage:
    """The steps that several chains have in one place, and whether no connective states how they follow from before."""

    steps: tuple[Step, ...]
    inferred: bool


@dataclass(frozen=True)
class Passage:
    """What one section argues.

    Attributes:
        section: IRI, ``None`` for what stands before the first section.
        wholes: barriers in no chain that other barriers elaborate.
        chains: the chains that begin here; those that differ in one step only are one.
        others: the other barriers in no chain.
    """

    section: str | None
    wholes: tuple[str, ...]
    chains: tuple[tuple[Stage, ...], ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class Reply:
    """A strategy, and how explicit and how certain its links to the barriers of a block are."""

    strategy: str
    inferred: bool
    lowest: float
    highest: float


@dataclass(frozen=True)
class Block:
    """Barriers that the very same strategies address; stated replies stand before inferred ones, surer ones first."""

    barriers: tuple[str, ...]
    replies: tuple[Reply, ...]


@dataclass(frozen=True)
class Group:
    """Factors without an answer of their own that have the same neighbours with one."""

    detours: tuple[Detour, ...]
    factors: tuple[str, ...]


@dataclass(frozen=True)
class Chapter:
    """What there is to tell of one document.

    Attributes:
        number: 1 for the first document.
        document: the document.
        sentences: how many it has.
        gaps: those in which a cue stands and no factor was found, barriers' cues and remedies' alike.
        factors: its factors in document order.
        links: the links that start in it.
        roots, answers, remedies, hubs, bridges, actors: the rows of its tables (:mod:`ftzgraph.analysis.tables`).
        loops, goals, chosen, reached, conclusions: the results of the analysis that are about this document; the surest
            loops first.
        unassigned: the remedies that name no actor.
        hanging: the remedies that address no barrier: first those without a detour or goal, and of these the sure ones.
        passages: its argument section by section.
        blocks: which strategies answer which barriers.
        unanswered, loose: barriers that no strategy addresses, remedies that address no barrier; without detours first.
        mentions: by kind what its factors mention, the most mentioned first, and by type which factors do.
    """

    number: int
    document: DocumentRecord
    sentences: int
    gaps: list[SentenceRecord]
    factors: list[FactorRecord]
    links: list[LinkRecord]
    roots: list[RootRow]
    answers: list[AnswerRow]
    remedies: list[RemedyRow]
    hubs: list[HubRow]
    bridges: list[LinkRecord]
    actors: list[ActorRow]
    loops: list[FeedbackLoop]
    goals: list[GoalSupport]
    chosen: list[ChosenRemedy]
    reached: list[str]
    conclusions: list[Robustness]
    unassigned: list[str]
    hanging: list[str]
    passages: list[Passage]
    blocks: list[Block]
    unanswered: list[Group]
    loose: list[Group]
    mentions: dict[str, list[tuple[MentionRecord, dict[str, list[str]]]]]

    def of(self, *types: str) -> list[str]:
        """Return the factors of the given types."""
        return [record.iri for record in self.factors if record.type in types]

    def related(self, relation: str) -> list[LinkRecord]:
        """Return the links of a relation that the text does not deny."""
        return [link for link in self.links if link.relation == relation and not link.negated]

    @property
    def barriers(self) -> list[str]:
        """The problems, causes and effects."""
        return self.of(*(kind for kind in FactorType if kind.is_barrier))

    @property
    def unanswered_barriers(self) -> list[str]:
        """The barriers that no strategy addresses, those that lead to most first."""
        return [row.barrier for row in self.answers if not row.direct]

    @property
    def open_barriers(self) -> list[str]:
        """Those of them of which no cause and no part is addressed either."""
        return [row.barrier for row in self.answers if row.open]

    @property
    def aimless_goals(self) -> list[str]:
        """The goals that no remedy aims at."""
        return [goal.goal for goal in self.goals if not goal.remedies]

    @property
    def sure_links(self) -> list[LinkRecord]:
        """The links that need no checking."""
        return [link for link in self.links if not unsure(link)]

    @property
    def sure_addresses(self) -> list[LinkRecord]:
        """Those of them that answer a barrier."""
        return [link for link in self.related(Relation.ADDRESSES) if not unsure(link)]

    @property
    def sure_conclusions(self) -> list[Robustness]:
        """The conclusions that these links suffice for."""
        return [each for each in self.conclusions if each.holds_to >= UNSURE]

    @property
    def unsure(self) -> list[FactorRecord]:
        """The factors that need checking, the least certain first."""
        return sorted((each for each in self.factors if unsure(each)), key=lambda each: each.confidence)

    @property
    def unsure_links(self) -> list[LinkRecord]:
        """The links that need checking, the least certain first."""
        return sorted((each for each in self.links if unsure(each)), key=lambda each: each.confidence)

    @property
    def tentative(self) -> list[FactorRecord | LinkRecord]:
        """The factors and causes links that the text states under a condition or predicts, and all that it denies."""
        everything: list[FactorRecord | LinkRecord] = [*self.factors, *self.links]
        return [
            each
            for each in everything
            if each.negated or (each.modality in (Modality.CONDITIONAL, Modality.PREDICTED) and not _structural(each))
        ]


def chapters(analysis: Analysis) -> list[Chapter]:
    """Return a chapter for every document of the graph."""
    graph = analysis.graph
    records = factors(graph)
    home = {record.iri: record.document for record in records}

    def split(items: Iterable[T], factor_of: Callable[[T], str]) -> dict[str, list[T]]:
        """The items by the document of the factor they are about."""
        parts: dict[str, list[T]] = {document: [] for document in graph.graph["documents"]}
        for item in items:
            parts[home[factor_of(item)]].append(item)
        return parts

    own_factors = split(records, lambda record: record.iri)
    own_links = split(links(graph), lambda link: link.source)
    own_roots = split(root_rows(analysis), lambda row: row.factor)
    own_rows = split(answer_rows(analysis), lambda row: row.barrier)
    own_remedies = split(remedy_rows(analysis), lambda row: row.remedy)
    own_hubs = split(hub_rows(analysis), lambda row: row.barrier)
    own_bridges = split(bridge_links(analysis), lambda link: link.source)
    own_loops = split(sorted(analysis.loops.loops, key=lambda loop: -loop.confidence), lambda loop: loop.factors[0])
    own_goals = split(analysis.goals, lambda goal: goal.goal)
    own_chosen = split(analysis.remedy_set.chosen, lambda chosen: chosen.remedy)
    own_reached = split(analysis.remedy_set.reached, str)
    own_conclusions = split(analysis.robustness.conclusions, lambda each: each.factors[0])
    own_unassigned = split(analysis.responsibilities.unassigned, str)
    own_answers = split(analysis.answers, lambda answer: answer.barrier)
    own_loose = split(analysis.loose_remedies, lambda each: each.remedy)
    own_chains = split(analysis.chains.chains, lambda chain: chain.steps[0][0])
    core = causal(graph)
    parts = view(graph, Relation.PART_OF).subgraph(core)
    addresses = view(graph, Relation.ADDRESSES)
    order = {section: index for index, section in enumerate((None, *graph.graph["sections"]))}
    sentences = Counter(sentence.document for sentence in graph.graph["sentences"].values())
    return [
        Chapter(
            number=number,
            document=document,
            sentences=sentences[iri],
            gaps=[s for s in graph.graph["sentences"].values() if s.document == iri and s.cue],
            factors=own_factors[iri],
            links=own_links[iri],
            roots=own_roots[iri],
            answers=own_rows[iri],
            remedies=own_remedies[iri],
            hubs=own_hubs[iri],
            bridges=own_bridges[iri],
            actors=actor_rows(analysis, own_factors[iri]),
            loops=own_loops[iri],
            goals=own_goals[iri],
            chosen=own_chosen[iri],
            reached=own_reached[iri],
            conclusions=own_conclusions[iri],
            unassigned=own_unassigned[iri],
            hanging=_hanging(graph, own_loose[iri]),
            passages=_passages(own_factors[iri], own_chains[iri], core, parts, order),
            blocks=_blocks(own_answers[iri], addresses),
            unanswered=_grouped((each.detours, each.barrier) for each in own_answers[iri] if not each.strategies),
            loose=_grouped((each.detours, each.remedy) for each in own_loose[iri]),
            mentions=_mentions(own_factors[iri], graph.graph["mentions"]),
        )
        for number, (iri, document) in enumerate(graph.graph["documents"].items(), start=1)
    ]


def _structural(each: FactorRecord | LinkRecord) -> bool:
    """Whether it is a link that claims nothing about the world, so that its mood is only that of its ends."""
    return isinstance(each, LinkRecord) and each.relation != Relation.CAUSES


def _hanging(graph: FactorGraph, loose: Iterable[LooseRemedy]) -> list[str]:
    ranked = sorted(loose, key=lambda each: (bool(each.detours or each.goals), unsure(factor(graph, each.remedy))))
    return [each.remedy for each in ranked]


def _grouped(pairs: Iterable[tuple[tuple[Detour, ...], str]]) -> list[Group]:
    groups: dict[tuple[Detour, ...], list[str]] = {}
    for detours, iri in pairs:
        groups.setdefault(detours, []).append(iri)
    return sorted(
        (Group(detours, tuple(iris)) for detours, iris in groups.items()), key=lambda each: bool(each.detours)
    )


def _blocks(answers: Iterable[Answer], addresses: LinkView) -> list[Block]:
    together: dict[tuple[str, ...], list[str]] = {}
    for answer in answers:
        if answer.strategies:
            together.setdefault(answer.strategies, []).append(answer.barrier)
    blocks = []
    for strategies, barriers in together.items():
        replies = []
        for strategy in strategies:
            found: list[LinkRecord] = [addresses.edges[strategy, barrier]["link"] for barrier in barriers]
            certain = [link.confidence for link in found]
            replies.append(Reply(strategy, all(link.inferred for link in found), min(certain), max(certain)))
        replies.sort(key=lambda reply: (reply.inferred, -reply.highest))
        blocks.append(Block(tuple(barriers), tuple(replies)))
    return blocks


def _passages(
    records: Iterable[FactorRecord],
    chains: Iterable[Chain],
    core: LinkView,
    parts: LinkView,
    order: dict[str | None, int],
) -> list[Passage]:
    section_of = {record.iri: record.section for record in records if record.iri in core}
    begun: dict[str | None, list[tuple[Stage, ...]]] = {}
    chained: set[str] = set()
    for merged in _merged(chains):
        begun.setdefault(section_of[merged[0][0][0]], []).append(
            tuple(
                Stage(after, _inferred(core, before, after))
                for before, after in zip(((), *merged), merged, strict=False)
            )
        )
        chained.update(iri for steps in merged for step in steps for iri in step)
    rest: dict[str | None, list[str]] = {}
    for iri, section in section_of.items():
        if iri not in chained:
            rest.setdefault(section, []).append(iri)
    return [
        Passage(
            section=section,
            wholes=tuple(iri for iri in rest.get(section, ()) if parts.in_degree(iri)),
            chains=tuple(begun.get(section, ())),
            others=tuple(iri for iri in rest.get(section, ()) if not parts.in_degree(iri)),
        )
        for section in sorted({**begun, **rest}, key=order.__getitem__)
    ]


def _merged(chains: Iterable[Chain]) -> list[Row]:
    """Chains that differ in one step only as one, with the steps that differ beside one another."""
    rows: list[Row] = [tuple((step,) for step in chain.steps) for chain in chains]
    for position in range(max(map(len, rows), default=0)):
        together: dict[tuple[Row, Row, bool], list[Step]] = {}
        for row in rows:
            part = position if 1 < len(row) > position else len(row)
            alike = row[:part], row[part + 1 :], part < len(row)
            together.setdefault(alike, []).extend(step for steps in row[part : part + 1] for step in steps)
        rows = [(*head, *([tuple(steps)] if steps else []), *tail) for (head, tail, _), steps in together.items()]
    return rows


def _inferred(core: LinkView, before: tuple[Step, ...], after: tuple[Step, ...]) -> bool:
    pairs = ((cause, effect) for step in before for cause in step for steps in after for effect in steps)
    found = [core.edges[pair]["link"].inferred for pair in pairs if pair in core.edges]
    return bool(found) and all(found)


def _mentions(
    records: Iterable[FactorRecord], mentions: dict[str, MentionRecord]
) -> dict[str, list[tuple[MentionRecord, dict[str, list[str]]]]]:
    times: Counter[str] = Counter()
    places: dict[str, dict[str, list[str]]] = {}
    for record in records:
        times.update(record.mentions)
        for mention in record.mentions:
            places.setdefault(mention, {}).setdefault(record.type, []).append(record.iri)
    ranked = sorted(places, key=lambda iri: (-times[iri], mentions[iri].label, iri))
    return {
        kind.value: [(mentions[iri], places[iri]) for iri in ranked if mentions[iri].kind == kind]
        for kind in MentionKind
    }
