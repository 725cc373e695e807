"""The network: one encoder; a head that types clauses; a head that scores links between them."""

import numpy as np
import torch
from torch import Tensor, nn

from ftzgraph.extraction.encoding import CLAUSE_FEATURES, LABELS, PAIR_FEATURES, RELATIONS, RIVALS
from training.pretrained import Floats

WIDTH, HEADS, INNER = 384, 12, 1536
STATE, LINK = 256, 96


class Layer(nn.Module):
    """One post-norm transformer layer of BERT (Devlin et al., 2019), without dropout, which costs more here than the products."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v, self.ao = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.fi, self.fo = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.aln, self.oln = nn.LayerNorm(WIDTH, eps=1e-12), nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """Map (windows, tokens, WIDTH) to the same; ``bias`` is 0 for tokens and very negative for padding."""
        rows, tokens, _ = x.shape
        q, k, v = (
            part(x).view(rows, tokens, HEADS, WIDTH // HEADS).transpose(1, 2) for part in (self.q, self.k, self.v)
        )
        # Written out: on a CPU its gradient takes half the time of the fused one's.
        weights = (q @ k.transpose(2, 3) * (WIDTH // HEADS) ** -0.5 + bias.to(q.dtype)).softmax(3)
        mixed = (weights.to(v.dtype) @ v).transpose(1, 2).reshape(rows, tokens, WIDTH)
        x = self.aln(x + self.ao(mixed))
        return self.oln(x + self.fo(nn.functional.gelu(self.fi(x))))


class Encoder(nn.Module):
    """The token encoder."""

    def __init__(self, pieces: int, layers: int) -> None:
        super().__init__()
        self.word, self.pos = nn.Embedding(pieces, WIDTH), nn.Embedding(512, WIDTH)
        self.ln = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Map token ids (windows, tokens) to states (windows, tokens, WIDTH)."""
        places = torch.arange(ids.shape[1], device=ids.device)
        x = self.ln(self.word(ids) + self.pos(places))
        bias = (1.0 - mask[:, None, None, :].float()) * -1e4
        for layer in self.layers:
            x = layer(x, bias)
        return x

    def load(self, weights: dict[str, Floats], keep: list[int]) -> None:
        """Take over the pretrained weights, of the vocabulary only the pieces kept."""
        tensor = lambda name: torch.from_numpy(np.ascontiguousarray(weights[name]))  # noqa: E731
        with torch.no_grad():
            self.word.weight.copy_(tensor("emb.word")[keep])
            self.pos.weight.copy_(tensor("emb.pos").view(512, WIDTH) + tensor("emb.type")[:WIDTH])
            self.ln.weight.copy_(tensor("emb.ln.w"))
            self.ln.bias.copy_(tensor("emb.ln.b"))
            for i, layer in enumerate(self.layers):
                for name in ("q", "k", "v", "ao", "aln", "fi", "fo", "oln"):
                    part = getattr(layer, name)
                    part.weight.copy_(tensor(f"l{i}.{name}.w").view(part.weight.shape))
                    part.bias.copy_(tensor(f"l{i}.{name}.b"))


class Reader(nn.Module):
    """Encoder and heads. A clause is the mean, first and last of its token states, read in both directions by a GRU."""

    def __init__(self, pieces: int, layers: int = 12, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = Encoder(pieces, layers)
        self.half = False  # run the encoder in bfloat16
        self.join = nn.Sequential(
            nn.Dropout(2 * dropout), nn.Linear(3 * WIDTH + CLAUSE_FEATURES, STATE), nn.GELU(), nn.Dropout(2 * dropout)
        )
        self.order = nn.GRU(STATE, STATE // 2, bidirectional=True, batch_first=True)
        known = 2 * STATE + CLAUSE_FEATURES
        self.kind = nn.Linear(known, len(LABELS))
        self.source, self.target = (nn.Linear(known + len(LABELS), LINK) for _ in range(2))
        self.pair = nn.Sequential(
            nn.Linear(3 * LINK + PAIR_FEATURES, 128), nn.GELU(), nn.Dropout(dropout), nn.Linear(128, len(RELATIONS))
        )
        nn.init.constant_(self.pair[-1].bias, -3.0)  # most pairs are not linked
        self.judge = nn.Sequential(
            nn.Linear(RIVALS + PAIR_FEATURES, 96), nn.GELU(), nn.Dropout(dropout), nn.Linear(96, len(RELATIONS))
        )
        nn.init.zeros_(self.judge[-1].weight)

    def states(self, ids: Tensor, mask: Tensor, clauses: Tensor) -> Tensor:
        """Pool token states to clause vectors (clauses, 3 * WIDTH)."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            tokens = self.encoder(ids, mask).flatten(0, 1).float()
        start = clauses[:, 0] * ids.shape[1]
        first, last = start + clauses[:, 1], start + clauses[:, 2]
        places = torch.arange(len(tokens))
        inside = ((places >= first[:, None]) & (places < last[:, None])).float()
        mean = inside @ tokens / inside.sum(1, keepdim=True).clamp(min=1)
        # index_select, not indexing: its gradient is summed in one pass.
        ends = [tokens.index_select(0, i) for i in (first, (last - 1).clamp(min=0))]
        return torch.cat([mean, *ends], 1)

    def read(self, pooled: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return type logits (clauses, LABELS) and clause states (clauses, width)."""
        joined = self.join(torch.cat([pooled, features], 1))
        ordered, _ = self.order(joined[None])
        state = torch.cat([joined, ordered[0], features], 1)
        return self.kind(state), state

    def look(self, sources: Tensor, targets: Tensor, features: Tensor) -> Tensor:
        """Return link logits (pairs, RELATIONS) at first look, each pair by itself: from the projected ends and the pair features."""
        return self.pair(torch.cat([sources, targets, sources * targets, features], 1))

    def compare(self, logits: Tensor, pairs: Tensor, features: Tensor) -> Tensor:
        """Return link logits at second look, each pair beside its rivals (:func:`ftzgraph.extraction.encoding.beside_rivals`)."""
        return logits + self.judge(torch.cat([beside_rivals(logits, pairs), features], 1))


def beside_rivals(logits: Tensor, pairs: Tensor) -> Tensor:
    """The function of that name in :mod:`ftzgraph.extraction.encoding`, through which a gradient flows."""
    size = int(pairs.max()) + 1 if len(pairs) else 0
    parts = [logits]
    chances = logits.sigmoid()
    for end in pairs.unbind(1):
        rows = end[:, None].expand(-1, logits.shape[1])
        best = torch.full((size, logits.shape[1]), -torch.inf).scatter_reduce(0, rows, logits, "amax")
        expected = torch.zeros(size, logits.shape[1]).scatter_add(0, rows, chances)
        parts += [logits - best[end], (expected[end] - chances).clamp(min=0).log1p()]
    return torch.cat(parts, 1)
