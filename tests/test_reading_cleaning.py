import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftzgraph.reading.cleaning import clean, heading_levels

CLAUSES = st.text("制度创新企业融资成本通关时间数据流动人才引进绿色发展开放水平监管协调服务", min_size=4, max_size=14)
LATIN = st.sampled_from(["CPTPP", "DEPA", "2023", "8.5%", "open trade policy", "RCEP"])


@st.composite
def paragraphs(draw, width):
    """Headings and bodies; the last line of a body is short, so that its end can be seen."""
    texts = []
    for number in "一二三四"[: draw(st.integers(1, 4))]:
        texts.append(f"{number}、{draw(CLAUSES)}"[: width - 6])
        for _ in range(draw(st.integers(1, 2))):
            clauses = draw(st.lists(st.one_of(CLAUSES, CLAUSES, CLAUSES, LATIN), min_size=8, max_size=16))
            body = (
                draw(CLAUSES) + "，" + "，".join(c + draw(st.sampled_from(["", "。" + draw(CLAUSES)])) for c in clauses)
            )
            texts.append(body + "。")
    return texts


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def wrap(text, width, first):
    """Break a text greedily: no line begins with closing punctuation, no Latin word is cut, the last line is short."""
    lines, line, room = [], "", first
    for unit in re.findall(r"[!-~]+[，。、]?| |.[，。、]?", text):
        if columns(line + unit) > 2 * room and line:
            lines.append(line)
            line, room = "", width
        line += unit
    lines.append(line)
    return [x.strip() for x in lines]


def check_offsets(source, text, offsets):
    assert len(text) == len(offsets)
    assert all(a < b for a, b in zip(offsets, offsets[1:], strict=False))
    assert all(source[k] == c or (source[k].isspace() and c.isspace()) for k, c in zip(offsets, text, strict=True))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_wrapping_and_artefacts_leave_no_trace(data):
    width = data.draw(st.integers(16, 45))
    indent, kept = data.draw(st.sampled_from([("", ""), ("　　", "　　"), ("　　", "")]))
    newline = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    gap = newline * data.draw(st.sampled_from([1, 1, 2]))
    texts = []
    lines = []
    for text in data.draw(paragraphs(width)):
        wrapped = wrap(text, width, width - len(indent))
        if len(wrapped) > 1 and columns(wrapped[-1]) > 1.2 * width:
            text = text[:-1] + "，" + "进一步改进开放工作" * (width // 9) + "持续推进。"
            wrapped = wrap(text, width, width - len(indent))
        if len(wrapped) > 1 and columns(wrapped[-1]) > 1.2 * width:
            continue
        texts.append(text)
        lines += [kept + wrapped[0], *wrapped[1:]]
    for k in sorted(data.draw(st.sets(st.integers(1, max(1, len(lines) - 1)), max_size=4)), reverse=True):
        page = data.draw(
            st.sampled_from(["— 4 —", "-- 5", "- 6 -", "第 3 页", "第3页 共10页", "3 / 10", "\f7", "12\f", "\f"])
        )
        lines.insert(k, page)
    source = gap.join(lines)
    text, offsets = clean(source)
    assert text == "\n".join(texts)
    check_offsets(source, text, offsets)
