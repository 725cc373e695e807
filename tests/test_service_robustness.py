"""What a service must stand: hostile queries and requests, many clients and slow ones."""

import asyncio
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import Graph
from served import COUNT, ENDLESS, FORM, serving

import ftzgraph
from ftzgraph.errors import FtzgraphError, GraphError
from ftzgraph.service import app, pool, server
from ftzgraph.service.answers import Refusal
from ftzgraph.service.app import MAX_BODY
from ftzgraph.service.evaluation import MAX_ROWS, evaluate
from ftzgraph.service.negotiation import choose
from ftzgraph.service.pool import Pool
from ftzgraph.service.protocol import Query, Update, read_get, read_post
from ftzgraph.service.updates import prepare_update
from ftzgraph.store.memory import MemoryStore

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory and network are not limited everywhere")
HTTP = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])

PIECES = st.sampled_from(
    ["SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "*", "?x", "?s ?p ?o", "{", "}", "(", ")", "[", "]", ".", ";", ",", "'",
     '"', '"""', "<", ">", "<urn:a>", "ftz:Factor", "a", "WHERE", "FILTER", "OPTIONAL", "UNION", "GRAPH", "FROM", "NAMED",
     "BIND", "AS", "VALUES", "ORDER BY", "LIMIT", "GROUP BY", "COUNT(*)", "^", "/", "+", "|", "!", "=", "1e999", "0", "-1",
     "\\u0022", "\\uD800", "\\U99999999", "\n", "\r", "#", "\x00", "\ufeff", "中文", "REGEX", "EXISTS", "NOT", "INSERT DATA",
     "DELETE WHERE", "LOAD"]
)  # fmt: skip
SPARQL = st.one_of(st.lists(PIECES, max_size=25).map(" ".join), st.text(max_size=60))


@pytest.fixture(scope="module")
def graph(built: Path) -> Graph:
    return ftzgraph.load(built / "graph.ttl")


@pytest.fixture(scope="module")
def service(graph: Graph) -> Iterator[httpx.Client]:
    with serving(graph, time_limit=5.0) as client:
        yield client


@pytest.fixture(scope="module")
def hasty(graph: Graph) -> Iterator[httpx.Client]:
    with serving(graph, time_limit=1.5) as client:
        yield client


def ask(service: httpx.Client, sparql: str) -> httpx.Response:
    return service.post("/sparql", data={"query": sparql})


def send(service: httpx.Client, request: bytes) -> bytes:
    """Send bytes and return what comes back until the service closes the connection."""
    answer, address = b"", (service.base_url.host, service.base_url.port or 0)
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(request)
        with suppress(ConnectionError):
            while part := connection.recv(65536):
                answer += part
    return answer


# Queries


@HTTP
@given(sparql=SPARQL)
def test_no_text_makes_the_service_fail(service: httpx.Client, sparql: str) -> None:
    answer = ask(service, sparql)
    assert answer.status_code in (200, 400)
    assert answer.status_code == 200 or answer.text.count("\n") == 1


@pytest.mark.parametrize(
    "parts",
    [
        ("SELECT * WHERE ", "{", "", "}", ""),
        ("SELECT * WHERE { ?s ?p ?o FILTER(", "(", "1", ")", ") }"),
        ("SELECT * WHERE { ?s ?p ", "[ ?p ", "1", "]", " }"),
        ("SELECT * WHERE { ?s ", "(", "ftz:causes", ")*", " ?o }"),
        ("SELECT * WHERE { ", "{ SELECT * WHERE ", "{}", "}", " }"),
        ("SELECT * WHERE { ?s ?p ?o FILTER(", "!", "true", "", ") }"),
        ("SELECT * WHERE { ?s ?p ?o FILTER(1", "", "", " + 1", ") }"),
        ("SELECT * WHERE { ?s ftz:causes", "", "", "/ftz:causes", " ?o }"),
        ("SELECT * WHERE { {}", " UNION {}", "", "", " }"),
        ("SELECT * WHERE { ", "?s ?p ?o . ", "", "", " }"),
        ("", "{", "", "", ""),
    ],
)
def test_nesting_without_measure_is_refused_and_the_next_query_answered(
    hasty: httpx.Client, parts: tuple[str, str, str, str, str]
) -> None:
    head, opening, core, closing, tail = parts
    answer = ask(hasty, head + opening * 5_000 + core + closing * 5_000 + tail)
    assert answer.status_code in (200, 400, 503)
    assert ask(hasty, COUNT).status_code == 200


