"""The pages of the service, what guards them, and the command that starts it."""

import csv
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from browsing import Browser
from hypothesis import HealthCheck, Phase, given, settings
from rdflib import RDF, RDFS, Graph, Literal, URIRef
from served import BEARER, COUNT, TOKEN, serving, stored, values

import ftzgraph
from ftzgraph.errors import FtzgraphError, OutputError
from ftzgraph.knowledge.queries import named_queries, run_named
from ftzgraph.knowledge.vocabulary import FTZ, ID, OA
from ftzgraph.service import asking
from ftzgraph.service.pages import EDITOR
from ftzgraph.service.server import Service
from ftzgraph.store import open_store
from ftzgraph.store.memory import MemoryStore

HOSTILE = '</script><img src=x onerror="window.bad=1">{{ 7 * 7 }}'


@pytest.fixture(scope="module")
def graph(built: Path) -> Graph:
    return ftzgraph.load(built / "graph.ttl")


@pytest.fixture(scope="module")
def service(graph: Graph) -> Iterator[httpx.Client]:
    with serving(graph) as client:
        yield client


@pytest.fixture(scope="module")
def hostile(graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A graph in which a document's text is written to become markup."""
    changed = Graph()
    for triple in graph:
        is_text = isinstance(triple[2], Literal) and triple[1] in (OA.exact, RDFS.label)
        changed.add((*triple[:2], Literal(HOSTILE, lang=triple[2].language)) if is_text else triple)
    with serving(changed) as client:
        yield client


@pytest.fixture(scope="module")
def barrier(graph: Graph) -> URIRef:
    """A factor of the graph: its one effect."""
    (found,) = graph.subjects(RDF.type, FTZ.Effect)
    assert isinstance(found, URIRef)
    return found


def page_of(iri: str) -> str:
    return "/id/" + quote(iri.removeprefix(ID), safe="")


# Pages


def test_the_explorer_stands_at_the_root(service: httpx.Client, built: Path) -> None:
    answer = service.get("/")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.text == (built / "graph.html").read_text(encoding="utf-8")


def test_the_explorer_opens_in_the_language_that_was_asked_for(service: httpx.Client) -> None:
    assert ['<html lang="en"' in service.get("/", params={"lang": lang}).text for lang in ("zh", "en")] == [False, True]


def test_a_graph_with_nothing_to_draw_can_still_be_asked() -> None:
    with serving(Graph().add((ID.a, RDF.value, Literal(1)))) as service:
        assert service.get("/").status_code == 404
        assert values(service.get("/sparql", params={"query": "SELECT ?v WHERE { ?s ?p ?v }"}), "v") == ["1"]


def test_health(service: httpx.Client) -> None:
    assert service.get("/health").json() == {"status": "ok", "version": ftzgraph.__version__, "writable": False}


def test_the_list_of_queries_is_a_page_and_data(service: httpx.Client) -> None:
    listed = service.get("/queries", headers={"Accept": "application/json"}).json()
    assert [each["name"] for each in listed] == list(named_queries())
    page = service.get("/queries", params={"lang": "en"}).text
    assert all(named.title_en in page for named in named_queries().values())


@pytest.mark.parametrize("name", named_queries())
def test_every_named_query_answers_as_the_library_does(service: httpx.Client, graph: Graph, name: str) -> None:
    given = {key: "数据" for key, each in named_queries()[name].parameters.items() if each.default is None}
    expected = run_named(graph, name, **given)
    for suffix in ("json", "csv", "tsv", "xml"):
        answer = service.get(f"/queries/{name}.{suffix}", params=given)
        assert (answer.status_code, answer.text) == (200, expected.render(suffix))
    assert service.get(f"/queries/{name}.html", params=given).status_code == 200


def test_a_named_query_takes_its_form_from_the_accept_header(service: httpx.Client) -> None:
    accept = {"Accept": "text/csv"}
    assert service.get("/queries/documents", headers=accept).text == service.get("/queries/documents.csv").text
    assert "<table>" in service.get("/queries/documents", headers={"Accept": "text/html"}).text
    assert service.get("/queries/documents", headers={"Accept": "image/png"}).status_code == 406


def test_a_named_query_takes_parameters(service: httpx.Client) -> None:
    found = service.get("/queries/factors-by-section.csv", params={"heading": "对策"})
    sections = {row["section"] for row in csv.DictReader(io.StringIO(found.text))}
    assert sections == {"对策建议"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/queries/none.csv", 404),
        ("/queries/documents.pdf", 404),
        ("/queries/documents.csv?none=1", 400),
        ("/queries/downstream.csv", 400),
        ("/queries/downstream.html", 400),
        ("/queries/documents.html?lang=fr", 400),
        ("/etc/passwd", 404),
        ("/static/../app.py", 404),
        ("/id/none", 404),
        ("/id/no%20iri", 404),
        ("/id/", 404),
    ],
)
def test_what_there_is_not_is_refused(service: httpx.Client, path: str, status: int) -> None:
    assert service.get(path).status_code == status


