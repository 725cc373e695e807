"""Source text → cleaned text: page artefacts and markup go, hard-wrapped lines are joined, every character keeps its offset."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ftzgraph.reading.wrapping import Line, is_prose, is_wide, paragraph_starts, width

_BREAKS = r"\n\r\f\v\x1c-\x1e\x85\u2028\u2029"
_LINE = re.compile(rf"[^{_BREAKS}]+")
_BREAK = re.compile(rf"\r\n|[{_BREAKS}]")
_INVISIBLE = r"\xad\u200b-\u200f\u2060\ufeff"
_INDENT = re.compile(rf"[^\S{_BREAKS}]*(?:[{_INVISIBLE}][^\S{_BREAKS}]*)*")
_MARK = re.compile(r"(?:>\s*)*(?:(?P<heading>#{1,6})\s+|(?P<bullet>[-*+•●■◆▪])\s+)?")
_BOLD = re.compile(r"(?<!\*)\*\*(?=[^\s*])([^*]*[^\s*])\*\*(?!\*)")
# Runs of white space, characters without width, control characters.
_DROPPED = re.compile(rf"\s+|[{_INVISIBLE}]|(?!\s)[\x00-\x1f\x7f-\x9f]")

_NUMERAL = r"[0-9０-９一二三四五六七八九十百零〇]"
_PAGE_NUMBER = re.compile(
    rf"[-—–−─―－]{{1,2}} ?\d{{1,4}}(?: ?[-—–−─―－]{{1,2}})?|[·•] ?\d{{1,4}} ?[·•]|"
    rf"第 ?{_NUMERAL}{{1,4}} ?页(?: ?[,，/／、]? ?[（(]?共 ?{_NUMERAL}{{1,4}} ?页[)）]?)?|"
    r"\d{1,4} ?[/／] ?\d{1,4}|[Pp]age \d{1,4}(?: of \d{1,4})?"
)
_BARE_NUMBER = re.compile(r"\d{1,4}")
_RULE = re.compile(r"[-*_=~]{3,}")


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
    text: list[str] = []
    offsets: list[int] = []
    for previous, line, starts in zip([None, *lines], lines, paragraph_starts(lines), strict=False):
        gap = _gap(previous, line, starts) if previous else ""
        if gap:
            text.append(gap)
            offsets.append(next(k for k in range(offsets[-1] + 1, len(source)) if source[k].isspace()))
        text.append(line.text)
        offsets.extend(line.offsets)
    return "".join(text), tuple(offsets)


def heading_levels(source: str, text: str, offsets: Sequence[int]) -> dict[int, int]:
    """Find the headings that Markdown marks with ``#``, which cleaning drops.

    Args:
        source: what went into :func:`clean`.
        text: the text that came out of it.
        offsets: the offsets that came out of it.

    Returns:
        Text offset of each such paragraph → number of ``#``.
    """
    levels = {}
    for match in re.finditer(r"(?m)^(?:[^\S\r\n]|>)*(#{1,6})[^\S\r\n]+", source):
        start = bisect_left(offsets, match.end())
        # The line may have been dropped; then the next kept character stands on a later one.
        if start < len(text) and not _BREAK.search(source, match.end(), offsets[start]):
            levels[start] = len(match[1])
    return levels


def _gap(a: Line, b: Line, starts: bool) -> str:
    """Return what parts two lines: no space beside a Chinese character or a hyphen."""
    if starts:
        return "\n"
    return "" if is_wide(a.text[-1]) or is_wide(b.text[0]) or a.text[-1] == "-" else " "


def _lines(source: str) -> list[Line]:
    """Split a source into the lines that hold text."""
    lines: list[Line] = []
    end = 0
    for match in _LINE.finditer(source):
        indent = _indentation(match[0])
        start = match.start() + len(indent)
        page_number = _PAGE_NUMBER.fullmatch(source[start : match.end()].rstrip())
        mark = None if page_number else _MARK.match(source, start, match.end())
        text, offsets = _squeeze(source, mark.end() if mark else start, match.end())
        if not text:
            continue
        before = source[end : match.start()]
        lines.append(
            Line(
                text,
                offsets,
                indent=width(indent.replace("\t", "    ")),
                blank=len(_BREAK.findall(before)) - 1,
                page="\f" in before,
                heading=bool(mark and mark["heading"]),
                bullet=bool(mark and mark["bullet"]),
            )
        )
        end = match.end()
    return lines


def _indentation(line: str) -> str:
    match = _INDENT.match(line)
    return match[0] if match else ""


def _squeeze(source: str, start: int, end: int) -> tuple[str, Sequence[int]]:
    """Return the kept characters of a line with their offsets: runs of white space as one space, none at the ends."""
    line = source[start:end]
    bold = {k for m in _BOLD.finditer(line) for k in (m.start(), m.start() + 1, m.end() - 2, m.end() - 1)}
    if not bold and not _DROPPED.search(line):
        return line, range(start, end)
    dropped = bold | {k for m in _DROPPED.finditer(line) for k in range(m.start() + m[0].isspace(), m.end())}
    kept = [k for k in range(len(line)) if k not in dropped]
    text = "".join(" " if line[k].isspace() else line[k] for k in kept)
    first = len(text) - len(text.lstrip())
    last = len(text.rstrip())
    return text[first:last], [start + k for k in kept[first:last]]


# --- page artefacts ----------------------------------------------------------------------------------------------


def _without_page_numbers(lines: list[Line]) -> list[Line]:
    """Drop rules and page numbers; where a page number stood a page ended."""
    numbers = _bare_page_numbers(lines)
    numbers |= {i for i, line in enumerate(lines) if _PAGE_NUMBER.fullmatch(line.text)}
    return _without(lines, {i for i, line in enumerate(lines) if _RULE.fullmatch(line.text)}, numbers)


def _bare_page_numbers(lines: list[Line]) -> set[int]:
    """Find the lines that are nothing but a page number: at the edge of a page, or counting on every few lines."""
    edges = [line.page for line in lines] + [any(line.page for line in lines)]
    numbers = [i for i, line in enumerate(lines) if _BARE_NUMBER.fullmatch(line.text)]
    found = {i for i in numbers if edges[i] or edges[i + 1]}
    for i, j in pairwise(numbers):
        if int(lines[j].text) == int(lines[i].text) + 1 and j - i > 5:
            found |= {i, j}
    return found


def _without_running_heads(lines: list[Line]) -> list[Line]:
    """Drop the first or last line of a page where it comes back on three pages or more, digits aside.

    The first of them stays when it can be the title itself: no digit in it, and no other title below it.
    """
    starts = [i for i, line in enumerate(lines) if line.page or not i]
    pages = [range(a, b) for a, b in pairwise([*starts, len(lines)])]
    dropped: set[int] = set()
    for edge in (0, -1):
        seen: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, page in enumerate(pages):
            line = lines[page[edge]]
            if not line.finished:
                seen[re.sub(r"\d+", "0", line.text)].append((number, page[edge]))
        for places in seen.values():
            # Left and right pages may have heads of their own.
            if len(places) >= 3 and all(b - a <= 2 for (a, _), (b, _) in pairwise(places)):
                first = places[0][1]
                title = (
                    edge == 0
                    and not re.search(r"\d", lines[first].text)
                    and not _title_like(lines[first + 1 : first + 2])
                )
                dropped.update(i for _, i in places[title:])
    return _without(lines, dropped, set())


def _title_like(lines: Sequence[Line]) -> bool:
    return any(
        len(line.text) <= 25 and not (line.finished or line.numbered or line.page or is_prose(line.text))
        for line in lines
    )


def _without(lines: list[Line], dropped: set[int], page_breaks: set[int]) -> list[Line]:
    """Drop lines; after those that are page breaks, or before which a page ended, the next line begins a page."""
    kept: list[Line] = []
    page = False
    for i, line in enumerate(lines):
        page = page or line.page or i in page_breaks
        if i not in dropped and i not in page_breaks:
            kept.append(replace(line, page=page))
            page = False
    return kept
