from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftzgraph.document import Structure
from ftzgraph.reading.structure import find_structure


def outline(text: str) -> list[tuple[int, str, str, str]]:
    sections = find_structure(text).sections
    return [(s.level, s.kind, s.number, text[s.title_start : s.title_end]) for s in sections]


def sentences(text: str) -> list[str]:
    return [text[s.start : s.end] for s in find_structure(text).sentences]


def assert_sound(text: str, structure: Structure) -> None:
    """Assert what holds for the structure of any text."""
    for spans in (structure.paragraphs, [(s.start, s.end) for s in structure.sentences]):
        assert all(0 <= a < b <= len(text) for a, b in spans)
        assert all(a[1] <= b[0] for a, b in pairwise(spans))
        assert all(text[a:b] == text[a:b].strip() for a, b in spans)
    for sentence in structure.sentences:
        start, end = structure.paragraphs[sentence.paragraph]
        assert start <= sentence.start < sentence.end <= end
        holding = [i for i, s in enumerate(structure.sections) if s.start <= sentence.start < s.end]
        assert sentence.section == (holding[-1] if holding else None)
    special = [structure.title, *structure.authors] if structure.title else []
    body = [(a, b) for a, b in structure.paragraphs if not any(a <= c < d <= b for c, d in special)]
    assert structure.title or body == list(structure.paragraphs)
    assert letters(text, [(s.start, s.end) for s in structure.sentences]) == letters(text, body)
    for i, section in enumerate(structure.sections):
        assert section.start <= section.title_start < section.title_end <= section.end
        parent = structure.sections[section.parent] if section.parent is not None else None
        assert section.level == (parent.level + 1 if parent else 1)
        if parent:
            assert section.parent is not None
            assert section.parent < i
            assert parent.start <= section.start < section.end <= parent.end
    for a, b in pairwise(structure.sections):
        assert a.start < b.start
    for i, a in enumerate(structure.sections):
        for j, b in enumerate(structure.sections[i + 1 :], i + 1):
            assert a.end <= b.start or b.end <= a.end, (i, j)


def letters(text: str, spans: list[tuple[int, int]]) -> str:
    return "".join("".join(text[a:b].split()) for a, b in spans)


MARKS = [
    "一、",
    "二、",
    "（一）",
    "（二）",
    "1.",
    "2.",
    "（1）",
    "①",
    "②",
    "第一，",
    "第二，",
    "一是",
    "二是",
    "三是",
    "第一章",
    "# ",
    "## ",
]
WORDS = [
    "附件1",
    "整改情况：",
    "引言",
    "通关时间长",
    "成本高",
    "王小明 李 华",
    "“如何？”的",
    "（见附件。）",
    "3.5%",
    "Reform is slow. It is. ",
]
STOPS = ["。", "。", "，", "；", "：", "！", "？", "……", "”", "“", "（", "）", " ", "\n", "\n", "\n"]


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(MARKS + WORDS + STOPS), max_size=40).map("".join)))
def test_any_text_has_a_sound_structure(text):
    assert_sound(text, find_structure(text))


def test_title_authors_and_sentences():
    text = "关于提升战略的对策建议\n王小明 李 华 欧阳建国\n通关时间长，成本高。要加快改革！"
    structure = find_structure(text)
    assert structure.title == (0, 11)
    assert [text[a:b] for a, b in structure.authors] == ["王小明", "李 华", "欧阳建国"]
    assert sentences(text) == ["通关时间长，成本高。", "要加快改革！"]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("王小明、李华", ["王小明", "李华"]),
        ("作者：王小明", ["王小明"]),
        ("省审计厅厅长 李 华", ["李 华"]),
        ("王小明1 李华2*", ["王小明", "李华"]),
        ("阿依古丽·买买提", ["阿依古丽·买买提"]),
        ("主要问题", []),
        ("高质量发展 新格局", []),
        ("时间", []),
    ],
)
def test_author_lines(line, names):
    text = f"关于提升战略的对策建议\n{line}\n通关时间长，成本高。"
    assert [text[a:b] for a, b in find_structure(text).authors] == names


