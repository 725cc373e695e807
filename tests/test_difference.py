import csv
import json
import os
import random
import subprocess
import sys
from io import StringIO
from itertools import product
from pathlib import Path

import pytest
from argument_graphs import Argument
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import DCTERMS, RDF, Graph, Literal, URIRef

import ftzgraph
from ftzgraph.analysis.graph import FactorRecord, LinkRecord, factor, factors, links, to_networkx
from ftzgraph.analysis.reader import CHANGES
from ftzgraph.analysis.records import ChangeKind
from ftzgraph.causalmap import CausalMap, Factor, FactorType, Link, Modality, Relation, Span
from ftzgraph.cli import main
from ftzgraph.comparison.difference import Change, Difference, diff
from ftzgraph.comparison.matching import match, similarity
from ftzgraph.comparison.merging import overlay, union
from ftzgraph.corpus import parse_passage
from ftzgraph.errors import GraphError
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.knowledge.validation import validate
from ftzgraph.knowledge.vocabulary import FTZ, ID, ontology

ADDED, REMOVED, CHANGED, UNCHANGED = ChangeKind


def edition(marked: str, related: str = "", title: str = "自贸试验区改革方案", **modalities: Modality) -> Graph:
    """The graph of a text in the markup of the corpus; a modality is given by the name of its factor."""
    passage = parse_passage("edition", f"domain: d\ngenre: g\nstyle: s\n---\n{title}\n\n{marked}\n---\n{related}")
    document = ftzgraph.read_text(passage.text, "edition.txt")
    marks = {mark.name: index for index, mark in enumerate(passage.factors)}
    spans = []
    for mark in passage.factors:
        start = document.text.index(passage.text[mark.span.start : mark.span.end])
        spans.append(Span(start, start + mark.span.end - mark.span.start))
    made = [
        Factor(span, mark.types[0], confidence=0.8, modality=modalities.get(mark.name, Modality.ASSERTED))
        for span, mark in zip(spans, passage.factors, strict=True)
    ]
    joined = [
        Link(link.relation, marks[link.source], marks[link.target], (spans[marks[link.source]],))
        for link in passage.links
    ]
    return to_rdf(CausalMap(document, tuple(made), tuple(joined)))


FIRST = edition(
    "由于{C1|数据标准不统一}，{P1|部门之间难以共享信息}。{P2|专业人才不足}。{P3|企业融资难}。"
    "应{R1|建立统一的数据平台}，{R2|引进专业人才}。",
    "causes: C1>P1\naddresses: R1>P1, R2>P2",
)
SECOND = edition(
    "由于{C1|数据标准不统一}，{P1|部门之间难以共享信息}。{C2|专业人才不足}。{P3|企业融资难}。{P4|跨境结算周期长}。"
    "应{R1|加快建立全国统一的数据平台}，{R3|设立融资担保基金}。",
    "causes: C1>P1\naddresses: R1>P1, R3>P3",
)


def quotes(difference: Difference, kind: ChangeKind) -> set[str]:
    return {change.last.quote for change in difference.factors if change.kind is kind}


def ends(difference: Difference, kind: ChangeKind) -> set[tuple[str, str, str]]:
    found = set()
    for change in difference.links:
        if change.kind is kind:
            graph = difference.after if change.after else difference.before
            source, target = (factor(graph, iri).quote for iri in (change.last.source, change.last.target))
            found.add((source, change.last.relation, target))
    return found


def change_of(difference: Difference, quote: str) -> Change[FactorRecord]:
    (found,) = (change for change in difference.factors if change.last.quote == quote)
    return found


def test_what_is_new_gone_reworded_and_retyped_in_a_second_edition() -> None:
    found = diff(FIRST, SECOND)
    assert quotes(found, ADDED) == {"跨境结算周期长", "设立融资担保基金"}
    assert quotes(found, REMOVED) == {"引进专业人才"}
    assert quotes(found, CHANGED) == {"专业人才不足", "加快建立全国统一的数据平台"}
    assert quotes(found, UNCHANGED) == {"数据标准不统一", "部门之间难以共享信息", "企业融资难"}
    assert change_of(found, "专业人才不足").fields == ("type",)
    reworded = change_of(found, "加快建立全国统一的数据平台")
    assert reworded.fields == ("quote",)
    assert reworded.before is not None
    assert reworded.before.quote == "建立统一的数据平台"


