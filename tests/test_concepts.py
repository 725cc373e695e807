"""Factors that mean the same become concepts, and what many documents say of them is counted once a voice."""

import random
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rdflib import PROV, RDF, SKOS, Graph, Literal, URIRef
from stated_documents import CAUSE, EFFECT, GOAL, PROBLEM, REMEDY, Said, Tied, document
from two_engines import our_rows, rdflib_rows

from ftzgraph.causalmap import Relation
from ftzgraph.cli import main
from ftzgraph.concepts.belief import belief, voices
from ftzgraph.concepts.clustering import average_link
from ftzgraph.concepts.copies import copied, letters
from ftzgraph.concepts.neighbours import nearest
from ftzgraph.concepts.rdf import with_concepts
from ftzgraph.concepts.statements import Side, Statement, content, direction, numbers
from ftzgraph.concepts.told import Place
from ftzgraph.concepts.vectors import vectors
from ftzgraph.knowledge.documents import by_document
from ftzgraph.knowledge.queries import run_named
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.knowledge.validation import validate
from ftzgraph.knowledge.vocabulary import FTZ
from ftzgraph.resources import resource
from ftzgraph.store import open_store

DOCTORS = Said(PROBLEM, "村医待遇偏低")
PAID_LITTLE = Said(CAUSE, "乡村医生收入待遇低")
PAY_MORE = Said(REMEDY, "提高村医补助标准")
GREEN_POWER = Said(PROBLEM, "弃风弃光问题严重")
ANSWERED = Tied(Relation.ADDRESSES, 1, 0)


def grouped(*documents: Graph, tmp_path: Path) -> Graph:
    """The graph of several documents with its concepts, once through a file."""
    path = tmp_path / "graph.ttl"
    path.write_text(serialise(sum(documents, Graph())), encoding="utf-8")
    with open_store(path) as store:
        graph = Graph()
        for triple in with_concepts(store):
            graph.add(triple)
    assert validate(graph).conforms
    return graph


def wordings(graph: Graph) -> set[frozenset[str]]:
    """The wordings of each concept."""
    labels = (SKOS.prefLabel, SKOS.altLabel)
    return {
        frozenset(str(text) for label in labels for text in graph.objects(concept, label))
        for concept in graph.subjects(RDF.type, FTZ.Concept)
    }


def concept(graph: Graph, wording: str) -> URIRef:
    """The concept that has this wording."""
    found = {
        node
        for label in (SKOS.prefLabel, SKOS.altLabel)
        for node in graph.subjects(label, Literal(wording, lang="zh"))
        if (node, RDF.type, FTZ.Concept) in graph
    }
    (only,) = found
    assert isinstance(only, URIRef)
    return only


def support(graph: Graph, wording: str) -> int:
    """How many independent documents state the concept."""
    return int(str(graph.value(concept(graph, wording), FTZ.support)))


def tied(graph: Graph, source: str, target: str) -> tuple[int, int, float]:
    """Support, contradictions and belief of the link between two concepts."""
    (link,) = (
        set(graph.subjects(RDF.subject, concept(graph, source)))
        & set(graph.subjects(RDF.object, concept(graph, target)))
        & set(graph.subjects(RDF.type, FTZ.ConceptLink))
    )
    told = [str(graph.value(link, term)) for term in (FTZ.support, FTZ.contradictions, FTZ.confidence)]
    return int(told[0]), int(told[1]), float(told[2])


def test_other_words_for_the_same_are_one_concept_and_keep_their_quotes(tmp_path: Path) -> None:
    graph = grouped(document("甲", [DOCTORS]), document("乙", [PAID_LITTLE, GREEN_POWER]), tmp_path=tmp_path)
    assert wordings(graph) == {frozenset({DOCTORS.text, PAID_LITTLE.text}), frozenset({GREEN_POWER.text})}
    assert len(list(graph.subjects(FTZ.expresses, concept(graph, DOCTORS.text)))) == 2
    assert support(graph, DOCTORS.text) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Said(PROBLEM, "码头用地不足"), Said(PROBLEM, "码头用工不足")),
        (Said(PROBLEM, "企业用电成本上升"), Said(PROBLEM, "企业用工成本上升")),
        (Said(REMEDY, "到2025年建成10个示范区"), Said(REMEDY, "到2030年建成30个示范区")),
        (DOCTORS, PAY_MORE),
        (Said(PROBLEM, "开放水平不足"), Said(GOAL, "提高开放水平")),
    ],
)  # fmt: skip
def test_look_alikes_stay_apart(one: Said, other: Said, tmp_path: Path) -> None:
    graph = grouped(document("甲", [one]), document("乙", [other]), tmp_path=tmp_path)
    assert wordings(graph) == {frozenset({one.text}), frozenset({other.text})}


