"""What factors and links look like: one colour, one shape and one dash pattern each, the same in page and picture.

Colours are those of Okabe and Ito (*Color Universal Design*, 2008), which people with any colour vision tell apart;
shapes and dashes say the same once more.
"""

from dataclasses import dataclass

from ftzgraph.causalmap import FactorType, Relation

Vertex = tuple[float, float, float, float]
"""A corner as ``(across, down, dx, dy)``: fractions of half the width and height from the centre, then a shift in pixels."""

_CUT = 11.0  # pixels that slanted sides and cut corners take


@dataclass(frozen=True)
class FactorStyle:
    """Look of a factor type.

    Attributes:
        color: ``#rrggbb`` of the border; the face is a tint of it.
        outline: corners in drawing order.
        radius: rounding of the corners, pixels.
    """

    color: str
    outline: tuple[Vertex, ...]
    radius: float


@dataclass(frozen=True)
class LinkStyle:
    """Look of a relation.

    Attributes:
        color: ``#rrggbb`` on a light ground.
        dark_color: ``#rrggbb`` on a dark ground.
        dashes: lengths of strokes and gaps in pixels, empty for a solid line.
        width: of the line, pixels.
    """

    color: str
    dark_color: str
    dashes: tuple[int, ...]
    width: float


_LEFT_TOP, _RIGHT_TOP, _RIGHT_BOTTOM, _LEFT_BOTTOM = (-1, -1, 0, 0), (1, -1, 0, 0), (1, 1, 0, 0), (-1, 1, 0, 0)
_RECTANGLE = (_LEFT_TOP, _RIGHT_TOP, _RIGHT_BOTTOM, _LEFT_BOTTOM)
_ARROW = (_LEFT_TOP, (1, -1, -_CUT, 0), (1, 0, 0, 0), (1, 1, -_CUT, 0), _LEFT_BOTTOM)
_OCTAGON = (
    (-1, -1, _CUT, 0), (1, -1, -_CUT, 0), (1, -1, 0, _CUT), (1, 1, 0, -_CUT),
    (1, 1, -_CUT, 0), (-1, 1, _CUT, 0), (-1, 1, 0, -_CUT), (-1, -1, 0, _CUT),
)  # fmt: skip
_HEXAGON = ((-1, 0, 0, 0), (-1, -1, _CUT, 0), (1, -1, -_CUT, 0), (1, 0, 0, 0), (1, 1, -_CUT, 0), (-1, 1, _CUT, 0))
_FLAG = (_LEFT_TOP, _RIGHT_TOP, (1, 0, -_CUT, 0), _RIGHT_BOTTOM, _LEFT_BOTTOM)

FACTORS: dict[FactorType, FactorStyle] = {
    FactorType.CAUSE: FactorStyle("#e69f00", _ARROW, 2),
    FactorType.PROBLEM: FactorStyle("#d55e00", _RECTANGLE, 2),
    FactorType.EFFECT: FactorStyle("#cc79a7", _OCTAGON, 2),
    FactorType.REMEDY: FactorStyle("#0072b2", _RECTANGLE, 13),
    FactorType.GOAL: FactorStyle("#56b4e9", _HEXAGON, 2),
    FactorType.ACHIEVEMENT: FactorStyle("#009e73", _FLAG, 2),
}
"""In the order in which a legend shows them: along the argument."""

LINKS: dict[Relation, LinkStyle] = {
    Relation.CAUSES: LinkStyle("#b24d00", "#f08a3c", (), 1.8),
    Relation.ADDRESSES: LinkStyle("#0072b2", "#4fa8dc", (7, 4), 1.2),
    Relation.AIMS_AT: LinkStyle("#2f86b8", "#7cc7f0", (10, 3, 2, 3), 1.4),
    Relation.PART_OF: LinkStyle("#8d8a83", "#7e838a", (1, 4), 1.2),
}


def corners(outline: tuple[Vertex, ...], width: float, height: float) -> list[tuple[float, float]]:
    """Return the corners of an outline for a box of the given size, relative to its centre, y pointing down.

    >>> corners(FACTORS[FactorType.PROBLEM].outline, 40, 20)
    [(-20.0, -10.0), (20.0, -10.0), (20.0, 10.0), (-20.0, 10.0)]
    """
    return [(across * width / 2 + dx, down * height / 2 + dy) for across, down, dx, dy in outline]


def tint(color: str, ground: str, share: float) -> str:
    """Mix a colour into a ground.

    Args:
        color: ``#rrggbb``, what to mix in.
        ground: ``#rrggbb``, what to mix it into.
        share: 0 to 1, how much of the colour.

    Returns:
        ``#rrggbb``.

    >>> tint("#ff0000", "#ffffff", 0.5)
    '#ff8080'
    """
    pairs = ((int(color[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)
