import datetime
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
from causal_maps import MAP
from rdflib import RDF, BNode, Graph, URIRef
from sparql_server import ONE, YES, Asked, Reply, oxigraph, serving
from stored_documents import after, change, name, note

from ftzgraph.errors import FtzgraphError, QueryError
from ftzgraph.knowledge.queries import named_queries, run_named
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.knowledge.vocabulary import ID
from ftzgraph.store import StoreError, open_store
from ftzgraph.store import remote as remote_module
from ftzgraph.store.export import turtle
from ftzgraph.store.remote import RemoteStore, addresses

EVERYTHING = note(1) + note(2) + to_rdf(MAP)
SECRETS = ("s3cret-token", "s3cret-password")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in ("USER", "PASSWORD", "TOKEN", "UPDATE_URL", "GRAPH_URL"):
        monkeypatch.delenv(f"FTZGRAPH_STORE_{variable}", raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with oxigraph(tmp_path_factory.mktemp("oxigraph")) as url:
        yield url


@pytest.fixture(params=["graphs", "updates"])
def store(server: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[RemoteStore]:
    """An empty store at a real server, written to by the Graph Store Protocol, or by updates of few triples."""
    url = server
    if request.param == "updates":
        monkeypatch.setenv("FTZGRAPH_STORE_UPDATE_URL", f"{server}/update")
        monkeypatch.setattr(remote_module, "BATCH", 40)
        url = f"{server}/query"
    httpx.post(f"{server}/update", data={"update": "DROP ALL"}).raise_for_status()
    with RemoteStore(url) as opened:
        yield opened


# --- a real server ---


def test_documents_come_back_as_they_were(store: RemoteStore):
    assert store.documents() == ()
    assert store.add(to_rdf(MAP)) == tuple(document.iri for document in store.documents())
    assert store.add(note(1) + note(2)) == tuple(sorted([name(1), name(2)]))
    assert serialise(store.graph()) == serialise(EVERYTHING)
    assert b"".join(turtle(store)).decode() == serialise(EVERYTHING)


def test_it_answers_named_queries_as_the_graph_does(store: RemoteStore):
    store.add(EVERYTHING)
    for query_name, named in named_queries().items():
        needed = {key: "通关" for key, parameter in named.parameters.items() if parameter.default is None}
        assert run_named(store, query_name, **needed).rows == run_named(EVERYTHING, query_name, **needed).rows


def test_additions_replacements_and_removals_leave_what_a_dictionary_would(store: RemoteStore):
    for step in range(7):
        change(store, step)
        assert set(store.graph()) == set(after(step + 1))


def test_single_documents_can_be_asked_and_others_not(store: RemoteStore):
    store.add(note(1) + note(2))
    assert store.query(f"SELECT ?f FROM <{name(1)}> WHERE {{ ?f a ftz:Problem }}").rows[0][0].startswith(name(1))
    assert store.query(f"ASK {{ GRAPH <{name(2)}> {{ <{name(2)}> a ftz:Document }} }}").boolean
    with pytest.raises(QueryError, match=r"GRAPH <https://w3id.org/ftzgraph/id/none> is not allowed"):
        store.query("SELECT * WHERE { GRAPH id:none { ?s ?p ?o } }")


def test_what_cannot_be_stored_is_refused_before_anything_is_sent(store: RemoteStore):
    for graph, message in (
        (Graph(), "there is no document to add"),
        (note(2) + Graph().add((URIRef(name(3)), RDF.type, RDF.List)), "but the document itself is missing"),
        (note(1) + Graph().add((BNode(), RDF.type, RDF.List)), "a graph with blank nodes cannot be sent there"),
    ):
        with pytest.raises(StoreError, match=message):
            store.add(graph)
    with pytest.raises(StoreError, match=r"holds no document 1\.txt"):
        store.remove("1.txt")
    assert len(store.graph()) == 0


def test_a_wrong_query_is_the_fault_of_the_query(store: RemoteStore):
    # rdflib's parser lets this pass, the server does not.
    with pytest.raises(QueryError, match="refuses the query: HTTP 400") as caught:
        store.query("SELECT ?s (COUNT(?o) AS ?n) WHERE { ?s ?p ?o }")
    assert "\n" not in str(caught.value)


def test_a_graph_in_the_default_graph_is_asked_too(server: str, store: RemoteStore):
    httpx.post(
        f"{server}/store?default",
        content=note(1).serialize(format="nt"),
        headers={"Content-Type": "application/n-triples"},
    )
    assert serialise(store.graph()) == serialise(note(1))
    store.add(note(2))
    assert [document.iri for document in store.documents()] == sorted([name(1), name(2)])
    with pytest.raises(StoreError, match=r"holds 1\.txt, but not in a graph of its own"):
        store.remove("1.txt")


# --- servers of other kinds ---


@pytest.mark.parametrize(
    ("url", "query", "update", "graphs"),
    [
        ("http://localhost:7878", "/query", "/update", "/store"),
        ("http://localhost:7878/query", "/query", "/update", "/store"),
        ("http://localhost:3030/papers", "/papers/query", "/papers/update", "/papers/data"),
        ("https://example.org/fuseki/papers/sparql/", "/fuseki/papers/sparql", "/fuseki/papers/update", "/fuseki/papers/data"),
        ("http://localhost:7200/repositories/p", "/repositories/p", "/repositories/p/statements", "/repositories/p/rdf-graphs/service"),
        ("http://localhost:8890/sparql", "/sparql", "/sparql", "/sparql-graph-crud"),
        ("http://localhost:8890/sparql-auth", "/sparql-auth", "/sparql-auth", "/sparql-graph-crud-auth"),
    ],
)  # fmt: skip
def test_one_url_tells_where_queries_updates_and_graphs_go(url: str, query: str, update: str, graphs: str):
    assert [address.path for address in addresses(url) if address] == [query, update, graphs]


def test_the_environment_overrules_what_the_url_tells(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FTZGRAPH_STORE_UPDATE_URL", "http://localhost:7001/")
    assert [str(address or "") for address in addresses("http://localhost:7001/")] == [
        "http://localhost:7001/", "http://localhost:7001/", "",
    ]  # fmt: skip
    monkeypatch.setenv("FTZGRAPH_STORE_GRAPH_URL", "http://localhost:7001/data")
    assert str(addresses("http://localhost:7001/api").graphs) == "http://localhost:7001/data"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://me:s3cret-password@example.org/ds", "holds a user or password: these belong in the environment"),
        ("http:///query", "is none of a server"),
        ("http://[::1/query", "is malformed"),
        ("http://localhost:port/", "is malformed"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_its_secrets(url: str, message: str):
    with pytest.raises(StoreError, match=message) as caught:
        open_store(url)
    assert "s3cret" not in str(caught.value)


def parameters(asked: Asked) -> list[str]:
    """Which graphs a query is to ask."""
    return [pair for pair in asked.body.decode().split("&") if not pair.startswith("query=")]


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [
        ("", []),
        ("union-default-graph", ["union-default-graph=true"]),
        ("UnionGraph", ["default-graph-uri=urn%3Ax-arq%3AUnionGraph"]),
        (
            "id%2Fonly",
            [
                f"default-graph-uri=https%3A%2F%2Fw3id.org%2Fftzgraph%2Fid%2F{graph}"
                for graph in ("shared", "concepts", "only")
            ],
        ),
    ],
)
def test_each_kind_of_server_is_asked_for_the_union_of_its_graphs_in_its_own_way(wanted: str, sent: list[str]):
    def answer(asked: Asked) -> Reply:
        if "DISTINCT ?graph" in asked.query:
            binding = f'{{"graph": {{"type": "uri", "value": "{ID.only}"}}}}'
            return Reply(body=f'{{"head": {{"vars": ["graph"]}}, "results": {{"bindings": [{binding}]}}}}'.encode())
        if "COUNT" in asked.query and "UNION" not in asked.query and wanted not in " ".join(parameters(asked)):
            return (
                replace(ONE, body=ONE.body.replace(b'"1"', b'"0"')) if parameters(asked) != ["refused"] else Reply(400)
            )
        return ONE if "COUNT" in asked.query else YES

    with serving(answer) as (url, requests), open_store(url) as store:
        for _ in range(2):
            assert store.query("ASK { ?s ?p ?o }").boolean
        assert parameters(requests[-1]) == sent
        assert len([asked for asked in requests if "UNION" in asked.query]) == 1  # found out once


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_that_keeps_no_graphs_is_sent_updates(status: int):
    with (
        serving(lambda asked: Reply(status) if asked.path == "/store" else Reply(204)) as (url, requests),
        open_store(url) as store,
    ):
        store.add(note(1) + note(2))
    assert [asked.path for asked in requests] == ["/store", *["/update"] * 4]
    assert f"DROP SILENT GRAPH <{name(1)}> ; INSERT DATA {{ GRAPH <{name(1)}> {{".encode() in requests[2].body


# --- servers that misbehave ---


class Waits(list[float]):
    """Notes how long the client would sleep."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.mark.parametrize("fault", [429, 502, 503, 504, None])
def test_a_server_that_is_busy_or_hangs_up_is_asked_again_ever_later(fault: int | None):
    waits = Waits()
    replies = [Reply(fault) if fault else None] * 3 + [YES]
    with serving(lambda asked: ONE if "COUNT" in asked.query else replies.pop(0)) as (url, _):
        assert RemoteStore(url, sleep=waits).query("ASK { ?s ?p ?o }").boolean
    assert waits == [0.5, 1.0, 2.0]


def test_writing_is_tried_again_too():
    replies = [Reply(503), None, Reply(204), Reply(502), Reply(201), Reply(204)]
    with serving(lambda asked: replies.pop(0)) as (url, requests), RemoteStore(url, sleep=Waits()) as store:
        store.add(note(1))
    assert [asked.method for asked in requests] == ["POST", "POST", "POST", "PUT", "PUT", "POST"]


def test_a_server_that_says_when_to_come_again_is_left_alone_until_then():
    soon = format_datetime(datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=30), usegmt=True)
    for value, least, most in (("7", 7, 7), ("9999", 60, 60), (soon, 20, 31), ("nonsense", 0.5, 0.5), ("-1", 0.5, 0.5)):
        waits = Waits()
        replies = [Reply(503, headers={"Retry-After": value}), YES]
        with serving(lambda asked, replies=replies: ONE if "COUNT" in asked.query else replies.pop(0)) as (url, _):
            RemoteStore(url, sleep=waits).query("ASK { ?s ?p ?o }")
        assert len(waits) == 1
        assert least <= waits[0] <= most


def test_a_server_that_stays_busy_or_is_not_there_fails_after_some_tries():
    waits = Waits()
    with serving(lambda asked: Reply(503, b"come back tomorrow", "text/plain")) as (url, requests):
        store = RemoteStore(url, sleep=waits)
        with pytest.raises(StoreError, match=rf"{url}/query: HTTP 503: come back tomorrow \(5 tries\)"):
            store.documents()
    assert len(requests) == 5
    with pytest.raises(StoreError, match=r"refused.* \(5 tries\)"):
        store.documents()
    assert len(waits) == 8


def test_a_server_that_hangs_is_given_up():
    released = threading.Event()
    with serving(lambda asked: replace(YES, before=lambda: released.wait(10))) as (url, requests):
        with pytest.raises(StoreError, match=r"no answer within 0\.2 seconds"):
            RemoteStore(url, timeout=0.2).documents()
        released.set()
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (
            Reply(200, b"<html><h1>Log in</h1>", "text/html"),
            "the answer is text/html, not SPARQL results: is the URL right",
        ),
        (Reply(200, b"<html>", ""), "the answer is of no type, not SPARQL results"),
        (Reply(200, b'{"head": {"vars": ["n"]}, "resul'), "broken or cut off"),
        (Reply(200, b'{"head": {"vars": ["n"]}, "results": {"bindings": [{"n": '), "broken or cut off"),
        (Reply(200, b"[]"), "broken or cut off"),
        (Reply(200, b"\xff\xfe"), "broken or cut off"),
        (Reply(200, b"xx", headers={"Content-Encoding": "gzip"}), "the answer is broken"),
        (Reply(401, b"who are you?", "text/plain"), "HTTP 401: set FTZGRAPH_STORE_TOKEN, or .*: who are you"),
        (Reply(403), "HTTP 403: whoever FTZGRAPH_STORE_TOKEN"),
        (Reply(404, b"<html>nothing</html>", "text/html"), "HTTP 404: is the URL right[?]$"),
        (Reply(302, headers={"Location": "http://127.0.0.1:1/"}), "HTTP 302: redirects are not followed"),
        (Reply(500, b"java.lang.Null\x1b[31m\n\tat org.x", "text/plain"), r"HTTP 500: java.lang.Null\[31m at org.x$"),
    ],
)
def test_an_answer_that_is_none_is_told_in_one_line(reply: Reply, message: str):
    with serving(lambda asked: reply) as (url, requests):
        store = open_store(url)
        with pytest.raises(StoreError, match=message) as caught:
            store.query("SELECT ?n WHERE { ?s ?p ?n }")
    assert "\n" not in str(caught.value)
    assert len(requests) == 1


def test_a_graph_that_is_cut_off_or_none_is_told_in_one_line():
    for content, media_type, message in (
        (b"<a:a> <a:b> ", "text/turtle", "broken or cut off"),
        (b"<html>", "text/html", "the answer is text/html, not RDF"),
    ):
        reply = Reply(200, content, media_type)
        with serving(lambda asked, reply=reply: ONE if "COUNT" in asked.query else reply) as (url, _):
            store = open_store(url)
            with pytest.raises(StoreError, match=message):
                store.graph()


# --- credentials ---


def sent(asked: Asked) -> str:
    return asked.headers.get("Authorization", "")


def test_credentials_come_from_environment_or_netrc_and_the_token_counts_most(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    with serving(lambda asked: ONE if "COUNT" in asked.query else YES) as (url, requests), open_store(url) as store:

        def authorization() -> str:
            store.query("ASK { ?s ?p ?o }")
            return sent(requests[-1])

        assert authorization() == ""
        (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password s3cret-password", encoding="utf-8")
        assert authorization() == "Basic bWU6czNjcmV0LXBhc3N3b3Jk"
        monkeypatch.setenv("FTZGRAPH_STORE_USER", "you")
        monkeypatch.setenv("FTZGRAPH_STORE_PASSWORD", "s3cret-password")
        assert authorization() == "Basic eW91OnMzY3JldC1wYXNzd29yZA=="
        monkeypatch.setenv("FTZGRAPH_STORE_TOKEN", "s3cret-token")
        assert authorization() == "Bearer s3cret-token"


def test_a_server_that_wants_a_digest_gets_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FTZGRAPH_STORE_USER", "me")
    monkeypatch.setenv("FTZGRAPH_STORE_PASSWORD", "s3cret-password")
    challenge = {"WWW-Authenticate": 'Digest realm="store", nonce="abc", qop="auth", algorithm=MD5'}
    with serving(lambda asked: ONE if sent(asked).startswith("Digest") else Reply(401, headers=challenge)) as (
        url,
        requests,
    ):
        assert len(open_store(url).query("SELECT ?n WHERE { ?s ?p ?n }").rows) == 1
    assert 'username="me"' in sent(requests[-1])


@pytest.mark.parametrize("fault", [400, 401, 500, 503, None])
@pytest.mark.parametrize("variables", [{"TOKEN": SECRETS[0]}, {"USER": "me", "PASSWORD": SECRETS[1]}, {}])
def test_no_message_and_no_log_holds_credentials(
    fault: int | None,
    variables: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
):
    caplog.set_level(logging.DEBUG)
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login me password {SECRETS[1]}", encoding="utf-8")
    for variable, value in variables.items():
        monkeypatch.setenv(f"FTZGRAPH_STORE_{variable}", value)

    def echo(asked: Asked) -> Reply | None:
        assert sent(asked)
        words = f"no access with Authorization: {sent(asked)}, {' or '.join(variables.values())}"
        return Reply(fault, words.encode(), "text/plain") if fault else None

    with serving(echo) as (url, _), RemoteStore(url, sleep=Waits()) as store:
        for attempt in (store.graph, lambda: store.add(note(1)), lambda: store.remove("1.txt")):
            with pytest.raises(FtzgraphError) as caught:
                attempt()
            shown = f"{caught.value!r} {caught.getrepr(chain=True)} {caplog.text}"
            assert not any(secret in shown for secret in (*SECRETS, "bWU6"))


def test_a_token_or_netrc_that_cannot_be_used_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "netrc").write_text("machine s3cret-password nonsense", encoding="utf-8")
    store = RemoteStore("http://127.0.0.1:1/")
    with pytest.raises(StoreError, match="the netrc file cannot be read") as caught:
        store.documents()
    assert "s3cret" not in str(caught.value)
    monkeypatch.setenv("FTZGRAPH_STORE_TOKEN", "s3cret-token\r\nX: y")
    with pytest.raises(StoreError, match="only printable ASCII") as caught:
        store.documents()
    assert "s3cret" not in str(caught.value)


def test_a_proxy_that_cannot_be_used_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ALL_PROXY", "nonsense://127.0.0.1:1")
    with pytest.raises(StoreError, match="cannot connect as the environment says"):
        open_store("http://127.0.0.1:1/")
