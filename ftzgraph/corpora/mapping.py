"""The same work on many documents, by processes of which any may die."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Final, TypeAlias

from ftzgraph.corpora.items import Item
from ftzgraph.errors import FtzgraphError, ReaderError
from ftzgraph.plain import line
from ftzgraph.workers import interrupts_held_back

Result: TypeAlias = bytes | str
"""The packed shard of a document, or the reason why there is none."""
Work: TypeAlias = Callable[[list[Item]], list[Result]]

MOST_DOCUMENTS: Final = 64
MOST_BYTES: Final = 100_000
"""What is handed to a process at a time: enough that handing over costs nothing, little enough to lose."""

_AHEAD: Final = 4  # chunks handed out for each process
_KILLED: Final = "KilledWorker"  # what Dask raises when a chunk has ended several workers; known by name, not imported


def map_documents(
    work: Work, items: Iterable[Item], *, executor: Executor | None = None, jobs: int = 1, most: int = MOST_DOCUMENTS
) -> Iterator[tuple[Item, Result]]:
    """Yield what the work makes of each document, in the order of the documents.

    They are taken a few ahead of the work, so that no more of them are in memory at a time. When a process dies, what it
    was given is done again by itself and, if it dies once more, in halves, until the one document is left that kills it.

    Args:
        work: is given some documents and returns as many results; what it raises stops everything.
        items: the documents.
        executor: does the work; by default that many processes, and this one when it is one.
        jobs: how many documents are worked on at a time.
        most: documents that are handed over at a time.

    Raises:
        ReaderError: no process can be started, or the executor is lost.
    """
    if executor is None and jobs <= 1:
        for item in items:
            yield item, work([item])[0]
        return
    crew = _Crew(work, executor, jobs)
    waiting: deque[_Task] = deque()
    try:
        for chunk in _chunks(items, most):
            waiting.append(crew.begin(chunk))
            if len(waiting) > _AHEAD * jobs:
                yield from _finish(waiting, crew)
        while waiting:
            yield from _finish(waiting, crew)
    finally:
        crew.dismiss()


@dataclass(frozen=True)
class _Task:
    """A chunk of documents that was handed over to a pool."""

    chunk: list[Item]
    pool: Executor
    future: Future[list[Result]]


class _Crew:
    """Those who do the work: an executor that was given, or processes, which are started anew when one has died."""

    def __init__(self, work: Work, executor: Executor | None, jobs: int) -> None:
        self._work, self._given, self._jobs = work, executor, jobs
        self._pool = executor

    def begin(self, chunk: list[Item]) -> _Task:
        """Hand over a chunk.

        Raises:
            ReaderError: no process can be started.
        """
        pool = self._pool = self._pool or self._start()
        try:
            with interrupts_held_back():  # a pool starts processes when it is given work
                return _Task(chunk, pool, pool.submit(self._work, chunk))
        except BrokenExecutor as error:
            broken: Future[list[Result]] = Future()
            broken.set_exception(error)
            return _Task(chunk, pool, broken)

    def results(self, task: _Task) -> list[Result] | None:
        """Wait for the results of a chunk; ``None`` when a process has died, this chunk's or another of its pool.

        Raises:
            ReaderError: the executor that was given cannot go on.
        """
        try:
            return task.future.result()
        except FtzgraphError:
            raise
        except Exception as error:
            if type(error).__name__ == _KILLED:
                return None
            if self._given:
                raise ReaderError(f"the executor cannot go on: {type(error).__name__} {line(str(error))}") from error
            if not isinstance(error, BrokenExecutor):
                raise
            if task.pool is self._pool:
                self._pool = None
            return None

    def alone(self, chunk: list[Item]) -> Iterator[tuple[Item, Result]]:
        """Do a chunk while nothing else is done, in halves if it kills its process."""
        results = self.results(self.begin(chunk))
        if results is not None:
            yield from zip(chunk, results, strict=True)
        elif len(chunk) == 1:
            yield chunk[0], "ends the process that reads it; is there enough memory?"
        else:
            yield from self.alone(chunk[: len(chunk) // 2])
            yield from self.alone(chunk[len(chunk) // 2 :])

    def dismiss(self) -> None:
        """Let own processes end."""
        if self._pool and not self._given:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _start(self) -> Executor:
        # Started afresh rather than forked, so that it makes no difference which threads the caller runs.
        pool = ProcessPoolExecutor(self._jobs, get_context("spawn"), _end_with_parent)
        try:
            with interrupts_held_back():
                pool.submit(int).result()
        except BrokenExecutor:
            guard = 'if __name__ == "__main__":'
            raise ReaderError(f"no process can be started; does the script guard its entry with {guard}?") from None
        return pool


def _end_with_parent() -> None:
    """Let this process end when the one that started it is killed, which otherwise it would wait for forever."""
    parent = parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


def _finish(waiting: deque[_Task], crew: _Crew) -> Iterator[tuple[Item, Result]]:
    """Yield the results of the first chunk; of all that wait when a process has died, so that then each is alone."""
    task = waiting.popleft()
    results = crew.results(task)
    if results is not None:
        yield from zip(task.chunk, results, strict=True)
        return
    yield from crew.alone(task.chunk)
    while waiting:
        yield from _finish(waiting, crew)


def _chunks(items: Iterable[Item], most: int) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    size = 0
    for item in items:
        if chunk and (len(chunk) == most or size + len(item.data) > MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += len(item.data)
    if chunk:
        yield chunk
