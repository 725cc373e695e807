"""A SPARQL 1.1 endpoint as a store: queries by the SPARQL Protocol, documents by the Graph Store Protocol or by updates.

Every request that writes may be sent again: it replaces, adds what may be there already, or takes away what may be gone.
"""

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple
from urllib.parse import urlencode

import httpx
import pyoxigraph as ox
from rdflib import Graph

from ftzgraph.errors import QueryError
from ftzgraph.knowledge.queries import Answer
from ftzgraph.knowledge.sparql import Prepared, prepare
from ftzgraph.store.base import (
    CONCEPTS,
    DESCRIBED,
    FORGET_UNUSED,
    SHARED,
    Store,
    StoredDocument,
    StoreError,
    as_quads,
    described,
)
from ftzgraph.store.http import Client, Reply, shown

UPDATE_URL, GRAPH_URL = "FTZGRAPH_STORE_UPDATE_URL", "FTZGRAPH_STORE_GRAPH_URL"
"""Environment variables that say where updates go and where graphs are kept; the store's URL then takes queries as it is."""

BATCH: Final = 5_000
"""Triples that one update carries."""

_RESULTS: Final = "application/sparql-results+json"
_TRIPLES: Final = "application/n-triples, text/turtle;q=0.5"

# Endpoints differ in what a query that names no graph asks. These parameters of a request make it the union of all:
# none where it is so already, that of Oxigraph, that of Jena.
_UNIONS: Final[tuple[tuple[tuple[str, str], ...], ...]] = (
    (),
    (("union-default-graph", "true"),),
    (("default-graph-uri", "urn:x-arq:UnionGraph"),),
)
_SEEN: Final = "SELECT (COUNT(DISTINCT ?document) AS ?n) WHERE { ?document a ftz:Document }"
_ANYWHERE: Final = """SELECT (COUNT(DISTINCT ?document) AS ?n) WHERE {
  { ?document a ftz:Document } UNION { GRAPH ?graph { ?document a ftz:Document } }
}"""
_GRAPHS: Final = "SELECT DISTINCT ?graph WHERE { GRAPH ?graph { ?document a ftz:Document } }"


class Addresses(NamedTuple):
    """Where an endpoint takes queries and updates, and where it keeps graphs."""

    query: httpx.URL
    update: httpx.URL
    graphs: httpx.URL | None