def test_a_query_that_takes_too_long_is_ended_while_others_go_on(graph: Graph) -> None:
    with serving(graph, time_limit=2.0, workers=2) as service, ThreadPoolExecutor(1) as executor:
        start = time.monotonic()
        endless = executor.submit(ask, service, ENDLESS)
        answered = 0
        while not endless.done():
            assert ask(service, COUNT).status_code == 200
            answered += 1
        assert 2.0 <= time.monotonic() - start < 10.0
        assert answered > 5
        assert (endless.result().status_code, endless.result().text) == (503, "this took more than 2 seconds\n")
        for _ in range(4):
            assert ask(service, COUNT).status_code == 200


def test_an_answer_with_too_many_rows_is_cut_off_early(service: httpx.Client) -> None:
    for query in (
        "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
        "CONSTRUCT { ?a ?e ?i } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    ):
        answer = ask(service, query)
        assert (answer.status_code, f"more than {MAX_ROWS} rows" in answer.text) == (400, True)


def test_an_answer_of_too_many_bytes_is_refused(service: httpx.Client) -> None:
    doublings = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(24))
    answer = ask(service, f"SELECT ?x24 WHERE {{ BIND('abcd' AS ?x0) {doublings} }}")
    assert (answer.status_code, "bytes" in answer.text) == (400, True)


@LINUX
def test_a_query_that_wants_too_much_memory_is_ended_and_the_next_one_answered(graph: Graph) -> None:
    doublings = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
    with serving(graph, memory_limit=1_000_000_000) as service:
        answer = ask(service, f"SELECT (STRLEN(?x40) AS ?n) WHERE {{ BIND('abcd' AS ?x0) {doublings} }}")
        assert (answer.status_code, "memory" in answer.text) == (400, True)
        assert ask(service, COUNT).status_code == 200


@LINUX
def test_a_graph_that_takes_too_much_memory_is_refused(graph: Graph) -> None:
    with pytest.raises(GraphError, match="memory"), serving(graph, memory_limit=50_000_000):
        pass


# What a query could hide SERVICE in, and how it could end what it hides it in.
DISGUISES = st.sampled_from(
    ["'", '"', "'''", '"""', "\\'", '\\"', "\\u0022", "\\u0027", "\\U00000022", "\\u005Cu0022", "\\\\", "#", "\n", "\r", "\r\n",
     "\\u000A", "\\u000D", "\u2028", "\x85", "\x0b", "<", ">", "<urn:a#b>", "ftz:a", "true", "1", "1.", "?a", "@en", "_:a", " ",
     " . ", "{", "}", "?s ?p ", "ftz:a\\#", "ftz:a%23", "SILENT", "OPTIONAL", "UNDEF"]
)  # fmt: skip


@settings(max_examples=600)
@given(before=st.lists(DISGUISES, max_size=8), after=st.lists(DISGUISES, max_size=4), glued=st.booleans())
def test_no_disguise_lets_service_or_load_through(before: list[str], after: list[str], glued: bool) -> None:
    store = MemoryStore(Path(__file__).parent.parent / "ontology" / "examples" / "port.ttl")
    with socket.create_server(("127.0.0.1", 0)) as outside:
        outside.setblocking(False)
        address = f"http://127.0.0.1:{outside.getsockname()[1]}/"
        gap = "" if glued else " "
        call = f"{gap}SERVICE{gap}<{address}>{gap}{{}}{gap}"
        with suppress(FtzgraphError):
            evaluate(store, Query("SELECT * {" + "".join(before) + call + "".join(after) + "}"))
        load = f"{gap}LOAD{gap}<{address}>{gap}"
        with suppress(FtzgraphError, SyntaxError):
            store.engine().update(prepare_update("INSERT DATA {" + "".join(before) + "} ;" + load + "".join(after)))
        with pytest.raises(BlockingIOError):
            outside.accept()


