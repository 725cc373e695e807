"""What layouts are made of: positions, frames, and ways to place things side by side without overlap.

Layouts are computed beforehand, so that a page draws at once and the same way every time. They are deterministic and,
but for the free one, take time about linear in factors and links. Pixels at scale 1, x to the right, y down.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from ftzgraph.rendering.labels import Label

COLUMN_GAP = 64
LANE_GAP = 26
ROW_GAP = 16
BLOCK_GAP = 38
FRAME_GAP = 40
MARGIN = 24
CAPTION = 44
CAPTION_ROOM = 230
DOCUMENT_CAPTION = 116
"""Pixels between columns, between lanes of a column, between boxes one above the other, between blocks, between frames,
from a frame to what it holds, for the caption at its top, and the width that the longest caption needs."""

ASPECT = 1.6
"""Width over height that a layout strives for: about that of a screen."""

_STRETCHES = (0.7, 0.85, 1.0, 1.2, 1.4, 1.7, 2.0, 2.5)

Labels = Mapping[str, Label]


@dataclass(frozen=True)
class Frame:
    """A captioned panel behind some factors.

    Attributes:
        left, top, width, height: pixels.
        kind: ``"barriers"``, ``"strategies"``, ``"achievements"``, ``"section"`` or ``"document"``.
        caption: words of the document; ``""`` when the kind is all there is to say.
        members: IRIs of the factors that no frame within this one holds; empty when the frame only holds frames.
    """

    left: float
    top: float
    width: float
    height: float
    kind: str
    caption: str = ""
    members: tuple[str, ...] = ()


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
        """Return a layout that holds this one in a frame, whose members are the factors that have no frame yet."""
        caption_height = DOCUMENT_CAPTION if kind == "document" else CAPTION
        width, height = self.width + 2 * MARGIN, self.height + 2 * MARGIN + caption_height
        held = {iri for frame in self.frames for iri in frame.members}
        members = tuple(iri for iri in self.positions if iri not in held)
        outer = Layout(frames=[Frame(0, 0, width, height, kind, caption, members)], width=width, height=height)
        outer.place(self, MARGIN, MARGIN + caption_height)
        return outer


def extent(width: float, height: float) -> float:
    """Return how large a screen must be to show a drawing of this width and height: its height in pixels."""
    return max(width / ASPECT, height)


def spread(wanted: Sequence[float], sizes: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Find the centres nearest to the wanted ones that keep order and distance: isotonic regression by pooling violators.

    Args:
        wanted: centres in the order to keep.
        sizes: extents along the axis, one for each centre.
        gap: least distance from one to the next.
        low: where the first may start.
        high: where the last should end; what does not fit reaches beyond.

    Returns:
        The centres.

    >>> spread([0, 0], [10, 10], gap=2, low=-100, high=100)
    [-6.0, 6.0]
    """
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


def grid(iris: list[str], labels: Labels, room: float = 0.0) -> Layout:
    """Lay out factors row by row.

    Args:
        iris: at least one, in reading order.
        labels: label of every factor by IRI.
        room: width to fill; 0 or less for as many columns as look well.
    """
    width, height = max(labels[iri].width for iri in iris), sum(labels[iri].height for iri in iris) / len(iris)
    if room > 0:
        columns = max(1, int((room + LANE_GAP) // (width + LANE_GAP)))
    else:
        columns = math.ceil(math.sqrt(len(iris) * ASPECT * (height + ROW_GAP) / (width + LANE_GAP)))
    layout = Layout(width=min(columns, len(iris)) * (width + LANE_GAP) - LANE_GAP, height=-ROW_GAP)
    for start in range(0, len(iris), columns):
        row = iris[start : start + columns]
        tallest = max(labels[iri].height for iri in row)
        middle = layout.height + ROW_GAP + tallest / 2
        layout.positions.update((iri, (i * (width + LANE_GAP) + width / 2, middle)) for i, iri in enumerate(row))
        layout.height = middle + tallest / 2
    return layout


def shelves(parts: list[Layout]) -> Layout:
    """Place layouts side by side in rows, in order, with the row width at which they can be drawn largest."""
    if len(parts) < 2:
        return parts[0] if parts else Layout()
    widest = max(part.width for part in parts)
    side = math.sqrt(sum((part.width + FRAME_GAP) * (part.height + FRAME_GAP) for part in parts) * ASPECT)
    attempts = (_shelved(parts, max(widest, side * stretch)) for stretch in _STRETCHES)
    return min(attempts, key=lambda layout: extent(layout.width, layout.height))


def _shelved(parts: list[Layout], room: float) -> Layout:
    layout = Layout()
    left = top = 0.0
    for part in parts:
        if left and left + part.width > room:
            left, top = 0.0, layout.height + FRAME_GAP
        layout.place(part, left, top)
        left += part.width + FRAME_GAP
    return layout
