import csv
import io
import json
import re
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from causal_maps import ACHIEVEMENT, CAUSE, EFFECT, GOAL, ID, MAP, PROBLEM, REMEDY, THREAT, source_id
from rdflib import RDFS, Graph, Literal, URIRef

from ftzgraph.causalmap import Link, Relation
from ftzgraph.errors import QueryError
from ftzgraph.knowledge import vocabulary
from ftzgraph.knowledge.queries import named_queries, query, run_named
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.results import heading
from ftzgraph.knowledge.vocabulary import FTZ
from ftzgraph.resources import resource

GRAPH = to_rdf(MAP)


def rows(query_name: str, /, *columns: str, graph: Graph = GRAPH, **parameters: object) -> list[tuple[str, ...]]:
    """The chosen columns of a named query's rows as text."""
    result = run_named(graph, query_name, **parameters)
    chosen = [result.columns.index(column) for column in columns]
    return [
        tuple("" if row[i] is None else str(row[i]).removeprefix(str(FTZ.Cause)[:-5]) for i in chosen)
        for row in result.rows
    ]


# --- the named queries ---


def test_unanswered_barriers():
    found = rows("unanswered-barriers", "barrier", "type", "neighbourAnswered", "section")
    assert found == [
        (CAUSE, "Cause", "true", "主要问题"),
        (EFFECT, "Effect", "true", "主要问题"),
        (THREAT, "Effect", "false", "主要问题"),
    ]


def test_root_causes():
    assert rows("root-causes", "cause", "effects") == [(CAUSE, "1")]


def test_chains():
    assert rows("chains", "cause", "problem", "effect") == [(CAUSE, PROBLEM, EFFECT)]


def test_remedies_of_a_problem_by_words_by_iri_and_all():
    expected = [(PROBLEM, REMEDY, "0.40", "true")]
    columns = ("barrier", "strategy", "confidence", "inferred")
    assert rows("remedies-of-a-problem", *columns, problem="共享") == expected
    assert rows("remedies-of-a-problem", *columns, problem=f"id:{source_id('factor', PROBLEM)}") == expected
    assert rows("remedies-of-a-problem", *columns) == expected
    assert rows("remedies-of-a-problem", *columns, problem="标准") == []


def test_remedies_by_actor_in_either_language():
    # The customs must stand within the remedy to be mentioned by it.
    named = replace(
        MAP, mentions=(replace(MAP.mentions[2], kind=MAP.mentions[0].kind, label="海关", label_en="customs"),)
    )
    graph = to_rdf(named)
    for who in ("海关", "Customs", "id:actor-海关", ""):
        assert rows("remedies-by-actor", "actor", "remedy", graph=graph, who=who) == [("海关", REMEDY)]
    assert rows("remedies-by-actor", "actor", graph=graph, who="税务") == []


def test_evidence_of_a_link():
    found = rows("evidence-of-a-link", "source", "relation", "target", "evidence", "cue", factor="通关缓慢")
    assert found == [(PROBLEM, "causes", EFFECT, "部门之间信息不共享，导致通关缓慢", "导致")]
    both = rows("evidence-of-a-link", "evidence", factor=f"id:{source_id('addresses', REMEDY, PROBLEM)}")
    assert both == [(PROBLEM,), (REMEDY,)]


def test_factors_by_section():
    found = rows("factors-by-section", "number", "section", "type", "factor", heading="对策")
    assert found == [
        ("二", "对策建议", "Remedy", REMEDY),
        ("二", "对策建议", "Goal", GOAL),
        ("二", "对策建议", "Achievement", ACHIEVEMENT),
    ]
    assert len(rows("factors-by-section", "factor")) == 7


def test_achievements():
    assert rows("achievements", "achievement", "section") == [(ACHIEVEMENT, "对策建议")]


def test_goals_and_their_remedies():
    assert rows("goals-and-their-remedies", "goal", "remedy", "cue") == [(GOAL, REMEDY, "以")]
    alone = to_rdf(replace(MAP, links=()))
    assert rows("goals-and-their-remedies", "goal", "remedy", graph=alone) == [(GOAL, "")]


