"""Where quotes and cues stand within sentences, so that a page can highlight them.

Records carry source offsets, but the text that a page shows is the cleaned one; so a quote is found again by its words,
and its prefix and suffix decide between several places.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from ftzgraph.analysis.graph import EvidenceRecord, SentenceRecord


@dataclass(frozen=True, order=True)
class Mark:
    """A stretch of a sentence: its IRI and offsets into its text, in code points, end exclusive."""

    sentence: str
    start: int
    end: int


def find_quote(evidence: EvidenceRecord, sentences: Mapping[str, SentenceRecord]) -> tuple[Mark, ...]:
    """Find an evidence's quote in the sentences that it says it stands in; white space does not count.

    Args:
        evidence: the quote, with prefix and suffix.
        sentences: sentences by IRI.

    Returns:
        One mark for each sentence that the quote touches, in reading order; none when the quote is not there.
    """
    places = [
        (sentence, offset, character)
        for sentence in evidence.sentences
        if sentence in sentences
        for offset, character in enumerate(sentences[sentence].text)
        if not character.isspace()
    ]
    text = "".join(character for *_, character in places)
    quote, prefix, suffix = ("".join(words.split()) for words in (evidence.quote, evidence.prefix, evidence.suffix))
    starts = list(_occurrences(quote, text))
    if not starts:
        return ()

    def context(start: int) -> int:
        before, after = text[:start], text[start + len(quote) :]
        return _common(reversed(before), reversed(prefix)) + _common(after, suffix)

    start = max(starts, key=context)
    stretch = places[start : start + len(quote)]
    touched = ((sentence, [offset for _, offset, _ in group]) for sentence, group in groupby(stretch, lambda p: p[0]))
    return tuple(Mark(sentence, offsets[0], offsets[-1] + 1) for sentence, offsets in touched)


def find_cue(cue: str, quotes: Iterable[Mark], sentences: Mapping[str, SentenceRecord]) -> tuple[Mark, ...]:
    """Find the words of a cue nearest to the quotes, within their sentences.

    Args:
        cue: words as they stand in the text; the parts of a split cue such as ``因为…所以`` are found one by one.
        quotes: where the quotes stand.
        sentences: sentences by IRI.

    Returns:
        One mark for each part of the cue that is there.
    """
    marks = list(quotes)
    found = []
    for part in filter(None, cue.split("…")):
        candidates = [
            (max(quote.start - start, start + len(part) - quote.end, 0), Mark(quote.sentence, start, start + len(part)))
            for quote in marks
            for start in _occurrences(part, sentences[quote.sentence].text)
        ]
        if candidates:
            found.append(min(candidates, key=lambda candidate: candidate[0])[1])
    return tuple(dict.fromkeys(found))


def _occurrences(part: str, text: str) -> Iterable[int]:
    start = text.find(part) if part else -1
    while start >= 0:
        yield start
        start = text.find(part, start + 1)


def _common(left: Iterable[str], right: Iterable[str]) -> int:
    length = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        length += 1
    return length
