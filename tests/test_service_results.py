"""The answers to queries in the formats that services speak: TSV and XML beside CSV and JSON."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import QueryResultsFormat, parse_query_results
from rdflib import XSD, BNode, Graph, Literal, URIRef

from ftzgraph.errors import QueryError
from ftzgraph.knowledge.oxigraph import from_oxigraph
from ftzgraph.knowledge.results import QueryResult

ROWS = QueryResult(
    ("a", "b"),
    (
        (Literal('数"据\t1\n', lang="zh"), URIRef("urn:a")),
        (Literal("0.50", datatype=XSD.decimal), None),
        (BNode("x"), Literal("")),
    ),
)
NAMESPACE = "{http://www.w3.org/2005/sparql-results#}"


def test_tsv_writes_terms_as_turtle_does() -> None:
    assert ROWS.render("tsv") == '?a\t?b\n"数\\"据\\t1\\n"@zh\t<urn:a>\n0.50\t\n_:x\t""\n'


def test_xml_has_a_binding_for_each_value() -> None:
    root = ElementTree.fromstring(ROWS.render("xml"))
    assert [each.get("name") for each in root.iter(f"{NAMESPACE}variable")] == ["a", "b"]
    results = [[(each.get("name"), each[0].text) for each in result] for result in root.iter(f"{NAMESPACE}result")]
    assert results == [[("a", '数"据\t1\n'), ("b", "urn:a")], [("a", "0.50")], [("a", "x"), ("b", None)]]


def test_xml_keeps_a_carriage_return() -> None:
    root = ElementTree.fromstring(QueryResult(("a",), ((Literal("1\r\n2"),),)).render("xml"))
    assert [each.text for each in root.iter(f"{NAMESPACE}literal")] == ["1\r\n2"]


def test_xml_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(QueryError, match=r"U\+001B"):
        QueryResult(("a",), ((Literal("\x1b[2J"),),)).render("xml")


@pytest.mark.parametrize(("form", "told"), [("xml", "<boolean>false</boolean>"), ("tsv", "?answer\nfalse\n")])
def test_a_truth_value_has_its_own_form_where_there_is_one(form: str, told: str) -> None:
    assert told in QueryResult(("answer",), ((Literal(False),),), boolean=False).render(form)


def test_a_graph_is_written_as_rdf_xml() -> None:
    graph = Graph().add((URIRef("urn:a"), URIRef("urn:x#b"), Literal(1)))
    written = QueryResult(("subject", "predicate", "object"), tuple(graph), graph=graph).render("xml")
    assert set(Graph().parse(data=written, format="xml")) == set(graph)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TERM = st.one_of(
    st.none(),
    TEXT.map(Literal),
    TEXT.map(lambda text: Literal(text, lang="zh")),
    TEXT.map(lambda text: Literal(text, datatype=URIRef("urn:type"))),
    st.sampled_from([URIRef("urn:a"), URIRef("https://example.org/数")]),
)


@given(rows=st.lists(st.tuples(TERM, TERM), max_size=5))
def test_json_and_tsv_are_read_back_as_they_were(rows: list[tuple[Literal | URIRef | None, ...]]) -> None:
    result = QueryResult(("a", "b"), tuple(rows))
    for form, syntax in (("json", QueryResultsFormat.JSON), ("tsv", QueryResultsFormat.TSV)):
        read = parse_query_results(result.render(form), format=syntax)
        assert [tuple(None if term is None else from_oxigraph(term) for term in row) for row in read] == rows
