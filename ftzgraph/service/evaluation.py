"""Queries, updates and the description of the endpoint: what ``/sparql`` answers.

The functions run in the processes of :mod:`ftzgraph.service.pool`; the store is their first argument.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

import pyoxigraph as ox

from ftzgraph.errors import QueryError
from ftzgraph.knowledge.documents import Triple
from ftzgraph.knowledge.oxigraph import from_store
from ftzgraph.knowledge.queries import Answer as Found
from ftzgraph.knowledge.queries import as_result
from ftzgraph.knowledge.results import QueryResult
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.knowledge.sparql import prepare
from ftzgraph.knowledge.vocabulary import PREFIXES
from ftzgraph.service.answers import Answer, Refusal
from ftzgraph.service.negotiation import choose
from ftzgraph.service.processes import Held
from ftzgraph.service.protocol import Query, Update
from ftzgraph.service.updates import prepare_update
from ftzgraph.store.local import LocalStore

MAX_ROWS: Final = 10_000
"""Rows of a table, and triples of a graph, that an answer may have."""

MAX_BYTES: Final = 50_000_000
"""Size that an answer may have."""

TABLES: Final = {
    "application/sparql-results+json": "json",
    "application/sparql-results+xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/json": "json",
}
"""Media types of SELECT and ASK, and what :meth:`QueryResult.render` calls them; the favourite first."""

GRAPHS: Final = {
    "text/turtle": "turtle",
    "application/n-triples": "ntriples",
    "application/ld+json": "jsonld",
    "application/rdf+xml": "rdfxml",
}
"""Media types of CONSTRUCT and DESCRIBE, and what :func:`serialise` calls them; the favourite first."""

_ENGINE_ERRORS: Final = (SyntaxError, ValueError, OSError, RuntimeError)
_DESCRIPTION: Final = """
@prefix sd: <http://www.w3.org/ns/sparql-service-description#> .
@prefix formats: <http://www.w3.org/ns/formats/> .
<> a sd:Service ;
  sd:endpoint <> ;
  sd:supportedLanguage sd:SPARQL11Query{update} ;
  sd:feature sd:UnionDefaultGraph ;
  sd:resultFormat formats:SPARQL_Results_JSON , formats:SPARQL_Results_XML , formats:SPARQL_Results_CSV ,
    formats:SPARQL_Results_TSV , formats:Turtle , formats:N-Triples , formats:JSON-LD , formats:RDF_XML ;
  sd:defaultDataset <#dataset> .
<#dataset> a sd:Dataset ; sd:defaultGraph <#default> .
<#default> a sd:Graph .
"""
_NAMED_GRAPH: Final = "<#dataset> sd:namedGraph <#graph-{n}> . <#graph-{n}> a sd:NamedGraph ; sd:name {name} .\n"


def ask(store: Held, query: Query, accept: str) -> Answer:
    """Answer a query in the form that an ``Accept`` header asks for.

    Raises:
        QueryError: the query cannot be run, or its answer is too large.
        Refusal: 406, the client takes none of the forms that this answer can have.
    """
    result = evaluate(store, query)
    if result.graph is not None:
        media_type = choose(accept, GRAPHS)
        body = serialise(result.graph, GRAPHS[media_type]).encode()
    else:
        media_type = choose(accept, TABLES)
        body = result.render(TABLES[media_type]).encode()
    if len(body) > MAX_BYTES:
        raise QueryError(f"the answer has more than {MAX_BYTES} bytes")
    return Answer(body, media_type)


def evaluate(store: Held, query: Query, **bindings: object) -> QueryResult:
    """Run a query.

    Args:
        store: what is asked.
        query: the question.
        bindings: values of its variables.

    Returns:
        The answer; without ORDER BY, rows come in reading order.

    Raises:
        QueryError: the query cannot be run, chooses a graph that is not there, or has too many rows.
    """
    prepared = prepare(query.text, bindings)
    default, named = _graphs(store, query.default_graphs), _graphs(store, query.named_graphs)
    _graphs(store, (name for clause, name in prepared.graphs if clause == "FROM" and name))
    try:
        if default or named:
            answer: Found = store.engine().query(prepared.sparql, default_graph=default, named_graphs=named)
        else:
            answer = store.evaluate(prepared)
        return as_result(answer, prepared.ordered, MAX_ROWS)
    except _ENGINE_ERRORS as error:
        raise QueryError(f"the query cannot be run: {_one_line(error)}") from error


def change(store: LocalStore, update: Update) -> Answer:
    """Run an update as one transaction.

    Raises:
        QueryError: the update cannot be run; nothing has changed.
        StoreError: the store cannot be written, or another process writes to it.
    """
    _graphs(store, update.default_graphs + update.named_graphs)
    text = prepare_update(update.text, update.default_graphs, update.named_graphs)

    def run(engine: ox.Store) -> None:
        try:
            engine.update(text, prefixes=PREFIXES)
        except _ENGINE_ERRORS as error:
            raise QueryError(f"the update cannot be run: {_one_line(error)}") from error

    store.write(run)
    return Answer(b"", "", HTTPStatus.NO_CONTENT)


def describe(store: Held, endpoint: str, writable: bool, accept: str) -> Answer:
    """Describe the endpoint in the vocabulary of SPARQL 1.1 Service Description.

    Args:
        store: whose graphs the description lists.
        endpoint: IRI of the endpoint.
        writable: whether it takes updates.
        accept: the request's ``Accept`` header.

    Raises:
        Refusal: 400, the endpoint is no IRI; 406, the client takes no RDF.
    """
    media_type = choose(accept, GRAPHS)
    names = sorted(map(str, store.engine().named_graphs()))
    text = _DESCRIPTION.format(update=" , sd:SPARQL11Update" if writable else "")
    text += "".join(_NAMED_GRAPH.format(n=number, name=name) for number, name in enumerate(names))
    try:
        quads = list(ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=endpoint))
    except ValueError as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, "the address of this request is malformed") from error
    triples: list[Triple] = [
        (from_store(quad.subject), from_store(quad.predicate), from_store(quad.object)) for quad in quads
    ]
    return Answer(serialise(triples, GRAPHS[media_type]).encode(), media_type)


def _graphs(store: Held, names: Iterable[str]) -> list[Any]:
    """Graphs of the store by their names, as Oxigraph takes them."""
    found = []
    for name in names:
        try:
            graph = ox.NamedNode(name)
        except ValueError as error:
            raise QueryError(f"<{name}> is no IRI") from error
        if not store.engine().contains_named_graph(graph):
            raise QueryError(f"there is no graph <{name}> in this store, and no other is read")
        found.append(graph)
    return found


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
