"""Cleaned text → its layers: title, authors, sections, paragraphs, sentences."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ftzgraph.document import Section, Sentence, Structure
from ftzgraph.reading.authors import author_names
from ftzgraph.reading.headings import FRONT, UNNUMBERED, Heading, Span, find_headings, numbered
from ftzgraph.reading.sentences import sentence_ends, skip_space

_PARAGRAPH = re.compile(r"\S(?:[^\n\r\f\v\x1c-\x1e\x85\u2028\u2029]*\S)?")
# Styles as rare as this at the outermost level are not subordinate to a line without a number before them.
_OUTERMOST_RANK = 4


def find_structure(text: str, levels: Mapping[int, int] | None = None) -> Structure:
    r"""Find the layers of a text.

    Args:
        text: a cleaned text, a paragraph a line; any other text does no harm.
        levels: levels of the headings that the format itself marks, by the text offset at which they start.

    Returns:
        Title, authors, sections, paragraphs and sentences, in text offsets.

    >>> text = "关于提升战略的建议\n王小明 李 华\n一、主要问题\n要素不足。测试不够。"
    >>> structure = find_structure(text)
    >>> [text[a:b] for a, b in structure.authors]
    ['王小明', '李 华']
    >>> [(s.number, text[s.title_start : s.title_end]) for s in structure.sections]
    [('一、', '主要问题')]
    >>> [text[s.start : s.end] for s in structure.sentences]
    ['一、主要问题', '要素不足。', '测试不够。']
    """
    paragraphs = tuple((m.start(), m.end()) for m in _PARAGRAPH.finditer(text))
    marks = _marks(text, paragraphs, levels or {})
    title = _title(text, paragraphs, marks)
    line, authors = (None, ()) if title is None else _authors(text, paragraphs, title)
    body = [p for p in range(len(paragraphs)) if p not in (title, line)]
    sections = _nest(find_headings(text, paragraphs, body, marks), paragraphs)
    return Structure(
        title=None if title is None else (marks.get(title, (0, paragraphs[title][0]))[1], paragraphs[title][1]),
        authors=authors,
        sections=sections,
        paragraphs=paragraphs,
        sentences=tuple(_sentences(text, paragraphs, body, sections)),
    )


def _marks(text: str, paragraphs: Sequence[Span], levels: Mapping[int, int]) -> dict[int, Span]:
    """Return level and start of the words of each paragraph that the format marks as a heading, or that begins with ``#``."""
    marks = {}
    for p, (start, end) in enumerate(paragraphs):
        hashes = re.compile(r"(#{1,6})\s+(?=\S)").match(text, start, end)
        if hashes:
            marks[p] = (len(hashes[1]), hashes.end())
        elif start in levels:
            marks[p] = (levels[start], start)
    return marks


# --- title and authors -------------------------------------------------------------------------------------------


def _title(text: str, paragraphs: Sequence[Span], marks: Mapping[int, Span]) -> int | None:
    """Return the index of the title: the only first-level heading near the top, else the first line that is no sentence."""
    if len(paragraphs) < 2:
        return None
    first_level = [p for p, (level, _) in marks.items() if level == 1]
    if first_level and first_level[0] < 10:
        p = first_level[0]
        alone = len(first_level) == 1 or p + 1 in marks
        return p if alone and p + 1 < len(paragraphs) and not numbered(text[marks[p][1] : paragraphs[p][1]]) else None
    if 0 in marks:
        return None
    # Pages from the web open with the words of buttons: too short for a title.
    for p, (start, end) in enumerate(paragraphs[:12]):
        line = text[start:end]
        if len(line) > 80 or numbered(line) or FRONT.match(line) or re.search("[。！？；]|，.*，", line):
            break
        if len(line) >= 4 and line[0] not in "（(—【[" and line[-1] not in "!?;：:，,—…":
            return p if p + 1 < len(paragraphs) else None
    return None


def _authors(text: str, paragraphs: Sequence[Span], title: int) -> tuple[int | None, tuple[Span, ...]]:
    """Return the index of the author line within the three paragraphs after the title, and the names on it."""
    for p, (start, end) in enumerate(paragraphs[title + 1 : title + 4], title + 1):
        line = text[start:end]
        names = author_names(line)
        if names:
            return p, tuple((start + a, start + b) for a, b in names)
        if len(line) > 60 or "。" in line or numbered(line):
            break
    return None, ()


# --- sections ----------------------------------------------------------------------------------------------------


