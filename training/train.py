"""Train the reader on the corpus: ``make train``."""

import argparse
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ftzgraph.causalmap import Factor
from ftzgraph.corpus import Passage, read_passages
from ftzgraph.extraction import pipeline
from ftzgraph.extraction.encoding import (
    LABELS,
    RELATIONS,
    candidate_pairs,
    clause_features,
    make_windows,
    pair_features,
)
from ftzgraph.extraction.factors import factors_of
from ftzgraph.extraction.links import link_factors
from ftzgraph.reading import read_text
from training.corpus import split_of
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


def prepare(passage: Passage, tokenizer) -> Example:
    """Run the rules over a passage, match its clauses to the annotation and lay out the tensors."""
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
    return Example(
        passage.name,
        torch.from_numpy(windows.ids),
        torch.from_numpy(windows.mask),
        torch.from_numpy(windows.clauses),
        torch.from_numpy(clause_features(doc)),
        accepted,
        clauses[torch.from_numpy(pairs)] if len(pairs) else torch.zeros(0, 2, dtype=torch.long),
        torch.from_numpy(pair_features(doc, [f.span for f in factors], links, pairs)),
        target,
        weight,
    )


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
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--link-epochs", type=int, default=25)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="train on the test split too (never for reported figures)")
    parser.add_argument("--out", type=Path, default=Path("build/reader.pt"))
    args = parser.parse_args()
    random.seed(args.seed)
    np.random.seed(args.seed)
    torch.manual_seed(args.seed)
    tokenizer, keep = cut_tokenizer()
    start = time.time()
    parts: dict[str, list[Example]] = {"train": [], "dev": [], "test": []}
    for passage in read_passages(args.corpus):
        parts[split_of(passage.name)].append(prepare(passage, tokenizer))
    print({k: len(v) for k, v in parts.items()}, f"prepared in {time.time() - start:.0f} s", flush=True)
    model = Reader(len(keep), args.layers)
    model.encoder.load(read_weights(), keep)
    model.encoder.word.requires_grad_(False)  # most pieces occur too seldom in the corpus to learn from it
    encoder = [p for p in model.encoder.parameters() if p.requires_grad]
    heads = [p for n, p in model.named_parameters() if not n.startswith("encoder.")]
    train = parts["train"] + (parts["test"] if args.all else [])
    steps = args.epochs * ((len(train) + args.batch - 1) // args.batch)
    optimiser = torch.optim.AdamW(
        [{"params": encoder, "lr": args.rate}, {"params": heads, "lr": 1e-3}], weight_decay=0.01
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [args.rate, 1e-3], total_steps=steps, pct_start=0.15, anneal_strategy="linear"
    )
    for epoch in range(args.epochs):
        model.train()
        random.shuffle(train)
        total = [0.0, 0.0]
        for at in range(0, len(train), args.batch):
            batch = train[at : at + args.batch]
            for example in batch:
                if not len(example.clauses):
                    continue
                types, links = loss_of(*forward(model, example), example)
                ((types + _LINKS * links) / len(batch)).backward()
                total[0] += types.item()
                total[1] += links.item()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
            if at // args.batch % 20 == 19:
                print(f"  {at + args.batch} of {len(train)}: {total[0] / (at + args.batch):.3f}", flush=True)
        figures = " ".join(f"{k} {v:.3f}" for k, v in evaluate(model, parts["dev"]).items())
        loss = f"{total[0] / len(train):.3f} {total[1] / len(train):.3f}"
        print(f"epoch {epoch + 1}: loss {loss} dev {figures} {time.time() - start:.0f} s", flush=True)
        args.out.parent.mkdir(parents=True, exist_ok=True)
        torch.save({"model": model.state_dict(), "layers": args.layers, "pieces": len(keep)}, args.out)
    train_links(model, train, parts["dev"], args.link_epochs, args.batch)
    torch.save({"model": model.state_dict(), "layers": args.layers, "pieces": len(keep)}, args.out)
    print("test", {k: round(v, 3) for k, v in evaluate(model, parts["test"]).items()})
    Path(args.out.with_suffix(".json")).write_text(json.dumps(vars(args), default=str))


if __name__ == "__main__":
    main()
