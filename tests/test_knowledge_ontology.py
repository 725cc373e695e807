import re
from pathlib import Path

import pytest
from causal_maps import MAP
from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef

from ftzgraph.causalmap import FactorType, MentionKind, Modality, Relation
from ftzgraph.knowledge.queries import query
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.validation import validate
from ftzgraph.knowledge.vocabulary import FACTOR_TYPES, FTZ, FTZ_IRI, MODALITIES, RELATIONS, ontology, superclasses
from ftzgraph.resources import resource

TERMS = sorted({s for s in ontology().subjects() if str(s).startswith(FTZ_IRI)})


@pytest.mark.parametrize("term", TERMS, ids=lambda term: str(term).removeprefix(FTZ_IRI))
def test_every_term_is_labelled_and_defined_in_both_languages(term: URIRef):
    for annotation in (RDFS.label, SKOS.definition):
        texts = {text.language: str(text) for text in ontology().objects(term, annotation)}
        assert set(texts) == {"zh", "en"}
        assert re.search(r"[\u4e00-\u9fffA-Z]", texts["zh"])
    kinds = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.NamedIndividual}
    assert kinds & set(ontology().objects(term, RDF.type))


def test_ontology_has_a_version():
    (head,) = ontology().subjects(RDF.type, OWL.Ontology)
    assert str(ontology().value(head, OWL.versionIRI)) == f"{head}/{ontology().value(head, OWL.versionInfo)}"


@pytest.mark.parametrize(
    ("term", "above"),
    [
        ("Problem", ["Barrier", "Factor"]), ("Cause", ["Barrier", "Factor"]), ("Effect", ["Barrier", "Factor"]),
        ("Remedy", ["Strategy", "Factor"]), ("Goal", ["Strategy", "Factor"]), ("Achievement", ["Factor"]),
    ],
)  # fmt: skip
def test_hierarchy_of_factors(term: str, above: list[str]):
    assert list(superclasses(FTZ[term])) == [FTZ[name] for name in above]


@pytest.mark.parametrize(
    ("relation", "domain", "range_"),
    [
        ("causes", "Barrier", "Barrier"),
        ("addresses", "Strategy", "Barrier"),
        ("aimsAt", "Remedy", "Goal"),
        ("partOf", "Factor", "Factor"),
    ],
)
def test_relations_have_domain_and_range_and_are_not_transitive(relation: str, domain: str, range_: str):
    assert ontology().value(FTZ[relation], RDFS.domain) == FTZ[domain]
    assert ontology().value(FTZ[relation], RDFS.range) == FTZ[range_]
    assert (FTZ[relation], RDF.type, OWL.TransitiveProperty) not in ontology()


def test_the_program_knows_the_terms_of_the_ontology():
    assert [FACTOR_TYPES[kind] for kind in FactorType] == [FTZ[kind.value] for kind in FactorType]
    assert [RELATIONS[relation] for relation in Relation] == [FTZ[relation.value] for relation in Relation]
    assert set(MODALITIES) == set(Modality)
    assert set(MODALITIES.values()) == set(ontology().subjects(RDF.type, FTZ.Modality))
    concepts = set(ontology().subjects(RDFS.subClassOf, SKOS.Concept))
    assert concepts == {FTZ.Concept} | {FTZ[kind.value] for kind in MentionKind}


def test_a_misspelt_term_fails():
    with pytest.raises(AttributeError):
        _ = FTZ.Problm


def test_graphs_shapes_checks_and_queries_use_only_terms_of_the_ontology():
    used = {str(term) for triple in to_rdf(MAP) for term in triple if str(term).startswith(FTZ_IRI)}
    shapes = Graph().parse(resource("ontology/shapes.ttl"), format="turtle")
    used |= {str(term) for triple in shapes for term in triple if str(term).startswith(FTZ_IRI)}
    for folder in ("queries", "checks"):
        for path in resource(f"ontology/{folder}").glob("*.rq"):
            used |= {FTZ_IRI + name for name in re.findall(r"ftz:(\w+)", path.read_text(encoding="utf-8"))}
    assert used <= {str(term) for term in TERMS}
    assert used  # the reading found something


DOCS = Path(__file__).parent.parent / "docs"


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / name).read_text(encoding="utf-8"), re.DOTALL)


def test_the_example_of_the_documentation_conforms():
    (example,) = blocks("ontology.md", "turtle")
    report = validate(Graph().parse(data=example, format="turtle"))
    assert report.conforms, report.render("en")


@pytest.mark.parametrize("name", ["ontology.md", "ontology.zh.md"])
def test_the_queries_of_the_documentation_find_something(name: str):
    found = [query(to_rdf(MAP), sparql).rows for sparql in blocks(name, "sparql")]
    assert len(found) == 2
    assert all(found)


@pytest.mark.parametrize("name", ["ontology.md", "ontology.zh.md"])
def test_the_documentation_names_only_terms_of_the_ontology(name: str):
    text = (DOCS / name).read_text(encoding="utf-8")
    assert {FTZ_IRI + local for local in re.findall(r"\bftz:(\w+)", text)} <= {str(term) for term in TERMS}
