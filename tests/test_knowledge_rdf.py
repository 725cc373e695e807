from dataclasses import replace

from causal_maps import CAUSE, DOCUMENT, EFFECT, HASH, ID, MAP, PROBLEM, REMEDY, SOURCE, source_id
from hypothesis import given
from hypothesis import strategies as st
from rdflib import DCTERMS, PROV, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal

from ftzgraph.causalmap import CausalMap, Factor, FactorType, Link, Relation, Span
from ftzgraph.document import Document, Sentence, Structure
from ftzgraph.knowledge import vocabulary
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.validation import validate
from ftzgraph.knowledge.vocabulary import FTZ, OA

GRAPH = to_rdf(MAP)


def iri(name: str):
    return vocabulary.ID[name]


def test_document_tells_title_author_hash_and_name():
    document = iri(ID)
    assert GRAPH.value(document, DCTERMS.title) == Literal("港口通关的问题与对策", lang="zh")
    assert GRAPH.value(document, DCTERMS.creator) == Literal("李明")
    assert GRAPH.value(document, FTZ.sha256) == Literal(HASH)
    assert GRAPH.value(document, FTZ.fileName) == Literal("port.txt")
    assert (document, RDF.type, PROV.Entity) in GRAPH


def test_factor_has_its_type_and_all_upper_classes():
    factor = iri(source_id("factor", PROBLEM))
    assert set(GRAPH.objects(factor, RDF.type)) == {FTZ.Problem, FTZ.Barrier, FTZ.Factor}


def test_factor_tells_quote_confidence_cue_method_modality_section_and_provenance():
    factor = iri(source_id("factor", EFFECT))
    assert GRAPH.value(factor, RDFS.label) == Literal("通关缓慢", lang="zh")
    assert GRAPH.value(factor, FTZ.confidence) == Literal("0.85", datatype=XSD.decimal)  # 0.855 is less in binary
    assert GRAPH.value(factor, FTZ.cue) == Literal("导致")
    assert GRAPH.value(factor, FTZ.method) == Literal("rules/effect")
    assert GRAPH.value(factor, FTZ.modality) == FTZ.Asserted
    assert GRAPH.value(factor, FTZ.inSection) == iri(f"{ID}-section-0")
    assert GRAPH.value(factor, PROV.wasDerivedFrom) == iri(ID)
    assert GRAPH.value(GRAPH.value(factor, PROV.wasGeneratedBy), FTZ.engine) == Literal("rules")


def test_evidence_across_a_page_number_points_into_the_source_and_quotes_the_cleaned_text():
    selector = iri(source_id("selector", PROBLEM))
    start, end = (int(GRAPH.value(selector, term)) for term in (OA.start, OA.end))
    assert SOURCE[start:end] == "部门之间信息\n— 4 —\n不共享"
    assert GRAPH.value(selector, OA.exact) == Literal("部门之间信息不共享")
    assert GRAPH.value(selector, OA.suffix) == Literal("，导致通关缓慢。如果继续拖延，企业将会外")
    assert str(GRAPH.value(selector, OA.prefix)).endswith("由于数据标准不统一，")


def test_evidence_names_its_sentence():
    evidence = iri(source_id("evidence", CAUSE))
    sentence = GRAPH.value(evidence, FTZ.inSentence)
    assert str(GRAPH.value(sentence, OA.hasSelector / OA.exact)).startswith("由于数据标准不统一")


def test_evidence_over_two_sentences_names_both():
    whole = Span(MAP.factors[0].span.start, MAP.factors[3].span.end)
    graph = to_rdf(replace(MAP, factors=(Factor(whole, FactorType.PROBLEM),), links=(), mentions=()))
    (evidence,) = graph.objects(None, FTZ.evidence)
    assert len(list(graph.objects(evidence, FTZ.inSentence))) == 2


def test_whole_text_can_be_read_from_the_sentences():
    sentences = sorted(GRAPH.subjects(RDF.type, FTZ.Sentence), key=lambda s: int(GRAPH.value(s, FTZ.order)))
    text = "".join(str(GRAPH.value(s, OA.hasSelector / OA.exact)) for s in sentences)
    body = DOCUMENT.text[DOCUMENT.structure.sentences[0].start :]
    assert text == body.replace("\n", "")


def test_link_is_a_triple_and_its_description():
    cause, problem = iri(source_id("factor", CAUSE)), iri(source_id("factor", PROBLEM))
    link = iri(source_id("causes", CAUSE, PROBLEM))
    assert (cause, FTZ.causes, problem) in GRAPH
    assert set(GRAPH.objects(link, RDF.type)) == {FTZ.Link, RDF.Statement}
    described = [GRAPH.value(link, term) for term in (RDF.subject, RDF.predicate, RDF.object)]
    assert described == [cause, FTZ.causes, problem]
    assert GRAPH.value(link, FTZ.inferred) == Literal(False)


