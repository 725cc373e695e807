"""Markdown tokens written into a Word document."""

from collections.abc import Iterable
from typing import Final

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Length, Mm
from docx.text.paragraph import Paragraph
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from ftzgraph.brief.word_styles import repeat, room, set_widths

_NUMBERS: Final = Mm(18)  # width of a column of numbers
_HEADINGS: Final = {
    "h1": "Title",
    "h2": "Heading 1",
    "h3": "Heading 2",
    "h4": "Heading 3",
    "h5": "Heading 4",
    "h6": "Heading 5",
}


def add_text(document: Document, tokens: list[Token]) -> None:
    """Append what :func:`ftzgraph.brief.parsing.parse` gives, in the styles of :mod:`~ftzgraph.brief.word_styles`.

    What Word has no form for here, such as a block of code, becomes a paragraph of its words.
    """
    _blocks(document, SyntaxTreeNode(tokens).children)


def add_paragraph(document: Document, style: str, said: str = "") -> Paragraph:
    """Append a paragraph of a style."""
    paragraph = document.add_paragraph(said)
    set_style(paragraph, style)
    return paragraph


def set_style(paragraph: Paragraph, style: str) -> None:
    """Set a style by its id, as python-docx looks through all styles each time when it is told a name."""
    paragraph._p.style = style.replace(" ", "")


def _blocks(document: Document, nodes: Iterable[SyntaxTreeNode], style: str = "Normal") -> None:
    for node in nodes:
        match node.type:
            case "heading":
                _paragraph(document, node, _HEADINGS[node.tag])
            case "paragraph":
                _paragraph(document, node, style)
            case "blockquote":
                _blocks(document, node.children, "Quote")
            case "bullet_list" | "ordered_list":
                _list(document, node)
            case "table":
                _table(document, node)
            case _:
                add_paragraph(document, style, node.content)


def _paragraph(document: Document, node: SyntaxTreeNode, style: str, number: str = "") -> None:
    paragraph = add_paragraph(document, style, number)
    for inline in node.children:
        _inline(paragraph, inline)


def _inline(paragraph: Paragraph, node: SyntaxTreeNode, bold: bool = False, italic: bool = False) -> None:
    for part in node.children:
        match part.type:
            case "strong":
                _inline(paragraph, part, True, italic)
            case "em":
                _inline(paragraph, part, bold, True)
            case "place":
                paragraph.add_run(part.content)._r.style = "Place"
            case "code_inline":
                paragraph.add_run(part.content)._r.style = "Code"
            case "softbreak" | "hardbreak":
                paragraph.add_run(" ")
            case _:
                run = paragraph.add_run(part.content)
                run.bold, run.italic = bold or None, italic or None


def _list(document: Document, node: SyntaxTreeNode, depth: int = 1) -> None:
    """A list and those in it. Numbers are written out, since Word would count on from one list to the next."""
    level = f" {min(depth, 3)}" if depth > 1 else ""
    for i, item in enumerate(node.children, start=int(node.attrs.get("start", 1))):
        number = f"{i}. " if node.type == "ordered_list" else ""
        marked = not number and item.attrs.get("class") != "step"
        for child in item.children:
            if child.type in ("bullet_list", "ordered_list"):
                _list(document, child, depth + 1)
            elif child.type == "paragraph":
                _paragraph(document, child, f"List {'Bullet' if marked else 'Continue'}{level}", number)
            else:
                _blocks(document, [child], f"List Continue{level}")
            number, marked = "", False


def _table(document: Document, node: SyntaxTreeNode) -> None:
    rows = [row for part in node.children for row in part.children]
    table = document.add_table(len(rows), len(rows[0].children), "Table Grid")
    narrow = [cell.attrs.get("class") == "right" for cell in rows[0].children]
    wide = (room(document.sections[-1])[0] - sum(narrow) * _NUMBERS) // max(1, len(narrow) - sum(narrow))
    set_widths(table, [_NUMBERS if each else Length(wide) for each in narrow])
    repeat(table.rows[0])
    for row, told in zip(table.rows, rows, strict=True):
        for cell, content in zip(row.cells, told.children, strict=True):
            paragraph = cell.paragraphs[0]
            set_style(paragraph, "Matrix")
            if content.attrs.get("class") == "right":
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            for inline in content.children:
                _inline(paragraph, inline, bold=content.type == "th")
    document.add_paragraph()
