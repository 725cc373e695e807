"""What a named query finds through us and through rdflib, in a form that can be compared: rows in N3, sorted."""

from collections.abc import Iterable

from rdflib import Graph, Literal
from rdflib.term import Node

from ftzgraph.knowledge.queries import Source, named_queries, run_named
from ftzgraph.knowledge.vocabulary import PREFIXES

Rows = list[tuple[str, ...]]


def our_rows(source: Graph | Source, name: str, /, **given: str) -> Rows:
    """The rows of a named query of these parameters."""
    return _comparable(run_named(source, name, **given).rows)


def rdflib_rows(graph: Graph, name: str, /, **given: str) -> Rows:
    """The same as rdflib evaluates it."""
    named = named_queries()[name]
    values = {key: parameter.default for key, parameter in named.parameters.items()} | given
    bindings = {key: Literal(value) for key, value in values.items()}
    result = graph.query(named.sparql, initNs=PREFIXES, initBindings=bindings)
    return _comparable(result.graph if result.graph is not None else map(tuple, result))


def _comparable(rows: Iterable[Iterable[Node | None]]) -> Rows:
    return sorted(tuple("" if term is None else term.n3() for term in row) for row in rows)
