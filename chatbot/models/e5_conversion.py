"""An E5S1 file → a folder that `transformers` loads as BertModel (no pooler) and fast tokenizer.

The same bytes in give the same bytes out, so models.lock can name the hashes of the result.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from chatbot.models.digest import arriving
from chatbot.models.e5_file import E5File, Shape, Vocabulary, read
from chatbot.models.e5_tokenizer import renumber, tokenizer_config, tokenizer_json
from chatbot.models.e5_vocabulary import kept_pieces
from chatbot.models.errors import LockInvalid
from chatbot.models.lock import LockedFile

Arrays = dict[str, NDArray[np.float32]]


def convert(source: Path, files: Sequence[LockedFile], *, into: Path) -> None:
    """Write `files` below `into`; HashMismatch when the result is not what models.lock says."""
    content = convert_to_bytes(source)
    for file in files:
        if file.name not in content:
            raise LockInvalid(file.name, "is not a file that the recipe e5s1 makes")
        with arriving(into / file.name, file, named=f"{file.name} made of {source.name}") as target:
            target.write(content[file.name])


def convert_to_bytes(source: Path) -> dict[str, bytes]:
    """Name of an output file → its content."""
    model = read(source)
    kept = kept_pieces(model.vocabulary.pieces)
    vocabulary = _trim(model.vocabulary, kept, file=model.name)
    return {
        "config.json": _json(_config(model.shape, vocabulary)),
        "tokenizer.json": _json(tokenizer_json(vocabulary, model.mapping)),
        "tokenizer_config.json": _json(tokenizer_config(vocabulary, longest=model.shape.positions)),
        "model.safetensors": save(_weights(model, kept), metadata={"format": "pt"}),
    }


def _trim(vocabulary: Vocabulary, kept: NDArray[np.int64], *, file: str) -> Vocabulary:
    numbers = kept.tolist()
    return replace(
        vocabulary,
        pieces=tuple(vocabulary.pieces[number] for number in numbers),
        scores=vocabulary.scores[kept],
        bos=renumber(vocabulary.bos, numbers, file=file),
        eos=renumber(vocabulary.eos, numbers, file=file),
        pad=renumber(vocabulary.pad, numbers, file=file),
        unk=renumber(vocabulary.unk, numbers, file=file),
    )


def _config(shape: Shape, vocabulary: Vocabulary) -> dict[str, object]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": len(vocabulary.pieces),
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.types,
        "layer_norm_eps": float(f"{shape.epsilon:.6g}"),
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "initializer_range": 0.02,
        "position_embedding_type": "absolute",
        "bos_token_id": vocabulary.bos,
        "eos_token_id": vocabulary.eos,
        "pad_token_id": vocabulary.pad,
        "dtype": "float32",
    }


def _weights(model: E5File, kept: NDArray[np.int64]) -> Arrays:
    shape = model.shape
    arrays: Arrays = {
        "embeddings.word_embeddings.weight": model.matrix(
            "emb.word", shape.rows, shape.hidden, keep=kept
        ),
        "embeddings.position_embeddings.weight": model.vector(
            "emb.pos", shape.positions, shape.hidden
        ),
        "embeddings.token_type_embeddings.weight": model.vector(
            "emb.type", shape.types, shape.hidden
        ),
        **_layer_norm(model, "emb.ln", "embeddings.LayerNorm"),
    }
    for number in range(shape.layers):
        arrays |= _layer(model, f"l{number}.", f"encoder.layer.{number}.")
    return arrays


def _layer(model: E5File, short: str, long: str) -> Arrays:
    hidden, wide = model.shape.hidden, model.shape.feed_forward
    arrays: Arrays = {}
    for name, target, rows, columns in (
        ("q", "attention.self.query", hidden, hidden),
        ("k", "attention.self.key", hidden, hidden),
        ("v", "attention.self.value", hidden, hidden),
        ("ao", "attention.output.dense", hidden, hidden),
        ("fi", "intermediate.dense", wide, hidden),
        ("fo", "output.dense", hidden, wide),
    ):
        arrays[f"{long}{target}.weight"] = model.matrix(f"{short}{name}.w", rows, columns)
        arrays[f"{long}{target}.bias"] = model.vector(f"{short}{name}.b", rows)
    arrays |= _layer_norm(model, f"{short}aln", f"{long}attention.output.LayerNorm")
    arrays |= _layer_norm(model, f"{short}oln", f"{long}output.LayerNorm")
    return arrays


def _layer_norm(model: E5File, short: str, long: str) -> Arrays:
    return {
        f"{long}.weight": model.vector(f"{short}.w", model.shape.hidden),
        f"{long}.bias": model.vector(f"{short}.b", model.shape.hidden),
    }


def _json(content: dict[str, object]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=None) + "\n").encode()
