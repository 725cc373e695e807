"""What the SPARQL 1.1 Protocol asks of an endpoint, one behaviour a test, over HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx
import pytest
from rdflib import Graph, URIRef
from served import BEARER, FORM, TOKEN, serving, stored, values

import ftzgraph

PORT = Path(__file__).parent.parent / "ontology" / "examples" / "port.ttl"
QUERY, UPDATE = "application/sparql-query", "application/sparql-update"
DOCUMENTS = "SELECT ?d WHERE { ?d a ftz:Document }"
NAMED = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"


def documents(graph: Graph) -> list[str]:
    return [str(row[0]) for row in ftzgraph.query(graph, DOCUMENTS).rows]


@pytest.fixture(scope="module")
def graphs(built: Path) -> list[Graph]:
    """Two graphs of a document each."""
    return [ftzgraph.load(built / "graph.ttl"), ftzgraph.load(PORT)]


@pytest.fixture(scope="module")
def names(graphs: list[Graph]) -> list[str]:
    """The documents, and the graphs of the store, of these names."""
    return sorted(name for graph in graphs for name in documents(graph))


@pytest.fixture(scope="module")
def read_only(graphs: list[Graph], tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(stored(tmp_path_factory.mktemp("read") / "store", *graphs)) as client:
        yield client


@pytest.fixture(scope="module")
def writable(graphs: list[Graph], tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(stored(tmp_path_factory.mktemp("write") / "store", *graphs), token=TOKEN) as client:
        yield client


@pytest.fixture(params=["read_only", "writable"])
def service(request: pytest.FixtureRequest) -> httpx.Client:
    """Both kinds of service, which answer queries alike."""
    client: httpx.Client = request.getfixturevalue(request.param)
    return client


def post(service: httpx.Client, body: str | bytes, kind: str | None, **parameters: str) -> httpx.Response:
    headers = BEARER | ({"Content-Type": kind} if kind else {})
    return service.post("/sparql", content=body, params=parameters, headers=headers)


def update(service: httpx.Client, sparql: str, **parameters: str) -> httpx.Response:
    return post(service, sparql, UPDATE, **parameters)


def ask(service: httpx.Client, sparql: str) -> bool:
    answer: bool = service.get("/sparql", params={"query": sparql}).json()["boolean"]
    return answer


# Queries


def test_a_query_can_be_asked_by_get(service: httpx.Client, names: list[str]) -> None:
    assert values(service.get("/sparql", params={"query": DOCUMENTS}), "d") == names


def test_a_query_can_be_posted_as_a_form(service: httpx.Client, names: list[str]) -> None:
    assert values(post(service, urlencode({"query": DOCUMENTS}), FORM), "d") == names


def test_a_query_can_be_posted_as_it_is(service: httpx.Client, names: list[str]) -> None:
    assert values(post(service, DOCUMENTS, QUERY), "d") == names


def test_a_get_can_choose_the_default_graph(service: httpx.Client, names: list[str]) -> None:
    for name in names:
        found = service.get("/sparql", params={"query": DOCUMENTS, "default-graph-uri": name})
        assert values(found, "d") == [name]


def test_a_get_can_choose_several_default_graphs(service: httpx.Client, names: list[str]) -> None:
    found = service.get("/sparql", params={"query": DOCUMENTS, "default-graph-uri": names})
    assert values(found, "d") == names


def test_a_post_can_choose_several_default_graphs(service: httpx.Client, names: list[str]) -> None:
    found = post(service, urlencode({"query": DOCUMENTS, "default-graph-uri": names}, doseq=True), FORM)
    assert values(found, "d") == names
    assert values(post(service, DOCUMENTS, QUERY, **{"default-graph-uri": names[1]}), "d") == names[1:]


def test_a_get_can_choose_named_graphs(service: httpx.Client, names: list[str]) -> None:
    found = service.get("/sparql", params={"query": NAMED, "named-graph-uri": names})
    assert values(found, "g") == names


def test_a_post_can_choose_named_graphs(service: httpx.Client, names: list[str]) -> None:
    assert values(post(service, urlencode({"query": NAMED, "named-graph-uri": names[0]}), FORM), "g") == names[:1]
    assert values(post(service, DOCUMENTS, QUERY, **{"named-graph-uri": names[0]}), "d") == []


def test_a_request_can_choose_the_whole_dataset(service: httpx.Client, names: list[str]) -> None:
    both = "SELECT ?d ?g WHERE { ?d a ftz:Document GRAPH ?g { ?other a ftz:Document } }"
    chosen = {"query": both, "default-graph-uri": names[0], "named-graph-uri": names[1]}
    found = service.get("/sparql", params=chosen)
    assert (values(found, "d"), values(found, "g")) == (names[:1], names[1:])


def test_the_dataset_of_the_request_comes_before_that_of_the_query(service: httpx.Client, names: list[str]) -> None:
    sparql = f"SELECT ?d FROM <{names[0]}> WHERE {{ ?d a ftz:Document }}"
    assert values(service.get("/sparql", params={"query": sparql}), "d") == names[:1]
    found = service.get("/sparql", params={"query": sparql, "default-graph-uri": names[1]})
    assert values(found, "d") == names[1:]


def test_without_a_choice_all_graphs_are_asked(service: httpx.Client, graphs: list[Graph]) -> None:
    triples = service.get("/sparql", params={"query": "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"})
    assert values(triples, "n") == [str(len(graphs[0] + graphs[1]))]


@pytest.mark.parametrize("parameter", ["default-graph-uri", "named-graph-uri"])
@pytest.mark.parametrize("graph", ["https://example.org/none", "file:///etc/passwd", "no iri>"])
def test_a_graph_that_is_not_there_is_refused(service: httpx.Client, parameter: str, graph: str) -> None:
    refused = service.get("/sparql", params={"query": DOCUMENTS, parameter: graph})
    assert (refused.status_code, graph in refused.text) == (400, True)


@pytest.mark.parametrize("sparql", [DOCUMENTS, "ASK { ?d a ftz:Document }"])
@pytest.mark.parametrize(
    "accept",
    ["application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values"],
)
def test_tables_come_in_the_four_forms(service: httpx.Client, sparql: str, accept: str) -> None:
    answer = service.get("/sparql", params={"query": sparql}, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, accept)


def test_the_four_forms_say_the_same(service: httpx.Client, names: list[str]) -> None:
    def told(accept: str) -> str:
        return service.get("/sparql", params={"query": DOCUMENTS}, headers={"Accept": accept}).text

    assert told("text/csv") == "".join(f"{line}\r\n" for line in ["d", *names])
    assert told("text/tab-separated-values") == "".join(f"{line}\n" for line in ["?d", *(f"<{n}>" for n in names)])
    uris = ElementTree.fromstring(told("application/sparql-results+xml")).iterfind(".//{*}uri")
    assert [uri.text for uri in uris] == names
    assert [row["d"]["value"] for row in json.loads(told("application/json"))["results"]["bindings"]] == names


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "application/sparql-results+xml"])
def test_ask_is_answered_by_a_truth_value(service: httpx.Client, accept: str) -> None:
    answers = [service.get("/sparql", params={"query": ask}, headers={"Accept": accept}).text
               for ask in ("ASK { ?d a ftz:Document }", "ASK { ?d a ftz:Nothing }")]  # fmt: skip
    assert ["true" in answer for answer in answers] == [True, False]
    assert ["false" in answer for answer in answers] == [False, True]


@pytest.mark.parametrize("form", ["CONSTRUCT WHERE { ?d a ftz:Document }", "DESCRIBE ?d WHERE { ?d a ftz:Document }"])
@pytest.mark.parametrize(
    ("accept", "parser"),
    [
        ("text/turtle", "turtle"),
        ("application/n-triples", "nt"),
        ("application/ld+json", "json-ld"),
        ("application/rdf+xml", "xml"),
    ],
)
def test_graphs_come_in_the_four_forms(
    service: httpx.Client, names: list[str], form: str, accept: str, parser: str
) -> None:
    answer = service.get("/sparql", params={"query": form}, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, accept)
    assert {str(subject) for subject in Graph().parse(data=answer.content, format=parser).subjects()} == set(names)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/csv;q=0.3, application/sparql-results+xml;q=0.9, */*;q=0.1", "application/sparql-results+xml"),
        ("text/*", "text/csv"),
        ("application/sparql-results+json;q=0, */*", "application/sparql-results+xml"),
        ("text/html, */*;q=0.1", "application/sparql-results+json"),
        ("TEXT/CSV ; Q=1", "text/csv"),
        ("", "application/sparql-results+json"),
    ],
)
def test_the_client_gets_what_it_likes_best(service: httpx.Client, accept: str, expected: str) -> None:
    answer = service.get("/sparql", params={"query": DOCUMENTS}, headers={"Accept": accept})
    assert answer.headers["Content-Type"].partition(";")[0] == expected


@pytest.mark.parametrize(("sparql", "accept"), [(DOCUMENTS, "image/png"), ("CONSTRUCT WHERE { ?s ?p 1 }", "text/csv")])
def test_a_form_that_there_is_not_is_refused(service: httpx.Client, sparql: str, accept: str) -> None:
    assert service.get("/sparql", params={"query": sparql}, headers={"Accept": accept}).status_code == 406


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_query_needs_get_or_post(service: httpx.Client, method: str) -> None:
    refused = service.request(method, "/sparql", params={"query": DOCUMENTS})
    assert refused.status_code == 405
    assert set(refused.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_head_tells_what_get_would_send(service: httpx.Client) -> None:
    told, sent = (service.request(method, "/sparql", params={"query": DOCUMENTS}) for method in ("HEAD", "GET"))
    assert (told.status_code, told.content) == (200, b"")
    assert told.headers["Content-Length"] == str(len(sent.content))


def test_options_tells_the_methods(service: httpx.Client) -> None:
    told = service.options("/sparql")
    assert (told.status_code, set(told.headers["Allow"].split(", "))) == (204, {"GET", "HEAD", "POST"})


def test_two_queries_at_once_are_refused(service: httpx.Client) -> None:
    assert service.get("/sparql", params={"query": [DOCUMENTS, DOCUMENTS]}).status_code == 400
    assert post(service, urlencode({"query": [DOCUMENTS] * 2}, doseq=True), FORM).status_code == 400
    assert post(service, DOCUMENTS, QUERY, query=DOCUMENTS).status_code == 400


def test_no_query_at_all_is_refused(service: httpx.Client, names: list[str]) -> None:
    assert post(service, "", FORM).status_code == 400
    assert service.get("/sparql", params={"default-graph-uri": names[0]}).status_code == 400


def test_a_query_of_another_media_type_is_refused(service: httpx.Client) -> None:
    assert post(service, urlencode({"query": DOCUMENTS}), "text/plain").status_code == 415
    assert post(service, DOCUMENTS, "application/json").status_code == 415


def test_a_form_that_does_not_say_that_it_is_one_is_refused(service: httpx.Client) -> None:
    assert post(service, urlencode({"query": DOCUMENTS}), None).status_code == 415


def test_a_query_that_does_not_say_that_it_is_one_is_refused(service: httpx.Client) -> None:
    assert post(service, DOCUMENTS, None).status_code == 415


@pytest.mark.parametrize("kind", [QUERY, FORM])
def test_a_query_that_is_not_utf_8_is_refused(service: httpx.Client, kind: str) -> None:
    text = DOCUMENTS if kind == QUERY else urlencode({"query": DOCUMENTS})
    assert post(service, text.encode("utf-16"), kind).status_code == 400
    assert post(service, text.encode("utf-16"), f"{kind}; charset=UTF-16").status_code == 400
    assert post(service, text, f"{kind}; charset=UTF-8").status_code == 200


@pytest.mark.parametrize("sparql", ["SELECT", "SELECT * WHERE { ?s ?p }", "SELECT ?x WHERE { ?s zz:p ?x }", ""])
def test_a_malformed_query_is_refused(service: httpx.Client, sparql: str) -> None:
    refused = service.get("/sparql", params={"query": sparql})
    assert refused.status_code == 400
    assert refused.text.count("\n") == 1


def test_an_update_sent_as_a_query_is_refused(service: httpx.Client) -> None:
    refused = service.get("/sparql", params={"query": "DELETE WHERE { ?s ?p ?o }"})
    assert (refused.status_code, refused.text) == (400, "updates are not allowed: a query can only read\n")


def test_the_description_names_what_the_service_can_do(service: httpx.Client, names: list[str]) -> None:
    answer = service.get("/sparql")
    assert answer.headers["Content-Type"] == "text/turtle; charset=utf-8"
    graph = Graph().parse(data=answer.text, format="turtle")
    sd = "http://www.w3.org/ns/sparql-service-description#"
    endpoint = URIRef(str(service.base_url) + "sparql")
    assert (endpoint, URIRef(sd + "endpoint"), endpoint) in graph
    assert (endpoint, URIRef(sd + "supportedLanguage"), URIRef(sd + "SPARQL11Query")) in graph
    assert set(names) <= {str(name) for name in graph.objects(None, URIRef(sd + "name"))}


def test_only_a_writable_service_says_that_it_takes_updates(read_only: httpx.Client, writable: httpx.Client) -> None:
    assert ["SPARQL11Update" in each.get("/sparql").text for each in (read_only, writable)] == [False, True]


# Updates


def test_an_update_can_be_posted_as_a_form(writable: httpx.Client) -> None:
    done = post(writable, urlencode({"update": "INSERT DATA { GRAPH <urn:form> { <urn:a> <urn:b> 1 } }"}), FORM)
    assert done.status_code == 204
    assert ask(writable, "ASK { GRAPH <urn:form> { <urn:a> <urn:b> 1 } }")


def test_an_update_can_be_posted_as_it_is(writable: httpx.Client) -> None:
    assert update(writable, "INSERT DATA { GRAPH <urn:direct> { <urn:a> <urn:b> 2 } }").status_code == 204
    assert ask(writable, "ASK { GRAPH <urn:direct> { <urn:a> <urn:b> 2 } }")


def test_an_update_can_have_a_base(writable: httpx.Client) -> None:
    done = update(writable, "BASE <http://example.org/> INSERT DATA { GRAPH <base> { <a> <b> <c> } }")
    assert done.status_code == 204
    assert ask(writable, "ASK { GRAPH <http://example.org/base> { ?s ?p <http://example.org/c> } }")


@pytest.fixture
def sources(writable: httpx.Client) -> httpx.Client:
    """The service with two graphs more, ``urn:one`` and ``urn:two``, and without the graph ``urn:out``."""
    data = "DROP SILENT GRAPH <urn:out> ; " + " ; ".join(
        f"INSERT DATA {{ GRAPH <urn:{name}> {{ <urn:{name}> <urn:is> '{name}' }} }}" for name in ("one", "two")
    )
    assert update(writable, data).status_code == 204
    return writable


COPY = "INSERT { GRAPH <urn:out> { ?s <urn:was> ?o } } WHERE { ?s <urn:is> ?o }"
COPY_NAMED = "INSERT { GRAPH <urn:out> { ?g <urn:was> ?o } } WHERE { GRAPH ?g { ?s <urn:is> ?o } }"
WAS = "SELECT ?o WHERE { GRAPH <urn:out> { ?s <urn:was> ?o } }"


def was(service: httpx.Client) -> list[str]:
    return values(service.get("/sparql", params={"query": WAS}), "o")


def test_an_update_can_choose_the_default_graph(sources: httpx.Client) -> None:
    assert update(sources, COPY, **{"using-graph-uri": "urn:one"}).status_code == 204
    assert was(sources) == ["one"]


def test_an_update_can_choose_several_default_graphs(sources: httpx.Client) -> None:
    chosen = [("using-graph-uri", "urn:one"), ("using-graph-uri", "urn:two"), ("update", COPY)]
    assert post(sources, urlencode(chosen), FORM).status_code == 204
    assert was(sources) == ["one", "two"]


def test_an_update_can_choose_named_graphs(sources: httpx.Client) -> None:
    assert update(sources, COPY_NAMED, **{"using-named-graph-uri": "urn:two"}).status_code == 204
    assert was(sources) == ["two"]
    assert update(sources, COPY, **{"using-named-graph-uri": "urn:one"}).status_code == 204
    assert was(sources) == ["two"]


def test_an_update_can_choose_the_whole_dataset(sources: httpx.Client) -> None:
    both = """PREFIX where: <urn:> # WHERE
    INSERT { GRAPH <urn:out> { ?s where:was ?o, ?x } }
    WHERE { ?s where:is ?o GRAPH ?g { ?t where:is ?x } FILTER(?o != "} WHERE {") } ;
    DELETE { GRAPH <urn:out> { <urn:one> <urn:was> ?x } } INSERT {} where { GRAPH <urn:two> { ?t <urn:is> ?x } }"""
    assert (
        update(sources, both, **{"using-graph-uri": "urn:one", "using-named-graph-uri": "urn:two"}).status_code == 204
    )
    assert was(sources) == ["one"]


@pytest.mark.parametrize(
    "sparql",
    [
        "INSERT { GRAPH <urn:out> { ?s ?p ?o } } USING <urn:two> WHERE { ?s ?p ?o }",
        "INSERT { GRAPH <urn:out> { ?s ?p ?o } } USING NAMED <urn:two> WHERE { GRAPH ?g { ?s ?p ?o } }",
        "WITH <urn:two> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "DELETE WHERE { GRAPH <urn:two> { ?s ?p ?o } }",
    ],
)
def test_an_update_that_chooses_graphs_like_its_request_is_refused(sources: httpx.Client, sparql: str) -> None:
    assert update(sources, sparql, **{"using-graph-uri": "urn:one"}).status_code == 400
    assert was(sources) == []
    assert ask(sources, "ASK { GRAPH <urn:two> { ?s ?p ?o } }")


@pytest.mark.parametrize("parameter", ["using-graph-uri", "using-named-graph-uri"])
@pytest.mark.parametrize("graph", ["urn:none", "urn:x> <urn:y"])
def test_an_update_with_a_graph_that_is_not_there_is_refused(
    writable: httpx.Client, parameter: str, graph: str
) -> None:
    assert update(writable, COPY, **{parameter: graph}).status_code == 400


def test_an_update_must_be_posted(writable: httpx.Client) -> None:
    refused = writable.get("/sparql", params={"update": "CLEAR ALL"}, headers=BEARER)
    assert refused.status_code == 400


def test_two_updates_at_once_are_refused(writable: httpx.Client) -> None:
    assert post(writable, urlencode({"update": ["CLEAR ALL"] * 2}, doseq=True), FORM).status_code == 400
    assert post(writable, urlencode({"update": "CLEAR ALL", "query": DOCUMENTS}), FORM).status_code == 400


def test_an_update_of_another_media_type_is_refused(writable: httpx.Client) -> None:
    assert post(writable, urlencode({"update": "CLEAR ALL"}), "text/plain").status_code == 415
    assert post(writable, "CLEAR ALL", QUERY).status_code == 400


def test_an_update_that_does_not_say_that_it_is_one_is_refused(writable: httpx.Client) -> None:
    assert post(writable, urlencode({"update": "CLEAR ALL"}), None).status_code == 415
    assert post(writable, "CLEAR ALL", None).status_code == 415


def test_an_update_that_is_not_utf_8_is_refused(writable: httpx.Client) -> None:
    text = "INSERT DATA { <urn:a> <urn:b> <urn:c> }"
    assert post(writable, text.encode("utf-16"), UPDATE).status_code == 400
    assert post(writable, urlencode({"update": text}).encode("utf-16"), FORM).status_code == 400
    assert post(writable, text, f"{UPDATE}; charset=UTF-16").status_code == 400


@pytest.mark.parametrize(
    "sparql", ["INSERT", "INSERT DATA { ?x <urn:b> 1 }", "DROP GRAPH <urn:none>", "ASK {}", "\\uD800"]
)
def test_a_wrong_update_is_refused(writable: httpx.Client, sparql: str) -> None:
    refused = update(writable, sparql)
    assert refused.status_code == 400
    assert refused.text.count("\n") == 1


def test_an_update_happens_as_a_whole_or_not_at_all(writable: httpx.Client) -> None:
    assert (
        update(writable, "INSERT DATA { GRAPH <urn:half> { <urn:a> <urn:b> 3 } } ; DROP GRAPH <urn:none>").status_code
        == 400
    )
    assert not ask(writable, "ASK { GRAPH <urn:half> { ?s ?p ?o } }")


@pytest.mark.parametrize(
    "sparql",
    [
        "LOAD <file:///etc/passwd>",
        "LOAD SILENT <http://127.0.0.1:1/> INTO GRAPH <urn:out>",
        "INSERT DATA {} ; LOAD <http://127.0.0.1:1/>",
        "INSERT { ?s ?p ?o } WHERE { { SERVICE SILENT <http://127.0.0.1:1/> { ?s ?p ?o } } }",
        "INSERT DATA { <urn:a> <urn:b> 'a\\u0022 #' } ; # \r LOAD <http://127.0.0.1:1/>",
    ],
)
def test_an_update_that_reaches_out_is_refused(writable: httpx.Client, sparql: str) -> None:
    refused = update(writable, sparql)
    assert (refused.status_code, "is not allowed" in refused.text) == (400, True)


def test_a_service_that_only_reads_takes_no_update(read_only: httpx.Client) -> None:
    assert update(read_only, "CLEAR ALL").status_code == 403
    assert post(read_only, urlencode({"update": "CLEAR ALL"}), FORM).status_code == 403
    assert ask(read_only, "ASK { ?s ?p ?o }")


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Authorization": "é"}]
)
def test_an_update_needs_the_token(writable: httpx.Client, header: dict[str, str]) -> None:
    raw = [(name, value.encode("latin-1")) for name, value in ({"Content-Type": UPDATE} | header).items()]
    refused = writable.post("/sparql", content="CLEAR ALL", headers=raw)
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert ask(writable, "ASK { ?s ?p ?o }")
