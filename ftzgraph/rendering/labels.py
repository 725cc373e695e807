"""Labels that fit a box: a quote wrapped as Chinese is set, and the size of the box around it."""

import math
import re
import unicodedata
from dataclasses import dataclass

FONT_SIZE = 14
LINE_HEIGHT = 20
PADDING = (19, 9)
"""Pixels at each side, and above and below. The sides leave room for pointed shapes."""

# What must not be parted: a Latin word, an opening mark from what follows it, a closing mark from what it follows.
_UNIT = re.compile(
    r"[（《〈「『【〔“‘(\[]*(?:[A-Za-z0-9.+\-–_/&']+|.)[，。；：、！？）》〉」』】〕”’…—·,;:!?)\]%]*", re.DOTALL
)


@dataclass(frozen=True)
class Label:
    """A wrapped text and the box around it, in pixels at scale 1."""

    lines: tuple[str, ...]
    width: int
    height: int


def label(text: str, columns: int = 13, rows: int = 5) -> Label:
    """Wrap a text into as few lines as it needs, of about equal length, and measure the box.

    Args:
        text: any text; runs of white space count as one blank.
        columns: width of a line in Chinese characters.
        rows: most lines; what is longer ends in an ellipsis.

    >>> label("通关缓慢，企业外迁", columns=6).lines
    ('通关缓慢，', '企业外迁')
    """
    units = [piece for unit in _UNIT.findall(" ".join(text.split())) for piece in _broken(unit, columns)]
    fewest = len(_fill(units, columns))
    shortest = math.ceil(text_width(text) / max(1, fewest))
    lines = next(
        lines for width in range(min(shortest, columns), columns + 1) if len(lines := _fill(units, width)) <= fewest
    )
    if len(lines) > rows:
        lines = [*lines[: rows - 1], lines[rows - 1].rstrip("，、；")[: columns - 1] + "…"]
    return Label(
        lines=tuple(lines),
        width=math.ceil(max(map(text_width, lines), default=0) * FONT_SIZE) + 2 * PADDING[0],
        height=max(1, len(lines)) * LINE_HEIGHT + 2 * PADDING[1],
    )


def text_width(text: str) -> float:
    """Estimate the width of a text in Chinese characters: about half for a Latin letter, 0 for marks without width."""
    return sum(_width(character) for character in text)


def _width(character: str) -> float:
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(character) in "WFA" else 0.62


def _broken(unit: str, columns: int) -> list[str]:
    return [unit] if text_width(unit) <= columns else [unit[i : i + columns] for i in range(0, len(unit), columns)]


def _fill(units: list[str], width: float) -> list[str]:
    lines, room = [""], width
    for unit in units:
        need = text_width(unit)
        if need > room and lines[-1]:
            lines.append("")
            room = width
            unit = unit.lstrip()
        lines[-1] += unit
        room -= need
    return lines
