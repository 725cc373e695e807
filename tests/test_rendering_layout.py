import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, pairwise
from math import dist
from pathlib import Path
from statistics import mean

import networkx as nx
import pytest
from drawn_graphs import factor_graph
from hypothesis import given
from hypothesis import strategies as st

from ftzgraph.analysis.graph import FactorGraph, factors
from ftzgraph.causalmap import FactorType, Relation
from ftzgraph.rendering.causal_layout import causal_order
from ftzgraph.rendering.free_layout import free
from ftzgraph.rendering.labels import Label, label, text_width
from ftzgraph.rendering.layout import Frame, Layout, spread
from ftzgraph.rendering.section_layout import by_section

types = st.sampled_from([kind.value for kind in FactorType])
relations = st.sampled_from([relation.value for relation in Relation])
quotes = st.text("国际经贸规则的约束、（不断）升级，WTO 2024", min_size=1, max_size=60)


@st.composite
def graphs(draw: st.DrawFn) -> FactorGraph:
    count = draw(st.integers(0, 25))
    places = st.tuples(types, st.integers(0, 2), st.integers(0, 3))
    ends = st.integers(0, max(count - 1, 0))
    links = draw(st.lists(st.tuples(ends, relations, ends), max_size=40)) if count else []
    return factor_graph(
        draw(st.lists(places, min_size=count, max_size=count)),
        links,
        draw(st.lists(quotes, min_size=count, max_size=count)),
    )


@st.composite
def sectioned_graphs(draw: st.DrawFn) -> FactorGraph:
    """Graphs with sections in sections and factors that stand in none."""
    graph = draw(graphs())
    sections = graph.graph["sections"]
    for section in list(sections.values()):
        parents = [
            other.iri
            for other in sections.values()
            if other.document == section.document and other.order < section.order
        ]
        sections[section.iri] = replace(section, parent=draw(st.sampled_from([None, *parents])))
    for record in factors(graph):
        graph.nodes[record.iri]["factor"] = replace(record, section=draw(st.sampled_from([None, record.section])))
    return graph


def labels(graph: FactorGraph) -> dict[str, Label]:
    return {record.iri: label(record.quote) for record in factors(graph)}


def chain(*kinds: str, relation: str = "causes") -> FactorGraph:
    """Factors of one section, each linked to the one after it."""
    return factor_graph([(kind, 0, 0) for kind in kinds], [(i, relation, i + 1) for i in range(len(kinds) - 1)])


@pytest.mark.parametrize("lay_out", [causal_order, by_section, free])
@given(graph=sectioned_graphs())
def test_every_factor_has_a_place_and_no_two_boxes_overlap(
    lay_out: Callable[[FactorGraph, dict[str, Label]], Layout], graph: FactorGraph
) -> None:
    boxes = labels(graph)
    layout = lay_out(graph, boxes)
    assert set(layout.positions) == set(graph)
    for a, b in combinations(graph, 2):
        (x, y), (u, v) = layout.positions[a], layout.positions[b]
        apart = abs(x - u) - (boxes[a].width + boxes[b].width) / 2, abs(y - v) - (boxes[a].height + boxes[b].height) / 2
        assert max(apart) > 1
    for iri, (x, y) in layout.positions.items():
        assert boxes[iri].width / 2 <= x <= layout.width - boxes[iri].width / 2
        assert boxes[iri].height / 2 <= y <= layout.height - boxes[iri].height / 2


@given(graph=graphs())
def test_causes_stand_left_of_their_effects_feedback_loops_aside(graph: FactorGraph) -> None:
    boxes = labels(graph)
    x = {iri: place[0] for iri, place in causal_order(graph, boxes).positions.items()}
    causal = nx.DiGraph((a, b) for a, b, key in graph.edges(keys=True) if key == "causes")
    loop = {iri: i for i, group in enumerate(nx.strongly_connected_components(causal)) for iri in group}
    for a, b in causal.edges:
        if loop[a] != loop[b]:
            assert x[a] + boxes[a].width / 2 < x[b] - boxes[b].width / 2


@given(graph=graphs())
def test_sections_hold_their_factors(graph: FactorGraph) -> None:
    layout = by_section(graph, labels(graph))
    frames = [frame for frame in layout.frames if frame.kind == "section"]
    for record in factors(graph):
        x, y = layout.positions[record.iri]
        (title,) = graph.graph["sections"][record.section].path
        around = {f.caption for f in frames if f.left < x < f.left + f.width and f.top < y < f.top + f.height}
        assert around == {title}


def inside(place: tuple[float, float], frame: Frame) -> bool:
    return frame.left < place[0] < frame.left + frame.width and frame.top < place[1] < frame.top + frame.height


