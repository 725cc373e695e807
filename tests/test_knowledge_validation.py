from collections.abc import Callable
from dataclasses import replace

import pytest
from causal_maps import ACHIEVEMENT, CAUSE, DOCUMENT, EFFECT, GOAL, ID, MAP, PROBLEM, REMEDY, source_id
from rdflib import DCTERMS, RDF, RDFS, SKOS, XSD, Graph, Literal, URIRef

from ftzgraph.causalmap import CausalMap
from ftzgraph.knowledge import vocabulary
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.validation import validate
from ftzgraph.knowledge.vocabulary import FTZ, OA


def iri(name: str) -> URIRef:
    return vocabulary.ID[name]


DOCUMENT_IRI = iri(ID)
SECTION, SENTENCE = iri(f"{ID}-section-0"), next(to_rdf(MAP).subjects(RDF.type, FTZ.Sentence))
CAUSE_F, PROBLEM_F, EFFECT_F, REMEDY_F, GOAL_F, ACHIEVEMENT_F = (
    iri(source_id("factor", quote)) for quote in (CAUSE, PROBLEM, EFFECT, REMEDY, GOAL, ACHIEVEMENT)
)
CAUSES_L, AIMS_L = iri(source_id("causes", CAUSE, PROBLEM)), iri(source_id("aimsAt", REMEDY, GOAL))
EVIDENCE, SELECTOR = iri(source_id("evidence", CAUSE)), iri(source_id("selector", CAUSE))
CONCEPT = iri("actor-部门")

Break = Callable[[Graph], object]


def without(*triple: object) -> Break:
    return lambda graph: graph.remove(triple)


def adding(*triple: object) -> Break:
    return lambda graph: graph.add(triple)


def setting(*triple: object) -> Break:
    return lambda graph: graph.set(triple)


def retyped(factor: URIRef, *types: URIRef) -> Break:
    def change(graph: Graph) -> None:
        graph.remove((factor, RDF.type, None))
        for type_ in types:
            graph.add((factor, RDF.type, type_))

    return change


def decimal(text: str) -> Literal:
    return Literal(text, datatype=XSD.decimal)


def test_the_graph_of_a_causal_map_conforms():
    report = validate(to_rdf(MAP))
    assert report.violations == ()
    assert report.conforms
    assert report.render("en") == "the graph conforms\n"


