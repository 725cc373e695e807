import re
import unicodedata
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftzgraph.reading.cleaning import clean, heading_levels

SAMPLE = Path(__file__).parent.parent / "data" / "ftz-upgrade-strategy.txt"
WORDS = re.findall(
    "..",
    "制度创新企业融资成本较高通关时间过长数据流动限制人才引进绿色发展开放水平提高监管协调不足服务贸易加快推进完善机制",
)
PAGE_BREAKS = ["— 4 —", "-- 5", "- 6 -", "第 3 页", "第3页 共10页", "3 / 10", "\f7", "12\f", "\f"]


def assert_offsets(source: str, text: str, offsets: tuple[int, ...]) -> None:
    assert len(text) == len(offsets)
    assert all(a < b for a, b in pairwise(offsets))
    assert all(source[k] == c or (source[k].isspace() and c.isspace()) for k, c in zip(offsets, text, strict=True))


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def wrap(text: str, width: int, indent: int) -> list[str]:
    """Break a text into lines of so many Chinese characters; no line begins with closing punctuation, no word is cut."""
    lines, line, room = [], "", width - indent
    for unit in re.findall(r"[!-~]+[，。]?|.[，。]?", text):
        if line and columns(line + unit) > 2 * room:
            lines.append(line)
            line, room = "", width
        line += unit
    return [*lines, line]


def clause(random: Random) -> str:
    return "".join(random.choices(WORDS, k=random.randint(2, 6)))


def body(random: Random) -> str:
    clauses = [
        clause(random)
        + random.choice(["", "", "", "CPTPP", "8.5%", "2023年"])
        + random.choice(["", "。" + clause(random)])
        for _ in range(random.randint(6, 16))
    ]
    return "，".join(clauses) + "。"


@settings(max_examples=60, deadline=None)
@given(
    random=st.randoms(use_true_random=True),
    width=st.integers(16, 45),
    indent=st.sampled_from([(0, ""), (2, "　　"), (2, "")]),
    newline=st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\r\n\r\n"]),
)
def test_wrapping_and_page_artefacts_leave_no_trace(random, width, indent, newline):
    shorter, kept = indent
    paragraphs, lines = [], []
    for number in "一二三四"[: random.randint(1, 4)]:
        for text in [f"{number}、{clause(random)}"[: width - 6], body(random), body(random)]:
            wrapped = wrap(text, width, shorter)
            # Where a paragraph's last line is full nobody can see its end.
            if text.endswith("。") and (len(wrapped) < 4 or columns(wrapped[-1]) > 1.6 * width):
                continue
            paragraphs.append(text)
            lines += [kept + wrapped[0], *wrapped[1:]]
    for k in sorted(random.sample(range(1, len(lines)), min(len(lines) - 1, 4)), reverse=True):
        lines.insert(k, random.choice(PAGE_BREAKS))
    source = newline.join(lines)
    text, offsets = clean(source)
    assert text == "\n".join(paragraphs)
    assert_offsets(source, text, offsets)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(), st.text("一是。，；（）“”#*->1. 3页第—\n\r\f\t　\ufeffa")))
def test_offsets_hold_for_any_text(source):
    text, offsets = clean(source)
    assert_offsets(source, text, offsets)
    assert "\n\n" not in text
    assert text == text.strip()


@settings(max_examples=60, deadline=None)
@given(st.text("甲乙。，a1 *#\n", max_size=80))
def test_nothing_but_marks_and_white_space_is_lost(source):
    letters = [c for c in source if c in "甲乙a。，"]
    assert [c for c in clean(source)[0] if c in "甲乙a。，"] == letters


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        (" \n\f\n\t", ""),
        ("\ufeff通关慢。", "通关慢。"),
        ("　　通关慢。\n　　成本高。", "通关慢。\n成本高。"),
        (
            "# 报告\n\n**问题**：通关**慢**。\n\n- 成本高\n* 时间长\n> 引文。",
            "报告\n问题：通关慢。\n成本高\n时间长\n引文。",
        ),
        ("张**提出2*3=6。", "张**提出2*3=6。"),
        ("通关\t\t慢，  成本\xa0高。", "通关 慢， 成本 高。"),
        (
            "甲地。\n— 4 —\n乙地。\n第 3 页\n丙地。\n第3页 共10页\n丁地。\n3 / 10\n戊地。",
            "甲地。\n乙地。\n丙地。\n丁地。\n戊地。",
        ),
        ("关于推进改革和\n扩大开放的意见\n通关慢。", "关于推进改革和扩大开放的意见\n通关慢。"),
        ("制定了《\n外商投资法\n》，成效明显。", "制定了《外商投资法》，成效明显。"),
        ("问题如下：\n\n一、成本高\n\n二、时间长", "问题如下：\n一、成本高\n二、时间长"),
        ("共有企业\n12\n家。", "共有企业\n12\n家。"),
    ],
)
def test_small_texts(source, text):
    cleaned, offsets = clean(source)
    assert cleaned == text
    assert_offsets(source, cleaned, offsets)


