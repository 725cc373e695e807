"""Average-link clustering of what a few comparisons found alike, so that likeness does not run along chains.

Two clusters are as alike as their members are on average (UPGMA; Sokal and Michener, 1958). That A is like B and B like C is not
enough to put A beside C: the average has to hold.
"""

from collections.abc import Callable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Final, TypeAlias

Pair: TypeAlias = tuple[int, int]
"""Two items, the smaller one first."""

Scorer: TypeAlias = Callable[[Sequence[Pair]], Sequence[float]]
"""Tells how alike the items of each pair are, 0 to 1."""

LOOKED_AT: Final = 8
"""Of a larger cluster so many members, evenly spread, stand for all when it is compared with another."""


def average_link(scores: Mapping[Pair, float], count: int, stop: float, score: Scorer) -> list[tuple[int, ...]]:
    """Join items, the most alike first, as long as the members of both clusters are alike on average.

    Args:
        scores: how alike the items of the pairs are that are worth a look, 0 to 1; all others count as not alike, until
            a merger makes it necessary to know.
        count: number of items, which are 0 to ``count - 1``.
        stop: the least average at which two clusters are joined, above 0.
        score: is asked for pairs that are not in ``scores``.

    Returns:
        The clusters, each sorted, in the order of their first items; every item is in one. The order of ``scores`` makes no
        difference; of equally likely mergers that of the smaller indices comes first.
    """
    known = dict(scores)
    members: dict[int, tuple[int, ...]] = {i: (i,) for i in range(count)}
    near: dict[int, dict[int, float]] = {i: {} for i in range(count)}
    for (i, j), value in scores.items():
        near[i][j] = near[j][i] = value
    queue = [(-value, i, j) for (i, j), value in scores.items() if value >= stop]
    heapify(queue)
    while queue:
        _, i, j = heappop(queue)
        if i not in members or j not in members:  # one of them has become part of another cluster
            continue
        others = sorted((near[i].keys() | near[j].keys()) - {i, j})
        _compare([(a, k) for k in others for a in (i, j) if k not in near[a]], members, near, known, score)
        first, second = len(members[i]), len(members[j])
        new = count = count + 1
        members[new] = tuple(sorted((*members.pop(i), *members.pop(j))))
        near[new] = {}
        for k in others:
            value = (first * near[i][k] + second * near[j][k]) / (first + second)
            near[new][k] = near[k][new] = value
            if value >= stop:
                heappush(queue, (-value, k, new))
        for old in (i, j):
            for k in near.pop(old):
                near.get(k, {}).pop(old, None)
    return sorted(members.values())


def _compare(
    clusters: list[Pair],
    members: Mapping[int, tuple[int, ...]],
    near: Mapping[int, dict[int, float]],
    known: dict[Pair, float],
    score: Scorer,
) -> None:
    """Find out how alike clusters are on average; ask for all unknown pairs at once."""
    pairs = {
        (a, b): [(min(x, y), max(x, y)) for x in spread(members[a]) for y in spread(members[b])] for a, b in clusters
    }
    unknown = sorted({pair for found in pairs.values() for pair in found} - known.keys())
    if unknown:
        known.update(zip(unknown, map(float, score(unknown)), strict=True))
    for (a, b), found in pairs.items():
        near[a][b] = near[b][a] = sum(known[pair] for pair in found) / len(found)


def spread(items: tuple[int, ...]) -> tuple[int, ...]:
    """Return the members of a cluster by which it is compared: all, or :data:`LOOKED_AT` of them, evenly spread."""
    return items if len(items) <= LOOKED_AT else tuple(items[i * len(items) // LOOKED_AT] for i in range(LOOKED_AT))
