import io
import re
import sys
import zipfile

import docx
import pytest
from argument_graphs import Argument, barriers
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.table import Table
from drawn_graphs import HOSTILE
from test_report import argument, words_of

from ftzgraph.analysis.measures import analyse
from ftzgraph.analysis.report import report
from ftzgraph.brief.parsing import parse
from ftzgraph.brief.word import word
from ftzgraph.brief.word_styles import set_up
from ftzgraph.brief.word_text import add_text

UNFIT = "标准\x00不\x08\ufffe一\x1b[2J"  # XML holds none of these


@pytest.fixture(autouse=True)
def without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    """The document as it is where nothing but ftzgraph is installed, which is also the fast way."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)


def written(about: Argument, lang: str = "zh") -> Document:
    return docx.Document(io.BytesIO(word(analyse(about.graph), lang)))


def told(markdown: str) -> Document:
    """A document of nothing but a Markdown text."""
    document = docx.Document()
    set_up(document, "", "zh")
    add_text(document, parse(markdown))
    return document


def outline(document: Document) -> list[tuple[str, str]]:
    styles = ("Title", "Heading 1", "Heading 2", "Heading 3")
    return [(p.style.name, p.text) for p in document.paragraphs if p.style.name in styles]


def rows(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def words(document: Document) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_headings_are_those_of_the_markdown_and_of_the_pictures(lang: str) -> None:
    found = outline(written(argument(), lang))
    markdown = re.findall(r"^(#+) (.+)$", report(analyse(argument().graph), lang), re.MULTILINE)
    names = {"#": "Title", "##": "Heading 1", "###": "Heading 2"}
    pictures = {"zh": ["因果核心图", "障碍与对策对照"], "en": ["The causal core", "Barriers and their answers"]}[lang]
    assert [(style, text) for style, text in found if text not in pictures] == [(names[m], t) for m, t in markdown]
    names = [text for _, text in found]
    assert names[names.index(pictures[0]) + 2] in ("附录一　论证脉络", "Appendix 1. The argument")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_words_are_those_of_the_markdown(lang: str) -> None:
    text = words(written(argument(), lang))
    for said in words_of(report(analyse(argument().graph), lang)):
        assert said in text


def test_lists_are_lists_and_steps_of_a_chain_go_on_below_their_beginning() -> None:
    paragraphs = written(argument()).paragraphs
    chain = [p for p in paragraphs if "待遇偏低" in p.text and p.style.name == "List Bullet"]
    after = [p for p in paragraphs if p.text.startswith(("→", "⇢"))]
    assert chain
    assert [p.text[:6] for p in after] == ["→ 「骨干流", "⇢ 「项目停"]
    assert {p.style.name for p in after} == {"List Continue 2"}


def test_places_are_set_small_and_brackets_within_a_quote_are_not() -> None:
    about = Argument()
    about.factor("p", quote="国发〔2023〕5号 · 3文件落实不力")
    runs = [run for p in written(about).paragraphs for run in p.runs if run.style.name == "Place"]
    assert runs
    assert {run.text for run in runs} == {"〔文首 · 0–20〕"}


def test_every_form_of_markdown_that_a_brief_may_take() -> None:
    document = told(
        "# a\n\nb *c* **d *e***\nf `g`\n\n> h\n\n1. i\n   - j\n     - k\n       - l\n\n   m\n2. n\n\n    o\n\n---\n\n"
        "- p\n\n      q\n\n| r | s |\n| --- | --: |\n| t | **u** |\n"
    )
    told_ = [(p.style.name, p.text) for p in document.paragraphs if p.text]
    assert told_ == [
        ("Title", "a"),
        ("Normal", "b c d e f g"),
        ("Quote", "h"),
        ("List Continue", "1. i"),
        ("List Bullet 2", "j"),
        ("List Bullet 3", "k"),
        ("List Bullet 3", "l"),
        ("List Continue", "m"),
        ("List Continue", "2. n"),
        ("List Continue", "o"),
        ("List Bullet", "p"),
        ("List Continue", "q\n"),
    ]
    runs = {run.text: run for p in document.paragraphs for run in p.runs}
    assert [text for text, run in runs.items() if run.bold] == ["d ", "e"]
    assert [text for text, run in runs.items() if run.italic] == ["c", "e"]
    assert runs["g"].style.name == "Code"
    (table,) = document.tables
    assert rows(table) == [["r", "s"], ["t", "u"]]
    assert [cell.paragraphs[0].alignment for cell in table.rows[1].cells] == [None, 2]
    assert table.cell(0, 0).paragraphs[0].runs[0].bold
    assert table.cell(1, 1).paragraphs[0].runs[0].bold
    assert not table.cell(1, 0).paragraphs[0].runs[0].bold
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


def test_the_matrix_is_a_table_with_a_cell_for_each_link() -> None:
    table = written(argument()).tables[-1]
    assert rows(table) == [
        ["障碍", "策1"],
        ["障1　人才不足", "没有对策"],
        ["障2　待遇偏低", "65"],
        ["障3　骨干流失", "没有对策"],
        ["障4　项目停滞", "没有对策"],
        ["障5　设备老化", "没有对策"],
    ]
    shading = table.cell(2, 1)._tc.tcPr.find(qn("w:shd"))
    assert shading.get(qn("w:val")) == "diagStripe"  # the link is inferred
    assert "策1　提高待遇" in words(written(argument()))


def test_a_stated_link_is_a_filled_cell_the_darker_the_surer() -> None:
    about = Argument()
    for name, confidence in (("a", "0.10"), ("b", "0.90")):
        about.factor(name)
        about.factor(f"{name}-remedy", "Remedy")
        about.link(f"{name}-remedy", "addresses", name, confidence=confidence)
    table = written(about, "en").tables[-1]
    assert rows(table)[1:] == [["B1　陈述a", "10", ""], ["B2　陈述b", "", "90"]]
    fills = [table.cell(i, i)._tc.tcPr.find(qn("w:shd")) for i in (1, 2)]
    assert {fill.get(qn("w:val")) for fill in fills} == {"clear"}
    unsure, sure = (int(fill.get(qn("w:fill"))[:2], 16) for fill in fills)
    assert sure < unsure < 255


def test_the_page_is_a4_with_page_numbers_and_turned_for_the_pictures() -> None:
    document = written(argument())
    upright, turned = (WD_ORIENT.PORTRAIT, Mm(210)), (WD_ORIENT.LANDSCAPE, Mm(297))
    found = [(section.orientation, round(section.page_width / Mm(1))) for section in document.sections]
    assert found == [(o, round(w / Mm(1))) for o, w in (upright, turned, upright)]
    fields = document.sections[0].footer._element.iter(qn("w:fldSimple"))
    assert [field.get(qn("w:instr")) for field in fields] == ["PAGE", "NUMPAGES"]


def test_chinese_is_set_in_chinese_fonts() -> None:
    document = written(argument())
    defaults = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:rFonts')}")
    fonts = [defaults, *(document.styles[name].element.rPr.rFonts for name in ("Title", "Heading 1", "Heading 2"))]
    assert [font.get(qn("w:eastAsia")) for font in fonts] == ["宋体", "黑体", "黑体", "黑体"]
    assert not any("Theme" in name for font in fonts for name in font.attrib)


def test_title_and_dates_are_told() -> None:
    about = written(argument()).core_properties
    assert (about.title, about.author, about.language) == ("《关于示例的报告》论证简报", "ftzgraph", "zh-CN")
    assert about.created == about.modified
    assert written(argument(), "en").core_properties.language == "en"


def test_the_same_analysis_gives_the_same_bytes_whatever_the_day() -> None:
    analysis = analyse(argument().graph)
    first = word(analysis)
    assert word(analysis) == first
    assert {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(first)).infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("text", [*HOSTILE, UNFIT])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_text_of_a_document_can_break_the_word_document(text: str, lang: str) -> None:
    def about(words: str) -> Document:
        result = Argument(words, "a.txt")
        result.section("s", words)
        result.factor("p", quote=words, section="s")
        result.factor("r", "Remedy", words, section="s")
        result.link("r", "addresses", "p")
        return written(result, lang)

    document = about(text)
    visible = "标准不一[2J" if text == UNFIT else " ".join(re.sub("[\u202e\u202c\u200f]", "", text).split())
    assert document.core_properties.title.count(visible) == 1
    assert words(document).count(visible) > 3
    sizes = [[(len(t.rows), len(t.columns)) for t in each.tables] for each in (document, about("没有恶意"))]
    assert sizes[0] == sizes[1]


def test_without_matplotlib_a_line_says_how_to_get_the_picture() -> None:
    assert "ftzgraph[picture]" in words(written(argument()))
    assert not written(argument()).inline_shapes


def test_with_matplotlib_and_a_font_the_core_is_a_picture_that_says_what_it_shows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    pytest.importorskip("matplotlib", reason="the picture needs the extra 'picture'")
    from ftzgraph.errors import OutputError
    from ftzgraph.rendering.png import chinese_fonts

    try:
        chinese_fonts()
    except OutputError:
        pytest.skip("the picture needs a Chinese font")
    document = written(argument())
    (picture,) = document.inline_shapes
    section = document.sections[1]
    assert picture.width <= section.page_width - 2 * section.left_margin + Mm(1)  # Word counts in steps
    assert picture._inline.docPr.get("descr").startswith("因果核心")
    assert "ftzgraph[picture]" not in words(document)
    assert word(analyse(argument().graph)) == word(analyse(argument().graph))


def test_a_graph_without_factors_has_no_pictures_and_one_without_barriers_no_matrix() -> None:
    empty = written(Argument())
    assert [text for _, text in outline(empty)] == ["《测试文件》论证简报", "要点", "方法说明"]
    assert len(empty.sections) == 1
    goals = Argument()
    goals.factor("g", "Goal")
    assert not written(goals).tables


def test_without_remedies_every_row_says_so() -> None:
    (table,) = written(barriers("a", "b"), "en").tables
    assert rows(table) == [["Barriers", ""], ["B1　陈述a", "unanswered"], ["B2　陈述b", "unanswered"]]


def test_several_documents_have_their_overview_and_a_matrix_each() -> None:
    both = argument()
    both.document("另一份", "z.txt")
    both.factor("other", "Problem", "资金紧张")
    document = written(both)
    overview, _, first, second, *_ = document.tables
    assert [row[0] for row in rows(overview)] == ["文件", "1. 《关于示例的报告》", "2. 《另一份》"]
    assert (len(first.rows), rows(second)[1]) == (6, ["障6　资金紧张", "没有对策"])
    assert [text for _, text in outline(document)][:4] == [
        "2 份文件论证简报",
        "因果核心图",
        "障碍与对策对照",
        "1. 《关于示例的报告》",
    ]
