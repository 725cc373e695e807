"""Turn the shipped networks back into a checkpoint, to go on training where they stopped.

    python -m training.restore data/model build/reader.pt
    python -m training.train --resume build/reader.pt --epochs 2 --rate 3e-5 --out build/reader.pt

The weights are those of eight bits, made floats again: a little coarser than those that were exported.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import GraphProto, numpy_helper
from torch import Tensor

from training.model import STATE, Reader
from training.train import save

Arrays = dict[str, NDArray[np.generic]]


def restore(folder: Path) -> Reader:
    """Return the reader whose networks :func:`training.export.export` wrote to a folder."""
    encoder, reader, scorer, judge = (
        onnx.load(str(folder / f"{name}.onnx")).graph for name in ("encoder", "reader", "scorer", "judge")
    )
    weights = {f"encoder.{name}": array for name, array in _encoder(encoder).items()}
    weights |= _order(_arrays(reader))
    for graph in (reader, scorer, judge):
        named = {name.removeprefix("model."): array for name, array in _arrays(graph).items()}
        weights |= {name: array for name, array in named.items() if not name.startswith("onnx::")}
    layers = 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layers."))
    model = Reader(len(weights["encoder.word.weight"]), layers)
    model.load_state_dict({name: _tensor(array) for name, array in weights.items()})
    return model


def _tensor(array: NDArray[np.generic]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array.astype(np.float32)))


def _arrays(graph: GraphProto) -> Arrays:
    return {i.name: numpy_helper.to_array(i) for i in graph.initializer}


def _encoder(graph: GraphProto) -> Arrays:
    """The encoder's weights by their names in :class:`training.model.Encoder`.

    The products of the layers have lost their names; each is known by the bias that is added to it.
    """
    arrays = _arrays(graph)
    users = {name: node for node in graph.node for name in node.input}  # every product has one user
    found = {name: a for name, a in arrays.items() if name.startswith(("ln.", "layers."))}
    found |= {f"{table}.weight": _wide(arrays, f"{table}.weight") for table in ("word", "pos")}
    for node in graph.node:
        if node.op_type == "MatMulInteger" and node.input[1] in arrays:
            behind = node
            while behind.op_type != "Add":
                behind = users[behind.output[0]]
            bias = next(name for name in behind.input if name in arrays)
            name = bias.replace(".bias", ".weight")
            found[name] = _wide(arrays, node.input[1].removesuffix("_quantized")).T
    return found


def _wide(arrays: Arrays, name: str) -> NDArray[np.float32]:
    """Floats of what was quantised."""
    numbers, zero, scale = (
        arrays[f"{name}_{part}"].astype(np.float32) for part in ("quantized", "zero_point", "scale")
    )
    return np.asarray((numbers - zero) * scale, np.float32)


def _order(arrays: Arrays) -> Arrays:
    """The recurrent layer's weights: ONNX has its gates in the order update, reset, new, torch reset, update, new."""
    half = STATE // 2
    biases, inner, outer = sorted((a for n, a in arrays.items() if n.startswith("onnx::GRU")), key=lambda a: a[0].size)
    found: Arrays = {}
    for direction, suffix in enumerate(("", "_reverse")):
        parts = {"weight_ih": outer, "weight_hh": inner}
        parts |= {"bias_ih": biases[:, : 3 * half], "bias_hh": biases[:, 3 * half :]}
        for name, part in parts.items():
            update, reset, new = np.split(part[direction], 3)
            found[f"order.{name}_l0{suffix}"] = np.concatenate([reset, update, new])
    return found


def main() -> None:
    """Restore."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("checkpoint", type=Path)
    args = parser.parse_args()
    save(restore(args.folder), args.checkpoint)


if __name__ == "__main__":
    main()