# Requests


@pytest.mark.parametrize("kind", [FORM, "application/sparql-query", "application/sparql-update"])
def test_a_body_that_is_too_large_is_refused(service: httpx.Client, kind: str) -> None:
    answer = service.post("/sparql", content=b"a" * 10_000_000, headers={"Content-Type": kind})
    assert answer.status_code == 413
    chunks = (b"a" * 100_000 for _ in range(100))
    assert service.post("/sparql", content=chunks, headers={"Content-Type": kind}).status_code == 413
    assert service.post("/sparql", content=b"a" * MAX_BODY, headers={"Content-Type": kind}).status_code in (400, 403)


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: a\r\n" * 50_000 + b"\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: gzip\r\n\r\nhello",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
    ],
)
def test_a_request_that_is_none_is_refused(service: httpx.Client, request_: bytes) -> None:
    answer = send(service, request_)
    assert answer == b"" or answer.split(b" ", 2)[1] in (b"400", b"431", b"501")
    assert service.get("/health").status_code == 200


HEADER = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=80)


@HTTP
@given(
    accept=st.one_of(
        HEADER,
        st.lists(st.sampled_from(["text/csv", ";q=", "1", "nan", "inf", ",", "*/*", "é"]), max_size=9).map("".join),
    ),
    kind=st.one_of(HEADER, HEADER.map(lambda text: f"application/sparql-query; charset{text}")),
    query_string=st.binary(max_size=60),
    body=st.binary(max_size=80),
)
def test_requests_are_read_or_refused(accept: str, kind: str, query_string: bytes, body: bytes) -> None:
    with suppress(Refusal):
        assert isinstance(read_get(query_string), Query | None)
    with suppress(Refusal):
        assert isinstance(read_post(query_string, kind, body), Query | Update)
    with suppress(Refusal):
        assert choose(accept, ["text/csv", "text/turtle"]) in ("text/csv", "text/turtle")


@settings(HTTP, max_examples=50)
@given(accept=HEADER, path=st.text(max_size=30), lang=st.text(max_size=3))
def test_no_address_makes_the_service_fail(service: httpx.Client, accept: str, path: str, lang: str) -> None:
    encoded = urlencode({"lang": lang}, errors="replace")
    for prefix in ("/id/", "/queries/", "/static/", "/"):
        url = f"{prefix}{urlencode({'': path})[1:]}?{encoded}"
        answer = service.get(url, headers=[(b"Accept", accept.strip().encode("latin-1"))])
        assert answer.status_code in (200, 307, 400, 404, 406)