def test_a_page_of_a_query_that_lacks_a_parameter_has_the_form_to_give_it(service: httpx.Client) -> None:
    page = service.get("/queries/downstream.html", params={"lang": "en"}).text
    assert "needs the parameter of" in page
    assert '<input name="of" value="" required>' in page


def test_texts_of_an_answer_lead_to_the_pages_of_what_they_name(service: httpx.Client, barrier: URIRef) -> None:
    page = service.get("/queries/factors-by-section.html", params={"lang": "en"}).text
    assert f'<a href="{page_of(barrier)}?lang=en">' in page


def test_a_factor_has_a_page_with_quote_place_and_links(service: httpx.Client, graph: Graph, barrier: URIRef) -> None:
    page = service.get(page_of(barrier), params={"lang": "en"}).text
    assert f"<h1><bdi>{graph.value(barrier, RDFS.label)}</bdi></h1>" in page
    assert re.search(r"数据标准，<mark>[^<]+</mark>", page)
    remedies = list(graph.subjects(FTZ.addresses, barrier))
    assert remedies
    for remedy in remedies:
        assert f'<a href="{page_of(str(remedy))}?lang=en"><bdi>{graph.value(remedy, RDFS.label)}</bdi></a>' in page
    assert service.get(page_of(barrier)).text != page


def test_every_resource_has_a_page_and_rdf(service: httpx.Client, graph: Graph) -> None:
    resources = sorted({str(subject) for subject in graph.subjects() if str(subject).startswith(ID)})
    assert len(resources) > 20
    for iri in resources:
        assert service.get(page_of(iri)).status_code == 200
        turtle = service.get(page_of(iri), headers={"Accept": "text/turtle"})
        told = Graph().parse(data=turtle.text, format="turtle")
        assert set(told.predicate_objects(URIRef(iri))) == set(graph.predicate_objects(URIRef(iri)))


def test_a_resource_tells_of_the_links_that_join_it(service: httpx.Client, graph: Graph, barrier: URIRef) -> None:
    data = service.get(page_of(barrier), headers={"Accept": "application/ld+json"}).text
    told = Graph().parse(data=data, format="json-ld")
    links = set(graph.subjects(RDF.subject, barrier)) | set(graph.subjects(RDF.object, barrier))
    assert links
    assert all(set(graph.triples((link, None, None))) <= set(told) for link in links)


def test_the_ontology_is_a_page_and_turtle(service: httpx.Client) -> None:
    answer = service.get("/ontology", headers={"Accept": "text/turtle"})
    assert (FTZ.Problem, RDFS.subClassOf, FTZ.Barrier) in Graph().parse(data=answer.text, format="turtle")
    assert 'id="Problem"' in service.get("/ontology", headers={"Accept": "text/html"}).text