@pytest.mark.parametrize(
    "first", ["一、主要问题", "通关时间长。", "各位代表：", "引言", "（节选）", "现在，我代表政府，作报告，请"]
)
def test_what_is_no_title(first):
    assert find_structure(f"{first}\n通关时间长，成本高。").title is None


def test_styles_nest_in_their_usual_order():
    text = (
        "第一章 总论\n第一节 背景\n一、问题\n（一）成本\n1. 融资\n（1）贷款\n融资难。\n（2）担保\n担保少。\n2．用工\n用工贵。\n"
        "（二）时间\n通关慢。\n二、对策\n要改革。\n第二章 结论\n未来可期。"
    )
    numbers = [(level, number) for level, _, number, _ in outline(text)]
    assert numbers[:6] == [(1, "第一章"), (2, "第一节"), (3, "一、"), (4, "（一）"), (5, "1."), (6, "（1）")]
    assert numbers[6:] == [(6, "（2）"), (5, "2．"), (4, "（二）"), (3, "二、"), (1, "第二章")]
    section = find_structure(text).sections[3]
    assert text[section.start : section.end].endswith("用工贵。")


def test_levels_are_relative_to_what_occurs():
    assert outline("1、成本高\n融资贵。\n①贷款\n贷款少。\n2、时间长\n通关慢。") == [
        (1, "heading", "1、", "成本高"),
        (2, "heading", "①", "贷款"),
        (1, "heading", "2、", "时间长"),
    ]


def test_run_in_headings_and_running_lists():
    text = (
        "（一）加强协调，增强合力。一是完善机制。各部门要配合。二是共享数据，打通系统；三是压缩时间：取消收费。\n"
        "（二）压实责任。严格考核。"
    )
    assert outline(text) == [
        (1, "run-in", "（一）", "加强协调，增强合力"),
        (2, "item", "一是", "完善机制"),
        (2, "item", "二是", "共享数据，打通系统"),
        (2, "item", "三是", "压缩时间"),
        (1, "run-in", "（二）", "压实责任"),
    ]
    assert sentences(text)[:4] == [
        "（一）加强协调，增强合力。",
        "一是完善机制。",
        "各部门要配合。",
        "二是共享数据，打通系统；",
    ]
    assert sentences(text)[4:] == ["三是压缩时间：取消收费。", "（二）压实责任。", "严格考核。"]
    items = find_structure(text).sections[1:4]
    assert [text[s.start : s.end] for s in items] == [
        "一是完善机制。各部门要配合。",
        "二是共享数据，打通系统；",
        "三是压缩时间：取消收费。",
    ]


def test_a_list_within_a_paragraph_ends_with_it():
    text = "存在两个问题：第一，成本高。第二，时间长。通关慢。\n对此要高度重视，认真解决。"
    structure = find_structure(text)
    assert [text[s.start : s.end] for s in structure.sections] == ["第一，成本高。", "第二，时间长。通关慢。"]
    assert [s.section for s in structure.sentences] == [None, 0, 1, 1, None]


def test_a_list_may_jump_to_its_last_member():
    text = "首先，要降低成本。其次，要压缩时间。最后，要加强监管。"
    assert [number for _, _, number, _ in outline(text)] == ["首先，", "其次，", "最后，"]


def test_a_list_over_paragraphs():
    text = "一、问题\n一是成本高。融资贵。\n这一点反映强烈。\n二是时间长。\n通关慢。\n二、对策\n要改革。"
    structure = find_structure(text)
    assert [(s.level, text[s.start : s.end]) for s in structure.sections[1:3]] == [
        (2, "一是成本高。融资贵。\n这一点反映强烈。"),
        (2, "二是时间长。\n通关慢。"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "一是成本高。",
        "原因之一是成本高。",
        "一、二季度平稳增长。",
        "第一、二、三产业协调。",
        "增长3.5%。",
        "2024年，时间长。",
        "5、7、8号泵站完工。",
    ],
)
def test_what_is_no_list_and_no_heading(text):
    assert outline(f"通关时间较长，成本较高。\n{text}") == []


