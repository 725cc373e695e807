"""Tables and network formats: what is written, that it is read back, and what a person may have done to it."""

import csv
import json
import re
from io import StringIO
from pathlib import Path

import networkx as nx
import pytest
from any_maps import QUOTED, carried, maps
from argument_graphs import Argument
from causal_maps import CAUSE, DOCUMENT, EFFECT, MAP, PROBLEM, REMEDY, source_id
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from rdflib import RDF, Graph, Literal

from ftzgraph.causalmap import CausalMap, Factor, FactorType, Span
from ftzgraph.cli import main
from ftzgraph.cli.options import GRAPH_FORMATS
from ftzgraph.errors import GraphError
from ftzgraph.files import write_together
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.serialisation import FORMATS, load, outputs, serialise
from ftzgraph.knowledge.validation import validate
from ftzgraph.knowledge.vocabulary import FTZ, ID

GRAPH = to_rdf(MAP)
NAMES = ["factors.csv", "graph.graphml", "graph.gexf", "graph.json"]


def again(graph: Graph, folder: Path, name: str) -> Graph:
    """The graph as it is read back from a file of that name."""
    write_together(outputs(graph, folder / name))
    return load(folder / name)


@pytest.mark.parametrize("name", NAMES)
def test_factors_and_links_are_read_back_and_conform(tmp_path: Path, name: str):
    read = again(GRAPH, tmp_path, name)
    assert carried(read) == carried(GRAPH)
    assert validate(read).conforms
    assert {subject for subject in read.subjects() if "-factor-" in subject} < set(GRAPH.subjects())


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_of_what_was_read_is_the_same(tmp_path: Path, name: str):
    first = outputs(again(GRAPH, tmp_path, name), tmp_path / name)
    assert outputs(again(load(tmp_path / name), tmp_path, name), tmp_path / name) == first


@given(maps(), st.sampled_from(NAMES))
def test_any_map_survives_the_round_trip(tmp_path_factory: pytest.TempPathFactory, drawn: CausalMap, name: str):
    graph = to_rdf(drawn)
    assert carried(again(graph, tmp_path_factory.mktemp("trip"), name)) == carried(graph)


@pytest.mark.parametrize("name", NAMES)
def test_graphs_that_others_wrote_survive_too(tmp_path: Path, name: str):
    argument = Argument("甲", "a.txt")
    argument.factor("f1")
    argument.document("乙", "b.txt")
    argument.factor("f2", "Cause", confidence="1.0", modality="Predicted")
    argument.link("f2", "causes", "f1")
    nodes, (edge,) = carried(argument.graph)
    ends = [place for node in nodes for place in node["evidence"]]
    assert edge["evidence"] == []  # where the link says nothing of its own, its ends do
    assert carried(again(argument.graph, tmp_path, name)) == (nodes, [edge | {"evidence": ends}])


@pytest.mark.parametrize("name", NAMES)
def test_a_relation_that_no_link_describes_comes_back_with_one(tmp_path: Path, name: str):
    graph = to_rdf(CausalMap(DOCUMENT, MAP.factors, ()))
    cause, problem = (ID[source_id("factor", quote)] for quote in (CAUSE, PROBLEM))
    graph.add((cause, FTZ.causes, problem))
    read = again(graph, tmp_path, name)
    assert list(read.subjects(RDF.type, FTZ.Link)) == [ID[source_id("causes", CAUSE, PROBLEM)]]
    assert (cause, FTZ.causes, problem) in read


def test_a_link_between_factors_of_any_name_is_named_after_them(tmp_path: Path):
    argument = Argument()
    argument.factor("f1")
    argument.factor("f2")
    argument.add(ID["f2"], FTZ.causes, ID["f1"])
    read = again(argument.graph, tmp_path, "factors.csv")
    assert list(read.subjects(RDF.type, FTZ.Link)) == [ID["f2-causes-f1"]]