def test_latin_words_are_joined_with_a_space_and_hyphens_stay():
    source = (
        "The customs procedure takes too long, and as\na result costs are high. Reform of the cross-\n"
        "border data regime, which many firms await,\nis slow."
    )
    assert clean(source)[0] == source.replace("-\n", "-").replace("\n", " ")


def test_a_heading_that_fills_its_line_stays_apart_from_the_text_below():
    heading = "（一）通关时间过长、融资成本偏高的问题尚未得到根本解决"
    first = "由于信息系统各自独立，各部门之间难以及时共享有关的数据"[:26]
    lines = [
        heading[:26],
        first,
        "企业只得重复申报，通关时间因此一再延长，企业的成本也就随之",
        "不断上升，竞争力受到了影响。",
    ]
    assert clean("\n".join(lines))[0] == lines[0] + "\n" + "".join(lines[1:])


def test_a_heading_over_two_lines_is_joined():
    lines = ["（二）建立由商务部门牵头、各部门协同配合并且由地方政府", "负责落实的机制", "要加快改革，推进数据共享。"]
    filler = (
        "由于信息系统各自独立，各部门之间难以及时共享有关的数据，企业"
        + "\n只得重复申报，通关时间因此一再延长，企业的成本也就随之不断上"
    )
    text = clean("\n".join([filler, "升。", *lines]))[0]
    assert text.split("\n")[1:] == [lines[0] + lines[1], lines[2]]


def test_list_items_within_a_paragraph_stay_in_it():
    lines = [
        "　　通关工作存在以下问题，有关部门应当认真加以解决：一是",
        "信息系统各自独立，部门之间难以共享数据，企业重复申报。",
        "二是收费项目较多，企业负担较重，中小企业对此反映强烈。",
        "三是人员数量不足，工作压力较大，难以满足企业提出的全部需",
        "要，部分企业因此转向其他口岸，影响了本地的发展和就业，有",
        "关部门应当重视。",
    ]
    assert clean("\n".join(lines))[0] == "".join(lines).strip("　")


def test_running_heads_go_and_the_title_stays():
    pages = [
        f"通关研究\n第{n}个问题是成本高。" if n == 1 else f"通关研究\n第{n}个问题是成本高。\n{n}" for n in range(1, 5)
    ]
    assert clean("\f".join(pages))[0] == "通关研究\n" + "\n".join(f"第{n}个问题是成本高。" for n in range(1, 5))
    numbered = [f"通关研究 第{n}期\n第{n}个问题是成本高。" for n in range(1, 5)]
    assert clean("\f".join(numbered))[0] == "\n".join(f"第{n}个问题是成本高。" for n in range(1, 5))


def test_levels_of_markdown_headings():
    source = "# 报告\n\n## 问题\n\n通关慢。\n\n---\n\n## 对策\n\n#号不是标题。"
    text, offsets = clean(source)
    assert {text[k : k + 2]: level for k, level in heading_levels(source, text, offsets).items()} == {
        "报告": 1,
        "问题": 2,
        "对策": 2,
    }


def test_the_sample_paper():
    source = SAMPLE.read_text(encoding="utf-8")
    text, offsets = clean(source)
    assert_offsets(source, text, offsets)
    paragraphs = text.split("\n")
    assert paragraphs[0] == "关于实施自由贸易试验区提升战略的对策建议"
    assert len(paragraphs) == 23
    assert "允许进口货物和服务参加自贸港内的政府采购" in text
    assert "-- 5" not in text
    assert re.sub(r"\s", "", source).replace("--5", "") == re.sub(r"\s", "", text)
