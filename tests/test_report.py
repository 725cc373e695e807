import re
from html.parser import HTMLParser
from itertools import takewhile

import pytest
from argument_graphs import Argument, barriers
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ftzgraph.analysis.markdown import escape
from ftzgraph.analysis.measures import analyse
from ftzgraph.analysis.report import MOST_DETAILED, report

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def argument() -> Argument:
    result = Argument("关于示例的报告", "report.txt")
    result.document("关于示例的报告", "report.txt", "张三")
    result.mention("office", "Actor", "发改委", "planning commission")
    result.section("s1", "主要问题", "二", order=0)
    result.section("s2", "人才不足", "（一）", order=1, parent="s1")
    result.factor("head", "Problem", "人才不足", section="s2")
    result.factor("a", "Cause", "待遇偏低", section="s2", mentions=("office",))
    result.factor("b", "Problem", "骨干流失", section="s2", modality="Predicted")
    result.factor("c", "Effect", "项目停滞", section="s2", confidence="0.40")
    result.factor("x", "Problem", "设备老化", section="s2")
    result.causes("a", "b")
    result.link("b", "causes", "c", inferred=True)
    result.link("a", "partOf", "head")
    result.factor("r", "Remedy", "提高待遇", mentions=("office",))
    result.factor("loose", "Remedy", "加强宣传")
    result.factor("g", "Goal", "留住人才")
    result.factor("done", "Achievement", "建成两所学校")
    result.link("r", "addresses", "a", confidence="0.65", inferred=True)
    result.link("r", "aimsAt", "g")
    return result


ONLY_CHINESE = re.compile(r"「.+?」|《.+?》|〔.+?〕|^#+ .*|张三|发改委", re.MULTILINE)


def sections(text: str) -> dict[str, str]:
    """The text under each second-level heading."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table below some words, its heading aside; none where no table comes next."""
    _, _, below = text.partition(f"{heading}\n\n")
    lines = list(takewhile(lambda line: line.startswith("| "), below.splitlines()))
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def words_of(markdown: str) -> list[str]:
    """What a brief says, line by line and cell by cell, without the marks of Markdown."""
    lines = [re.sub(r"^\s*(#+|-|>) |[*`]|\\(?=[\[\]])", "", line) for line in markdown.splitlines()]
    parts = [part for line in lines for part in (line.split("|") if line.startswith("| ") else [line])]
    return [part.strip() for part in parts if part.strip(" -:")]


