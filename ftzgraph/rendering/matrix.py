"""The answer matrix: barriers in rows, the strategies that address them in columns, in each cell how sure that is.

:func:`matrix` is what page and Word document make their tables from, :func:`draw_matrix` the same as a drawing.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Final

from ftzgraph.analysis.graph import FactorGraph, FactorRecord, LinkRecord, barriers, factor, view
from ftzgraph.causalmap import FactorType, Relation
from ftzgraph.plain import line
from ftzgraph.rendering import style
from ftzgraph.rendering.drawing import LINE, PANEL, Drawing, Element, Line, Shape, Text, box
from ftzgraph.rendering.labels import text_width
from ftzgraph.rendering.texts import LANGUAGES

ROWS, COLUMNS = 45, 30
"""Most of each that one sheet holds, so that it can be read on a page."""

WORDS: Final = {
    "zh": {
        "title": "障碍与对策对照",
        "barrier": "障{}",
        "strategy": "策{}",
        "barriers": "障碍",
        "stated": "文中明说",
        "inferred": "推断",
        "scale": "数字为置信度（%），颜色越深越高",
        "legend": "实底：文中明说；斜纹：推断。数字为置信度（%），颜色越深越高。",
        "unanswered": "没有对策",
        "left_out": "限于篇幅，另有 {} 项障碍未列入。",
        "dropped": "对策过多，另有 {} 条置信度较低的关系未列入。",
        "nothing": "没有读出障碍。",
    },
    "en": {
        "title": "Barriers and their answers",
        "barrier": "B{}",
        "strategy": "S{}",
        "barriers": "Barriers",
        "stated": "stated",
        "inferred": "inferred",
        "scale": "figures are confidence in per cent; the darker, the higher",
        "legend": "Filled: stated; hatched: inferred. Figures are confidence in per cent; the darker, the higher.",
        "unanswered": "unanswered",
        "left_out": "Barriers left out for want of room: {}.",
        "dropped": "Links of lower confidence left out, as there are too many strategies: {}.",
        "nothing": "No barrier was found.",
    },
}

COLOR = style.LINKS[Relation.ADDRESSES].color
ALARM = style.FACTORS[FactorType.PROBLEM].color
SHADES: Final = (0.2, 0.3, 0.4, 0.5, 0.6)
"""How much of :data:`COLOR` a cell has, by :func:`level`; dark text on it and light text on its dark twin can be read."""

_MOST_DRAWN = 4  # sheets one below the other; more would be a picture that no program opens
_ROW, _CELL, _SIZE = 22, 34, 12
_LABEL, _CODE = 420, 42
_LEAST_WIDTH, _MARGIN = 980, 24


@dataclass(frozen=True)
class Sheet:
    """A part of the matrix that fits on a page.

    Attributes:
        document: title of the document that the barriers stand in.
        barriers, strategies: rows and columns by number, in document order; strategies only those that have a cell.
        cells: links by barrier and strategy, both by IRI.
        dropped: number of links that found no column.
    """

    document: str
    barriers: Mapping[int, FactorRecord]
    strategies: Mapping[int, FactorRecord]
    cells: Mapping[tuple[str, str], LinkRecord]
    dropped: int

    def row(self, barrier: FactorRecord) -> list[LinkRecord | None]:
        """Return the link in each column of a barrier's row; ``None`` for an empty cell."""
        return [self.cells.get((barrier.iri, strategy.iri)) for strategy in self.strategies.values()]


@dataclass(frozen=True)
class Matrix:
    """The sheets, and the number of barriers for which there was no sheet."""

    sheets: tuple[Sheet, ...]
    left_out: int


