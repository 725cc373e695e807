"""The pen for PNG: needs matplotlib and a Chinese font."""

import io
import unicodedata
from collections.abc import Collection
from contextlib import suppress
from typing import TYPE_CHECKING

from ftzgraph.errors import OutputError
from ftzgraph.plain import plain
from ftzgraph.rendering.drawing import GROUND, INKS, Drawing, Element, Line, Shape, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties

WIDTH = 2200
"""Pixels."""

FONTS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans SC", "PingFang SC", "Hiragino Sans GB",
    "Heiti SC", "STHeiti", "Microsoft YaHei", "SimHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Sans CJK JP",
    "Noto Sans CJK TC", "Noto Sans CJK HK", "Noto Sans CJK KR", "Droid Sans Fallback", "Arial Unicode MS",
    "Noto Serif CJK SC", "Songti SC", "SimSun", "AR PL UMing CN",
)  # fmt: skip
"""Font families with simplified Chinese, best first."""

_DPI = 100


def png(drawing: Drawing) -> bytes:
    """Draw a drawing :data:`WIDTH` pixels wide.

    Returns:
        PNG, the same bytes for the same drawing, fonts and version of matplotlib. A character that no Chinese font has
        is a question mark, never an empty box.

    Raises:
        OutputError: matplotlib or a Chinese font is missing.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.font_manager import FontProperties
        from PIL import Image
    except ImportError:
        raise OutputError("a picture needs matplotlib: pip install 'ftzgraph[picture]'") from None
    families = chinese_fonts()
    height = WIDTH * drawing.height / drawing.width
    figure = Figure(figsize=(WIDTH / _DPI, height / _DPI), dpi=_DPI, facecolor=GROUND)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    right, bottom = drawing.left + drawing.width, drawing.top + drawing.height
    axes.set(xlim=(drawing.left, right), ylim=(bottom, drawing.top))
    axes.set_axis_off()
    pen = _Pen(axes, FontProperties(family=families), _characters(families), WIDTH / drawing.width * 72 / _DPI)
    for level, element in enumerate(drawing.elements):
        pen.draw(element, level)
    canvas.draw()  # type: ignore[no-untyped-call]
    content = io.BytesIO()
    # Few hues and much flat ground: a palette makes the file a third as large.
    image = Image.frombytes(
        "RGBA",
        canvas.get_width_height(),
        bytes(canvas.buffer_rgba()),  # type: ignore[no-untyped-call]
    ).convert("RGB")
    image.quantize(256, dither=Image.Dither.NONE).save(content, format="png", optimize=True)
    return content.getvalue()


def chinese_fonts() -> list[str]:
    """Return the installed font families that have Chinese characters, best first.

    Raises:
        OutputError: there is none; a picture would show boxes instead of text.
    """
    from matplotlib.font_manager import findSystemFonts, fontManager

    def installed() -> list[str]:
        names = {font.name for font in fontManager.ttflist}
        return [family for family in FONTS if family in names]

    if families := installed():
        return families
    # matplotlib keeps a list of the fonts that it once saw; what was installed since is not on it.
    for path in sorted({*findSystemFonts()} - {font.fname for font in fontManager.ttflist}):
        with suppress(OSError, RuntimeError):  # not a font that it can read
            fontManager.addfont(path)
    if families := installed():
        return families
    raise OutputError("a picture needs a Chinese font: install one, such as Noto Sans CJK (Debian: fonts-noto-cjk)")


def _characters(families: list[str]) -> set[int]:
    """The code points that some of the fonts have."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return {code for family in families for code in get_font(findfont(FontProperties(family))).get_charmap()}


class _Pen:
    """Draws on axes whose units are the drawing's pixels, each as wide as so many points."""

    def __init__(self, axes: "Axes", font: "FontProperties", known: Collection[int], points: float) -> None:
        self._axes, self._font, self._known, self._points = axes, font, known, points

    def draw(self, element: Element, level: int) -> None:
        """Draw one element above those of lower levels."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        match element:
            case Shape(_, face, edge, width, _, _):
                corners = element.rounded()
                vertices = [point for corner in corners for point in corner]
                codes = [Path.LINETO, Path.CURVE3, Path.CURVE3] * len(corners)
                outline = Path([*vertices, vertices[0]], [Path.MOVETO, *codes[1:], Path.CLOSEPOLY])
                self._axes.add_patch(
                    PathPatch(outline, facecolor=face, edgecolor=edge, linewidth=width * self._points, zorder=level)
                )
            case Line(points, color, width, dashes, opacity, _):
                codes = [Path.MOVETO, *([Path.CURVE4] * 3 if len(points) == 4 else [Path.LINETO])]
                self._axes.add_patch(
                    PathPatch(
                        Path(points, codes),
                        fill=False,
                        edgecolor=color,
                        linewidth=width * self._points,
                        linestyle=(0, tuple(dash / width for dash in dashes)) if dashes else "solid",
                        alpha=opacity,
                        zorder=level,
                    )
                )
            case Text(x, y, text, align, size, ink):
                # A text may hold dollar signs, which are not mathematics.
                self._axes.text(
                    x, y, "".join(map(self._shown, plain(text))), ha=align, va="center_baseline", fontproperties=self._font,
                    fontsize=size * self._points, color=INKS[ink], parse_math=False, zorder=level,
                )  # fmt: skip

    def _shown(self, character: str) -> str:
        if ord(character) in self._known:
            return character
        return "" if unicodedata.category(character) in ("Cf", "Mn") else "?"
