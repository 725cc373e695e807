"""Cleaned text → its layers: title, authors, sections, paragraphs, sentences."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ftzgraph.document import Section, SectionKind, Sentence, Structure

# --- numbering ---------------------------------------------------------------------------------------------------

_HAN = r"[一二三四五六七八九十百零〇]+"
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦"
    "贾夏付傅方邹熊白孟秦邱侯江尹薛闫阎雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严欧莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申耿"
    "关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪"
    "简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_COMPOUND_SURNAMES = ("欧阳", "司马", "上官", "诸葛", "司徒", "东方", "皇甫", "令狐", "慕容", "尉迟", "公孙", "夏侯")


@dataclass(frozen=True)
class _Style:
    """A way of numbering headings.

    Attributes:
        name: identifies the style; headings of one style stand side by side.
        pattern: matches the number with its punctuation.
        rank: the usual order of the styles, outermost first.
        item: whether it numbers the members of a running list.
        inline: matches it in the midst of a paragraph, ``None`` when it does not occur there.
    """

    name: str
    pattern: re.Pattern[str]
    rank: int
    item: bool = False
    inline: re.Pattern[str] | None = None


def _style(name: str, pattern: str, rank: int, item: bool = False, inline: bool = False) -> _Style:
    within = re.compile(rf"(?<=[。；;：:！？，,）”]) ?({pattern})") if inline else None
    return _Style(name, re.compile(pattern), rank, item, within)


_STYLES = (
    _style("appendix", r"附[件录表] ?[0-9一二三四五六七八九十]*[：:.、]?(?![^\s：:.、《（(]{30})", 0),
    _style("part", rf"第(?:{_HAN}|\d+)[编篇](?![^\s]*。)", 1),
    _style("chapter", rf"第(?:{_HAN}|\d+)(?:章|部分)", 2),
    _style("passage", rf"第(?:{_HAN}|\d+)节", 3),
    _style("han", rf"{_HAN}、", 4),
    _style("(han)", rf"[（(]{_HAN}[）)]、?", 5),
    _style("project", r"(?:项目|问题|任务|案例|专栏) ?\d+(?:[.．]\d+)*[：:]", 6),
    _style("decimal", r"\d{1,2}(?:[.．]\d{1,2})+[.．、]? ?(?=[^\d\s%.．、])(?<=[ .．、])", 7),
    _style("number", r"\d{1,2}(?:[．、]|\.(?!\d)) ?", 8),
    _style("(number)", r"(?:[（(]\d{1,2}[）)]|\d{1,2}[）)])[、.]?", 10, inline=True),
    _style("circle", r"[①-⑳]", 11, inline=True),
    _style("ordinal", r"第[一二三四五六七八九十]+[，,、：:]", 12, item=True, inline=True),
    _style("first", r"(?:首先|其次|再次|最后)[，,]", 12, item=True, inline=True),
    _style("one", r"[一二三四五六七八九十]+是", 13, item=True, inline=True),
    _style("of-them", r"其[一二三四五六七八九十][，,、：:是]", 13, item=True, inline=True),
)
_LABEL_RANK = 9
_LABEL = re.compile(r"[^\W\d_]{2,10}[：:]")
_NO_LABEL = re.compile(
    r"(?:[是为说道示调出求述下即如称问答]|认为|来源|时间|日期|作者|编辑|索引号|分类|机关|字号|关键词|电话|邮箱|地址|联系人|"
    r"各位\w*|同志们?|先生们?|女士们?|朋友们?|代表们?|委员们?)[：:]$"
)
_FRONT = re.compile(
    r"(?:摘 ?要|内容提要|引 ?言|前 ?言|导 ?言|绪 ?论|导 ?论|总 ?论|序 ?言|结 ?语|结 ?论|结束语|参考文献|后 ?记|目 ?录)$"
)
_DATED = re.compile(r"[（(]?(?:\d{4}|[二〇○零一九]{4}) ?[年./-]|.*[〔\[（(]\d{4}[〕\]）)] ?\d+ ?号")

_FINAL = "。！？!?；;：:，,—…"
_PAIRS = {
    "“": "”",
    "‘": "’",
    "（": "）",
    "(": ")",
    "《": "》",
    "「": "」",
    "『": "』",
    "【": "】",
    "〔": "〕",
    "[": "]",
}
_CLOSERS = '”’」』）)》】〕]"'
_STOP = re.compile(
    rf"(?:[。！？]|[!?](?![A-Za-z0-9&=/])|…{{2,}}|(?<=[a-z0-9)”\"][a-z0-9)”\"])\.(?=[{re.escape(_CLOSERS)}]* +[“\"]?[A-Z]))"
    rf"[。！？!?…]*(?P<closers>[{re.escape(_CLOSERS)}]*)"
)

_Span = tuple[int, int]


@dataclass(frozen=True)
class _Heading:
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


def find_structure(text: str, levels: Mapping[int, int] | None = None) -> Structure:
    """Find the layers of a text.

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
    paragraphs = tuple(
        (m.start(), m.end()) for m in re.finditer(r"\S(?:[^\n\r\f\v\x1c-\x1e\x85\u2028\u2029]*\S)?", text)
    )
    marks = _marks(text, paragraphs, levels or {})
    title = _title(text, paragraphs, marks)
    line, authors = (None, ()) if title is None else _authors(text, paragraphs, title)
    body = [p for p in range(len(paragraphs)) if p not in (title, line)]
    sections = _nest(_headings(text, paragraphs, body, marks), paragraphs)
    return Structure(
        title=None if title is None else (marks.get(title, (0, paragraphs[title][0]))[1], paragraphs[title][1]),
        authors=authors,
        sections=sections,
        paragraphs=paragraphs,
        sentences=tuple(_sentences(text, paragraphs, body, sections)),
    )


