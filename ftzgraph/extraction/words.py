"""Words of a text, by rjieba: where a word ends decides whether 因 is *because* or the head of 因素.

Tokens of the spaCy ``Doc`` are single characters (spaCy's own default for Chinese), so that every character offset is a token
boundary and evidence is exact by construction; the words lie beside them in ``doc._.words``.
"""

from dataclasses import dataclass
from functools import cache

import rjieba
from spacy.language import Language
from spacy.tokens import Doc, Span

from ftzgraph.extraction.lexicon import lexicon

Doc.set_extension("words", default=None, force=True)


@dataclass(frozen=True)
class Word:
    """A word with its text offsets and its part of speech in the ICTCLAS tag set (``v`` verb, ``n`` noun, …)."""

    start: int
    end: int
    tag: str


@cache
def segmenter() -> rjieba.Jieba:
    """Return the segmenter with the lexicon's names as words of their own, built once per process."""
    jieba = rjieba.Jieba()
    for name in lexicon().names:
        for spelling in name.names:
            jieba.add_word(spelling, 100_000, "n")
    for lead in lexicon().leads:
        if len(lead) > 1:
            jieba.add_word(lead, 100_000, "c")
    return jieba


def segment(text: str) -> tuple[Word, ...]:
    """Cut a text into words.

    Args:
        text: any text.

    Returns:
        Words that cover the text without gap or overlap, in text offsets.
    """
    words, at = [], 0
    # New-word guessing (hmm) is off: it glues a connective to the noun behind it.
    for form, tag in segmenter().tag(text, False):
        words.append(Word(at, at + len(form), tag))
        at += len(form)
    return tuple(words)


def span_of(doc: Doc, start: int, end: int, label: str = "") -> Span:
    """Return the spaCy span between two text offsets neither of which touches white space.

    Raises:
        ValueError: an offset lies inside a token.
    """
    span = doc.char_span(start, end, label=label)
    if span is None:
        raise ValueError(f"{start}-{end} does not fall on token boundaries")
    return span


@Language.factory("ftz_words", assigns=["doc._.words"])
def create_words(nlp: Language, name: str) -> "Words":
    """Create the component that cuts words."""
    return Words()


class Words:
    """spaCy component: sets ``doc._.words`` to a tuple of :class:`Word`."""

    def __call__(self, doc: Doc) -> Doc:
        """Cut the words of one document."""
        doc._.words = segment(doc.text)
        return doc
