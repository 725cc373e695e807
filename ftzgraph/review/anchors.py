"""Where a quote stands, told so that it is found again when the text around it has moved (W3C Web Annotation: text quotes)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ftzgraph.analysis.records import EvidenceRecord, SentenceRecord
from ftzgraph.causalmap import Span
from ftzgraph.comparison.matching import solid

CONTEXT: Final = 32
"""How many characters of the text before and after a quote are kept."""

_TELLING: Final = 6  # so many of them, before or after, have to be the same


@dataclass(frozen=True)
class Home:
    """A document by all that it can be known by."""

    iri: str
    file_name: str
    title: str
    sha256: str


@dataclass(frozen=True)
class Place:
    """A stretch of a document.

    Attributes:
        home: the document.
        start, end: source offsets.
        quote: what stands there.
        prefix, suffix: up to :data:`CONTEXT` characters around it, without white space.
    """

    home: Home
    start: int
    end: int
    quote: str
    prefix: str
    suffix: str


@dataclass(frozen=True)
class Stretch:
    """A stretch of a document of the graph, as evidence tells it.

    Attributes:
        document: IRI.
        span: offsets into the :class:`Text`.
        offsets: source offsets; where the graph does not tell them exactly, the narrowest stretch that is sure to hold it.
        quote: the characters as they stand.
        context: up to :data:`CONTEXT` characters before and after.
        sentences: those that it touches.
    """

    document: str
    span: Span
    offsets: tuple[int, int]
    quote: str
    context: tuple[str, str]
    sentences: tuple[SentenceRecord, ...]


class Text:
    """The text of a document without white space, as the graph tells it; spans of this class are offsets into it.

    Where line breaks or page numbers were left out within a sentence, the graph does not tell after which character. Of each
    character it is known from where to where in the source it may stand, and evidence makes that narrower.

    Args:
        sentences: those of the document, in order.
        evidence: pieces of evidence that stand in it.
    """

    def __init__(self, sentences: Sequence[SentenceRecord], evidence: Iterable[EvidenceRecord] = ()) -> None:
        self.solid = "".join(solid(sentence.text) for sentence in sentences)
        # From where to where in the source each character may stand.
        self._first: list[int] = []
        self._last: list[int] = []
        self._sentence: list[tuple[SentenceRecord, int]] = []  # of each character, with its index there
        for sentence in sentences:
            for first, last in _bounds(sentence.text, sentence.start, sentence.end):
                self._sentence.append((sentence, first - sentence.start))
                self._first.append(first)
                self._last.append(last)
        for each in evidence:
            span = self.nearest(each.quote, each.start)
            if span:
                bounds = _bounds(each.quote, each.start, each.end)
                for at, (first, last) in zip(range(span.start, span.end), bounds, strict=True):
                    self._first[at] = max(self._first[at], first)
                    self._last[at] = min(self._last[at], last)
        for at in range(1, len(self.solid)):
            self._first[at] = max(self._first[at], self._first[at - 1] + 1)
        for at in range(len(self.solid) - 2, -1, -1):
            self._last[at] = min(self._last[at], self._last[at + 1] - 1)

    def nearest(self, quote: str, start: int) -> Span | None:
        """Return where a quote stands nearest to a source offset, ``None`` when it does not stand in the text."""
        return min(self._all(quote), key=lambda span: abs(self._first[span.start] - start), default=None)

    def find(self, place: Place) -> list[Span]:
        """Return where the quote of a place may stand now: once, if the text around it tells, else where else it stands.

        Returns:
            One span where enough of the text before or after is still the same, and more of it than anywhere else; several
            where it is the same at several places; none where the quote does not stand, or stands in another text only.
        """
        agreed = {span: self._agreement(span, place) for span in self._all(place.quote)}
        most = max(agreed.values(), default=0)
        return [span for span, agreement in agreed.items() if agreement == most > 0]

    def stretch(self, document: str, span: Span) -> Stretch:
        """Return a span with all that evidence tells of it."""
        (_, start), (last, end) = self._sentence[span.start], self._sentence[span.end - 1]
        sentences = tuple(dict.fromkeys(sentence for sentence, _ in self._sentence[span.start : span.end]))
        words = "".join(sentence.text for sentence in sentences)
        return Stretch(
            document,
            span,
            (self._first[span.start], self._last[span.end - 1] + 1),
            words[start : len(words) - len(last.text) + end + 1],
            (self.solid[max(0, span.start - CONTEXT) : span.start], self.solid[span.end : span.end + CONTEXT]),
            sentences,
        )

    def _all(self, quote: str) -> Iterator[Span]:
        wanted = solid(quote)
        at = self.solid.find(wanted) if wanted else -1
        while at >= 0:
            yield Span(at, at + len(wanted))
            at = self.solid.find(wanted, at + 1)

    def _agreement(self, span: Span, place: Place) -> int:
        """How many characters before and after are the same, 0 when they are too few to tell."""
        before = _common(place.prefix[::-1], self.solid[max(0, span.start - CONTEXT) : span.start][::-1])
        after = _common(place.suffix, self.solid[span.end : span.end + CONTEXT])
        tells = (
            before >= _TELLING
            or after >= _TELLING
            # At the start or end of a text there is less to agree with.
            or (before == span.start == len(place.prefix))
            or (after == len(self.solid) - span.end == len(place.suffix))
        )
        return before + after + 1 if tells else 0


def _bounds(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """From where to where in the source each character other than white space may stand."""
    for index, character in enumerate(text):
        if not character.isspace():
            yield start + index, end - len(text) + index


def _common(one: str, other: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
