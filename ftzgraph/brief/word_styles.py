"""What the Word document looks like: A4, Chinese and Latin fonts, headings, lists, page numbers; and its metadata."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.section import Section
from docx.shared import Length, Mm, Pt, RGBColor
from docx.table import Table, _Row
from lxml.etree import _Element

DATE: Final = datetime(1980, 1, 1)
"""What the file gives as its date: the same input shall give the same bytes. Zip archives know no earlier one."""

MARGIN: Final = Mm(20)

_BODY, _HEADING, _CODE = ("Times New Roman", "宋体"), ("Arial", "黑体"), ("Consolas", "宋体")
_INK, _MUTED = RGBColor(0x23, 0x26, 0x2B), RGBColor(0x63, 0x67, 0x6E)
_RULE = "c4c1b9"
_HEADINGS = {"Title": 20, "Heading 1": 15, "Heading 2": 12.5, "Heading 3": 11.5, "Heading 4": 10.5, "Heading 5": 10.5}
_LISTS = [f"List {kind}{depth}" for kind in ("Bullet", "Continue") for depth in ("", " 2", " 3")]


def set_up(document: Document, title: str, lang: str) -> None:
    """Give a new document its page, styles, page numbers and metadata."""
    _page(document.sections[0])
    _styles(document)
    _page_numbers(document.sections[0])
    about = document.core_properties
    about.title, about.language = title, "zh-CN" if lang == "zh" else "en"
    about.author = about.last_modified_by = "ftzgraph"
    about.created, about.modified, about.comments = DATE, DATE, ""


def turn(section: Section) -> None:
    """Turn the page of a section from upright to landscape or back."""
    upright = section.orientation == WD_ORIENT.PORTRAIT
    section.orientation = WD_ORIENT.LANDSCAPE if upright else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = section.page_height, section.page_width


def room(section: Section) -> tuple[Length, Length]:
    """Return width and height within the margins of a section."""
    return Length((section.page_width or 0) - 2 * MARGIN), Length((section.page_height or 0) - 2 * MARGIN)


def repeat(row: _Row) -> None:
    """Have a row stand at the top of every page that its table reaches."""
    row._tr.get_or_add_trPr().append(element("tblHeader"))


def set_widths(table: Table, widths: Sequence[Length]) -> None:
    """Give the columns of a table these widths, whatever stands in them."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in table._tbl.tr_lst:  # some programs go by the columns, others by the cells
        for cell, width in zip(row.tc_lst, widths, strict=True):
            cell.width = width


def element(tag: str, **attributes: str) -> _Element:
    """Return a new element of WordprocessingML, such as ``element("shd", fill="ffffff")``."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _page(section: Section) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = MARGIN


def _styles(document: Document) -> None:
    styles = document.styles
    defaults = styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    _set_fonts(defaults, _BODY)
    defaults.find(qn("w:lang")).set(qn("w:eastAsia"), "zh-CN")
    styles["Normal"].font.size = Pt(10.5)
    styles["Normal"].paragraph_format.space_after = Pt(6)
    for name, size in _HEADINGS.items():
        style = styles[name]
        _set_fonts(style.element.get_or_add_rPr(), _HEADING)
        style.font.size, style.font.color.rgb, style.font.bold, style.font.italic = Pt(size), _INK, True, False
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(size), Pt(size / 2)
    for name in _LISTS:
        styles[name].paragraph_format.space_after = Pt(3)
    styles["Quote"].font.italic, styles["Quote"].font.color.rgb = False, _MUTED
    styles["Quote"].paragraph_format.left_indent = Mm(6)
    place = styles.add_style("Place", WD_STYLE_TYPE.CHARACTER)
    place.font.size, place.font.color.rgb = Pt(8), _MUTED
    _set_fonts(styles.add_style("Code", WD_STYLE_TYPE.CHARACTER).element.get_or_add_rPr(), _CODE)
    table = styles["Table Grid"].element
    for edge in (*styles["Title"].element.iter(qn("w:bottom")), *table.find(f".//{qn('w:tblBorders')}")):
        edge.attrib.pop(qn("w:themeColor"), None)
        edge.set(qn("w:color"), _RULE)
    for side in ("left", "right"):
        table.find(f".//{qn('w:tblCellMar')}/{qn(f'w:{side}')}").set(qn("w:w"), "57")  # a millimetre
    small = styles.add_style("Matrix", WD_STYLE_TYPE.PARAGRAPH)
    small.base_style, small.font.size = styles["Normal"], Pt(7.5)
    small.paragraph_format.space_after, small.paragraph_format.line_spacing = Pt(0), 1.0


def _set_fonts(properties: _Element, fonts: tuple[str, str]) -> None:
    """Set the Latin and the Chinese font; those of the theme would win and so go."""
    latin, chinese = fonts
    found = properties.find(qn("w:rFonts"))
    if found is None:
        properties.insert(0, found := element("rFonts"))
    found.attrib.clear()
    # The hint makes marks that both scripts have, such as “ ” and …, Chinese ones.
    for name, value in (("hint", "eastAsia"), ("ascii", latin), ("hAnsi", latin), ("eastAsia", chinese), ("cs", latin)):
        found.set(qn(f"w:{name}"), value)


def _page_numbers(section: Section) -> None:
    line = section.footer.paragraphs[0]
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for before, field in (("", "PAGE"), (" / ", "NUMPAGES")):
        line.add_run(before)
        line._p.append(simple := element("fldSimple", instr=field))
        simple.append(run := element("r"))
        run.append(number := element("t"))
        number.text = "1"
