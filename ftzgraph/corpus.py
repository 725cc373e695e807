"""The training corpus: passages written for this project, annotated in an inline markup a person can read.

A file in ``data/corpus/passages`` holds passages one after another::

    === ftz-001
    domain: free trade zones
    genre: think-tank brief
    style: 2010s
    ---
    {P1|各片区之间缺乏统一的数据接口}，因此要{R1|尽快统一标准}，{G1?|方便企业办事}。
    ---
    addresses: R1>P1
    aimsAt: R1>G1?

``{ID|span}`` marks a factor: P Problem, C Cause, E Effect, R Remedy, G Goal, A Achievement and a number; ``{P/C1|…}`` where a reader
could defend either type; ``?`` marks what a careful reader may leave out. ``data/corpus/README.md`` tells the rest.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ftzgraph.causalmap import FactorType, Relation, Span
from ftzgraph.errors import GoldError


@dataclass(frozen=True)
class MarkedFactor:
    """A factor of a passage: its name there, the types that count as right, and its text offsets in the passage."""

    name: str
    types: tuple[FactorType, ...]
    span: Span
    optional: bool


@dataclass(frozen=True)
class MarkedLink:
    """A link between two factors of a passage, by their names."""

    relation: Relation
    source: str
    target: str
    optional: bool


@dataclass(frozen=True)
class Passage:
    """One annotated passage. ``text`` is what a document of this text would hold, line wraps and page marks included."""

    name: str
    domain: str
    genre: str
    style: str
    text: str
    factors: tuple[MarkedFactor, ...]
    links: tuple[MarkedLink, ...]

    def to_gold(self) -> dict[str, object]:
        """Return the annotation in the JSON format of the guidelines, with offsets instead of quotes."""
        squeezed = [i for i, c in enumerate(self.text) if not c.isspace()]
        return {
            "document": f"{self.name}.txt",
            "factors": [
                {
                    "id": f.name,
                    "type": [t.value for t in f.types],
                    "text": re.sub(r"\s", "", self.text[f.span.start : f.span.end]),
                    "at": [bisect_left(squeezed, f.span.start), bisect_left(squeezed, f.span.end)],
                    **({"optional": True} if f.optional else {}),
                }
                for f in self.factors
            ],
            "links": [
                {
                    "relation": link.relation.value,
                    "source": link.source,
                    "target": link.target,
                    **({"optional": True} if link.optional else {}),
                }
                for link in self.links
            ],
        }


SPLITS = ("train", "dev", "test")


def split_of(name: str) -> str:
    """Return ``train``, ``dev`` or ``test``: two passages in ten are held out, fixed by the number that ends the name.

    >>> split_of("ftz-001"), split_of("ftz-014"), split_of("ftz-029")
    ('train', 'dev', 'test')
    """
    return {"4": "dev", "9": "test"}.get(name[-1], "train")


def read_passages(path: str | Path) -> Iterator[Passage]:
    """Read a file of passages, or every ``*.txt`` of a folder in the order of names.

    Raises:
        GoldError: the markup is broken; the message names the passage and the fault.
    """
    path = Path(path)
    files = sorted(path.glob("*.txt")) if path.is_dir() else [path]
    for file in files:
        try:
            parts = _HEAD.split(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeError) as error:
            raise GoldError(f"{file.name}: cannot be read: {error}") from error
        for name, body in zip(parts[1::2], parts[2::2], strict=True):
            yield parse_passage(name, body)


def parse_passage(name: str, body: str) -> Passage:
    r"""Parse what stands between two ``===`` lines.

    >>> passage = parse_passage("x-1", "domain: d\ngenre: g\nstyle: s\n---\n{P1|人手不足}。\n---\n")
    >>> passage.text, passage.factors[0].span
    ('人手不足。', Span(start=0, end=4))

    Raises:
        GoldError: the markup is broken.
    """
    parts = _RULE.split(body.strip("\n"))
    if len(parts) not in (2, 3):
        raise GoldError(f"{name}: expected head, text and links between lines of ---, found {len(parts)} parts")
    head = dict(re.findall(r"(?m)^(\w+): *(.+?) *$", parts[0]))
    if missing := [key for key in ("domain", "genre", "style") if key not in head]:
        raise GoldError(f"{name}: no {missing[0]}")
    text, factors = _parse_text(name, parts[1].strip("\n"))
    links = _parse_links(name, parts[2] if len(parts) == 3 else "", {f.name: f for f in factors})
    return Passage(name, head["domain"], head["genre"], head["style"], text, tuple(factors), tuple(links))


def _parse_text(name: str, marked: str) -> tuple[str, list[MarkedFactor]]:
    text, at, factors = "", 0, list[MarkedFactor]()
    for match in _MARK.finditer(marked):
        text += marked[at : match.start()]
        first, second, number, optional, span = match.groups()
        if any(f.name == first + number for f in factors):
            raise GoldError(f"{name}: {first}{number} stands twice")
        types = tuple(_TYPES[letter] for letter in (first, second) if letter)
        factors.append(MarkedFactor(first + number, types, Span(len(text), len(text) + len(span)), bool(optional)))
        text, at = text + span, match.end()
    text += marked[at:]
    if stray := re.search(r"[{}|]", text):
        raise GoldError(f"{name}: broken markup near {text[max(0, stray.start() - 10) : stray.end() + 10]!r}")
    return text, factors


def _parse_links(name: str, lines: str, factors: dict[str, MarkedFactor]) -> Iterator[MarkedLink]:
    for line in filter(None, map(str.strip, lines.splitlines())):
        relation, _, pairs = line.partition(":")
        if relation not in set(Relation):
            raise GoldError(f"{name}: unknown relation {relation!r}")
        for pair in filter(None, map(str.strip, re.split("[,，]", pairs))):
            match = _LINK.fullmatch(pair)
            if not match or match[1] not in factors or match[2] not in factors:
                raise GoldError(f"{name}: {pair!r} does not link two factors of the passage")
            yield MarkedLink(Relation(relation), match[1], match[2], bool(match[3]))


_TYPES = {t.value[0]: t for t in FactorType}
_HEAD = re.compile(r"(?m)^=== +(\S+) *$")
_RULE = re.compile(r"(?m)^---[ \t]*$")
_MARK = re.compile(r"\{([PCERGA])(?:/([PCERGA]))?(\d+)(\?)?\|([^{}|]*)\}")
_LINK = re.compile(r"([PCERGA]\d+)>([PCERGA]\d+)(\?)?")