def test_a_barrier_and_the_remedy_for_it_are_related(tmp_path: Path) -> None:
    graph = grouped(document("甲", [DOCTORS]), document("乙", [PAY_MORE]), tmp_path=tmp_path)
    barrier, remedy = concept(graph, DOCTORS.text), concept(graph, PAY_MORE.text)
    assert (barrier, SKOS.related, remedy) in graph
    assert (remedy, SKOS.related, barrier) in graph
    (match,) = [
        node for node in graph.subjects(RDF.type, FTZ.Match) if graph.value(node, RDF.predicate) == SKOS.related
    ]
    assert 0.5 <= float(str(graph.value(match, FTZ.confidence))) <= 1


def test_what_is_denied_expresses_nothing(tmp_path: Path) -> None:
    graph = grouped(document("甲", [Said(PROBLEM, DOCTORS.text, negated=True), GREEN_POWER]), tmp_path=tmp_path)
    assert wordings(graph) == {frozenset({GREEN_POWER.text})}


def test_repeats_within_a_document_count_once(tmp_path: Path) -> None:
    graph = grouped(document("甲", [DOCTORS, PAY_MORE, PAID_LITTLE], [ANSWERED]), tmp_path=tmp_path)
    assert support(graph, DOCTORS.text) == 1
    assert tied(graph, PAY_MORE.text, DOCTORS.text) == (1, 0, 0.5)


def test_independent_documents_add_to_belief_and_contradictions_are_counted(tmp_path: Path) -> None:
    against = Tied(Relation.ADDRESSES, 1, 0, negated=True)
    documents = [
        document("甲", [DOCTORS, PAY_MORE], [ANSWERED]),
        document("乙", [PAID_LITTLE, PAY_MORE], [ANSWERED]),
        document("丙", [DOCTORS, PAY_MORE], [against], noise=["其他"]),
    ]
    graph = grouped(*documents, tmp_path=tmp_path)
    assert tied(graph, PAY_MORE.text, DOCTORS.text) == (2, 1, 0.75)
    assert (concept(graph, PAY_MORE.text), FTZ.addresses, concept(graph, DOCTORS.text)) not in graph
    (link,) = graph.subjects(RDF.type, FTZ.ConceptLink)
    assert len(list(graph.objects(link, PROV.wasDerivedFrom))) == 3


def test_a_copy_of_a_document_is_no_second_voice(tmp_path: Path) -> None:
    noise = [f"这一句话与任何要素都没有关系，它是第{i}句，用来占据篇幅" for i in range(6)]
    first = document("原文", [DOCTORS, PAY_MORE], [ANSWERED], date="2023-05-06", noise=noise)
    again = document(
        "转载", [DOCTORS, PAY_MORE], [ANSWERED], date="2024-01-01", noise=[*noise[:-1], "转载时另加了一句话"]
    )
    graph = grouped(first, again, document("另一篇", [DOCTORS]), tmp_path=tmp_path)
    ((copy, original),) = graph.subject_objects(FTZ.copyOf)
    assert [str(graph.value(node, FTZ.fileName)) for node in (copy, original)] == ["转载.txt", "原文.txt"]
    assert support(graph, DOCTORS.text) == 2
    assert tied(graph, PAY_MORE.text, DOCTORS.text) == (1, 0, 0.5)


def test_a_copied_sentence_is_no_second_voice(tmp_path: Path) -> None:
    long = Said(PROBLEM, "一些地区基层医疗卫生机构的专业技术人员严重短缺")
    graph = grouped(document("甲", [long]), document("乙", [long, GREEN_POWER], noise=["再说一句"]), tmp_path=tmp_path)
    assert support(graph, long.text) == 1


