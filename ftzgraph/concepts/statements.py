"""What a factor says, taken apart so that two can be compared: its words, numbers and places."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ftzgraph.causalmap import FactorType
from ftzgraph.extraction.lexicon import lexicon
from ftzgraph.extraction.words import segment


class Side(StrEnum):
    """The three sides of an argument; the value is the class in the ontology. A concept holds factors of one side."""

    BARRIER = "Barrier"
    STRATEGY = "Strategy"
    ACHIEVEMENT = "Achievement"


@dataclass(frozen=True, order=True)
class Statement:
    """What one or many factors of a side say in the same words.

    Attributes:
        side: barrier, strategy or achievement; which type within the side does not matter.
        text: the quote without white space.
        places: the places that it mentions, sorted.
    """

    side: Side
    text: str
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class Traits:
    """What two statements are compared by, beside their vectors.

    Attributes:
        bigrams: the pairs of neighbouring characters.
        content: start and end of the words that tell what the statement is about; see :func:`content`.
        numbers: see :func:`numbers`.
        direction: see :func:`direction`.
    """

    statement: Statement
    bigrams: frozenset[str]
    content: tuple[tuple[int, int], ...]
    numbers: frozenset[float]
    direction: int


def side_of(kind: FactorType) -> Side:
    """Return the side that factors of a type stand on."""
    if kind.is_barrier:
        return Side.BARRIER
    return Side.STRATEGY if kind.is_strategy else Side.ACHIEVEMENT


def traits(statement: Statement) -> Traits:
    """Take a statement apart."""
    text = statement.text
    bigrams = frozenset(text[i : i + 2] for i in range(max(1, len(text) - 1)))
    return Traits(statement, bigrams, content(text), numbers(text), direction(text))


def content(text: str) -> tuple[tuple[int, int], ...]:
    """Return where the words of a text stand that tell what it is about.

    Left out are particles and the like, and the words that only tell a factor: what the cues of ``data/lexicon`` match.

    >>> [("土地供应机制不健全")[start:end] for start, end in content("土地供应机制不健全")]
    ['土地', '供应', '机制']
    """
    told = [False] * len(text)
    for cue in lexicon().cues:
        for match in cue.pattern.finditer(text):
            told[match.start() : match.end()] = [True] * (match.end() - match.start())
    return tuple(
        (word.start, word.end)
        for word in segment(text)
        if word.tag[:1] not in _FORMAL and not all(told[word.start : word.end])
    )


_FORMAL: Final = frozenset("cdpruwxy")  # connectives, adverbs, prepositions, pronouns, particles, punctuation

_DIGITS: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_POWERS: Final = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_COUNTED: Final = "个项条家人名户年月日成倍元亩县市省村宗起次吨米所座%"
_NUMBER: Final = re.compile(
    rf"(?P<arabic>\d+(?:\.\d+)?)(?P<power>[十百千万亿]*)|[{''.join(_DIGITS)}{''.join(_POWERS)}]+(?=[{_COUNTED}])"
)


def numbers(text: str) -> frozenset[float]:
    """Return the numbers in a text; Chinese numerals count where a measure follows (三个县, not 统一).

    >>> sorted(numbers("三个县的1.2亿元")) == sorted(numbers("3个县的12000万元")) == [3, 120_000_000]
    True
    >>> numbers("九成") == numbers("90%")
    True
    """
    return frozenset(_value(match, text[match.end() : match.end() + 1]) for match in _NUMBER.finditer(text))


def _value(match: re.Match[str], measure: str) -> float:
    if match["arabic"]:
        value = float(match["arabic"])
        for power in match["power"]:
            value *= _POWERS[power]
    else:
        value = _chinese(match[0])
    return round(value * {"成": 0.1, "%": 0.01}.get(measure, 1.0), 6)


def _chinese(numeral: str) -> float:
    """The value of 三万五千 and the like: a digit counts its power, and 万 and 亿 multiply all before them."""
    total = part = digit = 0
    for character in numeral:
        power = _POWERS.get(character)
        if power is None:
            digit = _DIGITS[character]
        elif power < 10_000:
            part, digit = part + (digit or 1) * power, 0
        else:
            total, part, digit = (total + part + digit) * power, 0, 0
    return total + part + digit


_MORE: Final = re.compile("提高|提升|增加|扩大|增长|上升|放宽|加大|延长|放开|攀升|上涨|增强|增多|抬高|加密")
_LESS: Final = re.compile("降低|下降|减少|缩小|收紧|压缩|缩短|下滑|下调|减轻|压降|减缓|取消|限制|严控|压减")


def direction(text: str) -> int:
    """Return 1 where a text speaks of more, -1 where of less, 0 where of neither or both.

    >>> direction("适当提高资源税税率"), direction("适当降低增值税税率"), direction("资源税改革")
    (1, -1, 0)
    """
    return bool(_MORE.search(text)) - bool(_LESS.search(text))