def test_remedies_that_answer_nothing():
    assert rows("remedies-that-answer-nothing", "remedy") == []
    aiming = to_rdf(replace(MAP, links=MAP.links[3:]))
    assert rows("remedies-that-answer-nothing", "remedy", "hasGoal", graph=aiming) == [(REMEDY, "true")]


def test_mentions():
    found = rows("mentions", "kind", "concept", "conceptEn", "factors")
    assert found == [("Actor", "部门", "", "1"), ("Instrument", "《数据 平台》", "data platform", "1")]


def test_instruments():
    assert rows("instruments", "instrument", "type", "factor", name="PLATFORM") == [("《数据 平台》", "Remedy", REMEDY)]


def test_hedged_claims():
    assert rows("hedged-claims", "modality", "factor") == [("Predicted", THREAT)]


def test_low_confidence():
    found = rows("low-confidence", "confidence", "factor", "relation", "target")
    assert found == [
        ("0.40", REMEDY, "addresses", PROBLEM),
        ("0.40", ACHIEVEMENT, "", ""),
        ("0.50", THREAT, "", ""),
    ]
    assert rows("low-confidence", "factor", below=0.45) == [(REMEDY,), (ACHIEVEMENT,)]


def test_upstream_and_downstream():
    assert rows("upstream", "cause", "direct", of="通关缓慢") == [(PROBLEM, "true"), (CAUSE, "false")]
    assert rows("downstream", "effect", "direct", of="数据标准") == [(PROBLEM, "true"), (EFFECT, "false")]


def test_vicious_circles():
    assert rows("vicious-circles", "barrier") == []
    back = Link(Relation.CAUSES, 2, 0, (MAP.factors[2].span,))
    circle = to_rdf(replace(MAP, links=(*MAP.links, back)))
    assert rows("vicious-circles", "barrier", "effect", graph=circle) == [
        (CAUSE, PROBLEM),
        (PROBLEM, EFFECT),
        (EFFECT, CAUSE),
    ]


def test_statistics():
    counts = dict(rows("statistics", "kind", "count"))
    assert counts == {
        "Sentence": "6", "Effect": "2", "Section": "2", "causes": "2", "Achievement": "1", "Cause": "1", "Document": "1",
        "Goal": "1", "Problem": "1", "Remedy": "1", "addresses": "1", "aimsAt": "1",
    }  # fmt: skip


def test_most_addressed_barriers():
    assert rows("most-addressed-barriers", "barrier", "strategies") == [(PROBLEM, "1")]


def test_unlinked_factors():
    assert rows("unlinked-factors", "factor") == [(THREAT,), (ACHIEVEMENT,)]


def test_documents():
    found = rows("documents", "document", "fileName", "barriers", "strategies", "achievements")
    assert found == [("港口通关的问题与对策", "port.txt", "4", "2", "1")]


def test_neighbourhood_is_a_graph():
    result = run_named(GRAPH, "neighbourhood", of="提高通关效率")
    goal, remedy = (vocabulary.ID[source_id("factor", quote)] for quote in (GOAL, REMEDY))
    assert result.graph is not None
    assert (remedy, FTZ.aimsAt, goal) in result.graph
    assert (remedy, RDFS.label, Literal(REMEDY, lang="zh")) in result.graph
    assert len(result.graph) == 5
    assert f"id:{source_id('factor', GOAL)}" in result.render("turtle")