def test_the_query_page_works_without_a_script(service: httpx.Client, barrier: URIRef) -> None:
    page = service.get("/query", params={"lang": "en", "query": "SELECT ?p WHERE { ?p a ftz:Effect }"}).text
    assert f'<a href="{page_of(barrier)}?lang=en">' in page
    assert "ftz:Effect }</textarea>" in page
    assert "<pre>@prefix" in service.get("/query", params={"query": "CONSTRUCT WHERE { ?p a ftz:Effect }"}).text
    assert "syntax error" in service.get("/query", params={"query": "SELECT"}).text


def test_without_the_editor_the_query_page_has_no_script(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore(built / "graph.ttl")
    for there in (False, True):
        monkeypatch.setattr(asking, "EDITOR", built if there else built / "none")
        assert (b"<script" in asking.free(store, "", "zh").body) is there


@pytest.mark.parametrize(
    "path", ["/queries/factors-by-section.html", "/query?query=" + quote(COUNT.replace("COUNT", "MAX"))]
)
def test_what_a_document_says_is_no_markup_on_pages(hostile: httpx.Client, path: str) -> None:
    page = hostile.get(path).text
    assert "<img" not in page
    assert "49" not in page


def test_what_a_document_says_is_no_markup_on_the_page_of_a_factor(hostile: httpx.Client, barrier: URIRef) -> None:
    page = hostile.get(page_of(barrier)).text
    assert "<img" not in page
    assert "&lt;/script&gt;&lt;img" in page


@pytest.mark.skipif(not EDITOR.exists(), reason="make vendor has not fetched the editor")
def test_the_editor_answers_and_asks_nobody_else(browser: Browser, hostile: httpx.Client) -> None:
    driver = browser.driver
    driver.delete_network_conditions()
    try:
        driver.get("about:blank")
        browser.complaints()
        driver.get_log("performance")
        driver.get(f"{hostile.base_url}query?lang=en")
        browser.wait("document.querySelector('.CodeMirror') !== null")
        browser.run(
            "document.querySelector('.CodeMirror').CodeMirror.setValue(arguments[0])",
            "SELECT ?quote WHERE { ?barrier a <https://w3id.org/ftzgraph#Effect> ; "
            "<http://www.w3.org/2000/01/rdf-schema#label> ?quote }",
        )
        browser.press(".yasqe_queryButton")
        browser.wait("document.querySelectorAll('.yasr table tbody tr').length === 1")
        assert HOSTILE.partition("{{")[0] in browser.text(".yasr table tbody")
        assert browser.run("return window.bad") is None
        messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
        asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
        asked = [url for url in asked if not url.startswith(("about:", "data:", "chrome:"))]
        assert f"{hostile.base_url}sparql" in asked
        assert [url for url in asked if not url.startswith(str(hostile.base_url))] == []
        assert browser.complaints() == []
    finally:
        driver.get("about:blank")
        driver.set_network_conditions(offline=True, latency=0, throughput=0)


def test_the_service_keeps_to_its_description(service: httpx.Client) -> None:
    schema = schemathesis.openapi.from_url(f"{service.base_url}openapi.json")
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > len(named_queries())
    for operation in operations:

        @settings(max_examples=10, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy())
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate()

        check()


# What guards them


@pytest.mark.parametrize("path", ["/", "/query", "/queries", "/sparql", "/health", "/none"])
def test_every_answer_forbids_what_is_not_ours(service: httpx.Client, path: str) -> None:
    headers = service.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert path == "/" or "script-src 'self';" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "[", "", "127.0.0.1@evil"]
)
def test_a_name_that_is_not_of_this_machine_is_refused(service: httpx.Client, host: str) -> None:
    assert service.get("/health", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "LOCALHOST:80", "[::1]:80"])
def test_a_name_of_this_machine_is_taken(service: httpx.Client, host: str) -> None:
    assert service.get("/health", headers={"Host": host}).status_code == 200


