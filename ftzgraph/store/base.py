"""What every store can do, wherever its documents lie.

A store keeps each document in a named graph whose name is the document's IRI; what several documents share, such as the
actors that they mention, in one more graph; and concepts in a third. So no triple stands twice, and their union, which queries ask, is no
larger than it should be: engines answer a row for each copy of a triple.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from types import TracebackType
from typing import Final, Self

import pyoxigraph as ox
from rdflib import RDF, SKOS, Graph

from ftzgraph.errors import FtzgraphError
from ftzgraph.knowledge.oxigraph import all_to_oxigraph, from_store, subject_of
from ftzgraph.knowledge.queries import Answer, query
from ftzgraph.knowledge.results import QueryResult
from ftzgraph.knowledge.sparql import Prepared
from ftzgraph.knowledge.vocabulary import FTZ, ID, new_graph

SHARED: Final = ox.NamedNode(str(ID["shared"]))
"""The graph of all that belongs to no single document."""

CONCEPTS: Final = ox.NamedNode(str(ID["concepts"]))
"""The graph of what :mod:`ftzgraph.concepts` adds, which is made anew as a whole."""

DESCRIBED: Final = (ox.NamedNode(str(RDF.type)), ox.NamedNode(str(FTZ.Document)))
"""What the graph of a document says of it."""

FORGET_UNUSED: Final = f"""DELETE {{ GRAPH {SHARED} {{ ?concept ?p ?o }} }} WHERE {{
  GRAPH {SHARED} {{ ?concept a <{SKOS.Concept}> ; ?p ?o }}
  FILTER NOT EXISTS {{ GRAPH ?document {{ ?factor <{FTZ.mentions}> ?concept }} }}
}}"""
"""The update that takes away the concepts that no document mentions any more."""

_DOCUMENT: Final = re.compile(re.escape(str(ID)) + "[0-9a-f]{12}")
_LENGTH: Final = len(str(ID)) + 12
# Concepts and what is told of them begin so, within the length of a document's name; these lead to them from documents.
_CONCEPTS: Final = tuple(str(ID[kind]) for kind in ("concept-", "conceptlink-", "match-"))
_TO_CONCEPTS: Final = frozenset([str(FTZ.expresses), str(FTZ.copyOf)])
_DOCUMENTS: Final = """
SELECT ?document ?title ?fileName ?engine ?engineVersion ?sha256 WHERE {
  ?document a ftz:Document
  OPTIONAL { ?document dcterms:title ?title }
  OPTIONAL { ?document ftz:fileName ?fileName }
  OPTIONAL { ?document ftz:sha256 ?sha256 }
  OPTIONAL { ?activity prov:used ?document ; ftz:engine ?engine ; ftz:engineVersion ?engineVersion }
}"""


class StoreError(FtzgraphError):
    """A store that cannot be opened, reached, read or written."""


@dataclass(frozen=True)
class StoredDocument:
    """A document in a store; what the store does not tell is empty.

    Attributes:
        iri: its name, which is also that of its graph.
        title, file_name: what it is called.
        engine, engine_version: the reader that extracted its argument; of several the first.
        sha256: the hash of the file's bytes.
    """

    iri: str
    title: str
    file_name: str
    engine: str
    engine_version: str
    sha256: str

    @property
    def local(self) -> str:
        """Its name without the namespace: the first twelve digits of the hash."""
        return self.iri.removeprefix(ID)


class Store(ABC):
    """Documents that can be asked, added and removed.

    Args:
        place: folder, file or URL, for messages.
    """

    def __init__(self, place: str) -> None:
        self.place = place

    @abstractmethod
    def evaluate(self, prepared: Prepared) -> Answer:
        """Run a query over the union of all graphs, unless it chooses some by FROM."""

    @abstractmethod
    def has_graph(self, name: str | None) -> bool:
        """Whether there is a graph of this name, or any named graph at all."""

    @abstractmethod
    def parts(self) -> Iterator[Iterable[ox.Triple]]:
        """Yield all triples, each once, in parts: document by document in the order of their names where that is known.

        Raises:
            StoreError: they cannot be read.
        """

    @abstractmethod
    def add(self, graph: Graph | Iterable[ox.Triple]) -> tuple[str, ...]:
        """Add the documents of a graph; those that are there already are replaced.

        Args:
            graph: one or many documents as :func:`ftzgraph.to_rdf` writes them. What belongs to none of them is kept
                with what documents share. Concepts take the place of those that are there.

        Returns:
            The IRIs of the documents, sorted.

        Raises:
            StoreError: they cannot be written; or the graph holds no document, or tells of one that it does not describe.
            GraphError: the graph is not RDF.
        """

    @abstractmethod
    def remove(self, document: str) -> StoredDocument:
        """Remove a document.

        Args:
            document: see :meth:`find`.

        Returns:
            What was removed.

        Raises:
            StoreError: it cannot be removed, there is no such document, or it has no graph of its own.
        """

    @abstractmethod
    def replace_concepts(self, triples: Iterable[ox.Triple]) -> None:
        """Put concepts in the place of those that are there.

        Raises:
            StoreError: they cannot be written.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of what is held open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def query(self, sparql: str, /, **bindings: object) -> QueryResult:
        """Ask the store; see :func:`ftzgraph.knowledge.queries.query`.

        The union of all documents is asked; ``FROM id:…`` and ``GRAPH id:…`` ask single ones.
        """
        return query(self, sparql, **bindings)

    def graph(self) -> Graph:
        """Return everything as one graph in memory."""
        graph, term = new_graph(), cache(from_store)
        for part in self.parts():
            for triple in part:
                graph.add((term(triple.subject), term(triple.predicate), term(triple.object)))
        return graph

    def documents(self) -> tuple[StoredDocument, ...]:
        """Return what is in the store, in the order of the documents' names."""
        found: dict[str, StoredDocument] = {}
        for row in self.listing().rows:
            document = StoredDocument(*(str(term or "") for term in row))
            found.setdefault(document.iri, document)
        return tuple(found.values())

    def listing(self) -> QueryResult:
        """Return the same as a table; a document has a row for each reader that extracted its argument."""
        return replace(self.query(_DOCUMENTS), keys=("sha256",))

    def find(self, document: str) -> StoredDocument:
        """Return the document of this name.

        Args:
            document: its IRI, written out or as ``id:…``, its hash or the first twelve digits of it, or its file name.

        Raises:
            StoreError: there is none, or several have this file name.
        """
        found = [
            each
            for each in self.documents()
            if document in (each.iri, f"id:{each.local}", each.local, each.sha256, each.file_name)
        ]
        if not found:
            raise StoreError(f"{self.place} holds no document {document}")
        if len(found) > 1:
            names = ", ".join(f"id:{each.local}" for each in found)
            raise StoreError(f"{self.place} holds several documents named {document}: {names}")
        return found[0]

    def removable(self, document: str) -> StoredDocument:
        """Return the document of this name, see :meth:`find`, if it can be removed.

        Raises:
            StoreError: see :meth:`find`; or its triples stand among others, as when somebody wrote them there by hand.
        """
        found = self.find(document)
        if not self.has_graph(found.iri):
            raise StoreError(
                f"{self.place} holds {document}, but not in a graph of its own: it cannot be removed from here"
            )
        return found


