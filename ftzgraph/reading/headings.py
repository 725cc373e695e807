"""Headings and list items: how they are numbered, what makes a line one, which belong together."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ftzgraph.document import SectionKind
from ftzgraph.reading.sentences import first_mark, sentence_ends, skip_space

Span = tuple[int, int]

_HAN = "[一二三四五六七八九十百零〇]+"


@dataclass(frozen=True)
class Style:
    """A way of numbering headings.

    Attributes:
        name: identifies the style; headings of one style stand side by side.
        pattern: matches the number with its punctuation.
        rank: the usual order of the styles, outermost first.
        item: whether it always numbers the members of a list.
        inline: matches it in the midst of a paragraph, ``None`` when it does not occur there.
    """

    name: str
    pattern: re.Pattern[str]
    rank: int
    item: bool = False
    inline: re.Pattern[str] | None = None


def _style(name: str, pattern: str, rank: int, item: bool = False, inline: bool = False) -> Style:
    within = re.compile(rf"(?<=[。；;：:！？，,）”]) ?({pattern})") if inline else None
    return Style(name, re.compile(pattern), rank, item, within)


_STYLES = (
    _style("appendix", rf"附[件录表](?: ?(?:{_HAN}|\d+)[：:.、]?|[：:]|$)", 0),
    _style("part", rf"第(?:{_HAN}|\d+)[编篇]", 1),
    _style("chapter", rf"第(?:{_HAN}|\d+)(?:章|部分)", 2),
    _style("passage", rf"第(?:{_HAN}|\d+)节", 3),
    _style("han", rf"{_HAN}、(?!{_HAN}[、线季产类级])", 4),
    _style("(han)", rf"[（(]{_HAN}[）)]、?", 5),
    _style("project", rf"(?:项目|问题|任务|案例|专栏) ?(?:\d+(?:[.．]\d+)*|{_HAN})[：:]", 6),
    _style("decimal", r"\d{1,2}(?:[.．]\d{1,2})+[.．、]? ?(?=[^\d\s%.．、])(?<=[ .．、])", 7),
    _style("number", r"\d{1,2}[.．、](?!\d) ?", 8),
    _style("(number)", r"[（(]?\d{1,2}[）)][、.]?", 10, inline=True),
    _style("circle", r"[①-⑳]", 11, inline=True),
    _style("ordinal", r"第[一二三四五六七八九十]+[，,、：:]", 12, item=True, inline=True),
    _style("first", r"(?:首先|其次|再次|最后)[，,]", 12, item=True, inline=True),
    _style("one", r"[一二三四五六七八九十]+是", 13, item=True, inline=True),
    _style("of-them", r"其[一二三四五六七八九十][，,、：:是]", 13, item=True, inline=True),
)
_LABEL_RANK = 9
# Up to so many characters may follow a label such as 整改情况： that occurs once.
_SHORT_REST = 20
# Styles without a number: a short line, a short sentence on a line of its own, 引言 and the like.
UNNUMBERED = ("plain", "claim", "front")

_LABEL = re.compile(r"[^\W\d_]{2,10}[：:]")
_NO_LABEL = re.compile(
    r"(?:[是为说道示调出求述下即如称问答]|认为|来源|时间|日期|作者|编辑|索引号|分类|机关|字号|关键词|电话|邮箱|地址|联系人|"
    r"各位\w*|同志们?|先生们?|女士们?|朋友们?|代表们?|委员们?)[：:]$"
)
FRONT = re.compile(
    r"(?:摘 ?要|内容提要|引 ?言|前 ?言|导 ?言|绪 ?论|导 ?论|总 ?论|序 ?言|结 ?语|结 ?论|结束语|参考文献|后 ?记|目 ?录)$"
)
_DATED = re.compile(r"[（(]?(?:\d{4}|[二〇○零一九]{4}) ?[年./-]|.*[〔\[（(]\d{4}[〕\]）)] ?\d+ ?号")

_FINAL = "。！？!?；;：:，,—…"


@dataclass(frozen=True)
class Heading:
    """A heading or list marker that was found.

    Attributes:
        start, title_start, title_end, number, kind: as in :class:`ftzgraph.document.Section`.
        style: headings of one style stand side by side.
        rank: rank of the style, outermost first.
        ordinal: value of the number, 0 without one.
        paragraph: index of the paragraph it stands in.
        limit: where its section ends at the latest, ``None`` for anywhere.
    """

    start: int
    title_start: int
    title_end: int
    number: str
    kind: SectionKind
    style: str
    rank: float
    ordinal: int
    paragraph: int
    limit: int | None = None


def numbered(paragraph: str) -> tuple[Style, str] | None:
    """Return the style of the number with which a paragraph begins, and that number; ``None`` without one."""
    for style in _STYLES:
        match = style.pattern.match(paragraph)
        if match:
            return style, match[0]
    return None


def find_headings(
    text: str, paragraphs: Sequence[Span], body: Sequence[int], marks: Mapping[int, Span]
) -> list[Heading]:
    """Find headings and list items.

    Args:
        text: the text.
        paragraphs: start and end of each paragraph.
        body: indices of the paragraphs to look at.
        marks: of each paragraph that the format marks as a heading its level and the offset where its words start.

    Returns:
        The headings in reading order.
    """
    lines = [text[slice(*paragraphs[p])] for p in body]
    labels = Counter(m[0] for line in lines if (m := _LABEL.match(line)))
    found: list[Heading] = []
    # Where the format marks headings a short line without a mark is none.
    for n, p in enumerate(body):
        following = lines[n + 1 : n + 3]
        heading = (
            _marked_heading(text, paragraphs, p, marks)
            or _numbered_heading(text, paragraphs, p)
            or _label(text, paragraphs, p, labels)
            or (None if len(marks) > 1 else _plain_heading(text, paragraphs, p, following))
        )
        found.extend([heading] if heading else [])
        found.extend(_inline_items(text, paragraphs, p))
    return _limit_claims(_lists(sorted(found, key=lambda h: h.start), paragraphs), paragraphs)


def _marked_heading(text: str, paragraphs: Sequence[Span], p: int, marks: Mapping[int, Span]) -> Heading | None:
    if p not in marks:
        return None
    level, start = marks[p]
    end = paragraphs[p][1]
    found = numbered(text[start:end])
    number = found[1] if found and start + len(found[1]) < end else ""
    title = start + len(number)
    return Heading(
        paragraphs[p][0],
        title,
        _strip_final(text, title, end),
        number.strip(),
        "heading",
        f"#{level}",
        level / 10,
        _ordinal(number),
        p,
    )


def _numbered_heading(text: str, paragraphs: Sequence[Span], p: int) -> Heading | None:
    start, end = paragraphs[p]
    found = numbered(text[start:end])
    if not found:
        return None
    style, number = found
    ordinal = _ordinal(number)
    if start + len(number) >= end:
        # 附件1 alone on its line is its own title.
        return Heading(start, start, _strip_final(text, start, end), "", "heading", style.name, style.rank, ordinal, p)
    title = start + len(number)
    if style.item or (
        style.inline and any(_ordinal(m[1]) == ordinal + 1 for m in style.inline.finditer(text, title, end))
    ):
        return _item(text, style, start, title, end, p)
    stop = next(sentence_ends(text, title, end), end)
    kind: SectionKind = "heading" if stop == end else "run-in"
    return Heading(
        start, title, _strip_final(text, title, stop), number.strip(), kind, style.name, style.rank, ordinal, p
    )


def _label(text: str, paragraphs: Sequence[Span], p: int, labels: Mapping[str, int]) -> Heading | None:
    """Return a heading such as ``整改进展情况：…`` over a short rest, or one that comes back."""
    start, end = paragraphs[p]
    match = _LABEL.match(text, start, end)
    if not match or _NO_LABEL.search(match[0]) or (match.end() == end and p + 1 == len(paragraphs)):
        return None
    single = next(sentence_ends(text, start, end), end) == end
    if labels[match[0]] < 2 and (not single or end - match.end() > _SHORT_REST):
        return None
    return Heading(start, start, match.end() - 1, "", "heading" if single else "run-in", "label", _LABEL_RANK, 0, p)


def _plain_heading(text: str, paragraphs: Sequence[Span], p: int, following: Sequence[str]) -> Heading | None:
    """Return a short line on its own over a longer text, such as ``主要问题`` or ``效能不断提高。``."""
    start, end = paragraphs[p]
    line = text[start:end]
    if not following or line[0] in "（(—《“[【" or _DATED.match(line) or _DATED.match(following[0]):
        return None
    if line[-1] == "。":
        fits = len(line) <= 16 and not re.search(r"[，、；：。！？]", line[:-1]) and len(following[0]) >= 40
    else:
        fits = len(line) <= 40 and not re.search(r"[，。！？；：,;:!?]|\. |[、…—]$", line)
        fits = fits and any(re.search(r"[。；：]|\. ?", next_line) or numbered(next_line) for next_line in following)
    if not fits or not re.search(r"[^\W\d_]{2}", line):
        return None
    style = "front" if FRONT.match(line) else "claim" if line[-1] == "。" else "plain"
    return Heading(start, start, _strip_final(text, start, end), "", "heading", style, 0, 0, p)


def _item(text: str, style: Style, start: int, title: int, end: int, p: int) -> Heading:
    """Return a member of a running list; its title is its first clause."""
    number = text[start:title]
    title = skip_space(text, title, end)
    stop = first_mark(text, title, end, "。！？；：—")
    name = style.name + " item"
    return Heading(start, title, _strip_final(text, title, stop), number.strip(), "item", name, 20, _ordinal(number), p)


def _inline_items(text: str, paragraphs: Sequence[Span], p: int) -> Iterator[Heading]:
    start, end = paragraphs[p]
    for style in _STYLES:
        for match in style.inline.finditer(text, start, end) if style.inline else ():
            if match.end() < end:
                yield _item(text, style, match.start(1), match.end(), end, p)


def _lists(headings: Iterable[Heading], paragraphs: Sequence[Span]) -> list[Heading]:
    """Keep the items that make a list, one style counting 1, 2, … with at least two members, and limit the last of each.

    A list within a paragraph ends with it. A list over several paragraphs gives its last item as many as the longest before.
    """
    kept: list[Heading] = []
    runs: dict[str, list[Heading]] = {}

    def close(style: str) -> None:
        run = runs.pop(style, [])
        if len(run) > 1:
            longest = max(1, *(b.paragraph - a.paragraph for a, b in pairwise(run)))
            last = min(run[-1].paragraph + longest - 1, len(paragraphs) - 1)
            kept.extend([*run[:-1], replace(run[-1], limit=paragraphs[last][1])])

    for heading in headings:
        if heading.kind != "item":
            kept.append(heading)
            for style in list(runs):
                close(style)
        elif heading.style in runs and _follows(heading, runs[heading.style][-1]):
            runs[heading.style].append(heading)
        elif heading.ordinal == 1:
            close(heading.style)
            runs[heading.style] = [heading]
    for style in list(runs):
        close(style)
    return sorted(kept, key=lambda h: h.start)


def _follows(heading: Heading, previous: Heading) -> bool:
    last = heading.number.startswith("最后") and previous.ordinal < heading.ordinal
    return last or heading.ordinal == previous.ordinal + 1


def _limit_claims(headings: Sequence[Heading], paragraphs: Sequence[Span]) -> list[Heading]:
    """Limit headings that are sentences: each reaches over as many paragraphs as lie between two of them, at least one."""
    longest = 2
    limited = list(headings)
    places = [n for n, heading in enumerate(headings) if heading.kind != "item"]
    for n, following in zip(places, [*places[1:], None], strict=False):
        heading = headings[n]
        if heading.style == "claim":
            if following is not None and headings[following].style == "claim":
                longest = max(longest, headings[following].paragraph - heading.paragraph)
            last = min(heading.paragraph + longest - 1, len(paragraphs) - 1)
            limited[n] = replace(heading, limit=paragraphs[last][1])
    return limited


_SEQUENCE = ("首先", "其次", "再次", "最后")


def _ordinal(number: str) -> int:
    """Return the value of a number such as ``（十二）``, ``3.`` or ``②``; of ``1.4`` the last part; 0 without one."""
    number = number.strip()
    if number[:2] in _SEQUENCE:
        return _SEQUENCE.index(number[:2]) + 1
    if "①" <= number[:1] <= "⑳":
        return ord(number[0]) - ord("①") + 1
    arabic = re.findall(r"[0-9]+", number)
    if arabic:
        return int(arabic[-1])
    han = re.search(_HAN, number)
    value = digit = 0
    for character in han[0] if han else "":
        if character in "十百":
            value += (digit or 1) * (10 if character == "十" else 100)
            digit = 0
        else:
            digit = "零一二三四五六七八九".find(character.replace("〇", "零"))
    return value + digit


def _strip_final(text: str, start: int, end: int) -> int:
    while end > start + 1 and (text[end - 1].isspace() or text[end - 1] in _FINAL):
        end -= 1
    return end
