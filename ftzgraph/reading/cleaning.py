"""Source text → cleaned text: page artefacts and markup go, hard-wrapped lines are joined, every character keeps its offset.

A text that was wrapped to a line width is told from one that has a paragraph a line by its prose: where at least a quarter of
the prose lines break off in mid-sentence, lines are joined. Whether a line goes on in the next is then read off its width (a
full line goes on, a short one ends its paragraph), the numbering, indentation and punctuation around the break.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

_LINE = re.compile(r"[^\n\r\f\v\x1c-\x1e\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\n\r\f\v\x1c-\x1e\x85\u2028\u2029]")
_MARK = re.compile(r"(?:>\s*)*(?:(?P<heading>#{1,6})\s+|(?P<bullet>[-*+•●■◆▪])\s+)?")
_BOLD = re.compile(r"(?<!\*)\*\*(?=[^\s*])([^*]*[^\s*])\*\*(?!\*)")
# White space to be squeezed, marks of bold type, characters without width, control characters.
_DROPPED = re.compile(r"\s+|[\xad\u200b-\u200f\u2060\ufeff]|(?!\s)[\x00-\x1f\x7f-\x9f]")

_NUMERAL = r"[0-9０-９一二三四五六七八九十百零〇]"
_PAGE_NUMBER = re.compile(
    rf"[-—–−─―－]{{1,2}} ?\d{{1,4}}(?: ?[-—–−─―－]{{1,2}})?|[·•] ?\d{{1,4}} ?[·•]|"
    rf"第 ?{_NUMERAL}{{1,4}} ?页(?: ?[,，/／、]? ?[（(]?共 ?{_NUMERAL}{{1,4}} ?页[)）]?)?|"
    r"\d{1,4} ?[/／] ?\d{1,4}|[Pp]age \d{1,4}(?: of \d{1,4})?"
)
_RULE = re.compile(r"[-*_=~]{3,}")
_BARE_NUMBER = re.compile(r"\d{1,4}")

_CLOSERS = "”’」』）)》〉】］]\"'"
_OPENING = "（《“‘「『【〔"
_CLOSING = "，。、；：！？）》”’」』】〕"
_FINAL = "。！？；：…!?;:"
_PROSE = re.compile(r"[，。；！？]|[,;.] ")
_HEADING = re.compile(
    r"第[一二三四五六七八九十百零〇\d]+[编章节部条]|附[件录表]|项目 ?\d|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）]|"
    r"\d{1,2}(?:[．、]|\.(?!\d))|\d{1,2}(?:\.\d{1,2})+ |[（(]\d{1,2}[)）]|\d{1,2}[)）]|[①-⑳]"
)
_ITEM = re.compile(r"[一二三四五六七八九十]+是|第[一二三四五六七八九十]+[，、]|其[一二三四五六七八九十][，、]|首先|其次|再次|最后")
_TITLE_GOES_ON = re.compile(r"[的和与及暨、，]$")


@dataclass(frozen=True)
class _Line:
    """One line that holds text: its characters, their source offsets, and what stood before it."""

    text: str
    offsets: Sequence[int]
    indent: int
    blank: int
    page: bool
    heading: bool
    bullet: bool

    @property
    def finished(self) -> bool:
        """Whether it ends in punctuation that ends a sentence or announces a list."""
        return self.text.rstrip(_CLOSERS)[-1:] in _FINAL

    @property
    def unfinished(self) -> bool:
        """Whether it breaks off in the midst of running prose."""
        return not self.finished and _PROSE.search(self.text[:-1]) is not None

    @property
    def numbered(self) -> bool:
        """Whether it begins with the number of a heading."""
        return self.heading or _HEADING.match(self.text) is not None


def clean(source: str) -> tuple[str, tuple[int, ...]]:
    r"""Clean a text.

    Args:
        source: any text, with whatever line breaks.

    Returns:
        The cleaned text, its paragraphs parted by one ``"\n"``, and for each of its characters the offset in ``source``.
        Offsets increase strictly; white space may stand for other white space, every other character for itself.

    >>> clean("自贸试验区的驱动要素有待强\n化，压力测试也有待强化，需\n— 4 —\n要改进。\n\n二、方向")[0]
    '自贸试验区的驱动要素有待强化，压力测试也有待强化，需要改进。\n二、方向'
    """
    lines = _without_running_heads(_without_page_numbers(_lines(source)))
    layout = _Layout(lines)
    text: list[str] = []
    offsets: list[int] = []
    for i, line in enumerate(lines):
        if i:
            gap = layout.gap(i)
            if gap:
                text.append(gap)
                offsets.append(next(k for k in range(offsets[-1] + 1, len(source)) if source[k].isspace()))
        text.append(line.text)
        offsets.extend(line.offsets)
    return "".join(text), tuple(offsets)


def heading_levels(source: str, text: str, offsets: Sequence[int]) -> dict[int, int]:
    """Find the headings that Markdown marks with ``#``, which cleaning drops.

    Args:
        source, text, offsets: what went into :func:`clean` and came out of it.

    Returns:
        Text offset of each such paragraph → number of ``#``.
    """
    levels = {}
    for match in re.finditer(r"(?m)^(?:[^\S\r\n]|>)*(#{1,6})[^\S\r\n]+", source):
        # The first kept character after the mark; a mark on a line that was dropped points into a later line.
        start = bisect_left(offsets, match.end())
        if start < len(text) and not _BREAK.search(source, match.end(), offsets[start]):
            levels[start] = len(match[1])
    return levels


def _lines(source: str) -> list[_Line]:
    """Split a source into the lines that hold text, their marks and surplus white space gone."""
    lines: list[_Line] = []
    end = 0
    for match in _LINE.finditer(source):
        start = match.start() + _indentation(match[0])
        mark = None if _PAGE_NUMBER.fullmatch(source[start : match.end()].rstrip()) else _MARK.match(source, start, match.end())
        start = mark.end() if mark else start
        text, offsets = _squeeze(source, start, match.end())
        if not text:
            continue
        before = source[end : match.start()]
        lines.append(
            _Line(
                text,
                offsets,
                indent=_width(match[0][: _indentation(match[0])].replace("\t", "    ")),
                blank=len(_BREAK.findall(before)) - 1,
                page="\f" in before,
                heading=bool(mark and mark["heading"]),
                bullet=bool(mark and mark["bullet"]),
            )
        )
        end = match.end()
    return lines


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip("\ufeff\u200b\u200d \t\u3000\xa0\u2002\u2003"))


def _squeeze(source: str, start: int, end: int) -> tuple[str, Sequence[int]]:
    """Return the kept characters of a line with their offsets: runs of white space as one space, none at the ends."""
    line = source[start:end]
    bold = {k for m in _BOLD.finditer(line) for k in (m.start(), m.start() + 1, m.end() - 2, m.end() - 1)}
    if not bold and not _DROPPED.search(line):
        return line, range(start, end)
    dropped = bold | {k for m in _DROPPED.finditer(line) for k in range(m.start() + m[0].isspace(), m.end())}
    kept = [k for k in range(len(line)) if k not in dropped]
    while kept and line[kept[0]].isspace():
        kept.pop(0)
    while kept and line[kept[-1]].isspace():
        kept.pop()
    text = "".join(" " if line[k].isspace() else line[k] for k in kept)
    return text, [start + k for k in kept]


def _without_page_numbers(lines: list[_Line]) -> list[_Line]:
    """Drop rules and page numbers; where a page number stood a page ended."""
    bare = _bare_page_numbers(lines)
    kept: list[_Line] = []
    page = False
    for i, line in enumerate(lines):
        if i in bare or _PAGE_NUMBER.fullmatch(line.text):
            page = True
        elif not _RULE.fullmatch(line.text):
            kept.append(_paged(line) if page else line)
            page = False
    return kept


def _paged(line: _Line) -> _Line:
    return _Line(line.text, line.offsets, line.indent, line.blank, True, line.heading, line.bullet)


def _bare_page_numbers(lines: list[_Line]) -> set[int]:
    """Find the lines that are nothing but a page number: beside a form feed, or counting on every few lines."""
    found: set[int] = set()
    numbers = [i for i, line in enumerate(lines) if _BARE_NUMBER.fullmatch(line.text)]
    for i in numbers:
        if lines[i].page or (i + 1 < len(lines) and lines[i + 1].page) or (i + 1 == len(lines) and _has_pages(lines)):
            found.add(i)
    for i, j in zip(numbers, numbers[1:], strict=False):
        if int(lines[j].text) == int(lines[i].text) + 1 and j - i > 5:
            found |= {i, j}
    return found


def _has_pages(lines: list[_Line]) -> bool:
    return any(line.page for line in lines)


def _without_running_heads(lines: list[_Line]) -> list[_Line]:
    """Drop the first or last line of a page where it comes back on three pages or more, digits aside.

    The first of them stays when it can be the title itself: no digit in it, no other title below it.
    """
    starts = [i for i, line in enumerate(lines) if line.page or not i]
    if len(starts) < 3:
        return lines
    pages = [range(a, b) for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
    dropped: set[int] = set()
    for edge in (0, -1):
        seen: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, page in enumerate(pages):
            line = lines[page[edge]]
            if not line.finished:
                seen[re.sub(r"\d+", "0", line.text)].append((number, page[edge]))
        for places in seen.values():
            if len(places) < 3 or any(b - a > 2 for (a, _), (b, _) in zip(places, places[1:], strict=False)):
                continue
            first = places[0][1]
            title = edge == 0 and not re.search(r"\d", lines[first].text) and not _title_like(lines, first + 1)
            dropped.update(i for _, i in places[title:])
    kept: list[_Line] = []
    page_break = False
    for i, line in enumerate(lines):
        page_break = page_break or line.page
        if i not in dropped:
            kept.append(_paged(line) if page_break else line)
            page_break = False
    return kept


def _title_like(lines: list[_Line], i: int) -> bool:
    if i >= len(lines):
        return False
    line = lines[i]
    return len(line.text) <= 25 and not (line.finished or line.numbered or line.page or _PROSE.search(line.text))


class _Layout:
    """How a text was laid out on lines, and so what stands between two of them."""

    def __init__(self, lines: list[_Line]):
        self.lines = lines
        self.indent = 0
        prose = [line for line in lines if _PROSE.search(line.text)]
        cut = [line for line in prose if line.unfinished and not (line.bullet or line.heading or _headline(line.text))]
        widths = [_width(line.text) + line.indent for line in cut]
        self.width = quantiles(widths, n=4, method="inclusive")[2] if len(widths) > 1 else sum(widths)
        self.wrapped = (
            len(cut) * 4 >= len(prose) > 0
            and sum(w >= 0.75 * self.width for w in widths) >= 0.6 * len(widths)
            and sum(_width(line.text) > self.width + 8 for line in lines) <= 0.05 * len(lines)
        )
        if not self.wrapped:
            return
        pairs = list(zip(lines, lines[1:], strict=False))
        self.blank = median(b.blank for a, b in pairs if a in cut) if any(a in cut for a, _ in pairs) else 0
        self.base = median(b.indent for a, b in pairs if a in cut) if any(a in cut for a, _ in pairs) else 0
        # Extractors often lose the two characters by which a paragraph's first line is set in: its lines are that much shorter.
        first = [
            self.width - _width(b.text)
            for a, b in pairs
            if _width(a.text) < 0.8 * self.width and (a.finished or a.numbered) and b.unfinished and not b.indent
        ]
        self.indent = 4 if not first or median(first) >= 3 else 0
        self._paragraph = 0

    def gap(self, i: int) -> str:
        r"""Return what parts line ``i`` from the line before: ``"\n"``, ``" "`` or nothing. Ask in reading order."""
        if not self._goes_on(i):
            self._paragraph = i
            return "\n"
        a, b = self.lines[i - 1].text[-1], self.lines[i].text[0]
        return "" if _is_wide(a) or _is_wide(b) or a == "-" else " "

    _paragraph = 0

    def _goes_on(self, i: int) -> bool:
        """Tell whether line ``i`` goes on the paragraph of the line before."""
        a, b = self.lines[i - 1], self.lines[i]
        if a.heading or b.heading or b.bullet:
            return False
        if a.text[-1] in _OPENING or b.text[0] in _CLOSING or (a.text[-1] in "，、" and not (b.numbered or _ITEM.match(b.text))):
            return True
        if i <= 4 and self._title_goes_on(i):
            return True
        if not self.wrapped:
            return b.page and a.unfinished and not b.numbered and not _headline(a.text)
        begun = "".join(line.text for line in self.lines[self._paragraph : i])
        full = self._full(i - 1)
        headline = _headline(begun)
        # A sentence that is cut off goes on, whatever stands between.
        prose = not headline and not a.finished and _PROSE.search(begun) is not None
        if prose and (full or b.page):
            return not (b.numbered and not full)
        if b.numbered or (b.blank > self.blank and not b.page):
            return False
        if b.indent >= self.base + 2 and not self.lines[self._paragraph].bullet and not (b.page and not a.finished):
            return False
        if not full:
            return prose and _width(a.text) >= 0.75 * self.width
        if a.finished:
            listed = a.text[-1] in "：；" and _ITEM.match(b.text) and b.finished
            return not listed and not self._begins(i)
        # A heading or title that fills its line: it goes on in a short rest or in lines as wide as the text.
        if b.unfinished or not b.finished:
            return not self._begins(i) or _width(b.text) < 0.6 * self.width
        return "，" in begun or not headline

    def _title_goes_on(self, i: int) -> bool:
        a, b = self.lines[i - 1], self.lines[i]
        if a.finished or b.finished or b.numbered or a.numbered or _PROSE.search(a.text[:-1]):
            return False
        return bool(_TITLE_GOES_ON.search(a.text)) or (a.text.startswith("——") and b.text.endswith("上"))

    def _full(self, i: int) -> bool:
        """Tell whether the first unit of the next line would not have fitted on line ``i``."""
        return self._reach(i) + _width(_unit(self.lines[i + 1].text)) > self.width - 2

    def _reach(self, i: int) -> int:
        line = self.lines[i]
        return _width(line.text) + (line.indent or (self.indent if i == self._paragraph else 0))

    def _begins(self, i: int) -> bool:
        """Tell whether line ``i`` must begin a paragraph: it is cut off too early for a line in the midst of one."""
        line = self.lines[i]
        if line.finished or i + 1 == len(self.lines):
            return False
        return _width(line.text) + line.indent + _width(_unit(self.lines[i + 1].text)) <= self.width - 2


def _headline(text: str) -> bool:
    """Tell whether a text is a numbered heading and nothing more, so far."""
    return _HEADING.match(text) is not None and not re.search(r"[。！？；]", text)


def _unit(text: str) -> str:
    """Return what a line breaker keeps together at the start of a text: a word, or a character with its punctuation."""
    match = re.match(r"[“（《‘「]*(?:[!-~]+|.)[，。、；：！？”’）》」]*", text)
    return match[0] if match else ""


def _width(text: str) -> int:
    """Return the width in columns: two for a Chinese character or its punctuation, one for a Latin letter."""
    return sum(2 if _is_wide(c) else 1 for c in text)


def _is_wide(character: str) -> bool:
    return character >= "\u1100" and unicodedata.east_asian_width(character) in "WFA"