def test_links_stay_when_their_ends_do_though_one_is_reworded() -> None:
    found = diff(FIRST, SECOND)
    assert ends(found, UNCHANGED) == {
        ("数据标准不统一", "causes", "部门之间难以共享信息"),
        ("加快建立全国统一的数据平台", "addresses", "部门之间难以共享信息"),
    }
    assert ends(found, ADDED) == {("设立融资担保基金", "addresses", "企业融资难")}
    assert ends(found, REMOVED) == {("引进专业人才", "addresses", "专业人才不足")}
    assert found.counts["links"] == {ADDED: 1, REMOVED: 1, CHANGED: 0, UNCHANGED: 2}


def test_answers_that_are_won_lost_or_missing_from_the_start() -> None:
    news = {
        each.barrier.last.quote: ([r.quote for r in each.before], [r.quote for r in each.after])
        for each in diff(FIRST, SECOND).answers
    }
    assert news == {
        "专业人才不足": (["引进专业人才"], []),
        "企业融资难": ([], ["设立融资担保基金"]),
        "跨境结算周期长": ([], []),
    }


def test_a_statement_that_becomes_a_barrier_is_news_when_nothing_answers_it() -> None:
    before, after = edition("{G1|通关时间长}。{P1|人手不足}。"), edition("{P1|通关时间长}。{P2|人手不足}。")
    assert [each.barrier.last.quote for each in diff(before, after).answers] == ["通关时间长"]
    assert diff(after, before).answers == ()


def test_a_graph_does_not_differ_from_itself() -> None:
    found = diff(FIRST, FIRST)
    assert found.counts == {
        "factors": {ADDED: 0, REMOVED: 0, CHANGED: 0, UNCHANGED: 6},
        "links": {ADDED: 0, REMOVED: 0, CHANGED: 0, UNCHANGED: 3},
    }
    assert found.answers == ()


def test_modality_and_negation_make_a_change_confidence_and_line_breaks_do_not() -> None:
    before, after = Argument(), Argument()
    for argument, break_, modality, confidence in ((before, "", "Asserted", "0.90"), (after, "\n", "Demanded", "0.50")):
        argument.factor("r", "Remedy", "建立数据平台", modality=modality)
        argument.factor("p", "Problem", f"信息{break_}不共享", confidence=confidence)
        argument.factor("q", "Problem", "人手不足")
    after.add(ID["q"], FTZ.negated, Literal(True))
    before.link("r", "addresses", "p", inferred=True)
    after.link("r", "addresses", "p", inferred=False, negated=True, modality="Conditional")
    found = diff(before.graph, after.graph)
    assert {change.last.iri: change.fields for change in found.factors} == {
        str(ID["r"]): ("modality",),
        str(ID["p"]): (),
        str(ID["q"]): ("negated",),
    }
    assert [change.fields for change in found.links] == [("modality", "negated", "inferred")]


def test_a_minimum_confidence_counts_for_both_graphs() -> None:
    before, after = Argument(), Argument()
    before.factor("p", confidence="0.40")
    after.factor("p", confidence="0.60")
    assert [change.kind for change in diff(before.graph, after.graph, min_confidence=0.5).factors] == [ADDED]


def test_a_graph_without_document_and_factor_is_named() -> None:
    with pytest.raises(GraphError, match="first graph: "):
        diff(Graph(), SECOND)
    with pytest.raises(GraphError, match="second graph: "):
        diff(FIRST, Graph())


# Matching


def record(name: str, quote: str, kind: str = "Problem") -> FactorRecord:
    return FactorRecord(name, kind, quote, "d", None, (), "", "", 1.0, "asserted", False, ())


def test_equal_quotes_are_paired_by_type_and_then_in_document_order() -> None:
    before = [record("a1", "人手不足"), record("a2", "人手 不足"), record("a3", "人手不足", "Remedy")]
    after = [record("b1", "人手不足", "Remedy"), record("b2", "人手不足"), record("b3", "人手\n不足", "Goal")]
    assert match(before, after) == {"a1": "b2", "a3": "b1", "a2": "b3"}


def test_a_rewording_stays_on_its_side() -> None:
    before = [record("a", "提高通关的效率", "Goal")]
    assert match(before, [record("b", "提高通关效率", "Remedy")]) == {"a": "b"}
    assert match(before, [record("b", "提高通关效率", "Problem")]) == {}
    assert match(before, [record("b", "提高通关效率", "Achievement")]) == {}


