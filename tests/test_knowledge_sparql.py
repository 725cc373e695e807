from pathlib import Path

import pytest
from argument_graphs import argued, link_sets
from causal_maps import CAUSE, MAP, PROBLEM
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import RDF, BNode, Graph, Literal, URIRef, Variable
from stored_documents import note
from two_engines import our_rows, rdflib_rows

from ftzgraph.corpus import read_passages
from ftzgraph.errors import QueryError
from ftzgraph.extraction import extract
from ftzgraph.knowledge.queries import named_queries, query
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.sparql import prepare
from ftzgraph.knowledge.vocabulary import FTZ, PREFIXES
from ftzgraph.reading import read_text

GRAPH = to_rdf(MAP)
PASSAGES = Path(__file__).parent.parent / "data" / "corpus" / "passages"


def passages(number: int) -> Graph:
    """The graph of that many passages of the corpus as the rules read them."""
    texts = [passage.text for passage, _ in zip(read_passages(PASSAGES), range(number), strict=False)]
    return to_rdf(extract(read_text(text, f"{i}.txt"), "rules") for i, text in enumerate(texts))


def needed(name: str, words: str) -> dict[str, str]:
    """The parameters that a named query must be given: these words."""
    return {key: words for key, parameter in named_queries()[name].parameters.items() if parameter.default is None}


# --- named queries are answered as rdflib answers them ---


@pytest.fixture(scope="module")
def graphs() -> list[Graph]:
    return [Graph(), GRAPH, note(1) + note(2, actor="商务部"), passages(8)]


@pytest.mark.parametrize("name", named_queries())
def test_a_named_query_finds_what_rdflib_finds(graphs: list[Graph], name: str):
    for graph, words in zip(graphs, ("通关", "通关", "问题", "发展"), strict=True):
        given_words = needed(name, words)
        assert our_rows(graph, name, **given_words) == rdflib_rows(graph, name, **given_words)


@given(link_sets)
@settings(max_examples=15)
def test_named_queries_about_links_find_what_rdflib_finds_in_any_argument(links):
    graph = argued(links).graph
    for name in (
        "chains",
        "root-causes",
        "upstream",
        "downstream",
        "vicious-circles",
        "unanswered-barriers",
        "statistics",
    ):
        given_words = needed(name, "陈述b")
        assert our_rows(graph, name, **given_words) == rdflib_rows(graph, name, **given_words)


# --- what a query reaches for ---


@pytest.mark.parametrize(
    "sparql",
    [
        "SELECT * WHERE { ?s ?p ?o } # a comment\r SERVICE <http://127.0.0.1:1/> { ?a ?b ?c }",
        "SELECT * WHERE { ?s ?p ?o # a comment\r SERVICE <http://127.0.0.1:1/> { ?a ?b ?c }\n}",
        r'SELECT * WHERE { BIND("\u0022 AS ?x) SERVICE <http://127.0.0.1:1/> { ?a ?b ?c } BIND("\u0022 AS ?y) }',
        r"SELECT * WHERE { S\u0045RVICE <http://127.0.0.1:1/> { ?a ?b ?c } }",
        r"SELECT * WHERE { \U00000053ERVICE SILENT ?where { ?a ?b ?c } }",
        "SELECT * WHERE { { SELECT * WHERE { OPTIONAL { SERVICE <http://127.0.0.1:1/> { ?a ?b ?c } } } } }",
    ],
)
def test_nothing_hides_a_service_from_the_check(sparql: str):
    with pytest.raises(QueryError):
        query(GRAPH, sparql)


def test_a_query_tells_which_graphs_it_names_in_whatever_form():
    sparql = """BASE <http://x/> PREFIX z: <http://z/> SELECT * FROM <a> FROM NAMED z:b WHERE {
        GRAPH id:c { ?s ?p ?o } GRAPH ?any { ?s ?p ?o FILTER EXISTS { GRAPH <d> { ?s ?p ?o } } } }"""
    prepared = prepare(sparql, {})
    assert prepared.chooses
    assert set(prepared.graphs) == {
        ("FROM", "http://x/a"), ("FROM", "http://z/b"),
        ("GRAPH", "https://w3id.org/ftzgraph/id/c"), ("GRAPH", None), ("GRAPH", "http://x/d"),
    }  # fmt: skip


def test_prefixes_are_declared_once_and_only_where_they_are_missing():
    sparql = "PREFIX ftz: <http://other/> SELECT ?s WHERE { ?s a ftz:Problem ; rdfs:label ?o }"
    assert prepare(sparql, {}).sparql == f"PREFIX rdfs: <{PREFIXES['rdfs']}> {sparql}"
    assert query(GRAPH, sparql).rows == ()


# --- variables that are bound ---


def values(sparql: str, graph: Graph = GRAPH, /, **bindings: object) -> list[tuple[str, ...]]:
    return [tuple(str(term) for term in row) for row in query(graph, sparql, **bindings).rows]


