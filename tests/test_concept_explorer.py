"""The explorer of a graph with concepts: it opens on what many documents say, and leads down to the words of each."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import Browser
from concept_graphs import Paper, concept_graph
from rdflib import RDF, SKOS, Graph, Literal
from stated_documents import PROBLEM, REMEDY, Said, Tied, document
from test_rendering_explorer import Page

from ftzgraph.analysis.graph import to_networkx
from ftzgraph.causalmap import FactorType, Relation
from ftzgraph.errors import GraphError
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.knowledge.vocabulary import FTZ
from ftzgraph.rendering.concepts import Concept, ConceptLink, Concepts, arrangeable, first_step, read_concepts, steps
from ftzgraph.rendering.explorer import render

DOCTORS, PAID_LITTLE, PAY = Said(PROBLEM, "村医待遇偏低"), Said(PROBLEM, "乡村医生收入低"), Said(REMEDY, "提高村医补助")
WIND, LAND = Said(PROBLEM, "弃风弃光严重"), Said(PROBLEM, "码头用地不足")
ANSWERED = Tied(Relation.ADDRESSES, 1, 0)
PAPERS = {
    "甲": Paper([DOCTORS, PAY], [ANSWERED]),
    "乙": Paper([PAID_LITTLE, PAY, WIND], [ANSWERED]),
    "丙": Paper([DOCTORS, LAND, PAY], [Tied(Relation.ADDRESSES, 2, 0, negated=True)]),
}
SAME = [(DOCTORS.text, PAID_LITTLE.text)]


@pytest.fixture(scope="module")
def graph() -> Graph:
    return concept_graph(PAPERS, SAME, close=[(WIND.text, LAND.text, 0.4)], related=[(DOCTORS.text, PAY.text, 0.8)])


def made(support: int, number: int) -> Concept:
    return Concept(f"c{number}", f"概念{number}", (), FactorType.PROBLEM, support, (), (), ())


def test_a_graph_is_read_into_concepts_those_that_most_documents_state_first(graph: Graph) -> None:
    found = read_concepts(graph, to_networkx(graph))
    assert [(each.label, each.support, each.wordings, each.type) for each in found.concepts] == [
        (PAY.text, 3, (), "Remedy"),
        (DOCTORS.text, 3, (PAID_LITTLE.text,), "Problem"),
        (WIND.text, 1, (), "Problem"),
        (LAND.text, 1, (), "Problem"),
    ]
    pay, doctors, wind, land = found.concepts
    assert [(each.label, each.confidence) for each in doctors.related] == [(PAY.text, 0.8)]
    assert [(each.label, each.confidence) for each in land.close] == [(WIND.text, 0.4)]
    assert [(each.label, each.confidence) for each in wind.close] == [(LAND.text, 0.4)]
    (link,) = found.links
    assert (link.source, link.relation, link.target) == (pay.iri, Relation.ADDRESSES, doctors.iri)
    assert (link.support, link.contradictions, len(link.links)) == (2, 1, 3)


def test_copies_count_once() -> None:
    graph = concept_graph({"甲": Paper([DOCTORS]), "乙": Paper([DOCTORS])}, copies={"乙": "甲"})
    (concept,) = read_concepts(graph, to_networkx(graph)).concepts
    assert (concept.support, len(concept.factors)) == (1, 2)


@pytest.mark.parametrize(
    ("predicate", "value", "complaint"),
    [(FTZ.support, "viele", "not a whole number"), (SKOS.prefLabel, None, "no skos:prefLabel")],
)
def test_what_a_concept_lacks_is_said(predicate: object, value: str | None, complaint: str) -> None:
    graph = concept_graph({"甲": Paper([DOCTORS])})
    (concept,) = graph.subjects(RDF.type, FTZ.Concept)
    graph.remove((concept, predicate, None))
    if value is not None:
        graph.add((concept, predicate, Literal(value)))
    with pytest.raises(GraphError, match=complaint):
        read_concepts(graph, to_networkx(graph))


def test_links_of_unknown_relations_and_wrong_confidences_are_complained_of(graph: Graph) -> None:
    for predicate, value, complaint in (
        (RDF.predicate, FTZ.mentions, "none of"),
        (FTZ.confidence, Literal(3), "not a number from 0 to 1"),
        (FTZ.confidence, Literal("sure"), "not a number from 0 to 1"),
    ):
        edited = Graph() + graph
        (link,) = edited.subjects(RDF.type, FTZ.ConceptLink)
        edited.set((link, predicate, value))
        with pytest.raises(GraphError, match=complaint):
            read_concepts(edited, to_networkx(edited))


def test_the_page_offers_only_numbers_of_documents_that_leave_concepts_and_opens_on_what_recurs() -> None:
    few = Concepts((made(7, 0), made(2, 1), made(1, 2)), ())
    assert (steps(few), first_step(few)) == ((1, 2, 3, 5), 2)
    once = Concepts((made(1, 0),), ())
    assert (steps(once), first_step(once)) == ((1,), 1)
    many = Concepts(tuple(made(5 if i < 100 else 3 if i < 400 else 1, i) for i in range(2000)), ())
    assert (steps(many), first_step(many)) == ((2, 3, 5), 5)
    crowd = Concepts(tuple(made(1, i) for i in range(2000)), ())
    assert (steps(crowd), first_step(crowd)) == ((1,), 1)


def test_the_graph_to_arrange_has_the_concepts_that_enough_documents_state_and_links_between_them() -> None:
    links = tuple(ConceptLink(f"l{i}", Relation.CAUSES, "c0", f"c{i}", 1, 0, 0.5, ()) for i in (1, 2))
    part = arrangeable(Concepts((made(3, 0), made(2, 1), made(1, 2)), links), 2)
    assert (list(part), list(part.edges())) == (["c0", "c1"], [("c0", "c1")])


def test_a_page_of_a_graph_without_concepts_has_no_level_of_concepts() -> None:
    html = render(document("甲", [DOCTORS]))
    assert "concepts" not in Page(html).data
    assert 'id="level"' not in html


def test_every_number_of_documents_has_layouts_of_the_concepts_it_leaves(graph: Graph) -> None:
    concepts = Page(render(graph)).data["concepts"]
    assert (concepts["steps"], concepts["least"]) == ([1, 2, 3], 2)
    left = {name: len(layout["positions"]) for name, layout in concepts["layouts"].items()}
    assert left == {f"{name} {step}": n for name in ("causal", "free") for step, n in ((1, 4), (2, 2), (3, 2))}
    assert concepts["factors"][0]["lines"][-1] == "×3"


def test_the_page_is_the_same_in_every_process(graph: Graph, tmp_path: Path) -> None:
    path = tmp_path / "graph.ttl"
    path.write_text(serialise(graph), encoding="utf-8")
    code = (
        "import sys; from ftzgraph.store import open_graph; from ftzgraph.rendering.explorer import render; "
        "sys.stdout.buffer.write(render(open_graph(sys.argv[1])).encode())"
    )
    pages = {
        subprocess.run(
            [sys.executable, "-c", code, str(path)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(pages) == 1


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    opened = Browser(tmp_path_factory.mktemp("browser"))
    yield opened
    opened.driver.quit()


@pytest.fixture(scope="module")
def page(graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "graph.html"
    path.write_text(render(graph, lang="en"), encoding="utf-8")
    return path


def test_it_opens_on_the_concepts_that_recur(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.text("#counts") == "2 concepts · 1 links"
    assert browser.texts("#level [aria-pressed=true]") == ["Concepts"]
    assert browser.requests() == browser.complaints() == []


def test_a_least_number_of_documents_is_chosen_and_kept_in_the_address(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run(
        "const least = document.getElementById('least'); least.value = '1'; least.dispatchEvent(new Event('change'))"
    )
    assert browser.text("#counts") == "4 concepts · 1 links"
    address = browser.run("return location.hash")
    browser.open(page, address)
    assert (address, browser.text("#counts")) == ("#n=1", "4 concepts · 1 links")


def test_a_concept_tells_its_wordings_and_the_quotes_of_each_document(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.select(DOCTORS.text)
    assert browser.texts("#detail .wordings li") == [PAID_LITTLE.text]
    assert sorted(browser.texts("#detail .statements h3")) == ["丙.txt", "乙.txt", "甲.txt"]
    assert sorted(browser.texts("#detail .statements mark.quote")) == sorted(
        [PAID_LITTLE.text, DOCTORS.text, DOCTORS.text]
    )
    assert PAY.text in browser.text("#detail")


def test_a_quote_leads_to_its_document(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.select(DOCTORS.text)
    for index, title in enumerate(browser.texts("#detail .statements h3")):
        browser.run("document.querySelectorAll('#detail .statements button')[arguments[0]].click()", index)
        assert browser.text("#text .title") == title
        assert browser.texts("#text mark.selected")


def test_a_link_of_concepts_tells_who_states_and_who_denies_it(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("ftzgraph.select(ftzgraph.data.links[0].iri)")
    assert "Documents that state it2" in browser.text("#detail dl")
    assert "Documents that deny it1" in browser.text("#detail dl")
    assert len(browser.texts("#detail .statements .said")) == 3
    assert browser.text("#detail .statements").count("denied") == 1


def test_a_concept_that_is_too_rare_to_be_shown_can_be_chosen_all_the_same(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.select(WIND.text)
    assert browser.text("#counts") == "4 concepts · 1 links"
    assert LAND.text in browser.text("#detail")


def test_the_switch_leads_to_the_factors_and_back(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.press("#level [value=factors]")
    browser.wait("window.ftzgraph?.data.factors.length === 8")
    assert browser.run("return location.hash") == "#g=factors"
    assert browser.text("#counts") == "8 factors · 3 links"
    browser.press("#level [value=concepts]")
    browser.wait("window.ftzgraph?.data.factors.length === 4")
    assert browser.run("return location.hash") == ""


def test_the_table_and_the_csv_count_documents(browser: Browser, page: Path) -> None:
    browser.open(page, "#v=table")
    assert browser.texts("#table-factors tbody td") == ["Remedy", PAY.text, "3", "Problem", DOCTORS.text, "3"]
    factors, links = (path.read_text("utf-8-sig").splitlines() for path in browser.download("csv", 2))
    assert factors[0] == "iri,type,quote,wordings,support,document,mentions"
    assert [row.split(",")[2:5] for row in factors[1:]] == [[PAY.text, "", "3"], [DOCTORS.text, PAID_LITTLE.text, "3"]]
    assert links[0].endswith("support,contradictions,confidence")


def test_the_turtle_of_what_is_shown_has_only_concepts_that_are_shown_and_what_they_rest_on(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    (path,) = browser.download("turtle")
    saved = Graph().parse(path, format="turtle")
    labels = {str(saved.value(node, SKOS.prefLabel)) for node in saved.subjects(RDF.type, FTZ.Concept)}
    assert labels == {PAY.text, DOCTORS.text}
    assert len(set(saved.subjects(RDF.type, FTZ.Factor))) == 6
    assert len(set(saved.subjects(RDF.type, FTZ.Link))) == 3
    assert len(set(saved.subjects(RDF.type, FTZ.ConceptLink))) == 1
    for match in saved.subjects(RDF.type, FTZ.Match):
        assert all(saved.value(match, end) is not None for end in (RDF.subject, RDF.predicate, RDF.object))
    assert read_concepts(saved, to_networkx(saved)).concepts[0].label == PAY.text


def test_words_of_documents_stay_words(browser: Browser, tmp_path: Path) -> None:
    evil = Said(PROBLEM, "<img src=x onerror=alert(1)></script><b>不足</b>")
    path = tmp_path / "graph.html"
    path.write_text(render(concept_graph({"甲": Paper([evil]), "乙": Paper([evil])})), encoding="utf-8")
    browser.open(path)
    browser.select(evil.text)
    assert browser.text("#detail blockquote") == evil.text
    assert browser.run("return document.querySelectorAll('main img, main b').length") == 0
    assert browser.complaints() == []
