"""Processes that answer one request at a time and are killed when it takes too long or too much memory.

No engine lets a query be stopped from within. A killed process is replaced at once; the next request waits for it.
"""

import asyncio
import ctypes
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Final, TypeAlias

from ftzgraph.errors import FtzgraphError, GraphError
from ftzgraph.service.answers import Refusal
from ftzgraph.workers import interrupts_held_back

MAX_WAITING: Final = 64
"""Requests that may wait for a process; more are refused."""

Handle: TypeAlias = Callable[..., Any]
"""Answers a message in a process; a :class:`Refusal` or :class:`FtzgraphError` that it raises goes to who asked."""


class Pool:
    """A number of processes that are all alike.

    Args:
        make: called in each process when it starts; returns its :data:`Handle`.
        arguments: what ``make`` is called with.
        size: number of processes.
        time_limit: seconds that a message may take.
        memory_limit: bytes that each process may take, where the system can limit memory.

    Raises:
        FtzgraphError: a process cannot start: ``make`` raised it, or there is not enough memory.
    """

    def __init__(
        self, make: Callable[..., Handle], *arguments: Any, size: int, time_limit: float, memory_limit: int
    ) -> None:
        self._make = partial(_Worker, make, arguments, memory_limit)
        self._time_limit = time_limit
        self._closed = False
        self._waiting = 0
        self._free = asyncio.Semaphore(size)
        self._workers = [self._make() for _ in range(size)]
        try:
            for worker in self._workers:
                worker.greet()
        except FtzgraphError:
            self.close()
            raise
        self._idle = list(self._workers)

    async def ask(self, *message: Any, time_limit: float | None = None) -> Any:
        """Return what a process answers to a message.

        Args:
            message: what its :data:`Handle` is called with.
            time_limit: seconds, where not the pool's own.

        Raises:
            Refusal: the handle refused, too many wait already, or the process was killed for what it took.
        """
        limit = time_limit or self._time_limit
        await self._enter(limit)
        worker = self._idle.pop()
        try:
            if not worker.alive:  # somebody else has ended it
                worker = self._replaced(worker)
            answer = await asyncio.to_thread(worker.ask, message, limit)
        except TimeoutError:
            worker = self._replaced(worker)
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, f"this took more than {limit:g} seconds") from None
        except (EOFError, OSError):
            worker = self._replaced(worker)
            raise Refusal(HTTPStatus.BAD_REQUEST, "this needs more memory than there is, or nests too deeply") from None
        except FtzgraphError as error:
            worker = self._replaced(worker)
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "the graph cannot be opened") from error
        finally:
            self._idle.append(worker)
            self._free.release()
        if isinstance(answer, Refusal):
            raise answer
        return answer

    def close(self) -> None:
        """End the processes; whoever waits for one is refused."""
        self._closed = True
        for worker in self._workers:
            worker.kill()

    async def _enter(self, patience: float) -> None:
        """Wait until a process is free."""
        busy = Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "too many requests at the same time", Retry_After="5")
        if self._waiting >= MAX_WAITING:
            raise busy
        self._waiting += 1
        try:
            async with asyncio.timeout(patience):
                await self._free.acquire()
        except TimeoutError:
            raise busy from None
        finally:
            self._waiting -= 1

    def _replaced(self, worker: "_Worker") -> "_Worker":
        if self._closed:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "the service is ending")
        worker.kill()
        self._workers.remove(worker)
        worker = self._make()
        self._workers.append(worker)
        return worker


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, make: Callable[..., Handle], arguments: tuple[Any, ...], memory_limit: int) -> None:
        context = get_context("spawn")  # a fork would inherit the locks of the server's threads
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, make, arguments, memory_limit), daemon=True)
        with interrupts_held_back():
            self._process.start()
        theirs.close()
        self._ready = False

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def greet(self) -> None:
        """Wait until the process can answer; how long it takes to start is not held against the first message."""
        if self._ready:
            return
        try:
            fault = self._pipe.recv()
        except EOFError:
            raise GraphError("the graph needs more memory than it may take") from None
        if fault is not None:
            raise fault
        self._ready = True

    def ask(self, message: tuple[Any, ...], time_limit: float) -> Any:
        self.greet()
        self._pipe.send(message)
        if not self._pipe.poll(time_limit):
            raise TimeoutError
        return self._pipe.recv()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()


def _work(pipe: Connection, make: Callable[..., Handle], arguments: tuple[Any, ...], memory_limit: int) -> None:
    _confine(memory_limit)
    try:
        handle = make(*arguments)
    except FtzgraphError as error:
        pipe.send(error)
        return
    pipe.send(None)
    with suppress(EOFError):  # the server has ended
        while True:
            pipe.send(_outcome(handle, pipe.recv()))


def _confine(memory_limit: int) -> None:
    """Take from this process what it does not need: memory and, where Linux lets it, the network.

    The second is a second bar to SERVICE and LOAD, which the syntax tree already refuses.
    """
    with suppress(ImportError, OSError, ValueError):  # not every system can
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))
    if sys.platform == "linux":
        new_network, new_user = 0x40000000, 0x10000000  # CLONE_NEWNET, CLONE_NEWUSER
        libc = ctypes.CDLL(None)
        if libc.unshare(new_network) != 0:
            libc.unshare(new_network | new_user)


def _outcome(handle: Handle, message: tuple[Any, ...]) -> Any:
    try:
        return handle(*message)
    except Refusal as refusal:
        return refusal
    except FtzgraphError as error:
        return Refusal(HTTPStatus.BAD_REQUEST, str(error))
    except MemoryError:
        return Refusal(HTTPStatus.BAD_REQUEST, "this needs more memory than there is")
    except Exception as error:  # whatever a request provokes must not end the process, nor tell a client how it looks
        print(f"ftzgraph: a request failed: {type(error).__name__}: {error}", file=sys.stderr)
        return Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "the request failed")
