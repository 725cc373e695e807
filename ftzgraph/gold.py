"""The gold annotation of a document: what a careful reader marked as factors and links.

Annotated spans are located in the text without white space and page artefacts, so that line breaks cost nothing.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftzgraph.causalmap import FactorType, Relation
from ftzgraph.corpus import Passage, read_passages, split_of
from ftzgraph.document import Document
from ftzgraph.errors import GoldError
from ftzgraph.reading import read, read_text

Positions = frozenset[int]
"""A span as positions in the text without white space and artefacts."""


@dataclass(frozen=True)
class GoldFactor:
    """An annotated factor; any of its ``types`` counts as right, and leaving out an ``optional`` one costs nothing."""

    id: str
    types: tuple[FactorType, ...]
    span: Positions
    text: str
    optional: bool


@dataclass(frozen=True)
class GoldLink:
    """An annotated link; ``source`` and ``target`` are ids of factors."""

    relation: Relation
    source: str
    target: str
    optional: bool


@dataclass(frozen=True)
class Gold:
    """The annotation of one document.

    Attributes:
        name: the annotation file's name.
        document: the document it annotates, read.
        text: the document's source without white space and artefacts.
        position: index into ``text`` by source offset.
        factors, links: the annotation.
    """

    name: str
    document: Document
    text: str
    position: dict[int, int]
    factors: tuple[GoldFactor, ...]
    links: tuple[GoldLink, ...]


def find_golds(paths: Iterable[str | Path], split: str | None = None) -> list["Path | Passage"]:
    """What paths stand for: annotation files (``.json``) or passages of a corpus (``.txt``); folders as those in them, sorted.

    Args:
        paths: files and folders. A folder that holds both stands for its ``.json`` files.
        split: of passages, only these: ``train``, ``dev`` or ``test``.

    Raises:
        GoldError: a folder has neither, or nothing is left.
    """
    found: list[Path | Passage] = []
    for path in map(Path, paths):
        inside = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if inside and inside[0].suffix.lower() != ".txt":
            found += inside
            continue
        passages = list(read_passages(path))
        if not passages:
            raise GoldError(f"{path}: holds no annotation (.json) and no passages of a corpus (.txt)")
        found += (p for p in passages if split in (None, split_of(p.name)))
    if not found:
        raise GoldError(f"no passage of the split {split!r}")
    return found


def load_gold(path: "str | Path | Passage") -> Gold:
    """Read an annotation file and the document it names, which lies beside it; or take a passage of a corpus as its own document.

    The format is JSON: ``document``, ``artefacts`` (strings of the page that are no text), ``factors`` (``id``, one or
    more of ``type``, ``text`` with ``nth`` or ``at``, ``optional``), ``links`` (``relation``, ``source``, ``target``,
    ``optional``). ``at`` is a pair of positions in the text without white space and artefacts; ``nth`` counts the
    occurrences of ``text`` from 1.

    Raises:
        GoldError: the file cannot be read, is not of the format, or annotates what its document does not contain.
        ReadingError: the document cannot be read.
    """
    if isinstance(path, Passage):
        return _gold(path.name, read_text(path.text, path.name), path.to_gold())
    path = Path(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GoldError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise GoldError(f"{path}: not JSON in UTF-8: {error}") from error
    try:
        return _gold(path.name, read(path.parent / data["document"]), data)
    except KeyError as error:
        raise GoldError(f"{path}: no {error.args[0]!r} where one is needed") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise GoldError(f"{path}: {error}") from error


def _gold(name: str, document: Document, data: dict[str, Any]) -> Gold:
    text, position = _squeeze(document.source, data.get("artefacts", ()))
    factors = tuple(_gold_factor(entry, text) for entry in data["factors"])
    links = tuple(_gold_link(entry, {factor.id for factor in factors}) for entry in data["links"])
    if len({factor.id for factor in factors}) < len(factors):
        raise ValueError("two factors have the same id")
    return Gold(name, document, text, position, factors, links)


def _squeeze(source: str, artefacts: Iterable[str]) -> tuple[str, dict[int, int]]:
    """The source without white space and artefacts, and the index of each kept character by its source offset."""
    dropped = {i for artefact in artefacts for m in re.finditer(re.escape(artefact), source) for i in range(*m.span())}
    kept = [i for i, character in enumerate(source) if i not in dropped and not character.isspace()]
    return "".join(source[i] for i in kept), {offset: i for i, offset in enumerate(kept)}


def _gold_factor(entry: dict[str, Any], text: str) -> GoldFactor:
    types = entry["type"] if isinstance(entry["type"], list) else [entry["type"]]
    start, end = entry["at"] if "at" in entry else _find(entry, text)
    if not (types and 0 <= start < end <= len(text)):
        raise ValueError(f"factor {entry['id']} has no type or no place in the document")
    return GoldFactor(
        entry["id"],
        tuple(FactorType(name) for name in types),
        frozenset(range(start, end)),
        text[start:end],
        entry.get("optional", False),
    )


def _find(entry: dict[str, Any], text: str) -> tuple[int, int]:
    quote = "".join(entry["text"].split())
    start = -1
    for _ in range(entry.get("nth", 1)):
        start = text.find(quote, start + 1)
        if start < 0:
            raise ValueError(f"factor {entry['id']} is not in the document: {quote}")
    return start, start + len(quote)


def _gold_link(entry: dict[str, Any], ids: set[str]) -> GoldLink:
    link = GoldLink(Relation(entry["relation"]), entry["source"], entry["target"], entry.get("optional", False))
    for end in (link.source, link.target):
        if end not in ids:
            raise ValueError(f"a link names the factor {end}, which there is not")
    return link
