import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import RDF, Graph, Literal, URIRef

from ftzgraph.calibration import expected_error, reliability, reliability_plot, trade
from ftzgraph.errors import GoldError, GraphError
from ftzgraph.evaluation import Claim, evaluate, mean, pool
from ftzgraph.gold import find_golds, load_gold
from ftzgraph.knowledge.vocabulary import FTZ, OA
from ftzgraph.reading import read

TEXT = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉。"


def gold_file(folder: Path, factors: list[dict[str, Any]], links: tuple[Any, ...] = (), text: str = TEXT) -> Path:
    (folder / "paper.txt").write_bytes(text.encode())
    path = folder / "paper.json"
    annotation = {"document": "paper.txt", "artefacts": ["-- 5"], "factors": factors, "links": list(links)}
    path.write_text(json.dumps(annotation, ensure_ascii=False), encoding="utf-8")
    return path


def factor(id_: str, text: str, type_: str | list[str] = "Problem", **more: Any) -> dict[str, Any]:
    return {"id": id_, "type": type_, "text": text, **more}


def link(relation: str, source: str, target: str, **more: Any) -> dict[str, Any]:
    return {"relation": relation, "source": source, "target": target, **more}


def graph_of(*factors: tuple[str, str, int, int], links: tuple[tuple[str, str, str], ...] = ()) -> Graph:
    """A graph of (name, type, start, end) factors and (relation, source, target) links."""
    graph = Graph()
    for name, type_, start, end in factors:
        node, evidence, selector = (URIRef(f"urn:{name}{part}") for part in ("", "-evidence", "-selector"))
        graph.add((node, RDF.type, FTZ[type_]))
        graph.add((node, FTZ.evidence, evidence))
        graph.add((evidence, OA.hasSource, URIRef("urn:document")))
        graph.add((evidence, OA.hasSelector, selector))
        graph.add((selector, OA.start, Literal(start)))
        graph.add((selector, OA.end, Literal(end)))
    for relation, source, target in links:
        graph.add((URIRef(f"urn:{source}"), FTZ[relation], URIRef(f"urn:{target}")))
    return graph


def test_the_right_span_with_the_wrong_type_counts_where_types_do_not(tmp_path: Path) -> None:
    gold = gold_file(tmp_path, [factor("a", "甲乙丙丁"), factor("b", "己庚辛壬", "Remedy")])
    levels = evaluate(gold, graph_of(("a", "Cause", 0, 4), ("b", "Problem", 5, 9))).levels
    assert (levels["factor"].f1, levels["barrier/strategy"].f1, levels["span"].f1) == (0.0, 0.5, 1.0)


@pytest.mark.parametrize(
    ("start", "end", "matches"),
    [
        (5, 15, True),  # the same
        (5, 8, True),  # 3 of 10, within
        (5, 7, False),  # 2 of 10, within
        (2, 12, True),  # 7 common, 13 in all
        (1, 11, False),  # 6 common, 14 in all, neither within the other
        (10, 20, False),  # 5 common, 15 in all
    ],
)
def test_how_much_overlap_makes_the_same_factor(tmp_path: Path, start: int, end: int, matches: bool) -> None:
    gold = gold_file(tmp_path, [factor("a", "己庚辛壬癸子丑寅卯辰")])
    assert evaluate(gold, graph_of(("a", "Problem", start, end))).levels["span"].f1 == float(matches)


def test_white_space_and_artefacts_count_for_nothing(tmp_path: Path) -> None:
    gold = gold_file(tmp_path, [factor("a", "丙丁戊 己")], text="甲乙丙丁\r\n\r\n-- 5\r\n\r\n戊己庚辛。")
    source = load_gold(gold).document.source
    graph = graph_of(("a", "Problem", source.index("丙"), source.index("己") + 1))
    assert evaluate(gold, graph).levels["factor"].f1 == 1.0


def test_optional_factors_may_be_found_or_left_out(tmp_path: Path) -> None:
    gold = gold_file(tmp_path, [factor("a", "甲乙丙丁"), factor("b", "己庚辛壬", optional=True)])
    required = ("a", "Problem", 0, 4)
    for graph in (graph_of(required), graph_of(required, ("b", "Problem", 5, 9))):
        score = evaluate(gold, graph).levels["factor"]
        assert (score.precision, score.recall) == (1.0, 1.0)


