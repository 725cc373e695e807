from decimal import Decimal
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SKOS, Graph, Literal
from reviewed import decided, read, sheet, told

from ftzgraph.comparison.matching import solid
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.knowledge.vocabulary import FTZ, ID
from ftzgraph.review.decisions import Decision
from ftzgraph.review.regrouping import Groups
from ftzgraph.review.replay import replay
from ftzgraph.review.sheet import ReviewError

LAND, SCARCE, COST, REMEDY = "土地供应紧张", "建设用地短缺", "企业成本上升", "盘活闲置厂房"
FIRST = read(
    f"甲市的问题\n由于{LAND}，{COST}。应当{REMEDY}。\n",
    {LAND: "Problem", COST: "Effect", REMEDY: "Remedy"},
    [(LAND, "causes", COST)],
    "first.txt",
)
SECOND = read(
    f"乙县的困难\n目前{SCARCE}，造成{COST}。\n",
    {SCARCE: "Problem", COST: "Effect"},
    [(SCARCE, "causes", COST)],
    "second.txt",
)


def grouped(*concepts: tuple[str, ...], graphs: tuple[Graph, ...] = (FIRST, SECOND)) -> Graph:
    """The documents with concepts, each of which holds the factors of some quotes."""
    graph = Graph()
    for each in graphs:
        graph += each
    for number, quotes in enumerate(concepts):
        concept = ID[f"concept-{number}"]
        graph.add((concept, RDF.type, FTZ.Concept))
        graph.add((concept, RDF.type, SKOS.Concept))
        graph.add((concept, SKOS.prefLabel, Literal(quotes[0], lang="zh")))
        for factor, quote in list(graph.subject_objects(RDFS.label)):
            if str(quote) in quotes:
                graph.add((factor, FTZ.expresses, concept))
                match = ID[f"match-{number}-{str(factor)[-30:]}"]
                for term in (FTZ.Match, RDF.Statement):
                    graph.add((match, RDF.type, term))
                graph.add((match, RDF.subject, factor))
                graph.add((match, RDF.predicate, FTZ.expresses))
                graph.add((match, RDF.object, concept))
                graph.add((match, FTZ.method, Literal("similarity")))
                graph.add(
                    (
                        match,
                        FTZ.confidence,
                        Literal(Decimal("0.80")),
                    )
                )
    Groups(graph).settle()  # counts support and links
    return graph


APART = grouped((LAND,), (SCARCE,), (COST,), (REMEDY,))
TOGETHER = grouped((LAND, SCARCE), (COST,), (REMEDY,))


def concepts(graph: Graph) -> set[tuple[frozenset[str], int]]:
    """The names of each concept, and how many documents support it; the graph has to conform."""
    assert told(graph)
    return {
        (
            frozenset(
                solid(str(name)) for term in (SKOS.prefLabel, SKOS.altLabel) for name in graph.objects(node, term)
            ),
            int(str(graph.value(node, FTZ.support))),
        )
        for node in graph.subjects(RDF.type, FTZ.Concept)
    }


def supported(graph: Graph) -> list[int]:
    """How many documents support each link of concepts."""
    return sorted(int(str(graph.value(each, FTZ.support))) for each in graph.subjects(RDF.type, FTZ.ConceptLink))


def merged(folder: Path) -> list[Decision]:
    number = next(row["concept number"] for row in sheet(APART, folder / "s.csv") if row["quote"] == LAND)
    return decided(APART, folder, {("concept", SCARCE): {"decision": "合并", "merge into": number}})


def test_the_sheet_has_a_row_for_the_concept_of_each_factor(tmp_path: Path) -> None:
    rows = [row for row in sheet(TOGETHER, tmp_path / "s.csv") if row["kind"] == "concept"]
    assert [(row["quote"], row["target"]) for row in rows] == [
        (LAND, LAND),
        (COST, COST),
        (REMEDY, REMEDY),
        (SCARCE, LAND),
        (COST, COST),
    ]
    assert rows[0]["concept number"] == rows[3]["concept number"]


def test_a_merged_factor_brings_its_words_its_document_and_its_links(tmp_path: Path) -> None:
    assert supported(APART) == [1, 1]
    result = replay(APART, merged(tmp_path)).graph
    assert concepts(result) == {(frozenset([LAND, SCARCE]), 2), (frozenset([COST]), 2), (frozenset([REMEDY]), 1)}
    assert supported(result) == [2]


def test_a_rejected_factor_gets_a_concept_of_its_own(tmp_path: Path) -> None:
    result = replay(TOGETHER, decided(TOGETHER, tmp_path, {("concept", SCARCE): {"decision": "reject"}})).graph
    assert concepts(result) == concepts(APART)
    assert supported(result) == [1, 1]


def test_an_accepted_factor_stays_with_its_concept_when_the_concepts_are_made_anew(tmp_path: Path) -> None:
    decisions = decided(TOGETHER, tmp_path, {("concept", SCARCE): {"decision": "accept"}})
    assert concepts(replay(TOGETHER, decisions).graph) == concepts(TOGETHER)
    assert concepts(replay(APART, decisions).graph) == concepts(TOGETHER)


def test_decisions_about_concepts_wait_while_there_are_none(tmp_path: Path) -> None:
    result = replay(FIRST, merged(tmp_path))
    assert result.stale == ()
    assert serialise(result.graph) == serialise(FIRST)


def test_concepts_do_not_change_where_nobody_decided() -> None:
    assert serialise(replay(TOGETHER, []).graph) == serialise(TOGETHER)


def test_what_is_rejected_leaves_its_concept(tmp_path: Path) -> None:
    decisions = decided(TOGETHER, tmp_path, {("factor", LAND): {"decision": "reject"}})
    result = replay(TOGETHER, decisions).graph
    assert concepts(result) == {(frozenset([SCARCE]), 1), (frozenset([COST]), 2), (frozenset([REMEDY]), 1)}
    assert supported(result) == [1]


def test_what_is_corrected_to_another_side_leaves_its_concept(tmp_path: Path) -> None:
    decisions = decided(TOGETHER, tmp_path, {("factor", SCARCE): {"decision": "correct", "new type": "remedy"}})
    assert concepts(replay(TOGETHER, decisions).graph) == concepts(APART)


@pytest.mark.parametrize(
    ("quote", "cells", "fault"),
    [
        (SCARCE, {"decision": "merge", "merge into": "99"}, "merge into .*99 is no number"),
        (SCARCE, {"decision": "merge"}, "merge into .*nothing"),
        (SCARCE, {"decision": "merge", "merge into": "3"}, "merge into .*same side"),
        (SCARCE, {"decision": "correct", "new type": "problem"}, "decision"),
        (REMEDY, {"decision": "reject"}, "decision .*alone"),
    ],
)
def test_a_cell_that_cannot_be_used_is_named(quote: str, cells: dict[str, str], fault: str, tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match=fault):
        decided(APART, tmp_path, {("concept", quote): cells})