def test_the_most_similar_factor_is_the_partner() -> None:
    before = [record("a1", "各部门数据标准不统一"), record("a2", "各部门的数据标准不统一")]
    after = [record("b", "各部门的数据标准尚不统一")]
    assert match(before, after) == {"a2": "b"}


def test_the_threshold_is_the_least_similarity() -> None:
    one, other = record("a", "数据标准不统一"), record("b", "数据标准尚不统一")
    alike = similarity(one.quote, other.quote)
    assert alike == 10 / 13
    assert match([one], [other], alike) == {"a": "b"}
    assert match([one], [other], alike + 0.001) == {}


SIDES = {"Problem": 0, "Cause": 0, "Remedy": 1, "Goal": 1, "Achievement": 2}
words = st.text("数据标准", min_size=1, max_size=7)
records = st.lists(st.tuples(words, st.sampled_from(sorted(SIDES))), max_size=9)
Drawn = list[tuple[str, str]]


def similar_by_trying_all(before: list[FactorRecord], after: list[FactorRecord], alike: float) -> dict[str, str]:
    """Rewordings, best first, of factors that share no quote."""
    found: dict[str, str] = {}
    pairs = [
        (-similarity(a.quote, b.quote), abs(i - j), i + j, a, b)
        for (i, a), (j, b) in product(enumerate(before), enumerate(after))
        if SIDES[a.type] == SIDES[b.type] and similarity(a.quote, b.quote) >= alike
    ]
    for *_, a, b in sorted(pairs, key=lambda pair: pair[:3]):
        if a.iri not in found and b.iri not in found.values():
            found[a.iri] = b.iri
    return found


@given(records, records, st.sampled_from([0.2, 0.5, 0.6, 0.75, 1.0]))
def test_rewordings_are_those_that_a_comparison_of_all_pairs_finds(left: Drawn, right: Drawn, alike: float) -> None:
    shared = {quote for quote, _ in left} & {quote for quote, _ in right}
    before = [record(f"a{i}", quote, kind) for i, (quote, kind) in enumerate(left) if quote not in shared]
    after = [record(f"b{i}", quote, kind) for i, (quote, kind) in enumerate(right) if quote not in shared]
    assert match(before, after, alike) == similar_by_trying_all(before, after, alike)


def drawn(prefix: str, factors: Drawn, pairs: set[tuple[int, int]]) -> Graph:
    """A graph of random factors, of which the second and every third after it have the same IRI in every graph."""
    argument = Argument(file_name=f"{prefix}.txt")
    names = [f"shared{i}" if i % 3 == 1 else f"{prefix}{i}" for i in range(len(factors))]
    for name, (quote, kind) in zip(names, factors, strict=True):
        argument.factor(name, kind, quote)
    for i, j in sorted(pairs):
        if i < len(names) and j < len(names) and i != j:
            argument.link(names[i], "partOf", names[j], negated=(i + j) % 5 == 0)
    return argument.graph


pairs_of_indices = st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=9)
some = st.lists(st.tuples(words, st.sampled_from(sorted(SIDES))), min_size=1, max_size=9)


@given(some, some, pairs_of_indices, pairs_of_indices)
def test_the_way_back_is_the_mirror_of_the_way_there(
    left: Drawn, right: Drawn, left_links: set[tuple[int, int]], right_links: set[tuple[int, int]]
) -> None:
    before, after = drawn("a", left, left_links), drawn("b", right, right_links)
    there, back = diff(before, after), diff(after, before)
    mirrored = {ADDED: REMOVED, REMOVED: ADDED, CHANGED: CHANGED, UNCHANGED: UNCHANGED}

    def told(changes: tuple[Change[FactorRecord], ...] | tuple[Change[LinkRecord], ...]) -> set[object]:
        return {(c.kind, c.before and c.before.iri, c.after and c.after.iri, c.fields) for c in changes}

    for one, other in ((told(there.factors), told(back.factors)), (told(there.links), told(back.links))):
        assert one == {(mirrored[kind], after, before, fields) for kind, before, after, fields in other}
    for name in ("factors", "links"):
        assert {mirrored[kind]: number for kind, number in back.counts[name].items()} == there.counts[name]


