"""The brief as a Word document."""

from collections.abc import Iterable
from io import BytesIO

import docx
from docx.document import Document
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Length, Mm
from docx.table import _Cell, _Row

from ftzgraph.analysis.measures import Analysis
from ftzgraph.analysis.report import report
from ftzgraph.brief import figures
from ftzgraph.brief.parsing import headings, parse, text
from ftzgraph.brief.word_styles import DATE, element, repeat, room, set_up, set_widths, turn
from ftzgraph.brief.word_text import add_paragraph, add_text, set_style
from ftzgraph.errors import OutputError
from ftzgraph.files import dated
from ftzgraph.plain import line
from ftzgraph.rendering import matrix as answers
from ftzgraph.rendering import style
from ftzgraph.rendering.core import draw_core
from ftzgraph.rendering.png import png

_GROUND = "#ffffff"
_LABEL, _COLUMN = Mm(85), Mm(12)  # widths of the matrix's columns, the second at the most


def word(analysis: Analysis, lang: str = "zh") -> bytes:
    """Write the brief as a Word document, with the causal core as a picture and the answer matrix as tables.

    Args:
        analysis: of one document or many.
        lang: ``"zh"`` or ``"en"``.

    Returns:
        DOCX, the same bytes for the same analysis and, as the picture goes, the same fonts and version of matplotlib.
        Without matplotlib or a Chinese font a line says how to get the picture.

    Raises:
        ValueError: there is no such language.
    """
    tokens = parse(report(analysis, lang))
    before, after = figures.halves(tokens, analysis)
    document = docx.Document()
    set_up(document, text(tokens[headings(tokens, "h1")[0] + 1]), lang)
    add_text(document, before)
    if analysis.graph:
        turn(document.add_section(WD_SECTION.NEW_PAGE))
        _core(document, analysis, lang)
        _matrix(document, analysis, lang)
        turn(document.add_section(WD_SECTION.NEW_PAGE))
    add_text(document, after)
    return _saved(document)


def text_word(markdown: str, lang: str = "zh") -> bytes:
    """Write a brief without pictures as a Word document, such as that of a corpus.

    Args:
        markdown: as :mod:`ftzgraph.corpusmap.brief` writes it.
        lang: ``"zh"`` or ``"en"``.

    Returns:
        DOCX, the same bytes for the same text.
    """
    tokens = parse(markdown)
    document = docx.Document()
    set_up(document, text(tokens[headings(tokens, "h1")[0] + 1]), lang)
    add_text(document, tokens)
    return _saved(document)


def _saved(document: Document) -> bytes:
    content = BytesIO()
    document.save(content)
    return dated(content, DATE)


def _core(document: Document, analysis: Analysis, lang: str) -> None:
    words = figures.WORDS[lang]
    document.add_heading(words["core"], 1)
    drawing = draw_core(analysis.graph, lang)
    try:
        content = png(drawing)
    except OutputError:
        document.add_paragraph(words["no-core"])
        return
    width, height = room(document.sections[-1])
    scale = min(width / drawing.width, height * 0.85 / drawing.height)  # the heading stands above
    shown = document.add_picture(BytesIO(content), Length(int(drawing.width * scale)))
    shown._inline.docPr.set("descr", drawing.title)


def _matrix(document: Document, analysis: Analysis, lang: str) -> None:
    words, whole = answers.WORDS[lang], answers.matrix(analysis.graph)
    if not whole.sheets:
        return
    document.add_heading(words["title"], 1).paragraph_format.page_break_before = True
    document.add_paragraph(words["legend"])
    for sheet in whole.sheets:
        if figures.several(analysis):
            document.add_paragraph(line(sheet.document)).paragraph_format.keep_with_next = True
        _sheet(document, sheet, lang)
        for n, strategy in sheet.strategies.items():
            add_paragraph(document, "Matrix", f"{words['strategy'].format(n)}　{line(strategy.quote)}")
        document.add_paragraph()
    for note in answers.notes(whole, lang):
        document.add_paragraph(note)


def _sheet(document: Document, sheet: answers.Sheet, lang: str) -> None:
    words = answers.WORDS[lang]
    columns = len(sheet.strategies) or 1
    table = document.add_table(len(sheet.barriers) + 1, columns + 1, "Table Grid")
    width = min(_COLUMN, Length((room(document.sections[-1])[0] - _LABEL) // columns))
    set_widths(table, [_LABEL] + [width] * columns)
    head, *rows = table.rows
    repeat(head)
    _fill(head, [words["barriers"], *(words["strategy"].format(n) for n in sheet.strategies)])
    for row, (n, barrier) in zip(rows, sheet.barriers.items(), strict=True):
        label = f"{words['barrier'].format(n)}　{answers.shortened(barrier.quote, 28)}"
        links = sheet.row(barrier)
        if any(links):
            cells = _fill(row, [label, *(answers.percent(link.confidence) if link else "" for link in links)])
            for cell, link in zip(cells[1:], links, strict=True):
                if link:
                    shade = style.tint(answers.COLOR, _GROUND, answers.SHADES[answers.level(link.confidence)])
                    _shade(cell, shade, hatched=link.inferred)
        else:
            row.cells[1].merge(row.cells[-1])
            for cell in _fill(row, [label, words["unanswered"]])[:2]:
                _shade(cell, style.tint(answers.ALARM, _GROUND, 0.12))


def _fill(row: _Row, said: Iterable[str]) -> tuple[_Cell, ...]:
    """Write the cells of a row of the matrix, and return them; the first is the label."""
    cells = row.cells
    for i, (cell, words) in enumerate(zip(cells, said, strict=False)):
        paragraph = cell.paragraphs[0]
        set_style(paragraph, "Matrix")
        paragraph.add_run(words)
        if i:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return cells


def _shade(cell: _Cell, color: str, hatched: bool = False) -> None:
    ground, stroke = (_GROUND, color) if hatched else (color, _GROUND)
    pattern = "diagStripe" if hatched else "clear"
    cell._tc.get_or_add_tcPr().append(element("shd", val=pattern, color=stroke[1:], fill=ground[1:]))
