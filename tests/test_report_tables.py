import re
from dataclasses import replace

import pytest
from argument_graphs import Argument, Links, argued, barriers, link_sets
from hypothesis import given
from markdown_it import MarkdownIt
from test_report import ONLY_CHINESE, rows, sections

from ftzgraph.analysis.measures import analyse
from ftzgraph.analysis.report import report


def told(about: Argument, lang: str = "zh") -> str:
    return report(analyse(about.graph), lang)


def named(text: str, heading: str) -> list[list[str]]:
    """The rows of a table, of each quote in it only the name that :func:`barriers` made it from."""
    return [[re.sub(r"「陈述(\w+?)」〔.+?〕", r"\1", cell) for cell in row] for row in rows(text, heading)]


def test_root_causes_stand_by_how_sure_they_are_and_then_by_what_they_lead_to() -> None:
    about = barriers("weak", "wide", "surest", "sure", "x", "y", "z", "further", "end")
    about.causes("weak", "end", confidence="0.20")
    for effect in ("x", "y", "z"):
        about.causes("wide", effect, confidence="0.40")
    about.causes("sure", "x", confidence="0.60")
    about.causes("surest", "x", confidence="0.95")
    about.causes("sure", "further", confidence="0.60")
    about.factor("r", "Remedy")
    about.link("r", "addresses", "wide")
    assert named(told(about), "根源及其影响") == [
        ["sure", "2", "1", "0.50", "**无**"],  # x has another cause
        ["surest", "1", "0", "0.90", "**无**"],
        ["wide", "3", "2", "0.30", "1"],
        ["weak", "1", "1", "<0.30", "**无**"],
    ]
    assert named(told(about, "en"), "Root causes and what hangs on them")[3] == ["weak", "1", "1", "<0.30", "**none**"]


def test_the_first_root_causes_of_the_table_are_those_of_the_findings_with_their_surest_effect() -> None:
    about = barriers("weak", "wide", "sure", "x", "y", "other")
    about.causes("weak", "x", confidence="0.20")
    about.causes("wide", "x", confidence="0.40")
    about.link("wide", "causes", "y", confidence="0.60", inferred=True)
    about.causes("sure", "x", confidence="0.95")
    about.causes("other", "x", confidence="0.10")
    findings = sections(told(about))["要点"]
    assert "**主要根源**：4 项障碍引发别的障碍，文中没有交代其成因，首先是：" in findings
    assert re.findall(r"- 「陈述(.+?)」〔.+?〕，(.*?导致)「陈述(.+?)」〔.+?〕", findings) == [
        ("wide", "据推断导致", "y"),
        ("sure", "导致", "x"),
        ("weak", "导致", "x"),
    ]


def test_barriers_stand_with_their_surest_answers_and_those_of_their_causes() -> None:
    about = barriers("a", "b", "alone")
    about.factor("doubtful", confidence="0.30")
    about.causes("doubtful", "a", "b", confidence="0.50")
    for remedy, confidence in (("r", "0.40"), ("s", "0.60"), ("t", "0.50")):
        about.factor(remedy, "Remedy")
        about.link(remedy, "addresses", "a", confidence)
    assert named(told(about), "障碍及其对策") == [
        ["a", "s 0.60；t 0.50；等 3 项", "—"],
        ["b", "**无**", "s 0.30；等 3 项"],
        ["alone", "**无**", "—"],
        ["「陈述doubtful」（存疑）〔文首 · 16–26〕", "**无**", "—"],  # though it leads to most
    ]
    assert named(told(about, "en"), "Barriers and what answers them")[1] == ["b", "**none**", "s 0.30; 3 in all"]


def test_a_barrier_whose_cause_or_part_is_answered_is_not_put_forward_as_unanswered() -> None:
    about = barriers("whole", "part", "cause", "effect", "open")
    about.link("part", "partOf", "whole")
    about.causes("cause", "effect")
    about.causes("open", "effect")
    about.factor("r", "Remedy")
    for barrier in ("part", "cause"):
        about.link("r", "addresses", barrier)
    assert (
        "**没有对策的障碍**：5 项中有 3 项没有对策或目标直接针对，其中 1 项的成因和分项也没有：\n  - 「陈述open」"
    ) in told(about)
    about.link("r", "addresses", "open")
    assert (
        "**没有对策的障碍**：5 项中有 2 项没有对策或目标直接针对，不过它们的成因或分项有：\n  - 「陈述whole」"
    ) in told(about)
    for barrier in ("whole", "effect"):
        about.link("r", "addresses", barrier)
    assert "**没有对策的障碍**：没有，每项障碍都有对策或目标直接针对。" in told(about)


def test_remedies_of_the_smallest_set_stand_first() -> None:
    about = barriers("a", "b", "c", "d")
    about.causes("a", "b")
    for remedy in ("lesser", "r", "s"):
        about.factor(remedy, "Remedy")
    about.factor("g", "Goal")
    about.link("lesser", "addresses", "a", "0.90")
    about.link("r", "addresses", "a", "0.40")
    about.link("r", "addresses", "c", "0.40")
    about.link("s", "aimsAt", "g", "0.80")
    about.factor("h", "Goal")
    about.link("s", "aimsAt", "h", "0.80")
    about.link("g", "addresses", "d", "0.80")
    assert named(told(about), "对策的作用") == [
        ["s", "1", "1", "0", "g；等 2 项", "0.70"],
        ["r", "3", "2", "1", "—", "0.30"],
        ["lesser", "2", "1", "1", "—", "—"],
    ]
    findings = sections(told(about))["要点"]
    assert "3 项对策中有 3 项触及障碍，合计 4 项；其中 2 项即可全部触及：\n  - 「陈述s」" in findings
    assert "3 of 3 remedies reach 4 barriers; 2 of them suffice for all:\n  - 「陈述s」" in told(about, "en")


def test_a_remedy_that_hangs_loose_is_told_before_one_that_aims_at_a_goal_and_a_sure_one_before_others() -> None:
    about = Argument()
    for name, confidence in (("aiming", "0.80"), ("doubtful", "0.30"), ("loose", "0.80")):
        about.factor(name, "Remedy", confidence=confidence)
    for goal in ("g", "h"):
        about.factor(goal, "Goal")
    about.link("aiming", "aimsAt", "g")
    findings = sections(told(about))["要点"]
    assert "**没有落点的对策**：3 项中有 3 项不对应文中任何障碍，如「陈述loose」" in findings
    assert "2 项目标中有 1 项没有对策指向，即「陈述h」" in findings


def test_actors_stand_by_tier_and_remedies_without_actor_are_counted() -> None:
    about = Argument()
    market = tuple(f"market{number}" for number in range(6))
    for name in market:
        about.mention(name, "Actor", f"企业{name[-1]}", tier="market")
    for name, label, tier in (("m", "商务部", "ministry"), ("z", "片区管委会", "zone"), ("x", "专家组", "")):
        about.mention(name, "Actor", label, f"the {name}", tier=tier)
    about.mention("tool", "Instrument", "负面清单")
    about.factor("p", mentions=("z",))
    about.factor("q", mentions=("z", "tool"))
    about.factor("r", "Remedy", mentions=("m", "z"))
    about.factor("s", "Remedy", mentions=("tool",))
    about.factor("g", "Goal", mentions=("x",))
    about.factor("h", "Goal", mentions=market)
    about.link("r", "addresses", "p")
    assert rows(told(about), "涉及的主体") == [
        ["部委", "商务部", "0", "0", "1", "0"],
        ["自贸区（园区）", "片区管委会", "2", "1", "1", "0"],
        ["市场主体", "企业0、企业1、企业2、企业3、企业4等 6 个", "0", "0", "0", "1"],
        ["层级不明", "专家组", "0", "0", "0", "1"],
    ]
    assert "2 项对策中有 1 项没有提到任何主体。" in told(about)
    english = told(about, "en")
    assert rows(english, "Who is named")[0] == ["Ministries", "商务部 (the m)", "0", "0", "1", "0"]
    assert "1 of 2 remedies names no actor." in english


def test_what_effects_pass_through_and_what_holds_two_strands_together() -> None:
    about = barriers("a", "b", "c", "d", "e")
    about.causes("a", "b", confidence="0.80")
    about.causes("b", "c", "d", confidence="0.60")
    about.causes("a", "e", "d", confidence="0.20")
    text = told(about)
    assert named(text, "传导枢纽") == [
        ["b", "1", "2", "0.20", "1", "0.50"],  # every path to c runs through it, the shortest to d through e
        ["c", "2", "1", "0.20", "—", "—"],
        ["e", "1", "1", "0.17", "—", "—"],
    ]
    assert "Between: what share, from 0 to 1, of the shortest causal paths" in told(about, "en")
    assert "断为" not in text
    about.factor("f")
    about.factor("g")
    about.causes("d", "f", "g", confidence="0.90")
    assert "断为互不相干的两截：\n\n- 「陈述d」〔文首 · 12–15〕 → 「陈述f」〔文首 · 20–23〕，置信度 0.90\n" in told(
        about
    )


