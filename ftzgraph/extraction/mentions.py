"""spaCy component that finds named actors, places, sectors and instruments."""

import re
from functools import cache

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens import Span as SpacySpan

from ftzgraph.causalmap import Mention, MentionKind, Span
from ftzgraph.extraction.lexicon import Name, lexicon
from ftzgraph.extraction.words import span_of

SpacySpan.set_extension("concept", default="", force=True)
SpacySpan.set_extension("concept_en", default="", force=True)
SpacySpan.set_extension("tier", default="", force=True)


def mentions_of(doc: Doc) -> tuple[Mention, ...]:
    """Return the mentions of a processed document, read back from ``doc.spans["mentions"]``, sorted by span."""
    spans = sorted(doc.spans.get("mentions", ()), key=lambda s: (s.start_char, s.end_char))
    return tuple(
        Mention(Span(s.start_char, s.end_char), MentionKind(s.label_), s._.concept, s._.concept_en, s._.tier)
        for s in spans
    )


def mentions_in(text: str) -> tuple[Mention, ...]:
    """Return the mentions in a text that stands by itself, such as a quote, sorted by span."""
    return mentions_of(_finder()(text))


@cache
def _finder() -> Language:
    nlp = spacy.blank("zh")
    for component in ("ftz_words", "ftz_mentions"):
        nlp.add_pipe(component)
    return nlp


@Language.factory("ftz_mentions", requires=["doc._.words"], assigns=["doc.spans"])
def create_mentions(nlp: Language, name: str) -> "MentionFinder":
    """Create the component that finds mentions."""
    return MentionFinder()


class MentionFinder:
    """spaCy component: writes ``doc.spans["mentions"]``, labelled by kind, with the canonical name in ``span._.concept``."""

    def __call__(self, doc: Doc) -> Doc:
        """Find the mentions of one document; of two that overlap the longer one is kept."""
        text = doc.text
        found = [
            (start, end, name.kind, name.names[0] if name.names else label, name.label_en, name.tier)
            for start, end, name, label in _matches(text)
        ]
        found += [
            (word.start, word.end, kind, name, "", "")
            for word in doc._.words
            if (kind := _BY_TAG.get(word.tag)) and _is_a_name(kind, name := text[word.start : word.end])
        ]
        spans: list[SpacySpan] = []
        covered = 0
        for start, end, kind, label, label_en, tier in sorted(found, key=lambda f: (f[0], -f[1])):
            if start < covered:
                continue
            covered = end
            span = span_of(doc, start, end, label=kind.value)
            span._.concept, span._.concept_en, span._.tier = label, label_en, tier
            spans.append(span)
        doc.spans["mentions"] = spans
        return doc


# Names that the segmenter's dictionary knows and the lexicon does not; it is generous with both kinds.
_BY_TAG = {"ns": MentionKind.PLACE, "nt": MentionKind.ACTOR}


def _is_a_name(kind: MentionKind, word: str) -> bool:
    if len(word) == 1:
        return False
    if kind is MentionKind.PLACE:
        return word not in lexicon().common_words
    return any(ending.search(word) for ending in lexicon().actor_endings)


@cache
def _spellings() -> tuple[re.Pattern[str], dict[str, Name]]:
    names = {spelling: name for name in lexicon().names for spelling in name.names}
    return re.compile("|".join(sorted(map(re.escape, names), key=lambda s: (-len(s), s)))), names


def _matches(text: str) -> list[tuple[int, int, Name, str]]:
    pattern, names = _spellings()
    found = [(m.start(), m.end(), names[m.group()], m.group()) for m in pattern.finditer(text)]
    for name in lexicon().names:
        if name.pattern:
            group = "label" if "label" in name.pattern.groupindex else 0
            found += [
                (m.start(), m.end(), _known(m.group(group), name), m.group(group)) for m in name.pattern.finditer(text)
            ]
    return found


def _known(label: str, name: Name) -> Name:
    """《外商投资法》 is the 外商投资法 of the lexicon."""
    return _spellings()[1].get(label, name)
