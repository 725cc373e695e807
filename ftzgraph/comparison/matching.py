"""Which factor of one graph is which of another: of the same name, of the same words, or of words much alike."""

import math
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import partial
from typing import Final

from ftzgraph.analysis.graph import FactorRecord
from ftzgraph.causalmap import FactorType

ALIKE: Final = 0.6
"""The least :func:`similarity` of a statement and its rewording."""

_Pairs = Iterator[tuple[FactorRecord, FactorRecord]]


def match(before: Sequence[FactorRecord], after: Sequence[FactorRecord], alike: float = ALIKE) -> dict[str, str]:
    """Pair the factors of two graphs; each has one partner at most.

    Partners are, in this order, factors of the same IRI; of the same quote and type; of the same quote, whatever the
    type; of similar quotes on the same side (barriers, strategies, achievements), the most similar first. Where a quote
    stands several times, its first place is paired with the first of the other graph, and so on. Of pairs that are
    equally similar, those come first whose places among what is left differ least.

    Args:
        before: the factors of one graph in document order.
        after: those of the other.
        alike: the least :func:`similarity` of partners whose quotes differ, above 0 and at most 1.

    Returns:
        IRIs of ``after`` by IRIs of ``before``. With the arguments exchanged, keys and values are.
    """
    steps: tuple[Callable[[Sequence[FactorRecord], Sequence[FactorRecord]], _Pairs], ...] = (
        partial(_equal, key=lambda record: record.iri),
        partial(_equal, key=lambda record: (solid(record.quote), record.type)),
        partial(_equal, key=lambda record: solid(record.quote)),
        partial(_similar, alike=alike),
    )
    found: dict[str, str] = {}
    for step in steps:
        found |= {one.iri: other.iri for one, other in step(before, after)}
        taken = set(found.values())
        before = [record for record in before if record.iri not in found]
        after = [record for record in after if record.iri not in taken]
    return found


def similarity(one: str, other: str) -> float:
    """Return the Dice coefficient of the character bigrams of two texts, 0 to 1; white space does not count.

    Bigrams tell Chinese statements apart better than single characters do, for most policy texts share those.

    >>> round(similarity("建立统一的数据平台", "加快建立全国统一的数据平台"), 2)
    0.7
    >>> round(similarity("提高通关效率", "提高行政效率"), 2)
    0.4
    """
    return _dice(_bigrams(one), _bigrams(other))


def solid(text: str) -> str:
    """Return a text without its white space."""
    return "".join(text.split())


def _equal(
    before: Sequence[FactorRecord], after: Sequence[FactorRecord], key: Callable[[FactorRecord], Hashable]
) -> _Pairs:
    waiting: defaultdict[Hashable, deque[FactorRecord]] = defaultdict(deque)
    for record in after:
        waiting[key(record)].append(record)
    for record in before:
        if partners := waiting[key(record)]:
            yield record, partners.popleft()


def _similar(before: Sequence[FactorRecord], after: Sequence[FactorRecord], alike: float) -> _Pairs:
    left, right = ([_bigrams(record.quote) for record in records] for records in (before, after))
    ranked = sorted(
        # Pairs that tie in the first three are (i, j) and (j, i), and neither stands in the other's way.
        (-_dice(left[i], right[j]), abs(i - j), i + j, i, j)
        for i, j in _candidates(left, right, alike)
        if _side(before[i]) == _side(after[j])
    )
    paired_before, paired_after = set[int](), set[int]()
    for opposite, *_, i, j in ranked:
        if -opposite >= alike and i not in paired_before and j not in paired_after:
            paired_before.add(i)
            paired_after.add(j)
            yield before[i], after[j]


def _candidates(left: list[frozenset[str]], right: list[frozenset[str]], alike: float) -> set[tuple[int, int]]:
    """All pairs that can be alike, by their indices, and some more: the pairs that share one of their rare bigrams.

    Two sets with a Dice coefficient of at least t share at least t / (2 - t) of each. If fewer of the commonest bigrams
    than that are left aside in each, one of those they share is still among the rest (prefix filtering).
    """
    times = Counter(bigram for bigrams in (*left, *right) for bigram in bigrams)

    def rare(bigrams: frozenset[str]) -> list[str]:
        shared = math.ceil(len(bigrams) * alike / (2 - alike) - 1e-9)  # no rounding error may make it one more
        return sorted(bigrams, key=lambda bigram: (times[bigram], bigram))[: len(bigrams) - shared + 1]

    places: defaultdict[str, list[int]] = defaultdict(list)
    for j, bigrams in enumerate(right):
        for bigram in rare(bigrams):
            places[bigram].append(j)
    return {(i, j) for i, bigrams in enumerate(left) for bigram in rare(bigrams) for j in places.get(bigram, ())}


def _side(record: FactorRecord) -> tuple[bool, bool]:
    kind = FactorType(record.type)
    return kind.is_barrier, kind.is_strategy


def _bigrams(text: str) -> frozenset[str]:
    text = solid(text)
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / ((len(one) + len(other)) or 1)
