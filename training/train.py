"""Train the reader on the corpus: ``make train``."""

import argparse
import math
import random
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from training.examples import Example, prepare_splits
from training.model import Reader
from training.pretrained import cut_tokenizer, read_weights

HALF: bool = torch.ops.mkldnn._is_mkldnn_bf16_supported()
"""Whether the processor multiplies bfloat16, which halves the time."""

_FORGET_PIECES, _FORGET_RULES = 0.15, 0.15
_LINKS, _FIRST = 0.8, 0.3  # weight of the links beside the types, and of their first look beside the second


def forward(model: Reader, example: Example) -> tuple[Tensor, Tensor, Tensor]:
    """Return type logits of the clauses, link logits of the pairs at first and at second look."""
    ids, features = example.ids, example.features
    if (
        model.training
    ):  # forget a piece in ten, and what the rules say of a clause in six, so that neither is leant on too much
        ids = torch.where(torch.rand(ids.shape) < _FORGET_PIECES, 3, ids)
        features = features * (torch.rand(len(features), 1) > _FORGET_RULES)
    pooled = model.states(ids, example.mask, example.clauses)
    logits, state = model.read(pooled, features)
    known = torch.cat([state, logits.softmax(1)], 1)
    sources, targets = model.source(known), model.target(known)
    a, b = example.pair_clauses.unbind(1)
    first = model.look(sources.index_select(0, a), targets.index_select(0, b), example.pair_features)
    return logits, first, model.compare(first, example.pair_clauses, example.pair_features)


def loss_of(logits: Tensor, first: Tensor, links: Tensor, example: Example) -> tuple[Tensor, Tensor]:
    """Negative log of the probability that a right label gets; binary cross-entropy of the links at both looks."""
    right = (logits.log_softmax(1) + (example.accepted + 1e-30).log()).logsumexp(1)
    cross = nn.functional.binary_cross_entropy_with_logits
    once, twice = (cross(x, example.pair_target, example.pair_weight, reduction="sum") for x in (first, links))
    return -right.mean(), (twice + _FIRST * once) / (1 + example.pair_target.sum())


COARSE = (0, 1, 1, 1, 2, 2, 3)
"""The side of each label: none, barrier, strategy, achievement."""


def clause_f1(examples: Sequence[Example], types: Sequence[Tensor]) -> dict[str, float]:
    """F1 of the types that something gave the clauses of each passage, as :data:`LABELS` indices; by type and by side.

    Optional factors cost nothing when they are missed; required ones that no clause matches count as missed.
    """
    side = torch.tensor(COARSE)
    hits, coarse, said, wanted = 0.0, 0.0, 0.0, 0.0
    for e, best in zip(examples, types, strict=True):
        right = e.accepted[torch.arange(len(best)), best] > 0
        sides = torch.stack([(e.accepted[:, side == side[k]] > 0).any(1) for k in range(len(COARSE))], 1)
        optional = (e.accepted[:, 0] > 0) & (e.accepted.sum(1) > 1)
        found = best > 0
        hits += float((found & right).sum())
        coarse += float((found & sides[torch.arange(len(best)), best]).sum())
        said += float((found & ~(optional & ~right)).sum())
        wanted += float((e.accepted[:, 0] == 0).sum()) + e.missed + float((found & right & optional).sum())
    return {"factor": 2 * hits / max(1.0, said + wanted), "barrier/strategy": 2 * coarse / max(1.0, said + wanted)}


@torch.no_grad()
def evaluate(model: Reader, examples: list[Example]) -> dict[str, float]:
    """Clause and link F1 on prepared passages; a quick measure, the real one is ``ftzgraph evaluate``."""
    model.eval()
    outputs = [forward(model, e) for e in examples]
    hits = said = wanted = 0.0
    for e, (_, _, links) in zip(examples, outputs, strict=True):
        yes, counted = links > 0, e.pair_weight > 0
        hits += float((yes & (e.pair_target > 0) & counted).sum())
        said += float((yes & counted).sum())
        wanted += float(((e.pair_target > 0) & counted).sum())
    figures = clause_f1(examples, [logits.argmax(1) for logits, _, _ in outputs])
    return {**figures, "links": 2 * hits / max(1.0, said + wanted)}