def test_the_brief_in_chinese() -> None:
    text = report(analyse(argument().graph))
    assert text.startswith("# 《关于示例的报告》论证简报\n\n作者：张三　文件：report.txt\n")
    parts = sections(text)
    assert list(parts) == [
        *(
            "要点",
            "分析表",
            "附录一　论证脉络",
            "附录二　障碍与对策",
            "附录三　没有对策的障碍",
            "附录四　没有落点的对策",
        ),
        *(
            "附录五　最小对策组合",
            "附录六　目标及其对策",
            "附录七　成效",
            "附录八　主体与政策工具",
            "附录九　待核对之处",
        ),
        "附录十　方法说明",
    ]
    findings, _, thread, answered, unanswered, loose, smallest, goals, done, named, doubts, _ = parts.values()
    assert findings.strip() == (
        "- **概况**：障碍 5 项、对策 2 项、目标 1 项、成效 1 项；障碍之间的因果关系 2 条，对策或目标针对障碍的关系 1 条（均系推断）。\n"
        "- **主要根源**：1 项障碍引发别的障碍，文中没有交代其成因：\n"
        "  - 「待遇偏低」〔二（一）· 5–9〕，导致「骨干流失」（预测）〔二（一）· 10–14〕，共牵动 2 项障碍\n"
        "- **最小对策组合**：2 项对策中有 1 项触及障碍，合计 3 项：\n"
        "  - 「提高待遇」〔文首 · 25–29〕，直接针对 1 项，连后果触及 3 项\n"
        "- **没有对策的障碍**：5 项中有 4 项没有对策或目标直接针对，其中 1 项的成因和分项也没有：\n"
        "  - 「设备老化」〔二（一）· 20–24〕\n"
        "- **没有落点的对策**：2 项中有 1 项不对应文中任何障碍，即「加强宣传」〔文首 · 30–34〕。\n"
        "- **可靠程度**：各类关系 5 条，置信度不低于 0.50 的有 5 条；只凭它们，6 项结论全部成立。"
    )
    chain = (
        "- 「待遇偏低」〔二（一）· 5–9〕\n"
        "  - → 「骨干流失」（预测）〔二（一）· 10–14〕\n"
        "  - ⇢ 「项目停滞」（存疑）〔二（一）· 15–19〕\n"
    )
    assert "障碍 5 项，其中问题 3 项、原因 1 项、后果 1 项。" in thread
    assert f"### 二（一）人才不足\n\n总的问题：「人才不足」〔二（一）· 0–4〕\n\n{chain}" in thread
    assert "- 「提高待遇」〔文首 · 25–29〕，推断 0.65" in answered
    assert "完全没有对策，起因、后果和所属的问题也没有：\n\n- 「设备老化」" in unanswered
    assert "其起因「待遇偏低」〔二（一）· 5–9〕有对策：\n\n- 「骨干流失」" in unanswered
    assert "没有对应文中所述的任何障碍：\n\n- 「加强宣传」" in loose
    assert "「提高待遇」〔文首 · 25–29〕，触及 3 项，其中 3 项只有它能触及" in smallest
    assert "- 「留住人才」〔文首 · 35–39〕\n  - 「提高待遇」" in goals
    assert "「建成两所学校」" in done
    assert "- 发改委：原因 1 处〔二（一）· 5–9〕；对策 1 处〔文首 · 25–29〕" in named
    assert "- 0.40　后果「项目停滞」" in doubts
    assert "- 问题「骨干流失」（预测）" in doubts


def test_the_brief_in_english_quotes_the_same_in_the_same_order() -> None:
    analysis = analyse(argument().graph)
    zh, en = report(analysis, "zh"), report(analysis, "en")
    assert en.startswith("# Argument brief: 《关于示例的报告》\n\nBy 张三. File: report.txt\n")
    assert sections(en)["Findings"].strip() == (
        "- **Size**: 5 barriers, 2 remedies, 1 goal and 1 achievement; "
        "2 causal links between barriers and 1 link from a remedy or goal to a barrier (1 inferred).\n"
        "- **Main root causes**: 1 barrier leads to others while the text names no cause of its own:\n"
        "  - 「待遇偏低」〔二（一）· 5–9〕 leads to 「骨干流失」 (predicted) 〔二（一）· 10–14〕, and to 2 barriers in all\n"
        "- **Smallest set of remedies**: 1 of 2 remedies reaches 3 barriers:\n"
        "  - 「提高待遇」〔opening · 25–29〕 addresses 1 and, with its effects, reaches 3\n"
        "- **Barriers without a remedy**: no remedy or goal addresses 4 of 5, nor, for 1 of these, a cause or a part:\n"
        "  - 「设备老化」〔二（一）· 20–24〕\n"
        "- **Remedies that answer nothing stated**: 1 of 2, namely 「加强宣传」〔opening · 30–34〕.\n"
        "- **How sure this is**: of 5 links of all kinds, 5 have a confidence of at least 0.50; "
        "on these alone, all of 6 conclusions hold."
    )
    assert "- 发改委 (planning commission): cause ×1 〔二（一）· 5–9〕; remedy ×1 〔opening · 25–29〕" in en
    quotes = re.compile(r"「(.+?)」")
    assert quotes.findall(zh) == quotes.findall(en)
    assert len(sections(zh)) == len(sections(en)) == 12
    assert not re.search(r"[\u4e00-\u9fff]", ONLY_CHINESE.sub("", en))


def test_no_section_is_empty_whatever_is_missing() -> None:
    for sparse in (barriers("p"), Argument()):
        for lang in ("zh", "en"):
            for heading, body in sections(report(analyse(sparse.graph), lang)).items():
                assert body.strip(), heading


