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
from knowledge_base.late import HEAD, Head
from knowledge_base.onnx_graph import Weights, encoder_graph
from knowledge_base.storage import sha256_of, write_atomically
from knowledge_base.taught import FORMAT, MANIFEST
from training.retriever.late import Late
from training.retriever.tower import Tower, config_of

_COPIED = ("config.json", "tokenizer.json")


def write_encoder(folder: Path, tower: Tower, base: Path) -> None:
    """The encoder as it is now; `base` is where the tower's weights came from."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _COPIED:
        shutil.copyfile(base / name, folder / name)
    graph = encoder_graph(_weights(tower), config_of(base), tokens=True)
    write_atomically(folder / GRAPH, bytes(graph.SerializeToString()))
    manifest = {
        "kind": "encoder",
        "format": ENCODER_FORMAT,
        "source": sha256_of(base / "model.safetensors"),
        "sha256": sha256_of(folder / GRAPH),
        "libraries": {"onnx": onnx.__version__},
    }
    _dump(folder / ENCODER, manifest)


def write_late(folder: Path, late: Late) -> None:
    """Beside what `write_encoder` wrote: it reads that encoder's tokens."""
    head = Head(
        _array(late.project.weight),
        _array(late.share.weight[0]),
        late.sharpness.exp().item(),
        late.none.item(),
    )
    head.save(folder / HEAD)


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


def _dump(path: Path, row: Mapping[str, Any]) -> None:
    write_atomically(path, f"{json.dumps(row, indent=1)}\n".encode())
