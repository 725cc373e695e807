"""From statements to groups that mean the same, and to what ties the groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ftzgraph.concepts.clustering import Pair, average_link, spread
from ftzgraph.concepts.neighbours import nearest
from ftzgraph.concepts.scorer import Table, Weights, judge, table, weights
from ftzgraph.concepts.statements import Side, Statement, traits
from ftzgraph.concepts.vectors import Progress, vectors

SAME_SIDE, OTHER_SIDE = 10, 5
"""With how many of its nearest neighbours a statement is compared: on its own side, and on each of the others."""


@dataclass(frozen=True)
class Group:
    """Statements that mean the same.

    Attributes:
        members: their indices, the most central one first: the one most probably the same as the others, on average.
        certainty: for each member how probable it is, on average, that it means the same as the others; 1 for one alone.
    """

    members: tuple[int, ...]
    certainty: tuple[float, ...]


@dataclass(frozen=True)
class Tie:
    """Two groups that may be one (``close``), or are about one thing; ``source`` and ``target`` are their indices."""

    source: int
    target: int
    close: bool
    certainty: float


class Comparison:
    """Tells how probable it is that statements mean the same.

    Args:
        statements: what can be compared, without repeats.
        fitted: other weights than those that ship with the program.
        progress: is called with how many statements of how many are read.
    """

    def __init__(
        self, statements: Sequence[Statement], fitted: Weights | None = None, progress: Progress | None = None
    ) -> None:
        self.statements = statements
        self.weights = fitted or weights()
        self._vectors = vectors([each.text for each in statements], progress)
        self._traits = [traits(each) for each in statements]
        self._known: dict[Pair, tuple[float, float]] = {}

    def features(self, pairs: Sequence[Pair]) -> Table:
        """Return the features of pairs of indices as rows."""
        if not pairs:
            return table([], [])
        left, right = np.array(pairs).T
        # Rounded, for sums of floats end differently where they are cut differently.
        cosines = np.round((self._vectors[left] * self._vectors[right]).sum(1), 4)
        return table([(self._traits[i], self._traits[j]) for i, j in pairs], cosines.tolist())

    def judge(self, pairs: Sequence[Pair]) -> list[tuple[float, float]]:
        """Return the probabilities that the statements of each pair mean the same, and that they are related."""
        unknown = [pair for pair in dict.fromkeys(pairs) if pair not in self._known]
        self._known.update(zip(unknown, map(tuple, judge(self.features(unknown), self.weights).tolist()), strict=True))
        return [self._known[pair] for pair in pairs]

    def same(self, pairs: Sequence[Pair]) -> list[float]:
        """Return the probabilities that the statements of each pair mean the same."""
        return [same for same, _ in self.judge(pairs)]

    def candidates(self) -> list[Pair]:
        """Return the pairs that are worth comparing, sorted."""
        sides = {
            side: np.array([i for i, each in enumerate(self.statements) if each.side is side], int) for side in Side
        }
        found: set[Pair] = set()
        for side, own in sides.items():
            for other, told in sides.items():
                # Each is its own nearest neighbour.
                number = SAME_SIDE + 1 if side is other else OTHER_SIDE
                for i, j in nearest(self._vectors[own], self._vectors[told], number):
                    pair = int(own[i]), int(told[j])
                    if pair[0] != pair[1]:
                        found.add((min(pair), max(pair)))
        return sorted(found)


def group(
    statements: Sequence[Statement], fitted: Weights | None = None, progress: Progress | None = None
) -> tuple[list[Group], list[Tie]]:
    """Group statements that mean the same.

    Args:
        statements: sorted and without repeats, so that the outcome does not depend on where they come from.
        fitted: see :class:`Comparison`.
        progress: see there.

    Returns:
        The groups, in the order of their first statements, and what ties them. Each group is of one side.
    """
    if not statements:
        return [], []
    comparison = Comparison(statements, fitted, progress)
    candidates = comparison.candidates()
    found = dict(zip(candidates, comparison.judge(candidates), strict=True))
    own_side = {pair: same for pair, (same, _) in found.items() if _one_side(statements, pair)}
    clusters = average_link(own_side, len(statements), comparison.weights.stop, comparison.same)
    return [_group(cluster, comparison) for cluster in clusters], _ties(clusters, found, comparison)


def _one_side(statements: Sequence[Statement], pair: Pair) -> bool:
    return statements[pair[0]].side is statements[pair[1]].side


def _group(cluster: tuple[int, ...], comparison: Comparison) -> Group:
    compared = spread(cluster)
    certainty = {}
    for i in cluster:
        others = [j for j in compared if j != i]
        chances = comparison.same([(min(i, j), max(i, j)) for j in others])
        certainty[i] = sum(chances) / len(chances) if chances else 1.0
    statements = comparison.statements
    ranked = sorted(cluster, key=lambda i: (-certainty[i], len(statements[i].text), statements[i]))
    return Group(tuple(ranked), tuple(certainty[i] for i in ranked))


def _ties(
    clusters: list[tuple[int, ...]], found: Mapping[Pair, tuple[float, float]], comparison: Comparison
) -> list[Tie]:
    """Compare all members of two groups where some candidates suggest a tie."""
    home = {i: number for number, cluster in enumerate(clusters) for i in cluster}
    fitted = comparison.weights
    suggested = {
        (min(home[i], home[j]), max(home[i], home[j]))
        for (i, j), (same, related) in found.items()
        if home[i] != home[j] and (same >= fitted.close or related >= fitted.linked)
    }
    ties = []
    for a, b in sorted(suggested):
        pairs = [(min(i, j), max(i, j)) for i in spread(clusters[a]) for j in spread(clusters[b])]
        same, related = np.mean(comparison.judge(pairs), axis=0).tolist()
        if same >= fitted.close:
            ties.append(Tie(a, b, True, same))
        elif related >= fitted.linked:
            ties.append(Tie(a, b, False, related))
    return ties
