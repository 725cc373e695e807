"""Train the reader on the corpus: ``make train``."""

import argparse
import json
import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, islice
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from ftzgraph.causalmap import Factor, Span
from ftzgraph.corpus import MarkedFactor, MarkedLink, Passage, read_passages, split_of
from ftzgraph.extraction import pipeline
from ftzgraph.extraction.encoding import (
    LABELS,
    RELATIONS,
    RULE_LINKS,
    candidate_pairs,
    clause_features,
    make_windows,
    pair_features,
)
from ftzgraph.extraction.factors import factors_of
from ftzgraph.extraction.links import link_factors
from ftzgraph.reading import read_text
from training.model import Reader
from training.pretrained import cut_tokenizer, read_weights


@dataclass
class Example:
    """A passage as tensors."""

    name: str
    ids: Tensor
    mask: Tensor
    clauses: Tensor
    features: Tensor
    accepted: Tensor  # (clauses, LABELS) 1 where a label counts as right
    pair_clauses: Tensor  # (pairs, 2) clause indices
    pair_features: Tensor
    pair_target: Tensor  # (pairs, RELATIONS)
    pair_weight: Tensor  # 0 where the gold leaves it open


_FORGET_PIECES, _FORGET_RULES, _LINKS = 0.1, 0.15, 0.4


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
    features, between = clause_features(doc), pair_features(doc, [f.span for f in factors], links, pairs)
    if not rules:
        features[:] = 0
        between[:, RULE_LINKS] = 0
    return Example(
        passage.name,
        torch.from_numpy(windows.ids),
        torch.from_numpy(windows.mask),
        torch.from_numpy(windows.clauses),
        torch.from_numpy(features),
        accepted,
        clauses[torch.from_numpy(pairs)] if len(pairs) else torch.zeros(0, 2, dtype=torch.long),
        torch.from_numpy(between),
        target,
        weight,
    )


def join(passages: Iterable[Passage], size: int = 6) -> Iterator[Passage]:
    """Yield passages of one domain joined by the half-dozen, as long as documents are.

    In a document of pages nearly every remedy stands far from nearly every barrier that it does not answer; a short passage cannot teach
    that, and a threshold found on short passages would be too low.
    """
    for _, alike in groupby(passages, key=lambda p: p.name.rsplit("-", 1)[0]):
        while some := list(islice(alike, size)):
            text, factors, links = "", list[MarkedFactor](), list[MarkedLink]()
            for i, p in enumerate(some):
                at = len(text)
                text += p.text + "\n\n"
                factors += [
                    replace(f, name=f"{i}.{f.name}", span=Span(f.span.start + at, f.span.end + at)) for f in p.factors
                ]
                links += [replace(x, source=f"{i}.{x.source}", target=f"{i}.{x.target}") for x in p.links]
            yield replace(some[0], name=f"{some[0].name}+", text=text, factors=tuple(factors), links=tuple(links))


