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

from ftzgraph.extraction.encoding import (
    CLAUSE_FEATURES,
    PAIR_FEATURES,
    RELATIONS,
    RIVALS,
    RULE_LABELS,
    RULE_LINKS,
    RULE_METHODS,
    RULES,
    strongest_links,
)
from training.examples import Example, join, prepare, splits
from training.model import LINK, WIDTH, Reader
from training.pretrained import cut_tokenizer
from training.train import clause_f1, forward, resume

_THRESHOLDS = np.arange(0.2, 0.71, 0.05)
_COST, _MORE = 0.01, 0.02  # of F1 on the dev split: what hearing the rules may cost, and what finding more may
_PRIOR = 2  # cases: what the record of a rule on all text counts beside its record where the network is not sure


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
    """Scores pairs by themselves."""

    def __init__(self, model: Reader) -> None:
        super().__init__()
        self.model = model

    def forward(self, sources: Tensor, targets: Tensor, features: Tensor) -> Tensor:
        """Return link logits at first look."""
        return self.model.look(sources, targets, features)


class JudgeHead(nn.Module):
    """Scores pairs beside their rivals."""

    def __init__(self, model: Reader) -> None:
        super().__init__()
        self.judge = model.judge

    def forward(self, rivals: Tensor, features: Tensor) -> Tensor:
        """Return link logits at second look."""
        scores: Tensor = rivals[:, : len(RELATIONS)] + self.judge(torch.cat([rivals, features], 1))
        return scores


def export(model: Reader, folder: Path) -> None:
    """Write the four networks."""
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
    heads: tuple[tuple[str, nn.Module, dict[str, int], tuple[str, ...]], ...] = (
        (
            "reader",
            ReaderHead(model),
            {"pooled": 3 * WIDTH, "features": CLAUSE_FEATURES},
            ("logits", "sources", "targets"),
        ),
        ("scorer", ScorerHead(model), {"sources": LINK, "targets": LINK, "features": PAIR_FEATURES}, ("scores",)),
        ("judge", JudgeHead(model), {"rivals": RIVALS, "features": PAIR_FEATURES}, ("scores",)),
    )
    for name, head, inputs, outputs in heads:
        torch.onnx.export(
            head,
            tuple(torch.randn(5, width) for width in inputs.values()),
            str(folder / f"{name}.onnx"),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={tensor: {0: "rows"} for tensor in (*inputs, *outputs)},
            dynamo=False,
        )


