"""A model directory becomes a folder that the ONNX encoder loads."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
from safetensors import SafetensorError
from safetensors.numpy import load_file

from knowledge_base.allocation import blocks_apart
from knowledge_base.encoder_onnx import FORMAT, GRAPH, MANIFEST
from knowledge_base.errors import EncoderUnusable
from knowledge_base.onnx_graph import Weights, encoder_graph
from knowledge_base.storage import only_writer, sha256_of, write_atomically

_WEIGHTS = "model.safetensors"
_COPIED = ("config.json", "tokenizer.json")


def export_onnx(directory: Path, target: Path) -> Path:
    """`target`, holding the 8-bit graph, its tokenizer and a manifest.

    Does nothing when `target` was made from the same weights before. Weights may be those of a
    bare BertModel or stand under `bert.`; other tensors (a pooler, a head) are left out.
    """
    try:
        source = sha256_of(directory / _WEIGHTS)
        with only_writer(target), blocks_apart():
            if _made_from(target) != source:
                _export(directory, target, source)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise EncoderUnusable(directory, f"it cannot be exported ({error})") from None
    return target


def _made_from(target: Path) -> str:
    try:
        manifest = json.loads((target / MANIFEST).read_bytes())
        whole = manifest["format"] == FORMAT and manifest["sha256"] == sha256_of(target / GRAPH)
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return str(manifest.get("source")) if whole else ""


def _export(directory: Path, target: Path, source: str) -> None:
    config = json.loads((directory / "config.json").read_bytes())
    graph = encoder_graph(_weights(directory / _WEIGHTS), config).SerializeToString()
    # The manifest last, and none beside other files than its own.
    (target / MANIFEST).unlink(missing_ok=True)
    for name in _COPIED:
        shutil.copyfile(directory / name, target / name)
    write_atomically(target / GRAPH, graph)
    manifest = {
        "kind": "encoder",
        "format": FORMAT,
        "source": source,
        "sha256": hashlib.sha256(graph).hexdigest(),
        "libraries": {"onnx": onnx.__version__},
    }
    write_atomically(target / MANIFEST, json.dumps(manifest, indent=1).encode())


def _weights(path: Path) -> Weights:
    return {
        name.removeprefix("bert."): tensor.astype(np.float32)
        for name, tensor in load_file(path).items()
    }
