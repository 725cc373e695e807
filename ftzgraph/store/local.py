"""A store folder: documents on disk, kept by Oxigraph, for one process at a time to write and any number to read.

A change is made to a copy of the last state, which costs little since its files are linked, and becomes the current
state when one small file is replaced. So a process that is killed leaves the old state or the new one, whatever it was
about; many documents change in one step; and those who read go on undisturbed.
"""

import json
import os
import re
import secrets
import shutil
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

import pyoxigraph as ox
from rdflib import Graph

from ftzgraph.errors import OutputError
from ftzgraph.files import write_atomically
from ftzgraph.knowledge.queries import Answer
from ftzgraph.knowledge.sparql import Prepared
from ftzgraph.plain import line
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

MARKER: Final = "ftzgraph-store.json"
"""The file that makes a folder a store: the version of its format, and which state is the current one."""

FORMAT: Final = 1

_PATIENCE: Final = 10.0  # seconds that a writer waits for another
_T = TypeVar("_T")


class LocalStore(Store):
    """A store folder.

    Args:
        folder: where it is.
        create: make one when there is none; the folder must be missing or empty then.

    Raises:
        StoreError: the folder is no store, cannot be made one, is damaged, or was made by a newer version.
    """

    def __init__(self, folder: str | Path, *, create: bool = False) -> None:
        super().__init__(str(folder))
        self.folder = Path(folder)
        self._state: str | None = None
        self._engine = ox.Store()
        self._lock: _Lock | None = None
        if create and not (self.folder / MARKER).exists():
            self._create()
        self._current()

    def evaluate(self, prepared: Prepared) -> Answer:
        """Run a query, see :meth:`Store.evaluate`."""
        return self.engine().query(prepared.sparql, use_default_graph_as_union=not prepared.chooses)

    def has_graph(self, name: str | None) -> bool:
        """Whether there is a graph, see :meth:`Store.has_graph`."""
        return name is None or self.engine().contains_named_graph(ox.NamedNode(name))

    def parts(self) -> Iterator[Iterable[ox.Triple]]:
        """Yield all triples document by document, then what they share, concepts, and what was put into no named graph."""
        engine, last = self.engine(), (SHARED, CONCEPTS)
        names = sorted(engine.named_graphs(), key=lambda name: (last.index(name) if name in last else -1, str(name)))
        for graph in (*(f"GRAPH {name}" for name in names), ""):
            yield self._read(engine, graph)

    def add(self, graph: Graph | Iterable[ox.Triple]) -> tuple[str, ...]:
        """Add or replace the documents of a graph in one step, see :meth:`Store.add`."""

        def change(store: ox.Store) -> tuple[str, ...]:
            documents: list[ox.NamedNode] = []

            def begin(graph: ox.NamedNode) -> None:
                store.remove_graph(graph)
                if graph != CONCEPTS:
                    documents.append(graph)

            store.bulk_extend(as_quads(graph, begin))
            names = described(documents, lambda d: any(store.quads_for_pattern(d, *DESCRIBED, d)))
            store.update(FORGET_UNUSED)
            return names

        return self.write(change)

    def remove(self, document: str) -> StoredDocument:
        """Remove a document in one step, see :meth:`Store.remove`."""
        found = self.removable(document)

        def change(store: ox.Store) -> StoredDocument:
            store.remove_graph(ox.NamedNode(found.iri))
            store.update(FORGET_UNUSED)
            return found

        return self.write(change)

    def replace_concepts(self, triples: Iterable[ox.Triple]) -> None:
        """Replace concepts in one step, see :meth:`Store.replace_concepts`."""

        def change(store: ox.Store) -> None:
            store.remove_graph(CONCEPTS)
            store.bulk_extend(ox.Quad(each.subject, each.predicate, each.object, CONCEPTS) for each in triples)

        self.write(change)

    def engine(self) -> ox.Store:
        """Return the current state, for reading; it stays as it is when others write.

        Raises:
            StoreError: the folder cannot be read.
        """
        while (state := self._current()) != self._state:
            self.close()
            path = self.folder / f"state-{state}"
            with self._failures("open"):
                try:
                    lock = _Lock(path, exclusive=False)
                except (FileNotFoundError, BlockingIOError):
                    if self._current() == state:
                        raise StoreError(f"{self.folder} is damaged: {path.name} cannot be opened") from None
                    continue  # a writer was faster, and deletes it or has done so
                if self._current() == state:  # else the state may be about to be deleted
                    self._engine, self._state, self._lock = ox.Store.read_only(str(path)), state, lock
        return self._engine

    def write(self, change: Callable[[ox.Store], _T]) -> _T:
        """Change the store in one step.

        Args:
            change: is given the store to work on, and must not keep it; when it raises, nothing has changed.

        Returns:
            What ``change`` returns.

        Raises:
            StoreError: the folder cannot be written, or another process writes to it.
        """
        with self._failures("write to"), self._writing():
            last = self._current()
            self._sweep(last)
            state = secrets.token_hex(4)
            path = self.folder / f"state-{state}"
            try:
                if last:
                    ox.Store.read_only(str(self.folder / f"state-{last}")).backup(str(path))
                result = _changed(path, change)
                self._mark(state)
            except BaseException:
                shutil.rmtree(path, ignore_errors=True)
                raise
            self.close()
            self._sweep(state)
            return result

    def close(self) -> None:
        """Let go of the state that is read."""
        self._engine, self._state = ox.Store(), None
        if self._lock:
            self._lock.release()
            self._lock = None

    def _create(self) -> None:
        with self._failures("make"):
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._writing():
                if (self.folder / MARKER).exists():
                    return
                if any(not path.name.startswith(f".{MARKER}.") for path in self.folder.iterdir()):
                    raise StoreError(f"{self.folder} is no store, and not empty: name a folder of its own")
                self._mark(None)

    def _mark(self, state: str | None) -> None:
        write_atomically(self.folder / MARKER, json.dumps({"format": FORMAT, "state": state}) + "\n")

    def _current(self) -> str | None:
        """Which state is the current one; ``None`` while nothing was written."""
        try:
            told = json.loads((self.folder / MARKER).read_text(encoding="utf-8"))
            version, state = int(told["format"]), told["state"]
        except (FileNotFoundError, NotADirectoryError):
            raise StoreError(f"{self.folder} is no store: it has no {MARKER}") from None
        except OSError as error:
            raise StoreError(f"cannot read {self.folder}: {error.strerror or error}") from error
        except (ValueError, LookupError, TypeError) as error:
            raise StoreError(f"{self.folder} is damaged: {MARKER} cannot be read") from error
        if version > FORMAT:
            raise StoreError(
                f"{self.folder} was made by a newer ftzgraph: its format is {version}, this one knows {FORMAT}"
            )
        if not (state is None or (isinstance(state, str) and re.fullmatch("[0-9a-f]{8}", state))):
            raise StoreError(f"{self.folder} is damaged: {MARKER} names no state")
        return state

    def _read(self, engine: ox.Store, graph: str) -> Iterator[ox.Triple]:
        """Yield the triples of a graph predicate by predicate, so that none is looked up for each triple."""
        with self._failures("read"):
            predicates = engine.query(f"SELECT DISTINCT ?p WHERE {{ {graph} {{ ?s ?p ?o }} }}")
            assert isinstance(predicates, ox.QuerySolutions)
            for predicate in [row["p"] for row in predicates]:
                triples = engine.query(f"CONSTRUCT {{ ?s {predicate} ?o }} WHERE {{ {graph} {{ ?s {predicate} ?o }} }}")
                assert isinstance(triples, ox.QueryTriples)
                yield from triples

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Keep other writers out."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                lock = _Lock(self.folder, exclusive=True)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise StoreError(f"{self.folder} is locked: another process is writing to it") from None
                time.sleep(0.02)
        try:
            yield
        finally:
            lock.release()

    def _sweep(self, current: str | None) -> None:
        """Delete what is not needed any more: states that nobody reads, and what was left by processes that were killed."""
        for path in self.folder.glob("state-*"):
            if path.name != f"state-{current}":
                with suppress(BlockingIOError):
                    lock = _Lock(path, exclusive=True)
                    shutil.rmtree(path, ignore_errors=True)
                    lock.release()
        for path in self.folder.glob(f".{MARKER}.*"):
            path.unlink(missing_ok=True)

    @contextmanager
    def _failures(self, task: str) -> Iterator[None]:
        """Turn what the system or the engine cannot do into one line."""
        try:
            yield
        except (OSError, RuntimeError) as error:  # the latter is what Oxigraph makes of damaged files
            raise StoreError(f"cannot {task} {self.folder}: {line(str(error))}") from error
        except OutputError as error:
            raise StoreError(str(error)) from error


def _changed(path: Path, change: Callable[[ox.Store], _T]) -> _T:
    """Apply a change to a state; the store is closed with the last reference to it, which is this function's."""
    store = ox.Store(str(path))
    result = change(store)
    store.flush()
    return result


class _Lock:
    """A lock on a folder, shared or exclusive, until it is released or forgotten.

    Raises:
        BlockingIOError: others have locked it.
        FileNotFoundError: there is no such folder.
        StoreError: the system knows no such locks.
    """

    def __init__(self, folder: Path, *, exclusive: bool) -> None:
        try:
            import fcntl
        except ImportError:
            raise StoreError("a store folder needs locks that Windows does not have: use a SPARQL endpoint") from None
        descriptor = os.open(folder, os.O_RDONLY)
        self.release = weakref.finalize(self, os.close, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_NB | (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH))
        except OSError:
            self.release()
            raise