def train_reader(
    model: Reader, parts: dict[str, list[Example]], epochs: int, batch: int = 4, rate: float = 1e-4
) -> None:
    """Train encoder and heads together, an epoch on passages and one on documents in turn.

    Passages are mixed better; documents teach that nearly every remedy stands far from nearly every barrier that it does not answer.

    Args:
        model: begun with :func:`begin`.
        parts: of :func:`training.examples.prepare_splits`; ``dev`` tells the progress.
        epochs: of either kind together.
        batch: passages a step; of documents half as many.
        rate: the encoder's highest learning rate.
    """
    model.encoder.word.requires_grad_(False)  # most pieces occur too seldom in the corpus to learn from it
    encoder = [p for p in model.encoder.parameters() if p.requires_grad]
    heads = [p for n, p in model.named_parameters() if not n.startswith("encoder.")]
    kinds = [(list(parts["train"]), batch), (list(parts["documents"]), max(1, batch // 2))]  # copies, to shuffle
    turns = [kinds[epoch % 2] for epoch in range(epochs)]
    steps = sum(math.ceil(len(part) / size) for part, size in turns)
    optimiser = torch.optim.AdamW([{"params": encoder, "lr": rate}, {"params": heads, "lr": 1e-3}], weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [rate, 1e-3], total_steps=steps, pct_start=0.15, anneal_strategy="linear"
    )
    start = time.time()
    for epoch, (part, size) in enumerate(turns):
        model.train()
        random.shuffle(part)
        total = [0.0, 0.0]
        for at in range(0, len(part), size):
            some = part[at : at + size]
            for example in some:
                types, links = loss_of(*forward(model, example), example)
                ((types + _LINKS * links) / len(some)).backward()
                total[0] += types.item()
                total[1] += links.item()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
            if at // size % 20 == 19:
                print(f"  {at + size} of {len(part)}: {total[0] / (at + size):.3f}", flush=True)
        figures = " ".join(f"{k} {v:.3f}" for k, v in evaluate(model, parts["dev"]).items())
        loss = f"{total[0] / len(part):.3f} {total[1] / len(part):.3f}"
        print(f"epoch {epoch + 1}: loss {loss} dev {figures} {time.time() - start:.0f} s", flush=True)


def main() -> None:
    """Train, report, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("data/corpus/passages"))
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--resume", type=Path, help="go on from this checkpoint, whatever --layers, instead of the pretrained weights"
    )
    parser.add_argument(
        "--half",
        action=argparse.BooleanOptionalAction,
        default=HALF,
        help="run the encoder in bfloat16: half the time where the processor multiplies it (default: where it does)",
    )
    parser.add_argument("--out", type=Path, default=Path("build/reader.pt"))
    args = parser.parse_args()
    start = time.time()
    parts = prepare_splits(args.corpus)
    print({k: len(v) for k, v in parts.items()}, f"prepared in {time.time() - start:.0f} s", flush=True)
    seed(args.seed)
    model = resume(args.resume) if args.resume else begin(cut_tokenizer()[1], args.layers)
    model.half = args.half
    train_reader(model, parts, args.epochs, args.batch, args.rate)
    save(model, args.out)
    print("test", {k: round(v, 3) for k, v in evaluate(model, parts["test"]).items()})


def begin(keep: list[int], layers: int = 8) -> Reader:
    """Return a reader whose encoder has the pretrained weights and whose heads know nothing yet."""
    model = Reader(len(keep), layers)
    model.encoder.load(read_weights(), keep)
    return model


def save(model: Reader, checkpoint: Path) -> None:
    """Keep a reader for :func:`resume`: its weights and its shape."""
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    shape = {"layers": len(model.encoder.layers), "pieces": model.encoder.word.num_embeddings}
    torch.save({"model": model.state_dict(), **shape}, checkpoint)


def resume(checkpoint: Path) -> Reader:
    """Return the reader that was saved."""
    saved = torch.load(checkpoint, weights_only=True)
    model = Reader(saved["pieces"], saved["layers"])
    model.load_state_dict(saved["model"])
    return model.eval()


def seed(number: int) -> None:
    """Make what follows repeatable."""
    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)


if __name__ == "__main__":
    main()
