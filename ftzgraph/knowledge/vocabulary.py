"""The names of the knowledge graph: namespaces, and the terms that ``ontology/ftzgraph.ttl`` defines.

The ontology is the only place where terms are listed. :data:`FTZ` is closed over it, so a misspelt term fails at once.

>>> FTZ.Problem
rdflib.term.URIRef('https://w3id.org/ftzgraph#Problem')
>>> [str(label) for label in superclasses(FTZ.Problem)]
['https://w3id.org/ftzgraph#Barrier', 'https://w3id.org/ftzgraph#Factor']
"""

from functools import cache
from typing import Final

from rdflib import DCTERMS, OWL, PROV, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.namespace import ClosedNamespace
from rdflib.term import Node

from ftzgraph.causalmap import FactorType, Modality, Relation
from ftzgraph.resources import resource

FTZ_IRI: Final = "https://w3id.org/ftzgraph#"
ID: Final = Namespace("https://w3id.org/ftzgraph/id/")
OA: Final = Namespace("http://www.w3.org/ns/oa#")


@cache
def ontology() -> Graph:
    """Return the ontology as a graph; callers must not change it."""
    return Graph(bind_namespaces="none").parse(resource("ontology/ftzgraph.ttl"), format="turtle")


def _terms() -> list[str]:
    subjects = {str(subject) for subject in ontology().subjects()}
    return sorted(iri.removeprefix(FTZ_IRI) for iri in subjects if iri.startswith(FTZ_IRI))


_TERMS: Final = _terms()
FTZ: Final = ClosedNamespace(FTZ_IRI, _TERMS)

PREFIXES: Final[dict[str, str]] = {
    "ftz": FTZ_IRI,
    "id": str(ID),
    "dcterms": str(DCTERMS),
    "oa": str(OA),
    "owl": str(OWL),
    "prov": str(PROV),
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "skos": str(SKOS),
    "xsd": str(XSD),
}
"""The prefixes that every graph is written with and every query may use undeclared."""


def new_graph() -> Graph:
    """Return an empty graph that knows :data:`PREFIXES`."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    return graph


FACTOR_TYPES: Final[dict[FactorType, URIRef]] = {kind: FTZ[kind.value] for kind in FactorType}
RELATIONS: Final[dict[Relation, URIRef]] = {relation: FTZ[relation.value] for relation in Relation}
MODALITIES: Final[dict[Modality, URIRef]] = {modality: FTZ[modality.value.capitalize()] for modality in Modality}


@cache
def superclasses(term: URIRef) -> tuple[URIRef, ...]:
    """Return the ftzgraph classes above a class, nearest first.

    They are written out with every instance, so that plain SPARQL finds all barriers without a reasoner.
    """
    above = ontology().transitive_objects(term, RDFS.subClassOf)
    return tuple(URIRef(str(iri)) for iri in above if iri != term and str(iri).startswith(FTZ_IRI))


def label(term: URIRef, lang: str) -> str:
    """Return the ontology's label of a term, its local name when it has none in that language.

    >>> label(FTZ.Remedy, "zh"), label(FTZ.Remedy, "en")
    ('对策', 'remedy')
    """
    labels = {
        str(text.language): str(text) for text in ontology().objects(term, RDFS.label) if isinstance(text, Literal)
    }
    return labels.get(lang, str(term).removeprefix(FTZ_IRI))


def term_named(name: str) -> URIRef | None:
    """Return the term of a local name, whatever the case of its first letter, ``None`` when there is none.

    >>> term_named("barrier")
    rdflib.term.URIRef('https://w3id.org/ftzgraph#Barrier')
    """
    return next((FTZ[local] for local in (name, name[:1].upper() + name[1:]) if local in _TERMS), None)


def compact(term: Node) -> str:
    """Return an IRI with its prefix when it has one of :data:`PREFIXES`, else as it is.

    >>> compact(FTZ.Remedy), compact(URIRef("https://example.org/x"))
    ('ftz:Remedy', 'https://example.org/x')
    """
    iri = str(term)
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and not iri.startswith("//", len(namespace)):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri
