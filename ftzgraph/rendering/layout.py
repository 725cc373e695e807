"""Where the factors stand: layouts computed beforehand, so that a page draws at once and the same way every time.

Both layouts are deterministic and take time about linear in factors and links. Pixels at scale 1, x to the right, y down.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, product

import networkx as nx

from ftzgraph.analysis.graph import FactorGraph, FactorRecord, SectionRecord
from ftzgraph.causalmap import FactorType, Relation
from ftzgraph.rendering.labels import Label

COLUMN_GAP = 64
LANE_GAP = 26
ROW_GAP = 16
BLOCK_GAP = 38
FRAME_GAP = 40
MARGIN = 24
CAPTION = 44
DOCUMENT_CAPTION = 116
"""Pixels between columns, between lanes of a column, between boxes one above the other, between blocks, between frames,
from a frame to what it holds, and for the caption at its top."""

ASPECT = 1.6
"""Width over height that a layout strives for: about that of a screen."""

_SWEEPS = 4
_PULL = {Relation.CAUSES: 3.0, Relation.ADDRESSES: 1.0, Relation.AIMS_AT: 2.0, Relation.PART_OF: 1.0}
_ROWS = (3, 4, 5, 6, 8, 10, 13, 17, 22, 30, 40, 60, 100)
_STRETCHES = (0.7, 0.85, 1.0, 1.2, 1.4, 1.7, 2.0, 2.5)
_BARRIERS, _STRATEGIES, _ACHIEVEMENTS = range(3)
_FREE_LEVELS = {FactorType.CAUSE: 0, FactorType.PROBLEM: 1, FactorType.EFFECT: 2}

Labels = Mapping[str, Label]


@dataclass(frozen=True)
class Frame:
    """A captioned panel behind some factors.

    Attributes:
        left, top, width, height: pixels.
        kind: ``"barriers"``, ``"strategies"``, ``"achievements"``, ``"section"`` or ``"document"``.
        caption: words of the document; ``""`` when the kind is all there is to say.
    """

    left: float
    top: float
    width: float
    height: float
    kind: str
    caption: str = ""


@dataclass
class Layout:
    """Positions of factors and the frames behind them, from 0, 0 to ``width``, ``height``.

    Attributes:
        positions: centre of each factor's box by IRI.
        frames: outer ones before inner ones.
    """

    positions: dict[str, tuple[float, float]] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0

    def place(self, part: "Layout", left: float, top: float) -> None:
        """Put another layout into this one, which grows to hold it."""
        self.positions.update((iri, (x + left, y + top)) for iri, (x, y) in part.positions.items())
        self.frames += [replace(frame, left=frame.left + left, top=frame.top + top) for frame in part.frames]
        self.width, self.height = max(self.width, left + part.width), max(self.height, top + part.height)

    def framed(self, kind: str, caption: str = "") -> "Layout":
        """Return a layout that holds this one in a frame."""
        caption_height = DOCUMENT_CAPTION if kind == "document" else CAPTION
        width, height = self.width + 2 * MARGIN, self.height + 2 * MARGIN + caption_height
        outer = Layout(frames=[Frame(0, 0, width, height, kind, caption)], width=width, height=height)
        outer.place(self, MARGIN, MARGIN + caption_height)
        return outer


def causal_order(graph: FactorGraph, labels: Labels) -> Layout:
    """Lay out the argument from left to right: causes, problems, effects, then the remedies, then their goals.

    A barrier's column is its level in the condensation of the ``causes`` links (longest path, feedback loops as one), a
    strategy's that of the ``aimsAt`` links. Factors of a section form a block; a heading that others are part of stands at
    its left. Blocks of strategies face the barriers they address. Within a block barycentre sweeps order the boxes
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
        titles = [dict.fromkeys(documents[_factor(graph, iri).document].title for iri in members) for members in maps]
        parts = [part.framed("document", " · ".join(title)) for part, title in zip(parts, titles, strict=True)]
    return _shelves(parts)


def by_section(graph: FactorGraph, labels: Labels) -> Layout:
    """Lay out the factors in reading order within frames for the sections they stand in.

    Args:
        graph: as :func:`ftzgraph.analysis.graph.to_networkx` gives it.
        labels: label of every factor by IRI.

    Returns:
        A layout in which no two boxes overlap and every box lies in the frame of its section.
    """
    sections: dict[str, SectionRecord] = graph.graph["sections"]
    own: dict[str, list[str]] = defaultdict(list)
    inner: dict[str, dict[str, None]] = defaultdict(dict)
    for iri in graph:
        factor = _factor(graph, iri)
        holder = factor.section if factor.section in sections else factor.document
        own[holder].append(iri)
        while holder in sections:
            parent = sections[holder].parent or sections[holder].document
            if holder in inner[parent]:
                break
            inner[parent][holder] = None
            holder = parent

    def contents(holder: str) -> Layout:
        parts = [_grid(own[holder], labels)] if own[holder] else []
        ordered = sorted(inner[holder], key=lambda iri: sections[iri].order)
        parts += [contents(iri).framed("section", sections[iri].path[-1]) for iri in ordered]
        return _shelves(parts)

    documents = dict.fromkeys(_factor(graph, iri).document for iri in graph)
    parts = [contents(document) for document in documents]
    if len(parts) > 1:
        titles = [graph.graph["documents"][document].title for document in documents]
        parts = [part.framed("document", title) for part, title in zip(parts, titles, strict=True)]
    return _shelves(parts)


def _factor(graph: FactorGraph, iri: str) -> FactorRecord:
    record: FactorRecord = graph.nodes[iri]["factor"]
    return record


