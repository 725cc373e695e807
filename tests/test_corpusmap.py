"""What many documents say together: the corpus map and its brief."""

import json
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph
from stated_documents import PROBLEM, REMEDY, Said, Tied, document

from ftzgraph.causalmap import Relation
from ftzgraph.cli import main
from ftzgraph.concepts.rdf import with_concepts
from ftzgraph.corpusmap.brief import corpus_brief
from ftzgraph.corpusmap.measures import CorpusMap, _tail, corpus_map
from ftzgraph.corpusmap.records import has_concepts, read_records
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.store import open_store

DOCTORS, WIND, LAND = Said(PROBLEM, "村医待遇偏低"), Said(PROBLEM, "弃风弃光问题严重"), Said(PROBLEM, "码头用地不足")
PAY, GRID = Said(REMEDY, "提高村医补助标准"), Said(REMEDY, "加快外送通道建设")
ANSWERED = Tied(Relation.ADDRESSES, 1, 0)


def write(path: Path, *documents: Graph) -> Path:
    """Write the graph of documents with their concepts."""
    plain = path.with_suffix(".plain.ttl")
    plain.write_text(serialise(sum(documents, Graph())), encoding="utf-8")
    with open_store(plain) as store:
        assert not has_concepts(store)
        path.write_text(serialise(with_concepts(store)), encoding="utf-8")
    return path


def mapped(path: Path, *documents: Graph, min_confidence: float = 0.0) -> CorpusMap:
    """The map of documents."""
    with open_store(write(path, *documents)) as store:
        assert has_concepts(store)
        return corpus_map(read_records(store), min_confidence)


@pytest.fixture
def corpus(tmp_path: Path) -> CorpusMap:
    """Two documents on doctors and one of them on wind power, a third one on wind power that denies a remedy, and a copy."""
    noise = [f"第{i}句话与要素无关，写在这里只是为了让两份文件看起来相同" for i in range(5)]
    return mapped(
        tmp_path / "graph.ttl",
        document("甲", [DOCTORS, PAY], [ANSWERED], date="2020"),
        document("乙", [DOCTORS, PAY, WIND], [ANSWERED], date="2022-03", noise=noise),
        document("丙", [WIND, GRID], [Tied(Relation.ADDRESSES, 1, 0, negated=True)], date="2022"),
        document("丁", [DOCTORS, PAY, WIND], [ANSWERED], date="2023", noise=noise),
    )


def test_what_recurs_what_was_tried_and_what_nobody_answers(corpus: CorpusMap) -> None:
    assert (corpus.documents, corpus.copies, corpus.years) == (3, 1, {2020: 1, 2022: 2})
    assert [(row.concept.label, row.concept.support, row.years, row.answered) for row in corpus.barriers] == [
        (WIND.text, 2, (2022, 2022), 0),
        (DOCTORS.text, 2, (2020, 2022), 2),
    ]
    assert [(row.concept.label, row.answered) for row in corpus.strategies] == [(PAY.text, 1)]
    assert [(row.strategy.label, row.barrier.label, row.tie.support, row.years) for row in corpus.tried] == [
        (PAY.text, DOCTORS.text, 2, (2020, 2022))
    ]
    assert [row.concept.label for row in corpus.unanswered] == [WIND.text]
    assert [(tie.support, tie.contradictions) for tie in corpus.contradicted] == [(0, 1)]


def test_each_year_is_counted(corpus: CorpusMap) -> None:
    assert {trend.concept.label: trend.counts for trend in corpus.trends} == {WIND.text: (0, 2), DOCTORS.text: (1, 1)}


def test_links_below_a_confidence_are_left_out(tmp_path: Path) -> None:
    documents = [document(name, [DOCTORS, PAY], [ANSWERED], noise=[name]) for name in "甲乙"]
    assert mapped(tmp_path / "a.ttl", *documents, min_confidence=0.7).tried
    found = mapped(tmp_path / "b.ttl", *documents, min_confidence=0.8)
    assert (found.tried, len(found.unanswered)) == ((), 1)


