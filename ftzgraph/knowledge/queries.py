"""Asking a graph or a store: free SPARQL, and the named queries of ``ontology/queries``.

Oxigraph evaluates. Before it does, rdflib's syntax tree tells what a query reaches for: it can only read what it is
asked of, so updates, SERVICE, and FROM and GRAPH with graphs that are not there are refused.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, Protocol, TypeAlias

import pyoxigraph as ox
from rdflib import Graph, Literal
from rdflib.term import Node

from ftzgraph.errors import FtzgraphError, QueryError
from ftzgraph.knowledge.order import reading_order
from ftzgraph.knowledge.oxigraph import from_store, store, uncollected
from ftzgraph.knowledge.results import QueryResult
from ftzgraph.knowledge.sparql import Prepared, prepare
from ftzgraph.knowledge.vocabulary import new_graph
from ftzgraph.resources import resource

__all__ = [
    "Answer",
    "NamedQuery",
    "OneGraph",
    "Parameter",
    "QueryResult",
    "Source",
    "as_result",
    "named_queries",
    "query",
    "run_named",
]

Answer: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

_HEADER: Final = re.compile(r"# (?P<key>[\w.]+(?: \w+)?)(?: = \"(?P<default>[^\"]*)\")?: (?P<value>.+)")


class Source(Protocol):
    """What can be asked, besides rdflib graphs: the stores of :mod:`ftzgraph.store`."""

    def evaluate(self, prepared: Prepared) -> Answer:
        """Run a query over the union of all graphs, unless it chooses some."""

    def has_graph(self, name: str | None) -> bool:
        """Whether there is a graph of this name, or any named graph at all."""


class Parameter(NamedTuple):
    """A variable of a named query that is bound before it runs; ``default`` is ``None`` when it must be given."""

    zh: str
    en: str
    default: str | None


@dataclass(frozen=True)
class NamedQuery:
    """A query of ``ontology/queries``, described by the comments at the head of its file.

    Attributes:
        name: the file's name without suffix.
        parameters: by variable name.
        sparql: the whole text of the file.
    """

    name: str
    title_zh: str
    title_en: str
    description_zh: str
    description_en: str
    parameters: Mapping[str, Parameter]
    sparql: str


@cache
def named_queries() -> dict[str, NamedQuery]:
    """Return the named queries by name, in alphabetical order."""
    return {path.stem: _read(path) for path in sorted(resource("ontology/queries").glob("*.rq"))}


def run_named(source: Graph | Source, name: str, /, **bindings: object) -> QueryResult:
    """Run a named query.

    Args:
        source: the graph or store to ask.
        name: see :func:`named_queries`.
        bindings: the query's parameters; those with a default may be left out.

    Returns:
        The answer; columns that hold only IRIs (``iri``, ``barrierIri``, …) are its keys.

    Raises:
        QueryError: there is no such query, a parameter is missing or unknown, or the query fails.
    """
    known = named_queries()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"choose one of {', '.join(known)}"
        raise QueryError(f"there is no query named {name!r}; {hint}")
    parameters = known[name].parameters
    unknown = [key for key in bindings if key not in parameters]
    if unknown:
        takes = ", ".join(parameters) or "none"
        raise QueryError(f"query {name} has no parameter {unknown[0]!r}; its parameters: {takes}")
    values = {key: parameter.default for key, parameter in parameters.items()} | bindings
    for key, value in values.items():
        if value is None:
            raise QueryError(f"query {name} needs the parameter {key}: {parameters[key].en}")
    result = query(source, known[name].sparql, **values)
    return replace(result, keys=tuple(column for column in result.columns if column.lower().endswith("iri")))


def query(source: Graph | Source, sparql: str, /, **bindings: object) -> QueryResult:
    """Run a SPARQL query over a graph or store.

    Args:
        source: what to ask. A graph is handed to the engine anew for each query: to ask a large one often, open it with
            :func:`ftzgraph.store.open_store`.
        sparql: SELECT, ASK, CONSTRUCT or DESCRIBE; the usual prefixes (``ftz:``, ``id:``, ``oa:``, ``rdfs:``, …) need
            no declaration.
        bindings: values of variables. A string becomes an IRI when it is one (``https://…``, ``id:…``), else text.

    Returns:
        The answer; without ORDER BY, rows come in reading order.

    Raises:
        QueryError: the query does not parse or run, asks for an update, SERVICE, or FROM or GRAPH with what is not
            there, or lacks a bound variable.

    >>> graph = Graph().parse(data='<https://example.org/a> <https://example.org/p> 1 .', format="turtle")
    >>> query(graph, "SELECT ?value WHERE { ?a ?p ?value }").rows
    ((rdflib.term.Literal('1', datatype=rdflib.term.URIRef('http://www.w3.org/2001/XMLSchema#integer')),),)
    """
    prepared = prepare(sparql, bindings)
    asked = OneGraph(source) if isinstance(source, Graph) else source
    for clause, name in prepared.graphs:
        if not asked.has_graph(name):
            which = f" <{name}>" if name else ""
            raise QueryError(f"{clause}{which} is not allowed: a query can only read what it is asked of")
    try:
        return as_result(asked.evaluate(prepared), prepared.ordered)
    except FtzgraphError:
        raise
    except Exception as error:  # Oxigraph raises bare exceptions of many kinds while it evaluates
        raise QueryError(f"the query cannot be run: {' '.join(str(error).split())[:200]}") from error


class OneGraph:
    """An rdflib graph as a source, handed to the engine once; it has no named graphs."""

    def __init__(self, graph: Graph) -> None:
        self._store = store(graph)

    def evaluate(self, prepared: Prepared) -> Answer:
        """Run a query."""
        return self._store.query(prepared.sparql)

    def has_graph(self, name: str | None) -> bool:
        """There is none."""
        return False


def as_result(answer: Answer, ordered: bool, most: int | None = None) -> QueryResult:
    """Translate what Oxigraph answers.

    Args:
        answer: what a store gave.
        ordered: whether the query orders its rows; those of other queries, and triples, come in reading order.
        most: rows of a table, or triples of a graph, that there may be.

    Raises:
        QueryError: there are more.
    """
    if isinstance(answer, ox.QueryBoolean):
        return QueryResult(("answer",), ((Literal(bool(answer)),),), boolean=bool(answer))
    term = cache(from_store)
    some = islice(answer, None if most is None else most + 1)
    with uncollected():
        rows = [tuple(None if value is None else term(value) for value in row) for row in some]
    if most is not None and len(rows) > most:
        raise QueryError(f"the answer has more than {most} rows: add a LIMIT")
    if isinstance(answer, ox.QuerySolutions):
        if not ordered:
            rows.sort(key=_reading_order)
        return QueryResult(tuple(variable.value for variable in answer.variables), tuple(rows))
    graph = new_graph()
    for row in rows:
        graph.add(row)  # type: ignore[arg-type]  # a triple's terms are bound
    return QueryResult(("subject", "predicate", "object"), tuple(sorted(graph, key=_reading_order)), graph=graph)


def _reading_order(row: tuple[Node | None, ...]) -> list[object]:
    return [(term is not None, reading_order(term) if term is not None else ()) for term in row]


def _read(path: Path) -> NamedQuery:
    sparql = path.read_text(encoding="utf-8")
    texts: dict[str, str] = {}
    parameters: dict[str, Parameter] = {}
    for line in sparql.splitlines():
        header = _HEADER.fullmatch(line)
        if not header:
            break
        key = header["key"]
        if key.startswith("parameter "):
            zh, _, en = header["value"].partition(" / ")
            parameters[key.removeprefix("parameter ")] = Parameter(zh, en, header["default"])
        else:
            texts[key.replace(".", "_")] = header["value"]
    return NamedQuery(path.stem, **texts, parameters=parameters, sparql=sparql)
