"""What the trained reader sees of a document: token windows, and for each clause and pair of clauses a row of numbers.

Training and reading share this module, so that both see the same. Everything here is numpy; nothing depends on a thread or a seed.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc
from tokenizers import Tokenizer

from ftzgraph.causalmap import Factor, FactorType, Link, Relation, Span
from ftzgraph.extraction.clauses import Clause
from ftzgraph.extraction.factors import factors_of
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
        row = [_START, *_titles(doc, at, tokenizer), _STOP, *before[-CONTEXT:]]
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


def _titles(doc: Doc, sentence: int, tokenizer: Tokenizer) -> list[int]:
    """Tokens of the titles of the sections above a sentence, innermost last, cut to the last few."""
    sections = doc._.structure.sections
    index = doc._.structure.sentences[sentence].section
    path: list[str] = []
    while index is not None:
        path.append(doc.text[sections[index].title_start : sections[index].title_end])
        index = sections[index].parent
    return list(tokenizer.encode("：".join(reversed(path))).ids[-HEADING:])


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


_DISTANCES = (-8, -4, -2, -1, 0, 1, 2, 4, 8)
PAIR_FEATURES = 2 * (len(_DISTANCES) + 1) + 6 + 2 * len(RELATIONS) + 1


def pair_features(doc: Doc, spans: Sequence[Span], links: Sequence[Link], pairs: Ints) -> Floats:
    """Return (pairs, PAIR_FEATURES): how two factors lie to each other, and what the rules say of them.

    Args:
        doc: with structure, words and clauses.
        spans: the factors, sorted.
        links: what the rules found between these factors.
        pairs: (pairs, 2) indices of source and target.
    """
    structure = doc._.structure
    starts = [s.start for s in structure.sentences]
    sentence = np.array([max(0, bisect_right(starts, s.start) - 1) for s in spans], np.int64)
    sentences = structure.sentences
    paragraph = np.array([sentences[i].paragraph for i in sentence], np.int64)
    section = [sentences[i].section for i in sentence]
    above: list[list[int]] = []
    for index in section:
        path: list[int] = []
        while index is not None:
            path.append(index)
            index = structure.sections[index].parent
        above.append(path)
    states = [
        index
        if index is not None
        and structure.sections[index].title_start <= s.start
        and s.end <= structure.sections[index].title_end
        else None
        for index, s in zip(section, spans, strict=True)
    ]
    topics = Topics(doc._.words, doc.text)
    found = {(link.source, link.target, link.relation): link for link in links}
    rows = np.zeros((len(pairs), PAIR_FEATURES), np.float32)
    source, target = pairs[:, 0], pairs[:, 1]
    at = 0
    for distance in (sentence[target] - sentence[source], target - source):
        bucket = np.searchsorted(np.array(_DISTANCES), distance, side="right")
        rows[np.arange(len(pairs)), at + bucket] = 1
        at += len(_DISTANCES) + 1
    for row, (a, b) in zip(rows, pairs.tolist(), strict=True):
        row[at : at + 6] = (
            sentence[a] == sentence[b],
            paragraph[a] == paragraph[b],
            section[a] == section[b],
            states[a] is not None,
            states[b] is not None,
            states[b] is not None and states[b] in above[a] and states[a] != states[b],
        )
        for r, relation in enumerate(RELATIONS):
            link = found.get((a, b, relation))
            row[at + 6 + r] = link is not None
            row[at + 6 + len(RELATIONS) + r] = link.confidence if link else 0
        row[-1] = topics.similarity(spans[a], spans[b])
    return rows


def candidate_pairs(doc: Doc, factors: Sequence[Factor]) -> Ints:
    """Return (pairs, 2): the pairs of factors that any relation could join, by type and distance.

    ``causes`` joins neighbours of up to three sentences, ``aimsAt`` of two; ``addresses`` and ``partOf`` reach across the document.
    """
    starts = [s.start for s in doc._.structure.sentences]
    sentence = [max(0, bisect_right(starts, f.span.start) - 1) for f in factors]
    pairs = []
    for i, a in enumerate(factors):
        for j, b in enumerate(factors):
            near = abs(sentence[i] - sentence[j]) <= 3
            heads = j < i and (near or sentence[i] - sentence[j] <= 12)
            answers = a.type.is_strategy and b.type.is_barrier
            if i != j and (near or heads or answers):
                pairs.append((i, j))
    return np.array(pairs, np.int64).reshape(-1, 2)
