"""The ontology as one page of HTML in both languages, with an anchor for each term, examples and alignments."""

import base64
import hashlib
import re
from collections.abc import Iterable
from typing import Final, NamedTuple, TypeAlias

from markdown_it import MarkdownIt
from markupsafe import Markup
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, VANN, Graph, Literal, URIRef
from rdflib.term import Node

from ftzgraph.knowledge.order import reading_order
from ftzgraph.knowledge.vocabulary import FTZ_IRI, PREFIXES, compact, ontology
from ftzgraph.resources import resource, templates

Both: TypeAlias = tuple[str, str]
"""A text in Chinese and in English."""

_KINDS: Final[dict[Node, Both]] = {
    OWL.Class: ("类", "Classes"),
    OWL.ObjectProperty: ("对象属性", "Object properties"),
    OWL.DatatypeProperty: ("数据属性", "Datatype properties"),
    OWL.NamedIndividual: ("个体", "Individuals"),
}
_TRAITS: Final[dict[Node, Both]] = {
    OWL.FunctionalProperty: ("函数性：至多一个值", "functional: at most one value"),
    OWL.IrreflexiveProperty: ("反自反：不指向自身", "irreflexive: never from a thing to itself"),
    OWL.AsymmetricProperty: ("非对称：两个方向不并存", "asymmetric: never in both directions"),
}
# What is said of a term, and what other terms say of it.
_FACTS: Final[dict[Node, Both]] = {
    RDF.type: ("属于", "is a"),
    RDFS.subClassOf: ("上位类", "subclass of"),
    RDFS.subPropertyOf: ("上位属性", "subproperty of"),
    RDFS.domain: ("定义域", "domain"),
    RDFS.range: ("值域", "range"),
    OWL.disjointWith: ("互斥", "disjoint with"),
}
_REVERSED: Final[dict[Node, Both]] = {
    RDF.type: ("成员", "members"),
    RDFS.subClassOf: ("下位类", "subclasses"),
    RDFS.domain: ("以其为定义域", "is the domain of"),
    RDFS.range: ("以其为值域", "is the range of"),
    OWL.disjointWith: ("互斥", "disjoint with"),
}
_MATCHES: Final[dict[Node, Both]] = {
    RDFS.subClassOf: ("是其子类", "is a subclass of"),
    RDFS.subPropertyOf: ("是其子属性", "is a subproperty of"),
    SKOS.closeMatch: ("接近", "is close to"),
    SKOS.broadMatch: ("比它窄", "is narrower than"),
    SKOS.relatedMatch: ("相关", "is related to"),
}


class Reference(NamedTuple):
    """A term with its prefix, and where a link to it leads: within the page for a term of its own."""

    name: str
    address: str


class Term(NamedTuple):
    """What the page says of a term; each fact has a heading and the terms it names."""

    name: str
    label: Both
    definition: Both
    note: Both
    traits: list[Both]
    facts: list[tuple[Both, list[Reference]]]
    examples: list[str]


class Example(NamedTuple):
    """A graph of ``ontology/examples``."""

    name: str
    title: Both
    turtle: str


def page(lang: str = "zh") -> str:
    """Write the ontology as a page.

    Args:
        lang: the language that comes first, ``"zh"`` or ``"en"``; the page has both.

    Returns:
        HTML that refers to nothing outside itself; the element with the identifier ``Factor`` tells of ``ftz:Factor``,
        and so for every term.
    """
    graph = ontology()
    (head,) = graph.subjects(RDF.type, OWL.Ontology)
    examples = [_example(path.stem, path.read_text("utf-8")) for path in resource("ontology/examples").glob("*.ttl")]
    examples.sort(key=lambda example: (len(example.turtle), example.name))
    environment = templates("ftzgraph.knowledge")
    css = environment.get_template("ontology.css").render()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return environment.get_template("ontology.html.j2").render(
        lang=lang,
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        css=Markup(css),
        iri=str(head),
        title=_both(head, DCTERMS.title),
        description=_both(head, DCTERMS.description),
        version=graph.value(head, OWL.versionInfo),
        version_iri=graph.value(head, OWL.versionIRI),
        prior_version=graph.value(head, OWL.priorVersion),
        licence=graph.value(head, DCTERMS.license),
        namespace=graph.value(head, VANN.preferredNamespaceUri),
        source=base64.b64encode(resource("ontology/ftzgraph.ttl").read_bytes()).decode(),
        kinds=[(heading, _terms(kind, examples)) for kind, heading in _KINDS.items()],
        examples=examples,
        alignments=_alignments(),
        prefixes=PREFIXES,
        questions=_markdown("competency-questions.md"),
        changes=_markdown("CHANGELOG.md"),
    )


