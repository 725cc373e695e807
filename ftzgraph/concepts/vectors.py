"""Statements as vectors: those of similar meaning lie close together.

The network is a multilingual sentence encoder tuned on pairs of policy statements (``training/similarity.py``), with its
weights in eight bits. It runs on one thread and reads one text at a time, so that the vector of a text depends on
nothing but the text.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeAlias

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from ftzgraph.errors import FtzgraphError
from ftzgraph.resources import resource

Floats = NDArray[np.float32]
Progress: TypeAlias = Callable[[int, int], None]

_START, _STOP, _LONGEST = 0, 2, 510


def vectors(texts: Sequence[str], progress: Progress | None = None) -> Floats:
    """Return the vectors of texts, of length 1 each, as rows.

    Args:
        texts: statements.
        progress: is called with how many of how many are done.

    Raises:
        FtzgraphError: this build ships no encoder.
    """
    session, tokenizer = _encoder()
    rows = np.zeros((len(texts), session.get_outputs()[0].shape[1]), np.float32)
    for i, (row, text) in enumerate(zip(rows, texts, strict=True)):
        ids = np.array([[_START, *tokenizer.encode(text).ids[:_LONGEST], _STOP]], np.int64)
        row[:] = session.run(None, {"ids": ids, "mask": np.ones_like(ids)})[0][0]
        if progress:
            progress(i + 1, len(texts))
    return rows


@cache
def _encoder() -> tuple[onnxruntime.InferenceSession, Tokenizer]:
    try:
        path, tokenizer = resource("data/similarity/similarity.onnx"), resource("data/model/tokenizer.json")
    except FileNotFoundError as error:
        raise FtzgraphError("this build ships no encoder of statements: make concepts") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session, Tokenizer.from_file(str(tokenizer))