def test_any_of_several_types_is_right(tmp_path: Path) -> None:
    gold = gold_file(tmp_path, [factor("a", "甲乙丙丁", ["Problem", "Cause"])])
    assert evaluate(gold, graph_of(("a", "Cause", 0, 4))).levels["factor"].f1 == 1.0
    assert evaluate(gold, graph_of(("a", "Effect", 0, 4))).levels["factor"].f1 == 0.0


def test_a_repeated_span_is_told_by_its_number_or_place(tmp_path: Path) -> None:
    text = "甲乙丙丁，甲乙丙丁，甲乙丙丁。"
    for place in ({"nth": 2}, {"at": [5, 9]}):
        gold = gold_file(tmp_path, [factor("a", "甲乙丙丁", **place)], text=text)
        assert evaluate(gold, graph_of(("a", "Problem", 5, 9))).levels["span"].f1 == 1.0
        assert evaluate(gold, graph_of(("a", "Problem", 0, 4))).levels["span"].f1 == 0.0


def test_factors_match_one_to_one_and_the_best_overlap_wins(tmp_path: Path) -> None:
    gold = gold_file(tmp_path, [factor("a", "甲乙丙丁")])
    evaluation = evaluate(gold, graph_of(("a", "Problem", 0, 3), ("b", "Problem", 0, 4)))
    assert evaluation.levels["span"].precision == 0.5
    assert [(fault.kind, fault.text) for fault in evaluation.faults] == [("wrong", "甲乙丙")]


def test_a_link_is_right_when_relation_and_both_ends_are(tmp_path: Path) -> None:
    factors = [factor("a", "甲乙丙丁", "Cause"), factor("b", "己庚辛壬"), factor("c", "丑寅卯辰", "Remedy")]
    gold = gold_file(tmp_path, factors, (link("causes", "a", "b"), link("addresses", "c", "b")))
    found = (("x", "Cause", 0, 4), ("y", "Problem", 5, 9), ("z", "Goal", 11, 15), ("extra", "Problem", 17, 20))
    graph = graph_of(*found, links=(("causes", "x", "y"), ("causes", "y", "x"), ("addresses", "z", "extra")))
    evaluation = evaluate(gold, graph)
    assert (evaluation.levels["causes"].precision, evaluation.levels["causes"].recall) == (0.5, 1.0)
    assert evaluation.levels["addresses"].f1 == 0.0
    assert evaluation.levels["links"].precision == pytest.approx(1 / 3)
    assert [(fault.kind, fault.label, fault.text) for fault in evaluation.faults if "→" in fault.text] == [
        ("missed", "addresses", "丑寅卯辰 → 己庚辛壬"),
        ("wrong", "addresses", "丑寅卯辰 → 未申酉"),
        ("wrong", "causes", "己庚辛壬 → 甲乙丙丁"),
    ]


def test_optional_links_and_the_part_of_relation_stay_out_of_the_links_figure(tmp_path: Path) -> None:
    factors = [factor("a", "甲乙丙丁"), factor("b", "己庚辛壬")]
    links = (link("partOf", "a", "b"), link("causes", "a", "b", optional=True))
    evaluation = evaluate(gold_file(tmp_path, factors, links), graph_of())
    assert evaluation.levels["partOf"].recall == 0.0
    assert evaluation.levels["causes"].recall == 1.0
    assert evaluation.levels["links"].recall == 1.0


def test_types_and_confusion(tmp_path: Path) -> None:
    gold = gold_file(tmp_path, [factor("a", "甲乙丙丁"), factor("b", "己庚辛壬"), factor("c", "丑寅卯辰", "Goal")])
    graph = graph_of(("a", "Problem", 0, 4), ("b", "Cause", 5, 9), ("extra", "Effect", 17, 20))
    evaluation = evaluate(gold, graph)
    assert (evaluation.types["Problem"].precision, evaluation.types["Problem"].recall) == (1.0, 0.5)
    assert evaluation.types["Cause"].precision == 0.0
    assert evaluation.confusion == {
        ("Problem", "Problem"): 1,
        ("Problem", "Cause"): 1,
        ("Goal", ""): 1,
        ("", "Effect"): 1,
    }
    assert json.loads(json.dumps(evaluation.to_dict()))["levels"]["factor"]["recall"] == pytest.approx(1 / 3)


