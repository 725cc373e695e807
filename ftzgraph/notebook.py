"""What a notebook shows: maps, answers and analyses as HTML tables, and the explorer inline.

Notebooks ask for HTML without saying in which language, so it is that of the command line: the environment variable
``FTZGRAPH_LANG``, ``"zh"`` or ``"en"``, else Chinese. All text of documents is escaped.
"""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from jinja2 import Template
from markupsafe import Markup
from rdflib import Graph

from ftzgraph.analysis.graph import FactorGraph, FactorRecord, factor, factors, links, to_networkx
from ftzgraph.causalmap import CausalMap, FactorType
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.results import QueryResult, heading
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.knowledge.vocabulary import FTZ, label
from ftzgraph.rendering import style
from ftzgraph.rendering.explorer import render
from ftzgraph.rendering.texts import LANGUAGES
from ftzgraph.resources import templates

if TYPE_CHECKING:
    from ftzgraph.analysis.measures import Analysis
    from ftzgraph.building import BuildResult

ROWS = 50
"""So many rows of a table are shown at most."""
FINDINGS = 5
"""So many findings of each kind an analysis shows at most."""

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "documents": ("{n} 份文件", "{n} documents"),
    "first": ("前 {shown} 条，共 {all} 条；全部内容见 {where}。", "The first {shown} of {all}; {where} has them all."),
    "links": ("联系数", "links"),
    "loops": ("恶性循环", "vicious circles"),
    "leverage": ("杠杆：一旦消除，别的障碍便不再有成因", "Leverage: without it, other barriers have no cause left"),
    "loses": ("失去成因的障碍", "barriers without a cause"),
    "nothing": ("无", "none"),
    "place": ("出处", "place"),
    "reaches": ("引出的障碍", "barriers downstream"),
    "remedies": ("最小对策组合", "smallest set of remedies"),
    "roots": ("根本原因", "Root causes"),
    "unanswered": ("没有对策的障碍", "Barriers without a remedy"),
    "written": ("写出的文件", "Written files"),
}
"""Chinese, English."""

_Cell = str | int | float
_Facts = Sequence[tuple[str, int | str]]


