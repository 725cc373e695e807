"""The corpus and its markup."""

import json
from pathlib import Path

import pytest

from ftzgraph.causalmap import FactorType, Relation, Span
from ftzgraph.corpus import parse_passage, read_passages
from ftzgraph.errors import GoldError
from ftzgraph.gold import load_gold

PASSAGES = Path(__file__).parent.parent / "data" / "corpus" / "passages"
HEAD = "domain: d\ngenre: g\nstyle: 2010s\n---\n"


def passage(body: str):
    return parse_passage("x-1", HEAD + body)


def test_marks_become_factors_and_links():
    p = passage("由于{P/C1|人手不足}，{E1?|窗口\n排队}。\n---\ncauses: P1>E1?\n")
    assert p.text == "由于人手不足，窗口\n排队。"
    assert [(f.name, f.types, f.span, f.optional) for f in p.factors] == [
        ("P1", (FactorType.PROBLEM, FactorType.CAUSE), Span(2, 6), False),
        ("E1", (FactorType.EFFECT,), Span(7, 12), True),
    ]
    assert [(x.relation, x.source, x.target, x.optional) for x in p.links] == [(Relation.CAUSES, "P1", "E1", True)]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("{P1|甲乙丙丁}，{P1|戊己庚辛}。\n---\n", "P1 stands twice"),
        ("{P1|甲乙丙丁。\n---\n", "broken markup"),
        ("{P1|甲乙丙丁}。\n---\ncauses: P1>E9\n", "does not link two factors"),
        ("{P1|甲乙丙丁}。\n---\nhelps: P1>P1\n", "unknown relation"),
    ],
)
def test_broken_markup_names_passage_and_fault(body, fault):
    with pytest.raises(GoldError, match=f"x-1.*{fault}"):
        passage(body)


def test_a_passage_without_head_is_refused():
    with pytest.raises(GoldError, match="no genre"):
        parse_passage("x-1", "domain: d\n---\n甲。\n---\n")


def test_gold_of_a_passage_can_be_loaded(tmp_path):
    p = passage("人手不足。由于{C1|人手不足}，{E1|窗口\n排队}。\n---\ncauses: C1>E1\n")
    (tmp_path / "x-1.txt").write_text(p.text, encoding="utf-8", newline="")
    (tmp_path / "x-1.json").write_text(json.dumps(p.to_gold()), encoding="utf-8")
    gold = load_gold(tmp_path / "x-1.json")
    assert [f.text for f in gold.factors] == ["人手不足", "窗口排队"]
    assert min(gold.factors[0].span) == 7


def test_the_corpus_parses_and_is_what_the_datasheet_promises():
    passages = list(read_passages(PASSAGES))
    names = [p.name for p in passages]
    assert len(set(names)) == len(names) >= 400
    assert sum(sum(not c.isspace() for c in p.text) for p in passages) >= 200_000
    assert len({p.genre for p in passages}) >= 10
    assert len({p.domain for p in passages}) >= 25
    assert {p.style for p in passages} == {"1990s", "2000s", "2010s", "2020s"}


@pytest.mark.parametrize("path", sorted(PASSAGES.glob("*.txt")), ids=lambda path: path.stem)
def test_links_join_what_the_guidelines_let_them_join(path):
    barrier, strategy = ({t for t in FactorType if t.is_barrier}, {t for t in FactorType if t.is_strategy})
    ends = {
        Relation.CAUSES: (barrier, barrier),
        Relation.ADDRESSES: (strategy, barrier),
        Relation.AIMS_AT: (strategy, strategy),
        Relation.PART_OF: (set(FactorType), set(FactorType)),
    }
    wrong = []
    for p in read_passages(path):
        types = {f.name: set(f.types) for f in p.factors}
        for link in p.links:
            sources, targets = ends[link.relation]
            if not (types[link.source] & sources and types[link.target] & targets) or link.source == link.target:
                wrong.append((p.name, link))
    assert wrong == []