def test_barriers_that_go_together_and_places_that_differ(tmp_path: Path) -> None:
    from rdflib import DCTERMS, RDF, Literal

    from ftzgraph.knowledge.vocabulary import FTZ

    documents = []
    for i in range(8):
        said = [DOCTORS, WIND] if i < 4 else [LAND]
        made = document(f"第{i}份", said, noise=[f"第{i}句"])
        (node,) = made.subjects(RDF.type, FTZ.Document)
        made.add((node, DCTERMS.spatial, Literal("青海" if i < 4 else "浙江")))
        documents.append(made)
    found = mapped(tmp_path / "graph.ttl", *documents)
    assert [({row.first.label, row.second.label}, row.documents, row.lift) for row in found.together] == [
        ({DOCTORS.text, WIND.text}, 4, 2.0)
    ]
    assert {
        (row.group, row.concept.label, row.inside, row.size, row.outside, row.rest) for row in found.differences
    } == {
        ("青海", DOCTORS.text, 4, 4, 0, 4),
        ("青海", WIND.text, 4, 4, 0, 4),
        ("浙江", LAND.text, 4, 4, 0, 4),
    }


@given(
    st.integers(0, 7).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(0, n), st.integers(0, n)))
)
def test_the_tail_is_what_counting_all_draws_gives(numbers: tuple[int, int, int, int]) -> None:
    total, drawn, marked, hits = numbers
    draws = list(combinations(range(total), drawn))
    expected = sum(1 for draw in draws if sum(i < marked for i in draw) >= hits) / len(draws)
    assert _tail(hits, drawn, marked, total) == pytest.approx(expected)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_brief_tells_it_in_both_languages(corpus: CorpusMap, lang: str) -> None:
    text = corpus_brief(corpus, lang)
    first = text.splitlines()[0]
    assert first == {"zh": "# 3 份文件论证综述", "en": "# What 3 documents say together"}[lang]
    assert f"| 「{DOCTORS.text}」 | 2 | 2020–2022 | 2 |" in text
    assert f"| 「{DOCTORS.text}」 | 「{PAY.text}」 | 2 | 0.75 | 2020–2022 |" in text
    assert f"| 「{WIND.text}」 | 0/1 | 2/2 |" in text
    assert corpus_brief(corpus, lang) == text
    with pytest.raises(ValueError, match="no report in 'fr'"):
        corpus_brief(corpus, "fr")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_where_nothing_recurs_the_brief_says_so(tmp_path: Path, lang: str) -> None:
    text = corpus_brief(mapped(tmp_path / "graph.ttl", document("甲", [DOCTORS])), lang)
    assert {"zh": "没有障碍见于两份以上文件。", "en": "No barrier stands in two documents."}[lang] in text


def test_text_of_documents_cannot_act(tmp_path: Path) -> None:
    evil = Said(PROBLEM, "<script>alert(1)</script>|[x](http://evil.example)不足")
    path = write(tmp_path / "graph.ttl", document("甲", [evil]), document("乙", [evil], noise=["别的"]))
    page = CliRunner().invoke(main, ["analyse", str(path), "--format", "html"]).output
    assert "<script" not in page
    assert '<a href="http' not in page


def test_the_command_writes_the_brief_of_a_corpus_in_all_formats(tmp_path: Path) -> None:
    documents = [document(name, [DOCTORS, PAY], [ANSWERED], noise=[name]) for name in "甲乙"]
    path = write(tmp_path / "graph.ttl", *documents)
    for name in ("a.md", "a.html", "a.docx", "a.json"):
        result = CliRunner().invoke(main, ["analyse", str(path), "-o", str(tmp_path / name), "--lang", "en"])
        assert result.exit_code == 0, result.output
    told = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert [row["concept"]["label"] for row in told["barriers"]] == [DOCTORS.text]
    assert "What 2 documents say together" in (tmp_path / "a.html").read_text("utf-8")
    assert (tmp_path / "a.docx").read_bytes()[:2] == b"PK"
    plain = CliRunner().invoke(main, ["analyse", str(path.with_suffix(".plain.ttl")), "--lang", "en"])
    assert "2 documents" in plain.output
    assert "What 2 documents say together" not in plain.output
