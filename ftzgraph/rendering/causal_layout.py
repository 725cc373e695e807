"""The layout by causal order: from left to right causes, problems, effects, then the remedies, then their goals."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

import networkx as nx

from ftzgraph.analysis.graph import FactorGraph, factor
from ftzgraph.causalmap import FactorType, Relation
from ftzgraph.rendering.layout import (
    BLOCK_GAP,
    CAPTION_ROOM,
    COLUMN_GAP,
    FRAME_GAP,
    LANE_GAP,
    MARGIN,
    ROW_GAP,
    Labels,
    Layout,
    extent,
    grid,
    shelves,
    spread,
)

_SWEEPS = 4
_PULL = {Relation.CAUSES: 3.0, Relation.ADDRESSES: 1.0, Relation.AIMS_AT: 2.0, Relation.PART_OF: 1.0}
_ROWS = (3, 4, 5, 6, 8, 10, 13, 17, 22, 30, 40, 60, 100)
_BARRIERS, _STRATEGIES, _ACHIEVEMENTS = range(3)
_FREE_LEVELS = {FactorType.CAUSE: 0, FactorType.PROBLEM: 1, FactorType.EFFECT: 2}


def causal_order(graph: FactorGraph, labels: Labels) -> Layout:
    """Lay out the argument from left to right.

    A barrier's column is its level in the condensation of the ``causes`` links (longest path, feedback loops as one), a
    strategy's that of the ``aimsAt`` links. Factors of a section form a block; a heading that others are part of stands
    at its left. Blocks of strategies face the barriers they address. Within a block barycentre sweeps order the boxes
    (Sugiyama, Tagawa and Toda 1981) and isotonic regression places them. Achievements stand in a panel below. Documents
    that no link connects are laid out apart.

    Args:
        graph: as :func:`ftzgraph.analysis.graph.to_networkx` gives it.
        labels: label of every factor by IRI.

    Returns:
        A layout in which no two boxes overlap and every cause stands left of its effects, feedback loops aside.
    """
    documents = graph.graph["documents"]
    maps = _maps(graph)
    parts = [_causal_map(graph, labels, members) for members in maps]
    if len(maps) > 1:
        titles = [dict.fromkeys(documents[factor(graph, iri).document].title for iri in members) for members in maps]
        parts = [part.framed("document", " · ".join(title)) for part, title in zip(parts, titles, strict=True)]
    return shelves(parts)


def _maps(graph: FactorGraph) -> list[list[str]]:
    """The factors of documents that links connect, each such group in document order."""
    connected: nx.Graph[str] = nx.Graph()
    connected.add_nodes_from(factor(graph, iri).document for iri in graph)
    connected.add_edges_from((factor(graph, a).document, factor(graph, b).document) for a, b in graph.edges())
    group_of = {name: index for index, group in enumerate(nx.connected_components(connected)) for name in group}
    groups: dict[int, list[str]] = defaultdict(list)
    for iri in graph:
        groups[group_of[factor(graph, iri).document]].append(iri)
    return list(groups.values())


@dataclass
class _Block:
    """Factors of one zone that belong together, by column."""

    zone: int
    columns: dict[int, list[str]]
    top: float = 0.0
    height: float = 0.0

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def _causal_map(graph: FactorGraph, labels: Labels, members: list[str]) -> Layout:
    cells = _cells(graph, members)
    blocks = _blocks(graph, members, cells)
    achievements = [iri for iri in members if cells[iri][0] == _ACHIEVEMENTS]
    below = sum((labels[iri].width + LANE_GAP) * (labels[iri].height + ROW_GAP) for iri in achievements)
    lanes = _lanes(blocks, labels, below)
    _stack(graph, blocks)
    x = _lane_centres(blocks, lanes, labels)
    positions = _positions(graph, labels, blocks, lanes, x)

    zones = Layout()
    for zone, kind in ((_BARRIERS, "barriers"), (_STRATEGIES, "strategies")):
        iris = [iri for iri in positions if cells[iri][0] == zone]
        if iris:
            left = min(positions[iri][0] - labels[iri].width / 2 for iri in iris)
            right = max(positions[iri][0] + labels[iri].width / 2 for iri in iris)
            height = max(block.top + block.height for block in blocks)
            width = max(right - left, CAPTION_ROOM)
            left -= (width - (right - left)) / 2
            shifted = {iri: (positions[iri][0] - left, positions[iri][1]) for iri in iris}
            zone_layout = Layout(shifted, width=width, height=height).framed(kind)
            zones.place(zone_layout, zones.width + FRAME_GAP if zones.width else 0, 0)
    if achievements:
        panel = grid(achievements, labels, room=zones.width - 2 * MARGIN)
        panel.width = max(panel.width, zones.width - 2 * MARGIN)
        zones.place(panel.framed("achievements"), 0, zones.height + FRAME_GAP if zones.height else 0)
    return zones


def _cells(graph: FactorGraph, members: list[str]) -> dict[str, tuple[int, int]]:
    """Zone and column of each factor."""
    types = {iri: FactorType(factor(graph, iri).type) for iri in members}
    causal = _levels(_edges(graph, members, Relation.CAUSES))
    zones = {
        iri: _BARRIERS
        if iri in causal or types[iri].is_barrier
        else _STRATEGIES
        if types[iri].is_strategy
        else _ACHIEVEMENTS
        for iri in members
    }
    strategic = _levels(
        (a, b) for a, b in _edges(graph, members, Relation.AIMS_AT) if zones[a] == zones[b] == _STRATEGIES
    )
    headings = {b for a, b in _edges(graph, members, Relation.PART_OF) if zones[a] == zones[b]}
    headings -= causal.keys() | strategic.keys()
    shift = {zone: int(any(zones[iri] == zone for iri in headings)) for zone in range(3)}
    deepest = max(causal.values(), default=2)

    def column(iri: str) -> int:
        if iri in headings:
            return 0
        if zones[iri] == _BARRIERS:
            return shift[_BARRIERS] + causal.get(iri, min(_FREE_LEVELS.get(types[iri], 0), deepest))
        return shift[zones[iri]] + strategic.get(iri, int(types[iri] is FactorType.GOAL))

    return {iri: (zones[iri], column(iri)) for iri in members}


def _edges(graph: FactorGraph, members: Iterable[str], relation: Relation) -> list[tuple[str, str]]:
    return [(a, b) for a, b, key in graph.out_edges(members, keys=True) if key == relation and a != b]


def _levels(edges: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Longest path that leads to each node; nodes on a cycle share a level."""
    condensed = nx.condensation(nx.DiGraph(list(edges)))
    levels: dict[int, int] = {}
    for group in nx.topological_sort(condensed):
        levels[group] = max((levels[before] + 1 for before in condensed.predecessors(group)), default=0)
    return {iri: levels[group] for iri, group in condensed.graph["mapping"].items()}