def test_link_between_sentences_has_the_evidence_of_both_ends():
    link = iri(source_id("addresses", REMEDY, PROBLEM))
    quotes = {str(GRAPH.value(e, OA.hasSelector / OA.exact)) for e in GRAPH.objects(link, FTZ.evidence)}
    assert quotes == {PROBLEM, REMEDY}


def test_denied_link_is_described_but_not_asserted():
    denied = replace(MAP, links=(replace(MAP.links[0], negated=True),))
    graph = to_rdf(denied)
    assert (None, FTZ.causes, None) not in graph
    assert graph.value(iri(source_id("causes", CAUSE, PROBLEM)), FTZ.negated) == Literal(True)
    assert validate(graph).conforms


def test_factor_mentions_what_stands_within_it():
    remedy, problem = iri(source_id("factor", REMEDY)), iri(source_id("factor", PROBLEM))
    platform = iri("instrument-%E3%80%8A数据%20平台%E3%80%8B")
    assert list(GRAPH.objects(remedy, FTZ.mentions)) == [platform]
    assert list(GRAPH.objects(problem, FTZ.mentions)) == [iri("actor-部门")]
    assert set(GRAPH.objects(platform, SKOS.prefLabel)) == {
        Literal("《数据 平台》", lang="zh"),
        Literal("data platform", lang="en"),
    }
    assert (iri("actor-海关"), None, None) not in GRAPH  # no factor names the customs


def test_same_content_under_another_name_is_the_same_document():
    copy = replace(MAP, document=replace(DOCUMENT, name="copy.txt"))
    assert set(to_rdf([MAP, copy])) == set(GRAPH)


def test_graph_of_many_documents_is_the_union_of_theirs():
    other = replace(MAP, document=replace(DOCUMENT, sha256="0" * 64, name="other.txt"))
    assert set(to_rdf([MAP, other])) == set(GRAPH) | set(to_rdf(other))


def test_no_maps_give_an_empty_graph():
    assert len(to_rdf([])) == 0


CHARACTERS = st.text(st.sampled_from("中文字，。a1 《\"'\\\u2028\U00020000"), min_size=1, max_size=30)


@st.composite
def causal_maps(draw: st.DrawFn) -> CausalMap:
    """A document whose source has page artefacts (█) anywhere, with any factors and links."""
    text = draw(CHARACTERS)
    source, offsets = "", []
    for character in text:
        source += "█" * draw(st.integers(0, 2))
        offsets.append(len(source))
        source += character
    cut = draw(st.integers(0, len(text)))
    parts = [(a, b) for a, b in ((0, cut), (cut, len(text))) if a < b]
    structure = Structure(None, (), (), tuple(parts), tuple(Sentence(a, b, i, None) for i, (a, b) in enumerate(parts)))
    document = Document("d", "f" * 64, source, text, tuple(offsets), structure)
    positions = st.integers(0, len(text))
    spans = draw(st.sets(st.tuples(positions, positions).filter(lambda s: s[0] < s[1]), max_size=4))
    types = st.sampled_from(list(FactorType))
    confidence = st.floats(0, 1)
    factors = [
        Factor(Span(*s), draw(types), draw(st.sampled_from(["", "因"])), confidence=draw(confidence))
        for s in sorted(spans)
    ]
    links = [
        Link(Relation.PART_OF, i, j, (factors[i].span, factors[j].span), confidence=draw(confidence))
        for i in range(len(factors))
        for j in range(i)
        if draw(st.booleans())
    ]
    return CausalMap(document, tuple(factors), tuple(links))


@given(causal_maps())
def test_every_quote_stands_in_the_source_at_its_offsets(causal_map: CausalMap):
    graph = to_rdf(causal_map)
    for selector in graph.subjects(RDF.type, OA.TextQuoteSelector):
        start, end = int(graph.value(selector, OA.start)), int(graph.value(selector, OA.end))
        exact = str(graph.value(selector, OA.exact))
        assert causal_map.document.source[start:end].replace("█", "") == exact
        around = str(graph.value(selector, OA.prefix)) + exact + str(graph.value(selector, OA.suffix))
        assert around in causal_map.document.text


@given(causal_maps())
def test_every_factor_and_link_has_evidence_and_nothing_is_a_blank_node(causal_map: CausalMap):
    graph: Graph = to_rdf(causal_map)
    assert not [term for triple in graph for term in triple if isinstance(term, BNode)]
    judged = [*graph.subjects(RDF.type, FTZ.Factor), *graph.subjects(RDF.type, FTZ.Link)]
    assert len(judged) == len(causal_map.factors) + len(causal_map.links)
    assert all((one, FTZ.evidence, None) in graph for one in judged)
