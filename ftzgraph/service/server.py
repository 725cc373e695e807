"""The process that listens."""

import socket
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

import uvicorn
from rdflib import Graph
from uvicorn.protocols.http.h11_impl import H11Protocol

from ftzgraph.errors import OutputError
from ftzgraph.service.app import PATIENCE, Site
from ftzgraph.service.processes import Processes

MAX_CONNECTIONS: Final = 256
"""Connections at the same time; more are turned away."""

_LOCAL: Final = ("localhost", "127.0.0.1", "[::1]")


class Service:
    """An HTTP server for one graph; :meth:`run` runs it until it is told to stop, :meth:`close` ends its processes.

    Args:
        what: a graph, or where one is: a file, a store folder, the URL of an endpoint.
        host: where to listen. On a loopback address only local requests are answered.
        port: 0 takes a free one, which :attr:`port` tells.
        lang: language of the pages.
        min_confidence: what the explorer shows at the least; queries see everything.
        time_limit: seconds that a query may take.
        workers: number of queries that run at the same time.
        memory_limit: bytes that each of them may take, the graph included, where the system can limit memory.
        token: who knows it may change the graph, which then must be a store folder; nobody may when it is empty.
        cors: the origin whose pages may ask, ``"*"`` for any.

    Raises:
        OutputError: the address cannot be listened on.
        FtzgraphError: the graph cannot be read, or not be changed.
    """

    def __init__(
        self,
        what: Graph | str | Path,
        host: str = "127.0.0.1",
        port: int = 8000,
        *,
        lang: str = "zh",
        min_confidence: float = 0.0,
        time_limit: float = 30.0,
        workers: int = 2,
        memory_limit: int = 4 << 30,
        token: str = "",
        cors: str | None = None,
    ) -> None:
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self._socket = socket.create_server((host, port), family=family)
            # Head and body of a response are sent apart: they must not wait for each other (asyncio overlooks this socket).
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (OSError, OverflowError) as error:
            raise OutputError(f"cannot listen on {host}:{port}: {error}") from error
        try:
            limits: dict[str, Any] = {"time_limit": time_limit, "memory_limit": memory_limit}
            self._processes = Processes(what, writable=bool(token), size=workers, **limits)
        except BaseException:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        name = f"[{host}]" if ":" in host else host
        self.url = f"http://{name}:{self.port}/"
        site = Site(
            self._processes,
            lang=lang,
            min_confidence=min_confidence,
            token=token,
            hosts=(*_LOCAL, name) if ip_address(self._socket.getsockname()[0]).is_loopback else (),
            cors=cors,
        )
        self._server = _Server(
            uvicorn.Config(
                site.app,
                http=_Impatient,
                ws="none",
                lifespan="off",
                log_level="error",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=MAX_CONNECTIONS,
                timeout_graceful_shutdown=2,
            ),
            self._processes,
        )

    def run(self) -> None:
        """Answer requests until :meth:`stop` is called or a signal says so.

        Raises:
            KeyboardInterrupt: on Ctrl-C.
        """
        self._server.run([self._socket])

    def stop(self) -> None:
        """Make :meth:`run` return."""
        self._server.should_exit = True

    def close(self) -> None:
        """End the processes."""
        self._processes.close()
        self._socket.close()


class _Server(uvicorn.Server):
    """Ends running queries before it waits for the requests that asked them."""

    def __init__(self, config: uvicorn.Config, processes: Processes) -> None:
        super().__init__(config)
        self._processes = processes

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._processes.close()
        await super().shutdown(sockets)


class _Impatient(H11Protocol):
    """Closes a connection on which no request arrives, or only bit by bit."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._expect()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._expect()

    def _expect(self) -> None:
        last = self.cycle

        def check() -> None:
            if self.cycle is last and (last is None or last.response_complete):
                self.transport.close()

        self.loop.call_later(PATIENCE, check)
