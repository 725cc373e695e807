"""Turn a trained reader into the files that ship: eight-bit ONNX, the tokenizer, calibrated settings.

    python -m training.export build/reader.pt data/model

Calibration uses the dev split alone: one temperature for the types (Guo et al., *On Calibration of Modern Neural Networks*, 2017), a slope
and an intercept for each relation (Platt, 1999); thresholds are those with the best F1 there.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from ftzgraph.corpus import read_passages
from ftzgraph.extraction.encoding import CLAUSE_FEATURES, PAIR_FEATURES, RELATIONS
from training.corpus import split_of
from training.model import LINK, WIDTH, Reader
from training.pretrained import cut_tokenizer
from training.train import Example, forward, prepare


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
def calibrate(model: Reader, examples: list[Example]) -> dict[str, object]:
    """Choose temperature, threshold and the links' slopes, intercepts and thresholds on held-out passages."""
    outputs = [forward(model, e) for e in examples if len(e.clauses)]
    examples = [e for e in examples if len(e.clauses)]
    logits, accepted = torch.cat([o[0] for o in outputs]), torch.cat([e.accepted for e in examples])
    links, target = torch.cat([o[1] for o in outputs]), torch.cat([e.pair_target for e in examples])
    weight = torch.cat([e.pair_weight for e in examples])

    def surprise(temperature: float) -> float:
        right = (logits / temperature).log_softmax(1) + (accepted + 1e-30).log()
        return -float(right.logsumexp(1).mean())

    temperature = min(np.arange(0.6, 3.01, 0.05), key=surprise)
    probabilities = (logits / temperature).softmax(1)
    found = 1 - probabilities[:, 0]
    best = 1 + probabilities[:, 1:].argmax(1)
    hit = accepted[torch.arange(len(best)), best] > 0
    optional = (accepted[:, 0] > 0) & (accepted.sum(1) > 1)

    def factor_f1(threshold: float) -> float:
        said = found >= threshold
        right = float((said & hit).sum())
        wrong = float((said & ~hit & ~optional).sum())
        missed = float(((accepted[:, 0] == 0) & ~(said & hit)).sum())
        return 2 * right / max(1.0, 2 * right + wrong + missed)

    threshold = max(np.arange(0.2, 0.81, 0.05), key=factor_f1)
    settings: dict[str, object] = {"width": WIDTH, "temperature": float(temperature), "threshold": float(threshold)}
    settings["links"] = {
        relation.value: _calibrate_link(links[:, r], target[:, r], weight[:, r]) for r, relation in enumerate(RELATIONS)
    }
    return settings


@torch.enable_grad()
def _calibrate_link(logits: Tensor, target: Tensor, weight: Tensor) -> dict[str, float]:
    slope, shift = torch.ones(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    optimiser = torch.optim.LBFGS([slope, shift], max_iter=100)

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(logits * slope + shift, target, weight)
        loss = loss + 1e-3 * (slope - 1) ** 2
        loss.backward()
        return loss.sum()

    optimiser.step(closure)
    scores = (logits * slope + shift).sigmoid().detach()
    counted = weight > 0

    def f1(threshold: float) -> float:
        said = (scores >= threshold) & counted
        right = float((said & (target > 0)).sum())
        return 2 * right / max(1.0, float(said.sum()) + float(((target > 0) & counted).sum()))

    threshold = max(np.arange(0.1, 0.81, 0.05), key=f1)
    return {"scale": slope.item(), "shift": shift.item(), "threshold": round(float(threshold), 2)}


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
    dev = [prepare(p, tokenizer) for p in read_passages(args.corpus) if split_of(p.name) == "dev"]
    settings = calibrate(model, dev)
    (args.folder / "settings.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(settings, indent=1))
    print({f.name: f"{f.stat().st_size / 1e6:.1f} MB" for f in sorted(args.folder.iterdir())})


if __name__ == "__main__":
    main()
