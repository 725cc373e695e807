"""Changes to the factors and links of an RDF graph that leave nothing behind and nothing inconsistent."""

from typing import Final, TypeAlias

from rdflib import DCTERMS, PROV, RDF, RDFS, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from ftzgraph.extraction.mentions import mentions_in
from ftzgraph.knowledge.rdf import CONTEXT, mention_triples
from ftzgraph.knowledge.vocabulary import FACTOR_TYPES, FTZ, MODALITIES, OA, RELATIONS, ontology, superclasses
from ftzgraph.review.anchors import Stretch
from ftzgraph.review.decisions import FactorClaim, LinkClaim

REVIEWED: Final = "reviewed"
"""The ``ftz:method`` that says that a person has seen it, beside that of the reader that found it."""

Triple: TypeAlias = tuple[URIRef, URIRef, URIRef]

CERTAIN: Final = Literal("1.00", datatype=XSD.decimal)
_CLASSES: Final = frozenset(term for kind in FACTOR_TYPES.values() for term in (kind, *superclasses(kind)))


class Editor:
    """Changes a graph.

    Args:
        graph: the graph, which is changed in place.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def links_of(self, factor: str) -> list[str]:
        """Return the IRIs of the links that a factor is an end of."""
        node = URIRef(factor)
        ends = {link for end in (RDF.subject, RDF.object) for link in self.graph.subjects(end, node)}
        return sorted(str(link) for link in ends if (link, RDF.type, FTZ.Link) in self.graph)

    def ends(self, link: str) -> tuple[str, str]:
        """Return the IRIs of the factors that a link joins."""
        source, _, target = self._triple(URIRef(link))
        return str(source), str(target)

    def links_between(self, source: str, relation: URIRef, target: str) -> list[str]:
        """Return the IRIs of the links that describe a relation."""
        found = self.graph.subjects(RDF.subject, URIRef(source))
        return sorted(
            str(link)
            for link in found
            if (link, RDF.type, FTZ.Link) in self.graph
            and self._triple(link) == (URIRef(source), relation, URIRef(target))
        )

    def may_hold(self, link: str) -> bool:
        """Whether both ends of a link are of the types that the ontology lets its relation join."""
        source, relation, target = self._triple(URIRef(link))
        return all(
            (end, RDF.type, ontology().value(relation, side)) in self.graph
            for end, side in ((source, RDFS.domain), (target, RDFS.range))
        )

    def remove_factor(self, factor: str) -> None:
        """Remove a factor with its links."""
        for link in self.links_of(factor):
            self.remove_link(link)
        for relation in RELATIONS.values():  # those that no link describes
            self.graph.remove((URIRef(factor), relation, None))
            self.graph.remove((None, relation, URIRef(factor)))
        for match in list(self.graph.subjects(RDF.subject, URIRef(factor))):
            self._remove(match)
        self._remove(URIRef(factor))

    def remove_link(self, link: str) -> None:
        """Remove a link and the relation that it describes."""
        node = URIRef(link)
        triple = self._triple(node)
        self._remove(node)
        self._assert(triple)

    def write_factor(self, factor: str, claim: FactorClaim, stretch: Stretch | None) -> None:
        """Make a factor say what a claim says, with certainty.

        Args:
            factor: its IRI; it is made when there is none.
            claim: what it is to say.
            stretch: where it is to stand; ``None`` leaves it where it is.
        """
        node, kind = URIRef(factor), FACTOR_TYPES[claim.type]
        for term in _CLASSES:
            self.graph.remove((node, RDF.type, term))
        for term in (kind, *superclasses(kind)):
            self.graph.add((node, RDF.type, term))
        if stretch:
            self._place(node, stretch)
        self._judge(node, claim)

    def write_link(self, link: str, claim: LinkClaim, source: str, target: str) -> None:
        """Make a link say what a claim says, with certainty; a new link rests on the evidence of both ends.

        Args:
            link: its IRI; it is made when there is none.
            claim: what it is to say.
            source: IRI of the factor that it begins at.
            target: that of the one that it ends at.
        """
        node, ends = URIRef(link), (URIRef(source), URIRef(target))
        before = self._triple(node) if (node, RDF.type, FTZ.Link) in self.graph else None
        for term in (FTZ.Link, RDF.Statement):
            self.graph.add((node, RDF.type, term))
        triple = ends[0], RELATIONS[claim.relation], ends[1]
        for part, term in zip((RDF.subject, RDF.predicate, RDF.object), triple, strict=True):
            self.graph.set((node, part, term))
        self._judge(node, claim)
        if not before:
            for predicate in (FTZ.evidence, PROV.wasDerivedFrom):
                for end in ends:
                    for value in list(self.graph.objects(end, predicate)):
                        self.graph.add((node, predicate, value))
        self._assert(before or triple)
        self._assert(triple)

    def new_iri(self, document: str, kind: str, *numbers: int) -> str:
        """Return an IRI that nothing in the graph has, by the rule of all graphs unless that one is taken."""
        iri = "-".join([document, kind, *map(str, numbers)])
        while (URIRef(iri), None, None) in self.graph:
            iri += "-reviewed"
        return iri

    def _judge(self, node: URIRef, claim: FactorClaim | LinkClaim) -> None:
        self.graph.set((node, FTZ.confidence, CERTAIN))
        self.graph.add((node, FTZ.method, Literal(REVIEWED)))
        self.graph.set((node, FTZ.modality, MODALITIES[claim.modality]))
        self.graph.remove((node, FTZ.negated, None))
        if claim.negated:
            self.graph.add((node, FTZ.negated, Literal(True)))

    def _place(self, node: URIRef, stretch: Stretch) -> None:
        """Give a factor other evidence, and what depends on it; a link that rests on the evidence gets the new one too."""
        old, new = list(self.graph.objects(node, FTZ.evidence)), self._evidence(stretch)
        for owner in (node, *map(URIRef, self.links_of(str(node)))):
            rests = owner == node
            for each in old:
                if (owner, FTZ.evidence, each) in self.graph:
                    self.graph.remove((owner, FTZ.evidence, each))
                    rests = True
            if rests:
                self.graph.add((owner, FTZ.evidence, new))
        document = URIRef(stretch.document)
        language = str(self.graph.value(document, DCTERMS.language) or "zh")
        self.graph.set((node, RDFS.label, Literal(stretch.quote, lang=language)))
        self.graph.set((node, PROV.wasDerivedFrom, document))
        self.graph.remove((node, FTZ.inSection, None))
        section = stretch.sentences[0].section
        if section:
            self.graph.add((node, FTZ.inSection, URIRef(section)))
        mentioned = list(self.graph.objects(node, FTZ.mentions))
        self.graph.remove((node, FTZ.mentions, None))
        for mention in mentions_in(stretch.quote):
            for triple in mention_triples(node, mention):
                self.graph.add(triple)
        for each in (*old, *mentioned):
            self._sweep(each)

    def _evidence(self, stretch: Stretch) -> URIRef:
        """Return the piece of evidence that is a stretch, which is made when there is none."""
        document, (start, end), quote = stretch.document, stretch.offsets, Literal(stretch.quote)
        node, selector = (URIRef(f"{document}-{kind}-{start}-{end}") for kind in ("evidence", "selector"))
        if (selector, OA.exact, quote) not in self.graph and (selector, None, None) in self.graph:
            # Another quote of a text with gaps that are not told may have the same offsets.
            node, selector = (URIRef(self.new_iri(document, kind, start, end)) for kind in ("evidence", "selector"))
        prefix, suffix = stretch.context
        self.graph.add((node, RDF.type, OA.SpecificResource))
        self.graph.add((node, OA.hasSource, URIRef(document)))
        self.graph.add((node, OA.hasSelector, selector))
        for sentence in stretch.sentences:
            self.graph.add((node, FTZ.inSentence, URIRef(sentence.iri)))
        if (selector, None, None) not in self.graph:  # a sentence may have the same one
            self.graph.add((selector, RDF.type, OA.TextPositionSelector))
            self.graph.add((selector, RDF.type, OA.TextQuoteSelector))
            self.graph.add((selector, OA.start, Literal(start)))
            self.graph.add((selector, OA.end, Literal(end)))
            self.graph.add((selector, OA.exact, quote))
            self.graph.add((selector, OA.prefix, Literal(prefix[-CONTEXT:])))
            self.graph.add((selector, OA.suffix, Literal(suffix[:CONTEXT])))
        return node

    def _triple(self, link: Node) -> Triple:
        source, relation, target = (self.graph.value(link, term) for term in (RDF.subject, RDF.predicate, RDF.object))
        # A graph that has been read has all three of each link.
        return URIRef(str(source)), URIRef(str(relation)), URIRef(str(target))

    def _assert(self, triple: Triple) -> None:
        """State a relation directly if a link says that it holds, and only then."""
        source, relation, target = triple
        links = (URIRef(link) for link in self.links_between(source, relation, target))
        if any((link, FTZ.negated, Literal(True)) not in self.graph for link in links):
            self.graph.add(triple)
        else:
            self.graph.remove(triple)

    def _remove(self, node: Node) -> None:
        """Remove a node, what is said of it, and what only it pointed at."""
        parts = [part for term in _PARTS for part in self.graph.objects(node, term)]
        self.graph.remove((node, None, None))
        self.graph.remove((None, None, node))
        for part in parts:
            self._sweep(part)

    def remove_relation(self, source: str, relation: URIRef, target: str) -> None:
        """Remove a relation with all links that describe it."""
        for link in self.links_between(source, relation, target):
            self.remove_link(link)
        self.graph.remove((URIRef(source), relation, URIRef(target)))

    def _sweep(self, part: Node) -> None:
        if (None, None, part) not in self.graph:
            self._remove(part)


_PARTS: Final = (FTZ.evidence, OA.hasSelector, FTZ.mentions)