@given(some, some, st.randoms(use_true_random=False))
def test_the_order_of_the_triples_makes_no_difference(left: Drawn, right: Drawn, chance: random.Random) -> None:
    def shuffled(graph: Graph) -> Graph:
        triples = sorted(graph)
        chance.shuffle(triples)
        result = Graph()
        for triple in triples:
            result.add(triple)
        return result

    before, after = drawn("a", left, {(0, 1), (2, 1)}), drawn("b", right, {(0, 1)})
    assert diff(shuffled(before), shuffled(after)).to_json() == diff(before, after).to_json()


# One graph of two


def changes(graph: Graph) -> dict[str, str]:
    """What the records of a merged graph say, by quote; of a link, by the quotes of its ends."""
    network = to_networkx(graph)
    quote = {each.iri: each.quote for each in factors(network)}
    found = {each.quote: each.change for each in factors(network)}
    return found | {f"{quote[each.source]} → {quote[each.target]}": each.change for each in links(network)}


def test_the_union_holds_both_editions_and_says_what_became_of_everything() -> None:
    merged = union(FIRST, SECOND, diff(FIRST, SECOND))
    assert validate(merged).render("en") == "the graph conforms\n"
    assert set(FIRST) | set(SECOND) <= set(merged)
    assert {predicate for _, predicate, _ in set(merged) - set(FIRST) - set(SECOND)} == {FTZ.change, DCTERMS.replaces}
    assert changes(merged) == {
        "数据标准不统一": "unchanged",
        "部门之间难以共享信息": "unchanged",
        "专业人才不足": "changed",
        "企业融资难": "unchanged",
        "跨境结算周期长": "added",
        "建立统一的数据平台": "changed",
        "加快建立全国统一的数据平台": "changed",
        "引进专业人才": "removed",
        "设立融资担保基金": "added",
        "数据标准不统一 → 部门之间难以共享信息": "unchanged",
        "建立统一的数据平台 → 部门之间难以共享信息": "unchanged",
        "加快建立全国统一的数据平台 → 部门之间难以共享信息": "unchanged",
        "引进专业人才 → 专业人才不足": "removed",
        "设立融资担保基金 → 企业融资难": "added",
    }
    quote = {URIRef(each.iri): each.quote for each in factors(to_networkx(merged))}
    replaced = {(quote[new], quote[old]) for new, old in merged.subject_objects(DCTERMS.replaces)}
    assert ("加快建立全国统一的数据平台", "建立统一的数据平台") in replaced
    assert len(replaced) == 5


def test_a_drawing_shows_each_factor_once_and_removed_links_between_what_is_left() -> None:
    merged = overlay(FIRST, SECOND, diff(FIRST, SECOND))
    assert validate(merged).conforms
    assert len(factors(to_networkx(merged))) == 8
    assert changes(merged) == {
        "数据标准不统一": "unchanged",
        "部门之间难以共享信息": "unchanged",
        "专业人才不足": "changed",
        "企业融资难": "unchanged",
        "跨境结算周期长": "added",
        "加快建立全国统一的数据平台": "changed",
        "引进专业人才": "removed",
        "设立融资担保基金": "added",
        "数据标准不统一 → 部门之间难以共享信息": "unchanged",
        "加快建立全国统一的数据平台 → 部门之间难以共享信息": "unchanged",
        "引进专业人才 → 专业人才不足": "removed",
        "设立融资担保基金 → 企业融资难": "added",
    }


CLAUSES = ("数据标准不统一", "信息难以共享", "通关时间过长", "建立数据平台", "提高通关效率")
types = st.sampled_from([None, *FactorType])
verdicts = st.tuples(types, types, types, types, types)
Verdicts = tuple[FactorType | None, ...]


def judged(verdicts: Verdicts, related: set[tuple[Relation, int, int]], denied: bool, sure: float) -> Graph:
    """What a reader makes of one and the same text; links that do not fit the types are left out."""
    document = ftzgraph.read_text("改革方案\n\n" + "。".join(CLAUSES) + "。", "text.txt")
    spans = [Span(at, at + len(clause)) for clause in CLAUSES for at in [document.text.index(clause)]]
    found = [(i, Factor(spans[i], kind, confidence=sure)) for i, kind in enumerate(verdicts) if kind]
    index = {i: place for place, (i, _) in enumerate(found)}
    made = []
    for relation, i, j in sorted(related):
        source, target = verdicts[i], verdicts[j]
        allowed = source and target and i != j and {
            Relation.CAUSES: source.is_barrier and target.is_barrier,
            Relation.ADDRESSES: source.is_strategy and target.is_barrier,
            Relation.AIMS_AT: (source, target) == (FactorType.REMEDY, FactorType.GOAL),
            Relation.PART_OF: True,
        }[relation]  # fmt: skip
        if allowed:
            made.append(Link(relation, index[i], index[j], (spans[i],), negated=denied))
    return to_rdf(CausalMap(document, tuple(each for _, each in found), tuple(made)))


