"""Cleaned text → its layers: title, authors, sections, paragraphs, sentences."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

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
_NO_LABEL = re.compile(r"(?:[是为说道示调出求述下即如称问答]|认为|各位\w*|同志们?|先生们?|女士们?|朋友们?|代表们?|委员们?)[：:]$")
_FRONT = re.compile(r"(?:摘 ?要|内容提要|引 ?言|前 ?言|导 ?言|绪 ?论|导 ?论|总 ?论|序 ?言|结 ?语|结 ?论|结束语|参考文献|后 ?记|目 ?录)$")


@dataclass(frozen=True)
class _Heading:
    """A heading or list marker that was found, before it is known how far its section reaches."""

    start: int
    title_start: int
    title_end: int
    number: str
    kind: SectionKind
    style: str
    rank: float
    ordinal: int
    paragraph: int
    inline: bool = False


@dataclass
class _Open:
    """A section whose end is not yet known."""

    heading: _Heading
    parent: int | None
    level: int
    index: int
    end: int = field(default=0)


def find_structure(text: str, levels: Mapping[int, int] | None = None) -> Structure:
    """Find the layers of a text.

    Args:
        text: a cleaned text, a paragraph a line; any other text does no harm.
        levels: levels of headings that the format itself marks, by the text offset at which they start.

    Returns:
        Title, authors, sections, paragraphs and sentences, in text offsets.

    >>> text = "关于提升战略的建议\\n王小明 李 华\\n一、主要问题\\n要素不足。测试不够。"
    >>> structure = find_structure(text)
    >>> [text[a:b] for a, b in structure.authors]
    ['王小明', '李 华']
    >>> [(s.number, text[s.title_start:s.title_end], text[s.start:s.end]) for s in structure.sections]
    [('一、', '主要问题', '一、主要问题\\n要素不足。测试不够。')]
    """
    marked = dict(levels or {})
    paragraphs = tuple((m.start(), m.end()) for m in re.finditer(r"[^\s](?:[^\n\r\f\v\x85\u2028\u2029]*[^\s])?", text))
    title = _title(text, paragraphs, marked)
    front, authors = _authors(text, paragraphs) if title else (frozenset[int](), ())
    body = [p for p in range(len(paragraphs)) if not (title and p == 0) and p not in front]
    headings = _headings(text, paragraphs, body, marked)
    sections = _nest(headings, paragraphs, len(text))
    return Structure(title, authors, sections, paragraphs, tuple(_sentences(text, paragraphs, body, sections, headings)))


# --- title and authors -------------------------------------------------------------------------------------------


def _title(text: str, paragraphs: tuple[tuple[int, int], ...], marked: Mapping[int, int]) -> tuple[int, int] | None:
    """Return the first paragraph when it is neither sentence nor heading and something follows it."""
    if len(paragraphs) < 2:
        return None
    start, end = paragraphs[0]
    first = text[start:end]
    hashes = re.match(r"#{1,6} +", first)
    if marked.get(start) == 1 or (hashes and len(hashes[0].strip()) == 1):
        return start + (hashes.end() if hashes else 0), end
    if start in marked or hashes or len(first) > 80 or first[0] in "（(—" or first[-1] in "。！？!?；;：:，":
        return None
    if re.search(r"[。！？；]", first) or _numbered(first) or _FRONT.match(first):
        return None
    return start, end


def _authors(
    text: str, paragraphs: tuple[tuple[int, int], ...]
) -> tuple[frozenset[int], tuple[tuple[int, int], ...]]:
    """Return the author line within the three paragraphs after the title, and the names in it."""
    for p in range(1, min(4, len(paragraphs))):
        start, end = paragraphs[p]
        names = _names(text[start:end])
        if names:
            return frozenset([p]), tuple((start + a, start + b) for a, b in names)
    return frozenset(), ()


def _names(line: str) -> list[tuple[int, int]]:
    """Return the spans of the names on a line that holds nothing else, an office or ``作者：`` in front aside."""
    prefix = re.match(r"(?:作者[：:]?|文[/／|]|\S{2,}(?:长|总理|主任|主席|书记|代表) (?=\S)) *", line)
    tokens = [(m.start(), m.end()) for m in re.finditer(r"[^\s、，,;；/／]+", line) if m.start() >= (prefix.end() if prefix else 0)]
    names: list[tuple[int, int]] = []
    while tokens:
        start, end = tokens.pop(0)
        word = line[start:end].rstrip("0123456789*①②③④⑤⑥")
        # A name of two characters is often set with a space between them.
        if len(word) == 1 and tokens and tokens[0][1] - tokens[0][0] == 1 and line[end : tokens[0][0]].isspace():
            end = tokens.pop(0)[1]
            word += line[end - 1]
        else:
            end = start + len(word)
        if not _is_name(word):
            return []
        names.append((start, end))
    return names if len(names) <= 12 else []


def _is_name(word: str) -> bool:
    if not re.fullmatch(r"[\u4e00-\u9fff]{1,6}·[\u4e00-\u9fff]{1,8}|[\u4e00-\u9fff]{2,4}", word):
        return False
    if "·" in word or word.startswith(_COMPOUND_SURNAMES):
        return len(word) > 2
    return len(word) <= 3 and word[0] in _SURNAMES


# --- headings ----------------------------------------------------------------------------------------------------


def _numbered(paragraph: str) -> tuple[_Style, re.Match[str]] | None:
    for style in _STYLES:
        match = style.pattern.match(paragraph)
        if match:
            return style, match
    return None


def _headings(
    text: str, paragraphs: tuple[tuple[int, int], ...], body: list[int], marked: Mapping[int, int]
) -> list[_Heading]:
    """Return headings and list items in reading order."""
    labels = [m[0] for p in body if (m := _LABEL.match(text, *paragraphs[p]))]
    found: list[_Heading] = []
    for n, p in enumerate(body):
        start, end = paragraphs[p]
        follows = text[slice(*paragraphs[body[n + 1]])] if n + 1 < len(body) else ""
        heading = _paragraph_heading(text, start, end, p, marked, labels, follows)
        if heading:
            found.append(heading)
        found.extend(_inline_items(text, start, end, p))
    return _proper_runs(sorted(found, key=lambda h: h.start))


def _paragraph_heading(
    text: str, start: int, end: int, p: int, marked: Mapping[int, int], labels: list[str], follows: str
) -> _Heading | None:
    hashes = re.match(r"(#{1,6}) +", text[start:end])
    level = len(hashes[1]) if hashes else marked.get(start, 0)
    begin = start + (hashes.end() if hashes else 0)
    paragraph = text[begin:end]
    numbered = _numbered(paragraph)
    number = numbered[1][0] if numbered else ""
    ordinal = _ordinal(number)
    title_start = _skip_space(text, begin + len(number), end)
    if level:
        return _Heading(start, title_start, _strip_final(text, title_start, end), number.strip(), "heading", f"#{level}", level / 10, ordinal, p)
    if numbered and title_start < end:
        style = numbered[0]
        stop = _first_stop(text, title_start, end, "。！？；：—" if style.item else "。！？")
        kind: SectionKind = "item" if style.item else "heading" if stop >= end or not text[stop:end].strip(_STOPS + _CLOSERS) else "run-in"
        return _Heading(start, title_start, _strip_final(text, title_start, stop), number.strip(), kind, style.name, style.rank, ordinal, p)
    if numbered and numbered[0].name == "appendix":
        return _Heading(start, start, _strip_final(text, start, end), "", "heading", "appendix", 0, ordinal, p)
    label = _LABEL.match(paragraph)
    if label and not _NO_LABEL.search(label[0]) and follows:
        rest = len(paragraph) - len(label[0])
        if rest <= 20 or labels.count(label[0]) > 1:
            stop = _first_stop(text, begin, end, "。！？")
            kind = "heading" if stop >= end - 1 else "run-in"
            return _Heading(start, start, start + len(label[0]) - 1, "", kind, "label", _LABEL_RANK, 0, p)
    if _is_unnumbered_heading(paragraph, follows):
        return _Heading(start, start, _strip_final(text, start, end), "", "heading", "plain", 0, 0, p)
    return None


def _is_unnumbered_heading(paragraph: str, follows: str) -> bool:
    """Tell whether a paragraph is a short line on its own over a longer text, such as ``主要问题`` or ``效能不断提高。``."""
    if not follows or not re.search(r"[^\W\d_]", paragraph) or paragraph[0] in "（(—《“[【":
        return False
    if paragraph[-1] == "。":
        return len(paragraph) <= 16 and not re.search(r"[，、；：。！？]", paragraph[:-1]) and len(follows) >= 40
    return len(paragraph) <= 40 and not re.search(r"[，。！？；：,;:!?]", paragraph) and paragraph[-1] not in "、…—"


def _inline_items(text: str, start: int, end: int, p: int) -> Iterator[_Heading]:
    for style in _STYLES:
        if style.inline is None:
            continue
        for match in style.inline.finditer(text, start, end):
            title = _skip_space(text, match.end(), end)
            if title >= end:
                continue
            stop = _first_stop(text, title, end, "。！？；：—")
            yield _Heading(
                match.start(1), title, _strip_final(text, title, stop), match[1].strip(), "item", style.name, style.rank + 10, _ordinal(match[1]), p, True
            )


def _proper_runs(headings: list[_Heading]) -> list[_Heading]:
    """Keep the list items that count: those of one style that go 1, 2, … with at least two members."""
    kept: list[_Heading] = []
    runs: dict[str, list[_Heading]] = {}

    def close(name: str) -> None:
        run = runs.pop(name, [])
        if len(run) > 1:
            kept.extend(run)

    for heading in headings:
        if heading.kind != "item":
            kept.append(heading)
            # A heading ends the lists before it.
            for name in list(runs):
                close(name)
            continue
        run = runs.get(heading.style, [])
        if run and (heading.ordinal == run[-1].ordinal + 1 or (heading.style == "first" and heading.ordinal == 4)):
            run.append(heading)
        elif heading.ordinal == 1:
            close(heading.style)
            runs[heading.style] = [heading]
    for name in list(runs):
        close(name)
    return sorted(kept, key=lambda h: h.start)


_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0}


def _ordinal(number: str) -> int:
    """Return the value of a number such as ``（十二）``, ``3.`` or ``②``; of ``1.4`` the last part; 0 without one."""
    number = number.strip()
    if number.startswith(("首先", "其次", "再次", "最后")):
        return ("首先", "其次", "再次", "最后").index(number[:2]) + 1
    if number[:1] and "①" <= number[0] <= "⑳":
        return ord(number[0]) - ord("①") + 1
    arabic = re.findall(r"[0-9]+", number)
    if arabic:
        return int(arabic[-1])
    han = re.search(_HAN, number)
    if not han:
        return 0
    value = digit = 0
    for c in han[0]:
        if c in "十百":
            value += (digit or 1) * (10 if c == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[c]
    return value + digit


def _skip_space(text: str, start: int, end: int) -> int:
    while start < end and text[start].isspace():
        start += 1
    return start


def _strip_final(text: str, start: int, end: int) -> int:
    while end > start + 1 and (text[end - 1].isspace() or text[end - 1] in "。！？!?；;：:，,—…"):
        end -= 1
    return end


def _first_stop(text: str, start: int, end: int, stops: str) -> int:
    """Return the offset of the first of some punctuation marks outside brackets and quotation marks, or ``end``."""
    skip = _pairs(text, start, end)
    k = start
    while k < end:
        if k in skip:
            k = skip[k]
        elif text[k] in stops:
            return k
        k += 1
    return end


def _nest(headings: list[_Heading], paragraphs: tuple[tuple[int, int], ...], length: int) -> tuple[Section, ...]:
    """Nest headings by style and find where their sections end."""
    opened: list[_Open] = []
    stack: list[_Open] = []

    def close(depth: int, at: int) -> None:
        while len(stack) > depth:
            stack.pop().end = at

    for n, heading in enumerate(headings):
        # A list that began in the midst of a paragraph ends with that paragraph, unless it goes on at the start of the next.
        while stack and _ends_with_paragraph(stack[-1].heading, heading, headings, n):
            close(len(stack) - 1, paragraphs[stack[-1].heading.paragraph][1])
        close(_depth(stack, heading, headings[n + 1 :]), _end_before(heading, paragraphs))
        parent = stack[-1] if stack else None
        opened.append(_Open(heading, parent.index if parent else None, parent.level + 1 if parent else 1, len(opened)))
        stack.append(opened[-1])
    end = paragraphs[-1][1] if paragraphs else length
    while stack:
        last = stack[-1].heading
        close(len(stack) - 1, paragraphs[last.paragraph][1] if last.inline or _one_paragraph_list(last, headings) else end)
    # A parent reaches at least as far as its children.
    for entry in reversed(opened):
        if entry.parent is not None:
            opened[entry.parent].end = max(opened[entry.parent].end, entry.end)
    return tuple(
        Section(
            e.heading.start,
            e.end,
            e.heading.title_start,
            e.heading.title_end,
            e.heading.number,
            e.level,
            e.parent,
            e.heading.kind,
        )
        for e in opened
    )