def _marks(text: str, paragraphs: Sequence[_Span], levels: Mapping[int, int]) -> dict[int, _Span]:
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


def _title(text: str, paragraphs: Sequence[_Span], marks: Mapping[int, _Span]) -> int | None:
    """Return the index of the title: the only first-level heading near the top, else the first line that is no sentence."""
    if len(paragraphs) < 2:
        return None
    first_level = [p for p, (level, _) in marks.items() if level == 1]
    if first_level and first_level[0] < 10:
        p = first_level[0]
        alone = len(first_level) == 1 or p + 1 in marks
        return p if alone and p + 1 < len(paragraphs) and not _numbered(text[marks[p][1] : paragraphs[p][1]]) else None
    if 0 in marks:
        return None
    # Pages from the web open with the words of buttons: too short for a title.
    for p, (start, end) in enumerate(paragraphs[:12]):
        line = text[start:end]
        if len(line) > 80 or _numbered(line) or _FRONT.match(line) or re.search(r"[。！？；]", line):
            break
        if len(line) >= 4 and line[0] not in "（(—【[" and line[-1] not in _FINAL:
            return p if p + 1 < len(paragraphs) else None
    return None


def _authors(text: str, paragraphs: Sequence[_Span], title: int) -> tuple[int | None, tuple[_Span, ...]]:
    """Return the index of the author line within the three paragraphs after the title, and the names on it."""
    for p, (start, end) in enumerate(paragraphs[title + 1 : title + 4], title + 1):
        line = text[start:end]
        names = _names(line)
        if names:
            return p, tuple((start + a, start + b) for a, b in names)
        if len(line) > 60 or "。" in line or _numbered(line):
            break
    return None, ()


def _names(line: str) -> list[_Span]:
    """Return the spans of the names on a line that holds nothing else, an office or ``作者：`` in front aside."""
    prefix = re.match(r"\s*(?:作者[：:]?|文[/／|]|\S{2,}(?:长|总理|主任|主席|书记|代表)\s(?=\S))\s*", line)
    begin = prefix.end() if prefix else 0
    tokens = [(m.start(), m.end()) for m in re.compile(r"[^\s、，,;；/／]+").finditer(line, begin)]
    names: list[_Span] = []
    while tokens:
        start, end = tokens.pop(0)
        word = line[start:end].rstrip("0123456789*①②③④⑤⑥")
        end = start + len(word)
        # A name of two characters is often set with a space between them.
        if len(word) == 1 and tokens and tokens[0][1] - tokens[0][0] == 1 and line[end : tokens[0][0]].isspace():
            end = tokens.pop(0)[1]
            word += line[end - 1]
        if not _is_name(word):
            return []
        names.append((start, end))
    # A lone word of two characters is more likely a heading.
    lone = len(names) == 1 and not prefix and names[0][1] - names[0][0] == 2
    return [] if lone or len(names) > 12 else names


def _is_name(word: str) -> bool:
    if not re.fullmatch(r"[\u4e00-\u9fff]{1,6}·[\u4e00-\u9fff]{1,8}|[\u4e00-\u9fff]{2,4}", word):
        return False
    if "·" in word or word.startswith(_COMPOUND_SURNAMES):
        return len(word) > 2
    return len(word) <= 3 and word[0] in _SURNAMES


