"""A graph file as a store: read into memory once, and only to be asked."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

import pyoxigraph as ox
from rdflib import Graph

from ftzgraph.knowledge.oxigraph import all_to_oxigraph, read
from ftzgraph.knowledge.queries import Answer
from ftzgraph.knowledge.serialisation import triples
from ftzgraph.knowledge.sparql import Prepared
from ftzgraph.store.base import Store, StoreError


class MemoryStore(Store):
    """A graph file; named graphs, where its format has them, are merged.

    Args:
        path: see :func:`ftzgraph.knowledge.serialisation.load`.

    Raises:
        GraphError: the file cannot be read.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__(str(path))
        self._engine = ox.Store()
        self._engine.bulk_extend(ox.Quad(*triple) for triple in read_any(Path(path)))

    def engine(self) -> ox.Store:
        """Return the store in memory, for reading."""
        return self._engine

    def evaluate(self, prepared: Prepared) -> Answer:
        """Run a query, see :meth:`Store.evaluate`."""
        return self._engine.query(prepared.sparql)

    def has_graph(self, name: str | None) -> bool:
        """A graph file has no named graphs."""
        return False

    def parts(self) -> Iterator[Iterable[ox.Triple]]:
        """Yield all triples in one part."""
        yield (quad.triple for quad in self._engine)

    def add(self, graph: Graph | Iterable[ox.Triple]) -> NoReturn:
        """Refuse: a graph file is written as a whole."""
        raise StoreError(f"{self.place} is a graph file: only a store folder or an endpoint takes documents")

    def remove(self, document: str) -> NoReturn:
        """Refuse: a graph file is written as a whole."""
        raise StoreError(f"{self.place} is a graph file: only a store folder or an endpoint lets go of documents")

    def replace_concepts(self, triples: Iterable[ox.Triple]) -> NoReturn:
        """Refuse: a graph file is written as a whole."""
        raise StoreError(f"{self.place} is a graph file: only a store folder or an endpoint takes concepts")

    def close(self) -> None:
        """Nothing is held open."""


def read_any(path: Path) -> Iterator[ox.Triple]:
    """Read a graph file of any format, without an rdflib graph where its format is one of RDF."""
    suffix = path.suffix.lower()
    if suffix != ".json" and ox.RdfFormat.from_extension(suffix.lstrip(".")):  # JSON may be something else than RDF
        return read(path)
    return all_to_oxigraph(triples(path))
