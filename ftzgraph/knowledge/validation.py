"""Whether a graph is what ftzgraph expects.

SHACL shapes (``ontology/shapes.ttl``) look at one record at a time and are checked by pySHACL; the queries of
``ontology/checks`` look across records and run in Oxigraph, where they are a hundred times faster.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pyoxigraph as ox
import pyshacl
from rdflib import RDF, SH, Graph, Literal
from rdflib.term import Identifier

from ftzgraph.knowledge.order import reading_order
from ftzgraph.knowledge.oxigraph import from_oxigraph, store
from ftzgraph.knowledge.results import readable
from ftzgraph.knowledge.vocabulary import compact
from ftzgraph.resources import resource


@dataclass(frozen=True)
class Violation:
    """One fault.

    Attributes:
        focus: the node at fault, ``None`` for a fault of the whole graph.
        path: the property at fault, ``None`` for a fault of the node itself or along a longer path.
        value: the value at fault, when there is one.
        message_zh, message_en: what is wrong.
    """

    focus: Identifier | None
    path: Identifier | None
    value: Identifier | None
    message_zh: str
    message_en: str

    def line(self, lang: str = "zh") -> str:
        """Return the fault as one line: node, property, value, message."""
        value = readable(self.value, lang)
        if len(value) > 60:
            value = value[:59] + "…"
        places = [
            readable(self.focus, lang),
            compact(self.path) if self.path is not None else "",
            value if self.value != self.focus else "",
        ]
        place = " ".join(place for place in places if place)
        message = self.message_zh if lang == "zh" else self.message_en
        colon = "：" if lang == "zh" else ": "
        return f"{place}{colon}{message}" if place else message


@dataclass(frozen=True)
class ValidationReport:
    """The outcome of a validation; ``violations`` stand in reading order of their nodes."""

    violations: tuple[Violation, ...]

    @property
    def conforms(self) -> bool:
        """Whether nothing is wrong."""
        return not self.violations

    def render(self, lang: str = "zh") -> str:
        """Return the report as text: one line of result, then a line for each fault."""
        count = len(self.violations)
        if lang == "zh":
            head = "图符合规范" if self.conforms else f"图不符合规范，有 {count} 处错误："
        else:
            head = "the graph conforms" if self.conforms else f"the graph does not conform, faults: {count}"
        return "\n".join([head, *(violation.line(lang) for violation in self.violations)]) + "\n"


def validate(graph: Graph) -> ValidationReport:
    """Check a graph against the shapes and the checks across records.

    Args:
        graph: any RDF graph; it is not changed.

    Returns:
        The report.
    """
    violations = {*_shape_violations(graph), *_check_violations(graph)}
    return ValidationReport(tuple(sorted(violations, key=_order)))


def _shape_violations(graph: Graph) -> Iterator[Violation]:
    conforms, report, _ = pyshacl.validate(graph, shacl_graph=_shapes())
    if conforms:
        return
    for result in report.subjects(RDF.type, SH.ValidationResult):
        messages = {
            text.language: str(text) for text in report.objects(result, SH.resultMessage) if isinstance(text, Literal)
        }
        fallback = next(iter(messages.values()), "")
        yield Violation(
            focus=report.value(result, SH.focusNode),
            path=report.value(result, SH.resultPath),
            value=report.value(result, SH.value),
            message_zh=messages.get("zh", fallback),
            message_en=messages.get("en", fallback),
        )


def _check_violations(graph: Graph) -> Iterator[Violation]:
    records = store(graph)
    for sparql in _checks():
        messages = dict(re.findall(r"^# message\.(zh|en): (.+)$", sparql, re.MULTILINE))
        solutions = records.query(sparql)
        assert isinstance(solutions, ox.QuerySolutions)
        names = [variable.value for variable in solutions.variables]
        for solution in solutions:
            found = {name: from_oxigraph(term) for name, term in zip(names, solution, strict=True) if term is not None}
            yield Violation(found.get("focus"), found.get("path"), found.get("value"), messages["zh"], messages["en"])


def _order(violation: Violation) -> tuple[object, ...]:
    terms = (violation.focus, violation.path, violation.value)
    return *(
        (term is not None, reading_order(term) if term is not None else ()) for term in terms
    ), violation.message_en


@cache
def _shapes() -> Graph:
    return Graph(bind_namespaces="none").parse(resource("ontology/shapes.ttl"), format="turtle")


@cache
def _checks() -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8") for path in sorted(resource("ontology/checks").glob("*.rq")))