# --- headings ----------------------------------------------------------------------------------------------------


def _numbered(paragraph: str) -> tuple[_Style, str] | None:
    """Return the style and the number with which a paragraph begins."""
    for style in _STYLES:
        match = style.pattern.match(paragraph)
        if match:
            return style, match[0]
    return None


def _headings(
    text: str, paragraphs: Sequence[_Span], body: Sequence[int], marks: Mapping[int, _Span]
) -> list[_Heading]:
    """Return headings and list items in reading order."""
    lines = [text[slice(*paragraphs[p])] for p in body]
    labels = [m[0] for line in lines if (m := _LABEL.match(line))]
    found: list[_Heading] = []
    for n, p in enumerate(body):
        following = lines[n + 1 : n + 3]
        heading = (
            _marked_heading(text, paragraphs, p, marks)
            or _numbered_heading(text, paragraphs, p)
            or _label(text, paragraphs, p, labels)
            or _plain_heading(text, paragraphs, p, following)
        )
        found.extend([heading] if heading else [])
        found.extend(_inline_items(text, paragraphs, p))
    return _limit_claims(_lists(sorted(found, key=lambda h: h.start), paragraphs), paragraphs)


def _marked_heading(text: str, paragraphs: Sequence[_Span], p: int, marks: Mapping[int, _Span]) -> _Heading | None:
    if p not in marks:
        return None
    level, start = marks[p]
    end = paragraphs[p][1]
    numbered = _numbered(text[start:end])
    number = numbered[1] if numbered and start + len(numbered[1]) < end else ""
    title = start + len(number)
    return _Heading(
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


def _numbered_heading(text: str, paragraphs: Sequence[_Span], p: int) -> _Heading | None:
    start, end = paragraphs[p]
    numbered = _numbered(text[start:end])
    if not numbered:
        return None
    style, number = numbered
    ordinal = _ordinal(number)
    if start + len(number) >= end:
        # 附件1 alone on its line is its own title.
        return _Heading(start, start, _strip_final(text, start, end), "", "heading", style.name, style.rank, ordinal, p)
    title = start + len(number)
    if style.item or (
        style.inline and any(_ordinal(m[1]) == ordinal + 1 for m in style.inline.finditer(text, title, end))
    ):
        return _item(text, style, start, title, end, p)
    stop = min(_stops(text, title, end), default=end)
    kind: SectionKind = "heading" if stop == end else "run-in"
    return _Heading(
        start, title, _strip_final(text, title, stop), number.strip(), kind, style.name, style.rank, ordinal, p
    )


def _label(text: str, paragraphs: Sequence[_Span], p: int, labels: Sequence[str]) -> _Heading | None:
    """Return a heading such as ``整改进展情况：…`` over a short rest, or one that comes back."""
    start, end = paragraphs[p]
    match = _LABEL.match(text, start, end)
    if not match or _NO_LABEL.search(match[0]) or (end - match.end() > 20 and labels.count(match[0]) < 2):
        return None
    if match.end() == end and p + 1 == len(paragraphs):
        return None
    kind: SectionKind = "heading" if min(_stops(text, start, end), default=end) == end else "run-in"
    return _Heading(start, start, match.end() - 1, "", kind, "label", _LABEL_RANK, 0, p)


def _plain_heading(text: str, paragraphs: Sequence[_Span], p: int, following: Sequence[str]) -> _Heading | None:
    """Return a short line on its own over a longer text, such as ``主要问题`` or ``效能不断提高。``."""
    start, end = paragraphs[p]
    line = text[start:end]
    if not following or line[0] in "（(—《“[【" or _DATED.match(line) or _DATED.match(following[0]):
        return None
    if line[-1] == "。":
        fits = len(line) <= 16 and not re.search(r"[，、；：。！？]", line[:-1]) and len(following[0]) >= 40
    else:
        fits = len(line) <= 40 and not re.search(r"[，。！？；：,;:!?]|\. |[、…—]$", line)
        fits = fits and any(re.search(r"[。；：]|\. ?", next_line) or _numbered(next_line) for next_line in following)
    if not fits or not re.search(r"[^\W\d_]{2}", line):
        return None
    style = "front" if _FRONT.match(line) else "claim" if line[-1] == "。" else "plain"
    return _Heading(start, start, _strip_final(text, start, end), "", "heading", style, 0, 0, p)


def _item(text: str, style: _Style, start: int, title: int, end: int, p: int) -> _Heading:
    """Return a member of a running list; its title is its first clause."""
    number = text[start:title]
    title = _skip_space(text, title, end)
    stop = _first(text, title, end, "。！？；：—")
    name = style.name + " item"
    return _Heading(
        start, title, _strip_final(text, title, stop), number.strip(), "item", name, 20, _ordinal(number), p
    )


def _inline_items(text: str, paragraphs: Sequence[_Span], p: int) -> Iterator[_Heading]:
    start, end = paragraphs[p]
    for style in _STYLES:
        for match in style.inline.finditer(text, start, end) if style.inline else ():
            if match.end() < end:
                yield _item(text, style, match.start(1), match.end(), end, p)


def _lists(headings: Iterable[_Heading], paragraphs: Sequence[_Span]) -> list[_Heading]:
    """Keep the items that make a list, one style counting 1, 2, … with at least two members, and limit the last of each.

    A list within a paragraph ends with it. A list over several paragraphs gives its last item as many as the longest before.
    """
    kept: list[_Heading] = []
    runs: dict[str, list[_Heading]] = {}

    def close(style: str) -> None:
        run = runs.pop(style, [])
        if len(run) > 1:
            longest = max(1, *(b.paragraph - a.paragraph for a, b in zip(run, run[1:], strict=False)))
            last = min(run[-1].paragraph + longest - 1, len(paragraphs) - 1)
            kept.extend([*run[:-1], replace(run[-1], limit=paragraphs[last][1])])

    for heading in headings:
        if heading.kind != "item":
            kept.append(heading)
            for style in list(runs):
                close(style)
        elif heading.style in runs and heading.ordinal == runs[heading.style][-1].ordinal + 1:
            runs[heading.style].append(heading)
        elif heading.ordinal == 1:
            close(heading.style)
            runs[heading.style] = [heading]
    for style in list(runs):
        close(style)
    return sorted(kept, key=lambda h: h.start)


def _limit_claims(headings: Sequence[_Heading], paragraphs: Sequence[_Span]) -> list[_Heading]:
    """Limit headings that are sentences: each reaches over as many paragraphs as lie between two of them, at least one."""
    longest = 2
    limited = []
    for n, heading in enumerate(headings):
        if heading.style == "claim":
            following = next((h for h in headings[n + 1 :] if h.kind != "item"), None)
            if following and following.style == "claim":
                longest = max(longest, following.paragraph - heading.paragraph)
            last = min(heading.paragraph + longest - 1, len(paragraphs) - 1)
            heading = replace(heading, limit=paragraphs[last][1])
        limited.append(heading)
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


# --- nesting -----------------------------------------------------------------------------------------------------


def _nest(headings: Sequence[_Heading], paragraphs: Sequence[_Span]) -> tuple[Section, ...]:
    """Nest headings by style and find where their sections end."""
    parents: list[int | None] = []
    ends: list[int] = [paragraphs[-1][1] if paragraphs else 0] * len(headings)
    stack: list[int] = []
    for n, heading in enumerate(headings):
        before = (
            heading.start if heading.start > paragraphs[heading.paragraph][0] else paragraphs[heading.paragraph - 1][1]
        )
        open_headings = [headings[i] for i in stack if ends[i] > heading.start]
        depth = _depth(open_headings, heading, headings[:n], headings[n + 1 :])
        for i in stack[depth:]:
            ends[i] = min(ends[i], before)
        del stack[depth:]
        parents.append(stack[-1] if stack else None)
        limit = ends[stack[-1]] if stack else ends[n]
        ends[n] = min(limit, heading.limit or limit)
        stack.append(n)
    levels: list[int] = []
    for parent in parents:
        levels.append(1 if parent is None else levels[parent] + 1)
    return tuple(
        Section(h.start, end, h.title_start, h.title_end, h.number, level, parent, h.kind)
        for h, end, level, parent in zip(headings, ends, levels, parents, strict=True)
    )


def _depth(stack: Sequence[_Heading], heading: _Heading, earlier: Sequence[_Heading], later: Sequence[_Heading]) -> int:
    """Return how many of the open sections a heading lies in."""
    styles = [h.style for h in stack]
    if heading.kind == "item":
        return styles.index(heading.style) if heading.style in styles else len(stack)
    outer = next((i for i, h in enumerate(stack) if h.kind == "item"), len(stack))
    stack, styles = stack[:outer], styles[:outer]
    if heading.style == "front":
        return next((i for i, h in enumerate(stack) if h.rank >= 1 or h.style in ("plain", "claim", "front")), outer)
    coming = next((h for h in later if h.ordinal and h.kind != "item"), None)
    if heading.style in ("plain", "claim", "label") and coming:
        # What stands between two neighbours of one numbering lies in the first of them.
        inside = [i for i, h in enumerate(stack) if h.style == coming.style and h.ordinal + 1 == coming.ordinal]
        if inside:
            return next((i for i in range(inside[-1] + 1, outer) if styles[i] == heading.style), outer)
    if heading.style in styles:
        return styles.index(heading.style)
    if heading.style in ("plain", "claim"):
        # A numbering that begins anew after this line belongs to it.
        anew = coming is not None and coming.ordinal == 1 and coming.style in styles
        return styles.index(coming.style) if coming and anew else outer
    begins = heading.ordinal <= 1 or all(h.style != heading.style for h in earlier)
    alone = heading.rank <= 4 and all(
        h.style != heading.style or h.ordinal != heading.ordinal for h in (*earlier, *later)
    )
    depth = outer
    while depth:
        top = stack[depth - 1]
        if top.style in ("plain", "claim") and begins and not alone:
            break
        if top.style not in ("plain", "claim", "front") and top.rank < heading.rank:
            break
        depth -= 1
    return depth


# --- sentences ---------------------------------------------------------------------------------------------------


def _sentences(
    text: str, paragraphs: Sequence[_Span], body: Sequence[int], sections: Sequence[Section]
) -> Iterator[Sentence]:
    """Split the paragraphs at final punctuation, and where the item of a list follows 。；：."""
    items = [s.start for s in sections if s.kind == "item" and text[: s.start].rstrip()[-1:] in "。！？；;：:"]
    section, opened = -1, 0
    for p in body:
        start, end = paragraphs[p]
        cuts = sorted({*_stops(text, start, end), *(i for i in items if start < i < end), end})
        for cut in cuts:
            stop = start + len(text[start:cut].rstrip())
            if stop == start:
                continue
            while opened < len(sections) and sections[opened].start <= start:
                section, opened = opened, opened + 1
            inner: int | None = section if section >= 0 else None
            while inner is not None and sections[inner].end <= start:
                inner = sections[inner].parent
            yield Sentence(start, stop, p, inner)
            start = _skip_space(text, cut, end)


def _stops(text: str, start: int, end: int) -> Iterator[int]:
    """Yield where the sentences of a paragraph end, the last aside when nothing follows its end."""
    pairs = _pairs(text, start, end)
    for match in _STOP.finditer(text, start, end):
        after = match.end()
        if _cut(text, start, end, match.start(), after, bool(match["closers"]), pairs):
            yield after


def _cut(text: str, start: int, end: int, stop: int, after: int, closed: bool, pairs: Mapping[int, int]) -> bool:
    """Tell whether final punctuation at ``stop``, with its closing marks up to ``after``, ends a sentence."""
    for opener, closer in pairs.items():
        if opener < stop and closer >= after and (text[opener] not in "“‘「『" or closer - opener <= 40):
            return False
    rest = text[after:end].lstrip()
    if not rest:
        return True
    if rest[0] in "，、；：,;" or (rest[0] in "的地得等之和与及或" and (closed or text[stop] == "…")):
        return False
    if text[after - 1] in "）)":
        # A sentence in brackets stands alone only where the one before has ended.
        opener = next((o for o, c in pairs.items() if c == after - 1), start)
        return opener == start or text[opener - 1] in "。！？!?”"
    return True


def _pairs(text: str, start: int, end: int) -> dict[int, int]:
    """Return offset of opening → offset of closing mark for the brackets and quotation marks that match."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for k in range(start, end):
        if text[k] in _PAIRS:
            opened.append(k)
        elif any(_PAIRS[text[o]] == text[k] for o in opened):
            while _PAIRS[text[opened[-1]]] != text[k]:
                opened.pop()
            pairs[opened.pop()] = k
    return pairs


def _first(text: str, start: int, end: int, marks: str) -> int:
    """Return the offset of the first of some punctuation marks outside brackets and quotation marks, or ``end``."""
    pairs = _pairs(text, start, end)
    k = start
    while k < end and text[k] not in marks:
        k = pairs.get(k, k) + 1
    return min(k, end)


def _skip_space(text: str, start: int, end: int) -> int:
    while start < end and text[start].isspace():
        start += 1
    return start


def _strip_final(text: str, start: int, end: int) -> int:
    while end > start + 1 and (text[end - 1].isspace() or text[end - 1] in _FINAL):
        end -= 1
    return end