def test_a_corpus_graph_is_scored_by_what_it_says_of_the_document(tmp_path: Path) -> None:
    gold = gold_file(tmp_path, [factor("a", "甲乙丙丁")])
    graph = graph_of(("a", "Problem", 0, 4), ("other", "Problem", 5, 9), links=(("causes", "other", "other"),))
    graph.set((URIRef("urn:other-evidence"), OA.hasSource, URIRef("urn:another-document")))
    graph.add((URIRef("urn:document"), FTZ.sha256, Literal(read(tmp_path / "paper.txt").sha256)))
    evaluation = evaluate(gold, graph)
    assert evaluation.levels["factor"].f1 == 1.0
    assert evaluation.faults == ()


def test_a_graph_of_another_document_is_refused(tmp_path: Path) -> None:
    graph = graph_of(("a", "Problem", 0, 4))
    graph.add((URIRef("urn:document"), FTZ.sha256, Literal("0" * 64)))
    with pytest.raises(GraphError, match=r"not built from paper\.txt"):
        evaluate(gold_file(tmp_path, [factor("a", "甲乙丙丁")]), graph)


def test_an_offset_that_is_no_number_is_refused(tmp_path: Path) -> None:
    graph = graph_of(("a", "Problem", 0, 4))
    graph.set((URIRef("urn:a-selector"), OA.start, Literal("here")))
    with pytest.raises(GraphError, match="not an integer"):
        evaluate(gold_file(tmp_path, [factor("a", "甲乙丙丁")]), graph)


def test_the_mean_is_over_documents(tmp_path: Path) -> None:
    gold = gold_file(tmp_path, [factor("a", "甲乙丙丁")])
    results = [evaluate(gold, graph_of(("a", "Problem", 0, 4))), evaluate(gold, graph_of())]
    assert mean(results)["factor"] == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("factors", "links", "message"),
    [
        ([factor("a", "不在文中")], (), "factor a is not in the document: 不在文中"),
        ([factor("a", "甲乙", nth=2)], (), "factor a is not in the document"),
        ([factor("a", "", at=[3, 99])], (), "factor a has no type or no place"),
        ([factor("a", "甲乙", "Reason")], (), "'Reason' is not a valid FactorType"),
        ([factor("a", "甲乙", [])], (), "factor a has no type"),
        ([factor("a", "甲乙"), factor("a", "丙丁")], (), "two factors have the same id"),
        ([{"id": "a", "type": "Problem"}], (), "no 'text'"),
        ([factor("a", "甲乙")], (link("causes", "a", "b"),), "a link names the factor b"),
        ([factor("a", "甲乙")], (link("because", "a", "a"),), "'because' is not a valid Relation"),
        ("甲乙", (), "paper.json"),
    ],
)
def test_wrong_gold_is_refused_in_one_line(
    tmp_path: Path, factors: list[dict[str, Any]], links: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(GoldError, match=message) as caught:
        load_gold(gold_file(tmp_path, factors, links))
    assert "\n" not in str(caught.value)


def test_gold_that_is_no_file_or_no_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match=r"none\.json: No such file"):
        load_gold(tmp_path / "none.json")
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    with pytest.raises(GoldError, match=r"broken\.json: not JSON"):
        load_gold(tmp_path / "broken.json")
    (tmp_path / "list.json").write_text("[]", encoding="utf-8")
    with pytest.raises(GoldError, match=r"list\.json"):
        load_gold(tmp_path / "list.json")


def test_a_folder_stands_for_its_annotations(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="holds no annotation"):
        find_golds([tmp_path])
    gold = gold_file(tmp_path, [])
    assert find_golds([tmp_path]) == [gold]


PASSAGES = """=== port-001
domain: ports
genre: brief
style: 2020s
---
{C1|泊位太少}，{P1|船舶排队三天}。
---
causes: C1>P1
=== port-004
domain: ports
genre: brief
style: 2020s
---
港口位于河口。
---
"""


