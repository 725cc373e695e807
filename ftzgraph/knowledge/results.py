"""What a query answers, and how it is written down: as a table, in the formats of SPARQL 1.1, or as RDF."""

import json
from dataclasses import dataclass
from io import StringIO
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
from rdflib import XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ftzgraph.errors import QueryError
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.knowledge.syntaxes import NOT_XML
from ftzgraph.knowledge.vocabulary import FTZ_IRI, compact, label, term_named

if TYPE_CHECKING:
    from pandas import DataFrame

RESULT_FORMATS: Final = ("table", "csv", "tsv", "json", "xml", "turtle")

_BOOLEANS: Final = {"true": ("是", "yes"), "false": ("否", "no")}
_HEADINGS: Final[dict[str, tuple[str, str]]] = {
    "achievements": ("成效数", "achievements"),
    "actors": ("主体", "actors"),
    "answer": ("回答", "answer"),
    "answered": ("提出对策的文件数", "documents with a remedy"),
    "barriers": ("障碍数", "barriers"),
    "concept": ("提及", "concept"),
    "conceptEn": ("英文名", "English name"),
    "count": ("数目", "count"),
    "direct": ("直接", "direct"),
    "documents": ("文件数", "documents"),
    "effects": ("直接后果数", "direct effects"),
    "end": ("结束位置", "end"),
    "factors": ("要素数", "factors"),
    "firstYear": ("最早年份", "first year"),
    "hasGoal": ("有目标", "has a goal"),
    "iri": ("标识", "IRI"),
    "kind": ("类别", "kind"),
    "lastYear": ("最近年份", "last year"),
    "neighbourAnswered": ("相关障碍有对策", "related one answered"),
    "object": ("宾语", "object"),
    "places": ("地方", "places"),
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
            format: ``"table"`` for people; ``"csv"``, ``"tsv"``, ``"json"`` and ``"xml"`` as SPARQL 1.1 defines them
                (JSON-LD and RDF/XML for a graph); ``"turtle"`` for CONSTRUCT and DESCRIBE.
            lang: language of table headings and ontology terms, ``"zh"`` or ``"en"``.
            width: columns of the table; the terminal's by default.

        Returns:
            Text with a final newline.

        Raises:
            QueryError: the format is unknown, or cannot write this answer.
            GraphError: RDF/XML cannot write this graph.
        """
        match format:
            case "table":
                return self._table(lang, width or get_terminal_size((120, 24)).columns)
            case "json" | "xml" | "turtle" if self.graph is not None:
                return serialise(self.graph, {"json": "jsonld", "xml": "rdfxml"}.get(format, format))
            case "json":
                return self._json(self.boolean)
            case "xml":
                return _sound_xml(self._converted(ox.QueryResultsFormat.XML, self.boolean)) + "\n"
            case "csv":
                return self._converted(ox.QueryResultsFormat.CSV)
            case "tsv":
                return self._converted(ox.QueryResultsFormat.TSV)
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

    def _converted(self, to: ox.QueryResultsFormat, boolean: bool | None = None) -> str:
        answer = ox.parse_query_results(self._json(boolean), format=ox.QueryResultsFormat.JSON)
        return (answer.serialize(format=to) or b"").decode()

    def _json(self, boolean: bool | None) -> str:
        """SPARQL JSON: of the boolean, or (CSV and TSV know none) of the table."""
        if boolean is not None:
            return json.dumps({"head": {}, "boolean": boolean}, indent=1) + "\n"
        bindings = [
            {name: _json_term(term) for name, term in zip(self.columns, row, strict=True) if term is not None}
            for row in self.rows
        ]
        content = {"head": {"vars": self.columns}, "results": {"bindings": bindings}}
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


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


def _sound_xml(written: str) -> str:
    """Refuse what no XML can hold, and escape what a reader of XML would change; Oxigraph writes both as they are."""
    found = NOT_XML.search(written)
    if found:
        raise QueryError(f"XML cannot write the character U+{ord(found[0]):04X}; use another format")
    return written.replace("\r", "&#13;")


def _json_term(term: Node) -> dict[str, str]:
    match term:
        case Literal(language=str(language)):
            return {"type": "literal", "value": str(term), "xml:lang": language}
        case Literal(datatype=URIRef() as datatype):
            return {"type": "literal", "value": str(term), "datatype": str(datatype)}
        case Literal():
            return {"type": "literal", "value": str(term)}
        case BNode():
            return {"type": "bnode", "value": str(term)}
    return {"type": "uri", "value": str(term)}
