import pytest
from argument_graphs import Argument, barriers, iri
from rdflib import OWL, RDF, RDFS, Graph, Literal

from ftzgraph.analysis import graph as views
from ftzgraph.analysis.graph import to_networkx
from ftzgraph.causalmap import CausalMap, Factor, FactorType, Link, Mention, MentionKind, Modality, Relation, Span
from ftzgraph.document import Document, Section, Sentence, Structure
from ftzgraph.errors import GraphError
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.vocabulary import FTZ, ID, OA


def test_everything_of_a_causal_map_comes_back() -> None:
    text = "一、主要问题\n由于资金短缺，水利局进度缓慢。"
    structure = Structure(
        title=None,
        authors=(),
        sections=(Section(0, len(text), 2, 6, "一、", 1, None, "heading"),),
        paragraphs=((0, 6), (7, len(text))),
        sentences=(Sentence(0, 6, 0, 0), Sentence(7, len(text), 1, 0)),
    )
    document = Document("水利.txt", "ab" * 32, text, text, tuple(range(len(text))), structure)
    cause = Factor(Span(9, 13), FactorType.CAUSE, "由于", "rules/cause", 0.9)
    problem = Factor(Span(14, 21), FactorType.PROBLEM, "缓慢", "rules/slow", 0.7, Modality.PREDICTED)
    link = Link(Relation.CAUSES, 0, 1, (Span(7, 22),), "由于", "rules/because", 0.8)
    mention = Mention(Span(14, 17), MentionKind.ACTOR, "水利局", "water bureau")
    network = to_networkx(to_rdf(CausalMap(document, (cause, problem), (link,), (mention,))))

    assert [record.quote for record in views.factors(network)] == ["资金短缺", "水利局进度缓慢"]
    _, record = views.factors(network)
    assert (record.type, record.cue, record.method, record.confidence) == ("Problem", "缓慢", "rules/slow", 0.7)
    assert (record.modality, record.negated) == ("predicted", False)
    assert (record.evidence[0].start, record.evidence[0].end) == (14, 21)
    assert network.graph["sections"][record.section].path == ("一、主要问题",)
    assert [network.graph["sentences"][each].text for each in record.evidence[0].sentences] == [text[7:]]
    assert [network.graph["mentions"][each].label_en for each in record.mentions] == ["water bureau"]
    (edge,) = views.links(network)
    assert (edge.relation, edge.cue, edge.method, edge.inferred) == ("causes", "由于", "rules/because", False)
    assert edge.evidence[0].quote == text[7:22]
    (origin,) = network.graph["documents"].values()
    assert (origin.file_name, origin.engine.split()[0]) == ("水利.txt", "rules")


def test_factors_come_in_document_order_and_documents_by_file_name() -> None:
    argument = Argument("后", "b.txt")
    argument.factor("z")
    argument.factor("a")
    argument.document("前", "a.txt")
    argument.factor("m")
    network = to_networkx(argument.graph)
    assert list(network) == [iri("m"), iri("z"), iri("a")]
    assert [record.title for record in network.graph["documents"].values()] == ["前", "后"]


def test_sections_know_their_path() -> None:
    argument = Argument()
    argument.section("s1", "主要问题", "二", order=0)
    argument.section("s2", "人才不足", "（一）", order=1, parent="s1")
    argument.section("s3", "领导重视", "1", order=2, parent="s2")
    paths = [section.path for section in to_networkx(argument.graph).graph["sections"].values()]
    assert paths[-1] == ("二、主要问题", "（一）人才不足", "1 领导重视")


def test_min_confidence_drops_factors_with_their_links_and_weak_links() -> None:
    argument = barriers("a", "b", "c")
    argument.factor("weak", confidence="0.30")
    argument.link("a", "causes", "b", confidence="0.50")
    argument.link("b", "causes", "c", confidence="0.49")
    argument.link("weak", "causes", "a", confidence="0.90")
    network = to_networkx(argument.graph, min_confidence=0.5)
    assert list(network) == [iri("a"), iri("b"), iri("c")]
    assert [(link.source, link.target) for link in views.links(network)] == [(iri("a"), iri("b"))]


def test_a_bare_triple_and_a_link_alone_each_make_an_edge() -> None:
    argument = barriers("a", "b", "c")
    argument.add(ID.a, FTZ.causes, ID.b)
    argument.link("b", "causes", "c", confidence="0.60")
    argument.graph.remove((ID.b, FTZ.causes, ID.c))
    first, second = views.links(to_networkx(argument.graph))
    assert (first.source, first.target, first.confidence, first.evidence) == (iri("a"), iri("b"), 1.0, ())
    assert (second.source, second.target, second.confidence) == (iri("b"), iri("c"), 0.6)


def test_of_two_links_for_one_triple_the_more_confident_counts() -> None:
    argument = barriers("a", "b")
    argument.link("a", "causes", "b", confidence="0.60")
    node = ID["z-other-link"]
    for predicate, value in ((RDF.subject, ID.a), (RDF.predicate, FTZ.causes), (RDF.object, ID.b)):
        argument.add(node, predicate, value)
    argument.add(node, RDF.type, FTZ.Link)
    argument.add(node, FTZ.confidence, Literal("0.70"))
    (link,) = views.links(to_networkx(argument.graph))
    assert (link.iri, link.confidence) == (iri("z-other-link"), 0.7)