def _terms(kind: Node, examples: Iterable[Example]) -> list[Term]:
    """The terms of a kind, in the order in which the ontology's file defines them."""
    order = re.findall(r"^ftz:(\w+) a ", resource("ontology/ftzgraph.ttl").read_text("utf-8"), re.MULTILINE)
    found = [name for name in order if (URIRef(FTZ_IRI + name), RDF.type, kind) in ontology()]
    return [_term(name, examples) for name in found]


def _term(name: str, examples: Iterable[Example]) -> Term:
    graph, term = ontology(), URIRef(FTZ_IRI + name)
    types = set(graph.objects(term, RDF.type))
    facts: dict[Both, set[Node]] = {}
    for predicate, heading in _FACTS.items():
        facts.setdefault(heading, set()).update(graph.objects(term, predicate))
    for predicate, heading in _REVERSED.items():
        facts.setdefault(heading, set()).update(graph.subjects(predicate, term))
    told = [(heading, _references(terms - {*_KINDS, *_TRAITS})) for heading, terms in facts.items()]
    return Term(
        name,
        _both(term, RDFS.label),
        _both(term, SKOS.definition),
        _both(term, SKOS.scopeNote),
        [words for trait, words in _TRAITS.items() if trait in types],
        [(heading, terms) for heading, terms in told if terms],
        [example.name for example in examples if re.search(rf"\bftz:{name}\b", example.turtle)],
    )


def _references(terms: Iterable[Node]) -> list[Reference]:
    return [_reference(term) for term in sorted(terms, key=reading_order) if isinstance(term, URIRef)]


def _reference(term: Node) -> Reference:
    iri = str(term)
    return Reference(compact(term), f"#{iri.removeprefix(FTZ_IRI)}" if iri.startswith(FTZ_IRI) else iri)


def _alignments() -> list[tuple[Reference, Both, Reference]]:
    """How terms lie to those of other vocabularies, by vocabulary."""
    stated = ontology() + Graph(bind_namespaces="none").parse(resource("ontology/alignment.ttl"), format="turtle")
    found = [
        (_reference(term), _MATCHES[predicate], _reference(other))
        for term, predicate, other in stated
        if predicate in _MATCHES and isinstance(other, URIRef) and not other.startswith(FTZ_IRI)
    ]
    return sorted(found, key=lambda row: (row[2].name.partition(":")[0], row[0].name, row[2].name))


def _both(term: Node, predicate: URIRef) -> Both:
    texts = {text.language: str(text) for text in ontology().objects(term, predicate) if isinstance(text, Literal)}
    return texts.get("zh", ""), texts.get("en", "")


def _example(name: str, text: str) -> Example:
    titles = dict(re.findall(r"^# title\.(zh|en): (.+)$", text, re.MULTILINE))
    return Example(name, (titles["zh"], titles["en"]), re.sub(r"^# title.*\n", "", text, flags=re.MULTILINE).lstrip())


def _markdown(name: str) -> Markup:
    """A text of the ontology's folder as HTML, its headings one level deeper and without links to files beside it."""
    text = resource(f"ontology/{name}").read_text("utf-8")
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    return Markup(MarkdownIt().enable("table").render(re.sub(r"^#", "##", text, flags=re.MULTILINE)))
