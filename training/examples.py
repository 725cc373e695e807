"""The corpus as tensors: what the rules see of a passage, matched to its annotation."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from ftzgraph.causalmap import Factor, Span
from ftzgraph.corpus import MarkedFactor, MarkedLink, Passage, read_passages, split_of
from ftzgraph.extraction import pipeline
from ftzgraph.extraction.encoding import (
    LABELS,
    RELATIONS,
    RULE_WORD,
    candidate_pairs,
    clause_features,
    make_windows,
    pair_features,
)
from ftzgraph.extraction.factors import factors_of
from ftzgraph.extraction.links import link_factors
from ftzgraph.reading import read_text
from training.pretrained import cut_tokenizer


@dataclass
class Example:
    """A passage as tensors; ``spans`` are the text offsets of its clauses."""

    name: str
    text: str
    spans: list[tuple[int, int]]
    ids: Tensor
    mask: Tensor
    clauses: Tensor
    features: Tensor
    accepted: Tensor  # (clauses, LABELS) 1 where a label counts as right
    pair_clauses: Tensor  # (pairs, 2) clause indices
    pair_features: Tensor
    pair_target: Tensor  # (pairs, RELATIONS)
    pair_weight: Tensor  # 0 where the gold leaves it open
    missed: int  # required factors that no clause matches


def splits(corpus: Path, share: float = 1.0) -> dict[str, list[Passage]]:
    """Return the passages of each split; of those to train on only a share, spread evenly over the corpus."""
    passages: dict[str, list[Passage]] = {"train": [], "dev": [], "test": []}
    for passage in read_passages(corpus):
        passages[split_of(passage.name)].append(passage)
    size, kept = len(passages["train"]), round(share * len(passages["train"]))
    passages["train"] = [passages["train"][i * size // kept] for i in range(kept)]
    return passages


def overlap(a: tuple[int, int], b: tuple[int, int]) -> float:
    """The guidelines' measure of two spans being the same factor: 0 when they are not."""
    common = max(0, min(a[1], b[1]) - max(a[0], b[0]))
    value = common / (a[1] - a[0] + b[1] - b[0] - common)
    inside = common == min(a[1] - a[0], b[1] - b[0])
    return value if value >= 0.5 or (value >= 0.3 and inside) else 0.0


def prepare(passage: Passage, tokenizer: Tokenizer, rules: bool = True) -> Example:
    """Run the rules over a passage, match its clauses to the annotation and lay out the tensors.

    Without ``rules``, what they say of clauses and links is left blank: for comparison.
    """
    document = read_text(passage.text, passage.name)
    nlp = pipeline("rules")
    doc = nlp.make_doc(document.text)
    doc._.structure = document.structure
    for _, component in nlp.pipeline:
        doc = component(doc)
    windows = make_windows(doc, tokenizer)
    spans = [document.source_span(c.span.start, c.span.end) for c in doc._.clauses]
    gold = [(f.span.start, f.span.end) for f in passage.factors]
    matches = sorted(
        ((value, -g, c) for g, span in enumerate(gold) for c, s in enumerate(spans) if (value := overlap(span, s))),
        reverse=True,
    )
    clause_of: dict[int, int] = {}
    for _, g, c in matches:
        if -g not in clause_of and c not in clause_of.values():
            clause_of[-g] = c
    accepted = torch.zeros(len(spans), len(LABELS))
    accepted[:, 0] = 1
    for g, c in clause_of.items():
        factor = passage.factors[g]
        accepted[c] = 0
        for kind in factor.types:
            accepted[c, LABELS.index(kind)] = 1
        if factor.optional:
            accepted[c, 0] = 1
    # The rules' own finds stand among the annotated factors, so that links to what is no factor are learnt to be none.
    chosen = {c: Factor(doc._.clauses[c].span, passage.factors[g].types[0]) for g, c in clause_of.items()}
    by_rule = {f.span: f for f in factors_of(doc)}
    chosen |= {c: by_rule[k.span] for c, k in enumerate(doc._.clauses) if c not in chosen and k.span in by_rule}
    order = sorted(chosen)
    factors = tuple(chosen[c] for c in order)
    pairs = candidate_pairs(doc, factors)
    links = link_factors(doc, factors)
    names = {passage.factors[g].name: order.index(c) for g, c in clause_of.items()}
    target = torch.zeros(len(pairs), len(RELATIONS))
    weight = torch.ones(len(pairs), len(RELATIONS))
    index = {tuple(p): i for i, p in enumerate(pairs.tolist())}
    for link in passage.links:
        key = (names.get(link.source, -1), names.get(link.target, -1))
        if key in index:
            target[index[key], RELATIONS.index(link.relation)] = 1
            if link.optional:
                weight[index[key], RELATIONS.index(link.relation)] = 0
    clauses = torch.tensor(order, dtype=torch.long)
    features, between = clause_features(doc), pair_features(doc, factors, links, pairs)
    if not rules:
        features[:] = 0
        between[:, RULE_WORD] = 0
    return Example(
        passage.name,
        document.text,
        [(c.span.start, c.span.end) for c in doc._.clauses],
        torch.from_numpy(windows.ids),
        torch.from_numpy(windows.mask),
        torch.from_numpy(windows.clauses),
        torch.from_numpy(features),
        accepted,
        clauses[torch.from_numpy(pairs)] if len(pairs) else torch.zeros(0, 2, dtype=torch.long),
        torch.from_numpy(between),
        target,
        weight,
        sum(not f.optional for g, f in enumerate(passage.factors) if g not in clause_of),
    )


def prepare_splits(corpus: Path, share: float = 1.0, rules: bool = True) -> dict[str, list[Example]]:
    """Return the passages of each split as tensors, and as ``documents`` those to train on once more, joined (:func:`join`)."""
    tokenizer, _ = cut_tokenizer()
    passages: dict[str, Iterable[Passage]] = dict(splits(corpus, share))
    passages["documents"] = join(passages["train"])
    prepared = {name: [prepare(p, tokenizer, rules) for p in some] for name, some in passages.items()}
    return {name: [e for e in some if len(e.clauses)] for name, some in prepared.items()}


def join(passages: Iterable[Passage], size: int = 4000) -> Iterator[Passage]:
    """Yield passages of one domain joined until they have ``size`` characters, as long as documents are.

    In a document of pages nearly every remedy stands far from nearly every barrier that it does not answer; a short passage cannot teach
    that, and a threshold found on short passages would be too low.
    """
    some: list[Passage] = []
    for _, alike in groupby(passages, key=lambda p: p.name.rsplit("-", 1)[0]):
        for passage in alike:
            some.append(passage)
            if sum(len(p.text) for p in some) >= size:
                yield _joined(some)
                some = []
        if some:
            yield _joined(some)
            some = []


def _joined(passages: list[Passage]) -> Passage:
    text, factors, links = "", list[MarkedFactor](), list[MarkedLink]()
    for i, p in enumerate(passages):
        at = len(text)
        text += p.text + "\n\n"
        factors += [replace(f, name=f"{i}.{f.name}", span=Span(f.span.start + at, f.span.end + at)) for f in p.factors]
        links += [replace(x, source=f"{i}.{x.source}", target=f"{i}.{x.target}") for x in p.links]
    return replace(passages[0], name=f"{passages[0].name}+", text=text, factors=tuple(factors), links=tuple(links))
