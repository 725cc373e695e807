"""The explorer: the whole graph as one page of HTML that needs no network.

pyvis builds the network model and brings the vis-network library; the page around it is our own, because pyvis's pages
load parts of themselves from elsewhere and let the text of a document become markup.
"""

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup
from pyvis.network import Network
from rdflib import Graph

from ftzgraph.analysis import graph as graphs
from ftzgraph.analysis.graph import FactorGraph, FactorRecord, LinkRecord, SentenceRecord, to_networkx
from ftzgraph.rendering import style
from ftzgraph.rendering.causal_layout import causal_order
from ftzgraph.rendering.concepts import Concepts, Likeness, arrangeable, first_step, read_concepts, steps
from ftzgraph.rendering.embedding import embedded
from ftzgraph.rendering.free_layout import free
from ftzgraph.rendering.labels import FONT_SIZE, LINE_HEIGHT, Label, label
from ftzgraph.rendering.layout import Layout
from ftzgraph.rendering.marks import Mark, find_cue, find_quote
from ftzgraph.rendering.section_layout import by_section
from ftzgraph.rendering.texts import say, template, texts

_SCRIPTS = (
    "data.js", "argument.js", "geometry.js", "canvas.js", "text.js", "panel.js", "concepts.js", "filters.js", "table.js", "export.js",
    "address.js", "explorer.js",
)  # fmt: skip
_LIBRARY = files("pyvis") / "lib" / "vis-9.1.2" / "vis-network.min.js"
_LISTS = ("documents", "sections", "sentences")
# Escapes keep a text from closing the data block, or from being read as anything but data.
_ESCAPES = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})
_OPTIONS: dict[str, Any] = {
    "autoResize": True,
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False, "randomSeed": 1},
    "interaction": {"hover": True, "tooltipDelay": 0, "hideEdgesOnZoom": False, "multiselect": False},
    "nodes": {"shape": "custom", "fixed": False},
    "edges": {"selectionWidth": 1.6, "hoverWidth": 0.6, "arrows": {"to": {"enabled": True, "scaleFactor": 0.5}}},
}


def render(graph: Graph, lang: str = "zh", min_confidence: float = 0.0) -> str:
    """Draw a graph as a page that opens offline: on its concepts if it has any, else on its factors.

    Args:
        graph: RDF in the shape of the ontology.
        lang: ``"zh"`` or ``"en"``, the language in which the page opens; a reader can switch.
        min_confidence: 0 to 1; factors and links below it are left out.

    Returns:
        HTML, the same bytes for the same input. It refers to nothing outside itself, and a content security policy
        forbids whatever is not its own script or style, so no text of a document can act as markup or script.

    Raises:
        GraphError: the graph holds no document or factor, or lacks something essential.
        ValueError: the language is neither ``"zh"`` nor ``"en"``.
    """
    network = to_networkx(graph, min_confidence)
    found = read_concepts(graph, network)
    title = _title(network, lang)
    data = {
        "lang": lang,
        "minConfidence": min_confidence,
        "texts": texts(),
        "style": _style(),
        "triples": embedded(graph),
        **_data(network),
    }
    if found.concepts:
        data["concepts"] = _concept_data(found, network)
    css, library = template("explorer.css"), _LIBRARY.read_text(encoding="utf-8")
    script = "(() => {\n" + "\n".join(map(template, _SCRIPTS)) + "\n})();\n"
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    return environment.from_string(template("explorer.html.j2")).render(
        lang=lang,
        t={key: text[lang] for key, text in texts().items()},
        title=title,
        has_concepts=bool(found.concepts),
        policy=f"default-src 'none'; script-src {_hash(library)} {_hash(script)}; style-src {_hash(css)}; "
        "img-src data:; base-uri 'none'; form-action 'none'",
        css=Markup(css),
        library=Markup(library),
        script=Markup(script),
        data=Markup(json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)),
    )


def _hash(block: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()}'"


