import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph
import pytest
from argument_graphs import Argument
from causal_maps import CAUSE, EFFECT, MAP, PROBLEM, source_id
from hypothesis import given
from hypothesis import strategies as st
from rdflib import DCTERMS, PROV, RDF, RDFS, Dataset, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from ftzgraph.errors import GraphError
from ftzgraph.knowledge.documents import by_document
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.serialisation import FORMATS, load, outputs, serialise, triples
from ftzgraph.knowledge.vocabulary import FTZ, ID
from ftzgraph.resources import resource

GRAPH = to_rdf(MAP)
RDF_FORMATS = ["turtle", "ntriples", "trig", "nquads", "jsonld", "rdfxml"]


def saved(folder: Path, format_: str, content: str | bytes | None = None) -> Path:
    path = folder / f"graph{FORMATS[format_]}"
    data = serialise(GRAPH, format_) if content is None else content
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize("format_", RDF_FORMATS)
def test_what_is_written_is_read_back(tmp_path: Path, format_: str):
    again = load(saved(tmp_path, format_))
    assert set(again) == set(GRAPH)
    assert serialise(again, "turtle") == serialise(GRAPH, "turtle")


@pytest.mark.parametrize(
    ("format_", "theirs"),
    [("turtle", "turtle"), ("ntriples", "nt"), ("jsonld", "json-ld"), ("rdfxml", "xml")],
)
def test_rdflib_reads_the_same_graph(format_: str, theirs: str):
    again = Graph().parse(data=serialise(GRAPH, format_), format=theirs)
    assert len(again) == len(GRAPH)
    assert isomorphic(again, GRAPH)


def test_oxigraph_reads_as_many_triples():
    quads = list(pyoxigraph.parse(serialise(GRAPH).encode(), format=pyoxigraph.RdfFormat.TURTLE))
    assert len(quads) == len(set(quads)) == len(GRAPH)


@pytest.mark.parametrize("format_", list(FORMATS))
def test_order_of_filling_does_not_show(format_: str):
    backwards = Graph()
    for triple in reversed(list(GRAPH)):
        backwards.add(triple)
    assert serialise(backwards, format_) == serialise(GRAPH, format_)


def test_turtle_goes_from_the_document_to_its_factors_in_the_order_of_the_text():
    lines = serialise(GRAPH).splitlines()
    heads = [line.split()[0].removeprefix("id:") for line in lines if line.startswith("id:")]
    kinds = list(dict.fromkeys(head.split("-")[1] if "-" in head else "" for head in heads))
    assert kinds[:5] == ["", "extraction", "section", "sentence", "factor"]
    factors = [head for head in heads if "-factor-" in head]
    assert factors[:3] == [source_id("factor", quote) for quote in (CAUSE, PROBLEM, EFFECT)]


def test_the_example_of_the_ontology_is_what_is_written():
    # After a change that is meant: write serialise(GRAPH) below the title of ontology/examples/port.ttl.
    title, _, turtle = resource("ontology/examples/port.ttl").read_text(encoding="utf-8").partition("\n\n")
    assert all(line.startswith("# title") for line in title.splitlines())
    assert turtle == serialise(GRAPH)


def test_one_more_factor_moves_no_line():
    more = Graph()
    for triple in GRAPH:
        more.add(triple)
    more.add((ID["0" * 12 + "-factor-1-2"], URIRef("https://w3id.org/ftzgraph#cue"), Literal("x")))
    old, new = serialise(GRAPH).splitlines(), serialise(more).splitlines()
    assert [line for line in new if line in old] == old
    assert len(new) == len(old) + 1


SCRIPT = """
from causal_maps import MAP
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.serialisation import FORMATS, serialise
import hashlib
graph = to_rdf(MAP)
print(*(hashlib.sha256(serialise(graph, name).encode()).hexdigest() for name in FORMATS))
"""


