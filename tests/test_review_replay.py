from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from any_maps import maps
from causal_maps import MAP, PROBLEM, SOURCE
from hypothesis import given, reject
from hypothesis import strategies as st
from rdflib import Graph, URIRef
from reviewed import decided, fill_in, linked, read, sheet, told

from ftzgraph.analysis.graph import factors, to_networkx
from ftzgraph.causalmap import CausalMap
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.knowledge.validation import validate
from ftzgraph.knowledge.vocabulary import FTZ
from ftzgraph.review.book import Reason
from ftzgraph.review.deciding import decide
from ftzgraph.review.decisions import Decision, Verdict, current, load_decisions, record, to_graph
from ftzgraph.review.replay import replay, stale_table
from ftzgraph.review.sheet import ReviewError

TITLE = "港口的问题与对策\n"
TEXT = TITLE + "由于土地供应紧张，企业用房成本上升。\n应当加快盘活闲置厂房，以便降低企业成本。\n"
LAND, COST, REMEDY, GOAL = "土地供应紧张", "企业用房成本上升", "加快盘活闲置厂房", "降低企业成本"
FOUND = {LAND: "Cause", COST: "Effect", REMEDY: "Remedy", GOAL: "Goal"}
LINKED = [(LAND, "causes", COST), (REMEDY, "addresses", COST), (REMEDY, "aimsAt", GOAL)]
GRAPH = read(TEXT, FOUND, LINKED)
INSERTED = TITLE + "近年来港口发展很快，货运量逐年增长。\n" + TEXT.removeprefix(TITLE)

CHOICES = {
    "accept": {"decision": "accept"},
    "reject": {"decision": "reject"},
    "problem": {"decision": "correct", "new type": "problem"},
    "remedy": {"decision": "correct", "new type": "remedy"},
    "elsewhere": {"decision": "correct", "new quote": "企业"},
    "part of": {"decision": "correct", "new type": "part of"},
    "reverse": {"decision": "correct", "new type": "reverse"},
}


def factor(quote: str) -> tuple[str, str]:
    return "factor", quote


def test_what_is_rejected_goes_with_its_links_and_leaves_nothing_behind(tmp_path: Path) -> None:
    result = replay(GRAPH, decided(GRAPH, tmp_path, {factor(COST): {"decision": "reject"}}))
    kept = {quote: kind for quote, kind in FOUND.items() if quote != COST}
    assert told(result.graph) == kept
    expected = read(TEXT, kept, [(REMEDY, "aimsAt", GOAL)])
    assert serialise(result.graph) == serialise(expected)
    assert (result.applied, result.stale) == (1, ())


def test_a_rejected_link_goes_and_its_ends_stay(tmp_path: Path) -> None:
    rows = sheet(GRAPH, tmp_path / "s.csv")
    for row in rows:
        if row["kind"] == "link" and row["target"] == GOAL:
            row["decision"] = "拒绝"
    decisions = record([], decide(GRAPH, fill_in(tmp_path / "s.csv", rows), "王芳", "2026-11-27"))
    assert serialise(replay(GRAPH, decisions).graph) == serialise(read(TEXT, FOUND, LINKED[:2]))


def test_what_is_accepted_is_certain_and_says_that_it_was_reviewed(tmp_path: Path) -> None:
    result = replay(GRAPH, decided(GRAPH, tmp_path, {factor(LAND): {"decision": "accept"}})).graph
    (record,) = [each for each in factors(to_networkx(result)) if each.quote == LAND]
    assert record.confidence == 1
    assert {str(each) for each in result.objects(URIRef(record.iri), FTZ.method)} == {"reviewed", "rules/x"}


def test_a_corrected_type_brings_its_upper_classes(tmp_path: Path) -> None:
    result = replay(GRAPH, decided(GRAPH, tmp_path, {factor(GOAL): {"decision": "correct", "new type": "成效"}}))
    assert told(result.graph) == FOUND | {GOAL: "Achievement"}
    assert linked(result.graph) == set(LINKED[:2])  # a remedy aims at goals only
    assert len(result.dropped) == 1


