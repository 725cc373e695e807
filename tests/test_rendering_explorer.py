import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from causal_maps import MAP
from drawn_graphs import HOSTILE, document_graph
from rdflib import RDFS, Graph

from ftzgraph.analysis.graph import to_networkx
from ftzgraph.causalmap import FactorType, MentionKind, Modality, Relation
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.vocabulary import FTZ
from ftzgraph.rendering.explorer import render
from ftzgraph.rendering.texts import LANGUAGES, say, template, texts
from ftzgraph.resources import resource

ROOT = Path(__file__).parent.parent
LOADING = ("src", "href", "srcset", "data", "poster", "action", "formaction", "background", "xlink:href", "cite")


class Page(HTMLParser):
    """The elements of a page with their attributes, and the content of each script and style block."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: list[tuple[str, dict[str, str | None], str]] = []
        self.titles: list[str] = []
        self._path: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._path.append(tag)
        if tag in ("script", "style"):
            self.blocks.append((tag, dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self._path.append("/" + tag)

    def handle_data(self, data: str) -> None:
        where = self._path[-1] if self._path else ""
        if where in ("script", "style"):
            tag, attributes, text = self.blocks.pop()
            self.blocks.append((tag, attributes, text + data))
        elif where == "title":
            self.titles.append(data)

    @property
    def data(self) -> dict:
        (text,) = [text for tag, attributes, text in self.blocks if attributes.get("type") == "application/json"]
        return json.loads(text)

    @property
    def policy(self) -> dict[str, list[str]]:
        (content,) = [a["content"] for _, a in self.elements if a.get("http-equiv") == "Content-Security-Policy"]
        return {rule.split()[0]: rule.split()[1:] for rule in content.split(";")}


@pytest.fixture(scope="module")
def graph() -> Graph:
    return to_rdf(MAP)


@pytest.fixture(scope="module")
def page(graph: Graph) -> Page:
    return Page(render(graph))


@pytest.fixture(scope="module")
def hostile() -> Page:
    return Page(render(document_graph(HOSTILE, title=HOSTILE[0] + HOSTILE[1])))


def test_the_page_says_what_it_is(graph: Graph) -> None:
    html = render(graph)
    assert html.startswith("<!DOCTYPE html>")
    assert ("meta", {"charset": "utf-8"}) in Page(html).elements
    assert Page(html).titles == ["港口通关的问题与对策 · 政策论证图谱"]
    assert Page(render(graph, lang="en")).titles == ["港口通关的问题与对策 · Argument map"]


def test_the_page_refers_to_nothing_outside_itself(page: Page) -> None:
    references = [a[name] for _, a in page.elements for name in LOADING if a.get(name)]
    assert references == ["data:,"]
    assert {tag for tag, _ in page.elements}.isdisjoint({"iframe", "object", "embed", "base", "img", "audio", "video"})
    own = [text for tag, _, text in page.blocks if tag == "style" or "createCanvas" in text]
    assert len(own) == 2
    for text in own:
        text = text.replace("http://www.w3.org/2000/svg", "")  # a name, not an address
        assert not re.search(r"https?:|url\(|@import|import\(|fetch\(|XMLHttpRequest|WebSocket|innerHTML|eval\(", text)


def test_the_policy_allows_the_blocks_of_the_page_and_nothing_else(page: Page) -> None:
    import base64
    import hashlib

    def hashes(tag: str) -> list[str]:
        blocks = [text for t, attributes, text in page.blocks if t == tag and "type" not in attributes]
        return [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in blocks]

    assert page.policy == {
        "default-src": ["'none'"],
        "script-src": hashes("script"),
        "style-src": hashes("style"),
        "img-src": ["data:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    assert not any(name.startswith("on") or name == "style" for _, a in page.elements for name in a)


def test_text_of_a_document_stays_text(page: Page, hostile: Page) -> None:
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in page.elements]
    assert [attributes for _, attributes in hostile.elements] == [attributes for _, attributes in page.elements]
    assert hostile.titles == [f"{HOSTILE[0]}{HOSTILE[1]} · 政策论证图谱"]
    assert [factor["quote"] for factor in hostile.data["factors"]] == list(HOSTILE)
    (block,) = [text for _, attributes, text in hostile.blocks if attributes.get("type") == "application/json"]
    assert not set("<>&\u2028\u2029") & set(block)


def test_quotes_and_cues_are_marked_within_their_sentences(page: Page) -> None:
    data = page.data

    def marked(statement: dict, key: str) -> str:
        return "".join(data["sentences"][i]["text"][start:end] for i, start, end in statement[key])

    for factor in data["factors"]:
        assert marked(factor, "quotes") == factor["quote"]
        assert marked(factor, "cues") == factor["cue"]
    assert any(factor["cue"] for factor in data["factors"])


def test_the_model_holds_every_factor_and_link(graph: Graph, page: Page) -> None:
    expected = to_networkx(graph)
    data = page.data
    assert [node["id"] for node in data["network"]["nodes"]] == list(expected)
    assert {(e["from"], e["to"]) for e in data["network"]["edges"]} == set(expected.edges())
    for layout in data["layouts"].values():
        assert len({tuple(place) for place in layout["positions"]}) == len(expected)
    assert [(s["text"], s["heading"]) for s in data["sentences"]][:2] == [
        ("一、主要问题", 1),
        ("由于数据标准不统一，部门之间信息不共享，导致通关缓慢。", 0),
    ]


def test_a_least_confidence_leaves_out_what_is_below(graph: Graph) -> None:
    least = 0.75
    shown = Page(render(graph, min_confidence=least)).data
    kept = to_networkx(graph, least)
    assert 0 < len(kept) < len(to_networkx(graph))
    assert [factor["iri"] for factor in shown["factors"]] == list(kept)
    assert shown["minConfidence"] == least


def test_a_graph_without_factors_is_drawn_too() -> None:
    empty = Page(render(document_graph([]))).data
    assert empty["factors"] == []
    assert empty["network"]["nodes"] == []


def test_an_unknown_language_is_an_error(graph: Graph) -> None:
    with pytest.raises(ValueError, match="no such language: fr"):
        render(graph, lang="fr")


def test_same_bytes_whatever_the_hash_seed_and_the_surroundings(graph: Graph, tmp_path: Path) -> None:
    source = tmp_path / "graph.ttl"
    graph.serialize(source, format="turtle", encoding="utf-8")
    code = (
        "import sys, hashlib, rdflib; from ftzgraph.rendering.explorer import render; "
        "print(hashlib.sha256(render(rdflib.Graph().parse(sys.argv[1])).encode()).hexdigest())"
    )

    def digest(seed: str, locale: str, zone: str, folder: Path) -> str:
        surroundings = {"PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": zone, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", code, str(source)]
        return subprocess.run(
            command, env=os.environ | surroundings, cwd=folder, capture_output=True, text=True, check=True
        ).stdout

    assert digest("1", "C", "UTC", ROOT) == digest("2", "C.UTF-8", "Asia/Shanghai", tmp_path)


def test_the_page_speaks_the_language_of_the_ontology() -> None:
    ontology = Graph().parse(resource("ontology/ftzgraph.ttl"))
    named = [(kind.value, kind.value) for enum in (FactorType, Relation, MentionKind) for kind in enum]
    named += [(modality.value, modality.value.capitalize()) for modality in Modality]
    named += [(name, name.capitalize()) for name in ("factor", "link", "document")]
    named += [(name, name) for name in ("confidence", "cue", "method", "modality", "mentions", "engine", "evidence")]
    for key, name in named:
        said = {label.language: str(label) for label in ontology.objects(FTZ[name], RDFS.label)}
        assert {lang: say(key, lang).lower() for lang in LANGUAGES} == said


def test_every_text_stands_in_both_languages_and_every_text_asked_for_is_there() -> None:
    assert all(sorted(text) == sorted(LANGUAGES) and all(text.values()) for text in texts().values())
    scripts = "".join(map(template, ("data.js", "canvas.js", "panel.js", "table.js", "explorer.js")))
    html = template("explorer.html.j2")
    asked = re.findall(r'say\("([\w-]+)"', scripts) + re.findall(r'data-(?:text|label|placeholder)="([\w-]+)"', html)
    assert set(asked) <= set(texts())
    with pytest.raises(KeyError):
        say("nothing of the kind", "zh")