def test_bytes_are_the_same_in_every_process(tmp_path: Path):
    tests = Path(__file__).parent
    outputs = set()
    for seed, zone, language, folder in [
        ("1", "Asia/Shanghai", "C", tests),
        ("2", "America/New_York", "zh_CN.GB18030", tmp_path),
    ]:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)]),
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "LANG": language,
            "LC_ALL": language,
        }
        command = [sys.executable, "-c", SCRIPT]
        done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=True)
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert len(outputs.pop().split()) == len(FORMATS)


IRIS = st.sampled_from(
    [ID["a"], ID["actor-中文%20"], URIRef("https://example.org/(x)?y=1#z"), URIRef("urn:x:y"), ID[""]]
)
LITERALS = st.text(max_size=8).map(Literal) | st.builds(
    Literal, st.text(max_size=4), lang=st.sampled_from(["zh", "en-GB"])
)


@given(st.lists(st.tuples(IRIS, IRIS, IRIS | LITERALS), max_size=6), st.sampled_from(RDF_FORMATS))
def test_any_graph_survives_the_round_trip_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, triples, format_: str
):
    graph = Graph()
    for triple in triples:
        graph.add(triple)
    path = tmp_path_factory.mktemp("trip") / f"graph{FORMATS[format_]}"
    try:
        path.write_text(serialise(graph, format_), encoding="utf-8", newline="\n")
    except GraphError:
        assert format_ == "rdfxml"
        named = all(str(predicate).endswith(("a", "z", "y")) for _, predicate, _ in triples)
        printable = all(c in "\t\n\r" or c >= " " for triple in triples for c in str(triple[2]))
        assert not (named and printable)
    else:
        assert set(load(path)) == set(graph)


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("graph.ttl", b"@prefix a: <http://a/> .\n\na:b a:c .\n", "graph.ttl, line 3"),
        ("graph.ttl", b"a:b a a:c .", "graph.ttl, line 1"),
        ("graph.ttl", b"\x00\xff\xfe", "graph.ttl, line 1"),
        ("graph.ttl", b"<a:s> <a:p> <<( <a:s> <a:p> <a:o> )>> .", "graph.ttl"),
        ("graph.nt", b"<a:b> <a:c> <a:d> .\n<a:b", "graph.nt, line 2"),
        ("graph.jsonld", b"{", "graph.jsonld, line 1"),
        ("graph.jsonld", b'{"@context": "http://localhost:1/context", "http://a/b": 1}', "graph.jsonld"),
        ("graph.rdf", b"<rdf", "graph.rdf"),
        ("graph.nq", b"<a:b> <a:c> <a:d> <a:e> <a:f> .", "graph.nq, line 1"),
        ("graph.cypher", b"", "graph.cypher: not a graph file"),
        ("graph", b"", "graph: not a graph file"),
    ],
)
def test_broken_file_gives_one_line_with_its_place(tmp_path: Path, name: str, content: bytes, place: str):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(GraphError) as caught:
        load(path)
    assert str(path.parent / place) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_and_folder(tmp_path: Path):
    with pytest.raises(GraphError, match=r"cannot read .*none\.ttl"):
        load(tmp_path / "none.ttl")
    with pytest.raises(GraphError, match="cannot read"):
        load(tmp_path)


def test_byte_order_mark_is_no_fault(tmp_path: Path):
    assert len(load(saved(tmp_path, "turtle", b"\xef\xbb\xbf" + serialise(GRAPH).encode()))) == len(GRAPH)


def test_ill_typed_values_are_kept_as_they_are_and_say_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    line = '<a:b> <a:c> "perhaps"^^<http://www.w3.org/2001/XMLSchema#boolean> .\n'
    assert serialise(load(saved(tmp_path, "ntriples", line)), "ntriples") == line
    assert capfd.readouterr().err == ""


def test_rdf_xml_keeps_every_line_break():
    graph = Graph().add((ID.a, URIRef("https://example.org/p"), Literal("a\r\nb\rc\n")))
    assert set(Graph().parse(data=serialise(graph, "rdfxml"), format="xml")) == set(graph)


def test_rdf_xml_is_refused_for_what_it_cannot_write():
    property_, name = URIRef("https://example.org/p"), URIRef("https://example.org/1")
    with pytest.raises(GraphError, match=r"the property https://example\.org/1, .*; use Turtle"):
        serialise(Graph().add((ID.a, name, ID.b)), "rdfxml")
    with pytest.raises(GraphError, match=r"the character U\+000B; use Turtle"):
        serialise(Graph().add((ID.a, property_, Literal("a\x0bb"))), "rdfxml")