def _blocks(graph: FactorGraph, members: list[str], cells: Mapping[str, tuple[int, int]]) -> list[_Block]:
    """Barriers and strategies that share a section; a factor goes with the heading that it is part of."""
    parent: dict[str, str] = {}
    for child, heading in _edges(graph, members, Relation.PART_OF):
        parent.setdefault(child, heading)
    blocks: dict[tuple[int, str], _Block] = {}
    for iri in members:
        zone, column = cells[iri]
        if zone != _ACHIEVEMENTS:
            home = factor(graph, _root(iri, parent))
            block = blocks.setdefault((zone, home.section or home.document), _Block(zone, {}))
            block.columns.setdefault(column, []).append(iri)
    return list(blocks.values())


def _root(iri: str, parent: Mapping[str, str]) -> str:
    seen = {iri}
    while iri in parent and parent[iri] not in seen:
        iri = parent[iri]
        seen.add(iri)
    return iri


def _lanes(blocks: list[_Block], labels: Labels, below: float) -> dict[tuple[int, int], int]:
    """How many lanes each column splits into, so that all can be drawn largest; sets the blocks' heights to match.

    What stands below the zones, as wide as they are, counts too: ``below`` is its area.
    """
    zones = [[block for block in blocks if block.zone == zone] for zone in (_BARRIERS, _STRATEGIES)]
    attempts = [[_attempt(zone, rows, labels) for rows in _ROWS] for zone in zones]

    def size(pair: tuple[_Attempt, ...]) -> float:
        width, height = sum(attempt.width for attempt in pair), max(attempt.height for attempt in pair)
        return extent(width, height + below / max(width, 1))

    best = min(product(*attempts), key=size)
    for zone, attempt in zip(zones, best, strict=True):
        for block, height in zip(zone, attempt.heights, strict=True):
            block.height = height
    return best[0].lanes | best[1].lanes


@dataclass(frozen=True)
class _Attempt:
    """What a zone takes up when no lane of a block holds more than some number of rows."""

    lanes: dict[tuple[int, int], int]
    heights: list[float]
    width: float
    height: float


def _attempt(zone: list[_Block], rows: int, labels: Labels) -> _Attempt:
    widths = _column_widths(zone, labels)
    lanes = dict.fromkeys(widths, 1)
    for block in zone:
        for column, iris in block.columns.items():
            lanes[block.zone, column] = max(lanes[block.zone, column], math.ceil(len(iris) / rows))
    heights = [
        max(_tallest(iris, lanes[block.zone, column], labels) for column, iris in block.columns.items())
        for block in zone
    ]
    width = sum(lanes[cell] * (widths[cell] + LANE_GAP) + COLUMN_GAP - LANE_GAP for cell in lanes)
    return _Attempt(lanes, heights, width, sum(heights) + BLOCK_GAP * (len(zone) - 1))