def test_a_comparison_keeps_what_became_of_each(tmp_path: Path):
    graph = Graph() + GRAPH
    graph.add((ID[source_id("factor", CAUSE)], FTZ.change, FTZ.Removed))
    assert 'value="removed"' not in serialise(GRAPH, "gexf")
    assert 'value="removed"' in serialise(graph, "gexf")
    assert carried(again(graph, tmp_path, "factors.csv")) == carried(graph)


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def save(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8", delimiter: str = ",") -> None:
    """Write a table as another program would."""
    output = StringIO()
    writer = csv.DictWriter(output, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(output.getvalue().encode(encoding))


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """The table of the factors; that of the links lies beside it."""
    write_together(outputs(GRAPH, tmp_path / "port-factors.csv"))
    return tmp_path / "port-factors.csv"


def test_tables_are_two_files_that_a_spreadsheet_opens(tables: Path):
    assert sorted(path.name for path in tables.parent.iterdir()) == ["port-factors.csv", "port-links.csv"]
    data = tables.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfid,type,quote,")
    assert data.count(b"\r\n") == data.count(b"\n") == 8
    cause, *_ = table(tables)
    assert cause["id"] == f"id:{source_id('factor', CAUSE)}"
    assert (cause["type"], cause["quote"], cause["confidence"], cause["negated"]) == ("Cause", CAUSE, "0.8", "false")
    link, *_ = table(tables.with_name("port-links.csv"))
    assert (link["source"], link["source_quote"], link["target_quote"]) == (cause["id"], CAUSE, PROBLEM)
    assert link["evidence"] == '21-47 "由于数据标准不统一，部门之间信息不共享"'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "'"])
def test_no_cell_is_a_formula(tmp_path: Path, start: str):
    graph = to_rdf(CausalMap(DOCUMENT, (Factor(Span(0, 4), FactorType.GOAL, f"{start}1+1"),), ()))
    read = again(graph, tmp_path, "factors.csv")
    (row,) = table(tmp_path / "factors.csv")
    assert row["cue"] == f"'{start}1+1"
    assert carried(read) == carried(graph)


@pytest.mark.parametrize(("encoding", "delimiter"), [("gb18030", ","), ("utf-8", ";"), ("utf-8-sig", "\t")])
def test_tables_as_spreadsheets_save_them(tables: Path, encoding: str, delimiter: str):
    for path in (tables, tables.with_name("port-links.csv")):
        rows = [dict(reversed(row.items())) for row in table(path)]  # columns in another order, too
        for row in rows:
            row |= {name: value.upper() for name, value in row.items() if value in ("true", "false")}
        save(path, rows, encoding, delimiter)
    assert carried(load(tables)) == carried(GRAPH)


def test_a_correction_in_the_tables_is_a_correction_in_the_graph(tables: Path):
    rows = table(tables)
    rows[1] |= {"type": "cause", "confidence": "1"}
    del rows[6]
    save(tables, rows)
    links_path = tables.with_name("port-links.csv")
    first, _, topic, aim = table(links_path)
    save(links_path, [first, topic | {"negated": "true"}, aim])
    read = load(tables)
    problem, remedy = (ID[source_id("factor", quote)] for quote in (PROBLEM, REMEDY))
    assert set(read.objects(problem, RDF.type)) == {FTZ.Cause, FTZ.Barrier, FTZ.Factor}
    assert str(read.value(problem, FTZ.confidence)) == "1.0"
    assert len(set(read.subjects(RDF.type, FTZ.Factor))) == 6
    assert len(set(read.subjects(RDF.type, FTZ.Link))) == 3
    assert (remedy, FTZ.addresses, problem) not in read
    assert validate(read).conforms


