"""What the rules know about words, loaded from the tables in ``data/lexicon`` that a linguist edits."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from ftzgraph.causalmap import FactorType, MentionKind, Relation
from ftzgraph.resources import resource


@dataclass(frozen=True)
class Cue:
    """Words that tell a factor's type: ``weight`` 1 hints, 2 decides alone, 3 overrules a contrary hint.

    ``after_barrier`` is the type instead where a barrier stands right before it in the sentence, or, for a problem, what no cue claims.
    """

    name: str
    type: FactorType
    pattern: re.Pattern[str]
    weight: float
    at_start: bool
    after_barrier: FactorType | None = None


@dataclass(frozen=True)
class Frame:
    """A construction whose group ``factor`` is a factor of the given type (``由于…``, ``在…的情况下``)."""

    name: str
    type: FactorType
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class RoleRule:
    """A heading or lead-in that tells what the text below it is about."""

    role: str
    pattern: re.Pattern[str]
    persist: bool = False


@dataclass(frozen=True)
class LinkRule:
    """What the text between two factors says about them."""

    name: str
    relation: Relation
    pattern: re.Pattern[str]
    confidence: float


@dataclass(frozen=True)
class Name:
    """A named actor, place, sector or instrument: a list of spellings (the first is canonical) or a pattern."""

    kind: MentionKind
    names: tuple[str, ...]
    label_en: str
    pattern: re.Pattern[str] | None
    tier: str = ""


@dataclass(frozen=True)
class Lexicon:
    """All tables. ``leads`` maps a word to what it says of its clause (see ``leads.toml``); so do the patterns of ``phrases``."""

    cues: tuple[Cue, ...]
    frames: tuple[Frame, ...]
    leads: dict[str, str]
    phrases: tuple[tuple[re.Pattern[str], str], ...]
    headings: tuple[RoleRule, ...]
    lead_ins: tuple[RoleRule, ...]
    resets: tuple[re.Pattern[str], ...]
    adverbials: tuple[re.Pattern[str], ...]
    dangling: tuple[re.Pattern[str], ...]
    empty: tuple[re.Pattern[str], ...]
    stages: tuple[re.Pattern[str], ...]
    links: dict[str, tuple[LinkRule, ...]]
    topics: tuple[re.Pattern[str], ...]
    names: tuple[Name, ...]
    actor_endings: tuple[re.Pattern[str], ...]
    common_words: frozenset[str]

    @cached_property
    def after_barrier(self) -> dict[str, FactorType]:
        """The types of the cues that have another one behind a barrier, by the cue's name."""
        return {cue.name: cue.after_barrier for cue in self.cues if cue.after_barrier}

    def acts(self, clause: str) -> re.Match[str] | None:
        """Match the verb of action that a clause opens with, at its head or behind a place or topic (在试验区先行放开…)."""
        action = next(cue.pattern for cue in self.cues if cue.name == "action")
        heads = range(min(16, len(clause) - 3)) if clause[:1] in _PREPOSITIONS else (0,)
        return next((m for i in heads if (m := action.search(clause[i:]))), None)


_PREPOSITIONS = tuple("在从对向由按依以为与就各")


def table(name: str) -> dict[str, list[dict[str, Any]]]:
    """Read one table of ``data/lexicon`` as it stands, such as ``table("cues")``."""
    with resource(f"data/lexicon/{name}.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def lexicon() -> Lexicon:
    """Return the tables, read once per process."""
    at = {"start": "^(?:{})", "end": "(?:{})$", "any": "{}"}
    roles, clauses, leads = table("roles"), table("clauses"), table("leads")["lead"]
    return Lexicon(
        cues=tuple(
            Cue(
                c["name"],
                FactorType(c["type"]),
                re.compile(at[c["at"]].format(c["pattern"])),
                c["weight"],
                c["at"] == "start",
                FactorType(c["after_barrier"]) if "after_barrier" in c else None,
            )
            for c in table("cues")["cue"]
        ),
        frames=tuple(
            Frame(f["name"], FactorType(f["type"]), re.compile(f["pattern"])) for f in table("frames")["frame"]
        ),
        leads={word: entry["says"] for entry in leads for word in entry.get("words", ())},
        phrases=tuple((re.compile(entry["pattern"]), entry["says"]) for entry in leads if "pattern" in entry),
        headings=tuple(RoleRule(r["role"], re.compile(r["pattern"])) for r in roles["heading"]),
        lead_ins=tuple(RoleRule(r["role"], re.compile(r["pattern"]), r.get("persist", False)) for r in roles["leadin"]),
        resets=_patterns(roles["reset"]),
        adverbials=_patterns(clauses["adverbial"]),
        dangling=_patterns(clauses["dangling"]),
        empty=_patterns(clauses["empty"]),
        stages=_patterns(clauses["stage"]),
        topics=_patterns(clauses["topic"]),
        links={
            kind: tuple(
                LinkRule(r["name"], Relation(r["relation"]), re.compile(r["pattern"]), r["confidence"]) for r in rules
            )
            for kind, rules in table("links").items()
        },
        names=tuple(
            Name(
                kind,
                tuple(e.get("names", ())),
                e.get("en", ""),
                re.compile(e["pattern"]) if "pattern" in e else None,
                e.get("tier", ""),
            )
            for file, kind in _MENTIONS.items()
            for e in table(file)["entry"]
        ),
        actor_endings=_patterns(table("actors")["ending"]),
        common_words=frozenset(word for e in table("places")["common"] for word in e["words"]),
    )


def _patterns(entries: list[dict[str, Any]]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(entry["pattern"]) for entry in entries)


_MENTIONS = {
    "actors": MentionKind.ACTOR,
    "places": MentionKind.PLACE,
    "sectors": MentionKind.SECTOR,
    "instruments": MentionKind.INSTRUMENT,
}