BROKEN: dict[str, tuple[Break, URIRef, str]] = {
    "factor without evidence": (without(CAUSE_F, FTZ.evidence, None), CAUSE_F, "needs evidence"),
    "link without evidence": (without(CAUSES_L, FTZ.evidence, None), CAUSES_L, "needs evidence"),
    "confidence above 1": (setting(CAUSE_F, FTZ.confidence, decimal("1.01")), CAUSE_F, "from 0 to 1"),
    "confidence below 0": (setting(CAUSES_L, FTZ.confidence, decimal("-0.1")), CAUSES_L, "from 0 to 1"),
    "confidence no decimal": (setting(CAUSE_F, FTZ.confidence, Literal("high")), CAUSE_F, "one xsd:decimal"),
    "two confidences": (adding(CAUSE_F, FTZ.confidence, decimal("0.1")), CAUSE_F, "one xsd:decimal"),
    "no method": (without(CAUSE_F, FTZ.method, None), CAUSE_F, "method"),
    "unknown modality": (setting(CAUSE_F, FTZ.modality, FTZ.Problem), CAUSE_F, "one of Asserted"),
    "negated no boolean": (setting(CAUSE_F, FTZ.negated, Literal("no")), CAUSE_F, "one boolean"),
    "empty cue": (setting(CAUSE_F, FTZ.cue, Literal("")), CAUSE_F, "cue"),
    "no label": (without(CAUSE_F, RDFS.label, None), CAUSE_F, "rdfs:label"),
    "label not quoted": (setting(CAUSE_F, RDFS.label, Literal("标准", lang="zh")), CAUSE_F, "not the quote"),
    "two types": (adding(CAUSE_F, RDF.type, FTZ.Effect), CAUSE_F, "exactly one of the six types"),
    "no type": (retyped(ACHIEVEMENT_F, FTZ.Factor), ACHIEVEMENT_F, "exactly one of the six types"),
    "barrier not written": (retyped(CAUSE_F, FTZ.Cause, FTZ.Factor), CAUSE_F, "typed ftz:Barrier"),
    "strategy not written": (retyped(GOAL_F, FTZ.Goal, FTZ.Factor), GOAL_F, "typed ftz:Strategy"),
    "factor not written": (retyped(ACHIEVEMENT_F, FTZ.Achievement), ACHIEVEMENT_F, "typed ftz:Factor"),
    "section unknown": (setting(CAUSE_F, FTZ.inSection, DOCUMENT_IRI), CAUSE_F, "ftz:inSection"),
    "causes from a remedy": (retyped(CAUSE_F, FTZ.Remedy, FTZ.Strategy, FTZ.Factor), CAUSES_L, "causes link must run"),
    "causes triple from a remedy": (retyped(CAUSE_F, FTZ.Remedy, FTZ.Strategy, FTZ.Factor), CAUSE_F, "ftz:causes"),
    "causes triple to a goal": (adding(PROBLEM_F, FTZ.causes, GOAL_F), GOAL_F, "object of ftz:causes"),
    "addresses from a barrier": (adding(CAUSE_F, FTZ.addresses, PROBLEM_F), CAUSE_F, "subject of ftz:addresses"),
    "addresses to a goal": (adding(REMEDY_F, FTZ.addresses, GOAL_F), GOAL_F, "object of ftz:addresses"),
    "aimsAt from a goal": (adding(GOAL_F, FTZ.aimsAt, REMEDY_F), GOAL_F, "subject of ftz:aimsAt"),
    "aimsAt to a barrier": (setting(AIMS_L, RDF.object, CAUSE_F), AIMS_L, "aimsAt link must run"),
    "partOf a section": (adding(CAUSE_F, FTZ.partOf, SECTION), SECTION, "ends of ftz:partOf"),
    "link to nothing": (without(CAUSES_L, RDF.object, None), CAUSES_L, "object of a link"),
    "link with a strange relation": (
        setting(CAUSES_L, RDF.predicate, DCTERMS.isPartOf),
        CAUSES_L,
        "predicate of a link",
    ),
    "link to itself": (setting(CAUSES_L, RDF.object, CAUSE_F), CAUSES_L, "to itself"),
    "triple to itself": (adding(CAUSE_F, FTZ.causes, CAUSE_F), CAUSE_F, "related to itself"),
    "triple without link": (adding(CAUSE_F, FTZ.causes, EFFECT_F), CAUSE_F, "no ftz:Link describes"),
    "link without triple": (without(CAUSE_F, FTZ.causes, PROBLEM_F), CAUSES_L, "not asserted as a triple"),
    "denied yet asserted": (adding(CAUSES_L, FTZ.negated, Literal(True)), CAUSES_L, "must not be asserted"),
    "inferred no boolean": (setting(CAUSES_L, FTZ.inferred, Literal("yes")), CAUSES_L, "one boolean"),
    "no source": (without(EVIDENCE, OA.hasSource, None), EVIDENCE, "source document"),
    "no selector": (without(EVIDENCE, OA.hasSelector, None), EVIDENCE, "selector"),
    "quote selector missing": (without(SELECTOR, RDF.type, OA.TextQuoteSelector), EVIDENCE, "selector"),
    "start below 0": (setting(SELECTOR, OA.start, Literal(-1)), SELECTOR, "at least 0"),
    "start no integer": (setting(SELECTOR, OA.start, decimal("1.5")), SELECTOR, "oa:start"),
    "end before start": (setting(SELECTOR, OA.end, Literal(1)), SELECTOR, "less than oa:end"),
    "two ends": (adding(SELECTOR, OA.end, Literal(999)), SELECTOR, "one integer"),
    "empty quote": (setting(SELECTOR, OA.exact, Literal("")), SELECTOR, "non-empty"),
    "no quote": (without(SELECTOR, OA.exact, None), SELECTOR, "non-empty"),
    "quote too long": (setting(SELECTOR, OA.exact, Literal("字" * 99)), SELECTOR, "longer than the stretch"),
    "quote of another sentence": (
        setting(SELECTOR, OA.exact, Literal("别的话")),
        EVIDENCE,
        "not stand in its sentence",
    ),
    "sentence elsewhere": (setting(EVIDENCE, FTZ.inSentence, SENTENCE), EVIDENCE, "not stand in its sentence"),
    "sentence no sentence": (setting(EVIDENCE, FTZ.inSentence, SECTION), EVIDENCE, "ftz:inSentence"),
    "no title": (without(DOCUMENT_IRI, DCTERMS.title, None), DOCUMENT_IRI, "needs a title"),
    "wrong hash": (setting(DOCUMENT_IRI, FTZ.sha256, Literal("abc")), DOCUMENT_IRI, "64 lower-case"),
    "section without title": (without(SECTION, DCTERMS.title, None), SECTION, "section needs a title"),
    "section without order": (without(SECTION, FTZ.order, None), SECTION, "order"),
    "section of nothing": (without(SECTION, DCTERMS.isPartOf, None), SECTION, "part of one section"),
    "section of a factor": (setting(SECTION, DCTERMS.isPartOf, CAUSE_F), SECTION, "part of one section"),
    "section level 0": (setting(SECTION, FTZ.level, Literal(0)), SECTION, "level"),
    "sentence without order": (without(SENTENCE, FTZ.order, None), SENTENCE, "order"),
    "concept without name": (without(CONCEPT, SKOS.prefLabel, None), CONCEPT, "prefLabel"),
    "two names in a language": (adding(CONCEPT, SKOS.prefLabel, Literal("处", lang="zh")), CONCEPT, "prefLabel"),
    "mention of no concept": (adding(CAUSE_F, FTZ.mentions, SECTION), CAUSE_F, "skos:Concept"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_each_fault_is_found_and_named(fault: str):
    change, focus, message = BROKEN[fault]
    graph = to_rdf(MAP)
    change(graph)
    report = validate(graph)
    assert not report.conforms
    found = [v for v in report.violations if v.focus == focus and message in v.message_en]
    assert found, report.render("en")
    assert all(v.message_zh != v.message_en for v in report.violations)


def test_evidence_in_a_sentence_of_another_document():
    other = CausalMap(replace(DOCUMENT, sha256="0" * 64), (), ())
    graph = to_rdf([MAP, other])
    stranger = iri("0" * 12 + str(SENTENCE).rpartition(ID)[2])
    graph.add((EVIDENCE, FTZ.inSentence, stranger))
    assert any("different documents" in v.message_en and v.focus == EVIDENCE for v in validate(graph).violations)


def test_a_graph_of_something_else_does_not_conform():
    graph = Graph().add((URIRef("https://example.org/a"), RDFS.label, Literal("x")))
    (violation,) = validate(graph).violations
    assert violation.focus is None
    assert violation.line("en") == "the graph holds no ftz:Document"


def test_report_is_readable_in_both_languages_and_in_order():
    graph = to_rdf(MAP)
    graph.remove((EFFECT_F, FTZ.evidence, None))
    graph.set((CAUSE_F, FTZ.confidence, decimal("7")))
    report = validate(graph)
    lines = report.render("zh").splitlines()
    assert lines[0] == "图不符合规范，有 2 处错误："
    assert (
        lines[1] == f"id:{source_id('factor', CAUSE)} ftz:confidence 7：置信度必须是一个 0 到 1 的小数（xsd:decimal）"
    )
    assert lines[2].startswith(f"id:{source_id('factor', EFFECT)} ftz:evidence：每个要素和联系都必须有证据")
    assert report.render("en").startswith("the graph does not conform, faults: 2\n")


def test_validation_leaves_the_graph_as_it_is():
    graph = to_rdf(MAP)
    before = set(graph)
    validate(graph)
    assert set(graph) == before