def test_what_a_person_adds_needs_few_cells(tables: Path):
    rows = table(tables)
    blank = dict.fromkeys(rows[0], "")
    added = blank | {"type": "Remedy", "quote": "李明", "start": "11", "end": "13"}
    save(tables, [*rows, added])
    links_path = tables.with_name("port-links.csv")
    new = f"{DOCUMENT.sha256[:12]}-factor-11-13"
    ends = {"source": f"id:{new}", "relation": "addresses", "target": f"id:{source_id('factor', EFFECT)}"}
    save(links_path, [*table(links_path), dict.fromkeys(table(links_path)[0], "") | ends])
    read = load(tables)
    link = next(iter(read.subjects(RDF.subject, ID[new])))
    assert str(link) == f"{ID}{DOCUMENT.sha256[:12]}-addresses-11-13-50-54"
    for node in (ID[new], link):
        assert str(read.value(node, FTZ.method)) == "manual"
        assert str(read.value(node, FTZ.confidence)) == "1.0"
        assert read.value(node, FTZ.modality) == FTZ.Asserted
    assert len(set(read.objects(link, FTZ.evidence))) == 2
    assert validate(read).conforms


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("id", "a b", "id is 'a b', not an IRI"),
        ("id", "", "a factor needs an id, or start and end"),
        ("id", "id:{other}", "there is another factor https://w3id.org/ftzgraph/id/{other}"),
        ("type", "", "type is '', none of Problem, Cause, Effect, Remedy, Goal, Achievement"),
        ("quote", "", "quote is missing"),
        ("confidence", "high", "confidence is 'high', not a number"),
        ("confidence", "1.5", "confidence is 1.5, not from 0 to 1"),
        ("confidence", "nan", "confidence is 'nan', not a number"),
        ("modality", "sure", "modality is 'sure', none of asserted, "),
        ("negated", "perhaps", "negated is 'perhaps', neither true nor false"),
        ("start", "9", "start and end need each other"),
        ("start", "inf", "start is 'inf', not a number"),
        ("start", "-1", "start is '-1', not an offset"),
        ("end", "20.5", "end is '20.5', not an offset"),
        ("end", "31", "start and end are 31 and 31, no stretch of text"),
        ("evidence", "31-40", "evidence is '31-40', not START-END \"QUOTE\""),
        ("change", "gone", "change is 'gone', none of added, "),
    ],
)
def test_a_wrong_cell_is_told_with_its_place(tables: Path, column: str, value: str, fault: str):
    other = source_id("factor", CAUSE)
    rows = table(tables)
    blank = {"start": "", "end": ""} if column in ("id", "start") else {}
    rows[1] |= blank | {column: value.format(other=other)}
    save(tables, rows)
    with pytest.raises(GraphError) as caught:
        load(tables)
    assert str(caught.value).startswith(f"{tables}, row 3: {fault.format(other=other)}")


def test_a_wrong_link_is_told_with_its_place(tables: Path):
    path = tables.with_name("port-links.csv")
    rows = table(path)
    for change, fault in (
        ({"target": "id:nobody"}, "target is 'id:nobody', no id of a factor"),
        ({"relation": "helps"}, "relation is 'helps', none of causes, addresses, aimsAt, partOf"),
        ({"id": rows[0]["id"]}, f"there is another link {ID}{source_id('causes', CAUSE, PROBLEM)}"),
    ):
        save(path, [rows[0], rows[1] | change])
        with pytest.raises(GraphError, match=re.escape(f"{path}, row 3: {fault}")):
            load(tables)


def test_a_factor_of_no_known_document_is_told(tmp_path: Path):
    row = {"id": "", "type": "Goal", "quote": "目标", "start": "0", "end": "2"}
    save(tmp_path / "factors.csv", [row])
    save(tmp_path / "links.csv", [{"source": "", "relation": "", "target": ""}])
    with pytest.raises(GraphError, match=r"factors\.csv, row 2: document_id is missing"):
        load(tmp_path / "factors.csv")