def test_a_factor_written_by_hand_needs_only_a_type_and_a_label() -> None:
    argument = Argument()
    argument.add(ID.a, RDF.type, FTZ.Remedy)
    argument.add(ID.a, RDFS.label, Literal("加强培训"))
    (record,) = views.factors(to_networkx(argument.graph))
    assert (record.quote, record.confidence, record.modality) == ("加强培训", 1.0, "asserted")
    assert (record.section, record.evidence, record.mentions) == (None, (), ())


def test_actors_have_the_tier_that_the_graph_tells() -> None:
    argument = Argument()
    argument.mention("council", "Actor", "国务院", tier="national")
    argument.mention("office", "Actor", "办公室")
    mentions = to_networkx(argument.graph).graph["mentions"]
    assert {mention.label: mention.tier for mention in mentions.values()} == {"国务院": "national", "办公室": ""}


def test_several_pieces_of_evidence_come_in_order() -> None:
    argument = barriers("a")
    argument.evidence(ID.a, "再说一次")
    (record,) = views.factors(to_networkx(argument.graph))
    assert [evidence.quote for evidence in record.evidence] == ["陈述a", "再说一次"]
    assert record.quote == "陈述a"


def test_views_leave_out_what_the_text_denies_and_self_links() -> None:
    argument = barriers("a", "b")
    argument.factor("r", "Remedy")
    argument.link("a", "causes", "b", negated=True)
    argument.link("b", "causes", "b")
    argument.link("r", "addresses", "a")
    network = to_networkx(argument.graph)
    assert len(views.links(network)) == 3
    assert list(views.causal(network).edges) == []
    assert list(views.causal(network)) == [iri("a"), iri("b")]
    assert list(views.view(network, Relation.ADDRESSES).edges) == [(iri("r"), iri("a"))]


def test_selectors_pick_by_type() -> None:
    argument = Argument()
    for name, kind in zip("pcergh", FactorType, strict=True):
        argument.factor(name, kind.value)
    network = to_networkx(argument.graph)
    picked = {
        "barriers": views.barriers(network),
        "strategies": views.strategies(network),
        "remedies": views.remedies(network),
        "goals": views.goals(network),
    }
    names = {key: "".join(record.quote[-1] for record in records) for key, records in picked.items()}
    assert names == {"barriers": "pce", "strategies": "rg", "remedies": "r", "goals": "g"}


def test_a_document_without_factors_is_an_empty_network() -> None:
    assert len(to_networkx(Argument().graph)) == 0


def _broken(fault: str) -> Graph:
    argument = barriers("a", "b")
    argument.link("a", "causes", "b")
    graph, link = argument.graph, ID["causes-a-b"]
    match fault:
        case "nothing":
            return Graph()
        case "no type":
            graph.set((ID.a, RDF.type, FTZ.Barrier))
        case "no quote":
            graph.remove((ID.a, RDFS.label, None))
            graph.remove((ID.a, FTZ.evidence, None))
        case "confidence":
            graph.set((ID.a, FTZ.confidence, Literal("high")))
        case "confidence range":
            graph.set((link, FTZ.confidence, Literal("1.5")))
        case "modality":
            graph.set((ID.a, FTZ.modality, OWL.Thing))
        case "tier":
            argument.mention("actor", "Actor", "村委会", tier="village")
        case "predicate":
            graph.set((link, RDF.predicate, OWL.sameAs))
        case "link end":
            graph.set((link, RDF.object, ID.nobody))
        case "no link end":
            graph.remove((link, RDF.subject, None))
        case "triple end":
            graph.add((ID.a, FTZ.partOf, ID.nobody))
        case "selector":
            graph.remove((ID["a-txt-evidence-0"], OA.hasSelector, None))
        case "offset":
            graph.set((ID["a-txt-selector-0"], OA.start, Literal("first")))
        case "section":
            argument.section("s", "循环", parent="s")
        case "document":
            argument.document("另一份", "b.txt")
            graph.remove((ID.a, None, ID["a-txt"]))
            graph.remove((ID["a-txt-evidence-0"], OA.hasSource, None))
    return graph


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("nothing", "neither a ftz:Document nor a factor"),
        ("no type", "id:a is a factor of none of the types"),
        ("no quote", "id:a has neither evidence with a quote nor a label"),
        ("confidence", "id:a: ftz:confidence is 'high', not a number from 0 to 1"),
        ("confidence range", "id:causes-a-b: ftz:confidence is '1.5'"),
        ("modality", "id:a: ftz:modality is owl:Thing"),
        ("tier", "id:actor: ftz:tier is 'village', none of national"),
        ("predicate", "id:causes-a-b: rdf:predicate is owl:sameAs"),
        ("link end", "id:causes-a-b: id:nobody is no factor"),
        ("no link end", "id:causes-a-b: nothing is no factor"),
        ("triple end", "id:a ftz:partOf: id:nobody is no factor"),
        ("selector", "id:a-txt-evidence-0 has no oa:hasSelector"),
        ("offset", "id:a-txt-selector-0: oa:start is 'first', not a whole number"),
        ("section", "id:s is part of itself"),
        ("document", "id:a-txt-evidence-0 belongs to no ftz:Document"),
    ],
)
def test_what_is_essential_and_missing_is_named_in_one_line(fault: str, message: str) -> None:
    with pytest.raises(GraphError) as caught:
        to_networkx(_broken(fault))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_factor_is_an_error() -> None:
    with pytest.raises(GraphError, match="no factor id:nobody"):
        views.factor(to_networkx(barriers("a").graph), "id:nobody")
