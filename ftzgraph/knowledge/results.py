"""What a query answers, and how it is written down: table, CSV, JSON or Turtle."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Final

from rdflib import XSD, Graph, Literal, URIRef, Variable
from rdflib.query import Result
from rdflib.term import Identifier, Node
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ftzgraph.errors import QueryError
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.knowledge.vocabulary import FTZ_IRI, compact, label, term_named

if TYPE_CHECKING:
    from pandas import DataFrame

RESULT_FORMATS: Final = ("table", "csv", "json", "turtle")

_BOOLEANS: Final = {"true": ("是", "yes"), "false": ("否", "no")}
_HEADINGS: Final[dict[str, tuple[str, str]]] = {
    "achievements": ("成效数", "achievements"),
    "answer": ("回答", "answer"),
    "barriers": ("障碍数", "barriers"),
    "concept": ("提及", "concept"),
    "conceptEn": ("英文名", "English name"),
    "count": ("数目", "count"),
    "direct": ("直接", "direct"),
    "effects": ("直接后果数", "direct effects"),
    "end": ("结束位置", "end"),
    "factors": ("要素数", "factors"),
    "hasGoal": ("有目标", "has a goal"),
    "iri": ("标识", "IRI"),
    "kind": ("类别", "kind"),
    "neighbourAnswered": ("相关障碍有对策", "related one answered"),
    "object": ("宾语", "object"),
    "predicate": ("谓语", "predicate"),
    "quote": ("引文", "quote"),
    "relation": ("关系", "relation"),
    "source": ("起点要素", "source"),
    "start": ("起始位置", "start"),
    "strategies": ("策略数", "strategies"),
    "subject": ("主语", "subject"),
    "target": ("终点要素", "target"),
    "title": ("标题", "title"),
    "type": ("类型", "type"),
}
"""Headings of well-known variables (Chinese, English) that are not terms of the ontology."""


@dataclass(frozen=True)
class QueryResult:
    """The answer to a query.

    Attributes:
        columns: names of the variables; ``("answer",)`` of an ASK, ``("subject", "predicate", "object")`` of a graph.
        rows: one term a column, ``None`` where unbound.
        graph: the answer of CONSTRUCT and DESCRIBE, else ``None``.
        boolean: the answer of ASK, else ``None``.
        keys: columns that are there for programs; the table leaves them out.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Node | None, ...], ...]
    graph: Graph | None = None
    boolean: bool | None = None
    keys: tuple[str, ...] = ()

    def render(self, format: str = "table", lang: str = "zh", width: int | None = None) -> str:  # noqa: A002
        """Write the answer down.

        Args:
            format: ``"table"`` for people; ``"csv"`` and ``"json"`` as SPARQL 1.1 defines them (JSON-LD for a graph);
                ``"turtle"`` for CONSTRUCT and DESCRIBE.
            lang: language of table headings and ontology terms, ``"zh"`` or ``"en"``.
            width: columns of the table; the terminal's by default.

        Returns:
            Text with a final newline.

        Raises:
            QueryError: the format is unknown or does not fit the answer.
        """
        match format:
            case "table":
                return self._table(lang, width or get_terminal_size((120, 24)).columns)
            case "csv":
                return self._standard("csv")
            case "json" if self.graph is not None:
                return serialise(self.graph, "jsonld")
            case "json":
                return json.dumps(json.loads(self._standard("json")), ensure_ascii=False, indent=1) + "\n"
            case "turtle" if self.graph is not None:
                return serialise(self.graph, "turtle")
            case "turtle":
                raise QueryError("only CONSTRUCT and DESCRIBE can be written as turtle; use table, csv or json")
        raise QueryError(f"unknown result format {format!r}: choose one of {', '.join(RESULT_FORMATS)}")

    def cells(self, lang: str = "zh") -> tuple[list[str], list[list[str]]]:
        """Return headings and rows as people read them, without the keys."""
        shown = [index for index, name in enumerate(self.columns) if name not in self.keys]
        headings = [heading(self.columns[index], lang) for index in shown]
        return headings, [[readable(row[index], lang) for index in shown] for row in self.rows]

    # The modules that make tables and HTML build on this one, so they are imported when they are asked for.

    def to_pandas(self) -> "DataFrame":
        """Return the answer as a pandas table; see :func:`ftzgraph.dataframes.result_frame`.

        Raises:
            FtzgraphError: pandas is not installed.
        """
        from ftzgraph.dataframes import result_frame

        return result_frame(self)

    def _repr_html_(self) -> str:
        from ftzgraph.notebook import result_html

        return result_html(self)

    def _table(self, lang: str, width: int) -> str:
        if not self.rows:
            return "没有结果\n" if lang == "zh" else "no results\n"
        headings, rows = self.cells(lang)
        table = Table(show_lines=True)
        for each in headings:
            table.add_column(Text(each), overflow="fold")
        for row in rows:
            table.add_row(*map(Text, row))
        output = StringIO()
        Console(file=output, width=width, color_system=None, legacy_windows=False).print(table)
        return output.getvalue()

    def _standard(self, format: str) -> str:  # noqa: A002
        if self.boolean is not None and format == "json":
            result = Result("ASK")
            result.askAnswer = self.boolean
        else:
            result = Result("SELECT")
            result.vars = [Variable(name) for name in self.columns]
            result.bindings = [_bindings(result.vars, row) for row in self.rows]
        return (result.serialize(format=format) or b"").decode()


def heading(variable: str, lang: str) -> str:
    """Return what stands above a column: the ontology's label of the term of that name, or a well-known heading.

    >>> heading("barrier", "zh"), heading("barrierIri", "en"), heading("x", "en")
    ('障碍', 'barrier (IRI)', 'x')
    """
    if variable in _HEADINGS:
        return _HEADINGS[variable][lang != "zh"]
    term = term_named(variable)
    if term is not None:
        return label(term, lang)
    stem = variable.removesuffix("Iri")
    if stem == variable:
        return variable
    return f"{heading(stem, lang)}标识" if lang == "zh" else f"{heading(stem, lang)} (IRI)"


def readable(term: Node | None, lang: str) -> str:
    """Return a term as people read it: text, yes or no, the ontology's label of its own terms, else a short IRI.

    A document must not be able to steer the terminal: characters that do not print become spaces.

    >>> readable(Literal(True), "zh"), readable(URIRef(FTZ_IRI + "causes"), "en")
    ('是', 'causes')
    """
    text = "" if term is None else str(term)
    if isinstance(term, Literal) and term.datatype == XSD.boolean and text in _BOOLEANS:
        return _BOOLEANS[text][lang != "zh"]
    if isinstance(term, URIRef):
        text = label(term, lang) if text.startswith(FTZ_IRI) else compact(term)
    return "".join(c if c.isprintable() else " " for c in text)


def _bindings(variables: Sequence[Variable], row: Sequence[Node | None]) -> dict[Variable, Identifier]:
    return {variable: term for variable, term in zip(variables, row, strict=True) if isinstance(term, Identifier)}
