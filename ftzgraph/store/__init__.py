"""A growing base of documents, on disk or behind a URL, and one way to open whatever holds a graph.

Read in this order: ``base`` (what every store can do), ``memory`` (graph files), ``local`` (store folders), ``remote``
with ``http`` (SPARQL 1.1 endpoints), ``export`` (Turtle of stores that are larger than memory).
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
from rdflib import Graph

from ftzgraph.knowledge.documents import Triples
from ftzgraph.knowledge.serialisation import load, triples
from ftzgraph.store.base import Store, StoredDocument, StoreError
from ftzgraph.store.local import LocalStore
from ftzgraph.store.memory import MemoryStore, read_any

__all__ = [
    "Store",
    "StoreError",
    "StoredDocument",
    "is_store",
    "open_graph",
    "open_store",
    "open_triples",
    "read_triples",
]


def open_store(where: str | Path, *, create: bool = False) -> Store:
    """Open what holds a graph, to ask it or to change its documents.

    Args:
        where: a store folder, the ``http(s)://`` URL of a SPARQL endpoint, or a graph file, which can only be asked.
        create: make a store folder when there is none.

    Raises:
        StoreError: the folder is no store, or the URL is not one that can be used.
        GraphError: the file cannot be read.
    """
    if _is_url(where):
        from ftzgraph.store.remote import RemoteStore  # httpx only when it is needed

        return RemoteStore(str(where))
    return LocalStore(where, create=create) if create or Path(where).is_dir() else MemoryStore(where)


def open_graph(where: str | Path) -> Graph:
    """Read everything that is held somewhere as one graph in memory.

    Args:
        where: see :func:`open_store`.

    Raises:
        StoreError: the store cannot be read.
        GraphError: the file cannot be read.
    """
    if not is_store(where):
        return load(where)
    with open_store(where) as store:
        return store.graph()


def open_triples(where: str | Path) -> Triples:
    """Read everything that is held somewhere, without making a graph of it where there is no need to.

    Args and errors are those of :func:`open_graph`.
    """
    return open_graph(where) if is_store(where) else triples(where)


def read_triples(where: str | Path) -> Iterator[ox.Triple]:
    """Read everything that is held somewhere, as Oxigraph has it, such as to add it to another store.

    Args and errors are those of :func:`open_graph`.
    """
    if not is_store(where):
        yield from read_any(Path(where))
        return
    with open_store(where) as store:
        for part in store.parts():
            yield from part


def is_store(where: str | Path) -> bool:
    """Whether this is a folder or URL, rather than a graph file."""
    return _is_url(where) or Path(where).is_dir()


def _is_url(where: str | Path) -> bool:
    return re.match("https?://", str(where), re.IGNORECASE) is not None
