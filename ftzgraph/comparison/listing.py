"""A difference as tables for people: what was compared, how much changed, which answers are news, and each change."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rdflib import Literal
from rdflib.term import Node

from ftzgraph.analysis.graph import FactorGraph, FactorRecord, LinkRecord, factor
from ftzgraph.analysis.markdown import escape
from ftzgraph.analysis.reader import CHANGES
from ftzgraph.analysis.records import ChangeKind
from ftzgraph.knowledge.results import QueryResult, heading, readable
from ftzgraph.knowledge.vocabulary import FTZ

if TYPE_CHECKING:
    from ftzgraph.comparison.difference import AnswerChange, Change, Difference, Record

_WORDS: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "title": "两份图谱的异同",
        "graphs": "所比较的图谱",
        "graph": "图谱",
        "documents": "{} 篇文件",
        "counts": "变化统计",
        "answers": "障碍的对策变化",
        "factors": "要素",
        "links": "联系",
        "won": "有了对策",
        "lost": "不再有对策",
        "open": "新增，尚无对策",
        "strategies": "{} 的对策或目标",
        "details": "不同之处",
        "quote": "措辞",
        "differs": "{}：{} → {}",
        "and": "；",
    },
    "en": {
        "title": "How the two graphs differ",
        "graphs": "What was compared",
        "graph": "graph",
        "documents": "{} documents",
        "counts": "How much changed",
        "answers": "Barriers that won, lost or lack an answer",
        "factors": "Factors",
        "links": "Links",
        "won": "newly answered",
        "lost": "no longer answered",
        "open": "new and unanswered",
        "strategies": "strategies in {}",
        "details": "what differs",
        "quote": "wording",
        "differs": "{}: {} → {}",
        "and": "; ",
    },
}


def listing(difference: "Difference", lang: str, width: int | None = None) -> str:
    """Write a difference as tables for a terminal; see :meth:`Difference.render`."""
    parts = _Teller(difference, lang).tables()
    return "\n".join(f"{title}\n{table.render(lang=lang, width=width)}" for title, table in parts)


def markdown(difference: "Difference", lang: str) -> str:
    """Write a difference as Markdown; see :meth:`Difference.render`."""
    teller = _Teller(difference, lang)
    text = f"# {teller.words['title']}\n"
    for title, table in teller.tables():
        headings, rows = table.cells(lang)
        lines = [headings, ["---"] * len(headings), *([escape(cell) for cell in row] for row in rows)]
        text += f"\n## {title}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return text


class _Teller:
    """Puts a difference into rows of what documents say, terms of the ontology, and the words above."""

    def __init__(self, difference: "Difference", lang: str) -> None:
        if lang not in _WORDS:
            raise ValueError(f"no such language: {lang} (there are {' and '.join(_WORDS)})")
        self.difference = difference
        self.lang = lang
        self.words = _WORDS[lang]

    def tables(self) -> list[tuple[str, QueryResult]]:
        """The tables that have rows, each with its title."""
        difference, words = self.difference, self.words
        strategies = (words["strategies"].format(graph) for graph in "AB")
        kinds = (readable(CHANGES[kind], self.lang) for kind in ChangeKind)
        counts = [(Literal(words[name]), *map(Literal, row.values())) for name, row in difference.counts.items()]
        answers = [each for news in ("lost", "won", "open") for each in difference.answers if each.news == news]
        graphs = [self.graph("A", difference.before), self.graph("B", difference.after)]
        parts = (
            ("graphs", (words["graph"], "title", "fileName", "engine"), graphs),
            ("counts", ("", *kinds), counts),
            ("answers", ("change", "barrier", *strategies), map(self.answer, answers)),
            ("factors", ("change", "type", "A", "B", words["details"]), map(self.factor, _changed(difference.factors))),
            (
                "links",
                ("change", "source", "relation", "target", words["details"]),
                map(self.link, _changed(difference.links)),
            ),
        )
        tables = ((words[name], QueryResult(columns, tuple(rows))) for name, columns, rows in parts)
        return [(title, table) for title, table in tables if table.rows]

    def graph(self, name: str, graph: FactorGraph) -> tuple[Node, ...]:
        documents = list(graph.graph["documents"].values())
        engine = ", ".join(sorted({record.engine for record in documents if record.engine}))
        if len(documents) == 1:
            title, file_name = documents[0].title, documents[0].file_name
        else:
            title, file_name = self.words["documents"].format(len(documents)), ""
        return Literal(name), Literal(title), Literal(file_name), Literal(engine)

    def answer(self, answer: "AnswerChange") -> tuple[Node, ...]:
        before, after = (
            Literal(self.words["and"].join(record.quote for record in records))
            for records in (answer.before, answer.after)
        )
        return Literal(self.words[answer.news]), Literal(answer.barrier.last.quote), before, after

    def factor(self, change: "Change[FactorRecord]") -> tuple[Node, ...]:
        before, after = (Literal(record.quote if record else "") for record in (change.before, change.after))
        return CHANGES[change.kind], FTZ[change.last.type], before, after, self.details(change)

    def link(self, change: "Change[LinkRecord]") -> tuple[Node, ...]:
        graph = self.difference.after if change.after else self.difference.before
        source, target = (Literal(factor(graph, iri).quote) for iri in (change.last.source, change.last.target))
        return CHANGES[change.kind], source, FTZ[change.last.relation], target, self.details(change)

    def details(self, change: "Change[FactorRecord] | Change[LinkRecord]") -> Literal:
        before, after = change.before, change.after
        if before is None or after is None:
            return Literal("")
        found = [self.words["quote"] if name == "quote" else self.pair(name, before, after) for name in change.fields]
        if before.confidence != after.confidence:
            found.append(self.pair("confidence", before, after))
        return Literal(self.words["and"].join(found))

    def pair(self, name: str, before: FactorRecord | LinkRecord, after: FactorRecord | LinkRecord) -> str:
        values = (readable(_term(getattr(record, name)), self.lang) for record in (before, after))
        return self.words["differs"].format(heading(name, self.lang), *values)


def _changed(changes: "Sequence[Change[Record]]") -> "list[Change[Record]]":
    """What did change, kind by kind."""
    kinds = (kind for kind in ChangeKind if kind is not ChangeKind.UNCHANGED)
    return [change for kind in kinds for change in changes if change.kind is kind]


def _term(value: str | bool | float) -> Node:
    """A value of a record as a term: types and modalities are terms of the ontology."""
    return FTZ[value[0].upper() + value[1:]] if isinstance(value, str) else Literal(value)