def is_of_concepts(triple: ox.Triple) -> bool:
    """Whether a triple is one that :mod:`ftzgraph.concepts` adds."""
    return triple.predicate.value in _TO_CONCEPTS or subject_of(triple).startswith(_CONCEPTS)


def as_quads(
    graph: Graph | Iterable[ox.Triple], begin: Callable[[ox.NamedNode], object] = lambda document: None
) -> Iterator[ox.Quad]:
    """Tell of each triple in which graph of a store it stands, which its subject says.

    Args:
        graph: see :meth:`Store.add`.
        begin: called with each document, and with :data:`CONCEPTS`, before the first of its triples is yielded.
    """
    homes: dict[tuple[str, bool], ox.NamedNode] = {}
    begun = {SHARED}
    for triple in all_to_oxigraph(graph) if isinstance(graph, Graph) else graph:
        subject, predicate, value = triple  # once each: Oxigraph copies a term whenever it is asked for
        seen = subject.value[:_LENGTH], predicate.value in _TO_CONCEPTS
        home = homes.get(seen)
        if home is None:
            home = homes[seen] = _home(*seen)
            if home not in begun:
                begun.add(home)
                begin(home)
        yield ox.Quad(subject, predicate, value, home)


def _home(start: str, to_concept: bool) -> ox.NamedNode:
    """The graph for what is told of a subject whose IRI starts so."""
    if to_concept or start.startswith(_CONCEPTS):
        return CONCEPTS
    return ox.NamedNode(start) if _DOCUMENT.fullmatch(start) else SHARED


def described(documents: Iterable[ox.NamedNode], is_described: Callable[[ox.NamedNode], bool]) -> tuple[str, ...]:
    """Make sure that documents are described where they were written.

    Args:
        documents: what :func:`as_quads` came upon.
        is_described: whether a document's graph says that it is :data:`DESCRIBED`.

    Returns:
        Their IRIs, sorted.

    Raises:
        StoreError: there are none, or one is not described.
    """
    names = {document.value: is_described(document) for document in documents}
    if not names:
        raise StoreError("there is no document to add: a graph of ftzgraph has its documents in it")
    for name in sorted(names):
        if not names[name]:
            raise StoreError(f"something is told of {name}, but the document itself is missing")
    return tuple(sorted(names))
