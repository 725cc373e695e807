"""How probable it is that two statements mean the same, are about the same, or neither.

A handful of named features and two logistic regressions, whose weights a person can read in
``data/similarity/weights.json``. The cosine of the vectors alone would not do: to every encoder a look-alike with another
object (码头用地不足, 码头用工不足) is a near neighbour. So what speaks against being the same has a feature of its own, and
:mod:`training.concepts` fits the weights such that none can count the wrong way round.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ftzgraph.concepts.statements import Traits
from ftzgraph.resources import resource

FEATURES: Final = (
    "cosine",  # of the vectors
    "substitution",  # Dice coefficient of the bigrams where each has a word of content that the other lacks, else 0
    "numbers",  # both have numbers, and not the same
    "places",  # both mention places, and none in common
    "opposed",  # one wants or tells more, the other less
    "across",  # they stand on different sides
)

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """What was fitted; see ``training/concepts.py``.

    Attributes:
        same: (FEATURES + 1,) log odds of the same meaning for statements of one side, the last one a constant.
        related: the same of being about one thing, given that they do not mean the same.
        stop: the least probability of the same meaning, on average, within a concept.
        close: the least at which two concepts may be one.
        linked: the least probability of being related at which two concepts are.
    """

    same: Table
    related: Table
    stop: float
    close: float
    linked: float


def features(one: Traits, other: Traits, cosine: float) -> tuple[float, ...]:
    """Return the :data:`FEATURES` of two statements, which do not depend on their order."""
    overlap = 2 * len(one.bigrams & other.bigrams) / (len(one.bigrams) + len(other.bigrams))
    substitution = overlap if _adds(one, other) and _adds(other, one) else 0.0
    across = one.statement.side is not other.statement.side
    places, others = set(one.statement.places), set(other.statement.places)
    return (
        cosine,
        substitution,
        float(bool(one.numbers and other.numbers) and one.numbers != other.numbers),
        float(bool(places and others) and places.isdisjoint(others)),
        float(not across and one.direction * other.direction < 0),
        float(across),
    )


def table(pairs: Sequence[tuple[Traits, Traits]], cosines: Sequence[float]) -> Table:
    """Return the :data:`FEATURES` of many pairs as rows."""
    found = [features(*pair, cosine) for pair, cosine in zip(pairs, cosines, strict=True)]
    return np.array(found).reshape(-1, len(FEATURES))


def judge(rows: Table, weights: Weights) -> Table:
    """Return the probabilities that statements mean the same and that they are related, as two columns.

    Args:
        rows: :func:`features` of each pair.
        weights: see :func:`weights`.
    """
    padded = np.column_stack([rows, np.ones(len(rows))])
    same = _chance(padded @ weights.same) * (rows[:, FEATURES.index("across")] == 0)
    return np.column_stack([same, (1 - same) * _chance(padded @ weights.related)])


@cache
def weights() -> Weights:
    """Return the weights that ship with the program."""
    told = json.loads(resource("data/similarity/weights.json").read_text(encoding="utf-8"))
    return Weights(_row(told["same"]), _row(told["related"]), told["stop"], told["close"], told["linked"])


def _row(named: Mapping[str, float]) -> Table:
    return np.array([named[name] for name in (*FEATURES, "constant")])


def _chance(logits: Table) -> Table:
    return np.asarray(1 / (1 + np.exp(-logits)))


def _adds(one: Traits, other: Traits) -> bool:
    """Whether a statement has a word of content that the other lacks, in whole or in part."""
    text = one.statement.text
    starts = [text[i : i + 2] in other.bigrams for i in range(len(text))]
    shared = [here or before for here, before in zip(starts, [False, *starts], strict=False)]
    return any(not all(shared[start:end]) for start, end in one.content)