def _maps(graph: FactorGraph) -> list[list[str]]:
    """The factors of documents that links connect, each such group in document order."""
    connected = nx.Graph()
    connected.add_nodes_from(_factor(graph, iri).document for iri in graph)
    connected.add_edges_from((_factor(graph, a).document, _factor(graph, b).document) for a, b in graph.edges())
    group_of = {name: index for index, group in enumerate(nx.connected_components(connected)) for name in group}
    groups: dict[int, list[str]] = defaultdict(list)
    for iri in graph:
        groups[group_of[_factor(graph, iri).document]].append(iri)
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
    lanes = _lanes(blocks, labels)
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
            shifted = {iri: (positions[iri][0] - left, positions[iri][1]) for iri in iris}
            zone_layout = Layout(shifted, width=right - left, height=height).framed(kind)
            zones.place(zone_layout, zones.width + FRAME_GAP if zones.width else 0, 0)
    achievements = [iri for iri in members if cells[iri][0] == _ACHIEVEMENTS]
    if achievements:
        grid = _grid(achievements, labels, room=zones.width - 2 * MARGIN).framed("achievements")
        zones.place(grid, 0, zones.height + FRAME_GAP if zones.height else 0)
    return zones


def _cells(graph: FactorGraph, members: list[str]) -> dict[str, tuple[int, int]]:
    """Zone and column of each factor."""
    types = {iri: FactorType(_factor(graph, iri).type) for iri in members}
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
            home = _factor(graph, _root(iri, parent))
            block = blocks.setdefault((zone, home.section or home.document), _Block(zone, {}))
            block.columns.setdefault(column, []).append(iri)
    return list(blocks.values())


def _root(iri: str, parent: Mapping[str, str]) -> str:
    seen = {iri}
    while iri in parent and parent[iri] not in seen:
        iri = parent[iri]
        seen.add(iri)
    return iri


def _lanes(blocks: list[_Block], labels: Labels) -> dict[tuple[int, int], int]:
    """How many lanes each column of a zone splits into, so that all is drawn largest; sets the blocks' heights to match."""
    zones = [[block for block in blocks if block.zone == zone] for zone in (_BARRIERS, _STRATEGIES)]
    attempts = [[_attempt(zone, rows, labels) for rows in _ROWS] for zone in zones]
    best = min(product(*attempts), key=lambda pair: _extent(sum(a.width for a in pair), max(a.height for a in pair)))
    for zone, attempt in zip(zones, best, strict=True):
        for block, height in zip(zone, attempt.heights, strict=True):
            block.height = height
    return best[0].lanes | best[1].lanes


def _extent(width: float, height: float) -> float:
    """How much a drawing must shrink to fit a screen."""
    return max(width / ASPECT, height)


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
    middles = _spread(
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
                    zip(dealt, _spread(targets, heights, ROW_GAP, block.top, block.top + block.height), strict=True)
                )
                x.update((iri, centres[zone, column, lane]) for iri in dealt)
    return {iri: (x[iri], y[iri]) for iri in y}


def _mean(pulls: list[tuple[str, float]], y: Mapping[str, float], default: float) -> float:
    total = sum(weight for _, weight in pulls)
    return sum(y[iri] * weight for iri, weight in pulls) / total if total else default


def _spread(wanted: Sequence[float], sizes: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Centres nearest to the wanted ones that keep order and distance: isotonic regression by pooling adjacent violators."""
    offsets = [
        total - size / 2 - gap for size, total in zip(sizes, accumulate(size + gap for size in sizes), strict=True)
    ]
    pools: list[tuple[float, int]] = []
    for centre, offset in zip(wanted, offsets, strict=True):
        total, count = centre - offset, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            more, others = pools.pop()
            total, count = total + more, count + others
        pools.append((total, count))
    latest = max(low, high - sum(sizes) - gap * (len(sizes) - 1))
    starts = [min(max(total / count, low), latest) for total, count in pools for _ in range(count)]
    return [start + offset for start, offset in zip(starts, offsets, strict=True)]


def _grid(iris: list[str], labels: Labels, room: float = 0.0) -> Layout:
    """Factors in reading order, row by row, in as many columns as the room holds or, without room, as look well."""
    width, height = max(labels[iri].width for iri in iris), sum(labels[iri].height for iri in iris) / len(iris)
    columns = int((room + LANE_GAP) // (width + LANE_GAP)) or math.ceil(
        math.sqrt(len(iris) * ASPECT * (height + ROW_GAP) / (width + LANE_GAP))
    )
    layout = Layout(width=min(columns, len(iris)) * (width + LANE_GAP) - LANE_GAP, height=-ROW_GAP)
    for start in range(0, len(iris), columns):
        row = iris[start : start + columns]
        tallest = max(labels[iri].height for iri in row)
        middle = layout.height + ROW_GAP + tallest / 2
        layout.positions.update((iri, (i * (width + LANE_GAP) + width / 2, middle)) for i, iri in enumerate(row))
        layout.height = middle + tallest / 2
    return layout


def _shelves(parts: list[Layout]) -> Layout:
    """Layouts side by side in rows, in order, of the row width that gives the best aspect."""
    if len(parts) < 2:
        return parts[0] if parts else Layout()
    widest = max(part.width for part in parts)
    side = math.sqrt(sum((part.width + FRAME_GAP) * (part.height + FRAME_GAP) for part in parts) * ASPECT)
    attempts = (_shelved(parts, max(widest, side * stretch)) for stretch in _STRETCHES)
    return min(attempts, key=lambda layout: _extent(layout.width, layout.height))


def _shelved(parts: list[Layout], room: float) -> Layout:
    layout = Layout()
    left = top = 0.0
    for part in parts:
        if left and left + part.width > room:
            left, top = 0.0, layout.height + FRAME_GAP
        layout.place(part, left, top)
        left += part.width + FRAME_GAP
    return layout
