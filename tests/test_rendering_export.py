"""What leaves the page as a file: SVG, PNG, CSV and Turtle, as its export menu hands them over."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from browsing import Browser
from causal_maps import CAUSE, DOCUMENT, EFFECT, MAP, PROBLEM, REMEDY, SOURCE, THREAT, source_id
from drawn_graphs import HOSTILE, document_graph
from lxml import etree
from PIL import Image
from rdflib import PROV, RDF, RDFS, XSD, BNode, Graph, Literal, URIRef

from ftzgraph.causalmap import CausalMap, FactorType, Relation
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.serialisation import load, serialise
from ftzgraph.knowledge.validation import validate
from ftzgraph.knowledge.vocabulary import FTZ, ID
from ftzgraph.rendering.explorer import render

# Texts that a spreadsheet would reckon with or a careless writer of CSV would break.
UNRULY = ("=1+1", "+增长", "-下降", "@SUM(A1)", "\t=2", '逗号,与"引号"')
# Characters that JSON and RDF can hold, but XML cannot.
UNPRINTABLE = ("控制\x01字\x0b符", "非\ufffe字\uffff符")
UNNAMED = BNode("unnamed")
SVG = "{http://www.w3.org/2000/svg}"


Opener = Callable[[Graph], Browser]


@pytest.fixture
def opener(browser: Browser, tmp_path: Path) -> Opener:
    """Opens the page of a graph."""

    def opened(graph: Graph) -> Browser:
        page = tmp_path / "page.html"
        page.write_text(render(graph), encoding="utf-8", newline="\n")
        browser.open(page)
        return browser

    return opened


@pytest.fixture
def opened(opener: Opener) -> Browser:
    """The page of the small map."""
    return opener(to_rdf(MAP))


def factor(quote: str) -> URIRef:
    return ID[source_id("factor", quote)]


def without(causal_map: CausalMap, hidden: str = "", minimum: float = 0.0) -> CausalMap:
    """The map without the factors or links of a type or relation, and without those below a confidence."""
    kept = [i for i, f in enumerate(causal_map.factors) if f.type != hidden and f.confidence >= minimum]
    links = [
        replace(link, source=kept.index(link.source), target=kept.index(link.target))
        for link in causal_map.links
        if link.relation != hidden and link.confidence >= minimum and {link.source, link.target} <= set(kept)
    ]
    return replace(causal_map, factors=tuple(causal_map.factors[i] for i in kept), links=tuple(links))


def test_exports_need_no_network_and_raise_no_complaint(opened: Browser) -> None:
    for kind, number in (("svg", 1), ("png", 1), ("csv", 2), ("turtle", 1)):
        opened.download(kind, number)
    assert opened.complaints() == []
    assert opened.requests() == []


# Turtle


def edited() -> Graph:
    """The graph of the map with what only people write: see the comments."""
    graph = to_rdf(MAP)
    # a relation without a link that describes it
    graph.add((factor(REMEDY), FTZ.partOf, factor(THREAT)))
    # a second, less certain link for a relation that has one
    for predicate, value in (
        (RDF.type, FTZ.Link),
        (RDF.subject, factor(CAUSE)),
        (RDF.predicate, FTZ.causes),
        (RDF.object, factor(PROBLEM)),
        (FTZ.confidence, Literal("0.1", datatype=XSD.decimal)),
    ):
        graph.add((ID.second, predicate, value))
    # factors of other names, one of them without any; their evidence is a sentence of the text
    for iri in UNNAMED, ID["手写(1)"]:
        graph.add((iri, RDF.type, FTZ.Goal))
        graph.add((iri, RDFS.label, Literal("手写")))
        graph.add((iri, FTZ.evidence, ID[source_id("sentence", "二、对策建议")]))
    # things of other vocabularies, with names and numbers that Turtle writes in several ways
    note = URIRef("https://example.org/note　1")
    graph.add((note, PROV.wasDerivedFrom, factor(CAUSE)))
    graph.add((note, RDFS.label, Literal('"反斜线\\"^^<x> . ; , \n"', lang="zh-Hans")))
    graph.add((note, RDFS.seeAlso, ID["instrument-%E3%80%8A法(2)/-x.%E3%80%8B"]))
    for value in (Literal(1), Literal(True), Literal(1.5), Literal("2024", datatype=XSD.gYear), Literal(". ;")):
        graph.add((note, RDF.value, value))
    return graph


@pytest.mark.parametrize(
    "graph",
    [to_rdf(MAP), document_graph([*HOSTILE, *UNRULY, *UNPRINTABLE], title=HOSTILE[0]), document_graph([]), edited()],
    ids=["map", "hostile", "empty", "edited"],
)
def test_turtle_of_everything_is_the_graph_byte_for_byte(opener: Opener, graph: Graph) -> None:
    page = opener(graph)
    assert page.download("turtle")[0].read_bytes().decode() == serialise(graph)


@pytest.mark.parametrize("hidden", [*FactorType, *Relation])
def test_turtle_without_a_type_is_the_graph_of_a_map_without_it(opened: Browser, hidden: str) -> None:
    opened.press(f".chip[value={hidden}]")
    path = opened.download("turtle")[0]
    assert path.read_bytes().decode() == serialise(to_rdf(without(MAP, hidden=hidden)))
    assert validate(load(path)).conforms


@pytest.mark.parametrize("minimum", [0.6, 0.75, 0.95])
def test_turtle_holds_what_is_certain_enough(opened: Browser, minimum: float) -> None:
    opened.run("window.ftzgraph.state.minimum = arguments[0]; window.ftzgraph.refresh()", minimum)
    path = opened.download("turtle")[0]
    assert path.read_bytes().decode() == serialise(to_rdf(without(MAP, minimum=minimum)))
    assert validate(load(path)).conforms


@pytest.mark.parametrize("hidden", ["partOf", "causes", "Goal", "Cause"])
def test_what_people_wrote_goes_only_with_what_it_is_about(opener: Opener, hidden: str) -> None:
    graph = edited()
    page = opener(graph)
    page.press(f".chip[value={hidden}]")
    gone = set(to_rdf(MAP)) - set(to_rdf(without(MAP, hidden=hidden)))
    if hidden == "partOf":
        gone |= {triple for triple in graph if triple[1] == FTZ.partOf}
    if hidden in ("causes", "Cause"):
        gone |= {triple for triple in graph if triple[0] == ID.second}
    if hidden == "Goal":
        gone |= {triple for triple in graph if triple[0] in (UNNAMED, ID["手写(1)"])}
    if hidden == "Cause":
        gone |= {triple for triple in graph if triple[2] == factor(CAUSE)}
    assert set(graph) - set(load(page.download("turtle")[0])) == gone


# Tables


def tables(page: Browser) -> list[list[dict[str, str]]]:
    """The rows of factors and those of links."""
    texts = [path.read_bytes().decode("utf-8-sig") for path in page.download("csv", 2)]
    return [list(csv.DictReader(io.StringIO(text, newline=""), strict=True)) for text in texts]


def test_tables_tell_of_factors_and_links(opened: Browser) -> None:
    factors, links = tables(opened)
    assert [row["quote"] for row in factors] == [DOCUMENT.text[f.span.start : f.span.end] for f in MAP.factors]
    assert factors[1] == {
        "iri": str(factor(PROBLEM)),
        "type": "Problem",
        "quote": PROBLEM,
        "document": "港口通关的问题与对策",
        "section": "一、主要问题",
        "confidence": "0.9",
        "modality": "asserted",
        "negated": "false",
        "method": "rules/lack",
        "cue": "不共享",
        "start": str(SOURCE.index("部门之间")),
        "end": str(SOURCE.index("，导致")),
        "mentions": "部门",
    }
    assert [row["relation"] for row in links] == ["causes", "causes", "addresses", "aimsAt"]
    assert links[2] == {
        "iri": str(ID[source_id("addresses", REMEDY, PROBLEM)]),
        "relation": "addresses",
        "source": str(factor(REMEDY)),
        "source_quote": REMEDY,
        "target": str(factor(PROBLEM)),
        "target_quote": PROBLEM,
        "confidence": "0.4",
        "modality": "asserted",
        "negated": "false",
        "inferred": "true",
        "method": "rules/topic",
        "cue": "",
        "start": f"{SOURCE.index('部门之间')}; {SOURCE.index(REMEDY)}",
        "end": f"{SOURCE.index('，导致')}; {SOURCE.index(REMEDY) + len(REMEDY)}",
    }


def test_tables_hold_what_is_shown(opened: Browser) -> None:
    opened.press(".chip[value=Problem]")
    factors, links = tables(opened)
    assert PROBLEM not in [row["quote"] for row in factors]
    assert len(factors) == len(MAP.factors) - 1
    assert [row["relation"] for row in links] == ["aimsAt"]


def test_tables_open_in_a_spreadsheet_as_text(opener: Opener) -> None:
    page = opener(document_graph([*UNRULY, *HOSTILE]))
    factors, _ = tables(page)
    defused = [quote if quote.startswith("逗") else f"'{quote}" for quote in UNRULY]
    assert [row["quote"] for row in factors] == [*defused, *HOSTILE]
    for path in page.downloads.iterdir():
        content = path.read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        assert content.endswith(b"\r\n")


# Pictures

_OVERFLOWING = """
  return [...document.querySelectorAll('g')].filter((group) => {
    if (!group.querySelector(':scope > title')) return false;
    const box = group.querySelector('path').getBBox();
    return [...group.querySelectorAll('text')].map((text) => text.getBBox()).some((text) =>
      text.x < box.x || text.x + text.width > box.x + box.width || text.y < box.y || text.y + text.height > box.y + box.height);
  }).map((group) => group.querySelector('title').textContent)"""
_TIPS = """
  const boxes = [...document.querySelectorAll('title + path')].map((path) => path.getBBox());
  const near = (a, b) => Math.abs(a - b) < 1;
  return [...document.querySelectorAll('svg > g > path[fill=none] + path')].map((head) => {
    const {x, y} = head.getPointAtLength(0);
    return boxes.some((box) =>
      (near(x, box.x) || near(x, box.x + box.width)) && y >= box.y - 1 && y <= box.y + box.height + 1 ||
      (near(y, box.y) || near(y, box.y + box.height)) && x >= box.x - 1 && x <= box.x + box.width + 1);
  })"""


def drawn(svg: Path) -> dict[str, etree._Element]:
    """The factors of a drawing by the words in their boxes."""
    groups = [title.getparent() for title in etree.parse(svg).iter(f"{SVG}title")]
    return {"".join(text.text or "" for text in group.iter(f"{SVG}text")): group for group in groups[1:]}


@pytest.mark.parametrize("layout", ["causal", "section", "free"])
def test_a_drawing_holds_every_factor_and_its_arrows_end_at_boxes(opened: Browser, layout: str) -> None:
    opened.press(f"#layout [value={layout}]")
    svg = opened.download("svg")[0]
    assert sorted(drawn(svg)) == sorted(DOCUMENT.text[f.span.start : f.span.end] for f in MAP.factors)
    opened.driver.get(svg.as_uri())
    assert opened.run(_OVERFLOWING) == []
    assert opened.run(_TIPS) == [True] * len(MAP.links)


def test_a_drawing_fades_what_is_not_in_focus(opened: Browser) -> None:
    opened.select(CAUSE)
    faded = {
        words
        for words, group in drawn(opened.download("svg")[0]).items()
        if group.find(f"{SVG}g[@opacity]") is not None
    }
    assert faded == {DOCUMENT.text[f.span.start : f.span.end] for f in MAP.factors} - {CAUSE, PROBLEM}


def test_a_drawing_names_the_document_and_explains_only_what_it_shows(opened: Browser) -> None:
    def words() -> list[str | None]:
        root = etree.parse(opened.download("svg")[0]).getroot()
        return [text.text for part in root[-2:] for text in part.iter(f"{SVG}text")]

    opened.press(".chip[value=Problem]")
    assert words() == ["港口通关的问题与对策", "原因", "后果", "对策", "目标", "成效", "旨在"]
    opened.press("#language")
    assert words() == ["港口通关的问题与对策", "Cause", "Effect", "Remedy", "Goal", "Achievement", "aims at"]


def test_text_of_a_document_stays_text_in_a_drawing(opener: Opener) -> None:
    page = opener(document_graph([*HOSTILE, *UNPRINTABLE], title="".join(HOSTILE)))
    svg = page.download("svg")[0]
    root = etree.parse(svg).getroot()
    assert {node.tag.removeprefix(SVG) for node in root.iter()} == {"svg", "title", "rect", "g", "path", "text"}
    titles = [title.text or "" for title in root.iter(f"{SVG}title")]
    assert titles[0] == "".join(HOSTILE)
    assert titles[1:] == [f"问题　{quote}" for quote in (*HOSTILE, "控制字符", "非字符")]
    page.driver.get(svg.as_uri())
    assert page.run("return window.harmed") is None
    assert page.run(_OVERFLOWING) == []


def test_the_overview_is_drawn_with_its_cards(opened: Browser) -> None:
    def words(svg: Path) -> list[str]:
        return [text.text or "" for text in etree.parse(svg).iter(f"{SVG}text")]

    opened.press("#layout [value=overview]")
    closed = opened.download("svg")[0]
    assert drawn(closed) == {}
    assert words(closed)[:4] == ["一、主要问题", "4 个要素", "二、对策建议", "3 个要素"]
    opened.press("#detail [aria-expanded=false]")
    half = opened.download("svg")[0]
    assert set(drawn(half)) == {CAUSE, PROBLEM, EFFECT, THREAT}
    assert words(half)[:3] == ["一、主要问题", "二、对策建议", "3 个要素"]


def test_an_empty_graph_is_drawn_too(opener: Opener) -> None:
    page = opener(document_graph([]))
    root = etree.parse(page.download("svg")[0]).getroot()
    assert [text.text for text in root.iter(f"{SVG}text")] == ["测试文件"]


def test_a_picture_is_the_drawing_at_twice_its_size(opened: Browser) -> None:
    root = etree.parse(opened.download("svg")[0]).getroot()
    picture = Image.open(opened.download("png")[0])
    assert picture.size == (2 * int(root.get("width", 0)), 2 * int(root.get("height", 0)))
    colors = picture.convert("RGB").getcolors(1 << 24) or []
    assert len(colors) > 20
    assert max(colors)[1] == (251, 250, 247)  # the frames'


@pytest.mark.parametrize("layout", ["causal", "section"])
def test_a_picture_is_no_larger_than_browsers_can_draw(opener: Opener, layout: str) -> None:
    page = opener(document_graph([f"第{i}项工作的责任落实不到位，进展缓慢" for i in range(500)]))
    page.press(f"#layout [value={layout}]")
    width, height = Image.open(page.download("png")[0]).size
    if layout == "causal":  # one long chain
        assert 8190 <= max(width, height) <= 8192
    else:
        assert 31e6 < width * height <= 32e6
