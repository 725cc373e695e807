import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from argument_graphs import Argument, barriers
from drawn_graphs import HOSTILE
from test_report import argument, words_of

from ftzgraph.analysis.measures import analyse
from ftzgraph.analysis.report import report
from ftzgraph.brief.page import page

VOID = {"meta", "link", "rect", "path", "br", "hr", "img"}


class Page(HTMLParser):
    """The elements of a page with their attributes and words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: dict[int, str] = {}
        self._open: list[int] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self._open.append(len(self.elements))
        self.words[len(self.elements)] = ""
        self.elements.append((tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.elements[self._open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            self.words[element] += data

    def all(self, tag: str, **attributes: str) -> list[str]:
        """The words of the elements of a name, with these attributes."""
        return [
            self.words[i].strip()
            for i, (name, found) in enumerate(self.elements)
            if name == tag and attributes.items() <= found.items()
        ]

    @property
    def tables(self) -> list[list[list[str]]]:
        """The cells of all tables by row."""
        found: list[list[list[str]]] = []
        for i, (name, _) in enumerate(self.elements):
            if name == "table":
                found.append([])
            elif name == "tr":
                found[-1].append([])
            elif name in ("th", "td"):
                found[-1][-1].append(" ".join(self.words[i].split()))
        return found

    @property
    def matrix(self) -> list[list[str]]:
        """The cells of the last table by row: the appendix behind the pictures has none."""
        return self.tables[-1]


def shown(about: Argument, lang: str = "zh") -> Page:
    return Page(page(analyse(about.graph), lang))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_headings_are_those_of_the_markdown_and_of_the_pictures(lang: str) -> None:
    found = shown(argument(), lang)
    markdown = re.findall(r"^(#+) (.+)$", report(analyse(argument().graph), lang), re.MULTILINE)
    contents, *sections = found.all("h2")
    assert contents == {"zh": "目录", "en": "Contents"}[lang]
    assert found.all("h1") == [text for level, text in markdown if level == "#"] == found.all("title")
    assert sections[:2] + sections[4:] == [text for level, text in markdown if level == "##"]
    assert found.all("h3") == [text for level, text in markdown if level == "###"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_of_contents_leads_to_every_section(lang: str) -> None:
    found = shown(argument(), lang)
    targets = [attributes["href"] for name, attributes in found.elements if name == "a"]
    sections = [f"#{attributes['id']}" for name, attributes in found.elements if name == "h2"]
    assert targets == sections[1:]
    assert found.all("a") == found.all("h2")[1:]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_words_are_those_of_the_markdown(lang: str) -> None:
    (main,) = shown(argument(), lang).all("main")
    for said in words_of(report(analyse(argument().graph), lang)):
        assert said in main


def test_places_are_set_small_and_brackets_within_a_quote_are_not() -> None:
    about = Argument()
    about.section("s", "总则", "一、（一）")
    about.factor("p", quote="国发〔2023〕5号落实不力", section="s")
    assert set(shown(about).all("small", **{"class": "place"})) == {"〔一、（一）· 0–14〕"}


def test_only_the_steps_of_a_chain_have_an_arrow_instead_of_a_bullet() -> None:
    steps = shown(argument()).all("li", **{"class": "step"})
    assert [step[:6] for step in steps] == ["→ 「骨干流", "⇢ 「项目停"]


def test_the_matrix_has_a_cell_for_each_link_and_names_what_shading_says() -> None:
    assert shown(argument()).matrix == [
        ["障碍", "策1"],
        ["障1 人才不足", "没有对策"],
        ["障2 待遇偏低", "65 推断"],
        ["障3 骨干流失", "没有对策"],
        ["障4 项目停滞", "没有对策"],
        ["障5 设备老化", "没有对策"],
    ]
    english = shown(argument(), "en")
    assert english.matrix[2] == ["B2 待遇偏低", "65 inferred"]
    assert english.all("dd") == ["提高待遇"]
    scopes = [attributes.get("scope") for name, attributes in english.elements if name == "th"]
    assert scopes[-7:] == ["col", "col", *["row"] * 5]


def test_a_stated_link_is_filled_and_empty_cells_keep_their_column() -> None:
    about = Argument()
    for name, confidence in (("a", "0.10"), ("b", "0.90")):
        about.factor(name)
        about.factor(f"{name}-remedy", "Remedy")
        about.link(f"{name}-remedy", "addresses", name, confidence=confidence)
    found = shown(about)
    assert found.matrix[1:] == [["障1 陈述a", "10 文中明说", ""], ["障2 陈述b", "", "90 文中明说"]]
    assert [attributes.get("class") for name, attributes in found.elements if name == "td"][-4:] == [
        "stated shade-0",
        None,
        None,
        "stated shade-4",
    ]


def test_the_causal_core_is_drawn_with_its_quotes() -> None:
    found = shown(argument())
    (label,) = [attributes["aria-label"] for name, attributes in found.elements if name == "svg"]
    assert label == "因果核心：9 个要素中的 4 个"
    assert {"待遇偏低", "骨干流失", "项目停滞", "提高待遇"} <= set(found.all("text"))


def loads(html: str) -> set[str]:
    """What attributes of a page refer to, fragments of itself aside."""
    names = ("src", "href", "srcset", "data", "poster", "action", "background", "xlink:href", "cite", "style")
    found = {str(attributes[name]) for _, attributes in Page(html).elements for name in names if name in attributes}
    return {reference for reference in found if not reference.startswith("#")}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_needs_nothing_else_and_allows_nothing_but_its_own_style(lang: str) -> None:
    html = page(analyse(argument().graph), lang)
    found = Page(html)
    assert loads(html) == set()
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert "url(" not in style
    assert "@import" not in style
    (policy,) = [a["content"] for _, a in found.elements if a.get("http-equiv") == "Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    names = {name for name, _ in found.elements}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}


def test_an_english_page_says_what_is_chinese() -> None:
    html = page(analyse(argument().graph), "en")
    assert '<html lang="en">' in html
    assert '「<span lang="zh-Hans">待遇偏低</span>」' in html
    assert '<dd lang="zh-Hans">提高待遇</dd>' in html
    about = barriers()
    about.factor("p", quote="加入 CPTPP 受阻，RCEP 与<DEPA>谈判")
    said = shown(about, "en").all("span", lang="zh-Hans")
    assert {"加入", "受阻，", "与<DEPA>谈判"} <= set(said)
    assert '<html lang="zh-Hans">' in page(analyse(argument().graph))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("text", [*HOSTILE, "</style><b>", "標\x00準\x08\ufffe\x1b[2J"])
def test_no_text_of_a_document_can_break_the_page(text: str, lang: str) -> None:
    def about(words: str) -> Page:
        result = Argument(words, "a.txt")
        result.document(words, "z.txt", words)
        result.section("s", words)
        result.mention("m", "Actor", words, words)
        result.factor("p", "Problem", words, section="s", mentions=("m",), confidence="0.10")
        result.factor("r", "Remedy", words, section="s")
        result.link("r", "addresses", "p")
        return shown(result, lang)

    attacked, tame = about(text), about("没有恶意")
    different = {"text", "span"}  # how many lines a label takes, and how many stretches are Chinese
    assert [e for e in names(attacked) if e not in different] == [e for e in names(tame) if e not in different]
    assert {key for _, a in attacked.elements for key in a} == {key for _, a in tame.elements for key in a}
    visible = "標準[2J" if "\x00" in text else " ".join(re.sub("[\u202e\u202c\u200f]", "", text).split())
    assert visible in attacked.all("main")[0]
    assert visible in attacked.all("dd")[0]
    assert not re.search("[\x00-\x08\ufffe\u202e]", attacked.all("html")[0])


def names(found: Page) -> list[str]:
    return [name for name, _ in found.elements]


def test_a_graph_without_factors_has_no_pictures_and_one_without_barriers_no_matrix() -> None:
    assert shown(Argument()).all("h2") == ["目录", "要点", "方法说明"]
    goals = Argument()
    goals.factor("g", "Goal")
    assert "因果核心图" in shown(goals).all("h2")
    assert shown(goals).tables == []


def test_without_remedies_every_row_says_so() -> None:
    assert shown(barriers("a", "b"), "en").tables == [
        [["Barriers"], ["B1 陈述a", "unanswered"], ["B2 陈述b", "unanswered"]]
    ]


def test_several_documents_have_their_overview_and_a_matrix_each() -> None:
    both = argument()
    both.document("另一份", "z.txt")
    both.factor("other", "Problem", "资金紧张")
    found = shown(both)
    overview, sureness, first, second, *_ = [[row[0] for row in table] for table in found.tables]
    assert overview == ["文件", "1. 《关于示例的报告》", "2. 《另一份》"]
    assert sureness[:2] == ["关系的置信度", "不限"]
    assert first == ["障碍", "障1 人才不足", "障2 待遇偏低", "障3 骨干流失", "障4 项目停滞", "障5 设备老化"]
    assert second == ["障碍", "障6 资金紧张"]
    assert found.all("figcaption") == ["关于示例的报告", "另一份"]
    assert found.all("h2")[1:4] == ["因果核心图", "障碍与对策对照", "1. 《关于示例的报告》"]
    right = [attributes.get("class") for name, attributes in found.elements if name == "td"][1]
    assert right == "right"


def test_what_did_not_fit_into_the_matrix_is_said() -> None:
    crowd = Argument()
    for number in range(14):
        crowd.document(f"文件{number}", f"{number}.txt")
        crowd.factor(f"p{number}")
    assert "限于篇幅，另有 2 项障碍未列入。" in shown(crowd).all("p")


def test_the_same_analysis_gives_the_same_page() -> None:
    assert page(analyse(argument().graph)) == page(analyse(argument().graph))


def luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(color: str, share: float, ground: str) -> str:
    pairs = [(int(color[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def test_all_text_has_the_contrast_that_wcag_asks_for() -> None:
    html = page(analyse(argument().graph))
    (light, dark, printed) = [
        dict(re.findall(r"--([a-z]+): (#\w{6})", block)) for block in re.findall(r":root {.*?}", html, re.DOTALL)
    ]
    shares = [int(share) / 100 for share in re.findall(r"var\(--answer\) (\d+)%", html)]
    assert len(shares) == 5
    for scheme in (light, light | dark, light | printed):
        grounds = [scheme["ground"], scheme["surface"]]
        for ink in ("ink", "muted", "accent"):
            assert all(contrast(scheme[ink], ground) >= 4.5 for ground in grounds), ink
        shaded = [mixed(scheme["answer"], share, scheme["surface"]) for share in shares]
        shaded.append(mixed(scheme["alarm"], 0.12, scheme["surface"]))
        assert all(contrast(scheme["ink"], shade) >= 4.5 for shade in shaded)