def test_passages_of_a_corpus_are_annotations_too(tmp_path: Path) -> None:
    (tmp_path / "passages.txt").write_text(PASSAGES, encoding="utf-8")
    first, second = map(load_gold, find_golds([tmp_path]))
    assert [f.text for f in first.factors] == ["泊位太少", "船舶排队三天"]
    assert (len(first.links), second.factors) == (1, ())
    assert [load_gold(p).name for p in find_golds([tmp_path / "passages.txt"], "dev")] == ["port-004"]
    with pytest.raises(GoldError, match="no passage of the split 'test'"):
        find_golds([tmp_path], "test")


def test_pooled_documents_count_as_one(tmp_path: Path) -> None:
    one = evaluate(
        gold_file(tmp_path, [factor("a", "甲乙丙丁"), factor("b", "己庚辛壬")]), graph_of(("a", "Problem", 0, 4))
    )
    nothing = evaluate(gold_file(tmp_path, []), graph_of(("a", "Cause", 0, 4)))
    both = pool([one, nothing])
    assert (both.levels["factor"].precision, both.levels["factor"].recall) == (0.5, 0.5)
    assert both.confusion == {("Problem", "Problem"): 1, ("Problem", ""): 1, ("", "Cause"): 1}
    assert mean([one, nothing])["factor"][2] == pytest.approx((2 / 3 + 0) / 2)


def test_claims_say_what_was_right_with_which_confidence(tmp_path: Path) -> None:
    gold = gold_file(tmp_path, [factor("a", "甲乙丙丁"), factor("b", "己庚辛壬", "Remedy")])
    graph = graph_of(("a", "Problem", 0, 4), ("b", "Problem", 5, 9), links=(("causes", "a", "b"),))
    graph.add((URIRef("urn:a"), FTZ.confidence, Literal("0.9")))
    graph.add((URIRef("urn:b"), FTZ.confidence, Literal("0.6")))
    record = URIRef("urn:link")
    for predicate, value in (
        (RDF.subject, URIRef("urn:a")),
        (RDF.predicate, FTZ.causes),
        (RDF.object, URIRef("urn:b")),
        (FTZ.confidence, Literal("0.4")),
    ):
        graph.add((record, predicate, value))
    evaluation = evaluate(gold, graph)
    assert evaluation.claims == (Claim("factor", 0.9, True), Claim("factor", 0.6, False), Claim("link", 0.4, False))
    assert [f.confidence for f in evaluation.faults if f.kind == "wrong"] == [0.6, 0.4]


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), max_size=40))
def test_every_claim_falls_into_one_bin(drawn: list[tuple[int, bool]]) -> None:
    claims = [Claim("factor", percent / 100, right) for percent, right in drawn]
    bins = reliability(claims)
    assert sum(b.count for b in bins) == len(claims)
    assert 0 <= expected_error(bins) <= 1
    ((_, left, precision, kept),) = trade(claims, [0.0])
    assert left == len(claims)
    assert precision == pytest.approx(sum(right for _, right in drawn) / max(1, len(drawn)))
    assert kept == float(any(right for _, right in drawn))


def test_the_reliability_plot_is_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    reliability_plot([Claim("factor", 0.8, True), Claim("link", 0.4, False)], tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


@given(cuts=st.lists(st.integers(0, 20), min_size=2, max_size=8, unique=True).map(sorted))
def test_what_the_gold_says_scores_full_marks(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    folder = tmp_path_factory.mktemp("gold")
    spans = list(pairwise(cuts))
    gold = gold_file(
        folder, [factor(f"f{a}", "", at=[a, b]) for a, b in spans], (link("causes", f"f{cuts[0]}", f"f{cuts[0]}"),)
    )
    graph = graph_of(*((f"f{a}", "Problem", a, b) for a, b in spans), links=(("causes", f"f{cuts[0]}", f"f{cuts[0]}"),))
    evaluation = evaluate(gold, graph)
    assert {evaluation.levels[level].f1 for level in ("factor", "barrier/strategy", "span", "causes", "links")} == {1.0}
    assert evaluation.faults == ()
