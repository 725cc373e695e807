"""Turn a trained reader into the files that ship: eight-bit ONNX, the tokenizer, calibrated settings.

    python -m training.export build/reader.pt data/model

Calibration uses the dev split alone: one temperature for the types (Guo et al., *On Calibration of Modern Neural Networks*, 2017), a slope
and an intercept for each relation (Platt, 1999), what the links say about the types; thresholds are those with the best F1 there.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from ftzgraph.corpus import read_passages, split_of
from ftzgraph.extraction.encoding import (
    CLAUSE_FEATURES,
    PAIR_FEATURES,
    RELATIONS,
    RULE_LABELS,
    RULE_LINKS,
    strongest_links,
)
from training.model import LINK, WIDTH, Reader
from training.pretrained import cut_tokenizer
from training.train import Example, forward, join, prepare


class ReaderHead(nn.Module):
    """Everything behind the encoder that a clause needs."""

    def __init__(self, model: Reader) -> None:
        super().__init__()
        self.model = model

    def forward(self, pooled: Tensor, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return type logits, and each clause as source and as target."""
        logits, state = self.model.read(pooled, features)
        known = torch.cat([state, logits.softmax(1)], 1)
        return logits, self.model.source(known), self.model.target(known)


class ScorerHead(nn.Module):
    """Scores pairs."""

    def __init__(self, model: Reader) -> None:
        super().__init__()
        self.model = model

    def forward(self, sources: Tensor, targets: Tensor, features: Tensor) -> Tensor:
        """Return link logits."""
        scores: Tensor = self.model.score(sources, targets, features)
        return scores


def export(model: Reader, folder: Path) -> None:
    """Write the three networks."""
    folder.mkdir(parents=True, exist_ok=True)
    model.eval()
    rows, tokens = {0: "rows", 1: "tokens"}, torch.ones(2, 16, dtype=torch.long)
    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / "encoder.onnx"
        torch.onnx.export(
            model.encoder,
            (tokens, tokens),
            str(full),
            input_names=["ids", "mask"],
            output_names=["states"],
            dynamic_axes={"ids": rows, "mask": rows, "states": rows},
            dynamo=False,
        )
        quantize_dynamic(full, folder / "encoder.onnx", weight_type=QuantType.QInt8, per_channel=True)
    torch.onnx.export(
        ReaderHead(model),
        (torch.randn(5, 3 * WIDTH), torch.randn(5, CLAUSE_FEATURES)),
        str(folder / "reader.onnx"),
        input_names=["pooled", "features"],
        output_names=["logits", "sources", "targets"],
        dynamic_axes={name: {0: "clauses"} for name in ("pooled", "features", "logits", "sources", "targets")},
        dynamo=False,
    )
    torch.onnx.export(
        ScorerHead(model),
        (torch.randn(5, LINK), torch.randn(5, LINK), torch.randn(5, PAIR_FEATURES)),
        str(folder / "scorer.onnx"),
        input_names=["sources", "targets", "features"],
        output_names=["scores"],
        dynamic_axes={name: {0: "pairs"} for name in ("sources", "targets", "features", "scores")},
        dynamo=False,
    )


@torch.no_grad()
def calibrate(model: Reader, examples: list[Example], documents: list[Example]) -> dict[str, object]:
    """Choose temperature, threshold and the links' slopes, intercepts and thresholds on held-out passages.

    Types are judged on the passages alone, links also on passages joined to documents, where most pairs stand far apart.

    ``trust`` is what the rules' word adds to a logit. Rules and corpus were written apart, so the network learns to make little of
    them; the highest trust that costs no more than half a point of F1 keeps what they are right about elsewhere.
    """
    examples = [e for e in examples if len(e.clauses)]
    outputs = [forward(model, e) for e in examples]
    logits, accepted = torch.cat([o[0] for o in outputs]), torch.cat([e.accepted for e in examples])
    rules = torch.cat([e.features[:, RULE_LABELS] for e in examples])
    rules[:, 0] = 0
    optional = (accepted[:, 0] > 0) & (accepted.sum(1) > 1)

    def surprise(temperature: float, trust: float) -> float:
        right = (logits / temperature + trust * rules).log_softmax(1) + (accepted + 1e-30).log()
        return -float(right.logsumexp(1).mean())

    def factor_f1(temperature: float, trust: float, threshold: float) -> float:
        probabilities = (logits / temperature + trust * rules).softmax(1)
        best = 1 + probabilities[:, 1:].argmax(1)
        hit = accepted[torch.arange(len(best)), best] > 0
        said = 1 - probabilities[:, 0] >= threshold
        right = float((said & hit).sum())
        wrong = float((said & ~hit & ~optional).sum())
        missed = float(((accepted[:, 0] == 0) & ~(said & hit)).sum())
        return 2 * right / max(1.0, 2 * right + wrong + missed)

    trials = []
    for trust in np.arange(0, 2.01, 0.25):
        temperature = min(np.arange(0.6, 3.01, 0.05), key=lambda t: surprise(t, trust))
        threshold = max(np.arange(0.3, 0.71, 0.05), key=lambda t: factor_f1(temperature, trust, t))
        trials.append((float(trust), float(temperature), float(threshold), factor_f1(temperature, trust, threshold)))
        print("trust {:.2f} temperature {:.2f} threshold {:.2f}: dev F1 {:.3f}".format(*trials[-1]))
    best_f1 = max(t[3] for t in trials)
    trust, temperature, threshold, _ = max(t for t in trials if t[3] >= best_f1 - 0.005)
    linked = [*examples, *(e for e in documents if len(e.clauses))]
    links = torch.cat([o[1] for o in outputs] + [forward(model, e)[1] for e in linked[len(examples) :]])
    target, weight = torch.cat([e.pair_target for e in linked]), torch.cat([e.pair_weight for e in linked])
    found = torch.cat([e.pair_features[:, RULE_LINKS] for e in linked])
    scales = [_calibrate_link(links[:, r], found[:, r], target[:, r], weight[:, r]) for r in range(len(RELATIONS))]
    return {
        "width": WIDTH,
        "temperature": round(temperature, 2),
        "threshold": round(threshold, 2),
        "trust": trust,
        "links": {relation.value: scale for relation, scale in zip(RELATIONS, scales, strict=True)},
        "revision": _revision(examples, outputs, scales, temperature, trust),
    }


