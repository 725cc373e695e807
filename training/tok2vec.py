"""What a spaCy model trained from nothing makes of the same clauses: the yardstick for the pretrained encoder.

A convolutional ``tok2vec`` over characters under a ``spancat_singlelabel`` that is shown the clauses that the rules cut.
"""

import random
from collections.abc import Callable, Sequence

import numpy as np
import spacy
import torch
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example as Pair
from spacy.util import fix_random_seed, minibatch, registry
from thinc.api import Ops, Ragged, get_current_ops
from torch import Tensor

from ftzgraph.extraction.encoding import LABELS
from training.examples import Example

_MODEL = {
    "@architectures": "spacy.SpanCategorizer.v1",
    "reducer": {"@layers": "spacy.mean_max_reducer.v1", "hidden_size": 128},
    "scorer": {"@layers": "Softmax.v2"},
    "tok2vec": {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": "spacy.MultiHashEmbed.v2",
            "width": 128,
            "rows": [6000],
            "attrs": ["ORTH"],
            "include_static_vectors": False,
        },
        "encode": {
            "@architectures": "spacy.MaxoutWindowEncoder.v2",
            "width": 128,
            "window_size": 1,
            "maxout_pieces": 3,
            "depth": 6,
        },
    },
}


@registry.misc("ftz_clause_suggester")
def clause_suggester() -> Callable[..., Ragged]:
    """Return a suggester for spancat that proposes ``doc.spans["clauses"]``."""

    def suggest(docs: Sequence[Doc], *, ops: Ops | None = None) -> Ragged:
        places = [(span.start, span.end) for doc in docs for span in doc.spans["clauses"]]
        counts = [len(doc.spans["clauses"]) for doc in docs]
        ops = ops or get_current_ops()
        return Ragged(ops.asarray2i(np.array(places, "i").reshape(-1, 2)), ops.asarray1i(counts))

    return suggest


def train_tok2vec(train: Sequence[Example], epochs: int = 10, batch: int = 8) -> Callable[[Example], Tensor]:
    """Train from nothing; return a function that gives a prepared passage's type logits (clauses, LABELS)."""
    fix_random_seed(1)
    nlp = spacy.blank("zh")
    config = {"model": _MODEL, "spans_key": "factors", "suggester": {"@misc": "ftz_clause_suggester"}}
    spancat = nlp.add_pipe("spancat_singlelabel", config=config)
    for label in LABELS[1:]:
        spancat.add_label(str(label))
    pairs = [_pair(nlp, e) for e in train if len(e.spans)]
    optimiser = nlp.initialize(lambda: pairs)
    for epoch in range(epochs):
        random.shuffle(pairs)
        losses: dict[str, float] = {}
        for some in minibatch(pairs, batch):
            nlp.update(some, drop=0.2, sgd=optimiser, losses=losses)
        print(f"tok2vec, epoch {epoch + 1}: loss {losses['spancat_singlelabel']:.1f}", flush=True)
    order = [spancat.labels.index(str(label)) for label in LABELS[1:]]

    def read(example: Example) -> Tensor:
        doc = _clauses(nlp, example)
        _, scores = spancat.predict([doc])
        scores = torch.from_numpy(np.asarray(scores))
        return torch.cat([scores[:, len(order) :], scores[:, order]], 1)

    return read


def _clauses(nlp: Language, example: Example) -> Doc:
    doc = nlp.make_doc(example.text)
    spans = [doc.char_span(start, end, alignment_mode="expand") for start, end in example.spans]
    doc.spans["clauses"] = spans
    return doc


def _pair(nlp: Language, example: Example) -> Pair:
    reference = _clauses(nlp, example)
    reference.spans["factors"] = [
        reference.char_span(start, end, label=str(LABELS[1 + int(row[1:].argmax())]), alignment_mode="expand")
        for (start, end), row in zip(example.spans, example.accepted, strict=True)
        if row[0] == 0
    ]
    return Pair(_clauses(nlp, example), reference)
