"""The graph in its processes: several that read it and, where it may be changed, one that writes."""

import shutil
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final, TypeAlias

import pyoxigraph as ox
from rdflib import Graph

from ftzgraph.errors import GraphError
from ftzgraph.knowledge.oxigraph import all_to_oxigraph
from ftzgraph.service.answers import Refusal
from ftzgraph.service.pool import Handle, Pool
from ftzgraph.store import StoreError, read_triples
from ftzgraph.store.local import MARKER, LocalStore
from ftzgraph.store.memory import MemoryStore

PAGE_TIME: Final = 60.0
"""Seconds that drawing the explorer may take; how long a query may take, who starts the service says."""

Held: TypeAlias = LocalStore | MemoryStore
"""What a process holds: a store folder, of which it reads the current state, or a graph in memory."""


class Processes:
    """What is served, and the processes that hold it.

    Args:
        what: a graph, or where one is: a file, a store folder, the URL of an endpoint. All but a store folder is copied:
            the service shows it as it was when it was started.
        writable: whether it may be changed.
        size: number of processes that read.
        time_limit: seconds that a query or update may take.
        memory_limit: bytes that each process may take, where the system can limit memory.

    Raises:
        FtzgraphError: the graph cannot be read, takes too much memory, or cannot be changed where it is.
    """

    def __init__(
        self, what: Graph | str | Path, *, writable: bool, size: int, time_limit: float, memory_limit: int
    ) -> None:
        self._copies = Path(mkdtemp(prefix="ftzgraph-"))
        self._pools: list[Pool] = []
        self._place = self._copies / "graph.nt"
        try:
            if not isinstance(what, Graph) and Path(what).is_dir():
                self._place = Path(what)
            elif writable:
                raise GraphError("only a store folder can be changed: make one by ftzgraph build --store")
            else:
                _copy(what, self._place)
            for number in (size, 1) if writable else (size,):
                self._pools.append(
                    Pool(_opened, self._place, size=number, time_limit=time_limit, memory_limit=memory_limit)
                )
        except BaseException:
            self.close()
            raise

    @property
    def writable(self) -> bool:
        """Whether :meth:`write` may be called."""
        return len(self._pools) > 1

    def state(self) -> bytes:
        """Return what is another whenever the graph is another.

        Raises:
            Refusal: 503, the store cannot be read.
        """
        if self._place.parent == self._copies:
            return b""
        try:
            return (self._place / MARKER).read_bytes()
        except OSError as error:
            raise _unavailable() from error

    async def read(self, function: Callable[..., Any], *arguments: Any, time_limit: float | None = None) -> Any:
        """Return what a function returns that is called with a :data:`Held` store and the arguments; see :meth:`Pool.ask`."""
        return await self._pools[0].ask(function, *arguments, time_limit=time_limit)

    async def write(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Do the same in the only process that writes."""
        return await self._pools[1].ask(function, *arguments)

    def close(self) -> None:
        """End the processes."""
        for pool in self._pools:
            pool.close()
        shutil.rmtree(self._copies, ignore_errors=True)


def _copy(what: Graph | str | Path, file: Path) -> None:
    triples = all_to_oxigraph(what) if isinstance(what, Graph) else read_triples(what)
    lines = (ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").splitlines(keepends=True)
    # Of rows that a LIMIT cuts, the same ones remain whatever the order in which the graph came.
    file.write_bytes(b"".join(sorted(lines)))


def _opened(place: Path) -> Handle:
    return partial(_call, LocalStore(place) if place.is_dir() else MemoryStore(place))


def _call(store: Held, function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(store, *arguments)
    except StoreError as error:  # which names folders that are nobody's business
        raise _unavailable() from error


def _unavailable() -> Refusal:
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "the store cannot be read or written now", Retry_After="5")