related = st.sets(st.tuples(st.sampled_from(list(Relation)), st.integers(0, 4), st.integers(0, 4)), max_size=12)


@settings(max_examples=25)
@given(verdicts, verdicts, related, related, st.booleans(), st.booleans(), st.sampled_from([0.0, 0.5]))
def test_two_readings_of_one_text_make_a_graph_that_conforms(
    one: Verdicts,
    other: Verdicts,
    one_links: set[tuple[Relation, int, int]],
    other_links: set[tuple[Relation, int, int]],
    one_denies: bool,
    other_denies: bool,
    least: float,
) -> None:
    before, after = judged(one, one_links, one_denies, 0.4), judged(other, other_links, other_denies, 0.6)
    found = diff(before, after, min_confidence=least)
    for merge in (union, overlay):
        merged = merge(before, after, found)
        assert validate(merged).render("en") == "the graph conforms\n"
        assert set(after) <= set(merged)
        network = to_networkx(merged)
        assert {each.iri: each.change for each in factors(network)} == {c.last.iri: c.kind for c in found.factors}
        kinds = {(c.last.relation, c.last.source, c.last.target): c.kind for c in found.links}
        assert {
            (each.relation, each.source, each.target): each.change for each in links(network)
        }.items() <= kinds.items()


def test_where_two_readings_differ_the_second_stands() -> None:
    problem = (FactorType.PROBLEM, None, None, FactorType.REMEDY, None)
    cause = (FactorType.CAUSE, None, None, FactorType.REMEDY, None)
    before = judged(problem, {(Relation.ADDRESSES, 3, 0)}, denied=True, sure=0.9)
    after = judged(cause, {(Relation.ADDRESSES, 3, 0)}, denied=False, sure=0.7)
    merged = to_networkx(union(before, after, diff(before, after)))
    assert [(each.type, each.confidence) for each in factors(merged)] == [("Cause", 0.7), ("Remedy", 0.7)]
    assert [(each.negated, each.change) for each in links(merged)] == [(False, "changed")]


def test_a_removed_link_whose_end_may_not_have_it_any_more_is_told_but_not_merged() -> None:
    before = judged((FactorType.CAUSE, FactorType.PROBLEM, None, None, None), {(Relation.CAUSES, 0, 1)}, False, 0.8)
    after = judged((FactorType.CAUSE, FactorType.GOAL, None, None, None), set(), False, 0.8)
    found = diff(before, after)
    assert [change.kind for change in found.links] == [REMOVED]
    assert links(to_networkx(union(before, after, found))) == []


def test_a_link_that_was_sent_elsewhere_by_hand_stands_as_it_is_now() -> None:
    before = judged(
        (FactorType.PROBLEM, FactorType.EFFECT, FactorType.EFFECT, None, None), {(Relation.CAUSES, 0, 1)}, False, 0.8
    )
    after = Graph() + before
    (link,) = after.subjects(RDF.type, FTZ.Link)
    source, old = after.value(link, RDF.subject), after.value(link, RDF.object)
    (new,) = set(after.subjects(RDF.type, FTZ.Effect)) - {old}
    after.set((link, RDF.object, new))
    after.remove((source, FTZ.causes, old))
    after.add((source, FTZ.causes, new))
    found = diff(before, after)
    assert found.counts["links"] == {ADDED: 1, REMOVED: 1, CHANGED: 0, UNCHANGED: 0}
    merged = union(before, after, found)
    assert validate(merged).conforms
    assert [(each.target, each.change) for each in links(to_networkx(merged))] == [(str(new), "added")]


def test_a_comparison_of_compared_graphs_starts_afresh() -> None:
    merged = union(FIRST, SECOND, diff(FIRST, SECOND))
    again = union(merged, merged, diff(merged, merged))
    assert validate(again).conforms
    assert set(changes(again).values()) == {"unchanged"}