def test_faults_of_whole_tables(tmp_path: Path, tables: Path):
    with pytest.raises(GraphError, match=r"named by that of the factors, whose name ends in factors\.csv"):
        load(tables.with_name("port-links.csv"))
    with pytest.raises(GraphError, match="named by that of the factors"):
        outputs(GRAPH, tmp_path / "graph.csv")
    tables.with_name("port-links.csv").unlink()
    with pytest.raises(GraphError, match=r"cannot read .*port-links\.csv"):
        load(tables)
    tables.write_bytes(b"\xff\xff\xff")
    with pytest.raises(GraphError, match="neither UTF-8 nor GB 18030"):
        load(tables)
    tables.write_text("id,quote\n" + "x" * 200_000, encoding="utf-8")
    with pytest.raises(GraphError, match=r"port-factors\.csv, line 2: field larger than field limit"):
        load(tables)


def test_graphml_holds_factors_and_links():
    network = nx.parse_graphml(serialise(GRAPH, "graphml"), force_multigraph=True)
    cause, problem = (str(ID[source_id("factor", quote)]) for quote in (CAUSE, PROBLEM))
    assert network.number_of_nodes() == 7
    assert network.number_of_edges() == 4
    assert network.nodes[problem]["label"] == PROBLEM
    assert network.nodes[problem]["type"] == "Problem"
    assert network.nodes[problem]["section"] == "一、主要问题"
    edge = network.edges[cause, problem, str(ID[source_id("causes", CAUSE, PROBLEM)])]
    assert (edge["relation"], edge["confidence"], edge["weight"]) == ("causes", 0.8, 0.8)


def test_graphml_is_what_prsm_asks_for():
    # It takes the label from the datum whose key has the identifier "label", and the identifier of each edge.
    root = etree.fromstring(serialise(GRAPH, "graphml").encode())
    labels = [data.text for data in root.iterfind(".//{*}node/{*}data[@key='label']")]
    assert labels[:2] == [CAUSE, PROBLEM]
    keys = [key.get("id") for key in root.iter("{*}key")]
    assert len(keys) == len(set(keys))
    assert all(edge.get("id") for edge in root.iter("{*}edge"))


def test_gexf_is_what_networkx_reads_and_has_typed_parallel_edges():
    problem = ID[source_id("factor", PROBLEM)]
    graph = Graph() + GRAPH
    graph.add((ID[source_id("factor", CAUSE)], FTZ.partOf, problem))
    text = serialise(graph, "gexf")
    network = nx.read_gexf(StringIO(text), version="1.3")
    assert network.nodes[str(problem)]["label"] == PROBLEM
    assert network.nodes[str(problem)]["confidence"] == 0.9
    assert network.number_of_edges() == 5
    edges = [edge.attrib for edge in etree.fromstring(text.encode()).iter("{*}edge")]
    assert [edge["kind"] for edge in edges if edge["target"] == str(problem)] == ["causes", "partOf", "addresses"]
    assert edges[0]["weight"] == "0.8"


@pytest.mark.parametrize("format_", ["graphml", "gexf"])
def test_xml_leaves_out_what_it_cannot_hold(format_: str):
    graph = Graph()
    for subject, predicate, value in GRAPH:
        graph.add((subject, predicate, Literal("通关\x00缓慢\x0b") if value == Literal(EFFECT) else value))
    assert EFFECT in serialise(graph, format_)
    etree.fromstring(serialise(graph, format_).encode())


def test_kumu_has_elements_and_connections():
    data = json.loads(serialise(GRAPH, "kumu"))
    cause, problem, *_ = data["elements"]
    assert (cause["label"], cause["type"], cause["tags"]) == (CAUSE, "Cause", [])
    assert problem["tags"] == ["部门"]
    assert problem["description"] == "港口通关的问题与对策 / 一、主要问题"
    link = data["connections"][0]
    assert (link["from"], link["to"], link["type"]) == (cause["id"], problem["id"], "causes")
    assert {each["direction"] for each in data["connections"]} == {"directed"}


def test_other_json_is_json_ld(tmp_path: Path):
    path = tmp_path / "graph.json"
    path.write_text(serialise(GRAPH, "jsonld"), encoding="utf-8")
    assert set(load(path)) == set(GRAPH)