def _title(graph: FactorGraph, lang: str) -> str:
    documents = list(graph.graph["documents"].values())
    corpus = say("corpus", lang, n=len(documents))
    return documents[0].title if len(documents) == 1 else corpus


def _style() -> dict[str, Any]:
    return {
        "fontSize": FONT_SIZE,
        "lineHeight": LINE_HEIGHT,
        "factors": {
            kind: {"color": look.color, "outline": look.outline, "radius": look.radius}
            for kind, look in style.FACTORS.items()
        },
        "links": {
            relation: {"color": look.color, "darkColor": look.dark_color, "dashes": look.dashes, "width": look.width}
            for relation, look in style.LINKS.items()
        },
    }


def _data(graph: FactorGraph) -> dict[str, Any]:
    """What the page knows. Documents, sections and sentences are told by their position in their list."""
    records = graph.graph
    documents, sections, sentences = ({iri: i for i, iri in enumerate(records[key])} for key in _LISTS)
    factors, links = graphs.factors(graph), graphs.links(graph)
    labels = {factor.iri: label(factor.quote) for factor in factors}
    layouts = {
        "causal": causal_order(graph, labels),
        "section": by_section(graph, labels),
        "free": free(graph, labels),
    }
    order = {factor.iri: i for i, factor in enumerate(factors)}
    nodes, edges, *_, options = _network(factors, links, layouts["causal"]).get_network_data()

    def statement(record: FactorRecord | LinkRecord) -> dict[str, Any]:
        quotes = [mark for evidence in record.evidence for mark in find_quote(evidence, records["sentences"])]
        cues = find_cue(record.cue, quotes, records["sentences"])

        def places(marks: list[Mark] | tuple[Mark, ...]) -> list[tuple[int, int, int]]:
            return sorted({(sentences[mark.sentence], mark.start, mark.end) for mark in marks})

        return {
            "iri": record.iri,
            "cue": record.cue,
            "method": record.method,
            "confidence": round(record.confidence, 4),
            "modality": record.modality,
            "negated": record.negated,
            "change": record.change,
            "offsets": [[evidence.start, evidence.end] for evidence in record.evidence],
            "quotes": places(quotes),
            "cues": places(cues),
        }

    return {
        "network": {"nodes": nodes, "edges": edges, "options": json.loads(options)},
        "layouts": {name: _layout(layout, order) for name, layout in layouts.items()},
        "documents": [
            {"title": d.title, "creators": d.creators, "file": d.file_name, "engine": d.engine}
            for d in records["documents"].values()
        ],
        "sections": [
            {
                "path": section.path,
                "document": documents.get(section.document),
                "parent": sections.get(section.parent or ""),
            }
            for section in records["sections"].values()
        ],
        "sentences": [
            {
                "document": documents[sentence.document],
                "paragraph": sentence.paragraph,
                "heading": _heading_level(sentence, graph),
                "text": sentence.text,
                "cue": sentence.cue,
            }
            for sentence in records["sentences"].values()
        ],
        "mentions": {
            iri: {"kind": mention.kind, "zh": mention.label, "en": mention.label_en or mention.label}
            for iri, mention in records["mentions"].items()
        },
        "factors": [
            {
                **statement(factor),
                "type": factor.type,
                "quote": factor.quote,
                "document": documents.get(factor.document),
                "section": sections.get(factor.section or ""),
                "mentions": [iri for iri in factor.mentions if iri in records["mentions"]],
                **_box(labels[factor.iri]),
            }
            for factor in factors
        ],
        "links": [
            {
                **statement(link),
                "relation": link.relation,
                "source": link.source,
                "target": link.target,
                "inferred": link.inferred,
            }
            for link in links
        ],
    }


