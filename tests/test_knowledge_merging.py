"""Many graphs as one: what only one says stays, where two differ the later has the last word."""

from pathlib import Path

import pytest
from any_maps import carried, maps
from argument_graphs import Argument
from causal_maps import DOCUMENT, MAP, PROBLEM, source_id
from click.testing import CliRunner
from hypothesis import given
from rdflib import RDF, Graph, Literal

from ftzgraph.causalmap import CausalMap, Factor, FactorType, Link, Modality, Relation, Span
from ftzgraph.cli import main
from ftzgraph.files import write_together
from ftzgraph.knowledge.merging import merge
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.serialisation import load, outputs, serialise
from ftzgraph.knowledge.validation import validate
from ftzgraph.knowledge.vocabulary import FTZ, ID

GRAPH = to_rdf(MAP)
BARRIERS = (Factor(Span(0, 4), FactorType.PROBLEM, "缺", "rules/x", 0.5), Factor(Span(5, 9), FactorType.EFFECT))


def merged(*graphs: Graph) -> Graph:
    result = Graph()
    for triple in merge(graphs):
        result.add(triple)
    return result


def reading(*found: Factor, links: tuple[Link, ...] = ()) -> Graph:
    return to_rdf(CausalMap(DOCUMENT, found, links))


def test_documents_come_together():
    other = Argument("乙", "b.txt")
    other.factor("f1")
    assert set(merged(GRAPH, other.graph)) == set(GRAPH) | set(other.graph)


@given(maps())
def test_the_same_graph_again_changes_nothing(drawn: CausalMap):
    graph = to_rdf(drawn)
    assert set(merged(graph, graph)) == set(graph)
    assert set(merged(graph)) == set(graph)


@given(maps(), maps())
def test_what_the_later_graph_says_stands(first: CausalMap, second: CausalMap):
    before, after = to_rdf(first), to_rdf(second)
    both = merged(before, after)
    assert set(after) <= set(both) <= set(before) | set(after)
    told_before, told_after, told = (
        {each["iri"] for each in found} for found in map(factors_of, (before, after, both))
    )
    assert told == told_before | told_after


def factors_of(graph: Graph) -> list[dict[str, str]]:
    return carried(graph)[0]


def test_a_judgement_is_taken_as_a_whole():
    sure = Factor(Span(0, 4), FactorType.REMEDY, "", "llm", 0.9, Modality.DEMANDED)
    doubted = Factor(Span(0, 4), FactorType.PROBLEM, "缺", "rules/x", 0.5, negated=True)
    (factor,) = factors_of(merged(reading(doubted), reading(sure)))
    assert factor == factors_of(reading(sure))[0]
    (factor,) = factors_of(merged(reading(sure), reading(doubted)))
    assert factor == factors_of(reading(doubted))[0]


def test_a_sentence_that_the_later_reader_did_not_pass_over_is_passed_over_no_more():
    sentence = next(GRAPH.subjects(RDF.type, FTZ.Sentence))
    passed_over = Graph() + GRAPH
    passed_over.add((sentence, FTZ.cue, Literal("由于")))
    assert set(merged(passed_over, GRAPH)) == set(GRAPH)
    assert set(merged(GRAPH, passed_over)) == set(passed_over)


def causes(**how: bool) -> Link:
    return Link(Relation.CAUSES, 0, 1, (Span(0, 9),), **how)


@pytest.mark.parametrize(
    ("first", "second", "asserted"),
    [
        ([causes()], [], True),
        ([], [causes()], True),
        ([causes()], [causes(negated=True)], False),
        ([causes(negated=True)], [causes()], True),
        ([causes(negated=True)], [], False),
    ],
)
def test_a_relation_stands_when_the_last_description_of_its_link_asserts_it(
    first: list[Link], second: list[Link], asserted: bool
):
    both = merged(reading(*BARRIERS, links=tuple(first)), reading(*BARRIERS, links=tuple(second)))
    assert bool(list(both.triples((None, FTZ.causes, None)))) == asserted
    assert len(list(both.subjects(RDF.type, FTZ.Link))) == 1
    assert validate(both).conforms


def test_a_link_that_was_turned_round_stands_one_way():
    before = reading(*BARRIERS, links=(causes(),))
    (link,) = before.subjects(RDF.type, FTZ.Link)
    (relation,) = before.triples((None, FTZ.causes, None))
    source, _, target = relation
    after = Graph() + before
    for term, old, new in ((RDF.subject, source, target), (RDF.object, target, source)):
        after.remove((link, term, old))
        after.add((link, term, new))
    after.remove(relation)
    after.add((target, FTZ.causes, source))
    assert set(merged(before, after)) == set(after)


def test_a_relation_that_no_link_describes_stays_unless_one_denies_it():
    bare = Argument()
    bare.factor("a")
    bare.factor("b")
    bare.add(ID["a"], FTZ.causes, ID["b"])
    denied = Argument()
    denied.link("a", "causes", "b", negated=True)
    assert (ID["a"], FTZ.causes, ID["b"]) in merged(bare.graph, bare.graph)
    assert (ID["a"], FTZ.causes, ID["b"]) not in merged(bare.graph, denied.graph)


def test_corrected_tables_go_back_into_the_whole_graph(tmp_path: Path):
    write_together(outputs(GRAPH, tmp_path / "factors.csv"))
    for name, old, new in (("factors.csv", "Problem", "Cause"), ("links.csv", ",0.9,", ",1,")):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new), encoding="utf-8")
    both = merged(GRAPH, load(tmp_path / "factors.csv"))
    problem = ID[source_id("factor", PROBLEM)]
    assert set(both.objects(problem, RDF.type)) == {FTZ.Cause, FTZ.Barrier, FTZ.Factor}
    kept = (FTZ.inSection, FTZ.mentions, FTZ.evidence)
    assert all(both.value(problem, term) == GRAPH.value(problem, term) for term in kept)
    assert set(both.subjects()) == set(GRAPH.subjects())
    assert carried(both) == carried(load(tmp_path / "factors.csv"))
    assert validate(both).conforms


def run(*arguments: object) -> str:
    result = CliRunner().invoke(main, [str(each) for each in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_writes_one_graph_of_many_in_any_format(tmp_path: Path):
    (tmp_path / "a.ttl").write_text(serialise(GRAPH), encoding="utf-8")
    other = reading(Factor(Span(0, 4), FactorType.GOAL))
    (tmp_path / "b.nq").write_text(serialise(other, "nquads"), encoding="utf-8")
    assert run("merge", tmp_path / "a.ttl", tmp_path / "b.nq") == serialise(merged(GRAPH, other))
    target = tmp_path / "tables" / "factors.csv"
    assert run("merge", tmp_path / "a.ttl", tmp_path / "b.nq", "-o", target).split() == [
        str(target),
        str(target.with_name("links.csv")),
    ]
    assert carried(load(target)) == carried(merged(GRAPH, other))
