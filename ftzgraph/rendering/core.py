"""The causal core: the barriers that cause each other and the strategies that address most of them, small enough to draw."""

from collections.abc import Iterator

import networkx as nx

from ftzgraph.analysis.graph import FactorGraph, barriers, factors
from ftzgraph.causalmap import FactorType, Relation
from ftzgraph.rendering import style
from ftzgraph.rendering.causal_layout import causal_order
from ftzgraph.rendering.drawing import LINE, PANEL, Drawing, Element, Point, Shape, Text, arrow, box
from ftzgraph.rendering.labels import FONT_SIZE, LINE_HEIGHT, Label, label, text_width
from ftzgraph.rendering.layout import MARGIN, Frame
from ftzgraph.rendering.texts import say

BARRIERS, STRATEGIES = 26, 10
"""Most of each that a picture shows, so that its labels can be read at the width of a README."""

_COLUMNS = 9
_MARGIN = 24
_LEGEND = 70
_LEAST_WIDTH = 980.0

_Box = tuple[Point, Label]
"""Where a factor stands, and its label."""


def draw_core(graph: FactorGraph, lang: str = "zh") -> Drawing:
    """Draw the causal core of a graph from left to right, with a legend.

    Args:
        graph: as :func:`ftzgraph.analysis.graph.to_networkx` gives it.
        lang: ``"zh"`` or ``"en"``, the language of legend and captions.

    Raises:
        ValueError: the language is neither ``"zh"`` nor ``"en"``.
    """
    core = causal_core(graph)
    labels = {record.iri: label(record.quote, columns=_COLUMNS, rows=6) for record in factors(core)}
    layout = causal_order(core, labels)
    boxes = {iri: (layout.positions[iri], labels[iri]) for iri in core}
    width, base = max(layout.width, _LEAST_WIDTH), layout.height + _LEGEND / 2
    said = say("core", lang, shown=len(core), all=len(graph))
    elements: list[Element] = []
    for frame in layout.frames:
        elements += _frame(frame, lang)
    for relation in (Relation.ADDRESSES, Relation.CAUSES):
        for source, target, key in core.edges(keys=True):
            if key == relation:
                elements += _link(relation, boxes[source], boxes[target])
    for record in factors(core):
        elements += _factor(FactorType(record.type), boxes[record.iri])
    elements += _legend(core, base, lang)
    elements.append(Text(width, base, said, "right"))
    return Drawing(
        -_MARGIN, -_MARGIN, width + 2 * _MARGIN, layout.height + 2 * _MARGIN + _LEGEND, said, tuple(elements)
    )


def causal_core(graph: FactorGraph, most_barriers: int = BARRIERS, most_strategies: int = STRATEGIES) -> FactorGraph:
    """Choose what a picture shows.

    Args:
        graph: as :func:`ftzgraph.analysis.graph.to_networkx` gives it.
        most_barriers: whole groups that ``causes`` links connect are taken, largest first. Without such links
            the first barriers count, without barriers the first factors.
        most_strategies: chosen one by one so that each reaches the most barriers not yet reached.

    Returns:
        The chosen factors in document order with the ``causes`` and ``addresses`` links among them, except that from
        causes to effects only the single steps of a chain are kept, not what spans two of them.
    """
    order = {iri: index for index, iri in enumerate(graph)}
    causal = nx.Graph((a, b) for a, b, key in graph.edges(keys=True) if key == Relation.CAUSES and a != b)
    kept: set[str] = set()
    groups = sorted(
        nx.connected_components(causal), key=lambda group: (-len(group), min(map(order.__getitem__, group)))
    )
    for group in groups:
        if len(kept) + len(group) <= most_barriers:
            kept |= group
    if not kept:
        stated = [record.iri for record in barriers(graph)]
        kept.update(
            (sorted(causal, key=lambda iri: (-causal.degree[iri], order[iri])) or stated or list(graph))[:most_barriers]
        )

    addressed: dict[str, set[str]] = {}
    for source, target, key in graph.edges(keys=True):
        if key == Relation.ADDRESSES and target in kept and source not in kept:
            addressed.setdefault(source, set()).add(target)
    reached: set[str] = set()
    for _ in range(min(most_strategies, len(addressed))):
        best = min(addressed, key=lambda iri: (-len(addressed[iri] - reached), -len(addressed[iri]), order[iri]))
        reached |= addressed.pop(best)
        kept.add(best)

    core: FactorGraph = nx.MultiDiGraph(**graph.graph)
    core.add_nodes_from((iri, data) for iri, data in graph.nodes(data=True) if iri in kept)
    for a, b, key, data in graph.edges(keys=True, data=True):
        if (
            a in kept
            and b in kept
            and (key == Relation.ADDRESSES or (key == Relation.CAUSES and not _spans(graph, a, b)))
        ):
            core.add_edge(a, b, key, **data)
    return core