@torch.no_grad()
def calibrate(
    model: Reader, train: list[Example], examples: list[Example], documents: list[Example]
) -> dict[str, object]:
    """Choose temperature, threshold and the links' slopes, intercepts and thresholds on held-out passages.

    Types are judged on the passages alone, links also on passages joined to documents, where most pairs stand far apart.

    ``trust`` is what the rules' word adds to a logit. Rules and corpus were written apart, so the network learns to make little of
    them; the highest trust that costs no more than a point of F1 keeps what they are right about elsewhere. The threshold decides
    whether a clause says anything at all, so barrier/strategy F1 chooses it, and of all that cost no more than two points the lowest is
    taken: a minimum confidence can hide what is too much, nothing brings back what was left out, and found text says less plainly
    than text that was written to be annotated what is a factor.
    """
    model.eval()  # torch.onnx.export leaves it as the new heads around it were: training
    examples = [e for e in examples if len(e.clauses)]
    outputs = [forward(model, e) for e in examples]
    logits, accepted = torch.cat([o[0] for o in outputs]), torch.cat([e.accepted for e in examples])
    rules = torch.cat([_rules_word(e) for e in examples])

    def surprise(temperature: float, trust: float) -> float:
        right = (logits / temperature + trust * rules).log_softmax(1) + (accepted + 1e-30).log()
        return -float(right.logsumexp(1).mean())

    def figures(temperature: float, trust: float, threshold: float) -> dict[str, float]:
        probabilities = (logits / temperature + trust * rules).softmax(1)
        types = 1 + probabilities[:, 1:].argmax(1)
        types[1 - probabilities[:, 0] < threshold] = 0
        return clause_f1(examples, types.split([len(e.accepted) for e in examples]))

    trials = []
    for trust in np.arange(0, 2.01, 0.25):
        temperature = min(np.arange(0.6, 3.01, 0.05), key=lambda t: surprise(t, trust))
        best = max(figures(temperature, trust, t)["factor"] for t in _THRESHOLDS)
        trials.append((float(trust), float(temperature), best))
        print("trust {:.2f} temperature {:.2f}: dev F1 {:.3f}".format(*trials[-1]))
    best = max(t[2] for t in trials)
    trust, temperature, _ = max(t for t in trials if t[2] >= best - _COST)
    found = {float(t): figures(temperature, trust, t)["barrier/strategy"] for t in _THRESHOLDS}
    print("barrier/strategy F1 by threshold:", {round(t, 2): round(f1, 3) for t, f1 in found.items()})
    threshold = min(t for t, f1 in found.items() if f1 >= max(found.values()) - _MORE)
    linked = [*examples, *(e for e in documents if len(e.clauses))]
    read = [*outputs, *(forward(model, e) for e in linked[len(examples) :])]
    links = torch.cat([o[2] for o in read])
    there = torch.cat(
        [_there(e, types, temperature, trust, threshold) for e, (types, _, _) in zip(linked, read, strict=True)]
    )
    target, weight = torch.cat([e.pair_target for e in linked]), torch.cat([e.pair_weight for e in linked])
    drawn = torch.cat([e.pair_features[:, RULE_LINKS] for e in linked])
    scales, unsure = zip(
        *(_calibrate_link(links[:, r], drawn[:, r], target[:, r], weight[:, r], there) for r in range(len(RELATIONS))),
        strict=True,
    )
    passages = sum(len(e.pair_target) for e in examples)  # the pairs of the joined documents stand behind them
    heard = {
        relation.value: _worth_hearing(r, train, examples, unsure[r][:passages]) for r, relation in enumerate(RELATIONS)
    }
    return {
        "width": WIDTH,
        "temperature": round(temperature, 2),
        "threshold": round(threshold, 2),
        "trust": trust,
        "links": {r.value: {**scale, "rules": heard[r.value]} for r, scale in zip(RELATIONS, scales, strict=True)},
        "revision": _revision(examples, outputs, scales, temperature, trust),
    }


@torch.enable_grad()
def _revision(
    examples: list[Example],
    outputs: list[tuple[Tensor, Tensor, Tensor]],
    scales: list[dict[str, float]],
    temperature: float,
    trust: float,
) -> list[list[float]]:
    """Learn what the strongest links of a true factor say about its type: (2 * RELATIONS, types) added to the log probabilities."""
    scale, shift, faith = (torch.tensor([s[name] for s in scales]) for name in ("scale", "shift", "trust"))
    kinds, strongest, accepted = [], [], []
    for e, (logits, _, links) in zip(examples, outputs, strict=True):
        scores = (links * scale + shift + e.pair_features[:, RULE_LINKS] * faith).sigmoid()
        factors = e.accepted[:, 0] == 0
        kinds.append((logits / temperature + trust * _rules_word(e))[factors][:, 1:])
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


def _rules_word(example: Example) -> Tensor:
    """The labels that the rules give the clauses; that they find nothing says little."""
    word = example.features[:, RULE_LABELS].clone()
    word[:, 0] = 0
    return word


def _there(example: Example, logits: Tensor, temperature: float, trust: float, threshold: float) -> Tensor:
    """What the reader multiplies the score of each pair by: whether its ends are factors at all; 0 where one is not found."""
    there = 1 - (logits / temperature + trust * _rules_word(example)).softmax(1)[:, 0]
    return torch.where(there < threshold, 0, there)[example.pair_clauses].prod(1).sqrt()