def test_a_corrected_quote_moves_the_evidence_of_the_factor_and_of_its_links(tmp_path: Path) -> None:
    corrections = {factor(REMEDY): {"decision": "correct", "new quote": "盘活闲置厂房"}}
    result = replay(GRAPH, decided(GRAPH, tmp_path, corrections)).graph
    shorter = {"盘活闲置厂房": "Remedy", **{quote: kind for quote, kind in FOUND.items() if quote != REMEDY}}
    assert told(result) == shorter
    assert {quote for quote, *_ in linked(result)} == {LAND, "盘活闲置厂房"}
    (record,) = [each for each in factors(to_networkx(result)) if each.quote == "盘活闲置厂房"]
    assert [TEXT[each.start : each.end] for each in record.evidence] == ["盘活闲置厂房"]
    assert REMEDY not in {str(value) for value in result.objects()}


def test_a_quote_over_a_page_number_has_the_offsets_of_the_source(tmp_path: Path) -> None:
    graph = to_rdf(MAP)
    corrections = {factor(PROBLEM): {"decision": "correct", "new quote": "信息不共享"}}
    result = replay(graph, decided(graph, tmp_path, corrections)).graph
    (record,) = [each for each in factors(to_networkx(result)) if each.quote == "信息不共享"]
    assert SOURCE[record.evidence[0].start : record.evidence[0].end] == "信息\n— 4 —\n不共享"
    assert validate(result).conforms


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("addresses", (LAND, "addresses", COST)),
        ("反向", (COST, "causes", LAND)),
        ("属于", (LAND, "partOf", COST)),
    ],
)
def test_a_corrected_link_has_another_relation_or_direction(
    cell: str, expected: tuple[str, str, str], tmp_path: Path
) -> None:
    cells = {("link", LAND): {"decision": "correct", "new type": cell}}
    if expected[1] == "addresses":
        cells[factor(LAND)] = {"decision": "correct", "new type": "remedy"}
    result = replay(GRAPH, decided(GRAPH, tmp_path, cells)).graph
    assert told(result)
    assert linked(result) == {expected, *LINKED[1:]}


def test_decisions_follow_the_text_when_a_paragraph_is_inserted_before_it(tmp_path: Path) -> None:
    decisions = decided(
        GRAPH,
        tmp_path,
        {
            factor(LAND): {"decision": "correct", "new type": "Problem", "new quote": "土地供应"},
            factor(GOAL): {"decision": "reject"},
            ("link", LAND): {"decision": "accept"},
        },
    )
    later = read(INSERTED, FOUND, LINKED)
    result = replay(later, decisions)
    assert result.stale == ()
    assert told(result.graph) == {"土地供应": "Problem", COST: "Effect", REMEDY: "Remedy"}
    certain = {
        each.quote: each.evidence[0].start for each in factors(to_networkx(result.graph)) if each.confidence == 1
    }
    assert certain == {"土地供应": INSERTED.index("土地供应")}
    assert linked(result.graph) == {("土地供应", "causes", COST), LINKED[1]}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (LAND, "土地供应不足", Reason.QUOTE),  # other words
        ("由于" + LAND + "，企业用房成本", LAND, Reason.QUOTE),  # the same words, in another sentence
    ],
)
def test_a_decision_is_stale_when_its_text_has_changed(old: str, new: str, reason: Reason, tmp_path: Path) -> None:
    decisions = decided(GRAPH, tmp_path, {factor(LAND): {"decision": "accept"}, factor(GOAL): {"decision": "accept"}})
    text = TEXT.replace(TITLE, "另一个标题：关于厂房\n").replace(old, new)
    later = read(text, {REMEDY: "Remedy", GOAL: "Goal"})
    result = replay(later, decisions)
    assert [(each.decision.place.quote, each.reason) for each in result.stale] == [(LAND, reason)]
    assert result.applied == 1
    assert told(result.graph) == {REMEDY: "Remedy", GOAL: "Goal"}


def test_a_quote_that_stands_twice_is_told_apart_by_its_neighbours_or_not_at_all(tmp_path: Path) -> None:
    text = TITLE + "第一个园区远在郊外，人才不足。第二个园区近在市中心，人才不足。\n"
    first = read(text, {"人才不足": "Problem"})
    decisions = decided(first, tmp_path, {factor("人才不足"): {"decision": "reject"}})
    moved = INSERTED + text.removeprefix(TITLE)
    assert told(replay(read(moved, {"人才不足": "Problem", LAND: "Cause"}), decisions).graph) == {LAND: "Cause"}
    twice = (
        text.replace("第一个园区远在郊外", "园区") + "第一个园区远在郊外，人才不足。第二个园区远在郊外，人才不足。\n"
    )
    (stale,) = replay(read(twice.replace("第一", "一").replace("第二", "一"), {"人才不足": "Problem"}), decisions).stale
    assert stale.reason == Reason.AMBIGUOUS