def test_a_request_that_comes_drop_by_drop_is_cut_off(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "PATIENCE", 1.0)
    monkeypatch.setattr(app, "PATIENCE", 1.0)
    with serving(graph) as service, ThreadPoolExecutor() as executor:

        def drip(start: bytes, drop: bytes) -> tuple[bytes, float]:
            begun, answer = time.monotonic(), b""
            with socket.create_connection((service.base_url.host, service.base_url.port or 0)) as connection:
                connection.settimeout(0.1)
                with suppress(ConnectionError):
                    connection.sendall(start)
                    while time.monotonic() < begun + 15:
                        with suppress(TimeoutError):
                            part = connection.recv(65536)
                            answer += part
                            if not part:
                                break
                        connection.sendall(drop)
            return answer, time.monotonic() - begun

        post = b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\nContent-Length: 900\r\n\r\n"
        headers = executor.submit(drip, b"GET / HTTP/1.1\r\n", b"X: a\r\n")
        silence = executor.submit(drip, b"", b"")
        body = executor.submit(drip, post, b"A")
        after = executor.submit(drip, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", b"X")
        assert service.get("/health").status_code == 200
        assert (headers.result()[0], silence.result()[0]) == (b"", b"")
        assert body.result()[0].startswith(b"HTTP/1.1 408")
        assert after.result()[0].startswith(b"HTTP/1.1 200")
        assert all(each.result()[1] < 10 for each in (headers, silence, body, after))


# Clients


def test_many_clients_at_once_are_all_answered(graph: Graph) -> None:
    paths = ["/health", "/queries", "/queries/documents.csv", "/sparql?" + urlencode({"query": COUNT}), "/sparql", "/"]
    with serving(graph, workers=2) as service, ThreadPoolExecutor(8) as executor:
        answers = list(executor.map(lambda n: service.get(paths[n % len(paths)]).status_code, range(240)))
    assert answers == [200] * 240


def test_more_than_can_wait_are_told_to_come_back(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MAX_WAITING", 1)
    with serving(graph, time_limit=3.0) as service, ThreadPoolExecutor(3) as executor:
        answers = list(executor.map(lambda _: ask(service, ENDLESS), range(3)))
    assert sorted(answer.status_code for answer in answers) == [503] * 3
    (turned_away,) = [
        answer for answer in answers if "Retry-After" in answer.headers and answer.elapsed.total_seconds() < 2
    ]
    assert turned_away.text == "too many requests at the same time\n"


# Processes


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


def _calling() -> Callable[..., Any]:
    return call


def connect(port: int) -> str:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return "no network"
    return "connected"


def fail() -> None:
    raise RuntimeError("a secret")


@pytest.fixture
def processes() -> Iterator[Pool]:
    made = Pool(_calling, size=1, time_limit=5.0, memory_limit=2 << 30)
    yield made
    made.close()


def test_a_process_answers_again_after_one_was_killed(processes: Pool) -> None:
    async def scenario() -> None:
        before = await processes.ask(os.getpid)
        with pytest.raises(Refusal, match=r"more than 0\.2 seconds"):
            await processes.ask(time.sleep, 60, time_limit=0.2)
        with pytest.raises(Refusal, match="memory"):
            await processes.ask(os._exit, 1)
        idle = await processes.ask(os.getpid)
        assert idle != before
        os.kill(idle, signal.SIGKILL)
        while any(child.pid == idle for child in multiprocessing.active_children()):
            await asyncio.sleep(0.01)
        assert await processes.ask(abs, -7) == 7

    asyncio.run(scenario())


def test_what_goes_wrong_in_a_process_is_told_to_the_terminal_only(capfd: pytest.CaptureFixture[str]) -> None:
    processes = Pool(_calling, size=1, time_limit=5.0, memory_limit=2 << 30)
    with pytest.raises(Refusal, match=r"^the request failed$") as refused:
        asyncio.run(processes.ask(fail))
    processes.close()
    assert refused.value.status == 500
    assert capfd.readouterr().err == "ftzgraph: a request failed: RuntimeError: a secret\n"


@LINUX
def test_a_process_has_no_network_where_the_system_can_take_it(processes: Pool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as outside:
        answer = asyncio.run(processes.ask(connect, outside.getsockname()[1]))
    if answer == "connected":
        pytest.skip("this system lets nobody give up the network")
    assert answer == "no network"


def test_who_waits_when_the_service_ends_is_refused() -> None:
    async def scenario() -> None:
        ending = Pool(_calling, size=1, time_limit=30.0, memory_limit=2 << 30)

        async def end() -> None:
            await asyncio.sleep(0.5)
            ending.close()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(end())
            with pytest.raises(Refusal, match="ending"):
                await ending.ask(time.sleep, 60)

    start = time.monotonic()
    asyncio.run(scenario())
    assert time.monotonic() - start < 15