@torch.enable_grad()
def _calibrate_link(
    logits: Tensor, rules: Tensor, target: Tensor, weight: Tensor, there: Tensor
) -> tuple[dict[str, float], Tensor]:
    """Return what the settings hold of a relation, and the pairs whose ends are found but whose link is below its threshold."""
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
    scores = (logits * slope + shift + rules * trust).sigmoid().detach() * there
    counted = weight > 0

    def figures(threshold: float) -> tuple[float, float]:
        said = (scores >= threshold) & counted
        right = float((said & (target > 0)).sum())
        f1 = 2 * right / max(1.0, float(said.sum()) + float(((target > 0) & counted).sum()))
        return f1, right / max(1.0, float(said.sum()))

    threshold = max(np.arange(0.1, 0.71, 0.05), key=figures)
    f1, precision = figures(threshold)
    print(f"link threshold {threshold:.2f}: dev F1 {f1:.3f}, precision {precision:.3f}")
    scale = {
        "scale": round(slope.item(), 4),
        "shift": round(shift.item(), 4),
        "trust": round(trust.item(), 4),
        "threshold": round(float(threshold), 2),
    }
    return scale, (scores < threshold) & (there > 0)


def _worth_hearing(relation: int, train: list[Example], dev: list[Example], unsure: Tensor) -> list[str]:
    """The rules that are right more often than not where the network is not sure; there their links are drawn all the same.

    That is counted on the dev split, for of the text it has learnt from the network is nearly always sure. How often a rule is right
    anywhere counts as :data:`_PRIOR` cases more, which decides for rules that are seldom seen; of these the train split may be a judge
    too. What headings say is heard in any case: passages are too short to show how well headings part a document.

    Args:
        relation: index of the relation whose links are judged.
        train: prepared passages.
        dev: prepared passages.
        unsure: (pairs of ``dev``) where the network finds both ends, and the link below its threshold.
    """
    said, right = _record(relation, [*train, *dev])
    said_there, right_there = _record(relation, dev, unsure)
    share = (right_there + _PRIOR * right / said.clamp(min=1)) / (said_there + _PRIOR)
    counts = torch.stack([right, said, right_there, said_there], 1).int().tolist()
    for name, (hits, n, hits_there, n_there) in zip(RULES, counts, strict=True):
        if n:
            where = f"{hits_there} of {n_there} where the network is not sure"
            print(f"{RELATIONS[relation].value} by rule {name}: {hits} of {n} right, {where}")
    return [name for name, s in zip(RULES, share.tolist(), strict=True) if s > 0.5 or (name == "heading" and s > 0)]


def _record(relation: int, examples: list[Example], where: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """How many links each of :data:`RULES` draws between annotated factors, and how many of them are right; of all pairs or some."""
    said, right = torch.zeros(len(RULES)), torch.zeros(len(RULES))
    everywhere = torch.ones(sum(len(e.pair_weight) for e in examples), dtype=torch.bool)
    parts = (everywhere if where is None else where).split([len(e.pair_weight) for e in examples])
    for e, some in zip(examples, parts, strict=True):
        factor = e.accepted[:, 1:].sum(1) > 0
        known = some & factor[e.pair_clauses].all(1) & (e.pair_weight[:, relation] > 0)
        drawn = e.pair_features[:, RULE_METHODS] * (known & (e.pair_features[:, RULE_LINKS][:, relation] > 0))[:, None]
        said += drawn.sum(0)
        right += (drawn * e.pair_target[:, [relation]]).sum(0)
    return said, right


def main() -> None:
    """Export and calibrate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--corpus", type=Path, default=Path("data/corpus/passages"))
    parser.add_argument("--settings", action="store_true", help="calibrate anew, leave the networks as they are")
    args = parser.parse_args()
    model = resume(args.checkpoint)
    tokenizer, _ = cut_tokenizer()
    if not args.settings:
        export(model, args.folder)
        tokenizer.save(str(args.folder / "tokenizer.json"), pretty=False)
    passages = splits(args.corpus)
    train, dev, documents = (
        [prepare(p, tokenizer) for p in some] for some in (passages["train"], passages["dev"], join(passages["dev"]))
    )
    settings = calibrate(model, train, dev, documents)
    (args.folder / "settings.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(settings, indent=1))
    print({f.name: f"{f.stat().st_size / 1e6:.1f} MB" for f in sorted(args.folder.iterdir())})


if __name__ == "__main__":
    main()