def test_the_program_knows_the_changes_of_the_ontology() -> None:
    assert set(CHANGES.values()) == set(ontology().subjects(RDF.type, FTZ.Change))


def test_an_unknown_change_is_refused_by_reader_and_shapes() -> None:
    graph = Graph() + FIRST
    node = next(graph.subjects(RDF.type, FTZ.Problem))
    graph.add((node, FTZ.change, FTZ.Asserted))
    with pytest.raises(GraphError, match="ftz:change is ftz:Asserted"):
        to_networkx(graph)
    assert not validate(graph).conforms


# Written down


def test_the_table_shows_what_changed_and_nothing_else() -> None:
    table = diff(FIRST, SECOND).render(lang="en", width=200)
    shown = [" ".join(line.replace("│", " ").split()) for line in table.splitlines()]
    assert "Factors 2 1 2 3" in shown
    assert "Links 1 1 0 2" in shown
    assert "no longer answered 专业人才不足 引进专业人才" in shown
    assert "newly answered 企业融资难 设立融资担保基金" in shown
    assert "new and unanswered 跨境结算周期长" in shown
    assert "changed cause 专业人才不足 专业人才不足 type: problem → cause" in shown
    assert "changed remedy 建立统一的数据平台 加快建立全国统一的数据平台 wording" in shown
    assert "removed 引进专业人才 addresses 专业人才不足" in shown
    assert "unchanged 部门" not in table


def test_the_table_speaks_chinese() -> None:
    table = diff(FIRST, SECOND).render(width=200)
    assert "类型：问题 → 原因" in table
    assert "不再有对策" in table
    assert not [word for word in ("added", "change", "answered", "graph") if word in table]


def test_tables_without_rows_are_left_out() -> None:
    assert diff(FIRST, FIRST).render("md", "en").count("\n## ") == 2


def test_what_differs_is_told_with_both_values_and_so_is_confidence() -> None:
    before, after = Argument(), Argument()
    for argument, modality, confidence in ((before, "Asserted", "0.90"), (after, "Demanded", "0.50")):
        argument.factor("r", "Remedy", modality=modality, confidence=confidence)
    after.add(ID["r"], FTZ.negated, Literal(True))
    told = diff(before.graph, after.graph).render("md", "en")
    assert "modality: asserted → demanded; negated: no → yes; confidence: 0.9 → 0.5 |" in told


def test_the_text_of_a_document_cannot_act_in_markdown_or_on_the_terminal() -> None:
    evil = Argument(title="a|b\x1b[2J")
    evil.factor("p", quote="<b>信息|不共享\n# x\x1b[31m")
    found = diff(evil.graph, Argument().graph)
    written = found.render("md", "en")
    assert "\x1b" not in found.render("table", "en") + written
    assert "| removed | problem | \\<b\\>信息\\|不共享 \\# x \\[31m |  |  |" in written


def test_many_documents_are_counted() -> None:
    many = Argument()
    many.document("另一份", "b.txt")
    assert "| A | 2 documents |  |  |" in diff(many.graph, FIRST).render("md", "en")


def test_csv_holds_every_factor_and_link() -> None:
    rows = list(csv.DictReader(StringIO(diff(FIRST, SECOND).to_csv())))
    assert [(row["item"], row["change"]) for row in rows].count(("factor", "unchanged")) == 3
    assert len(rows) == 8 + 4
    (reworded,) = (row for row in rows if row["fields"] == "quote")
    assert (reworded["before_text"], reworded["after_text"]) == ("建立统一的数据平台", "加快建立全国统一的数据平台")
    assert reworded["before_iri"] != reworded["after_iri"]
    assert (reworded["before_confidence"], reworded["after_negated"], reworded["after_inferred"]) == (
        "0.8",
        "false",
        "",
    )
    (gone,) = (row for row in rows if (row["item"], row["change"]) == ("link", "removed"))
    assert (gone["before_type"], gone["before_text"]) == ("addresses", "引进专业人才 → 专业人才不足")
    assert (gone["before_inferred"], gone["after_text"], gone["after_confidence"]) == ("false", "", "")