def matrix(graph: FactorGraph, most: int = 12) -> Matrix:
    """Arrange which strategies address which barriers.

    Args:
        graph: as :func:`ftzgraph.analysis.graph.to_networkx` gives it.
        most: sheets at the most.

    Returns:
        Barriers and the strategies that address one are numbered through from 1, each in document order. A sheet holds
        barriers of one document, :data:`ROWS` at the most, and :data:`COLUMNS` strategies; if a single barrier has more,
        the surest links count. Links that the text denies are no answers.
    """
    addresses = view(graph, Relation.ADDRESSES)
    rows = dict(enumerate(barriers(graph), start=1))
    answers = {
        n: [addresses.edges[iri, record.iri]["link"] for iri in addresses.predecessors(record.iri)]
        for n, record in rows.items()
    }
    answering = {link.source for links in answers.values() for link in links}
    number = {iri: n for n, iri in enumerate((iri for iri in graph if iri in answering), start=1)}
    sheets = [_sheet(graph, {n: rows[n] for n in page}, answers, number) for page in _pages(rows, answers)]
    return Matrix(tuple(sheets[:most]), sum(len(sheet.barriers) for sheet in sheets[most:]))


def _pages(rows: Mapping[int, FactorRecord], answers: Mapping[int, list[LinkRecord]]) -> Iterator[list[int]]:
    """The numbers of the barriers that share a sheet: of one document, and no more than it holds; about equally many."""
    for _, group in groupby(rows, key=lambda n: rows[n].document):
        numbers = list(group)
        even = math.ceil(len(numbers) / math.ceil(len(numbers) / ROWS))
        page: list[int] = []
        columns: set[str] = set()
        for n in numbers:
            mine = {link.source for link in answers[n]}
            if page and (len(page) == even or len(columns | mine) > COLUMNS):
                yield page
                page, columns = [], set()
            page.append(n)
            columns |= mine
        yield page


def _sheet(
    graph: FactorGraph,
    rows: Mapping[int, FactorRecord],
    answers: Mapping[int, list[LinkRecord]],
    number: Mapping[str, int],
) -> Sheet:
    links = sorted((link for n in rows for link in answers[n]), key=lambda link: -link.confidence)
    columns = list(dict.fromkeys(link.source for link in links))[:COLUMNS]
    documents, home = graph.graph["documents"], next(iter(rows.values())).document
    return Sheet(
        document=documents[home].title if home in documents else "",
        barriers=rows,
        strategies={number[iri]: factor(graph, iri) for iri in sorted(columns, key=number.__getitem__)},
        cells={(link.target, link.source): link for link in links if link.source in columns},
        dropped=sum(link.source not in columns for link in links),
    )


def level(confidence: float) -> int:
    """Return which of the :data:`SHADES` shows a confidence.

    >>> level(0), level(0.5), level(1)
    (0, 2, 4)
    """
    return min(int(confidence * len(SHADES)), len(SHADES) - 1)


def percent(confidence: float) -> str:
    """Return what a cell says of a confidence: per cent, without the sign."""
    return f"{confidence * 100:.0f}"


def notes(whole: Matrix, lang: str) -> list[str]:
    """Say what the sheets leave out; nothing when they hold everything."""
    dropped = sum(sheet.dropped for sheet in whole.sheets)
    said = (("left_out", whole.left_out), ("dropped", dropped))
    return [WORDS[lang][key].format(number) for key, number in said if number]


def shortened(text: str, columns: float) -> str:
    """Cut a text to a width in Chinese characters; what is cut ends in an ellipsis.

    >>> shortened("通关缓慢，企业外迁", 6)
    '通关缓慢…'
    """
    words = line(text)
    widths = list(accumulate(map(text_width, words)))
    if not widths or widths[-1] <= columns:
        return words
    return words[: sum(width <= columns - 1 for width in widths)].rstrip("，、；") + "…"


