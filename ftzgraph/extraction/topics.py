"""How much two stretches of one document speak of the same things."""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import combinations

from ftzgraph.causalmap import Span
from ftzgraph.extraction.words import Word


class Topics:
    """Words of a document, weighted so that what it says everywhere counts little.

    The weight is the classic inverse document frequency over stretches of a hundred words (Spärck Jones, 1972).

    >>> from ftzgraph.extraction.words import segment
    >>> text = "企业融资困难。完善企业融资担保体系。"
    >>> Topics(segment(text), text).similarity(Span(0, 6), Span(7, 17)) > 0.3
    True
    """

    def __init__(self, words: tuple[Word, ...], text: str) -> None:
        self._starts = [word.start for word in words]
        self._forms = [text[w.start : w.end] if w.tag[:1] in "nvlaji" and w.end - w.start > 1 else "" for w in words]
        stretches = [set(self._forms[i : i + 100]) for i in range(0, len(self._forms), 100)]
        spread = Counter(form for stretch in stretches for form in stretch)
        self._weight = {form: math.log(1 + len(stretches) / n) for form, n in spread.items() if form not in _EMPTY}
        self._vector = cache(self._count)

    def similarity(self, first: Span, second: Span) -> float:
        """Return the cosine of the weighted word counts of two spans: 0 nothing in common, 1 the same words."""
        a, b = self._vector(first), self._vector(second)
        norm = math.sqrt(sum(x * x for x in a.values()) * sum(x * x for x in b.values()))
        return sum(a[form] * b[form] for form in a if form in b) / norm if norm else 0.0

    def similarities(self, spans: Sequence[Span]) -> Iterator[tuple[tuple[int, int], float]]:
        """Yield ((i, j), cosine) for each two spans, i before j, that have a word in common."""
        holders: dict[str, list[int]] = {}
        for i, span in enumerate(spans):
            for form in self._vector(span):
                holders.setdefault(form, []).append(i)
        pairs = {pair for indices in holders.values() for pair in combinations(indices, 2)}
        for i, j in sorted(pairs):
            yield (i, j), self.similarity(spans[i], spans[j])

    def index(self) -> "TopicIndex":
        """Return an empty index of spans."""
        return TopicIndex(self._vector)

    def _count(self, span: Span) -> dict[str, float]:
        forms = self._forms[bisect_left(self._starts, span.start) : bisect_left(self._starts, span.end)]
        return {form: n * self._weight[form] for form, n in sorted(Counter(forms).items()) if form in self._weight}


class TopicIndex:
    """Spans to be found again by what they speak of, without comparing each with each."""

    def __init__(self, vector: Callable[[Span], dict[str, float]]) -> None:
        self._vector = vector
        self._holders: dict[str, list[tuple[int, float]]] = {}
        self._squares: dict[int, float] = {}

    def add(self, key: int, span: Span) -> None:
        """Remember a span under a key."""
        weights = self._vector(span)
        self._squares[key] = sum(x * x for x in weights.values())
        for form, weight in weights.items():
            self._holders.setdefault(form, []).append((key, weight))

    def alike(self, span: Span, least: float) -> list[tuple[float, int]]:
        """Return (cosine, key) of the remembered spans that are at least so much alike, the likest first, then by key."""
        weights = self._vector(span)
        square = sum(x * x for x in weights.values())
        products: dict[int, float] = {}
        for form, weight in weights.items():
            for key, other in self._holders.get(form, ()):
                products[key] = products.get(key, 0.0) + weight * other
        found = ((product / math.sqrt(square * self._squares[key]), key) for key, product in products.items())
        return sorted(((cosine, key) for cosine, key in found if cosine >= least), key=lambda x: (-x[0], x[1]))


# Verbs and nouns of every policy text: they say what is done, not what about.
_EMPTY = frozenset(
    (
        *(
            "",
            "加强",
            "加快",
            "完善",
            "健全",
            "建立",
            "推进",
            "推动",
            "提高",
            "提升",
            "促进",
            "实现",
            "进一步",
            "开展",
            "落实",
        ),
        *("存在", "问题", "不足", "缺乏", "难以", "工作", "建设", "发展", "情况", "方面", "有关", "相关"),
    )
)
