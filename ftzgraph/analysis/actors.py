"""Who: the barriers, remedies and goals by the tier of the actors that they name."""

from collections.abc import Iterable
from dataclasses import dataclass

from ftzgraph.analysis.answers import answered
from ftzgraph.analysis.graph import FactorGraph, FactorRecord, barriers, factors, goals, remedies
from ftzgraph.analysis.records import TIERS
from ftzgraph.causalmap import FactorType, MentionKind


@dataclass(frozen=True)
class Responsibility:
    """What names the actors of one tier.

    Attributes:
        tier: one of :data:`~ftzgraph.analysis.records.TIERS`, or ``""`` for the actors whose tier is not known.
        actors: IRIs of the actors of this tier that a barrier, remedy or goal names, in the order of their naming.
        barriers, remedies, goals: IRIs of the factors that name one of them.
        unanswered: those of the barriers that no strategy addresses.
    """

    tier: str
    actors: tuple[str, ...]
    barriers: tuple[str, ...]
    unanswered: tuple[str, ...]
    remedies: tuple[str, ...]
    goals: tuple[str, ...]


@dataclass(frozen=True)
class Responsibilities:
    """The tiers that occur, the national one first, and the remedies that name no actor at all."""

    tiers: tuple[Responsibility, ...]
    unassigned: tuple[str, ...]


def responsibilities(graph: FactorGraph) -> Responsibilities:
    """Tell for each tier of actors which barriers, remedies and goals name one of them.

    A factor that names actors of several tiers is told under each of these.
    """
    mentions = graph.graph["mentions"]
    named = {
        record.iri: [iri for iri in record.mentions if mentions[iri].kind == MentionKind.ACTOR]
        for record in factors(graph)
        if record.type != FactorType.ACHIEVEMENT
    }
    tiers = []
    for tier in (*TIERS, ""):
        of_tier = {iri: [actor for actor in actors if mentions[actor].tier == tier] for iri, actors in named.items()}
        if any(of_tier.values()):
            tiers.append(_responsibility(graph, tier, of_tier))
    return Responsibilities(tuple(tiers), tuple(record.iri for record in remedies(graph) if not named[record.iri]))


def _responsibility(graph: FactorGraph, tier: str, named: dict[str, list[str]]) -> Responsibility:
    """What names the actors of a tier, by the actors of this tier that each factor names."""

    def naming(records: Iterable[FactorRecord]) -> tuple[str, ...]:
        return tuple(record.iri for record in records if named[record.iri])

    with_answer = set(answered(graph))
    return Responsibility(
        tier=tier,
        actors=tuple(dict.fromkeys(actor for actors in named.values() for actor in actors)),
        barriers=naming(barriers(graph)),
        unanswered=naming(record for record in barriers(graph) if record.iri not in with_answer),
        remedies=naming(remedies(graph)),
        goals=naming(goals(graph)),
    )
