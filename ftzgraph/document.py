"""What the reader hands on: a document's cleaned text, where each character stood in the source, and its structure.

Two coordinate systems, never mixed: *text* offsets count the characters of :attr:`Document.text` (cleaned);
*source* offsets count those of :attr:`Document.source` (as it was on disk). All offsets are Unicode code points,
ends are exclusive. Every span in this module is in text offsets; :meth:`Document.source_span` translates.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

SectionKind = Literal["heading", "run-in", "item"]


@dataclass(frozen=True)
class Sentence:
    """One sentence, final punctuation included; a heading is a sentence of its own.

    Attributes:
        start, end: text offsets.
        paragraph: index into :attr:`Structure.paragraphs`.
        section: index into :attr:`Structure.sections` of the innermost section it belongs to, ``None`` before the first.
            The heading sentence itself belongs to the section it opens.
    """

    start: int
    end: int
    paragraph: int
    section: int | None


@dataclass(frozen=True)
class Section:
    """A numbered or titled part of the document.

    Attributes:
        start, end: text offsets of the whole section, its heading and its subsections included.
        title_start, title_end: text offsets of the heading **without** its number and final punctuation.
        number: the numbering as written, such as ``"（一）"``, ``"1."``, ``"第一"``, ``"一是"``; ``""`` when there is none.
        level: 1 for the outermost.
        parent: index of the enclosing section, ``None`` at the top.
        kind: ``"heading"`` stands on a line of its own; ``"run-in"`` is the numbered first sentence of a paragraph that goes on
            (``（一）加强协调，增强合力。一是…``); ``"item"`` is a member of a running list (``一是…。…二是…``, ``第一，…``).
    """

    start: int
    end: int
    title_start: int
    title_end: int
    number: str
    level: int
    parent: int | None
    kind: SectionKind


@dataclass(frozen=True)
class Structure:
    """The layers of a cleaned text.

    Attributes:
        title: text offsets of the title, ``None`` when there is none.
        authors: text offsets of each author's name.
        sections: in reading order, so that a parent stands before its children.
        paragraphs: text offsets of each paragraph (headings, title and author line are paragraphs too).
        sentences: in reading order, covering every paragraph except title and author line.
    """

    title: tuple[int, int] | None
    authors: tuple[tuple[int, int], ...]
    sections: tuple[Section, ...]
    paragraphs: tuple[tuple[int, int], ...]
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Document:
    r"""A document that has been read.

    Attributes:
        name: the file's name without folder, such as ``"paper.txt"``; identifies it to people, not in IRIs.
        sha256: hex digest of the file's bytes.
        source: the text as it was on disk (for PDF, DOCX and HTML: as the reader extracts it).
        text: the cleaned text: lines joined, page artefacts gone, paragraphs parted by one ``"\n"``.
        offsets: for each character of ``text`` its source offset, strictly increasing. ``source[offsets[i]] == text[i]``,
            except that white space may stand for other white space.
        structure: title, authors, sections, paragraphs, sentences.
        language: BCP 47 tag of the text.
        metadata: what the format itself says (title, author), for when the text does not.
    """

    name: str
    sha256: str
    source: str = field(repr=False)
    text: str = field(repr=False)
    offsets: tuple[int, ...] = field(repr=False)
    structure: Structure = field(repr=False)
    language: str = "zh"
    metadata: tuple[tuple[str, str], ...] = ()

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Translate a non-empty span of the text to source offsets.

        Args:
            start: text offset of the first character.
            end: text offset behind the last one, greater than ``start``.

        Returns:
            Source offsets of the first character and one past the last.

        Raises:
            ValueError: the span is empty or lies outside the text.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"span {start}-{end} is empty or outside the text of {len(self.text)} characters")
        return self.offsets[start], self.offsets[end - 1] + 1

    @cached_property
    def title(self) -> str:
        """The title of the text, else of the metadata, else the file's name."""
        if self.structure.title:
            return self.text[slice(*self.structure.title)]
        return dict(self.metadata).get("title") or self.name

    @cached_property
    def authors(self) -> tuple[str, ...]:
        """Names of the authors as written, inner white space removed."""
        found = tuple("".join(self.text[a:b].split()) for a, b in self.structure.authors)
        author = dict(self.metadata).get("author")
        return found or ((author,) if author else ())