def test_json_holds_everything() -> None:
    found = json.loads(diff(FIRST, SECOND).to_json())
    assert list(found) == ["documents", "counts", "answers", "factors", "links"]
    assert found["counts"]["factors"] == {"added": 2, "removed": 1, "changed": 2, "unchanged": 3}
    assert [document["title"] for document in found["documents"]["before"]] == ["自贸试验区改革方案"]
    (gone,) = (entry for entry in found["factors"] if entry["kind"] == "removed")
    assert (gone["before"]["quote"], gone["before"]["type"], gone["after"]) == ("引进专业人才", "Remedy", None)
    (start, end), = gone["before"]["places"]  # fmt: skip
    assert end - start == len("引进专业人才")
    assert sorted(entry["news"] for entry in found["answers"]) == ["lost", "open", "won"]
    (lost,) = (entry for entry in found["answers"] if entry["news"] == "lost")
    assert lost["before"] == [gone["before"]["iri"]]


def test_an_unknown_format_or_language_is_refused() -> None:
    with pytest.raises(ValueError, match="no such format: xml"):
        diff(FIRST, SECOND).render("xml")
    with pytest.raises(ValueError, match="no such language: de"):
        diff(FIRST, SECOND).render(lang="de")


# The command


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("editions")
    for name, graph in (("a.ttl", FIRST), ("b.ttl", SECOND)):
        (folder / name).write_text(serialise(graph), encoding="utf-8")
    return folder / "a.ttl", folder / "b.ttl"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["diff", *map(str, arguments)], prog_name="ftzgraph")


def test_the_command_prints_each_format(files: tuple[Path, Path]) -> None:
    found = diff(FIRST, SECOND)
    for format_, expected in (
        ("table", found.render(lang="en")),
        ("csv", found.to_csv()),
        ("json", found.to_json()),
        ("turtle", serialise(union(FIRST, SECOND, found))),
    ):
        result = run(*files, "--format", format_, "--lang", "en")
        assert result.exit_code == 0
        assert result.stdout_bytes.decode() == expected
    assert run(*files, "--lang", "en").stdout == found.render(lang="en")


def test_the_command_writes_what_the_suffix_says(files: tuple[Path, Path], tmp_path: Path) -> None:
    found = diff(FIRST, SECOND)
    for name, expected in (
        ("x.md", found.render("md")),
        ("x.csv", found.to_csv()),
        ("x.json", found.to_json()),
        ("x.TTL", serialise(union(FIRST, SECOND, found))),
        ("x.html", ftzgraph.render(overlay(FIRST, SECOND, found))),
    ):
        result = run(*files, "-o", tmp_path / name)
        assert (result.exit_code, result.stdout) == (0, f"{tmp_path / name}\n")
        assert (tmp_path / name).read_bytes().decode() == expected
    assert run(*files, "-o", tmp_path / "x.txt", "--format", "table").exit_code == 0
    assert (tmp_path / "x.txt").read_text(encoding="utf-8") == found.render("md")
    refused = run(*files, "-o", tmp_path / "x.png")
    assert refused.exit_code == 2
    assert "choose a form with --format" in refused.stderr


def test_the_command_ends_well_where_nothing_differs_and_leaves_out_what_is_unsure(files: tuple[Path, Path]) -> None:
    assert run(files[0], files[0]).exit_code == 0
    counts = json.loads(run(*files, "--format", "json", "--min-confidence", "0.9").stdout)["counts"]
    assert sum(counts["factors"].values()) == 0


@pytest.mark.parametrize("content", [None, "not a graph", "<https://example.org/a> <https://example.org/b> 1 ."])
def test_what_is_no_graph_is_told_in_one_line(files: tuple[Path, Path], tmp_path: Path, content: str | None) -> None:
    other = tmp_path / "other.ttl"
    if content is not None:
        other.write_text(content, encoding="utf-8")
    for arguments, name in (((other, files[1]), "first graph"), ((files[0], other), "second graph")):
        result = run(*arguments)
        assert result.exit_code == 1
        (line,) = result.stderr.splitlines()
        assert line.startswith("ftzgraph: ")
        assert name in line or str(other) in line


def test_the_command_gives_the_same_bytes_in_every_process(files: tuple[Path, Path]) -> None:
    def written(seed: str, format_: str) -> bytes:
        command = [sys.executable, "-m", "ftzgraph", "diff", *map(str, files), "--format", format_]
        environment = os.environ | {"PYTHONHASHSEED": seed}
        return subprocess.run(command, env=environment, check=True, capture_output=True).stdout

    for format_ in ("table", "turtle"):
        assert written("1", format_) == written("2", format_)
