import re
from html.parser import HTMLParser

import pytest
from argument_graphs import Argument, barriers
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ftzgraph.analysis.markdown import escape
from ftzgraph.analysis.measures import analyse
from ftzgraph.analysis.report import report

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


def sections(text: str) -> dict[str, str]:
    """The text under each second-level heading."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_brief_in_chinese() -> None:
    text = report(analyse(argument().graph))
    assert text.startswith("# 《关于示例的报告》论证简报\n\n作者：张三　文件：report.txt\n")
    parts = sections(text)
    assert "障碍 5 项（问题 3、原因 1、后果 1），对策 2 项，目标 1 项，成效 1 项" in parts["要点"]
    assert "「待遇偏低」〔二（一）· 5–9〕，其后牵动 2 项障碍" in parts["要点"]
    assert "### 二（一）人才不足" in parts["一、论证脉络"]
    chain = (
        "- 「待遇偏低」〔二（一）· 5–9〕\n"
        "  - → 「骨干流失」（预测）〔二（一）· 10–14〕\n"
        "  - ⇢ 「项目停滞」（存疑）〔二（一）· 15–19〕\n"
    )
    assert chain in parts["一、论证脉络"]
    assert "总的问题：「人才不足」" in parts["一、论证脉络"]
    assert "- 「提高待遇」〔文首 · 25–29〕，推断 0.65" in parts["二、障碍与对策"]
    assert "完全没有对策，起因、后果和所属的问题也没有：\n\n- 「设备老化」" in parts["三、没有对策的障碍"]
    assert "其起因「待遇偏低」〔二（一）· 5–9〕有对策：\n\n- 「骨干流失」" in parts["三、没有对策的障碍"]
    assert "没有对应文中所述的任何障碍：\n\n- 「加强宣传」" in parts["四、没有落点的对策"]
    assert "「提高待遇」〔文首 · 25–29〕，触及 3 项，其中 3 项只有它能触及" in parts["五、最小对策组合"]
    assert "- 「留住人才」〔文首 · 35–39〕\n  - 「提高待遇」" in parts["六、目标及其对策"]
    assert "「建成两所学校」" in parts["七、成效"]
    assert "- 发改委：原因 1 处〔二（一）· 5–9〕；对策 1 处〔文首 · 25–29〕" in parts["八、主体与政策工具"]
    assert "- 0.40　后果「项目停滞」" in parts["九、待核对之处"]
    assert "- 问题「骨干流失」（预测）" in parts["九、待核对之处"]
    assert "十、方法说明" in parts


def test_the_brief_in_english_quotes_the_same_in_the_same_order() -> None:
    analysis = analyse(argument().graph)
    zh, en = report(analysis, "zh"), report(analysis, "en")
    assert en.startswith("# Argument brief: 《关于示例的报告》\n\nBy 张三. File: report.txt\n")
    assert "5 barriers (3 problems, 1 cause, 1 effect), 2 remedies, 1 goal and 1 achievement" in en
    assert "- 发改委 (planning commission): cause ×1 〔二（一）· 5–9〕; remedy ×1 〔opening · 25–29〕" in en
    quotes = re.compile(r"「(.+?)」")
    assert quotes.findall(zh) == quotes.findall(en)
    assert len(sections(zh)) == len(sections(en)) == 11
    assert not re.search(
        r"[\u4e00-\u9fff]", re.sub(r"「.+?」|《.+?》|〔.+?〕|^#+ .*|张三|发改委", "", en, flags=re.MULTILINE)
    )


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
    assert "**恶性循环**：1 个" in text
    assert "- 「陈述a」〔文首 · 0–3〕 → 「陈述b」〔文首 · 4–7〕 → 回到开头（最弱一环置信度 0.80）" in text
    assert "**上限**" not in text
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
    assert text.index("## 1. 《关于示例的报告》") < text.index("「待遇偏低」") < text.index("## 2. 《另一份》")
    assert "「资金紧张」〔文件 2 · 文首 · 0–4〕" in text[text.index("## 2. 《另一份》") :]
    assert text.count("## 方法说明") == 1


def test_what_is_predicted_or_denied_is_told_once_and_denied_links_are_no_part_of_a_chain() -> None:
    unsettled = barriers("a", "b", "c")
    unsettled.link("a", "causes", "b", modality="Conditional")
    unsettled.link("b", "causes", "c", negated=True)
    unsettled.link("c", "partOf", "a", modality="Predicted")
    text = report(analyse(unsettled.graph))
    doubts = sections(text)["九、待核对之处"]
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
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
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
    hostile = Argument(text, "a|b`<i>.txt")
    hostile.document(text, "z.txt", text)
    hostile.section("s", text, "")
    hostile.mention("m", "Actor", text, text)
    hostile.factor("p", "Problem", text, section="s", mentions=("m",), confidence="0.10")
    hostile.factor("q", "Effect", "没有恶意", section="s")
    hostile.causes("p", "q")
    tame = Argument("没有恶意", "a.txt")
    tame.document("没有恶意", "z.txt", "没有恶意")
    tame.section("s", "没有恶意", "")
    tame.mention("m", "Actor", "没有恶意", "没有恶意")
    tame.factor("p", "Problem", "没有恶意", section="s", mentions=("m",), confidence="0.10")
    tame.factor("q", "Effect", "没有恶意", section="s")
    tame.causes("p", "q")
    attacked, expected = (shown(report(analyse(each.graph), lang)) for each in (hostile, tame))
    assert attacked.names == expected.names
    assert attacked.attributes == expected.attributes
    assert report(analyse(hostile.graph), lang).count("\n") == report(analyse(tame.graph), lang).count("\n")
    visible = " ".join(text.replace("\u202e", "").split())
    assert visible in attacked.text


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab一。 \n\t\\`*_{}[]()<>#+-.!|~&;:@$^='\"/w"), max_size=30))
def test_escaped_text_shows_as_it_is(text: str) -> None:
    inline = shown(f"- 「{escape(text)}」")
    assert inline.text.strip() == f"「{' '.join(text.split())}」"
    assert inline.names == {"ul", "li"}


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
