"""Drawings as plain data: shapes, lines and texts, which :mod:`svg` and :mod:`png` put on paper alike.

Pixels at scale 1, x to the right, y down. What stands later lies above what stands earlier.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ftzgraph.rendering.style import LinkStyle

GROUND, PANEL, LINE = "#f6f5f1", "#fcfbf8", "#e3e1da"
INKS = {"ink": "#23262b", "muted": "#686c73"}

Point = tuple[float, float]

_HEAD = (8.0, 3.2)  # length and half the width of an arrow's head


@dataclass(frozen=True)
class Shape:
    """A closed outline.

    Attributes:
        corners: in drawing order.
        face: ``#rrggbb`` inside.
        edge: ``#rrggbb`` of the border.
        width: of the border; 0 for none.
        radius: rounding of the corners.
        role: what it stands for, so that a style sheet can give it other colours.
    """

    corners: tuple[Point, ...]
    face: str
    edge: str
    width: float
    radius: float
    role: str

    def rounded(self) -> list[tuple[Point, Point, Point]]:
        """Return for each corner where its rounding begins, the corner, which is the control point, and where it ends."""
        around = [self.corners[-1], *self.corners, self.corners[0]]
        return [
            (_toward(corner, before, self.radius), corner, _toward(corner, after, self.radius))
            for before, corner, after in zip(around, around[1:], around[2:], strict=False)
        ]


@dataclass(frozen=True)
class Line:
    """A line from the first point to the last: straight between two, a cubic Bézier curve on four.

    ``dashes`` are lengths of strokes and gaps, empty for a solid line; ``role`` is as for a :class:`Shape`.
    """

    points: tuple[Point, ...]
    color: str
    width: float
    dashes: tuple[int, ...]
    opacity: float
    role: str


@dataclass(frozen=True)
class Text:
    """A line of text.

    Attributes:
        x, y: where it starts, ends or has its centre; y is its middle.
        align: ``"left"``, ``"center"`` or ``"right"``.
        ink: a key of :data:`INKS`.
    """

    x: float
    y: float
    text: str
    align: str = "left"
    size: float = 13
    ink: str = "muted"


Element = Shape | Line | Text


@dataclass(frozen=True)
class Drawing:
    """What to draw, and the part of the plane that it takes up; ``title`` says what it shows."""

    left: float
    top: float
    width: float
    height: float
    title: str
    elements: tuple[Element, ...]


def box(left: float, top: float, width: float, height: float) -> tuple[Point, ...]:
    """Return the corners of a rectangle."""
    right, bottom = left + width, top + height
    return (left, top), (right, top), (right, bottom), (left, bottom)


def arrow(points: tuple[Point, ...], look: LinkStyle, role: str) -> Iterator[Element]:
    """Draw a line whose last point is the tip of an arrow; it ends where the head begins."""
    opacity = 0.6 if look.dashes else 0.9
    tip, length, half = points[-1], *_HEAD
    x, y = base = _toward(tip, points[-2], length)
    dx, dy = (tip[1] - y) / length * half, (x - tip[0]) / length * half
    yield Line((*points[:-1], base), look.color, look.width, look.dashes, opacity, role)
    yield Shape((tip, (x + dx, y + dy), (x - dx, y - dy)), look.color, look.color, 0, 0, f"head {role}")


def _toward(start: Point, end: Point, distance: float) -> Point:
    """The point at a distance from the start, at most halfway."""
    share = min(distance / (math.dist(start, end) or 1), 0.5)
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
