"""Asking the graph: free SPARQL, and the named queries of ``ontology/queries``.

Queries can only read the graph they are given: updates, SERVICE, FROM and GRAPH, which reach for other data, are refused.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import rdflib.plugins.sparql
from pyparsing import ParseBaseException, ParseResults
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery, parseUpdate
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Identifier

from ftzgraph.errors import QueryError
from ftzgraph.knowledge.order import reading_order
from ftzgraph.knowledge.results import QueryResult
from ftzgraph.knowledge.vocabulary import PREFIXES
from ftzgraph.resources import resource

__all__ = ["NamedQuery", "Parameter", "QueryResult", "named_queries", "query", "run_named"]

rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = False  # else rdflib fetches every IRI that a query names as a graph

_FORBIDDEN: Final = {"ServiceGraphPattern": "SERVICE", "DatasetClause": "FROM", "GraphGraphPattern": "GRAPH"}
_HEADER: Final = re.compile(r"# (?P<key>[\w.]+(?: \w+)?)(?: = \"(?P<default>[^\"]*)\")?: (?P<value>.+)")


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


def run_named(graph: Graph, name: str, /, **bindings: object) -> QueryResult:
    """Run a named query.

    Args:
        graph: the graph to ask.
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
    result = query(graph, known[name].sparql, **values)
    return replace(result, keys=tuple(column for column in result.columns if column.lower().endswith("iri")))


def query(graph: Graph, sparql: str, /, **bindings: object) -> QueryResult:
    """Run a SPARQL query over a graph.

    Args:
        graph: the graph to ask.
        sparql: SELECT, ASK, CONSTRUCT or DESCRIBE; the usual prefixes (``ftz:``, ``id:``, ``oa:``, ``rdfs:``, …) need
            no declaration.
        bindings: values of variables. A string becomes an IRI when it is one (``https://…``, ``id:…``), else text.

    Returns:
        The answer; without ORDER BY, rows come in reading order.

    Raises:
        QueryError: the query does not parse or run, asks for an update, SERVICE, FROM or GRAPH, or lacks a bound variable.

    >>> graph = Graph().parse(data='<https://example.org/a> <https://example.org/p> 1 .', format="turtle")
    >>> query(graph, "SELECT ?value WHERE { ?a ?p ?value }").rows
    ((rdflib.term.Literal('1', datatype=rdflib.term.URIRef('http://www.w3.org/2001/XMLSchema#integer')),),)
    """
    for name in bindings:
        if not re.search(rf"[?$]{re.escape(name)}\b", sparql):
            raise QueryError(f"the query has no variable ?{name}")
    prepared = _prepare(sparql)
    try:
        result = graph.query(prepared, initBindings={name: _term(value) for name, value in bindings.items()})
        if result.type == "ASK":
            answer = bool(result.askAnswer)
            return QueryResult(("answer",), ((Literal(answer),),), boolean=answer)
        if result.graph is not None:
            triples = sorted(result.graph, key=lambda triple: tuple(map(reading_order, triple)))
            return QueryResult(("subject", "predicate", "object"), tuple(triples), graph=result.graph)
        variables = result.vars or []
        rows = [tuple(solution.get(variable) for variable in variables) for solution in result.bindings]
    except MemoryError as error:
        raise QueryError("the query needs more memory than there is") from error
    except Exception as error:  # rdflib raises bare exceptions of many kinds while it evaluates
        raise QueryError(f"the query cannot be run: {_one_line(error)}") from error
    if not any(part.name == "OrderBy" for part in _parts(prepared.algebra)):
        rows.sort(key=lambda row: [(term is not None, reading_order(term) if term is not None else ()) for term in row])
    return QueryResult(tuple(str(variable) for variable in variables), tuple(rows))


def _prepare(sparql: str) -> Query:
    try:
        tree = parseQuery(sparql)
        forbidden = [_FORBIDDEN[part.name] for part in _parts(tree) if part.name in _FORBIDDEN]
        if forbidden:
            raise QueryError(f"{forbidden[0]} is not allowed: a query can only read the graph it is given")
        return translateQuery(tree, initNs=PREFIXES)
    except QueryError:
        raise
    except ParseBaseException as error:
        if _is_update(sparql):
            raise QueryError("updates are not allowed: a query can only read") from error
        raise QueryError(
            f"SPARQL syntax error at line {error.lineno}, column {error.column}: {_near(error)}"
        ) from error
    except RecursionError as error:
        raise QueryError("the query is nested too deeply") from error
    except Exception as error:  # rdflib raises bare exceptions for unknown prefixes and misplaced variables
        raise QueryError(f"wrong SPARQL query: {_one_line(error)}") from error


def _is_update(sparql: str) -> bool:
    try:
        return bool(parseUpdate(sparql).request)
    except (ParseBaseException, RecursionError):
        return False


def _parts(tree: Any) -> Iterator[CompValue]:
    """Walk a parse tree or algebra; rdflib nests them in values, lists and parse results."""
    if isinstance(tree, CompValue):
        yield tree
        children: Any = tree.values()
    elif isinstance(tree, ParseResults | list | tuple | set):
        children = tree
    else:
        return
    for child in children:
        yield from _parts(child)


def _near(error: ParseBaseException) -> str:
    rest = error.pstr[error.loc :].split()
    return f"did not expect {rest[0][:40]!r}" if rest else "the query ends too early"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _term(value: object) -> Identifier:
    if isinstance(value, Identifier):
        return value
    if isinstance(value, str):
        prefix, colon, local = value.partition(":")
        if colon and prefix in PREFIXES:
            return URIRef(PREFIXES[prefix] + local)
        return URIRef(value) if re.fullmatch(r"(?:https?://|urn:)\S+", value) else Literal(value)
    return Literal(value)


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
