"""The picture: the causal core of a graph as PNG, for a README or a slide."""

import io
import math
from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx
from rdflib import Graph

from ftzgraph.analysis.graph import FactorGraph, barriers, factors, to_networkx
from ftzgraph.causalmap import FactorType, Relation
from ftzgraph.errors import OutputError
from ftzgraph.files import write_atomically
from ftzgraph.rendering import style
from ftzgraph.rendering.causal_layout import causal_order
from ftzgraph.rendering.labels import FONT_SIZE, LINE_HEIGHT, Label, label, text_width
from ftzgraph.rendering.layout import MARGIN, Layout
from ftzgraph.rendering.texts import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties

WIDTH = 2200
"""Pixels."""
BARRIERS, STRATEGIES = 26, 10
"""Most of each that a picture shows, so that its labels can be read at the width of a README."""

FONTS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans SC", "PingFang SC", "Hiragino Sans GB",
    "Heiti SC", "STHeiti", "Microsoft YaHei", "SimHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Sans CJK JP",
    "Noto Sans CJK TC", "Noto Sans CJK HK", "Noto Sans CJK KR", "Droid Sans Fallback", "Arial Unicode MS",
    "Noto Serif CJK SC", "Songti SC", "SimSun", "AR PL UMing CN",
)  # fmt: skip
"""Font families with simplified Chinese, best first."""

_DPI = 100
_COLUMNS = 9
_MARGIN = 24
_LEGEND = 70
_LEAST_WIDTH = 980.0
_GROUND, _PANEL, _LINE, _INK, _MUTED = "#f6f5f1", "#fcfbf8", "#e3e1da", "#23262b", "#686c73"


