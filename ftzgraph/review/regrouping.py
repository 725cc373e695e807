"""Concepts after reviewers moved factors between them: names, support and links are counted anew."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from rdflib import RDF, RDFS, SKOS, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from ftzgraph.comparison.matching import solid
from ftzgraph.concepts.belief import independent
from ftzgraph.concepts.copies import copied
from ftzgraph.concepts.rdf import link_triples, new_iri
from ftzgraph.concepts.told import Place, Told, read
from ftzgraph.knowledge.oxigraph import from_oxigraph
from ftzgraph.knowledge.queries import OneGraph
from ftzgraph.knowledge.vocabulary import FTZ
from ftzgraph.review.editing import CERTAIN, REVIEWED

_SIDES = (FTZ.Barrier, FTZ.Strategy, FTZ.Achievement)


class Groups:
    """The concepts of a graph, which is changed in place; false when it has none.

    Args:
        graph: the graph.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._concepts = sorted(graph.subjects(RDF.type, FTZ.Concept), key=str)

    def __bool__(self) -> bool:
        return bool(self._concepts)

    def join(self, factor: str, member: str) -> None:
        """Put a factor into the concept of another one, with certainty."""
        concept = self._graph.value(URIRef(member), FTZ.expresses)
        if concept is not None:
            self._put(URIRef(factor), concept)

    def part(self, factor: str, member: str) -> None:
        """Give a factor a concept of its own if it shares that of another one."""
        node = URIRef(factor)
        concept = self._graph.value(node, FTZ.expresses)
        if concept is not None and concept == self._graph.value(URIRef(member), FTZ.expresses) and factor != member:
            self._put(node, self._own(node))

    def settle(self) -> None:
        """Make the concepts fit the factors and links that there are now."""
        if not self:
            return
        for node in sorted(set(self._graph.subjects(RDF.type, FTZ.Factor)), key=str):
            denied = (node, FTZ.negated, Literal(True)) in self._graph
            if denied:
                self._leave(node)
            elif (node, FTZ.expresses, None) not in self._graph:
                self._put(node, self._own(node))
        for concept in self._concepts:
            self._keep_one_side(concept)
        told = read(OneGraph(self._graph))
        originals = copied(told.documents)
        members: defaultdict[Node, list[Place]] = defaultdict(list)
        for each in told.factors:
            members[self._graph.value(URIRef(each.iri), FTZ.expresses) or URIRef("")].append(each.place)
        for concept in self._concepts:
            if concept in members:
                self._name(concept)
                self._graph.set((concept, FTZ.support, _integer(independent(members[concept], originals))))
            else:
                self._remove(concept)
        self._concepts = [concept for concept in self._concepts if concept in members]
        self._link(told, originals)

    def _put(self, factor: Node, concept: Node) -> None:
        """Say that a factor expresses a concept, as a person has seen."""
        match = URIRef(new_iri("match", str(factor), str(FTZ.expresses), str(concept)))
        methods = list(self._graph.objects(match, FTZ.method))
        self._leave(factor)
        self._graph.add((factor, FTZ.expresses, concept))
        for term in (FTZ.Match, RDF.Statement):
            self._graph.add((match, RDF.type, term))
        self._graph.add((match, RDF.subject, factor))
        self._graph.add((match, RDF.predicate, FTZ.expresses))
        self._graph.add((match, RDF.object, concept))
        self._graph.add((match, FTZ.confidence, CERTAIN))
        for method in (*methods, Literal(REVIEWED)):
            self._graph.add((match, FTZ.method, method))

    def _leave(self, factor: Node) -> None:
        self._graph.remove((factor, FTZ.expresses, None))
        for match in list(self._graph.subjects(RDF.subject, factor)):
            if (match, RDF.type, FTZ.Match) in self._graph:
                self._graph.remove((match, None, None))

    def _own(self, factor: Node) -> URIRef:
        """Make a concept for one factor."""
        concept = URIRef(new_iri("concept", str(factor)))
        for term in (FTZ.Concept, SKOS.Concept):
            self._graph.add((concept, RDF.type, term))
        if concept not in self._concepts:
            self._concepts.append(concept)
        return concept

    def _keep_one_side(self, concept: Node) -> None:
        """Part the factors that a correction has put on another side than most of their concept."""
        factors = self._members(concept)
        sides = {f: next((side for side in _SIDES if (f, RDF.type, side) in self._graph), None) for f in factors}
        most = Counter(sides.values()).most_common(1)
        for factor, side in sides.items():
            if side != most[0][0]:
                self._put(factor, self._own(factor))

    def _members(self, concept: Node) -> list[Node]:
        return sorted(self._graph.subjects(FTZ.expresses, concept), key=str)

    def _name(self, concept: Node) -> None:
        """Keep the names that a member has; add those of others."""
        labels = {solid(str(label)): str(label) for each in self._members(concept) for label in self._labels(each)}
        names = [str(name) for term in (SKOS.prefLabel, SKOS.altLabel) for name in self._names(concept, term)]
        kept = [name for name in names if solid(name) in labels]
        known = {solid(name) for name in kept}
        first, *others = kept + [label for key, label in labels.items() if key not in known]
        for term in (SKOS.prefLabel, SKOS.altLabel):
            self._graph.remove((concept, term, None))
        self._graph.add((concept, SKOS.prefLabel, Literal(first, lang="zh")))
        for other in others:
            self._graph.add((concept, SKOS.altLabel, Literal(other, lang="zh")))

    def _labels(self, factor: Node) -> list[Node]:
        return sorted(self._graph.objects(factor, RDFS.label), key=str)

    def _names(self, concept: Node, term: URIRef) -> list[Node]:
        return sorted(self._graph.objects(concept, term), key=str)

    def _remove(self, concept: Node) -> None:
        for end in (RDF.subject, RDF.object):
            for statement in list(self._graph.subjects(end, concept)):
                self._graph.remove((statement, None, None))
        self._graph.remove((concept, None, None))
        self._graph.remove((None, None, concept))

    def _link(self, told: Told, originals: Mapping[str, str]) -> None:
        """Count anew what documents say of two concepts."""
        for node in list(self._graph.subjects(RDF.type, FTZ.ConceptLink)):
            self._graph.remove((node, None, None))
        concept = {str(factor): str(each) for factor, each in self._graph.subject_objects(FTZ.expresses)}
        for triple in link_triples(told.links, concept, originals):
            self._graph.add(tuple(map(from_oxigraph, triple)))  # type: ignore[arg-type]  # it has three terms


def _integer(number: int) -> Literal:
    return Literal(str(number), datatype=XSD.integer)
