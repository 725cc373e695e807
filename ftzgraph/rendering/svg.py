"""The pen for SVG: text stays text, and needs neither matplotlib nor a font."""

from html import escape

from ftzgraph.plain import plain
from ftzgraph.rendering.drawing import GROUND, INKS, Drawing, Element, Line, Point, Shape, Text

_FAMILY = "Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
_ANCHORS = {"left": "start", "center": "middle", "right": "end"}
_BASELINE = 0.36  # from the middle of a Chinese character down to the baseline, in font sizes


def svg(drawing: Drawing) -> str:
    """Write a drawing as an SVG element that can stand in a page or, as it is, in a file.

    Returns:
        Elements without style or script; each has its role as class, so that a page can give it other colours.
    """
    view = " ".join(map(_number, (drawing.left, drawing.top, drawing.width, drawing.height)))
    left, top, width, height = view.split()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="drawing" viewBox="{view}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(drawing.title)}" font-family="{_FAMILY}">\n'
        f'<rect class="ground" x="{left}" y="{top}" width="{width}" height="{height}" fill="{GROUND}"/>\n'
        + "".join(map(_element, drawing.elements))
        + "</svg>\n"
    )


def _element(element: Element) -> str:
    match element:
        case Shape(_, face, edge, width, _, role):
            border = f' stroke="{edge}" stroke-width="{_number(width)}"' if width else ""
            return f'<path class="{role}" d="{_outline(element)}" fill="{face}"{border}/>\n'
        case Line(points, color, width, dashes, opacity, role):
            start, *rest = map(_point, points)
            curve = "C" if len(points) == 4 else "L"
            strokes = f' stroke-dasharray="{" ".join(map(str, dashes))}"' if dashes else ""
            return (
                f'<path class="{role}" d="M{start}{curve}{" ".join(rest)}" fill="none" stroke="{color}" '
                f'stroke-width="{_number(width)}" stroke-opacity="{_number(opacity)}"{strokes}/>\n'
            )
        case Text(x, y, text, align, size, ink):
            return (
                f'<text class="{ink}" x="{_number(x)}" y="{_number(y + _BASELINE * size)}" font-size="{_number(size)}" '
                f'text-anchor="{_ANCHORS[align]}" fill="{INKS[ink]}">{escape(plain(text))}</text>\n'
            )


def _outline(shape: Shape) -> str:
    if not shape.radius:
        return f"M{'L'.join(map(_point, shape.corners))}Z"
    corners = [tuple(map(_point, corner)) for corner in shape.rounded()]
    return f"M{'L'.join(f'{enters}Q{corner} {leaves}' for enters, corner, leaves in corners)}Z"


def _point(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(value: float) -> str:
    return f"{round(value, 1) + 0:g}" if abs(value) < 1e5 else f"{value:.0f}"
