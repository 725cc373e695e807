import json
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from rdflib import Graph

import ftzgraph
from ftzgraph.errors import OutputError
from ftzgraph.service import MAX_BODY, MAX_ROWS, Service

COUNT = "SELECT (COUNT(?f) AS ?n) WHERE { ?f a ftz:Factor }"
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
FORM = "application/x-www-form-urlencoded"


@contextmanager
def serving(graph: Graph, **options: float) -> Iterator[Service]:
    service = Service(graph, port=0, workers=1, **options)  # type: ignore[arg-type]
    thread = threading.Thread(target=service.serve_forever)
    thread.start()
    yield service
    service.shutdown()
    thread.join()
    service.server_close()


@pytest.fixture(scope="module")
def service(built: Path) -> Iterator[Service]:
    with serving(ftzgraph.load(built / "graph.ttl")) as service:
        yield service


def ask(
    service: Service, path: str, method: str = "GET", body: str | None = None, **headers: str
) -> tuple[HTTPResponse, str]:
    connection = HTTPConnection("127.0.0.1", service.server_port, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body.encode() if body is not None else None, named)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response, text


def test_the_explorer_stands_at_the_root(service: Service, built: Path) -> None:
    response, text = ask(service, "/")
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert text == (built / "graph.html").read_text(encoding="utf-8")


def test_health(service: Service) -> None:
    response, text = ask(service, "/health")
    assert response.status == 200
    assert json.loads(text) == {"status": "ok", "triples": len(service.graph)}


def test_the_three_ways_to_ask_give_the_same_answer(service: Service) -> None:
    _, by_get = ask(service, f"/sparql?query={quote(COUNT)}")
    _, by_form = ask(service, "/sparql", "POST", urlencode({"query": COUNT}), Content_Type=FORM)
    _, by_body = ask(service, "/sparql", "POST", COUNT, Content_Type="application/sparql-query")
    assert by_get == by_form == by_body
    assert int(json.loads(by_get)["results"]["bindings"][0]["n"]["value"]) > 0


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        (COUNT, "*/*", "application/sparql-results+json"),
        (COUNT, "text/csv", "text/csv"),
        ("ASK { ?f a ftz:Factor }", "application/json", "application/json"),
        ("CONSTRUCT WHERE { ?f a ftz:Factor }", "text/turtle", "text/turtle"),
    ],
)
def test_the_answer_has_the_form_that_was_asked_for(service: Service, query: str, accept: str, media_type: str) -> None:
    response, text = ask(service, f"/sparql?query={quote(query)}", Accept=accept)
    assert response.status == 200
    assert response.headers["Content-Type"] == f"{media_type}; charset=utf-8"
    assert text


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT", "syntax error"),
        ("SELECT * WHERE { SERVICE <http://127.0.0.1/> { ?a ?b ?c } }", "SERVICE"),
        ("SELECT * FROM <file:///etc/passwd> WHERE { ?a ?b ?c }", "FROM"),
        ("DELETE WHERE { ?a ?b ?c }", "updates are not allowed"),
        ("SELECT * WHERE { ?a ?b ?c . ?d ?e ?f }", f"more than {MAX_ROWS} rows"),
    ],
)
def test_queries_that_are_refused(service: Service, query: str, message: str) -> None:
    response, text = ask(service, f"/sparql?query={quote(query)}")
    assert response.status == 400
    assert message in text
    assert text.count("\n") == 1


@pytest.mark.parametrize(
    ("status", "path", "method", "body", "headers"),
    [
        (400, "/sparql", "GET", None, {}),
        (400, "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", "GET", None, {}),
        (400, "/sparql?query=ASK%7B%7D&default-graph-uri=urn:a", "GET", None, {}),
        (400, "/", "GET", None, {"Host": "["}),
        (403, "/", "GET", None, {"Host": "evil.example"}),
        (404, "/etc/passwd", "GET", None, {}),
        (405, "/", "POST", "", {}),
        (413, "/sparql", "POST", None, {"Content_Type": FORM, "Content_Length": str(MAX_BODY + 1)}),
        (411, "/sparql", "POST", None, {"Content_Type": FORM, "Content_Length": "-1"}),
        (415, "/sparql", "POST", "{}", {"Content_Type": "application/json"}),
        (501, "/sparql", "DELETE", None, {}),
    ],
)
def test_requests_that_are_refused(
    service: Service, status: int, path: str, method: str, body: str | None, headers: dict[str, str]
) -> None:
    response, text = ask(service, path, method, body, **headers)
    assert response.status == status
    assert "Traceback" not in text
    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_query_that_takes_too_long_is_ended_and_the_next_one_answered(built: Path) -> None:
    with serving(ftzgraph.load(built / "graph.ttl"), time_limit=1.0) as service:
        response, text = ask(service, f"/sparql?query={quote(ENDLESS)}")
        assert response.status == 503
        assert "more than 1 seconds" in text
        response, _ = ask(service, f"/sparql?query={quote(COUNT)}")
        assert response.status == 200


@pytest.mark.skipif(sys.platform != "linux", reason="memory is not limited everywhere")
def test_a_query_that_wants_too_much_memory_is_refused_and_the_next_one_answered(built: Path) -> None:
    doublings = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
    query = f"SELECT ?x40 WHERE {{ BIND('abcd' AS ?x0) {doublings} }}"
    with serving(ftzgraph.load(built / "graph.ttl"), memory_limit=500_000_000) as service:
        response, text = ask(service, f"/sparql?query={quote(query)}")
        assert (response.status, text) == (400, "the query needs more memory than there is\n")
        response, _ = ask(service, f"/sparql?query={quote(COUNT)}")
        assert response.status == 200


def test_head_tells_what_get_would_send(service: Service) -> None:
    response, text = ask(service, "/", "HEAD")
    assert (response.status, text) == (200, "")
    assert int(response.headers["Content-Length"]) == len(service.page.encode())


def test_a_port_that_is_taken_is_refused(built: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OutputError, match="cannot listen"):
        Service(ftzgraph.load(built / "graph.ttl"), port=taken.getsockname()[1])
