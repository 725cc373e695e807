"""The free layout: linked factors stand near each other, whatever their types and sections."""

import math

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from ftzgraph.analysis.graph import FactorGraph
from ftzgraph.rendering.causal_layout import causal_order
from ftzgraph.rendering.layout import ASPECT, LANE_GAP, ROW_GAP, Labels, Layout, extent, grid, shelves

_MOST = 3000
"""Most factors of a part that forces arrange: their time is quadratic."""
_ROUNDS, _ROUNDS_EACH, _DISTANCES = 150, 10, 3e8
"""Most rounds of a part, most for each of its factors, and about how many distances all rounds may compute."""
_ROOM = 2.0
"""Room that a factor strives for, as a multiple of its box."""
_GRAVITY = 0.6
"""Pull to the middle, times the logarithm of the number of factors: small parts need none, large ones would sprawl."""
_STEP = 0.3
"""How far a factor may move in the first round, times the square root of the number of factors."""
_NEAREST = 0.05
"""Distance below which repulsion grows no more."""
_BLOCK = 64

_Points = NDArray[np.float64]


def free(graph: FactorGraph, labels: Labels) -> Layout:
    """Lay out the factors by forces: links draw factors together, and all others keep their distance.

    Every connected part is arranged by itself, from its causal order as a start: the forces of Fruchterman and Reingold
    (1991) and a pull to the middle, then boxes that overlap move up or down. The parts stand side by side, the tallest
    first, and factors without links in a grid after them. A part of more than 3,000 factors keeps its causal order.

    Args:
        graph: as :func:`ftzgraph.analysis.graph.to_networkx` gives it.
        labels: label of every factor by IRI.

    Returns:
        A layout without frames in which no two boxes overlap. Linked factors stand on whole pixels.
    """
    linked: nx.Graph[str] = nx.Graph()
    linked.add_nodes_from(graph)
    linked.add_edges_from((a, b) for a, b in graph.edges() if a != b)
    order = {iri: index for index, iri in enumerate(graph)}
    groups = [sorted(group, key=order.__getitem__) for group in nx.connected_components(linked)]
    parts = [_part(graph, labels, group) for group in groups if len(group) > 1]
    parts.sort(key=lambda part: -part.height)
    alone = [group[0] for group in groups if len(group) == 1]
    if not parts:
        return grid(alone, labels) if alone else Layout()
    layout = _largest(shelves(parts), shelves([parts[0], shelves(parts[1:])]))
    if not alone:
        return layout
    return _largest(*(shelves([layout, grid(alone, labels, room)]) for room in (0.0, layout.width)))


def _largest(*layouts: Layout) -> Layout:
    """The one that can be drawn largest."""
    return min(layouts, key=lambda layout: extent(layout.width, layout.height))


def _part(graph: FactorGraph, labels: Labels, group: list[str]) -> Layout:
    part: FactorGraph = nx.MultiDiGraph(**graph.graph)
    part.add_nodes_from((iri, graph.nodes[iri]) for iri in group)
    for a, b, key, data in graph.out_edges(group, keys=True, data=True):
        part.add_edge(a, b, key, **data)
    start = causal_order(part, labels)
    if len(group) > _MOST:
        return Layout(start.positions, width=start.width, height=start.height)
    index = {iri: i for i, iri in enumerate(group)}
    links = np.unique([sorted((index[a], index[b])) for a, b in part.edges() if a != b], axis=0)
    boxes = np.array([(labels[iri].width, labels[iri].height) for iri in group], dtype=float)
    sizes = boxes + np.array([LANE_GAP, ROW_GAP])
    places = _drawn_together(np.array([start.positions[iri] for iri in group]), sizes, links)
    places = np.rint(_apart(places, sizes))
    corner = np.floor((places - boxes / 2).min(axis=0))
    width, height = np.ceil((places + boxes / 2).max(axis=0) - corner).tolist()
    positions = {iri: (x, y) for iri, (x, y) in zip(group, (places - corner).tolist(), strict=True)}
    return Layout(positions, width=width, height=height)


def _drawn_together(start: _Points, sizes: _Points, links: NDArray[np.intp]) -> _Points:
    """Follow the forces for some rounds, in each less far, in a plane that is wider than high, as the boxes are."""
    unit: _Points = np.sqrt(_ROOM * sizes.prod(axis=1).mean() * np.array([ASPECT, 1 / ASPECT]))
    places: _Points = (start - start.mean(axis=0)) / unit
    count = len(places)
    sources, targets = links.T
    rounds = min(_ROUNDS, _ROUNDS_EACH * count, int(_DISTANCES / count**2))
    for left in range(rounds, 0, -1):
        moves = _repulsion(places) - _GRAVITY * math.log(count) * places
        way = places[targets] - places[sources]
        pull = way * np.linalg.norm(way, axis=1, keepdims=True)
        np.add.at(moves, sources, pull)
        np.subtract.at(moves, targets, pull)
        farthest = _STEP * math.sqrt(count) * left / rounds
        places += moves * (farthest / np.maximum(np.linalg.norm(moves, axis=1, keepdims=True), farthest))
    return places * unit


def _repulsion(places: _Points) -> _Points:
    """Push each place away from all others by one over the distance; in blocks, so that memory stays small."""
    pushes = np.empty_like(places)
    for first in range(0, len(places), _BLOCK):
        x, y = (places[first : first + _BLOCK, axis, None] - places[:, axis] for axis in (0, 1))
        squares = np.maximum(x * x + y * y, _NEAREST**2)
        pushes[first : first + _BLOCK] = np.stack([(x / squares).sum(axis=1), (y / squares).sum(axis=1)], axis=1)
    return pushes


def _apart(places: _Points, sizes: _Points) -> _Points:
    """Move boxes that overlap up or down, away from the middle, those nearest to it first."""
    x, y = places.T.copy()
    widths, heights = sizes.T
    middle = y.mean()
    order = np.argsort(np.abs(y - middle), kind="stable")
    for rank, box in enumerate(order):
        placed = order[:rank]
        near = placed[np.abs(x[placed] - x[box]) < (widths[placed] + widths[box]) / 2]
        apart = (heights[near] + heights[box]) / 2
        side = 1 if y[box] >= middle else -1
        # A pixel is left to rounding; the gaps are wider.
        while (hit := np.abs(y[near] - y[box]) < apart - 1).any():
            y[box] = side * (side * y[near] + apart)[hit].max()
    return np.stack([x, y], axis=1)