def test_a_decision_about_a_document_that_is_not_there_is_stale(tmp_path: Path) -> None:
    decisions = decided(GRAPH, tmp_path, {factor(LAND): {"decision": "reject"}})
    (stale,) = replay(read(INSERTED, FOUND, name="b.txt"), decisions).stale
    assert stale.reason == Reason.DOCUMENT


def test_what_was_accepted_stands_also_when_the_reader_does_not_find_it_again(tmp_path: Path) -> None:
    decisions = decided(GRAPH, tmp_path, {factor(LAND): {"decision": "accept"}, ("link", LAND): {"decision": "accept"}})
    poorer = read(INSERTED, {COST: "Effect"})
    result = replay(poorer, decisions)
    assert told(result.graph) == {LAND: "Cause", COST: "Effect"}
    assert linked(result.graph) == {(LAND, "causes", COST)}


def test_a_factor_that_the_reader_cuts_otherwise_gives_way_to_the_accepted_one(tmp_path: Path) -> None:
    decisions = decided(GRAPH, tmp_path, {factor(LAND): {"decision": "accept"}})
    otherwise = read(TEXT, {"土地供应": "Problem", COST: "Effect"}, [("土地供应", "causes", COST)])
    result = replay(otherwise, decisions).graph
    assert told(result) == {LAND: "Cause", COST: "Effect"}
    assert linked(result) == {(LAND, "causes", COST)}


def test_a_factor_that_was_decided_about_does_not_give_way(tmp_path: Path) -> None:
    graph = read(TEXT, {LAND: "Cause", "供应紧张": "Problem"})
    both = {factor(LAND): {"decision": "accept"}, factor("供应紧张"): {"decision": "accept"}}
    decisions = decided(graph, tmp_path, both)
    assert told(replay(read(INSERTED, {"供应紧张": "Problem"}), decisions).graph) == {
        LAND: "Cause",
        "供应紧张": "Problem",
    }


def test_a_link_between_what_no_longer_is_a_factor_is_stale(tmp_path: Path) -> None:
    decisions = decided(GRAPH, tmp_path, {("link", LAND): {"decision": "accept"}})
    (stale,) = replay(read(INSERTED, {LAND: "Cause"}), decisions).stale
    assert stale.reason == Reason.END


def test_an_accepted_link_that_the_types_of_its_ends_forbid_is_stale(tmp_path: Path) -> None:
    decisions = decided(GRAPH, tmp_path, {("link", LAND): {"decision": "accept"}})
    result = replay(read(TEXT, FOUND | {LAND: "Remedy"}), decisions)
    assert [each.reason for each in result.stale] == [Reason.TYPES]
    assert told(result.graph) == FOUND | {LAND: "Remedy"}


def test_a_later_decision_replaces_the_earlier_one_which_stays_on_record(tmp_path: Path) -> None:
    first = decided(GRAPH, tmp_path, {factor(LAND): {"decision": "reject", "note": "太笼统"}})
    both = decided(GRAPH, tmp_path, {factor(LAND): {"decision": "accept"}}, first, "2026-11-28")
    assert [each.verdict for each in both] == [Verdict.REJECTED, Verdict.ACCEPTED]
    assert both[1].replaces == both[0].iri
    assert current(both) == both[1:]
    assert told(replay(GRAPH, both).graph) == FOUND
    assert decided(GRAPH, tmp_path, {factor(LAND): {"decision": "accept"}}, both, "2026-11-29") == both  # nothing new


def test_a_correction_can_be_accepted_corrected_and_rejected_in_its_turn(tmp_path: Path) -> None:
    first = decided(GRAPH, tmp_path, {factor(REMEDY): {"decision": "correct", "new quote": "盘活闲置厂房"}})
    shown = replay(GRAPH, first).graph
    for cells, expected in (
        ({"decision": "accept"}, {"盘活闲置厂房"}),
        ({"decision": "correct", "new quote": "闲置厂房"}, {"闲置厂房"}),
        ({"decision": "reject"}, set()),
    ):
        both = decided(shown, tmp_path, {factor("盘活闲置厂房"): cells}, first, "2026-11-28")
        for fresh in (GRAPH, shown, read(INSERTED, FOUND, LINKED)):
            assert set(told(replay(fresh, both).graph)) == {LAND, COST, GOAL} | expected


