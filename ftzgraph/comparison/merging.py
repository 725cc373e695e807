"""One RDF graph of two that were compared, in which every factor and link says what became of it (``ftz:change``).

Where both graphs describe the same node, the second one's word stands.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from rdflib import DCTERMS, RDF, RDFS, Graph, URIRef
from rdflib.term import Node

from ftzgraph.analysis.graph import FactorGraph, LinkRecord, links
from ftzgraph.analysis.reader import CHANGES
from ftzgraph.analysis.records import ChangeKind
from ftzgraph.causalmap import Relation
from ftzgraph.comparison.difference import Difference
from ftzgraph.knowledge.vocabulary import FACTOR_TYPES, FTZ, RELATIONS, new_graph, ontology, superclasses

_Triple = tuple[Node, Node, Node]
_Names = Mapping[Node, Node]

_PREDICATES: Final[frozenset[Node]] = frozenset(RELATIONS.values())


def union(before: Graph, after: Graph, difference: Difference) -> Graph:
    """Put together all that two graphs say.

    Where a factor has another IRI in the second graph, both are there, and the later ``dcterms:replaces`` the earlier.

    Args:
        before: the first of the graphs that were compared.
        after: the second.
        difference: what :func:`~ftzgraph.comparison.difference.diff` found; factors and links that it left out for
            their confidence are left out.

    Returns:
        A new graph; it conforms where both do. A removed link cannot be told beside the second graph, and is left out,
        where that gives one of its ends a type that the relation does not join, or its IRI to another link.
    """
    result = _merge(before, after, difference, {})
    for old, new in _later_names(difference).items():
        result.add((new, DCTERMS.replaces, old))
    return result


def overlay(before: Graph, after: Graph, difference: Difference) -> Graph:
    """Put together the second graph and what it lacks of the first, for a drawing: each factor is there once.

    Removed links run between the later IRIs of their ends. For all else see :func:`union`.
    """
    return _merge(before, after, difference, _later_names(difference))


def _later_names(difference: Difference) -> dict[Node, Node]:
    """The IRI in the second graph of each factor that has another in the first."""
    pairs = ((each.before.iri, each.after.iri) for each in difference.factors if each.before and each.after)
    return {URIRef(old): URIRef(new) for old, new in pairs if old != new}


def _merge(before: Graph, after: Graph, difference: Difference, names: _Names) -> Graph:
    """Add to the second graph what it does not describe of the first, whose factors get the given names."""
    old, new = _Parts(before, difference.before, names), _Parts(after, difference.after, {})
    result = new_graph()
    for triples in (new.others, *new.links.values()):
        _add(result, triples)
    described = set(result.subjects())
    _add(result, (triple for triple in old.others if triple[0] not in described))
    for relation, triples in old.links.items():
        records = {triple[0] for triple in triples if triple != relation}
        if relation not in new.links and records.isdisjoint(described) and _may_hold(result, relation):
            _add(result, triples)
    _mark(result, difference, names)
    return result


class _Parts:
    """The triples of a graph: those of each link by the relation that it describes, and all others.

    Factors and links that were not compared are left out, and so are the marks of an earlier comparison.
    """

    def __init__(self, graph: Graph, compared: FactorGraph, names: _Names) -> None:
        self.others: list[_Triple] = []
        self.links: dict[_Triple, list[_Triple]] = {_relation(link, names): [] for link in links(compared)}
        described = _described(graph)
        factors = (node for kind in FACTOR_TYPES.values() for node in graph.subjects(RDF.type, kind))
        left_out = {node for node in factors if str(node) not in compared}
        for triple in graph:
            subject, predicate, _ = triple
            if predicate == FTZ.change or subject in left_out:
                continue
            if subject in described or predicate in _PREDICATES:
                relation = _named(described.get(subject, triple), names)
                if relation in self.links:
                    self.links[relation].append(_named(triple, names))
            else:
                self.others.append(_named(triple, names))


def _mark(graph: Graph, difference: Difference, names: _Names) -> None:
    """Add what became of each factor and of each link record; a link without a record cannot say it."""
    kinds: dict[_Triple, ChangeKind] = {}
    for factor in difference.factors:
        for record in filter(None, (factor.before, factor.after)):
            graph.add((names.get(URIRef(record.iri), URIRef(record.iri)), FTZ.change, CHANGES[factor.kind]))
    for link in difference.links:
        if link.before:
            kinds[_relation(link.before, names)] = link.kind
        if link.after:
            kinds[_relation(link.after, {})] = link.kind
    for node, relation in _described(graph).items():
        graph.add((node, FTZ.change, CHANGES[kinds[relation]]))


def _described(graph: Graph) -> dict[Node, _Triple]:
    """The relation that each link of a graph describes."""
    ends = {term: dict(graph.subject_objects(term)) for term in (RDF.subject, RDF.predicate, RDF.object)}
    nodes = graph.subjects(RDF.type, FTZ.Link)
    return {node: (ends[RDF.subject][node], ends[RDF.predicate][node], ends[RDF.object][node]) for node in nodes}


def _relation(link: LinkRecord, names: _Names) -> _Triple:
    return _named((URIRef(link.source), RELATIONS[Relation(link.relation)], URIRef(link.target)), names)


def _named(triple: _Triple, names: _Names) -> _Triple:
    subject, predicate, value = triple
    return names.get(subject, subject), predicate, names.get(value, value)


def _may_hold(graph: Graph, relation: _Triple) -> bool:
    """Whether both ends are of the types that the ontology lets the relation join."""
    source, predicate, target = relation
    ends = ((source, RDFS.domain), (target, RDFS.range))
    return all(_is(graph, node, ontology().value(predicate, side)) for node, side in ends)


def _is(graph: Graph, node: Node, kind: Node | None) -> bool:
    types = [term for term in graph.objects(node, RDF.type) if isinstance(term, URIRef)]
    return any(kind in (term, *superclasses(term)) for term in types)


def _add(graph: Graph, triples: Iterable[_Triple]) -> None:
    for triple in triples:
        graph.add(triple)