@torch.enable_grad()
def _revision(
    examples: list[Example],
    outputs: list[tuple[Tensor, Tensor]],
    scales: list[dict[str, float]],
    temperature: float,
    trust: float,
) -> list[list[float]]:
    """Learn what the strongest links of a true factor say about its type: (2 * RELATIONS, types) added to the log probabilities."""
    scale, shift, faith = (torch.tensor([s[name] for s in scales]) for name in ("scale", "shift", "trust"))
    kinds, strongest, accepted = [], [], []
    for e, (logits, links) in zip(examples, outputs, strict=True):
        said = e.features[:, RULE_LABELS]
        scores = (links * scale + shift + e.pair_features[:, RULE_LINKS] * faith).sigmoid()
        factors = e.accepted[:, 0] == 0
        kinds.append((logits / temperature + trust * said)[factors][:, 1:])
        light = strongest_links(e.pair_clauses.numpy(), scores.numpy(), len(logits))
        strongest.append(torch.from_numpy(light)[factors])
        accepted.append(e.accepted[factors][:, 1:])
    kind, light, right = torch.cat(kinds).log_softmax(1), torch.cat(strongest), torch.cat(accepted)
    weights = torch.zeros(light.shape[1], kind.shape[1], requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=100)

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = -((kind + light @ weights).log_softmax(1) + (right + 1e-30).log()).logsumexp(1).mean()
        loss = loss + 1e-3 * (weights**2).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    before, after = (
        float((right[torch.arange(len(k)), k.argmax(1)] > 0).float().mean()) for k in (kind, kind + light @ weights)
    )
    print(f"types of dev factors right: {before:.3f}, in the light of the links {after:.3f}")
    return [[round(x, 3) for x in row] for row in weights.tolist()]


@torch.enable_grad()
def _calibrate_link(logits: Tensor, rules: Tensor, target: Tensor, weight: Tensor) -> dict[str, float]:
    slope, shift, trust = (torch.full((1,), start, requires_grad=True) for start in (1.0, 0.0, 0.0))
    optimiser = torch.optim.LBFGS([slope, shift, trust], max_iter=100)

    def closure() -> Tensor:
        optimiser.zero_grad()
        scores = logits * slope + shift + rules * trust
        loss = nn.functional.binary_cross_entropy_with_logits(scores, target, weight)
        loss = loss + 1e-4 * ((slope - 1) ** 2 + trust**2)
        loss.backward()
        return loss.sum()

    optimiser.step(closure)
    scores = (logits * slope + shift + rules * trust).sigmoid().detach()
    counted = weight > 0

    def f1(threshold: float) -> float:
        said = (scores >= threshold) & counted
        right = float((said & (target > 0)).sum())
        return 2 * right / max(1.0, float(said.sum()) + float(((target > 0) & counted).sum()))

    threshold = max(np.arange(0.1, 0.71, 0.05), key=f1)
    print(f"link threshold {threshold:.2f}: dev F1 {f1(threshold):.3f}")
    return {
        "scale": round(slope.item(), 4),
        "shift": round(shift.item(), 4),
        "trust": round(trust.item(), 4),
        "threshold": round(float(threshold), 2),
    }


def main() -> None:
    """Export and calibrate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--corpus", type=Path, default=Path("data/corpus/passages"))
    args = parser.parse_args()
    saved = torch.load(args.checkpoint, weights_only=True)
    model = Reader(saved["pieces"], saved["layers"])
    model.load_state_dict(saved["model"])
    tokenizer, _ = cut_tokenizer()
    export(model, args.folder)
    tokenizer.save(str(args.folder / "tokenizer.json"), pretty=False)
    passages = [p for p in read_passages(args.corpus) if split_of(p.name) == "dev"]
    dev, documents = ([prepare(p, tokenizer) for p in some] for some in (passages, join(passages)))
    settings = calibrate(model, dev, documents)
    (args.folder / "settings.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(settings, indent=1))
    print({f.name: f"{f.stat().st_size / 1e6:.1f} MB" for f in sorted(args.folder.iterdir())})


if __name__ == "__main__":
    main()