def test_alternatives_share_one_chain() -> None:
    fork = barriers("a", "b", "c", "d", "e")
    fork.causes("a", "c", "d")
    fork.causes("b", "c", "e")
    braid = barriers("a", "b", "c", "d")
    braid.causes("a", "b", "d")
    braid.causes("a", "c", "d")
    assert (
        "- 「陈述a」〔文首 · 0–3〕\n"
        "  - → 「陈述b」〔文首 · 4–7〕；「陈述c」〔文首 · 8–11〕\n"
        "  - → 「陈述d」〔文首 · 12–15〕\n"
    ) in report(analyse(braid.graph))
    text = report(analyse(fork.graph))
    assert (
        "- 「陈述a」〔文首 · 0–3〕；「陈述b」〔文首 · 4–7〕\n"
        "  - → 「陈述c」〔文首 · 8–11〕\n"
        "  - → 「陈述d」〔文首 · 12–15〕；「陈述e」〔文首 · 16–19〕\n"
    ) in text


def test_loops_and_caps_are_told() -> None:
    circle = barriers("a", "b")
    circle.causes("a", "b", "a")
    text = report(analyse(circle.graph))
    told = "**恶性循环**：1 个，「陈述a」〔文首 · 0–3〕 → 「陈述b」〔文首 · 4–7〕 → 回到开头，"
    assert f"{told}没有对策针对其中任何一环。" in text
    assert "- 「陈述a」〔文首 · 0–3〕 → 「陈述b」〔文首 · 4–7〕 → 回到开头（最弱一环置信度 0.80）" in text
    assert "**上限**" not in text
    circle.factor("r", "Remedy")
    circle.link("r", "addresses", "b")
    assert f"{told}可由「陈述r」〔文首 · 8–11〕打破。" in report(analyse(circle.graph))
    circle.factor("c")
    circle.causes("c", "a", "c", confidence="0.90")
    text = report(analyse(circle.graph))
    assert "**恶性循环**：2 个，依据最可靠的是：「陈述a」〔文首 · 0–3〕 → 「陈述c」〔文首 · 12–15〕 → 回到开头" in text
    crowd = barriers(*"abcdefghi")
    for cause in "abcdefghi":
        for effect in "abcdefghi":
            if cause != effect:
                crowd.causes(cause, effect)
    assert "**上限**" in report(analyse(crowd.graph))


def test_several_documents_are_told_one_after_the_other_and_places_name_the_document() -> None:
    both = argument()
    both.document("另一份", "z.txt")
    both.factor("other", "Problem", "资金紧张")
    text = report(analyse(both.graph))
    assert text.startswith("# 2 份文件论证简报\n")
    assert "| 1. 《关于示例的报告》 | 5 | 4 | 2 | 1 | 1 | 2 |" in text
    assert list(sections(text)) == [
        *("1. 《关于示例的报告》", "2. 《另一份》", "附录 1　《关于示例的报告》", "附录 2　《另一份》", "方法说明"),
    ]
    for chapter in ("2. 《另一份》", "附录 2　《另一份》"):
        assert re.findall(r"「.+?」〔.+?〕", sections(text)[chapter])[0] == "「资金紧张」〔文件 2 · 文首 · 0–4〕"
    assert "### 附录 2.3　没有对策的障碍" in text
    assert rows(text, "各份文件合计，结论的可靠程度如下：")[0] == ["不限", "5", "1", "5", "1", "6"]


@pytest.mark.parametrize(("count", "detailed"), [(MOST_DETAILED, True), (MOST_DETAILED + 1, False)])
def test_of_very_many_documents_only_the_findings_are_told(count: int, detailed: bool) -> None:
    many = Argument("文件", "0.txt")
    for number in range(count):
        if number:
            many.document("文件", f"{number}.txt")
        many.factor(f"p{number}")
    for lang, appendix, tables, why in (
        ("zh", "附录", "分析表", "文件超过 20 份，以下只列各份的要点"),
        ("en", "Appendix", "### Tables", "These are more than 20 documents"),
    ):
        text = report(analyse(many.graph), lang)
        assert text.count("「陈述p7」") == (3 if detailed else 1)
        assert (appendix in text, tables in text, why in text) == (detailed, detailed, not detailed)


