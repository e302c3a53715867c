"""Sentence encoders in ONNX Runtime: a third of PyTorch's time and memory, nearly its vectors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import onnxruntime

from knowledge_base.allocation import blocks_apart
from knowledge_base.embedding import (
    BATCH,
    LONGEST_TOKENS,
    TextTokenizer,
    TokenBatch,
    Vectors,
    encode_sorted,
)
from knowledge_base.errors import EncoderUnusable
from knowledge_base.storage import sha256_of

GRAPH = "encoder.int8.onnx"
POOLED = "pooled"
"""`(b, d)`: the mean over the tokens that are not masked."""
VECTORS = "vectors"
"""`(b, d)`: the same, of length 1."""
STATES = "states"
"""`(b, t, d)`: each token, in a graph that was exported with them."""
MANIFEST = "encoder.json"
FORMAT = 2
"""Raised whenever the same weights would give another graph."""


class EncoderOnnx:
    """Reads a folder that `export_onnx` wrote.

    `threads` are those of one batch; several calls may run at once, so a server wants 1. A call of
    more texts than `batch` runs up to `abreast` batches of so many at once. Weakness: a vector
    depends a little (cosine above 0.999) on the texts encoded in the same batch.
    """

    def __init__(
        self,
        directory: Path,
        *,
        query_prefix: str,
        passage_prefix: str,
        name: str,
        threads: int = 1,
        abreast: int = 1,
        batch: int = BATCH,
        token_limit: int = LONGEST_TOKENS,
    ) -> None:
        self.name = name
        self._abreast, self._batch = abreast, batch
        self._prefixes = (query_prefix, passage_prefix)
        graph = _checked_hash(directory)
        parts = [graph, *self._prefixes]
        self.fingerprint = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        self._tokenizer = TextTokenizer(directory, limit=token_limit)
        self._session = onnx_session(directory / GRAPH, threads)
        self.dimension = int(self._session.get_outputs()[0].shape[1])

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._prefixes[0], texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._prefixes[1], texts)

    def encode_means(self, texts: Sequence[str]) -> Vectors:
        """`(n, d)`: what the query vectors are before they are brought to length 1."""
        return self._sorted(self._prefixes[0], texts, self._forward_means)

    def read_queries(self, texts: Sequence[str]) -> list[Vectors]:
        """`(t, d)` each: their tokens. Only from a graph that was exported with them."""
        return self._read([f"{self._prefixes[0]}{text}" for text in texts])

    def read_passages(self, texts: Sequence[str]) -> list[Vectors]:
        """`(t, d)` each, likewise."""
        return self._read([f"{self._prefixes[1]}{text}" for text in texts])

    def _read(self, texts: Sequence[str]) -> list[Vectors]:
        encodings = self._tokenizer.encode(texts)
        batch = self._tokenizer.batch(encodings)
        feeds = {"input_ids": batch.ids, "attention_mask": batch.mask}
        states = self._session.run([STATES], feeds)[0]
        return [row[: len(one.ids)] for row, one in zip(states, encodings, strict=True)]

    def _encode(self, prefix: str, texts: Sequence[str]) -> Vectors:
        return self._sorted(prefix, texts, self._forward)

    def _sorted(
        self, prefix: str, texts: Sequence[str], forward: Callable[[TokenBatch], Vectors]
    ) -> Vectors:
        prefixed = [prefix + text for text in texts]
        return encode_sorted(
            *(prefixed, self._tokenizer, forward),
            dimension=self.dimension,
            abreast=self._abreast,
            batch=self._batch,
        )

    def _forward_means(self, batch: TokenBatch) -> Vectors:
        feeds = {"input_ids": batch.ids, "attention_mask": batch.mask}
        means: Vectors = self._session.run([POOLED], feeds)[0]
        return means

    def _forward(self, batch: TokenBatch) -> Vectors:
        feeds = {"input_ids": batch.ids, "attention_mask": batch.mask}
        vectors: Vectors = self._session.run([VECTORS], feeds)[0]
        return vectors


def _checked_hash(directory: Path) -> str:
    try:
        manifest = json.loads((directory / MANIFEST).read_bytes())
        found = sha256_of(directory / GRAPH)
        whole = manifest["format"] == FORMAT and manifest["sha256"] == found
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EncoderUnusable(directory, f"no exported graph ({error})") from None
    if not whole:
        raise EncoderUnusable(directory, f"{GRAPH} is not the file that was exported")
    return found


def onnx_session(graph: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # The arena would keep the memory of the largest batch ever; one text is no slower without.
    options.enable_cpu_mem_arena = False
    # Waiting threads would otherwise burn the cores that other calls need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    with blocks_apart():
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