FILES = sorted(resource("ontology/queries").glob("*.rq"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_query_file_has_its_headers_runs_and_is_fully_ordered(path: Path):
    named = named_queries()[path.stem]
    assert re.search(r"[\u4e00-\u9fff]", named.title_zh)
    assert re.search(r"[\u4e00-\u9fff]", named.description_zh)
    assert named.title_en.isascii()
    assert named.description_en
    for name, parameter in named.parameters.items():
        assert parameter.zh
        assert parameter.en
        assert f"?{name})" in named.sparql
    needed = {name: "通关" for name, parameter in named.parameters.items() if parameter.default is None}
    result = run_named(GRAPH, path.stem, **needed)
    if result.graph is None:
        order = named.sparql.rpartition("ORDER BY")[2]
        assert all(f"?{column}" in order for column in result.columns)
        assert all(heading(column, "zh") != column and heading(column, "en") for column in result.columns)
    assert run_named(Graph(), path.stem, **needed).rows == ()


def test_there_are_enough_named_queries():
    assert len(FILES) == len(named_queries()) >= 14


def test_unknown_names_and_parameters():
    with pytest.raises(QueryError, match=r"no query named 'upstrem'; did you mean upstream"):
        run_named(GRAPH, "upstrem")
    with pytest.raises(QueryError, match=r"no query named 'x'; choose one of achievements, chains"):
        run_named(GRAPH, "x")
    with pytest.raises(QueryError, match="upstream needs the parameter of: IRI"):
        run_named(GRAPH, "upstream")
    with pytest.raises(QueryError, match="chains has no parameter 'of'; its parameters: none"):
        run_named(GRAPH, "chains", of="x")


# --- free SPARQL ---


def test_usual_prefixes_need_no_declaration():
    result = query(GRAPH, "SELECT ?title WHERE { ?d a ftz:Document ; dcterms:title ?title }")
    assert result.columns == ("title",)
    assert result.rows == ((Literal("港口通关的问题与对策", lang="zh"),),)


def test_rows_without_order_come_in_reading_order():
    result = query(GRAPH, "SELECT ?f WHERE { ?f a ftz:Factor }")
    numbers = [int(str(row[0]).split("-")[2]) for row in result.rows]
    assert numbers == sorted(numbers)


def test_bindings_may_be_words_iris_numbers_and_terms():
    ask = "SELECT ?f WHERE { ?f ?p ?v }"
    factor = vocabulary.ID[source_id("factor", GOAL)]
    assert query(GRAPH, ask, p="ftz:cue", v="以").rows[0] == (factor,)
    assert query(GRAPH, ask, p=str(FTZ.modality), v=FTZ.Predicted).rows == (
        (vocabulary.ID[source_id("factor", THREAT)],),
    )
    assert query(GRAPH, "SELECT ?s WHERE { ?s ftz:order ?n ; a ftz:Section }", n=1).rows == (
        (vocabulary.ID[f"{ID}-section-1"],),
    )
    with pytest.raises(QueryError, match=r"no variable \?x"):
        query(GRAPH, ask, x="1")


def test_ask():
    result = query(GRAPH, "ASK { ?p a ftz:Problem }")
    assert result.boolean is True
    assert json.loads(result.render("json"))["boolean"] is True
    assert result.render("csv") == "answer\r\ntrue\r\n"
    assert "是" in result.render("table", lang="zh")


@pytest.mark.parametrize(
    ("sparql", "message"),
    [
        ("SELECT * WHERE { ?a ?b }", "SPARQL syntax error at line 1, column"),
        ("SELECT *\nWHERE { ?a ?b ?c", "SPARQL syntax error at line 2, column"),
        ("", "SPARQL syntax error at line 1, column 1: the query ends too early"),
        ("SELECT * WHERE { ?a foo:bar ?c }", "Unknown namespace prefix : foo"),
        ("SELECT * WHERE " + "{" * 3000 + "}" * 3000, "nested too deeply"),
    ],
)
def test_wrong_query_gives_one_line(sparql: str, message: str):
    with pytest.raises(QueryError) as caught:
        query(GRAPH, sparql)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a query must not open a connection")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.mark.parametrize(
    ("sparql", "what"),
    [
        ("SELECT * WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "SERVICE"),
        ("SELECT * WHERE { ?s a ftz:Goal OPTIONAL { service silent <http://127.0.0.1:1/> { ?s ?p ?o } } }", "SERVICE"),
        ("SELECT * WHERE { { SELECT * { SERVICE ?where { ?s ?p ?o } } } }", "SERVICE"),
        ("ASK { ?x ?y ?z FILTER NOT EXISTS { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } } }", "SERVICE"),
        ("SELECT * FROM <file:///etc/hostname> WHERE { ?s ?p ?o }", "FROM"),
        ("SELECT * FROM NAMED <http://127.0.0.1:1/> WHERE { GRAPH ?g { ?s ?p ?o } }", "FROM"),
        ("DESCRIBE <http://x/> FROM <file:///etc/hostname>", "FROM"),
        ("SELECT * WHERE { GRAPH <file:///etc/hostname> { ?s ?p ?o } }", "GRAPH"),
        ("LOAD <file:///etc/hostname>", "updates"),
        ("INSERT DATA { <a:a> <a:b> <a:c> }", "updates"),
        ("DELETE WHERE { ?s ?p ?o }", "updates"),
    ],
)
@pytest.mark.usefixtures("no_network")
def test_query_can_only_read_its_graph(sparql: str, what: str):
    graph = to_rdf(MAP)
    with pytest.raises(QueryError, match=f"{what} .*not allowed"):
        query(graph, sparql)
    assert set(graph) == set(GRAPH)


def test_words_of_the_forbidden_clauses_may_stand_in_text():
    assert query(GRAPH, 'SELECT ("SERVICE FROM <http://x/>" AS ?text) WHERE {}').rows == (
        (Literal("SERVICE FROM <http://x/>"),),
    )


# --- how answers are written ---

AWKWARD = '一,二"三"\n四\u2028[red]五\x1b[31m'
ANSWER = query(
    Graph().add((URIRef("a:b"), RDFS.label, Literal(AWKWARD))), "SELECT ?x ?label ?none WHERE { ?x ?p ?label }"
)


def test_csv_is_rfc_4180():
    text = ANSWER.render("csv")
    assert text.startswith("x,label,none\r\n")
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["x", "label", "none"], ["a:b", AWKWARD, ""]]


def test_json_is_sparql_results_json():
    found = json.loads(ANSWER.render("json"))
    assert found["head"]["vars"] == ["x", "label", "none"]
    (binding,) = found["results"]["bindings"]
    assert binding == {"x": {"type": "uri", "value": "a:b"}, "label": {"type": "literal", "value": AWKWARD}}


def test_table_has_headings_and_labels_in_the_chosen_language():
    result = query(GRAPH, "SELECT ?goal ?type WHERE { ?iri a ?type ; rdfs:label ?goal VALUES ?type { ftz:Goal } }")
    chinese, english = (result.render("table", lang=lang).splitlines() for lang in ("zh", "en"))
    assert "目标" in chinese[1]
    assert "类型" in chinese[1]
    assert GOAL in chinese[3]
    assert "目标" in chinese[3]
    assert "goal" in english[3]


def test_table_folds_long_quotes_and_loses_nothing():
    quote = "".join(chr(0x4E00 + i) for i in range(200))
    graph = Graph().add((URIRef("a:b"), RDFS.label, Literal(quote)))
    lines = query(graph, "SELECT ?label WHERE { ?x ?p ?label }").render("table", width=50).splitlines()
    assert "".join(re.findall(r"[\u4e00-\u9fff]", "".join(lines[3:]))) == quote
    assert all(len(line) <= 50 for line in lines)


def test_table_does_not_let_text_steer_the_terminal():
    table = ANSWER.render("table")
    assert "\x1b" not in table
    assert "[red]五" in table


def test_table_leaves_out_the_keys_of_named_queries():
    result = run_named(GRAPH, "chains")
    assert "id:" not in result.render("table")
    assert result.render("csv").splitlines()[0] == "cause,problem,effect,causeIri,problemIri,effectIri"


def test_no_rows():
    empty = query(GRAPH, "SELECT ?x WHERE { ?x a <a:b> }")
    assert (empty.render("table", "zh"), empty.render("table", "en")) == ("没有结果\n", "no results\n")


def test_turtle_is_for_graphs_only():
    with pytest.raises(QueryError, match="only CONSTRUCT and DESCRIBE"):
        ANSWER.render("turtle")
    with pytest.raises(QueryError, match="unknown result format 'yaml'"):
        ANSWER.render("yaml")
    described = query(GRAPH, f"DESCRIBE id:{ID}")
    assert f"id:{ID} a " in described.render("turtle")
    assert json.loads(described.render("json"))["@graph"][0]["@id"] == f"id:{ID}"
    assert described.columns == ("subject", "predicate", "object")