def test_what_is_predicted_or_denied_is_told_once_and_denied_links_are_no_part_of_a_chain() -> None:
    unsettled = barriers("a", "b", "c")
    unsettled.link("a", "causes", "b", modality="Conditional")
    unsettled.link("b", "causes", "c", negated=True)
    unsettled.link("c", "partOf", "a", modality="Predicted")
    text = report(analyse(unsettled.graph))
    doubts = sections(text)["附录九　待核对之处"]
    assert "口气说出的 2 项" in doubts
    assert "- 「陈述a」〔文首 · 0–3〕 **导致** 「陈述b」〔文首 · 4–7〕（假设）" in doubts
    assert "- 「陈述b」〔文首 · 4–7〕 **导致** 「陈述c」〔文首 · 8–11〕（否定）" in doubts
    assert "→ 「陈述c」" not in text


def test_min_confidence_is_mentioned() -> None:
    text = report(analyse(argument().graph, min_confidence=0.5))
    assert "置信度低于 0.50 的陈述和关系事先已排除" in text
    assert "项目停滞" not in text


def test_sections_without_number_are_named_by_their_title_and_digits_are_parted() -> None:
    plain = Argument()
    plain.section("s", "引言", order=0)
    plain.section("t", "一", "1.", order=1)
    plain.section("u", "二", "2.", order=2, parent="t")
    plain.factor("a", section="s")
    plain.factor("b", section="u")
    text = report(analyse(plain.graph))
    assert "「陈述a」〔引言 · 0–3〕" in text
    assert "「陈述b」〔1.2 · 4–7〕" in text


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="'fr'"):
        report(analyse(Argument().graph), "fr")


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a | b | c",
    "`code` ``` ~~~",
    "[link](javascript:alert(1)) ![image](x)",
    "# heading\n\n## another\n- item\n> quote",
    "*strong* _em_ **x** __y__ ~~gone~~",
    "&lt;b&gt; \\",
    "end」〔一 · 0–1〕\u202eevil\u2029",
    "https://example.org www.example.org <https://example.org> someone@example.org",
]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(markdown: str) -> Tags:
    tags = Tags()
    tags.feed(MARKDOWN.render(markdown))
    return tags


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_document_can_break_the_markdown(text: str, lang: str) -> None:
    def about(words: str, file_name: str) -> str:
        result = Argument(words, file_name)
        result.document(words, "z.txt", words)
        result.section("s", words, "")
        result.mention("m", "Actor", words, words, tier="local")
        result.factor("p", "Problem", words, section="s", mentions=("m",), confidence="0.10")
        result.factor("q", "Effect", words, section="s")
        result.factor("e", "Effect", words, section="s")
        result.factor("r", "Remedy", words, section="s")
        result.factor("g", "Goal", words, section="s")
        result.causes("p", "q", "e")
        result.link("r", "addresses", "p")
        result.link("r", "aimsAt", "g")
        return report(analyse(result.graph), lang)

    attacked, tame = about(text, "a|b`<i>.txt"), about("没有恶意", "a.txt")
    assert shown(attacked).tags == shown(tame).tags
    assert shown(attacked).attributes == shown(tame).attributes
    assert attacked.count("\n") == tame.count("\n")
    assert " ".join(text.replace("\u202e", "").split()) in shown(attacked).text


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab一。 \n\t\\`*_{}[]()<>#+-.!|~&;:@$^='\"/w"), max_size=30))
def test_escaped_text_shows_as_it_is(text: str) -> None:
    inline = shown(f"- 「{escape(text)}」")
    assert inline.text.strip() == f"「{' '.join(text.split())}」"
    assert inline.tags == ["ul", "li"]


def test_sentences_that_were_passed_over_are_listed() -> None:
    argument = Argument("通知", "notice.txt")
    argument.document("通知", "notice.txt", "张三")
    argument.sentence("监管还有漏洞。", cue="漏洞")
    argument.sentence("会议结束。")
    analysis = analyse(argument.graph)
    for lang, words in (("zh", "有线索词而没有读出要素的句子 1 个"), ("en", "1 sentence in which a cue stands")):
        assert words in report(analysis, lang)
        assert "监管还有漏洞。" in report(analysis, lang)
        assert "会议结束。" not in report(analysis, lang)