@pytest.mark.parametrize("lay_out", [causal_order, by_section])
@given(graph=sectioned_graphs())
def test_every_factor_is_a_member_of_the_one_frame_that_directly_holds_it(
    lay_out: Callable[[FactorGraph, dict[str, Label]], Layout], graph: FactorGraph
) -> None:
    layout = lay_out(graph, labels(graph))
    assert sorted(iri for frame in layout.frames for iri in frame.members) == sorted(graph)
    for frame in layout.frames:
        if frame.members:
            assert {iri for iri, place in layout.positions.items() if inside(place, frame)} == set(frame.members)
            assert not any(inside((other.left, other.top), frame) for other in layout.frames)


def test_factors_of_a_section_outside_its_subsections_have_a_frame_of_their_own() -> None:
    graph = factor_graph([("Problem", 0, 0), ("Problem", 0, 1), ("Problem", 0, 0)])
    sections = graph.graph["sections"]
    sections["d0-section-1"] = replace(sections["d0-section-1"], parent="d0-section-0")
    frames = by_section(graph, labels(graph)).frames
    assert [(frame.caption, frame.members) for frame in frames] == [
        ("第0节", ()),
        ("第0节", ("f0", "f2")),
        ("第1节", ("f1",)),
    ]


def test_a_long_section_is_parted_into_frames_of_about_equal_size() -> None:
    graph = factor_graph([("Problem", 0, 0)] * 130)
    whole, *parts = by_section(graph, labels(graph)).frames
    assert (whole.caption, whole.members) == ("第0节", ())
    assert [(part.caption, len(part.members)) for part in parts] == [
        ("第0节 1/3", 43),
        ("第0节 2/3", 43),
        ("第0节 3/3", 44),
    ]
    assert [iri for part in parts for iri in part.members] == list(graph)


def test_a_document_without_sections_is_one_frame() -> None:
    graph = factor_graph([("Problem", 0, 0), ("Remedy", 0, 0)])
    for record in factors(graph):
        graph.nodes[record.iri]["factor"] = replace(record, section=None)
    (frame,) = by_section(graph, labels(graph)).frames
    assert (frame.caption, frame.members) == ("文件0", ("f0", "f1"))


@given(steps=st.lists(st.integers(1, 4), min_size=20, max_size=40))
def test_free_layout_puts_linked_factors_nearer_than_others(steps: list[int]) -> None:
    links = [(child, "partOf", max(0, child - step)) for child, step in enumerate(steps, start=1)]
    graph = factor_graph([("Problem", 0, 0)] * (len(steps) + 1), links)
    positions = free(graph, labels(graph)).positions
    near = [dist(positions[a], positions[b]) for a, b in combinations(graph, 2) if graph.has_edge(b, a)]
    far = [dist(positions[a], positions[b]) for a, b in combinations(graph, 2) if not graph.has_edge(b, a)]
    assert mean(near) < 0.45 * mean(far)


