"""Small RDF graphs for the tests of analysis, written triple by triple so that the expected answer can be seen."""

from itertools import pairwise, product

from hypothesis import strategies as st
from rdflib import DCTERMS, PROV, RDF, RDFS, SKOS, XSD, Graph, Literal, URIRef

from ftzgraph.knowledge.vocabulary import FTZ, ID, OA


def iri(name: str) -> str:
    return str(ID[name])


class Argument:
    """An RDF graph of one document or many; factors stand in the order in which they are added."""

    def __init__(self, title: str = "测试文件", file_name: str = "a.txt") -> None:
        self.graph = Graph()
        self.document(title, file_name)

    def document(self, title: str, file_name: str, *creators: str) -> None:
        self.current = ID[file_name.replace(".", "-")]
        self.offset = 0
        self.add(self.current, RDF.type, FTZ.Document)
        self.add(self.current, DCTERMS.title, Literal(title, lang="zh"))
        self.add(self.current, FTZ.fileName, Literal(file_name))
        for creator in creators:
            self.add(self.current, DCTERMS.creator, Literal(creator))

    def section(self, name: str, title: str, number: str = "", order: int = 0, parent: str | None = None) -> None:
        node = ID[name]
        self.add(node, RDF.type, FTZ.Section)
        self.add(node, DCTERMS.title, Literal(title, lang="zh"))
        self.add(node, DCTERMS.isPartOf, self.current if parent is None else ID[parent])
        self.add(node, FTZ.order, Literal(order))
        if number:
            self.add(node, FTZ.number, Literal(number))

    def factor(
        self,
        name: str,
        kind: str = "Problem",
        quote: str = "",
        section: str | None = None,
        confidence: str = "0.80",
        modality: str = "Asserted",
        mentions: tuple[str, ...] = (),
    ) -> None:
        node = ID[name]
        quote = quote or f"陈述{name}"
        self.add(node, RDF.type, FTZ[kind])
        self.add(node, RDFS.label, Literal(quote, lang="zh"))
        self.add(node, PROV.wasDerivedFrom, self.current)
        self.add(node, FTZ.modality, FTZ[modality])
        self.add(node, FTZ.confidence, Literal(confidence, datatype=XSD.decimal))
        self.evidence(node, quote)
        if section:
            self.add(node, FTZ.inSection, ID[section])
        for mention in mentions:
            self.add(node, FTZ.mentions, ID[mention])

    def evidence(self, node: URIRef, quote: str) -> None:
        place = URIRef(f"{self.current}-evidence-{self.offset}")
        self.add(node, FTZ.evidence, place)
        self.select(place, quote)

    def sentence(self, text: str, cue: str = "") -> None:
        node = URIRef(f"{self.current}-sentence-{self.offset}")
        self.add(node, RDF.type, FTZ.Sentence)
        self.add(node, FTZ.order, Literal(self.offset))
        if cue:
            self.add(node, FTZ.cue, Literal(cue))
        self.select(node, text)

    def select(self, place: URIRef, quote: str) -> None:
        selector = URIRef(f"{self.current}-selector-{self.offset}")
        self.add(place, OA.hasSource, self.current)
        self.add(place, OA.hasSelector, selector)
        self.add(selector, OA.start, Literal(self.offset))
        self.add(selector, OA.end, Literal(self.offset + len(quote)))
        self.add(selector, OA.exact, Literal(quote))
        self.offset += len(quote) + 1

    def link(
        self,
        source: str,
        relation: str,
        target: str,
        confidence: str = "0.80",
        inferred: bool = False,
        negated: bool = False,
        modality: str = "Asserted",
    ) -> None:
        node = ID[f"{relation}-{source}-{target}"]
        self.add(node, RDF.type, FTZ.Link)
        self.add(node, RDF.subject, ID[source])
        self.add(node, RDF.predicate, FTZ[relation])
        self.add(node, RDF.object, ID[target])
        self.add(node, FTZ.confidence, Literal(confidence, datatype=XSD.decimal))
        self.add(node, FTZ.inferred, Literal(inferred))
        self.add(node, FTZ.modality, FTZ[modality])
        if negated:
            self.add(node, FTZ.negated, Literal(True))
        else:
            self.add(ID[source], FTZ[relation], ID[target])

    def causes(self, *chain: str, confidence: str = "0.80") -> None:
        for source, target in pairwise(chain):
            self.link(source, "causes", target, confidence)

    def mention(self, name: str, kind: str, label: str, label_en: str = "", tier: str = "") -> None:
        self.add(ID[name], RDF.type, FTZ[kind])
        if tier:
            self.add(ID[name], FTZ.tier, Literal(tier))
        self.add(ID[name], SKOS.prefLabel, Literal(label, lang="zh"))
        if label_en:
            self.add(ID[name], SKOS.prefLabel, Literal(label_en, lang="en"))

    def add(self, *triple: object) -> None:
        self.graph.add(triple)  # type: ignore[arg-type]


def barriers(*names: str) -> Argument:
    """An argument of problems without links."""
    argument = Argument()
    for name in names:
        argument.factor(name)
    return argument


def network(size: int, edges: set[tuple[int, int]], confidence: str = "0.80") -> Argument:
    """Problems f0, f1, … and what causes what."""
    argument = barriers(*(f"f{number}" for number in range(size)))
    for source, target in sorted(edges):
        argument.causes(f"f{source}", f"f{target}", confidence=confidence)
    return argument


BARRIERS, REMEDIES, GOALS = ("b0", "b1", "b2", "b3", "b4"), ("r0", "r1", "r2"), ("g0", "g1")
Links = dict[tuple[str, str, str], str]
"""Confidence by source, relation and target."""
link_sets: st.SearchStrategy[Links] = st.dictionaries(
    st.sampled_from(
        [
            *((source, "causes", target) for source, target in product(BARRIERS, BARRIERS) if source != target),
            *product((*REMEDIES, *GOALS), ["addresses"], BARRIERS),
            *product(REMEDIES, ["aimsAt"], GOALS),
        ]
    ),
    st.sampled_from(["0.20", "0.40", "0.60", "0.80", "1.00"]),
    max_size=18,
)


def argued(links: Links) -> Argument:
    """The barriers, remedies and goals of the random links, and the links."""
    argument = barriers(*BARRIERS)
    for name in REMEDIES:
        argument.factor(name, "Remedy")
    for name in GOALS:
        argument.factor(name, "Goal")
    for (source, relation, target), confidence in sorted(links.items()):
        argument.link(source, relation, target, confidence)
    return argument