def test_the_table_of_thresholds_agrees_with_the_findings() -> None:
    about = barriers("a", "b", "c", "d")
    about.causes("a", "b", confidence="0.95")
    about.causes("c", "d", confidence="0.40")
    text = told(about)
    assert rows(text, "结论的可靠程度") == [
        ["不限", "2", "2", "4", "0", "4"],  # both are roots, and causes with leverage
        ["不低于 0.30", "2", "2", "4", "0", "4"],
        ["不低于 0.50", "1", "1", "4", "0", "2"],
        ["不低于 0.70", "1", "1", "4", "0", "2"],
        ["不低于 0.90", "1", "1", "4", "0", "2"],
    ]
    assert "各类关系 2 条，置信度不低于 0.50 的有 1 条；只凭它们，4 项结论只有 2 项成立。" in text
    assert (
        "of 2 links of all kinds, 1 has a confidence of at least 0.50; on these alone, 2 of 4 conclusions hold."
        in told(about, "en")
    )


def test_findings_warn_when_no_answer_is_sure() -> None:
    about = barriers("a", "b")
    about.factor("r", "Remedy")
    about.link("r", "addresses", "a", "0.40")
    about.causes("a", "b", confidence="0.90")
    warnings = {
        "zh": "对策或目标针对障碍的关系无一达到此数",
        "en": "No link from a remedy or goal to a barrier is that sure",
    }
    for lang, warning in warnings.items():
        assert warning in told(about, lang)
    about.link("r", "addresses", "b", "0.50")
    for lang, warning in warnings.items():
        assert warning not in told(about, lang)


def test_of_a_long_table_the_appendix_has_the_rest() -> None:
    about = Argument()
    for number in range(14):
        about.factor(f"p{number}", "Cause")
        about.factor(f"e{number}", "Effect")
        about.factor(f"r{number}", "Remedy")
        about.causes(f"p{number}", f"e{number}")
        about.link(f"r{number}", "addresses", f"p{number}")
    text = told(about)
    assert [len(rows(text, heading)) for heading in ("根源及其影响", "障碍及其对策", "对策的作用")] == [12, 12, 12]
    for rest in ("其余 2 项见附录一。", "其余 16 项见附录二、附录三。", "其余 2 项见附录二。"):
        assert f"{rest}\n" in text
    assert " The other 16: see Appendix 2 and Appendix 3.\n" in told(about, "en")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_links_there_are_no_tables_but_a_sentence(lang: str) -> None:
    nothing = {"zh": "相应的表从略。", "en": "The tables of these are left out."}[lang]
    goals = Argument()
    goals.factor("g", "Goal")
    for sparse in (barriers("p"), goals):
        text = told(sparse, lang)
        assert "|" not in text
        assert nothing in text
    one_link = barriers("a", "b")
    one_link.causes("a", "b")
    assert nothing in told(one_link, lang)
    assert rows(told(one_link), "根源及其影响")
    assert "### 传导枢纽" not in told(one_link)


@given(link_sets)
def test_numbers_agree_and_no_table_is_empty(links: Links) -> None:
    analysis = analyse(argued(links).graph)
    text, english = report(analysis), report(analysis, "en")
    parts = sections(text)
    levels = rows(text, "结论的可靠程度")
    roots, unanswered, chosen = map(int, levels[0][2:5]) if levels else (0, 5, 0)
    told_roots = re.search(r"\*\*主要根源\*\*：(\d) 项", text)
    assert roots == len(rows(text, "根源及其影响")) == (int(told_roots[1]) if told_roots else 0)
    assert parts["附录五　最小对策组合"].count("\n- ") == chosen
    assert parts["附录三　没有对策的障碍"].count("\n- ") == unanswered
    assert f"5 项中有 {unanswered} 项没有对策" in text or unanswered in (0, 5)
    for heading in re.findall(r"^### (.+)\n\n\|", text, re.MULTILINE):
        assert rows(text, heading)
    quotes = re.compile(r"「(.+?)」")
    assert quotes.findall(text) == quotes.findall(english)
    assert not re.search(r"[\u4e00-\u9fff]", ONLY_CHINESE.sub("", english))