def forward(model: Reader, example: Example, pooled: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Return type logits of the clauses and link logits of the pairs; ``pooled`` stands in for running the encoder."""
    ids, features = example.ids, example.features
    if (
        model.training
    ):  # forget a piece in ten, and what the rules say of a clause in six, so that neither is leant on too much
        ids = torch.where(torch.rand(ids.shape) < _FORGET_PIECES, 3, ids)
        features = features * (torch.rand(len(features), 1) > _FORGET_RULES)
    if pooled is None:
        pooled = model.states(ids, example.mask, example.clauses)
    logits, state = model.read(pooled, features)
    known = torch.cat([state, logits.softmax(1)], 1)
    sources, targets = model.source(known), model.target(known)
    a, b = example.pair_clauses.unbind(1)
    return logits, model.score(sources.index_select(0, a), targets.index_select(0, b), example.pair_features)


def loss_of(logits: Tensor, links: Tensor, example: Example) -> tuple[Tensor, Tensor]:
    """Negative log of the probability that a right label gets; binary cross-entropy of the links."""
    right = (logits.log_softmax(1) + (example.accepted + 1e-30).log()).logsumexp(1)
    link = nn.functional.binary_cross_entropy_with_logits(
        links, example.pair_target, weight=example.pair_weight, reduction="none"
    )
    return -right.mean(), link.sum() / (1 + example.pair_target.sum())


@torch.no_grad()
def evaluate(model: Reader, examples: list[Example]) -> dict[str, float]:
    """Clause and link F1 on prepared passages; a quick measure, the real one is ``ftzgraph evaluate``."""
    model.eval()
    hit = said = wanted = lhit = lsaid = lwanted = 0.0
    coarse = {0: 0, 1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 3}
    chit = 0.0
    for e in (x for x in examples if len(x.clauses)):
        logits, links = forward(model, e)
        best = logits.argmax(1)
        right = e.accepted[torch.arange(len(best)), best] > 0
        hit += float((right & (best > 0)).sum())
        said += float(((best > 0) & ~((e.accepted[:, 0] > 0) & (e.accepted.sum(1) > 1) & ~right)).sum())
        wanted += float((e.accepted[:, 0] == 0).sum())
        for c in range(len(best)):
            if best[c] > 0 and any(e.accepted[c, k] > 0 and coarse[k] == coarse[int(best[c])] for k in range(1, 7)):
                chit += 1
        yes = links > 0
        counted = e.pair_weight > 0
        lhit += float((yes & (e.pair_target > 0) & counted).sum())
        lsaid += float((yes & counted).sum())
        lwanted += float(((e.pair_target > 0) & counted).sum())
    f = lambda h, s, w: 2 * h / max(1.0, s + w)  # noqa: E731
    return {"factor": f(hit, said, wanted), "coarse": f(chit, said, wanted), "links": f(lhit, lsaid, lwanted)}


def train_reader(model: Reader, train: list[Example], dev: list[Example], epochs: int, batch: int, rate: float) -> None:
    """Train encoder and heads together."""
    model.encoder.word.requires_grad_(False)  # most pieces occur too seldom in the corpus to learn from it
    encoder = [p for p in model.encoder.parameters() if p.requires_grad]
    heads = [p for n, p in model.named_parameters() if not n.startswith("encoder.")]
    train = [e for e in train if len(e.clauses)]
    steps = epochs * ((len(train) + batch - 1) // batch)
    optimiser = torch.optim.AdamW([{"params": encoder, "lr": rate}, {"params": heads, "lr": 1e-3}], weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [rate, 1e-3], total_steps=steps, pct_start=0.15, anneal_strategy="linear"
    )
    start = time.time()
    for epoch in range(epochs):
        model.train()
        random.shuffle(train)
        total = [0.0, 0.0]
        for at in range(0, len(train), batch):
            some = train[at : at + batch]
            for example in some:
                types, links = loss_of(*forward(model, example), example)
                ((types + _LINKS * links) / len(some)).backward()
                total[0] += types.item()
                total[1] += links.item()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
            if at // batch % 20 == 19:
                print(f"  {at + batch} of {len(train)}: {total[0] / (at + batch):.3f}", flush=True)
        figures = " ".join(f"{k} {v:.3f}" for k, v in evaluate(model, dev).items())
        loss = f"{total[0] / len(train):.3f} {total[1] / len(train):.3f}"
        print(f"epoch {epoch + 1}: loss {loss} dev {figures} {time.time() - start:.0f} s", flush=True)


def train_links(model: Reader, train: list[Example], dev: list[Example], epochs: int, batch: int) -> None:
    """Go on with the link heads alone, on the clause states of the finished encoder: cheap, and links learn slower than types."""
    model.eval()
    with torch.no_grad():
        pooled = {e.name: model.states(e.ids, e.mask, e.clauses) for e in train if len(e.clauses)}
    heads = [*model.source.parameters(), *model.target.parameters(), *model.pair.parameters()]
    optimiser = torch.optim.AdamW(heads, lr=2e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    for epoch in range(epochs):
        model.train()
        random.shuffle(train)
        total = 0.0
        for i, example in enumerate(e for e in train if len(e.clauses)):
            _, links = loss_of(*forward(model, example, pooled[example.name]), example)
            (links / batch).backward()
            total += links.item()
            if i % batch == batch - 1:
                optimiser.step()
                optimiser.zero_grad()
        schedule.step()
        if epoch % 5 == 4:
            figures = " ".join(f"{k} {v:.3f}" for k, v in evaluate(model, dev).items())
            print(f"links, epoch {epoch + 1}: loss {total / len(train):.3f} dev {figures}", flush=True)


def main() -> None:
    """Train, report, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("data/corpus/passages"))
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--link-epochs", type=int, default=10)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--half",
        action=argparse.BooleanOptionalAction,
        default=torch.ops.mkldnn._is_mkldnn_bf16_supported(),
        help="run the encoder in bfloat16: half the time where the processor multiplies it (default: where it does)",
    )
    parser.add_argument(
        "--rules", action=argparse.BooleanOptionalAction, default=True, help="what the rules say goes in"
    )
    parser.add_argument("--share", type=float, default=1.0, help="of the training passages, for the learning curve")
    parser.add_argument("--links-of", type=Path, help="train only the link heads, on the encoder of this checkpoint")
    parser.add_argument("--out", type=Path, default=Path("build/reader.pt"))
    args = parser.parse_args()
    tokenizer, keep = cut_tokenizer()
    start = time.time()
    passages: dict[str, list[Passage]] = {"train": [], "dev": [], "test": []}
    for passage in read_passages(args.corpus):
        passages[split_of(passage.name)].append(passage)
    kept = round(args.share * len(passages["train"]))
    passages["train"] = [passages["train"][i * len(passages["train"]) // kept] for i in range(kept)]
    parts = {split: [prepare(p, tokenizer, args.rules) for p in some] for split, some in passages.items()}
    print({k: len(v) for k, v in parts.items()}, f"prepared in {time.time() - start:.0f} s", flush=True)
    seed(args.seed)
    model = Reader(len(keep), args.layers)
    model.half = args.half

    def save() -> None:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        torch.save({"model": model.state_dict(), "layers": args.layers, "pieces": len(keep)}, args.out)

    if args.links_of:
        model.load_state_dict(torch.load(args.links_of, weights_only=True)["model"])
    else:
        model.encoder.load(read_weights(), keep)
        train_reader(model, parts["train"], parts["dev"], args.epochs, args.batch, args.rate)
        save()
    seed(args.seed)
    documents = {s: [prepare(p, tokenizer, args.rules) for p in join(passages[s])] for s in ("train", "dev")}
    train_links(
        model, parts["train"] + documents["train"], parts["dev"] + documents["dev"], args.link_epochs, args.batch
    )
    save()
    print("test", {k: round(v, 3) for k, v in evaluate(model, parts["test"]).items()})
    Path(args.out.with_suffix(".json")).write_text(json.dumps(vars(args), default=str))


def seed(number: int) -> None:
    """Make what follows repeatable."""
    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)


if __name__ == "__main__":
    main()