def draw_matrix(graph: FactorGraph, lang: str = "zh") -> Drawing:
    """Draw the sheets one below the other, each with the key to its columns.

    Args:
        graph: as :func:`ftzgraph.analysis.graph.to_networkx` gives it.
        lang: ``"zh"`` or ``"en"``, the language of what stands around the quotes.

    Raises:
        ValueError: the language is neither ``"zh"`` nor ``"en"``.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"no such language: {lang} (there are {' and '.join(LANGUAGES)})")
    words, whole = WORDS[lang], matrix(graph, most=_MOST_DRAWN)
    width = max([_LEAST_WIDTH, *(_LABEL + len(sheet.strategies) * _CELL for sheet in whole.sheets)])
    several = len(graph.graph["documents"]) > 1
    elements: list[Element] = [Text(0, _ROW / 2, words["title"], size=16, ink="ink"), *_legend(width, words)]
    top = 2.0 * _ROW
    for sheet in whole.sheets:
        if several:
            elements.append(Text(0, top + _ROW / 2, shortened(sheet.document, width / _SIZE), size=_SIZE))
            top += _ROW
        elements += _drawn(sheet, top, width, words)
        top += (len(sheet.barriers) + len(sheet.strategies) + 2.5) * _ROW
    for note in notes(whole, lang) or ([] if whole.sheets else [words["nothing"]]):
        elements.append(Text(0, top + _ROW / 2, note))
        top += _ROW
    return Drawing(-_MARGIN, -_MARGIN, width + 2 * _MARGIN, top + 2 * _MARGIN, words["title"], tuple(elements))


def _drawn(sheet: Sheet, top: float, width: float, words: Mapping[str, str]) -> Iterator[Element]:
    """One sheet: a line of column numbers, the rows, and what the columns are."""
    left = width - max(len(sheet.strategies) * _CELL, 2 * _CELL)
    places = [left + i * _CELL for i in range(len(sheet.strategies))]
    height = len(sheet.barriers) * _ROW
    yield Shape(box(0, top + _ROW, width, height), PANEL, LINE, 1, 0, "panel")
    for n, x in zip(sheet.strategies, places, strict=True):
        yield Text(x + _CELL / 2, top + _ROW / 2, words["strategy"].format(n), "center", 11)
    for i, (n, record) in enumerate(sheet.barriers.items(), start=1):
        y = top + i * _ROW
        if not any(sheet.row(record)):
            yield Shape(box(0, y, width, _ROW), style.tint(ALARM, PANEL, 0.12), LINE, 0, 0, "unanswered")
            yield Text(left + 8, y + _ROW / 2, words["unanswered"], size=11, ink="ink")
        yield Line(((0, y), (width, y)), LINE, 1, (), 1, "rule")
        yield Text(8, y + _ROW / 2, words["barrier"].format(n), size=_SIZE)
        said = shortened(record.quote, (left - _CODE - 16) / _SIZE)
        yield Text(_CODE + 8, y + _ROW / 2, said, size=_SIZE, ink="ink")
        for x, link in zip(places, sheet.row(record), strict=True):
            if link:
                yield from _cell(x, y, link.inferred, level(link.confidence))
                yield Text(x + _CELL / 2, y + _ROW / 2, percent(link.confidence), "center", 11, "ink")
    for i, (n, record) in enumerate(sheet.strategies.items()):
        y = top + height + (i + 2) * _ROW
        yield Text(8, y, words["strategy"].format(n), size=_SIZE)
        yield Text(_CODE + 8, y, shortened(record.quote, (width - _CODE - 8) / _SIZE), size=_SIZE, ink="ink")


def _cell(x: float, y: float, inferred: bool, shade: int) -> Iterator[Element]:
    """A filled cell, or one with slanted strokes."""
    left, top, width, height = x + 1, y + 1, _CELL - 2.0, _ROW - 2.0
    color = style.tint(COLOR, PANEL, SHADES[shade])
    yield Shape(box(left, top, width, height), PANEL if inferred else color, color, 1, 0, f"shade-{shade}")
    for reach in range(5, int(width + height), 5) if inferred else ():
        start = (left + max(0, reach - height), top + min(reach, height))
        end = (left + min(reach, width), top + max(0, reach - width))
        yield Line((start, end), color, 2, (), 1, f"shade-{shade}")


def _legend(width: float, words: Mapping[str, str]) -> Iterator[Element]:
    x, y = width, _ROW / 2
    for key in ("scale", "inferred", "stated"):
        x -= text_width(words[key]) * _SIZE
        yield Text(x, y, words[key], size=_SIZE)
        if key != "scale":
            x -= _CELL + 8
            yield from _cell(x, 0, key == "inferred", 3)
        x -= 20