def test_links_that_the_text_denies_take_no_part() -> None:
    about = barriers("a", "b")
    about.factor("r", "Remedy")
    about.link("a", "causes", "b", negated=True)
    about.link("r", "addresses", "a", negated=True)
    text = told(about)
    assert "因果关系 0 条，对策或目标针对障碍的关系 0 条。" in text
    assert rows(text, "根源及其影响") == rows(text, "障碍及其对策") == rows(text, "对策的作用") == []


def test_tables_of_several_documents_tell_only_of_their_own() -> None:
    about = Argument()
    about.mention("m", "Actor", "商务部", tier="ministry")
    for name in ("a", "b", "c"):
        about.factor(name, mentions=("m",))
    about.causes("a", "b", "c")
    about.document("另一份", "z.txt")
    about.factor("d")
    about.factor("r", "Remedy")
    about.link("r", "addresses", "d")
    first, second = list(sections(told(about)).values())[:2]
    assert "中介程度就全部文件计算。" in first
    assert rows(first, "涉及的主体") == [["部委", "商务部", "3", "3", "0", "0"]]
    assert [row[0] for row in rows(first, "根源及其影响")] == ["「陈述a」〔文件 1 · 文首 · 0–3〕"]
    assert [row[0] for row in rows(first, "传导枢纽")] == ["「陈述b」〔文件 1 · 文首 · 4–7〕"]
    assert [row[0] for row in rows(second, "障碍及其对策")] == ["「陈述d」〔文件 2 · 文首 · 0–3〕"]
    assert rows(second, "涉及的主体") == rows(second, "根源及其影响") == rows(second, "传导枢纽") == []


def test_what_is_only_estimated_is_said() -> None:
    about = barriers("a", "b", "c")
    about.causes("a", "b", "c")
    for remedy in ("r", "s"):
        about.factor(remedy, "Remedy")
        about.link(remedy, "addresses", "a")
    analysis = analyse(about.graph)
    estimated = replace(
        analysis,
        centralities=replace(analysis.centralities, exact=False),
        remedy_set=replace(analysis.remedy_set, exact=False),
    )
    for lang, hedges in (
        ("zh", ("中介程度为抽样估计。", "即可全部触及（近似结果，未能证明最少）")),
        ("en", ("Between is estimated from a sample.", "suffices for all (an approximation, not proved smallest)")),
    ):
        for hedge in hedges:
            assert hedge in report(estimated, lang)
            assert hedge not in report(analysis, lang)


LONG = "各级各类主管部门在审批和监管过程中长期存在的条块分割与重复检查现象仍然较为突出"


def test_long_quotes_are_cut_in_tables_only() -> None:
    about = Argument()
    about.factor("p", quote=LONG)
    about.factor("q", "Effect")
    about.causes("p", "q")
    text = told(about)
    assert rows(text, "根源及其影响")[0][0] == f"「{LONG[:29]}…」〔文首 · 0–{len(LONG)}〕"
    full = f"「{LONG}」〔文首 · 0–{len(LONG)}〕"
    assert [heading for heading, part in sections(text).items() if full in part] == [
        *("要点", "附录一　论证脉络", "附录三　没有对策的障碍"),
    ]


@pytest.mark.parametrize("text", ["a|b", "`a|b`", "\\|" * 20, "`|" * 20, "一行\n| 二行 |\n\n三行", "|" * 40, "\\" * 31])
def test_no_text_of_a_document_can_add_a_cell_or_row_to_a_table(text: str) -> None:
    def cells(words: str) -> list[str]:
        about = Argument()
        about.mention("m", "Actor", words, words, tier="local")
        about.factor("p", quote=words, mentions=("m",))
        about.factor("q", quote=words)
        about.factor("e", quote=words)
        about.factor("r", "Remedy", words)
        about.causes("p", "q", "e")
        about.link("r", "addresses", "p")
        rendered = MarkdownIt("commonmark").enable("table").render(told(about, "en"))
        return re.findall(r"<(?:table|tr|td|th|code)\b", rendered)

    assert cells(text) == cells("无害")