@dataclass(frozen=True)
class _Table:
    """A table, and a note below it; numbers stand at the right."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[_Cell]]
    note: str = ""


@dataclass(frozen=True)
class InlinePage:
    """A page that a notebook shows in a frame.

    Attributes:
        html: the page.
        height: of the frame, pixels.
    """

    html: str = field(repr=False)
    height: int

    def _repr_html_(self) -> str:
        # Without allow-same-origin the page is a stranger to the notebook around it and cannot touch it.
        return Markup(
            '<iframe srcdoc="{}" title="ftzgraph" sandbox="allow-scripts allow-downloads" '
            'style="width: 100%; height: {}px; border: 0"></iframe>'
        ).format(self.html, self.height)


def show(graph: Graph, height: int = 600, *, lang: str | None = None, min_confidence: float = 0.0) -> InlinePage:
    """Open the explorer inside a notebook; it needs no network.

    Args:
        graph: RDF in the shape of the ontology.
        height: of the frame, pixels.
        lang: ``"zh"`` or ``"en"``; by default ``FTZGRAPH_LANG``, else Chinese.
        min_confidence: 0 to 1; factors and links below it are left out.

    Returns:
        What a notebook shows as the page of :func:`ftzgraph.render`, in a frame that is closed off from the notebook.

    Raises:
        GraphError: the graph holds no document or factor, or lacks something essential.
        ValueError: the language is neither ``"zh"`` nor ``"en"``.
    """
    return InlinePage(render(graph, lang or _language(), min_confidence), height)


def map_html(causal_map: CausalMap) -> str:
    """Return a causal map as HTML: how many factors and links, and the first factors in document order."""
    lang, network = _language(), to_networkx(to_rdf(causal_map))
    records = factors(network)
    table = _Table(
        "",
        (*_factor_columns(lang), heading("confidence", lang)),
        [(*_factor_cells(network, record, lang), record.confidence) for record in records[:ROWS]],
        _note(ROWS, len(records), ".to_pandas()", lang),
    )
    types = Counter(record.type for record in records)
    return _html(lang, [table], title=causal_map.document.title, facts=_counts(types, len(links(network)), lang))


def result_html(result: QueryResult) -> str:
    """Return the answer to a query as HTML: a table of the first rows, or Turtle when the answer is a graph."""
    lang = _language()
    if result.graph is not None:
        return _html(lang, source=serialise(result.graph))
    columns, rows = replace(result, rows=result.rows[:ROWS]).cells(lang)
    return _html(lang, [_Table("", columns, rows, _note(ROWS, len(result.rows), ".to_pandas()", lang))])


def analysis_html(analysis: "Analysis") -> str:
    """Return an analysis as HTML: the figures, then the foremost root causes, unanswered barriers and levers."""
    lang, network = _language(), analysis.graph
    # Those that not even a neighbour's remedy comes near stand first.
    unanswered = sorted(analysis.unanswered, key=lambda answer: bool(answer.detours))
    loops = analysis.loops

    def findings(name: str, found: Iterable[tuple[str, tuple[int, ...]]], *columns: str) -> _Table:
        rows: list[tuple[_Cell, ...]] = [
            (*_factor_cells(network, factor(network, iri), lang), *numbers) for iri, numbers in found
        ]
        return _Table(
            f"{_say(name, lang)} ({len(rows)})",
            (*_factor_columns(lang), *(_say(column, lang) for column in columns)),
            rows[:FINDINGS],
            _note(FINDINGS, len(rows), f".{name}", lang),
        )

    tables = [
        findings("roots", ((root.factor, (len(root.reaches),)) for root in analysis.roots), "reaches"),
        findings("unanswered", ((answer.barrier, ()) for answer in unanswered)),
        findings("leverage", ((each.factor, (len(each.loses),)) for each in analysis.leverage), "loses"),
    ]
    facts = [
        *_counts(Counter(record.type for record in factors(network)), len(links(network)), lang),
        (_say("loops", lang), len(loops.loops) if loops.complete else f"≥ {len(loops.loops)}"),
        (_say("remedies", lang), len(analysis.remedy_set.chosen)),
    ]
    return _html(lang, tables, title=_title(network, lang), facts=facts)


def build_html(result: "BuildResult") -> str:
    """Return what a build made as HTML: how many factors and links, in which documents, and the written files."""
    lang = _language()
    documents = _Table(
        "",
        [*(heading(column, lang) for column in ("title", "fileName", "factors")), _say("links", lang)],
        [(_quoted(each.title), each.name, sum(each.factors.values()), each.links) for each in result.documents[:ROWS]],
        _note(ROWS, len(result.documents), ".documents", lang),
    )
    written = _Table(_say("written", lang), (), [(str(path),) for path in result.written])
    types = sum((Counter(each.factors) for each in result.documents), Counter())
    facts = [
        (label(FTZ.Document, lang), len(result.documents)),
        *_counts(types, sum(each.links for each in result.documents), lang),
    ]
    return _html(lang, [documents, written], facts=facts)


def _language() -> str:
    lang = os.environ.get("FTZGRAPH_LANG") or "zh"
    if lang not in LANGUAGES:
        raise ValueError(f"FTZGRAPH_LANG is {lang!r}, neither 'zh' nor 'en'")
    return lang


def _say(key: str, lang: str, **values: object) -> str:
    return _TEXTS[key][lang != "zh"].format(**values)


def _title(network: FactorGraph, lang: str) -> str:
    documents = list(network.graph["documents"].values())
    return documents[0].title if len(documents) == 1 else _say("documents", lang, n=len(documents))


def _counts(types: Counter[str], link_count: int, lang: str) -> _Facts:
    """The factors by type in the order of a legend, and the links."""
    found = [(_type(kind, lang), types[kind]) for kind in style.FACTORS if types[kind]]
    return [*found, (label(FTZ.Link, lang), link_count)]


def _factor_columns(lang: str) -> tuple[str, ...]:
    return heading("type", lang), heading("quote", lang), _say("place", lang)


def _factor_cells(network: FactorGraph, record: FactorRecord, lang: str) -> tuple[Markup, ...]:
    """Type, quote and place: section and source offsets, the document before them if there are several."""
    known = network.graph
    parts = [known["documents"][record.document].title] if len(known["documents"]) > 1 else []
    parts += known["sections"][record.section].path[-1:] if record.section else ()
    offsets = [Markup('<span class="unbroken">{}–{}</span>').format(at.start, at.end) for at in record.evidence]
    return _type(record.type, lang), _quoted(record.quote), Markup(" · ").join([*map(_quoted, parts), *offsets])


def _type(kind: str, lang: str) -> Markup:
    return Markup('<span class="unbroken"><span class="chip" style="background-color: {}"></span>{}</span>').format(
        style.FACTORS[FactorType(kind)].color, label(FTZ[kind], lang)
    )


def _quoted(text: str) -> Markup:
    """Text of a document, closed off so that its direction is its own."""
    return Markup('<bdi lang="zh-Hans">{}</bdi>').format(text)


def _note(most: int, total: int, where: str, lang: str) -> str:
    return _say("first", lang, shown=most, all=total, where=where) if total > most else ""


def _html(lang: str, tables: Sequence[_Table] = (), *, title: str = "", facts: _Facts = (), source: str = "") -> str:
    return _template().render(tables=tables, title=title, facts=facts, source=source, nothing=_say("nothing", lang))


@cache
def _template() -> Template:
    environment = templates("ftzgraph.rendering")
    return environment.get_template("notebook.html.j2")
