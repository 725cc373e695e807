"""Which lines of a text go on in the next, and which end a paragraph.

A text that was wrapped to a line width is told from one that has a paragraph a line by its prose: in wrapped text at least a
quarter of the prose lines break off in mid-sentence, at much the same width. There a full line goes on and a short one ends
its paragraph; numbering, indentation, blank lines and punctuation decide where width alone does not.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, quantiles

from ftzgraph.reading.headings import numbered

_OPENING = "（《“‘「『【〔"
_CLOSING = "，。、；：！？）》”’」』】〕"
_CLOSERS = "”’」』）)》〉】］]\"'"
_FINAL = "。！？；：…!?;:"
_PROSE = re.compile(r"[，。；！？]|[,;.] ")
_ARTICLE = re.compile(r"第[一二三四五六七八九十百零〇\d]+条")

# Columns by which extractors that lose indentation make the first line of a paragraph seem shorter than it is.
_LOST_INDENT = 4
# Columns by which full lines differ in width where spaces or punctuation are set unevenly.
_UNEVEN = 2
# Lines that it takes to tell that a text is set evenly.
_ENOUGH = 8


@dataclass(frozen=True)
class Line:
    """One line that holds text.

    Attributes:
        text: its characters, marks and surplus white space gone.
        offsets: source offset of each character.
        indent: columns of white space before it.
        blank: number of blank lines before it.
        page: whether a page ended before it.
        heading: whether ``#`` marks it as a heading.
        bullet: whether a bullet stood before it.
    """

    text: str
    offsets: Sequence[int]
    indent: int = 0
    blank: int = 0
    page: bool = False
    heading: bool = False
    bullet: bool = False

    @property
    def finished(self) -> bool:
        """Whether it ends in punctuation that ends a sentence or announces a list."""
        return self.text.rstrip(_CLOSERS)[-1:] in _FINAL

    @property
    def unfinished(self) -> bool:
        """Whether it is running prose that breaks off in mid-sentence."""
        return not self.finished and is_prose(self.text[:-1])

    @property
    def numbered(self) -> bool:
        """Whether it begins with the number of a heading."""
        style = numbered(self.text)
        return self.heading or (style is not None and not style[0].item) or _ARTICLE.match(self.text) is not None

    @property
    def listed(self) -> bool:
        """Whether it begins with the number of a heading or list item."""
        return self.numbered or numbered(self.text) is not None

    @property
    def width(self) -> int:
        """Its width in columns, indentation included."""
        return self.indent + width(self.text)


def is_prose(text: str) -> bool:
    """Tell whether a text has punctuation of running prose in it."""
    return _PROSE.search(text) is not None


def width(text: str) -> int:
    """Return the width in columns: two for a Chinese character or its punctuation, one for a Latin letter."""
    return sum(2 if is_wide(character) else 1 for character in text)


def is_wide(character: str) -> bool:
    """Tell whether a character takes two columns."""
    return character >= "\u1100" and unicodedata.east_asian_width(character) in "WFA"


def paragraph_starts(lines: Sequence[Line]) -> list[bool]:
    """Tell of each line whether a paragraph begins with it.

    Args:
        lines: the lines of a whole text, in order.
    """
    layout = _Layout(lines)
    starts: list[bool] = []
    paragraph = _Paragraph()
    for i, line in enumerate(lines):
        starts.append(i == 0 or not layout.goes_on(i, paragraph))
        paragraph = _Paragraph() if starts[-1] else paragraph
        paragraph.add(line)
    return starts


class _Paragraph:
    """What is known of a paragraph from its lines so far."""

    def __init__(self) -> None:
        self.lines = 0
        self.headline = self.bullet = self.prose = False

    def add(self, line: Line) -> None:
        """Take in the next line."""
        if not self.lines:
            self.headline, self.bullet = line.numbered, line.bullet
        self.headline = self.headline and not re.search(r"[。！？；]", line.text)
        self.prose = self.prose or is_prose(line.text)
        self.lines += 1


class _Layout:
    """How a text was laid out on lines.

    Attributes:
        wrapped: whether it was wrapped to a width.
        width: that width in columns.
        slack: columns by which full lines may fall short of it.
        lost: columns of indentation that first lines have lost.
        indent, blank: usual indentation of lines within a paragraph, usual number of blank lines between them.
    """

    def __init__(self, lines: Sequence[Line]):
        self.lines = lines
        prose = [i for i, line in enumerate(lines) if is_prose(line.text)]
        cut = [i for i in prose if lines[i].unfinished and not (lines[i].bullet or _headline(lines[i]))]
        widths = [lines[i].width for i in cut]
        self.width = quantiles(widths, n=4, method="inclusive")[2] if len(widths) > 1 else sum(widths)
        self.wrapped = (
            len(cut) * 4 >= len(prose) > 0
            and sum(w >= 0.75 * self.width for w in widths) >= 0.6 * len(widths)
            and sum(line.width - line.indent > self.width + 8 for line in lines) <= 0.05 * len(lines)
        )
        within = [lines[i + 1] for i in cut if i + 1 < len(lines)]
        self.blank = median(line.blank for line in within) if within else 0
        self.indent = median(line.indent for line in within) if within else 0
        # Where spacing is even, no line within a paragraph has room for the first word of the next.
        inner = [b for a, b in pairwise(cut) if b == a + 1 and b + 1 < len(lines)]
        even = len(inner) >= _ENOUGH and sum(self._reach(i) <= self.width for i in inner) <= 0.05 * len(inner)
        self.slack = 0 if even else _UNEVEN
        first = [
            self.width - b.width
            for a, b in pairwise(lines)
            if a.width < 0.8 * self.width and (a.finished or a.numbered) and b.unfinished and not b.indent
        ]
        self.lost = _LOST_INDENT if not first or median(first) >= _LOST_INDENT - 1 else 0

    def goes_on(self, i: int, paragraph: _Paragraph) -> bool:
        """Tell whether line ``i`` goes on the paragraph of the lines before it."""
        a, b = self.lines[i - 1], self.lines[i]
        if a.heading or b.heading or b.bullet:
            return False
        if a.text[-1] in _OPENING or b.text[0] in _CLOSING or (a.text[-1] in "，、" and not b.listed):
            return True
        if i <= 4 and _title_goes_on(a, b):
            return True
        if not self.wrapped:
            return b.page and a.unfinished and not b.listed and not paragraph.headline
        full = self._full(i - 1, first=paragraph.lines == 1)
        # A sentence that is cut off goes on, whatever stands between.
        cut = paragraph.prose and not paragraph.headline and not a.finished
        if cut and (full or b.page):
            return full or not b.numbered
        if b.numbered or (b.blank > self.blank and not b.page):
            return False
        if b.indent >= self.indent + 2 and not paragraph.bullet and not (b.page and not a.finished):
            return False
        if not full:
            return cut and a.width >= 0.75 * self.width
        if a.finished:
            announced = a.text[-1] in "：；" and b.listed and b.finished
            return not announced and not self._begins(i)
        # A heading or title that fills its line: it goes on in a short rest or in lines as wide as the text.
        return not self._begins(i) or b.width < 0.6 * self.width

    def _full(self, i: int, first: bool) -> bool:
        """Tell whether the first unit of the next line would not have fitted on line ``i``."""
        lost = self.lost if first and not self.lines[i].indent else 0
        return self._reach(i) + lost > self.width - self.slack

    def _begins(self, i: int) -> bool:
        """Tell whether line ``i`` breaks off too early for a line within a paragraph, so that it must begin one."""
        if self.lines[i].finished or i + 1 == len(self.lines):
            return False
        return self._reach(i) <= self.width - self.slack

    def _reach(self, i: int) -> int:
        """Return how wide line ``i`` would be with the first unit of the next line on it."""
        return self.lines[i].width + width(_unit(self.lines[i + 1].text))


def _headline(line: Line) -> bool:
    return line.numbered and not re.search(r"[。！？；]", line.text)


def _title_goes_on(a: Line, b: Line) -> bool:
    """Tell whether a title or subtitle that is cut between words goes on in the next line."""
    if a.finished or b.finished or b.numbered or a.numbered or is_prose(a.text[:-1]):
        return False
    return a.text[-1] in "的和与及暨" or (a.text.startswith("——") and b.text.endswith("上"))


def _unit(text: str) -> str:
    """Return what a line breaker keeps together at the start of a text: a word, or a character with its punctuation."""
    match = re.match(r"[“（《‘「]*(?:[!-~]+|.)[，。、；：！？”’）》」]*", text)
    return match[0] if match else ""
