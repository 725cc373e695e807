"""SPARQL servers on loopback: Oxigraph's own, and one that behaves as a test tells it to."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest


@contextmanager
def oxigraph(folder: Path) -> Iterator[str]:
    """Run ``oxigraph serve`` and yield its URL; without the program the test is skipped."""
    program = shutil.which("oxigraph", path=Path(sys.executable).parent) or shutil.which("oxigraph")
    if program is None:
        pytest.skip("oxigraph is not installed: pip install oxigraph")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(
        [program, "serve", "--location", folder, "--bind", f"127.0.0.1:{port}"], stderr=subprocess.DEVNULL
    ) as server:
        try:
            for _ in range(200):
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionRefusedError:
                    time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    parameters: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> str:
        """The query of a posted form."""
        return parse_qs(self.body.decode()).get("query", [""])[0]


@dataclass
class Reply:
    """What goes over the wire; ``before`` runs first, for a server that hangs."""

    status: int = 200
    body: bytes = b""
    media_type: str = "application/sparql-results+json"
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None


YES = Reply(body=b'{"head": {}, "boolean": true}')
ONE = Reply(body=b'{"head": {"vars": ["n"]}, "results": {"bindings": [{"n": {"type": "literal", "value": "1"}}]}}')


@contextmanager
def serving(answer: Callable[[Asked], Reply | None]) -> Iterator[tuple[str, list[Asked]]]:
    """Run a server that answers as the function says; ``None`` closes the connection. Yields its URL and what it was asked."""
    requests: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            requests.append(Asked(self.command, url.path, parse_qs(url.query), dict(self.headers), body))
            reply = answer(requests[-1])
            if reply is None:
                self.close_connection = True
                return
            reply.before()
            try:
                self.send_response(reply.status)
                for name, value in {"Content-Type": reply.media_type, **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)
            except OSError:
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", requests
    finally:
        server.shutdown()
        server.server_close()