def _nest(headings: Sequence[Heading], paragraphs: Sequence[Span]) -> tuple[Section, ...]:
    """Nest headings by style and find where their sections end."""
    parents: list[int | None] = []
    ends: list[int] = []
    stack: list[int] = []
    nesting = _Nesting(headings)
    for n, heading in enumerate(headings):
        depth = nesting.depth(n, [i for i in stack if ends[i] > heading.start])
        first, _ = paragraphs[heading.paragraph]
        before = heading.start if heading.start > first else paragraphs[heading.paragraph - 1][1]
        for i in stack[depth:]:
            ends[i] = min(ends[i], before)
        del stack[depth:]
        parent = stack[-1] if stack else None
        limit = paragraphs[-1][1] if parent is None else ends[parent]
        ends.append(min(limit, heading.limit or limit))
        parents.append(parent)
        stack.append(n)
    levels: list[int] = []
    for parent in parents:
        levels.append(1 if parent is None else levels[parent] + 1)
    return tuple(
        Section(h.start, end, *_title_within(h, end), h.number, level, parent, h.kind)
        for h, end, level, parent in zip(headings, ends, levels, parents, strict=True)
    )


def _title_within(heading: Heading, end: int) -> Span:
    """Return the title of a heading cut to its section; the number alone where nothing else is left."""
    title = heading.title_start, min(heading.title_end, end)
    return title if title[0] < title[1] else (heading.start, end)


class _Nesting:
    """Decides how deep a heading lies, from its style, its number and its neighbours."""

    def __init__(self, headings: Sequence[Heading]):
        self.headings = headings
        self.counts = Counter((h.style, h.ordinal) for h in headings)
        self.seen: set[str] = set()
        self.coming: list[Heading | None] = []
        coming: Heading | None = None
        for heading in reversed(headings):
            self.coming.append(coming)
            if heading.ordinal and heading.kind != "item":
                coming = heading
        self.coming.reverse()

    def depth(self, n: int, stack: Sequence[int]) -> int:
        """Return how many of the open sections heading ``n`` lies in. Ask in reading order.

        Args:
            n: index of the heading.
            stack: indices of the headings of the open sections, outermost first.
        """
        heading = self.headings[n]
        begins = heading.ordinal <= 1 or heading.style not in self.seen
        self.seen.add(heading.style)
        opened = [self.headings[i] for i in stack]
        styles = [h.style for h in opened]
        if heading.kind == "item":
            return styles.index(heading.style) if heading.style in styles else len(opened)
        outer = next((i for i, h in enumerate(opened) if h.kind == "item"), len(opened))
        opened, styles = opened[:outer], styles[:outer]
        if heading.style == "front":
            return next((i for i, h in enumerate(opened) if h.rank >= 1 or h.style in UNNUMBERED), outer)
        coming = self.coming[n]
        if not heading.ordinal and coming:
            # What stands between two neighbours of one numbering lies in the first of them.
            inside = [i for i, h in enumerate(opened) if h.style == coming.style and h.ordinal + 1 == coming.ordinal]
            if inside:
                return next((i for i in range(inside[-1] + 1, outer) if styles[i] == heading.style), outer)
        if heading.style in styles:
            return styles.index(heading.style)
        if heading.style in UNNUMBERED:
            # A numbering that begins anew after this line belongs to it.
            anew = coming is not None and coming.ordinal == 1 and coming.style in styles
            return styles.index(coming.style) if coming and anew else outer
        alone = heading.rank <= _OUTERMOST_RANK and self.counts[heading.style, heading.ordinal] == 1
        depth = outer
        while depth:
            top = opened[depth - 1]
            if top.style in UNNUMBERED:
                if top.style != "front" and begins and not alone:
                    break
            elif top.rank < heading.rank:
                break
            depth -= 1
        return depth


# --- sentences ---------------------------------------------------------------------------------------------------


def _sentences(
    text: str, paragraphs: Sequence[Span], body: Sequence[int], sections: Sequence[Section]
) -> Iterator[Sentence]:
    """Split the paragraphs at final punctuation, and where the item of a list follows 。；：."""
    items = [
        s.start
        for s in sections
        if s.kind == "item" and text[max(0, s.start - 2) : s.start].rstrip()[-1:] in "。！？；;：:"
    ]
    opened = 0
    section: int | None = None
    for p in body:
        start, end = paragraphs[p]
        within = items[bisect_right(items, start) : bisect_left(items, end)]
        for cut in sorted({*sentence_ends(text, start, end), *within, end}):
            stop = start + len(text[start:cut].rstrip())
            if stop == start:
                continue
            while opened < len(sections) and sections[opened].start <= start:
                section, opened = opened, opened + 1
            while section is not None and sections[section].end <= start:
                section = sections[section].parent
            yield Sentence(start, stop, p, section)
            start = skip_space(text, cut, end)