@pytest.mark.parametrize(
    ("sparql", "expected"),
    [
        ("SELECT ?text WHERE { ?f rdfs:label ?text FILTER(STR(?text) = ?v) }", [(PROBLEM,)]),
        ("SELECT ?v WHERE { ?f rdfs:label ?text FILTER(STR(?text) = $v) }", [(PROBLEM,)]),
        ("SELECT DISTINCT ?v ?text WHERE { ?f rdfs:label ?text FILTER(STR(?text) = ?v) }", [(PROBLEM, PROBLEM)]),
        ("SELECT (CONCAT(?v, '!') AS ?w) ?v WHERE { }", [(f"{PROBLEM}!", PROBLEM)]),
        ("SELECT (COUNT(?f) AS ?n) WHERE { ?f a ftz:Factor FILTER(BOUND(?f)) } GROUP BY ?v", [("7",)]),
        ("SELECT ?text WHERE { ?f a ftz:Cause ; rdfs:label ?text } ORDER BY ?v DESC(?v) LIMIT 1", [(CAUSE,)]),
        ("SELECT ?text WHERE { ?f rdfs:label ?text { SELECT ?f WHERE { ?f rdfs:label ?l FILTER(STR(?l) = ?v) } } }", [(PROBLEM,)]),
        ("SELECT ?text WHERE { ?f ftz:causes?/rdfs:label ?text FILTER(STR(?text) = ?v) }", [(PROBLEM,), (PROBLEM,)]),
        ("SELECT ('?v' AS ?a) (\"\"\"?v\"\"\" AS ?b) (STR(<http://x/?v>) AS ?c) WHERE { } # ?v", [("?v", "?v", "http://x/?v")]),
    ],
)  # fmt: skip
def test_a_bound_variable_stands_for_its_value_wherever_it_may_stand(sparql: str, expected: list[tuple[str, ...]]):
    assert values(sparql, v=PROBLEM) == expected


def test_a_bound_variable_does_not_touch_others_whose_names_begin_alike():
    assert values("SELECT ?vv WHERE { ?f ?v ?vv }", v="ftz:negated") == []
    assert values("SELECT ?vv WHERE { ?vv a ?v }", v="ftz:Cause") == [(str(_factor(CAUSE)),)]


def _factor(quote: str) -> URIRef:
    (found,) = (
        s
        for s in GRAPH.subjects(RDF.type, FTZ.Factor)
        if str(GRAPH.value(s, URIRef(PREFIXES["rdfs"] + "label"))) == quote
    )
    return found


@given(st.text(max_size=12))
def test_any_text_can_be_bound_and_comes_back_as_it_is(text: str):
    assert values("SELECT ?v WHERE { }", v=Literal(text)) == [(text,)]


@given(st.text(alphabet="\"'\\?v{}()#<>\n\r\t aSERVIC", max_size=30))
def test_no_text_that_is_bound_is_taken_for_a_part_of_the_query(text: str):
    assert values("SELECT ?v ('a' AS ?b) WHERE { } # ?v", v=Literal(text)) == [(text, "a")]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (BNode(), "a blank node cannot be asked for"),
        (URIRef("http://x/ y"), "wrong SPARQL query"),
        ("https://x/<>", "wrong SPARQL query"),
        (Variable("x"), "is no term of RDF"),
        ("\ud800", "wrong SPARQL query"),
    ],
)
def test_what_no_query_can_hold_is_not_bound(value: object, message: str):
    with pytest.raises(QueryError, match=message):
        query(GRAPH, "SELECT * WHERE { ?s ?p ?v }", v=value)


@pytest.mark.parametrize("sparql", [r"ASK { ?s ?p '\uD800' }", r"ASK { ?s ?p '\U00110000' }", "ASK { ?s ?p '\ud800' }"])
def test_what_is_no_character_is_refused(sparql: str):
    with pytest.raises(QueryError, match="wrong SPARQL query"):
        query(GRAPH, sparql)


def test_a_query_that_only_the_engine_refuses_is_told_in_one_line():
    with pytest.raises(QueryError, match="the query cannot be run") as caught:
        query(GRAPH, "SELECT ?s (COUNT(?o) AS ?n) WHERE { ?s ?p ?o }")
    assert "\n" not in str(caught.value)


def test_a_join_of_everything_with_everything_is_counted_while_one_waits():
    graph = passages(1)
    ((found,),) = values("SELECT (COUNT(*) AS ?n) WHERE { ?a a ftz:Factor . ?b a ftz:Sentence . ?c a ftz:Link }", graph)
    counts = [len(set(graph.subjects(RDF.type, kind))) for kind in (FTZ.Factor, FTZ.Sentence, FTZ.Link)]
    assert int(found) == counts[0] * counts[1] * counts[2]


def test_decimals_keep_the_two_places_that_they_are_written_with():
    found = values("SELECT ?confidence WHERE { ?f a ftz:Remedy ; ftz:confidence ?confidence }")
    assert found == [("1.00",)]
    assert values("SELECT (0.125 AS ?x) WHERE { }") == [("0.125",)]
    assert values("SELECT ?t WHERE { ?f ftz:confidence 0.9 ; rdfs:label ?t }") == [(PROBLEM,)]
