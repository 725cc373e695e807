"""Which statements are worth comparing: each with those whose vectors lie nearest.

Comparing each with each would take four times as long for twice as many. Beyond a few thousand vectors are put into cells, each
around one of them, and a vector is held against the nearest cells only (an inverted file; Sivic and Zisserman, 2003).
"""

import math
from typing import Final

import numpy as np

from ftzgraph.concepts.vectors import Floats

SMALL: Final = 4_000
"""Up to so many vectors all are compared."""

PROBED: Final = 8
"""Of the cells of more vectors, so many are looked into."""

_CHUNK: Final = 4_096


def nearest(asking: Floats, told: Floats, number: int) -> list[tuple[int, int]]:
    """Return for each vector those others that lie nearest.

    Args:
        asking: vectors of length 1.
        told: the vectors to find some of, of length 1.
        number: how many for each, or all where there are fewer.

    Returns:
        Pairs of an index of ``asking`` and one of ``told``, by the former, the nearest first. Of more than :data:`SMALL` vectors some
        of the nearest may be missing.
    """
    cells = [np.arange(len(told))]
    pivots = told[:1]
    if len(told) > SMALL:
        count = math.isqrt(len(told))
        pivots = told[np.arange(count) * len(told) // count]
        home = np.concatenate([(told[i : i + _CHUNK] @ pivots.T).argmax(1) for i in range(0, len(told), _CHUNK)])
        cells = [np.flatnonzero(home == pivot) for pivot in range(count)]
    found: list[tuple[int, int]] = []
    for start in range(0, len(asking), _CHUNK):
        found += _in_cells(asking[start : start + _CHUNK], start, told, pivots, cells, number)
    return found


def _in_cells(
    asking: Floats, start: int, told: Floats, pivots: Floats, cells: list[np.ndarray], number: int
) -> list[tuple[int, int]]:
    order = np.argsort(-(asking @ pivots.T), axis=1, kind="stable")[:, :PROBED]
    rows, columns, closeness = [], [], []
    for cell, members in enumerate(cells):
        here = np.flatnonzero((order == cell).any(axis=1))
        if not len(here) or not len(members):
            continue
        products = np.round(asking[here] @ told[members].T, 4)
        best = np.argsort(-products, axis=1, kind="stable")[:, :number]
        rows.append(np.repeat(here, best.shape[1]))
        columns.append(members[best].ravel())
        closeness.append(np.take_along_axis(products, best, 1).ravel())
    if not rows:
        return []
    row, column = np.concatenate(rows), np.concatenate(columns)
    ranked = np.lexsort((column, -np.concatenate(closeness), row))
    row, column = row[ranked], column[ranked]
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    kept = rank < number
    return list(zip((row[kept] + start).tolist(), column[kept].tolist(), strict=True))