def test_free_layout_stays_compact_however_many_factors_are_linked() -> None:
    graph = factor_graph([("Problem", 0, 0)] * 200, [(i, "partOf", i // 2) for i in range(1, 200)])
    boxes = labels(graph)
    layout = free(graph, boxes)
    assert sum(box.width * box.height for box in boxes.values()) > 0.1 * layout.width * layout.height


@given(graph=graphs())
def test_free_layout_keeps_connected_parts_apart(graph: FactorGraph) -> None:
    positions = free(graph, labels(graph)).positions
    parts = [[positions[iri] for iri in part] for part in nx.weakly_connected_components(graph) if len(part) > 1]
    for part, other in combinations(parts, 2):
        assert any(
            max(place[axis] for place in a) < min(place[axis] for place in b)
            for axis in (0, 1)
            for a, b in ((part, other), (other, part))
        )


def test_free_layout_sets_unlinked_factors_in_rows() -> None:
    graph = factor_graph([("Problem", 0, 0)] * 14, [(0, "causes", 1)])
    positions = free(graph, labels(graph)).positions
    rows = [positions[iri][1] for iri in graph if iri not in ("f0", "f1")]
    assert rows == sorted(rows)
    assert len(set(rows)) < 5


def test_a_part_too_large_for_forces_keeps_its_causal_order() -> None:
    graph = factor_graph([("Problem", 0, 0)] * 3001, [(i, "partOf", 0) for i in range(1, 3001)])
    boxes = labels(graph)
    assert free(graph, boxes).positions == causal_order(graph, boxes).positions


LAID_OUT = """
from test_rendering_layout import *
graph = factor_graph(
    [(kind.value, i % 2, i % 5) for i in range(8) for kind in FactorType],
    [(i, relation.value, (7 * i + j) % 48) for i in range(0, 48, 3) for j, relation in enumerate(Relation)],
)
for lay_out in (causal_order, by_section, free):
    print(lay_out(graph, labels(graph)))
"""


def test_layouts_are_the_same_in_every_process() -> None:
    def laid_out(seed: str) -> str:
        surroundings = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)}
        command = [sys.executable, "-c", LAID_OUT]
        return subprocess.run(command, env=surroundings, capture_output=True, encoding="utf-8", check=True).stdout

    assert laid_out("1") == laid_out("2") != ""


def test_the_argument_runs_from_left_to_right() -> None:
    kinds = ["Cause", "Problem", "Effect", "Remedy", "Goal"]
    links = [(0, "causes", 1), (1, "causes", 2), (3, "addresses", 1), (3, "aimsAt", 4)]
    graph = factor_graph([(kind, 0, 0) for kind in kinds], links)
    positions = causal_order(graph, labels(graph)).positions
    assert sorted(positions, key=lambda iri: positions[iri][0]) == list(graph)


def test_achievements_stand_below_the_argument() -> None:
    graph = chain("Achievement", "Problem", "Effect", "Remedy", relation="partOf")
    y = {iri: place[1] for iri, place in causal_order(graph, labels(graph)).positions.items()}
    assert y["f0"] > max(y["f1"], y["f2"], y["f3"])


def test_achievements_below_leave_the_argument_less_height() -> None:
    barriers = [("Problem", 0, 0)] * 20

    def height(*kinds: str) -> float:
        graph = factor_graph([*barriers, *((kind, 0, 0) for kind in kinds)])
        return next(frame.height for frame in causal_order(graph, labels(graph)).frames if frame.kind == "barriers")

    assert height(*["Achievement"] * 40) < height()


def test_a_heading_stands_left_of_its_parts_and_amid_them() -> None:
    graph = factor_graph([("Remedy", 0, 0)] * 4, [(i, "partOf", 0) for i in (1, 2, 3)])
    positions = causal_order(graph, labels(graph)).positions
    parts = [positions[f"f{i}"] for i in (1, 2, 3)]
    assert positions["f0"][0] < min(x for x, _ in parts)
    assert min(y for _, y in parts) <= positions["f0"][1] <= max(y for _, y in parts)


def test_remedies_face_the_barriers_they_address() -> None:
    barriers = [("Problem", 0, section) for section in range(4)]
    remedies = [("Remedy", 0, section) for section in range(4, 8)]
    links = [(4 + i, "addresses", 3 - i) for i in range(4)]  # the last remedy addresses the first barrier
    graph = factor_graph(barriers + remedies, links)
    positions = causal_order(graph, labels(graph)).positions
    assert [positions[f"f{4 + i}"][1] for i in range(4)] == pytest.approx([positions[f"f{3 - i}"][1] for i in range(4)])


def test_unlinked_documents_stand_in_frames_of_their_own() -> None:
    graph = factor_graph([("Problem", 0, 0), ("Problem", 1, 0)])
    for layout in (causal_order(graph, labels(graph)), by_section(graph, labels(graph))):
        assert [frame.caption for frame in layout.frames if frame.kind == "document"] == ["文件0", "文件1"]


@given(
    wanted=st.lists(st.floats(-1000, 1000), min_size=1, max_size=12),
    size=st.floats(1, 50),
    gap=st.floats(0, 20),
)
def test_spread_moves_nothing_that_has_room(wanted: list[float], size: float, gap: float) -> None:
    centres = spread(wanted, [size] * len(wanted), gap, -1e6, 1e6)
    assert all(b - a >= size + gap - 1e-6 for a, b in pairwise(centres))
    assert spread(centres, [size] * len(wanted), gap, -1e6, 1e6) == pytest.approx(centres)
    assert sum(centres) == pytest.approx(sum(wanted), abs=1e-3)


@given(text=quotes)
def test_labels_keep_every_character_and_fit_their_box(text: str) -> None:
    box = label(text, columns=9, rows=99)
    assert "".join("".join(box.lines).split()) == "".join(text.split())
    assert all(text_width(line) <= 9 for line in box.lines)


def test_labels_follow_the_rules_of_chinese_setting() -> None:
    assert label("推进数据共享，完善（跨境）机制", columns=7).lines == ("推进数据共", "享，完善（跨", "境）机制")
    assert label("推进数据共享（跨境）机制", columns=7).lines == ("推进数据共享", "（跨境）机制")
    assert label("对接WTO规则", columns=3).lines == ("对接", "WTO", "规则")
    assert label("甲" * 100, columns=10, rows=3).lines == ("甲" * 10, "甲" * 10, "甲" * 9 + "…")