def test_decisions_are_the_same_when_they_are_read_back_and_conform(tmp_path: Path) -> None:
    cells = {
        factor(LAND): {"decision": "correct", "new type": "problem", "new quote": "土地供应", "note": '"短", =些'},
        factor(GOAL): {"decision": "reject"},
        ("link", LAND): {"decision": "correct", "new type": "partOf"},
    }
    decisions = decided(GRAPH, tmp_path, cells)
    graph = to_graph(decisions)
    (tmp_path / "decisions.ttl").write_text(serialise(graph), encoding="utf-8")
    assert load_decisions(tmp_path / "decisions.ttl") == decisions
    assert [each.line("en") for each in validate(graph).violations] == []
    graph.set((URIRef(decisions[0].iri), FTZ.verdict, FTZ.Problem))
    assert ["the verdict must be" in each.message_en for each in validate(graph).violations] == [True]


def test_of_decisions_that_contradict_each_other_the_later_one_counts(tmp_path: Path) -> None:
    rejected = decided(GRAPH, tmp_path, {factor(LAND): {"decision": "reject"}}, date="2026-11-27")
    accepted = decided(GRAPH, tmp_path, {factor(LAND): {"decision": "accept"}}, date="2026-11-28")
    result = replay(GRAPH, accepted + rejected)
    assert told(result.graph) == FOUND
    assert linked(result.graph) == set(LINKED)
    assert result.applied == 1


def test_replaying_twice_is_replaying_once(tmp_path: Path) -> None:
    cells = {
        factor(LAND): {"decision": "correct", "new type": "problem", "new quote": "企业用房"},
        factor(GOAL): {"decision": "reject"},
        ("link", LAND): {"decision": "correct", "new type": "reverse"},
    }
    decisions = decided(GRAPH, tmp_path, cells)
    once = replay(GRAPH, decisions).graph
    assert serialise(replay(once, decisions).graph) == serialise(once)


def test_the_table_of_stale_decisions_holds_no_formula(tmp_path: Path) -> None:
    graph = read(TITLE + "=1+1人才不足。\n", {"=1+1人才不足": "Problem"}, name="+x.txt")
    decisions = decided(graph, tmp_path, {factor("'=1+1人才不足"): {"decision": "reject", "note": "@x"}})
    table = stale_table(replay(read(TEXT, FOUND), decisions).stale, "en").decode("utf-8-sig")
    for cell in ("'+x.txt", "'=1+1人才不足", "'@x", "its document is not in the graph", "rejected"):
        assert cell in table


def accept_all(graph: Graph, folder: Path) -> list[Decision]:
    rows = [row | {"decision": "accept"} for row in sheet(graph, folder / "sheet.csv")]
    return record([], decide(graph, fill_in(folder / "sheet.csv", rows), "王芳", "2026-11-27"))


def without_judgement(graph: Graph) -> set[object]:
    return {triple for triple in graph if triple[1] not in (FTZ.confidence, FTZ.method)}


@given(maps().filter(lambda found: validate(to_rdf(found)).conforms))
def test_accepting_everything_changes_confidences_and_methods_only(found: CausalMap) -> None:
    graph = to_rdf(found)
    with TemporaryDirectory() as folder:
        result = replay(graph, accept_all(graph, Path(folder)))
    assert without_judgement(result.graph) == without_judgement(graph)
    assert {str(each) for each in result.graph.objects(None, FTZ.confidence)} == {"1.00"}
    assert validate(result.graph).conforms


@given(st.dictionaries(st.integers(0, 6), st.sampled_from(sorted(CHOICES)), max_size=4))
def test_whatever_is_decided_the_graph_conforms_and_replaying_twice_is_replaying_once(chosen: dict[int, str]) -> None:
    with TemporaryDirectory() as folder:
        rows = sheet(GRAPH, Path(folder) / "sheet.csv")
        for number, name in chosen.items():
            rows[number].update(CHOICES[name])
        try:
            told_by_sheet = decide(GRAPH, fill_in(Path(folder) / "sheet.csv", rows), "王芳", "2026-11-27")
        except ReviewError:
            reject()
    decisions = record([], told_by_sheet)
    for graph in (GRAPH, read(INSERTED, FOUND, LINKED), read(INSERTED, {LAND: "Remedy", "用房成本": "Goal"})):
        once = replay(graph, decisions).graph
        assert told(once) is not None
        assert serialise(replay(once, decisions).graph) == serialise(once)