def _concept_data(found: Concepts, graph: FactorGraph) -> dict[str, Any]:
    """What the page knows of concepts. The factors and links they rest on are told by their position in their list.

    The concepts that most documents state stand first, so that a least number of documents leaves the first of them;
    every such number that a reader can choose has layouts of its own.
    """
    offered = steps(found)
    shown = arrangeable(found, offered[0])
    concepts = [concept for concept in found.concepts if concept.iri in shown]
    labels = {concept.iri: _counted(label(concept.label), concept.support) for concept in concepts}
    parts = {step: arrangeable(found, step) for step in offered}
    layouts = {
        f"{name} {step}": (arrange(part, labels), {iri: i for i, iri in enumerate(part)})
        for step, part in parts.items()
        for name, arrange in (("causal", causal_order), ("free", free))
    }
    network = _network(graphs.factors(shown), graphs.links(shown), layouts[f"causal {offered[0]}"][0])
    nodes, edges, *_, options = network.get_network_data()
    factors = {factor.iri: i for i, factor in enumerate(graphs.factors(graph))}
    links = {link.iri: i for i, link in enumerate(graphs.links(graph))}

    def alike(likenesses: tuple[Likeness, ...]) -> list[dict[str, Any]]:
        return [{"iri": each.iri, "label": each.label, "confidence": round(each.confidence, 4)} for each in likenesses]

    return {
        "steps": offered,
        "least": first_step(found),
        "network": {"nodes": nodes, "edges": edges, "options": json.loads(options)},
        "layouts": {name: _layout(layout, order) for name, (layout, order) in layouts.items()},
        "factors": [
            {
                "iri": concept.iri,
                "type": concept.type.value,
                "quote": concept.label,
                "wordings": concept.wordings,
                "support": concept.support,
                "statements": [factors[iri] for iri in concept.factors],
                "close": alike(concept.close),
                "related": alike(concept.related),
                **_box(labels[concept.iri]),
            }
            for concept in concepts
        ],
        "links": [
            {
                "iri": link.iri,
                "relation": link.relation.value,
                "source": link.source,
                "target": link.target,
                "confidence": round(link.confidence, 4),
                "support": link.support,
                "contradictions": link.contradictions,
                "negated": not link.support,
                "statements": [links[iri] for iri in link.links],
            }
            for link in found.links
            if link.source in shown and link.target in shown
        ],
    }


def _counted(box: Label, support: int) -> Label:
    """A label with the number of documents below it."""
    return Label((*box.lines, f"×{support}"), box.width, box.height + LINE_HEIGHT)


def _network(factors: list[FactorRecord], links: list[LinkRecord], layout: Layout) -> Network:
    network = Network(directed=True)
    network.set_options(json.dumps(_OPTIONS))
    for factor in factors:
        x, y = layout.positions[factor.iri]
        network.add_node(factor.iri, label=factor.quote, shape="custom", group=factor.type, x=round(x), y=round(y))
    for link in links:
        network.add_edge(link.source, link.target, id=link.iri)
    return network


def _layout(layout: Layout, order: dict[str, int]) -> dict[str, Any]:
    """Positions in the order of the factors, and frames; what a frame holds is told by position in that order."""
    return {
        "positions": [[round(x) for x in layout.positions[iri]] for iri in order],
        "frames": [
            [
                round(f.left),
                round(f.top),
                round(f.width),
                round(f.height),
                f.kind,
                f.caption,
                [*map(order.get, f.members)],
            ]
            for f in layout.frames
        ],
    }


def _box(box: Label) -> dict[str, Any]:
    return {"lines": box.lines, "width": box.width, "height": box.height}


def _heading_level(sentence: SentenceRecord, graph: FactorGraph) -> int:
    """Level of the section whose heading the sentence is, 0 when it is none."""
    section = graph.graph["sections"].get(sentence.section)
    if section is None:
        return 0
    said, number, title = ("".join(text.split()) for text in (sentence.text, section.number, section.title))
    said = said.rstrip("。：；！？:;.")
    return int(section.level) if said.endswith(title) and len(said) <= len(number + title) + 1 else 0