def test_pages_of_other_origins_may_not_ask_unless_told(service: httpx.Client, graph: Graph) -> None:
    origin, other = {"Origin": "https://a.example"}, {"Origin": "https://b.example"}
    allows = "Access-Control-Allow-Origin"
    assert allows not in service.get("/health", headers=origin).headers
    with serving(graph, cors="https://a.example") as open_service:
        assert open_service.get("/health", headers=origin).headers[allows] == "https://a.example"
        assert allows not in open_service.get("/health", headers=other).headers
        ask = {**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        assert open_service.options("/sparql", headers=ask).headers[allows] == "https://a.example"


def test_it_listens_on_ipv6_too(graph: Graph) -> None:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            pass
    except OSError:
        pytest.skip("this machine has no IPv6")
    with serving(graph, host="::1") as service:
        assert str(service.base_url).startswith("http://[::1]:")
        assert service.get("/health").status_code == 200
        assert service.get("/health", headers={"Host": "evil.example"}).status_code == 400


# What is served


def test_an_answer_does_not_depend_on_the_order_of_the_graph(graph: Graph) -> None:
    reversed_ = Graph()
    for triple in reversed(list(graph)):
        reversed_.add(triple)
    answers = []
    for each in (graph, reversed_):
        with serving(each) as service:
            answers.append(service.get("/sparql", params={"query": "SELECT * WHERE { ?s ?p ?o } LIMIT 20"}).text)
    assert answers[0] == answers[1]


def test_a_store_is_shown_as_it_is_now(graph: Graph, tmp_path: Path, barrier: URIRef) -> None:
    folder = stored(tmp_path / "store", graph)
    with serving(folder, token=TOKEN) as service:
        before = service.get("/").text
        assert service.get(page_of(barrier)).status_code == 200
        update = f"DELETE WHERE {{ GRAPH ?g {{ <{barrier}> ?p ?o }} }}"
        kind = {"Content-Type": "application/sparql-update"}
        assert service.post("/sparql", content=update, headers=BEARER | kind).status_code == 204
        assert service.get(page_of(barrier)).status_code == 404
        with open_store(folder) as store:
            assert (barrier, None, None) not in store.graph()
            (document,) = store.documents()
            store.remove(document.iri)
        assert values(service.get("/sparql", params={"query": COUNT}), "n") == ["0"]
        assert service.get("/").text != before


def test_a_graph_file_can_be_served_but_not_changed(built: Path, graph: Graph) -> None:
    with serving(built / "graph.ttl") as service:
        assert values(service.get("/sparql", params={"query": COUNT}), "n") == [
            str(len(set(graph.subjects(RDF.type, FTZ.Factor))))
        ]
    with pytest.raises(FtzgraphError, match="only a store folder can be changed"):
        Service(built / "graph.ttl", port=0, token=TOKEN)


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.ttl").write_text("@prefix a: <b> .\na:b a:c", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    for name in ("broken.ttl", "none.ttl", "empty"):
        with pytest.raises(FtzgraphError, match=name):
            Service(tmp_path / name, port=0)


def test_a_port_that_is_taken_is_refused(graph: Graph) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OutputError, match="cannot listen"):
        Service(graph, port=taken.getsockname()[1])


# The command


def serve(*arguments: str | Path, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ftzgraph", "serve", *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    return subprocess.Popen(command, env=os.environ | environment, **pipes)  # type: ignore[call-overload,no-any-return]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_command_tells_its_address_and_ends_cleanly(built: Path, how: signal.Signals) -> None:
    process = serve(built / "graph.ttl", "--port", "0")
    assert process.stdout is not None
    address = process.stdout.readline().split()[0]
    assert httpx.get(f"{address}health").json()["status"] == "ok"
    workers = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    children = workers.read_text().split() if workers.exists() else []
    process.send_signal(how)
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output.strip(), errors) == (0, "", "")
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_command_says_in_one_line_what_is_wrong(built: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = serve(built / "graph.ttl", "--port", str(taken.getsockname()[1]))
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors.count("\n")) == (1, 1)
    assert "cannot listen" in errors


def test_a_writable_service_needs_a_token(built: Path) -> None:
    _, errors = serve(built / "graph.ttl", "--writable", FTZGRAPH_TOKEN="").communicate(timeout=60)
    assert "FTZGRAPH_TOKEN" in errors