class RemoteStore(Store):
    """A SPARQL 1.1 endpoint.

    Args:
        url: see :func:`addresses`.
        timeout: seconds that a request may take.
        tries: how often a request is sent to a server that is busy or cannot be reached, before it fails.
        sleep: waits between tries.

    Raises:
        StoreError: this is no URL that can be used.
    """

    def __init__(
        self, url: str, *, timeout: float = 300.0, tries: int = 5, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._at = addresses(url)
        super().__init__(shown(self._at.query))
        self._client = Client(timeout, tries, sleep)
        self._union: Sequence[tuple[str, str]] | None = None

    def evaluate(self, prepared: Prepared) -> Answer:
        """Run a query, see :meth:`Store.evaluate`."""
        return self._ask(prepared, () if prepared.chooses else self._union_of_all())

    def has_graph(self, name: str | None) -> bool:
        """Whether there is a graph, see :meth:`Store.has_graph`; that there is any is not doubted."""
        return name is None or bool(self._ask(prepare("ASK { GRAPH ?name { ?s ?p ?o } }", {"name": name})))

    def parts(self) -> Iterator[Iterable[ox.Triple]]:
        """Yield all triples in one part."""
        answer = self.evaluate(prepare("CONSTRUCT WHERE { ?s ?p ?o }", {}))
        assert isinstance(answer, ox.QueryTriples)
        yield answer

    def add(self, graph: Graph | Iterable[ox.Triple]) -> tuple[str, ...]:
        """Add or replace the documents of a graph, one after the other, see :meth:`Store.add`.

        Each document is replaced in one request where the endpoint keeps graphs, else in one update; one of more than
        :data:`BATCH` triples is gathered in a graph of its own first, and then copied in one update.
        """
        parted: dict[ox.NamedNode, set[ox.Triple]] = {SHARED: set(), CONCEPTS: set()}
        for quad in as_quads(graph, lambda document: parted.update({document: set()})):
            parted[quad.graph_name].add(quad.triple)  # type: ignore[index]
        shared, concepts = parted.pop(SHARED), parted.pop(CONCEPTS)
        names = described(parted, lambda document: ox.Triple(document, *DESCRIBED) in parted[document])
        if any(
            isinstance(term, ox.BlankNode)
            for part in (shared, concepts, *parted.values())
            for triple in part
            for term in triple
        ):
            raise StoreError(f"{self.place}: a graph with blank nodes cannot be sent there")
        self._union = None
        for method, name, part in (("POST", SHARED, shared), ("PUT", CONCEPTS, concepts)):
            if part:
                self._write(method, name, part)
        for document in map(ox.NamedNode, names):
            self._write("PUT", document, parted[document])
        self._update(FORGET_UNUSED)
        return names

    def remove(self, document: str) -> StoredDocument:
        """Remove a document in one update, see :meth:`Store.remove`."""
        found = self.removable(document)
        self._union = None
        self._update(f"DROP SILENT GRAPH {ox.NamedNode(found.iri)} ; {FORGET_UNUSED}")
        return found

    def replace_concepts(self, triples: Iterable[ox.Triple]) -> None:
        """Replace concepts in one request or update, see :meth:`Store.replace_concepts`."""
        self._union = None
        self._write("PUT", CONCEPTS, set(triples))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(self, prepared: Prepared, parameters: Sequence[tuple[str, str]] = ()) -> Answer:
        form = urlencode([("query", prepared.sparql), *parameters])
        headers = {
            "Accept": _TRIPLES if prepared.describes else _RESULTS,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        reply = self._client.send("POST", self._at.query, headers, form.encode())
        if reply.status == 400:
            raise QueryError(f"{self.place} refuses the query: {reply}")
        self._succeed(reply, self._at.query)
        try:
            return _triples(reply) if prepared.describes else _solutions(reply)
        except SyntaxError as error:
            raise StoreError(f"{self.place}: the answer is broken or cut off: {error}") from error

    def _union_of_all(self) -> Sequence[tuple[str, str]]:
        """The parameters that make a query ask the union of all graphs, found out once."""
        if self._union is None:
            wanted = self._count(_ANYWHERE)
            if not wanted:
                return ()  # an empty store tells nothing
            self._union = next((union for union in _UNIONS if self._count(_SEEN, union) == wanted), None)
        if self._union is None:
            graphs = self._ask(prepare(_GRAPHS, {}))
            assert isinstance(graphs, ox.QuerySolutions)
            names = [SHARED.value, CONCEPTS.value, *(row["graph"].value for row in graphs)]
            self._union = tuple(("default-graph-uri", name) for name in names)
        return self._union

    def _count(self, sparql: str, parameters: Sequence[tuple[str, str]] = ()) -> int | None:
        try:
            answer = self._ask(prepare(sparql, {}), parameters)
        except QueryError:  # a parameter it does not know
            return None
        assert isinstance(answer, ox.QuerySolutions)
        return int(next(answer)["n"].value)

    def _write(self, method: str, graph: ox.NamedNode, triples: Iterable[ox.Triple]) -> None:
        """Add triples to a graph (POST), or put them in the place of all that is in it (PUT)."""
        lines = sorted((ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").splitlines(keepends=True))
        if self._at.graphs:
            url = self._at.graphs.copy_merge_params({"graph": graph.value})
            reply = self._client.send(method, url, {"Content-Type": "application/n-triples"}, b"".join(lines))
            if reply.status not in (404, 405, 501):
                self._succeed(reply, url)
                return
            self._at = self._at._replace(graphs=None)  # it keeps no graphs there: updates do the same
        if method == "POST":
            self._insert(graph, lines)
        elif len(lines) <= BATCH:
            self._update(f"DROP SILENT GRAPH {graph} ; {_insertion(graph, lines)}")
        else:
            gathered = ox.NamedNode(f"{graph.value}-new")
            self._update(f"DROP SILENT GRAPH {gathered}")
            self._insert(gathered, lines)
            self._update(f"COPY {gathered} TO {graph}")
            self._update(f"DROP SILENT GRAPH {gathered}")

    def _insert(self, graph: ox.NamedNode, lines: list[bytes]) -> None:
        for start in range(0, len(lines), BATCH):
            self._update(_insertion(graph, lines[start : start + BATCH]))

    def _update(self, sparql: str) -> None:
        reply = self._client.send(
            "POST", self._at.update, {"Content-Type": "application/sparql-update"}, sparql.encode()
        )
        self._succeed(reply, self._at.update)

    def _succeed(self, reply: Reply, url: httpx.URL) -> None:
        if not 200 <= reply.status < 300:
            raise StoreError(f"{shown(url)}: {reply}")


def addresses(url: str) -> Addresses:
    """Tell from one URL, by the customs of the usual servers, where an endpoint takes what.

    ====================================  =============================  ============================
    URL                                   updates                        graphs
    ====================================  =============================  ============================
    ``…:7878`` or ``…/query`` (Oxigraph)  ``/update``                    ``/store``
    ``…/dataset`` (Fuseki)                ``…/dataset/update``           ``…/dataset/data``
    ``…/repositories/name`` (GraphDB)     ``…/name/statements``          ``…/name/rdf-graphs/service``
    ``…:8890/sparql`` (Virtuoso)          the same                       ``/sparql-graph-crud``
    ====================================  =============================  ============================

    :data:`UPDATE_URL` and :data:`GRAPH_URL` say it for all others.

    Raises:
        StoreError: it is no URL of a server, or holds credentials.

    >>> [address.path for address in addresses("http://localhost:3030/papers")]
    ['/papers/query', '/papers/update', '/papers/data']
    """
    where = _parsed(url, "the URL")
    update, graphs = os.environ.get(UPDATE_URL), os.environ.get(GRAPH_URL)
    if update or graphs:
        return Addresses(
            where, _parsed(update, UPDATE_URL) if update else where, _parsed(graphs, GRAPH_URL) if graphs else None
        )
    path = where.path.rstrip("/")

    def at(*paths: str) -> Addresses:
        return Addresses(*(where.copy_with(path=each) for each in paths))

    if re.fullmatch(r".*/repositories/[^/]+", path):
        return at(path, f"{path}/statements", f"{path}/rdf-graphs/service")
    if re.fullmatch(r"/sparql(-auth)?", path):
        return at(path, path, path.replace("sparql", "sparql-graph-crud"))
    base, _, last = path.rpartition("/")
    if last not in ("query", "sparql"):
        base, path = path, f"{path}/query"
    return at(path, f"{base}/update", f"{base}/data" if base else "/store")


def _parsed(url: str, what: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise StoreError(f"{what} of the store is malformed") from None
    if parsed.userinfo:
        raise StoreError(f"{what} of the store holds a user or password: these belong in the environment or in netrc")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise StoreError(f"{what} of the store is none of a server: {shown(parsed)}")
    return parsed


def _insertion(graph: ox.NamedNode, lines: list[bytes]) -> str:
    return f"INSERT DATA {{ GRAPH {graph} {{\n{b''.join(lines).decode()}}} }}"


def _solutions(reply: Reply) -> Answer:
    syntax = ox.QueryResultsFormat.from_media_type(reply.media_type)
    if syntax is None:
        raise StoreError(f"the answer is {reply.media_type or 'of no type'}, not SPARQL results: is the URL right?")
    answer = ox.parse_query_results(reply.content, format=syntax)
    if isinstance(answer, ox.QuerySolutions):
        for _ in answer:  # what is broken shows only now
            pass
    return ox.parse_query_results(reply.content, format=syntax)


def _triples(reply: Reply) -> Answer:
    syntax = ox.RdfFormat.from_media_type(reply.media_type)
    if syntax is None:
        raise StoreError(f"the answer is {reply.media_type or 'of no type'}, not RDF: is the URL right?")
    store = ox.Store()
    store.bulk_load(reply.content, format=syntax)
    return store.query("CONSTRUCT WHERE { ?s ?p ?o }")
