"""A graph on the web: the explorer at ``/``, read-only SPARQL at ``/sparql``, a sign of life at ``/health``.

Queries run in worker processes that are killed when they take too long, for no engine lets a query be stopped from
within. The graph is the one the service was started with.
"""

import json
import socket
import sys
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from queue import Empty, Queue
from typing import Any
from urllib.parse import parse_qs, urlsplit

from rdflib import Graph

from ftzgraph import __version__
from ftzgraph.errors import FtzgraphError, OutputError
from ftzgraph.knowledge.queries import query
from ftzgraph.rendering.explorer import render
from ftzgraph.workers import interrupts_held_back

MAX_BODY = 100_000  # bytes
MAX_ROWS = 10_000
TABLES = {"application/sparql-results+json": "json", "application/json": "json", "text/csv": "csv"}
GRAPHS = {"text/turtle": "turtle"}
LOOPBACK = ("localhost", "127.0.0.1", "::1")

Answer = tuple[int, str, str]
"""HTTP status, media type, body."""


class Service(ThreadingHTTPServer):
    """An HTTP server for one graph; ``serve_forever`` runs it, ``server_close`` ends it and its workers.

    Args:
        graph: what is served.
        host, port: where to listen; port 0 takes a free one, which ``server_port`` tells.
        lang: language of the explorer.
        min_confidence: what the explorer shows at the least; queries see everything.
        time_limit: seconds that a query may take.
        workers: number of queries that run at the same time.
        memory_limit: bytes that each of them may take, the graph included, where the system can limit memory.

    Raises:
        OutputError: the address cannot be listened on.
    """

    daemon_threads = True

    def __init__(
        self,
        graph: Graph,
        host: str = "127.0.0.1",
        port: int = 8000,
        *,
        lang: str = "zh",
        min_confidence: float = 0.0,
        time_limit: float = 30.0,
        workers: int = 2,
        memory_limit: int = 4 << 30,
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.host = host
        self.graph = graph
        self.time_limit = time_limit
        self.memory_limit = memory_limit
        self.page = render(graph, lang=lang, min_confidence=min_confidence)
        self._idle: Queue[_Worker] = Queue()
        try:
            super().__init__((host, port), _Handler)
        except (OSError, OverflowError) as error:
            raise OutputError(f"cannot listen on {host}:{port}: {error}") from error
        for _ in range(workers):
            self._idle.put(_Worker(graph, memory_limit))

    def answer(self, sparql: str, accept: str) -> Answer:
        """Answer a query in a worker process, within the time limit."""
        try:
            worker = self._idle.get(timeout=self.time_limit)
        except Empty:
            return _error(HTTPStatus.SERVICE_UNAVAILABLE, "too many queries at the same time")
        try:
            return worker.ask(sparql, accept, self.time_limit)
        except TimeoutError:
            worker = worker.replace(self.graph, self.memory_limit)
            return _error(HTTPStatus.SERVICE_UNAVAILABLE, f"the query took more than {self.time_limit:g} seconds")
        except (EOFError, OSError):
            worker = worker.replace(self.graph, self.memory_limit)
            return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "the query ended its process")
        finally:
            self._idle.put(worker)

    def server_close(self) -> None:
        """Stop listening and end the workers."""
        super().server_close()
        while not self._idle.empty():
            self._idle.get().kill()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say in one line why a request could not be answered."""
        print(f"ftzgraph: request from {client_address[0]} failed: {sys.exception()}", file=sys.stderr)


class _Worker:
    """A process that holds the graph and answers one query at a time."""

    def __init__(self, graph: Graph, memory_limit: int) -> None:
        context = get_context("spawn")  # a fork would inherit the locks of the server's threads
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, graph, memory_limit), daemon=True)
        with interrupts_held_back():
            self._process.start()
        theirs.close()
        self._ready = False

    def ask(self, sparql: str, accept: str, time_limit: float) -> Answer:
        if not self._ready:
            self._pipe.recv()
            self._ready = True
        self._pipe.send((sparql, accept))
        if not self._pipe.poll(time_limit):
            raise TimeoutError
        answer: Answer = self._pipe.recv()
        return answer

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def replace(self, graph: Graph, memory_limit: int) -> "_Worker":
        self.kill()
        return _Worker(graph, memory_limit)


def _work(pipe: Connection, graph: Graph, memory_limit: int) -> None:
    with suppress(ImportError, OSError, ValueError):  # not every system can
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory_limit, memory_limit))
    pipe.send("ready")
    while True:
        try:
            pipe.send(_evaluate(graph, *pipe.recv()))
        except EOFError:
            return


def _evaluate(graph: Graph, sparql: str, accept: str) -> Answer:
    try:
        result = query(graph, sparql)
        offers = TABLES if result.graph is None else GRAPHS
        media_type = next((offer for offer in offers if offer in accept), next(iter(offers)))
        if len(result.rows) > MAX_ROWS:
            return _error(HTTPStatus.BAD_REQUEST, f"the answer has more than {MAX_ROWS} rows: add a LIMIT")
        return HTTPStatus.OK, media_type, result.render(format=offers[media_type])
    except FtzgraphError as error:
        return _error(HTTPStatus.BAD_REQUEST, str(error))
    except Exception as error:  # whatever a query provokes must not end the worker
        return _error(HTTPStatus.INTERNAL_SERVER_ERROR, f"the query failed: {type(error).__name__}")


def _error(status: HTTPStatus, message: str) -> Answer:
    return status, "text/plain", f"{message}\n"


class _RefusedError(Exception):
    """A request that is not answered, with the status that says why."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    server: Service
    server_version = f"ftzgraph/{__version__}"
    sys_version = ""
    timeout = 10  # seconds that a client may be silent

    def do_GET(self) -> None:
        """Answer GET."""
        try:
            status, media_type, body = self._answer()
        except _RefusedError as refusal:
            status, media_type, body = _error(refusal.status, str(refusal))
        except ValueError:
            status, media_type, body = _error(HTTPStatus.BAD_REQUEST, "the request is malformed")
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{media_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def do_HEAD(self) -> None:
        """Answer HEAD: what GET would, without its body."""
        self.do_GET()

    def do_POST(self) -> None:
        """Answer POST, which only ``/sparql`` takes."""
        self.do_GET()

    def _answer(self) -> Answer:
        # A foreign page could make its own name point at this machine: then the name is not one of ours.
        name = urlsplit(f"//{self.headers.get('Host', '')}").hostname
        if self.server.host in LOOPBACK and name not in LOOPBACK:
            raise _RefusedError(HTTPStatus.FORBIDDEN, "this service answers local requests only")
        url = urlsplit(self.path)
        if url.path == "/sparql":
            return self.server.answer(self._query(url.query), self.headers.get("Accept", "*/*"))
        if self.command == "POST":
            raise _RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "only /sparql takes POST")
        if url.path == "/":
            return HTTPStatus.OK, "text/html", self.server.page
        if url.path == "/health":
            return HTTPStatus.OK, "application/json", json.dumps({"status": "ok", "triples": len(self.server.graph)})
        raise _RefusedError(HTTPStatus.NOT_FOUND, "there are /, /sparql and /health")

    def _query(self, parameters: str) -> str:
        """The query of a request, in one of the three ways of the SPARQL 1.1 Protocol."""
        given = parse_qs(parameters, keep_blank_values=True, max_num_fields=10)
        if self.command == "POST":
            kind = self.headers.get_content_type()
            if kind == "application/x-www-form-urlencoded":
                given |= parse_qs(self._body(), keep_blank_values=True, max_num_fields=10)
            elif kind == "application/sparql-query":
                given["query"] = [*given.get("query", []), self._body()]
            else:
                raise _RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send a form or application/sparql-query")
        if {"default-graph-uri", "named-graph-uri"} & given.keys():
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "this service has one graph and takes no other")
        if len(given.get("query", [])) != 1:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "give one query, such as /sparql?query=ASK%20%7B%7D")
        return given["query"][0]

    def _body(self) -> str:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise _RefusedError(HTTPStatus.LENGTH_REQUIRED, "the request has no Content-Length")
        if int(length) > MAX_BODY:
            raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a query may have {MAX_BODY} bytes")
        return self.rfile.read(int(length)).decode()
