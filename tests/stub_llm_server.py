"""An OpenAI-compatible endpoint on loopback that answers as a test tells it to."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Reply:
    """What goes over the wire; ``before`` runs first, for an endpoint that hangs."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None


def chat(content: object, finish: str = "stop", usage: object = None) -> Reply:
    """A chat completion; what is no text is sent as JSON."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    answer = {"choices": [{"message": {"content": text}, "finish_reason": finish}], "usage": usage}
    return Reply(json.dumps(answer).encode())


@dataclass
class Stub:
    """The running server: its address, what it was asked, with which headers."""

    url: str
    asked: list[dict[str, Any]]
    headers: list[dict[str, str]]


@contextmanager
def serving(answer: Callable[[dict[str, Any], int], Reply | None]) -> Iterator[Stub]:
    """Run a server that answers the n-th request (from 0) with what ``answer`` returns; ``None`` closes the connection."""
    stub = Stub("", [], [])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            number = len(stub.asked)
            stub.asked.append(asked)
            stub.headers.append(dict(self.headers))
            reply = answer(asked, number)
            if reply is None:
                self.close_connection = True
                return
            reply.before()
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            try:
                self.wfile.write(reply.body)
            except OSError:
                self.close_connection = True

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    stub.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