def test_labels_and_unnumbered_headings():
    text = (
        "问题1.2：排水不畅，污水外溢。居民反映强烈。\n整改情况：已完成。\n（1）改造管网。铺设管道。\n（2）加强监管。每周检查。\n"
        "问题1.3：噪声扰民。\n整改情况：推进中。\n安装隔音屏。"
    )
    assert outline(text) == [
        (1, "run-in", "问题1.2：", "排水不畅，污水外溢"),
        (2, "heading", "", "整改情况"),
        (3, "run-in", "（1）", "改造管网"),
        (3, "run-in", "（2）", "加强监管"),
        (1, "heading", "问题1.3：", "噪声扰民"),
        (2, "heading", "", "整改情况"),
    ]
    text = "通关研究报告\n引言\n通关慢。\n一、问题\n成本高。\n结语\n要改革。"
    assert [(level, title) for level, _, _, title in outline(text)] == [(1, "引言"), (1, "问题"), (1, "结语")]
    text = "通关研究报告\n主要问题\n1. 成本高\n融资贵。\n2. 时间长\n通关慢。\n对策建议\n1. 降成本\n减费。\n2. 缩时间\n提速。"
    assert [(level, title) for level, _, _, title in outline(text)] == [
        (1, "主要问题"), (2, "成本高"), (2, "时间长"), (1, "对策建议"), (2, "降成本"), (2, "缩时间")
    ]  # fmt: skip


def test_a_short_sentence_over_a_paragraph_is_its_heading():
    body = "全面推进数字化转型，建成统一平台，政务服务零跑动事项明显增加，企业和群众办事更加便利高效。"
    text = f"政务效能不断提高。\n{body}\n法治建设深入推进。\n{body}\n{body}"
    structure = find_structure(text)
    assert outline(text) == [(1, "heading", "", "政务效能不断提高"), (1, "heading", "", "法治建设深入推进")]
    assert [s.section for s in structure.sentences] == [0, 0, 1, 1, None]


def test_headings_that_the_format_marks():
    text = "# 通关报告\n## 问题\n### 一、成本\n融资贵。\n## 对策\n要改革。"
    structure = find_structure(text)
    assert structure.title is not None
    assert text[slice(*structure.title)] == "通关报告"
    assert outline(text) == [
        (1, "heading", "", "问题"),
        (2, "heading", "一、", "成本"),
        (1, "heading", "", "对策"),
    ]
    plain = text.replace("#", "").replace("\n ", "\n").strip()
    levels = {0: 1, plain.index("问题"): 2, plain.index("一、"): 3, plain.index("对策"): 2}
    marked = find_structure(plain, levels)
    assert [(s.level, plain[s.title_start : s.title_end]) for s in marked.sections] == [
        (1, "问题"),
        (2, "成本"),
        (1, "对策"),
    ]


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("如何“先行先试？”的问题已有答案。好。", ["如何“先行先试？”的问题已有答案。", "好。"]),
        ("会议强调：“要改革。”会后作了部署。", ["会议强调：“要改革。”", "会后作了部署。"]),
        ("完成整改（详见附件。下同。）并验收。", ["完成整改（详见附件。下同。）并验收。"]),
        ("完成整改。（责任单位：商务局。）继续推进。", ["完成整改。", "（责任单位：商务局。）", "继续推进。"]),
        ("时间长；成本高……影响大。", ["时间长；成本高……", "影响大。"]),
        ("贷款难、担保少……等问题突出。", ["贷款难、担保少……等问题突出。"]),
        ("增长3.5%，见www.gov.cn。1.5万户！", ["增长3.5%，见www.gov.cn。", "1.5万户！"]),
        ("怎么办？！要改革", ["怎么办？！", "要改革"]),
        ("Costs are high. Reform is slow.", ["Costs are high.", "Reform is slow."]),
        ("目标：时间短，成本低。", ["目标：时间短，成本低。"]),
    ],
)
def test_sentence_ends(paragraph, expected):
    assert sentences(f"通关时间较长，成本较高。\n{paragraph}")[1:] == expected


def test_long_quotations_are_split():
    quotation = "要加快改革，推进数据共享，压缩通关时间。" * 3
    assert sentences(f"意见提出：“{quotation}”各地落实。")[1] == "要加快改革，推进数据共享，压缩通关时间。"