STATEMENT = re.compile(r'(?:"(?:[^"\\\n]|\\.)*"|[^"\n;])*;')


def test_cypher_merges_factors_and_links_by_their_identifiers():
    first, *statements = serialise(GRAPH, "cypher").splitlines()
    assert first.startswith("CREATE CONSTRAINT")
    assert all(STATEMENT.fullmatch(line) for line in (first, *statements))
    cause, problem = (f'"{ID[source_id("factor", quote)]}"' for quote in (CAUSE, PROBLEM))
    node = statements[0]
    assert node.startswith(f"MERGE (f:Factor {{id: {cause}}}) REMOVE ")
    assert node.endswith(", f:Cause:Barrier:Factor;")
    assert f'quote: "{CAUSE}"' in node
    assert statements[7].startswith(
        f"MATCH (s:Factor {{id: {cause}}}), (t:Factor {{id: {problem}}}) MERGE (s)-[l:CAUSES "
    )
    assert len(statements) == 11


@given(
    st.text(max_size=12).filter(lambda text: text.isprintable())
    | st.sampled_from([*QUOTED, '"; MATCH (n) DELETE n;//'])
)
def test_no_text_breaks_out_of_a_cypher_string(cue: str):
    factor = Factor(Span(0, 4), FactorType.GOAL, cue)
    _, statement = serialise(to_rdf(CausalMap(DOCUMENT, (factor,), ())), "cypher").splitlines()
    assert STATEMENT.fullmatch(statement)
    assert not cue or f"cue: {json.dumps(cue, ensure_ascii=False)}, " in statement


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.graphml", "<graphml", "not GraphML that can be read"),
        ("a.graphml", "<graphml/>", "not GraphML that can be read"),
        ("a.graphml", None, "cannot read"),
        ("a.gexf", "<gexf", "not GEXF that can be read"),
        ("a.gexf", None, "cannot read"),
        ("a.gexf", '<gexf><nodes><node id="urn:a" label="x"/></nodes></gexf>', "node urn:a: document_id is missing"),
        ("a.json", "{", "not JSON that can be read"),
        ("a.json", "[" * 100_000, "not JSON that can be read"),
        ("a.json", None, "cannot read"),
        ("a.json", '{"elements": [1]}', "element 1: not an object"),
        ("a.json", '{"elements": 1}', "element 1: not an object"),
        ("a.json", '{"elements": [], "connections": [{"from": 3}]}', "connection 1: source is '3', not an IRI"),
        ("factors.csv", None, "cannot read"),
    ],
)
def test_broken_files_are_told_in_one_line(tmp_path: Path, name: str, content: str | None, fault: str):
    path = tmp_path / name
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(GraphError) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_command_line_offers_every_format():
    assert sorted(GRAPH_FORMATS) == sorted([*FORMATS, "csv"])


def test_convert_writes_both_tables_and_reads_them(tmp_path: Path):
    (tmp_path / "graph.nt").write_text(serialise(GRAPH, "ntriples"), encoding="utf-8")
    target = tmp_path / "factors.csv"
    done = CliRunner().invoke(main, ["convert", str(tmp_path / "graph.nt"), "-o", str(target)])
    assert done.stdout.split() == [str(target), str(tmp_path / "links.csv")]
    done = CliRunner().invoke(main, ["convert", str(target)])
    assert done.stdout == serialise(load(target))
    done = CliRunner().invoke(main, ["convert", str(target), "-o", str(tmp_path / "graph.xml"), "--format", "gexf"])
    assert (tmp_path / "graph.xml").read_text(encoding="utf-8") == serialise(load(target), "gexf")


@pytest.mark.parametrize("options", [["--format", "csv"], ["-o", "graph.xyz"], ["--format", "pdf"]])
@pytest.mark.parametrize("command", ["convert", "merge"])
def test_a_wrong_format_is_told_before_anything_is_read(command: str, options: list[str]):
    assert CliRunner().invoke(main, [command, "none.ttl", *options]).exit_code == 2
