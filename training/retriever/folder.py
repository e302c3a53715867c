"""A taught retriever on disk, as `knowledge_base.taught` reads it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from knowledge_base.encoder_onnx import FORMAT as ENCODER_FORMAT
from knowledge_base.encoder_onnx import GRAPH
from knowledge_base.encoder_onnx import MANIFEST as ENCODER
from knowledge_base.onnx_graph import Weights, encoder_graph
from knowledge_base.rerank_graph import alone_graph, together_graph
from knowledge_base.rerank_onnx import ALONE, HEAD, PARTS, TOGETHER
from knowledge_base.rerank_onnx import FORMAT as RERANKER_FORMAT
from knowledge_base.rerank_onnx import MANIFEST as RERANKER
from knowledge_base.storage import sha256_of, write_atomically
from knowledge_base.taught import FORMAT, MANIFEST
from training.retriever.reranking import Reranker
from training.retriever.tower import Tower, config_of

_COPIED = ("config.json", "tokenizer.json")


def write_encoder(folder: Path, tower: Tower, base: Path) -> None:
    """The encoder as it is now; `base` is where the tower's weights came from."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _COPIED:
        shutil.copyfile(base / name, folder / name)
    write_atomically(folder / GRAPH, _bytes(encoder_graph(_weights(tower), config_of(base))))
    manifest = {
        "kind": "encoder",
        "format": ENCODER_FORMAT,
        "source": sha256_of(base / "model.safetensors"),
        "sha256": sha256_of(folder / GRAPH),
        "libraries": {"onnx": onnx.__version__},
    }
    _dump(folder / ENCODER, manifest)


def write_reranker(folder: Path, reranker: Reranker, base: Path) -> None:
    """Into a folder where `write_encoder` was before: both read the same tokens."""
    weights, config = _weights(reranker.tower), config_of(base)
    alone = reranker.tower.alone
    write_atomically(folder / ALONE, _bytes(alone_graph(weights, config, layers=alone)))
    write_atomically(folder / TOGETHER, _bytes(together_graph(weights, config, layers=alone)))
    head = {
        "segments": reranker.segments,
        "inner": reranker.inner.weight,
        "inner_bias": reranker.inner.bias,
        "outer": reranker.outer.weight[0],
        "outer_bias": reranker.outer.bias,
    }
    with (folder / HEAD).open("wb") as file:
        np.savez(file, **{name: _array(tensor) for name, tensor in head.items()})  # type: ignore[arg-type]
    hashes = {name: sha256_of(folder / name) for name in PARTS}
    _dump(folder / RERANKER, {"kind": "reranker", "format": RERANKER_FORMAT, "files": hashes})


def finish(folder: Path, *, version: str, facts: Mapping[str, Any]) -> None:
    """The manifest, which makes a folder a retriever."""
    _dump(folder / MANIFEST, {"kind": "retriever", "format": FORMAT, "version": version, **facts})


def version_of(*parts: object) -> str:
    return "retriever-" + hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def _weights(tower: Tower) -> Weights:
    return {name: _array(tensor) for name, tensor in tower.bert.state_dict().items()}


def _array(tensor: torch.Tensor) -> NDArray[np.float32]:
    found: NDArray[np.float32] = tensor.detach().float().cpu().numpy()
    return found


def _bytes(graph: onnx.ModelProto) -> bytes:
    return bytes(graph.SerializeToString())


def _dump(path: Path, row: Mapping[str, Any]) -> None:
    write_atomically(path, f"{json.dumps(row, indent=1)}\n".encode())
