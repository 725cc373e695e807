"""The rows of the brief's tables, what a reader wants first at the top.

What rests on sure links stands before what reaches farther, since the findings are the first rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ftzgraph.analysis.answers import IndirectAnswer, Way, reach
from ftzgraph.analysis.graph import FactorRecord, LinkRecord, MentionRecord, causal, factor, view
from ftzgraph.analysis.measures import Analysis
from ftzgraph.analysis.robustness import Kind
from ftzgraph.causalmap import Relation

UNSURE: Final = 0.5
"""What is less certain than this is put forward for checking."""


@dataclass(frozen=True)
class RootRow:
    """A root cause.

    Attributes:
        factor: its IRI.
        first: its surest link to an effect.
        reaches: how many barriers it leads to, directly or through others.
        loses: how many of them have no cause left without it.
        holds_to: up to which threshold it is a root cause, as in :class:`~ftzgraph.analysis.robustness.Robustness`.
        answers: how many strategies address it.
    """

    factor: str
    first: LinkRecord
    reaches: int
    loses: int
    holds_to: float
    answers: int


@dataclass(frozen=True)
class AnswerRow:
    """A barrier and what answers it, the surest first.

    Attributes:
        barrier: its IRI.
        direct: the links of the strategies that address it.
        indirect: the strategies that address only what causes it.
        open: whether none addresses it, anything that causes it or any of its parts.
    """

    barrier: str
    direct: tuple[LinkRecord, ...]
    indirect: tuple[IndirectAnswer, ...]
    open: bool


@dataclass(frozen=True)
class RemedyRow:
    """A remedy that something follows from.

    Attributes:
        remedy: its IRI.
        reaches, removes, loses: how many barriers it reaches; how many of them it or a goal of it addresses, and how
            many others have no cause left without these.
        goals: the goals it aims at.
        holds_to: up to which threshold it is in the smallest set; ``None`` when it is not.
    """

    remedy: str
    reaches: int
    removes: int
    loses: int
    goals: tuple[str, ...]
    holds_to: float | None

    @property
    def chosen(self) -> bool:
        """Whether it is in the smallest set."""
        return self.holds_to is not None


@dataclass(frozen=True)
class HubRow:
    """A barrier that effects pass through.

    Attributes:
        barrier: its IRI.
        upstream, downstream, between: as in :class:`~ftzgraph.analysis.centrality.Centrality`.
        commands: how many barriers every causal path leads to through it.
        holds_to: up to which threshold it is a gateway; ``None`` when it is none.
    """

    barrier: str
    upstream: int
    downstream: int
    between: float
    commands: int
    holds_to: float | None


@dataclass(frozen=True)
class ActorRow:
    """A tier of actors, or ``""`` for those whose tier is not known, and what names one of them.

    Attributes:
        tier: its name.
        actors: those that are named.
        barriers, unanswered, remedies, goals: how many factors of each sort; the unanswered are among the barriers.
    """

    tier: str
    actors: tuple[MentionRecord, ...]
    barriers: int
    unanswered: int
    remedies: int
    goals: int


def unsure(record: FactorRecord | LinkRecord) -> bool:
    """Whether a reader should check it."""
    return record.confidence < UNSURE


def root_rows(analysis: Analysis) -> list[RootRow]:
    """Return the root causes: those that hold on sure links first, then those that reach most."""
    core = causal(analysis.graph)
    loses = {each.factor: len(each.loses) for each in analysis.leverage}
    answers = {each.barrier: len(each.strategies) for each in analysis.answers}
    held = _held(analysis, Kind.ROOT)
    rows = (
        RootRow(
            factor=root.factor,
            first=_surest_first(core.edges[edge]["link"] for edge in core.out_edges(root.factor))[0],
            reaches=len(root.reaches),
            loses=loses.get(root.factor, 0),
            holds_to=held[root.factor],
            answers=answers[root.factor],
        )
        for root in analysis.roots
    )
    return sorted(rows, key=lambda row: (-min(row.holds_to, UNSURE), -row.reaches))


def answer_rows(analysis: Analysis) -> list[AnswerRow]:
    """Return all barriers: those that are surely said first, then those that lead to most."""
    graph, addresses = analysis.graph, view(analysis.graph, Relation.ADDRESSES)
    downstream = {each.factor: each.downstream for each in analysis.centralities.barriers}
    rows = (
        AnswerRow(
            barrier=answer.barrier,
            direct=_surest_first(addresses.edges[each, answer.barrier]["link"] for each in answer.strategies),
            indirect=tuple(sorted(answer.indirect, key=lambda each: -each.confidence)),
            open=not answer.strategies and not any(each.way in (Way.CAUSE, Way.PART) for each in answer.detours),
        )
        for answer in analysis.answers
    )
    return sorted(rows, key=lambda row: (unsure(factor(graph, row.barrier)), -downstream.get(row.barrier, 0)))


def remedy_rows(analysis: Analysis) -> list[RemedyRow]:
    """Return the remedies that address a barrier, themselves or through a goal.

    Those of the smallest set stand first, of these the ones that are chosen on sure links, then those that reach most.
    """
    reaches, aims = reach(analysis.graph), view(analysis.graph, Relation.AIMS_AT)
    held = _held(analysis, Kind.CHOSEN)
    rows = (
        RemedyRow(
            remedy=each.remedy,
            reaches=len(reaches[each.remedy]),
            removes=len(each.removes),
            loses=len(each.loses),
            goals=tuple(aims[each.remedy]),
            holds_to=held.get(each.remedy),
        )
        for each in analysis.remedy_leverage
    )
    return sorted(rows, key=lambda row: (not row.chosen, -min(row.holds_to or 0.0, UNSURE), -row.reaches))


def hub_rows(analysis: Analysis) -> list[HubRow]:
    """Return the barriers that stand between others: those that most paths run through first."""
    commands = {each.factor: len(each.commands) for each in analysis.gateways}
    held = _held(analysis, Kind.GATEWAY)
    rows = (
        HubRow(
            barrier=each.factor,
            upstream=each.upstream,
            downstream=each.downstream,
            between=each.between,
            commands=commands.get(each.factor, 0),
            holds_to=held.get(each.factor),
        )
        for each in analysis.centralities.barriers
        if each.between or each.factor in commands
    )
    return sorted(rows, key=lambda row: (-row.between, -row.commands))


def bridge_links(analysis: Analysis) -> list[LinkRecord]:
    """Return the links that alone hold two strands of the argument together, the surest first."""
    core = causal(analysis.graph)
    return list(_surest_first(core.edges[each.source, each.target]["link"] for each in analysis.bridges))


def actor_rows(analysis: Analysis, among: Iterable[FactorRecord]) -> list[ActorRow]:
    """Return the tiers whose actors one of the given factors names, the national one first."""
    records: dict[str, MentionRecord] = analysis.graph.graph["mentions"]
    named = {record.iri: record.mentions for record in among}
    rows = []
    for tier in analysis.responsibilities.tiers:
        groups = [
            [iri for iri in iris if iri in named]
            for iris in (tier.barriers, tier.unanswered, tier.remedies, tier.goals)
        ]
        mentions = {mention for group in groups for iri in group for mention in named[iri]}
        if any(groups):
            actors = tuple(records[actor] for actor in tier.actors if actor in mentions)
            rows.append(ActorRow(tier.tier, actors, *map(len, groups)))
    return rows


def _held(analysis: Analysis, kind: Kind) -> dict[str, float]:
    """Up to which threshold a conclusion about a single factor holds."""
    return {each.factors[0]: each.holds_to for each in analysis.robustness.conclusions if each.kind == kind}


def _surest_first(links: Iterable[LinkRecord]) -> tuple[LinkRecord, ...]:
    return tuple(sorted(links, key=lambda link: -link.confidence))
