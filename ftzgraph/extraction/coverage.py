"""What a reader passed over: sentences that hold a word that usually tells a factor, and yet no factor was found in them.

Whether it was right to is for a person to say; the brief lists them, so that one knows where to look.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from ftzgraph.causalmap import Factor, Gap
from ftzgraph.document import Document
from ftzgraph.extraction.lexicon import lexicon

_DECIDES = 2.0  # the weight of a cue that tells a type without any help
_CLAUSES = re.compile("[^，。；：！？,;!?\n]+")


def gaps_of(document: Document, factors: Sequence[Factor]) -> tuple[Gap, ...]:
    """Return the sentences that no factor touches although a cue stands in them.

    Args:
        document: what was read.
        factors: what was found in it, sorted by span.

    Returns:
        In reading order, each with the first barrier's cue, or with the first cue of another kind when it holds none. Headings that only
        name a topic are left out.
    """
    text, structure = document.text, document.structure
    ends = list(accumulate((f.span.end for f in factors), max))  # of nested factors the outer one reaches further
    titles = {s.start: text[s.title_start : s.title_end].strip() for s in structure.sections if s.kind != "item"}
    gaps = []
    for index, sentence in enumerate(structure.sentences):
        first = bisect_left(ends, sentence.start + 1)
        if first < len(factors) and factors[first].span.start < sentence.end:
            continue
        title = titles.get(sentence.start)
        if title is not None and any(topic.search(title) for topic in lexicon().topics):
            continue
        if cue := _cue(text[sentence.start : sentence.end]):
            gaps.append(Gap(index, cue))
    return tuple(gaps)


def _cue(sentence: str) -> str:
    """The words of the first cue that decides alone; a barrier's is preferred."""
    found = [
        (not cue.type.is_barrier, clause.start() + match.start(), match.group())
        for clause in _CLAUSES.finditer(sentence)
        for cue in lexicon().cues
        if cue.weight >= _DECIDES and (match := cue.pattern.search(clause.group()))
    ]
    return min(found)[2] if found else ""