def picture(graph: Graph, path: Path, lang: str = "zh") -> None:
    """Draw the causal core: the barriers that cause each other and the strategies that address most of them.

    Args:
        graph: RDF in the shape of the ontology.
        path: PNG file to write, the same bytes for the same graph, fonts and version of matplotlib.
        lang: ``"zh"`` or ``"en"``, the language of legend and captions.

    Raises:
        GraphError: the graph holds no document or factor, or lacks something essential.
        OutputError: matplotlib or a Chinese font is missing, or the file cannot be written.
        ValueError: the language is neither ``"zh"`` nor ``"en"``.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.font_manager import FontProperties
        from PIL import Image
    except ImportError:
        raise OutputError("a picture needs matplotlib: pip install 'ftzgraph[picture]'") from None
    font = FontProperties(family=chinese_font())
    whole = to_networkx(graph)
    core = causal_core(whole)
    labels = {record.iri: label(record.quote, columns=_COLUMNS, rows=6) for record in factors(core)}
    layout = causal_order(core, labels)
    width, height = max(layout.width, _LEAST_WIDTH) + 2 * _MARGIN, layout.height + 2 * _MARGIN + _LEGEND
    figure = Figure(figsize=(WIDTH / _DPI, WIDTH * height / width / _DPI), dpi=_DPI, facecolor=_GROUND)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-_MARGIN, width - _MARGIN), ylim=(height - _MARGIN, -_MARGIN))
    axes.set_axis_off()
    pen = _Pen(axes, font, scale=WIDTH / width)
    pen.frames(layout, lang)
    for relation in (Relation.ADDRESSES, Relation.CAUSES):
        for source, target, key in core.edges(keys=True):
            if key == relation:
                pen.link(
                    relation, (layout.positions[source], labels[source]), (layout.positions[target], labels[target])
                )
    for record in factors(core):
        pen.factor(FactorType(record.type), layout.positions[record.iri], labels[record.iri])
    pen.legend(core, layout.height + _LEGEND / 2, lang)
    pen.write(
        width - 2 * _MARGIN, layout.height + _LEGEND / 2, say("core", lang, shown=len(core), all=len(whole)), "right"
    )
    canvas.draw()  # type: ignore[no-untyped-call]
    content = io.BytesIO()
    # Few hues and much flat ground: a palette makes the file a third as large.
    image = Image.frombytes(
        "RGBA",
        canvas.get_width_height(),
        bytes(canvas.buffer_rgba()),  # type: ignore[no-untyped-call]
    ).convert("RGB")
    image.quantize(256, dither=Image.Dither.NONE).save(content, format="png", optimize=True)
    write_atomically(path, content.getvalue())


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


def chinese_font() -> str:
    """Return the best installed font family that has Chinese characters.

    Raises:
        OutputError: there is none; a picture would show boxes instead of text.
    """
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    for family in FONTS:
        if family in installed:
            return family
    raise OutputError("a picture needs a Chinese font: install one, such as Noto Sans CJK (Debian: fonts-noto-cjk)")


class _Pen:
    """Draws on axes whose units are the layout's pixels; ``scale`` is picture pixels to one of them."""

    def __init__(self, axes: "Axes", font: "FontProperties", scale: float) -> None:
        self._axes, self._font, self._points = axes, font, scale * 72 / _DPI

    def write(self, x: float, y: float, text: str, align: str = "left", size: float = 13, color: str = _MUTED) -> None:
        # A text may hold dollar signs, which are not mathematics.
        self._axes.text(
            x, y, text, ha=align, va="center_baseline", fontproperties=self._font, fontsize=size * self._points,
            color=color, parse_math=False, zorder=4,
        )  # fmt: skip

    def frames(self, layout: Layout, lang: str) -> None:
        from matplotlib.patches import FancyBboxPatch

        for frame in layout.frames:
            self._axes.add_patch(
                FancyBboxPatch(
                    (frame.left, frame.top),
                    frame.width,
                    frame.height,
                    boxstyle="round,pad=0,rounding_size=16",
                    facecolor=_PANEL,
                    edgecolor=_LINE,
                    linewidth=self._points,
                    zorder=0,
                )
            )
            down, size = (62, 34) if frame.kind == "document" else (32, 16)
            self.write(frame.left + MARGIN, frame.top + down, frame.caption or say(frame.kind, lang), size=size)

    def factor(self, kind: FactorType, centre: tuple[float, float], box: Label) -> None:
        self._shape(kind, centre, box.width, box.height)
        first = centre[1] - (len(box.lines) - 1) * LINE_HEIGHT / 2
        for i, line in enumerate(box.lines):
            self.write(centre[0], first + i * LINE_HEIGHT, line, "center", FONT_SIZE, _INK)

    def link(
        self, relation: Relation, source: tuple[tuple[float, float], Label], target: tuple[tuple[float, float], Label]
    ) -> None:
        ((x, y), box), ((u, v), goal) = source, target
        if u == x:
            side = 1 if v > y else -1
            path = [(x, y + side * box.height / 2), (u, v - side * goal.height / 2)]
        else:
            side = 1 if u > x else -1
            start, end = x + side * box.width / 2, u - side * (goal.width / 2 + 2)
            bend = max(abs(end - start) / 2, 24) * side
            path = [(start, y), (start + bend, y), (end - bend, v), (end, v)]
        self._arrow(relation, path)

    def legend(self, graph: FactorGraph, y: float, lang: str) -> None:
        x = 0.0
        types = {record.type for record in factors(graph)}
        relations = {key for *_, key in graph.edges(keys=True)}
        for kind in style.FACTORS:
            if kind in types:
                self._shape(kind, (x + 17, y), 34, 20, small=True)
                x = self._word(x + 44, y, say(kind, lang))
        x += 14
        for relation in style.LINKS:
            if relation in relations:
                self._arrow(relation, [(x, y), (x + 44, y)])
                x = self._word(x + 54, y, say(relation, lang))

    def _word(self, x: float, y: float, text: str) -> float:
        self.write(x, y, text)
        return x + text_width(text) * 13 + 26

    def _shape(
        self, kind: FactorType, centre: tuple[float, float], width: float, height: float, small: bool = False
    ) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path as Outline

        look, (x, y), shrink = style.FACTORS[kind], centre, 0.6 if small else 1.0
        points = [
            (x + a * shrink, y + b * shrink) for a, b in style.corners(look.outline, width / shrink, height / shrink)
        ]
        vertices, codes = [], []
        for i, corner in enumerate(points):
            entry = _toward(corner, points[i - 1], look.radius * shrink)
            leave = _toward(corner, points[(i + 1) % len(points)], look.radius * shrink)
            vertices += [entry, corner, leave]
            codes += [Outline.LINETO if i else Outline.MOVETO, Outline.CURVE3, Outline.CURVE3]
        outline = Outline([*vertices, vertices[0]], [*codes, Outline.CLOSEPOLY])
        face = style.tint(look.color, "#ffffff", 0.14)
        self._axes.add_patch(
            PathPatch(outline, facecolor=face, edgecolor=look.color, linewidth=1.5 * self._points, zorder=3)
        )

    def _arrow(self, relation: Relation, points: list[tuple[float, float]]) -> None:
        from matplotlib.patches import FancyArrowPatch
        from matplotlib.path import Path as Line

        look = style.LINKS[relation]
        codes = [Line.MOVETO, *([Line.CURVE4] * 3 if len(points) == 4 else [Line.LINETO])]
        dashes = (0, tuple(dash / look.width for dash in look.dashes)) if look.dashes else "solid"
        self._axes.add_patch(
            FancyArrowPatch(
                path=Line(points, codes),
                arrowstyle="-|>",
                mutation_scale=9 * self._points,
                linestyle=dashes,
                shrinkA=0,
                shrinkB=0,
                color=look.color,
                linewidth=look.width * self._points,
                zorder=2 if not look.dashes else 1,
                alpha=0.9 if not look.dashes else 0.55,
            )
        )


def _toward(start: tuple[float, float], end: tuple[float, float], distance: float) -> tuple[float, float]:
    share = min(distance / (math.dist(start, end) or 1), 0.5)
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