def test_the_order_of_documents_makes_no_difference_and_grouping_again_neither(tmp_path: Path) -> None:
    documents = [
        document("甲", [DOCTORS, PAY_MORE], [ANSWERED]),
        document("乙", [PAID_LITTLE, GREEN_POWER]),
        document("丙", [Said(EFFECT, "村医流失"), DOCTORS], [Tied(Relation.CAUSES, 1, 0)]),
    ]
    first = serialise(grouped(*documents, tmp_path=tmp_path))
    assert serialise(grouped(*reversed(documents), tmp_path=tmp_path)) == first
    (tmp_path / "again.ttl").write_text(first, encoding="utf-8")
    with open_store(tmp_path / "again.ttl") as store:
        assert serialise(with_concepts(store)) == first


def test_concepts_of_a_removed_document_are_gone_when_grouped_again(tmp_path: Path) -> None:
    both = [document("甲", [DOCTORS]), document("乙", [GREEN_POWER])]
    graph = grouped(*both, tmp_path=tmp_path)
    assert wordings(grouped(graph - both[1], tmp_path=tmp_path)) == {frozenset({DOCTORS.text})}


def test_recurring_barriers_and_remedies_tried_can_be_asked(tmp_path: Path) -> None:
    documents = [
        document("甲", [DOCTORS, PAY_MORE], [ANSWERED], date="2021"),
        document("乙", [PAID_LITTLE, GREEN_POWER], date="2023-05"),
        document(
            "丙", [DOCTORS, Said(REMEDY, "青海提高村医补助标准", places=("青海",))], [ANSWERED], date="2024-05-06"
        ),
    ]
    graph = grouped(*documents, tmp_path=tmp_path)
    barriers = [[str(term) for term in row[:5]] for row in run_named(graph, "recurring-barriers").rows]
    assert [row[1:] for row in barriers] == [["3", "2021", "2024", "2"]]
    tried = [[str(term or "") for term in row[:8]] for row in run_named(graph, "remedies-tried", of="待遇").rows]
    assert {(row[2], row[4], row[5], row[7]) for row in tried} <= {
        ("2", "2021", "2024", "青海"),
        ("1", "2021", "2021", ""),
        ("1", "2024", "2024", "青海"),
    }
    assert sum(int(row[2]) for row in tried) == 2
    assert run_named(graph, "remedies-tried", of="弃风").rows == ()
    for name in ("recurring-barriers", "remedies-tried"):
        assert our_rows(graph, name) == rdflib_rows(graph, name)


def test_the_command_writes_the_graph_with_its_concepts(built: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["concepts", str(built / "graph.ttl"), "-o", str(tmp_path / "concepts.ttl")])
    assert result.exit_code == 0, result.output
    graph, before = Graph().parse(tmp_path / "concepts.ttl"), Graph().parse(built / "graph.ttl")
    assert not before - graph
    factors = set(before.subjects(RDF.type, FTZ.Factor))
    assert factors == set(graph.subjects(FTZ.expresses))
    missing = CliRunner().invoke(main, ["concepts", "missing.ttl"])
    assert (missing.exit_code, missing.output.count("\n")) == (1, 1)


# --- the parts ---


def test_likeness_does_not_run_along_chains() -> None:
    scores = {(0, 1): 0.9, (1, 2): 0.8}
    assert average_link(scores, 3, 0.5, lambda pairs: [0.0] * len(pairs)) == [(0, 1), (2,)]
    assert average_link(scores, 3, 0.4, lambda pairs: [0.0] * len(pairs)) == [(0, 1, 2)]


@given(
    st.dictionaries(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda p: p[0] < p[1]), st.floats(0, 1)),
    st.randoms(),
)
def test_clusters_part_the_items_whatever_the_order_of_the_scores(
    scores: dict[tuple[int, int], float], chance: random.Random
) -> None:
    def ask(pairs: object) -> list[float]:
        return [0.0] * len(pairs)  # type: ignore[arg-type]

    clusters = average_link(scores, 8, 0.5, ask)
    assert sorted(i for cluster in clusters for i in cluster) == list(range(8))
    shuffled = list(scores.items())
    chance.shuffle(shuffled)
    assert average_link(dict(shuffled), 8, 0.5, ask) == clusters


