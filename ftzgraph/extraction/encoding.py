"""What the trained reader sees of a document: token windows, and for each clause and pair of clauses a row of numbers.

Training and reading share this module, so that both see the same. Everything here is numpy; nothing depends on a thread or a seed.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc
from tokenizers import Tokenizer

from ftzgraph.causalmap import Factor, FactorType, Link, Relation, Span
from ftzgraph.document import Structure
from ftzgraph.extraction.clauses import Clause
from ftzgraph.extraction.factors import factors_of
from ftzgraph.extraction.structure import titles_above
from ftzgraph.extraction.topics import Topics

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

LABELS: tuple[FactorType | None, ...] = (None, *FactorType)
RELATIONS = tuple(Relation)

WINDOW, CONTEXT, HEADING = 256, 64, 32  # tokens: new text, text before it once more, titles of the sections above
_START, _PAD, _STOP, _UNKNOWN = 0, 1, 2, 3
_ROLES = ("achievement", "problem", "cause", "remedy", "goal", "progress", "background")
_SAYS = (
    *("addition", "contrast", "concession", "effect", "therefore", "cause", "conditional", "predicted", "demanded"),
    *("permitted", "purpose", "example", "comment", "time"),
)
CLAUSE_FEATURES = 2 * len(LABELS) + len(_ROLES) + 1 + len(_SAYS) + 9


@dataclass(frozen=True)
class Windows:
    """Token windows of a document.

    Attributes:
        ids: (windows, tokens), padded.
        mask: 1 for a token, 0 for padding.
        clauses: (clauses, 3): window, first token, one past the last token of each clause.
    """

    ids: Ints
    mask: Ints
    clauses: Ints


def make_windows(doc: Doc, tokenizer: Tokenizer) -> Windows:
    """Cut a document into windows, each with the titles of its sections and some of the text before it.

    Args:
        doc: with structure and clauses.
        tokenizer: the reader's.

    Returns:
        Windows in reading order; every clause lies in the window that holds its sentence as new text.
    """
    structure, text, clauses = doc._.structure, doc.text, doc._.clauses
    encoded = [tokenizer.encode(text[s.start : s.end]) for s in structure.sentences]
    by_sentence: dict[int, list[int]] = {}
    for i, clause in enumerate(clauses):
        by_sentence.setdefault(clause.sentence, []).append(i)
    rows: list[list[int]] = []
    places = np.zeros((len(clauses), 3), np.int64)
    at = 0
    while at < len(encoded):
        end, size = at, 0
        while end < len(encoded) and (end == at or size + len(encoded[end].ids) <= WINDOW):
            size += len(encoded[end].ids)
            end += 1
        before: list[int] = []
        for i in range(at - 1, -1, -1):
            before = encoded[i].ids + before
            if len(before) >= CONTEXT:
                break
        row = [_START, *_titles(structure, text, at, tokenizer), _STOP, *before[-CONTEXT:]]
        for i in range(at, end):
            sentence = structure.sentences[i]
            pieces, offsets = encoded[i].ids[:WINDOW], encoded[i].offsets[:WINDOW]
            for c in by_sentence.get(i, ()):
                span = clauses[c].span
                inside = [
                    k
                    for k, (a, b) in enumerate(offsets)
                    if a < span.end - sentence.start and b > span.start - sentence.start
                ]
                first, last = (inside[0], inside[-1]) if inside else (len(pieces) - 1, len(pieces) - 1)
                places[c] = len(rows), len(row) + max(0, first), len(row) + max(0, last) + 1
            row.extend(pieces)
        rows.append([*row, _STOP])
        at = end
    longest = max(map(len, rows), default=1)
    ids = np.full((len(rows), longest), _PAD, np.int64)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
    return Windows(ids, (ids != _PAD).astype(np.int64), places)


def _titles(structure: Structure, text: str, sentence: int, tokenizer: Tokenizer) -> list[int]:
    """Tokens of the titles of the sections above a sentence, innermost last, cut to the last few."""
    titles = titles_above(text, structure, structure.sentences[sentence].section)
    return list(tokenizer.encode("：".join(titles)).ids[-HEADING:])


def clause_features(doc: Doc) -> Floats:
    """Return (clauses, CLAUSE_FEATURES): what the rules think of each clause, its leads, role and place."""
    clauses: tuple[Clause, ...] = doc._.clauses
    by_rule = {(f.span.start, f.span.end): f for f in factors_of(doc)}
    rows = np.zeros((len(clauses), CLAUSE_FEATURES), np.float32)
    last_of_sentence = {c.sentence: i for i, c in enumerate(clauses)}
    seen: set[int] = set()
    for i, clause in enumerate(clauses):
        row, at = rows[i], 0
        factor = by_rule.get((clause.span.start, clause.span.end))
        label = LABELS.index(factor.type) if factor else 0
        row[label] = 1
        row[len(LABELS) + label] = factor.confidence if factor else 0
        at = 2 * len(LABELS)
        if clause.role.name in _ROLES:
            row[at + _ROLES.index(clause.role.name)] = 1
        at += len(_ROLES)
        row[at] = clause.role.strong
        at += 1
        for lead in clause.leads:
            if lead.says in _SAYS:
                row[at + _SAYS.index(lead.says)] = 1
        at += len(_SAYS)
        row[at : at + 9] = (
            clause.heading,
            clause.frame is not None,
            clause.closes in ("，", ","),
            clause.closes in ("；", ";"),
            clause.closes in ("。", ""),
            clause.sentence not in seen,
            last_of_sentence[clause.sentence] == i,
            min(clause.span.end - clause.span.start, 60) / 60,
            clause.core != clause.span.start,
        )
        seen.add(clause.sentence)
    return rows


_PAGES = 600  # sentences between a remedy and what it may answer
_DISTANCES = (-8, -4, -2, -1, 0, 1, 2, 4, 8)
RULES = (  # the methods of ftzgraph.extraction.links: one may be trusted where another may not
    *("bring about", "therefore", "thereby", "reason named after", "opening reason", "implicit consequence", "purpose"),
    *("heading", "in its section", "same topic nearby", "same topic"),
)
_SIDES = 4  # barriers, remedies, goals, achievements
_PLACE, _ALIKE = 2 * (len(_DISTANCES) + 1) + 12 + 2 * _SIDES, 8
PAIR_FEATURES = _PLACE + 2 * len(RELATIONS) + len(RULES) + 1 + _ALIKE
RIVALS = 5 * len(RELATIONS)
RULE_LABELS = slice(0, len(LABELS))  # columns of the clause features: the label that the rules give
RULE_LINKS = slice(_PLACE, _PLACE + len(RELATIONS))  # columns of the pair features: the links that the rules draw
RULE_METHODS = slice(
    _PLACE + 2 * len(RELATIONS), _PLACE + 2 * len(RELATIONS) + len(RULES)
)  # and which of RULES drew them
RULE_WORD = slice(_PLACE, PAIR_FEATURES - _ALIKE)  # all columns of the pair features that come from the rules


def pair_features(doc: Doc, factors: Sequence[Factor], links: Sequence[Link], pairs: Ints) -> Floats:
    """Return (pairs, PAIR_FEATURES): how two factors lie to each other, what stands between them, and what the rules say of them.

    Args:
        doc: with structure, words and clauses.
        factors: sorted by span.
        links: what the rules found between these factors.
        pairs: (pairs, 2) indices of source and target.
    """
    structure, spans = doc._.structure, [f.span for f in factors]
    sentence = sentence_indices(doc, spans)
    paragraph = np.array([structure.sentences[i].paragraph for i in sentence], np.int64)
    section = np.array([-1 if (x := structure.sentences[i].section) is None else x for i in sentence], np.int64)
    states = np.array([_states(structure, int(x), span) for x, span in zip(section, spans, strict=True)], bool)
    source, target = pairs[:, 0], pairs[:, 1]
    rows = np.zeros((len(pairs), PAIR_FEATURES), np.float32)
    at = 0
    for distance in (sentence[target] - sentence[source], target - source):
        rows[np.arange(len(pairs)), at + np.searchsorted(np.array(_DISTANCES), distance, side="right")] = 1
        at += len(_DISTANCES) + 1
    above = _above(structure)
    rows[:, at] = sentence[source] == sentence[target]
    rows[:, at + 1] = paragraph[source] == paragraph[target]
    rows[:, at + 2] = section[source] == section[target]
    rows[:, at + 3] = states[source]
    rows[:, at + 4] = states[target]
    outside = ~states[source] | (section[source] != section[target])
    rows[:, at + 5] = states[target] & outside & above[section[source], section[target]]
    at += 6
    parent, rank = _family(structure)
    rows[:, at] = parent[section[source]] == parent[section[target]]
    rows[:, at + 1] = (rank[section[source]] == rank[section[target]]) & (section[source] != section[target])
    rows[:, at + 2] = _opens(paragraph)[source]
    rows[:, at + 3] = _opens(paragraph)[target]
    rows[:, at + 4] = _opens(section)[source]
    rows[:, at + 5] = _opens(section)[target]
    at += 6
    passed = _between(factors, source, target)
    rows[:, at : at + _SIDES] = passed == 0
    rows[:, at + _SIDES : at + 2 * _SIDES] = np.log1p(passed) / 3
    at += 2 * _SIDES
    row_of = {pair: i for i, pair in enumerate(map(tuple, pairs.tolist()))}
    for link in links:
        row = row_of.get((link.source, link.target))
        if row is not None:
            rows[row, at + RELATIONS.index(link.relation)] = 1
            rows[row, at + len(RELATIONS) + RELATIONS.index(link.relation)] = link.confidence
            method = link.method.removeprefix("rules/")
            if method in RULES:
                rows[row, at + 2 * len(RELATIONS) + RULES.index(method)] = 1
            rows[row, at + 2 * len(RELATIONS) + len(RULES)] = link.inferred
    rows[:, -_ALIKE:] = _likeness(doc, spans, pairs, paragraph, section)
    return rows


def _family(structure: Structure) -> tuple[Ints, Ints]:
    """The parent of each section and its rank among its siblings; the last entry of both stands for no section."""
    size = len(structure.sections) + 1
    parent, rank = np.full(size, -2, np.int64), np.full(size, -1, np.int64)
    seen: Counter[int] = Counter()
    for index, section in enumerate(structure.sections):
        parent[index] = -1 if section.parent is None else section.parent
        rank[index] = seen[parent[index]]
        seen[parent[index]] += 1
    return parent, rank


def _opens(groups: Ints) -> NDArray[np.bool_]:
    """Whether each factor is the first of its paragraph or section."""
    return np.append(True, groups[1:] != groups[:-1])[: len(groups)]


def _between(factors: Sequence[Factor], source: Ints, target: Ints) -> Ints:
    """(pairs, _SIDES): how many factors of each side stand between two."""
    side = np.array([_side(f.type) for f in factors], np.int64)
    counted = np.zeros((len(factors) + 1, _SIDES), np.int64)
    counted[1:] = np.cumsum(side[:, None] == np.arange(_SIDES), 0)
    first, last = np.minimum(source, target), np.maximum(source, target)
    return np.asarray(counted[last] - counted[first + 1], np.int64)


def _side(kind: FactorType) -> int:
    return 0 if kind.is_barrier else 1 if kind is FactorType.REMEDY else 2 if kind is FactorType.GOAL else 3


def _likeness(doc: Doc, spans: Sequence[Span], pairs: Ints, paragraph: Ints, section: Ints) -> Floats:
    """Return (pairs, _ALIKE): how alike two factors, their paragraphs and the titles of their sections are.

    The last columns compare that with the likest other partner of either: a remedy answers, pages away, the barrier it is likest to.
    """
    text, structure = doc.text, doc._.structure
    paragraphs = dict.fromkeys(sorted(set(paragraph.tolist())), "")
    for s in structure.sentences:
        if s.paragraph in paragraphs:
            paragraphs[s.paragraph] += text[s.start : s.end]
    place = {p: i for i, p in enumerate(paragraphs)}
    own = [place[p] for p in paragraph.tolist()]
    topics = Topics(doc._.words, text)
    words = cache(lambda a, b: topics.similarity(spans[a], spans[b]))
    letters = letter_cosine([text[s.start : s.end] for s in spans])
    around = letter_cosine(list(paragraphs.values()))
    titles = letter_cosine(["", *(text[s.title_start : s.title_end] for s in structure.sections)])
    rows = np.zeros((len(pairs), _ALIKE), np.float32)
    for row, (a, b) in zip(rows, pairs.tolist(), strict=True):
        first, second = min(a, b), max(a, b)
        row[0], row[1] = words(first, second), letters(first, second)
        row[2] = around(own[first], own[second])
        row[3] = titles(1 + int(section[first]), 1 + int(section[second]))
    for column in (0, 1):
        for end in (0, 1):
            best = np.full(len(spans), 1e-6, np.float32)
            np.maximum.at(best, pairs[:, end], rows[:, column])
            rows[:, 4 + 2 * column + end] = rows[:, column] / best[pairs[:, end]]
    return rows


def letter_cosine(texts: Sequence[str]) -> Callable[[int, int], float]:
    """Return a function that tells how alike two of the texts are, by number: the cosine of their letter bigrams.

    A bigram weighs more, the fewer of the texts hold it.

    >>> alike = letter_cosine(["数据共享不足", "推进数据共享", "加强港口管理"])
    >>> round(alike(0, 1), 2), alike(0, 2)
    (0.4, 0.0)
    """
    grams = [Counter(g for i in range(len(t) - 1) if (g := t[i : i + 2]).isalnum()) for t in texts]
    spread = Counter(gram for one in grams for gram in one)
    vectors = [{g: n * math.log(1 + len(texts) / spread[g]) for g, n in one.items()} for one in grams]
    norms = [math.sqrt(sum(x * x for x in vector.values())) for vector in vectors]

    @cache
    def alike(a: int, b: int) -> float:
        few, many = sorted((vectors[a], vectors[b]), key=len)
        product = sum(x * many[gram] for gram, x in few.items() if gram in many)
        return product / (norms[a] * norms[b]) if product else 0.0

    return alike


def sentence_indices(doc: Doc, spans: Sequence[Span]) -> Ints:
    """The sentence of each span."""
    starts = [s.start for s in doc._.structure.sentences]
    return np.array([max(0, bisect_right(starts, span.start) - 1) for span in spans], np.int64)


def strongest_links(pairs: Ints, scores: Floats, factors: int) -> Floats:
    """Return (factors, 2 * RELATIONS): the score of the strongest link of each relation from, then to, each factor."""
    strongest = np.zeros((2, factors, len(RELATIONS)), np.float32)
    for end in (0, 1):
        np.maximum.at(strongest[end], pairs[:, end], scores)
    return np.concatenate(list(strongest), 1)


def beside_rivals(logits: Floats, pairs: Ints) -> Floats:
    """Return (pairs, RIVALS): the link logits of each pair, and how they compare with other pairs of the same source or target.

    For each end: how far below the best pair there, and the logarithm of one plus how many other links are expected there.
    """
    size = int(pairs.max()) + 1 if len(pairs) else 0
    parts = [logits]
    chances = 1 / (1 + np.exp(-logits))
    for end in (0, 1):
        best = np.full((size, logits.shape[1]), -np.inf, np.float32)
        np.maximum.at(best, pairs[:, end], logits)
        expected = np.zeros((size, logits.shape[1]), np.float32)
        np.add.at(expected, pairs[:, end], chances)
        at = pairs[:, end]
        parts += [logits - best[at], np.log1p(np.maximum(expected[at] - chances, 0))]
    return np.asarray(np.concatenate(parts, 1), np.float32)


def _states(structure: Structure, section: int, span: Span) -> bool:
    """Whether a span stands in the heading of its section."""
    if section < 0:
        return False
    title = structure.sections[section]
    return title.title_start <= span.start and span.end <= title.title_end


def _above(structure: Structure) -> NDArray[np.bool_]:
    """(sections + 1, sections + 1): whether the second section is the first or above it; the last row and column mean none."""
    size = len(structure.sections) + 1
    above = np.zeros((size, size), bool)
    for index, section in enumerate(structure.sections):
        if section.parent is not None:
            above[index] = above[section.parent]
        above[index, index] = True
    return above


def candidate_pairs(doc: Doc, factors: Sequence[Factor], links: Sequence[Link] = ()) -> Ints:
    """Return (pairs, 2), sorted: the pairs of factors that any relation could join, by type and distance, and those that rules have linked.

    Neighbours of up to three sentences may be joined by any relation; ``partOf`` reaches back to a heading up to twelve sentences
    above, ``addresses`` across pages.
    """
    sentence = sentence_indices(doc, [f.span for f in factors])
    barrier = np.array([f.type.is_barrier for f in factors], bool)
    linked: dict[int, list[int]] = {}
    for link in links:
        linked.setdefault(link.source, []).append(link.target)
    pairs = [np.zeros((0, 2), np.int64)]
    for source, factor in enumerate(factors):  # a row at a time: a book has too many factors for a square
        distance = sentence[source] - sentence
        wanted = (distance >= -3) & (distance <= 12)
        if factor.type.is_strategy:
            wanted |= barrier & (np.abs(distance) <= _PAGES)
        wanted[linked.get(source, [])] = True
        wanted[source] = False
        targets = np.flatnonzero(wanted)
        pairs.append(np.stack([np.full(len(targets), source), targets], 1))
    return np.concatenate(pairs).astype(np.int64)