def _spans(graph: FactorGraph, start: str, end: str) -> bool:
    """Whether some factor stands between the two in a causal chain, and neither of the steps leads back."""
    return any(
        graph.has_edge(middle, end, Relation.CAUSES)
        and not graph.has_edge(middle, start, Relation.CAUSES)
        and not graph.has_edge(end, middle, Relation.CAUSES)
        for _, middle, key in graph.out_edges(start, keys=True)
        if key == Relation.CAUSES and middle not in (start, end)
    )


def _frame(frame: Frame, lang: str) -> Iterator[Element]:
    yield Shape(box(frame.left, frame.top, frame.width, frame.height), PANEL, LINE, 1, 16, "panel")
    down, size = (62, 34) if frame.kind == "document" else (32, 16)
    yield Text(frame.left + MARGIN, frame.top + down, frame.caption or say(frame.kind, lang), size=size)


def _factor(kind: FactorType, place: _Box) -> Iterator[Element]:
    (x, y), wrapped = place
    yield _outline(kind, x, y, wrapped.width, wrapped.height)
    first = y - (len(wrapped.lines) - 1) * LINE_HEIGHT / 2
    for i, line in enumerate(wrapped.lines):
        yield Text(x, first + i * LINE_HEIGHT, line, "center", FONT_SIZE, "ink")


def _outline(kind: FactorType, x: float, y: float, width: float, height: float, shrink: float = 1.0) -> Shape:
    look = style.FACTORS[kind]
    corners = style.corners(look.outline, width / shrink, height / shrink)
    return Shape(
        tuple((x + dx * shrink, y + dy * shrink) for dx, dy in corners),
        style.tint(look.color, "#ffffff", 0.14),
        look.color,
        1.5,
        look.radius * shrink,
        kind,
    )


def _link(relation: Relation, source: _Box, target: _Box) -> Iterator[Element]:
    ((x, y), start), ((u, v), end) = source, target
    if u == x:
        side = 1 if v > y else -1
        points: tuple[Point, ...] = ((x, y + side * start.height / 2), (u, v - side * end.height / 2))
    else:
        side = 1 if u > x else -1
        leave, enter = x + side * start.width / 2, u - side * (end.width / 2 + 2)
        bend = max(abs(enter - leave) / 2, 24) * side
        points = ((leave, y), (leave + bend, y), (enter - bend, v), (enter, v))
    yield from arrow(points, style.LINKS[relation], relation)


def _legend(graph: FactorGraph, y: float, lang: str) -> Iterator[Element]:
    x = 0.0
    types = {record.type for record in factors(graph)}
    relations = {key for *_, key in graph.edges(keys=True)}
    for kind in style.FACTORS:
        if kind in types:
            yield _outline(kind, x + 17, y, 34, 20, shrink=0.6)
            yield Text(x + 44, y, say(kind, lang))
            x += 70 + text_width(say(kind, lang)) * 13
    x += 14
    for relation in style.LINKS:
        if relation in relations:
            yield from arrow(((x, y), (x + 44, y)), style.LINKS[relation], relation)
            yield Text(x + 54, y, say(relation, lang))
            x += 80 + text_width(say(relation, lang)) * 13