def test_the_nearest_in_cells_are_those_of_a_full_search(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        f"{topic}{fault}" for topic in ("口岸", "物流", "金融", "数据", "人才") for fault in ("不足", "缺位", "滞后")
    ]
    rows = vectors(texts)
    full = nearest(rows, rows, 3)
    assert next(j for i, j in full if i == 0) == 0
    assert [i for i, _ in full] == [i for i in range(15) for _ in range(3)]
    monkeypatch.setattr("ftzgraph.concepts.neighbours.SMALL", 5)  # three cells, all of which are looked into
    assert nearest(rows, rows, 3) == full


def test_one_voice_speaks_once() -> None:
    there = [Place("a", ()), Place("a", ("同一句话",)), Place("b", ("同一句话",)), Place("c", ())]
    assert voices(there, {}) == {"a": "a", "b": "a", "c": "c"}
    assert belief([]) == 0
    assert belief([("a", 0.5), ("a", 0.9), ("b", 0.5)]) == pytest.approx(0.95)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 1)), max_size=6))
def test_more_statements_never_lower_belief(told: list[tuple[str, float]]) -> None:
    assert all(belief(told[:i]) <= belief(told[: i + 1]) + 1e-12 for i in range(len(told)))


def test_a_reprint_with_other_punctuation_is_a_copy() -> None:
    text = ["加快推进“放管服”改革，优化营商环境。", "健全覆盖城乡的公共服务体系和管理体制。"]
    assert letters("加快 推进ＡＢ") == "加快推进AB"
    told = {
        "a": text,
        "b": ["加快推进放管服改革优化营商环境", "健全覆盖城乡的公共服务体系和管理体制"],
        "c": ["三、对策建议"],
    }
    assert copied(told) == {"a": "a", "b": "a", "c": "c"}


def test_statements_are_taken_apart() -> None:
    assert numbers("三万五千户的12.5%") == {35_000, 0.125}
    assert (direction("放宽准入"), direction("压减目录"), direction("既提高也降低")) == (1, -1, 0)
    words = [("审批流程不够优化"[start:end]) for start, end in content("审批流程不够优化")]
    assert "流程" in words
    assert "不" not in words
    assert Statement(Side.BARRIER, "甲") < Statement(Side.STRATEGY, "甲")


def test_concepts_belong_to_no_single_document(tmp_path: Path) -> None:
    graph = grouped(document("甲", [DOCTORS, PAY_MORE], [ANSWERED]), document("乙", [PAID_LITTLE]), tmp_path=tmp_path)
    parted = by_document(graph)
    shared = {subject for subject, _, _ in parted[None]}
    assert shared == {
        node for kind in (FTZ.Concept, FTZ.Match, FTZ.ConceptLink) for node in graph.subjects(RDF.type, kind)
    }
    assert len(parted) == 3


def test_a_store_keeps_its_concepts_beside_its_documents(tmp_path: Path) -> None:
    place = str(tmp_path / "library")
    first, second = document("甲", [DOCTORS, PAY_MORE], [ANSWERED]), document("乙", [PAID_LITTLE])
    with open_store(place, create=True) as store:
        store.add(first + second)
    assert CliRunner().invoke(main, ["concepts", place]).output == ""
    with open_store(place) as store:
        assert len(store.documents()) == 2
        assert {
            str(row[1]) for row in store.query("SELECT ?c ?n WHERE { ?c a ftz:Concept ; ftz:support ?n }").rows
        } == {"1", "2"}
        whole = store.graph()
        store.add(second)  # a document that comes again does not take the concepts away
        assert store.graph().isomorphic(whole)
        assert serialise(with_concepts(store)) == serialise(grouped(first, second, tmp_path=tmp_path))
        store.remove("乙.txt")
    assert CliRunner().invoke(main, ["concepts", place]).exit_code == 0
    with open_store(place) as store:
        assert serialise(store.graph()) == serialise(grouped(first, tmp_path=tmp_path))
        refused = CliRunner().invoke(main, ["store", "add", str(tmp_path / "two"), str(tmp_path / "graph.ttl")])
        assert refused.exit_code == 0
    with open_store(place) as store:
        store.add(grouped(first, second, tmp_path=tmp_path))  # a graph with concepts brings them along
        assert serialise(store.graph()) == serialise(grouped(first, second, tmp_path=tmp_path))


def test_the_encoder_is_small_enough_to_ship() -> None:
    assert sum(file.stat().st_size for file in resource("data/similarity").iterdir()) <= 40e6