def _column_widths(blocks: list[_Block], labels: Labels) -> dict[tuple[int, int], int]:
    widths: dict[tuple[int, int], int] = defaultdict(int)
    for block in blocks:
        for column, iris in block.columns.items():
            widths[block.zone, column] = max(widths[block.zone, column], *(labels[iri].width for iri in iris))
    return widths


def _tallest(iris: list[str], lanes: int, labels: Labels) -> float:
    """Height that suffices for the fullest lane, however the factors are dealt out."""
    tallest = sorted((labels[iri].height for iri in iris), reverse=True)[: math.ceil(len(iris) / lanes)]
    return sum(tallest) + ROW_GAP * (len(tallest) - 1)


def _stack(graph: FactorGraph, blocks: list[_Block]) -> None:
    """Set the blocks' tops: barriers in reading order, each block of strategies facing the barriers it addresses."""
    zones = [[block for block in blocks if block.zone == zone] for zone in (_BARRIERS, _STRATEGIES)]
    heights = [sum(block.height + BLOCK_GAP for block in zone) - BLOCK_GAP for zone in zones]
    top = (max(heights) - heights[0]) / 2
    for block in zones[0]:
        block.top, top = top, top + block.height + BLOCK_GAP
    home = {iri: block for block in zones[0] for iris in block.columns.values() for iri in iris}

    def facing(block: _Block) -> float:
        iris = [iri for column in block.columns.values() for iri in column]
        faced = [home[b].middle for _, b in _edges(graph, iris, Relation.ADDRESSES) if b in home]
        return sum(faced) / len(faced) if faced else max(heights)

    wanted = {id(block): facing(block) for block in zones[1]}
    ordered = sorted(zones[1], key=lambda block: wanted[id(block)])
    middles = spread(
        [wanted[id(block)] for block in ordered], [block.height for block in ordered], BLOCK_GAP, 0, max(heights)
    )
    for block, middle in zip(ordered, middles, strict=True):
        block.top = middle - block.height / 2


def _lane_centres(
    blocks: list[_Block], lanes: Mapping[tuple[int, int], int], labels: Labels
) -> dict[tuple[int, int, int], float]:
    widths = _column_widths(blocks, labels)
    centres: dict[tuple[int, int, int], float] = {}
    left = 0.0
    for zone, column in sorted(lanes):
        for lane in range(lanes[zone, column]):
            centres[zone, column, lane] = left + widths[zone, column] / 2
            left += widths[zone, column] + LANE_GAP
        left += COLUMN_GAP - LANE_GAP
    return centres


def _positions(
    graph: FactorGraph,
    labels: Labels,
    blocks: list[_Block],
    lanes: Mapping[tuple[int, int], int],
    centres: Mapping[tuple[int, int, int], float],
) -> dict[str, tuple[float, float]]:
    """Deal the factors of each block's column out to its lanes, near what they are linked with."""
    order = {iri: index for index, iri in enumerate(graph)}
    y = {iri: block.middle for block in blocks for iris in block.columns.values() for iri in iris}
    pulls: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for a, b, key in graph.edges(keys=True):
        if a in y and b in y and a != b:
            pulls[a].append((b, _PULL[Relation(key)]))
            pulls[b].append((a, _PULL[Relation(key)]))
    x: dict[str, float] = {}
    columns = sorted(((block.zone, column, block) for block in blocks for column in block.columns), key=lambda c: c[:2])
    for sweep in range(_SWEEPS):
        for zone, column, block in columns if sweep % 2 == 0 else reversed(columns):
            wanted = {iri: _mean(pulls[iri], y, default=y[iri]) for iri in block.columns[column]}
            ordered = sorted(wanted, key=lambda iri: (wanted[iri], order[iri]))
            for lane in range(lanes[zone, column]):
                dealt = ordered[lane :: lanes[zone, column]]
                heights = [labels[iri].height for iri in dealt]
                targets = [wanted[iri] for iri in dealt]
                y.update(
                    zip(dealt, spread(targets, heights, ROW_GAP, block.top, block.top + block.height), strict=True)
                )
                x.update((iri, centres[zone, column, lane]) for iri in dealt)
    return {iri: (x[iri], y[iri]) for iri in y}


def _mean(pulls: list[tuple[str, float]], y: Mapping[str, float], default: float) -> float:
    total = sum(weight for _, weight in pulls)
    return sum(y[iri] * weight for iri, weight in pulls) / total if total else default
