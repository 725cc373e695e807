"""Teach the pretrained encoder what counts as the same statement, and export it.

    python -m training.similarity data/similarity

multilingual-e5-small (:mod:`training.pretrained`) likes look-alikes: 码头用地不足 and 码头用工不足 are neighbours to it. A few
passes over the dev pairs of ``data/concepts`` mend most of that. The loss (CoSENT; Su, 2022) asks for an order only: that
every pair of statements that mean the same is more alike than every related pair of the batch, and that more than every
pair of different matters. Only the upper layers learn, and briefly: with more, the encoder learns the pairs by heart and
grows worse on clusters.
"""

import argparse
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from torch import Tensor, nn

from training.concepts import LABELS, LabelledPair, read_pairs
from training.model import Encoder
from training.pretrained import Floats, cut_tokenizer, read_weights

LAYERS, FROZEN = 12, 8
STEPS, BATCH, WARM_UP, RATE, MARGIN = 120, 16, 20, 1e-5, 0.05


class Similarity(nn.Module):
    """Statements as vectors of length 1: the mean of the encoder's states."""

    def __init__(self) -> None:
        super().__init__()
        self.tokenizer, keep = cut_tokenizer()
        self.encoder = Encoder(len(keep), LAYERS)
        self.encoder.load(read_weights(), keep)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Map token ids (statements, tokens) to vectors (statements, width)."""
        inside = mask[..., None].float()
        mean = (self.encoder(ids, mask) * inside).sum(1) / inside.sum(1)
        return nn.functional.normalize(mean, dim=1)

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Return the vectors of texts."""
        return self(*_padded(self.tokenizer, texts))


def _padded(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
    rows = [[0, *tokenizer.encode(text).ids, 2] for text in texts]
    ids = torch.ones(len(rows), max(map(len, rows)), dtype=torch.long)
    for row, tokens in zip(ids, rows, strict=True):
        row[: len(tokens)] = torch.tensor(tokens)
    return ids, (ids != 1).long()


def tune(pairs: Sequence[LabelledPair], seed: int = 0) -> Similarity:
    """Tune the pretrained encoder on labelled pairs."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    model = Similarity()
    for part in (model.encoder.word, model.encoder.pos, model.encoder.ln, *model.encoder.layers[:FROZEN]):
        part.requires_grad_(False)
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / WARM_UP) * (1 - step / STEPS)
    )
    for step in range(STEPS):
        batch = rng.sample(list(pairs), BATCH)
        loss = _disorder(model, batch)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 20 == 19:
            print(f"step {step + 1}: loss {float(loss.detach()):.3f}", flush=True)
    return model.eval()


def _disorder(model: Similarity, batch: Sequence[LabelledPair]) -> Tensor:
    """How far the cosines are from standing in the order of the labels."""
    left, right = (model.encode([getattr(pair, side).text for pair in batch]) for side in ("left", "right"))
    cosines = (left * right).sum(1)
    rank = torch.tensor([-LABELS.index(pair.label) for pair in batch])
    above = rank[:, None] > rank
    return torch.log1p(((cosines - cosines[:, None]) / MARGIN)[above].exp().sum())


@torch.no_grad()
def cosines(model: Similarity, pairs: Sequence[LabelledPair]) -> Floats:
    """Return the cosine of each pair."""
    left, right = (model.encode([getattr(pair, side).text for pair in pairs]) for side in ("left", "right"))
    return np.asarray((left * right).sum(1))


def export(model: Similarity, path: Path) -> None:
    """Write the network with its weights in eight bits."""
    names, tokens = {0: "rows", 1: "tokens"}, torch.ones(2, 16, dtype=torch.long)
    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / "full.onnx"
        torch.onnx.export(
            model,
            (tokens, tokens),
            str(full),
            input_names=["ids", "mask"],
            output_names=["vectors"],
            dynamic_axes={"ids": names, "mask": names, "vectors": {0: "rows"}},
            dynamo=False,
        )
        quantize_dynamic(full, path, weight_type=QuantType.QInt8, per_channel=True)


def main() -> None:
    """Tune on the dev pairs and export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where similarity.onnx goes")
    args = parser.parse_args()
    export(tune(read_pairs("dev")), args.folder / "similarity.onnx")


if __name__ == "__main__":
    main()