def test_unknown_format_and_malformed_names():
    with pytest.raises(GraphError, match=r"unknown format 'rdf'.*turtle"):
        serialise(GRAPH, "rdf")
    with pytest.raises(GraphError, match="cannot write: a b"):
        serialise(Graph().add((URIRef("a b"), URIRef("a:c"), URIRef("a:d"))))


def two_documents() -> Argument:
    """Two documents that mention the same place, and a statement about neither."""
    argument = Argument("甲", "a.txt")
    argument.section("s1", "问题")
    argument.factor("f1", section="s1", mentions=("p",))
    argument.document("乙", "b.txt")
    argument.factor("f2", "Cause", mentions=("p",))
    argument.link("f2", "causes", "f1")
    argument.graph.add((ID["p"], RDF.type, FTZ.Place))
    argument.graph.add((ID["elsewhere"], RDFS.label, Literal("x")))
    return argument


def test_each_document_has_a_named_graph_that_needs_no_other():
    parted = by_document(two_documents().graph)
    assert list(parted) == [ID["a-txt"], ID["b-txt"], None]
    about = {home: {subject for subject, _, _ in triples} for home, triples in parted.items()}
    assert {ID["a-txt"], ID["s1"], ID["f1"], ID["p"]} <= about[ID["a-txt"]]
    assert {ID["b-txt"], ID["f2"], ID["p"]} <= about[ID["b-txt"]]
    assert not about[ID["a-txt"]] & about[ID["b-txt"]] - {ID["p"]}
    assert about[None] == {ID["elsewhere"]}
    assert {triple for triples in parted.values() for triple in triples} == set(two_documents().graph)


def test_a_document_that_is_derived_from_another_stays_apart():
    graph = Graph()
    for name in ("old", "new"):
        graph.add((ID[name], RDF.type, FTZ.Document))
        graph.add((ID[f"{name}-section"], DCTERMS.isPartOf, ID[name]))
    graph.add((ID["new"], PROV.wasDerivedFrom, ID["old"]))
    about = {home: {subject for subject, _, _ in triples} for home, triples in by_document(graph).items()}
    assert about == {ID["new"]: {ID["new"], ID["new-section"]}, ID["old"]: {ID["old"], ID["old-section"]}}


@pytest.mark.parametrize("format_", ["trig", "nquads"])
def test_named_graphs_are_written_as_rdflib_reads_them(format_: str):
    graph = two_documents().graph
    dataset = Dataset()
    dataset.parse(data=serialise(graph, format_), format=format_)
    read = {str(one.identifier): set(one) for one in dataset.graphs() if len(one)}
    assert {name: triples for name, triples in read.items() if not name.startswith("urn:")} == {
        str(home): set(triples) for home, triples in by_document(graph).items() if home
    }
    assert {triple for triples in read.values() for triple in triples} == set(graph)


@pytest.mark.parametrize("format_", ["ntriples", "nquads"])
def test_lines_are_sorted(format_: str):
    lines = serialise(two_documents().graph, format_).encode().splitlines()
    assert lines == sorted(set(lines))


def test_triples_are_read_without_a_graph_and_written_alike(tmp_path: Path):
    path = saved(tmp_path, "ntriples", serialise(GRAPH, "ntriples") * 2)
    assert isinstance(triples(path), list)
    for format_ in RDF_FORMATS:
        assert serialise(triples(path), format_) == serialise(GRAPH, format_)


def test_a_file_is_saved_in_the_format_of_its_suffix(tmp_path: Path):
    for format_, suffix in FORMATS.items():
        path = tmp_path / f"graph{suffix.upper()}"
        assert outputs(GRAPH, path) == {path: serialise(GRAPH, format_).encode()}
    with pytest.raises(GraphError, match=r"unknown format '\.xyz'"):
        outputs(GRAPH, tmp_path / "graph.xyz")
