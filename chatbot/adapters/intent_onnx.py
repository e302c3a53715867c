"""The intent model on ONNX Runtime: the trained encoder with 8-bit weights, the head as it is.

The weights on disk stay those that were trained; the graph is made from them once, beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from chatbot.adapters.intent_directory import NETWORK, read_directory
from chatbot.conversation import Understanding
from chatbot.errors import ModelDirectoryInvalid
from knowledge_base.encoder_onnx import EncoderOnnx
from knowledge_base.errors import EncoderUnusable
from knowledge_base.onnx_export import export_onnx

GRAPH_FOLDER = "onnx"
BATCH_ROWS = 8
"""Of customers' sentences: what a batch computes on then stays in a core's cache. Batches of 32
took half as much time again a text."""
BATCHES_AT_ONCE = 2
"""Of one call with more texts than a batch; two batches on two cores are sooner done than each of
them on both, for products over short sentences are too small to be split."""


class OnnxIntentModel:
    """Safe to call from several threads: nothing is written after the constructor.

    Raises ModelDirectoryInvalid where a file is missing, broken or not the one that was trained.
    Weakness: a batch shares its quantisation, so a result depends a little on its neighbours.
    """

    def __init__(
        self, directory: Path, *, threads: int = 1, abreast: int = BATCHES_AT_ONCE
    ) -> None:
        model = read_directory(directory)
        weights, bias = _head(directory)
        if len(bias) != len(model.scorer.labels):
            raise ModelDirectoryInvalid(
                directory, f"{len(model.scorer.labels)} labels for a network with {len(bias)}"
            )
        try:
            self._encoder = EncoderOnnx(
                export_onnx(directory, directory / GRAPH_FOLDER),
                query_prefix=model.prefix,
                passage_prefix=model.prefix,
                name=model.version,
                threads=threads,
                abreast=abreast,
                batch=BATCH_ROWS,
                token_limit=model.token_limit,
            )
        except EncoderUnusable as error:
            raise ModelDirectoryInvalid(directory, str(error)) from None
        self._weights, self._bias = weights.astype(np.float64), bias.astype(np.float64)
        self._scorer = model.scorer
        self._version = model.version

    @property
    def version(self) -> str:
        return self._version

    @property
    def labels(self) -> tuple[str, ...]:
        return self._scorer.in_scope

    def understand(self, texts: Sequence[str]) -> list[Understanding]:
        if not texts:
            return []
        embeddings = self._encoder.encode_means(texts).astype(np.float64)  # (n, d)
        return self._scorer.read(embeddings @ self._weights.T + self._bias, embeddings, texts)


def _head(directory: Path) -> tuple[np.ndarray, np.ndarray]:
    """`(labels, d)` and `(labels,)`."""
    try:
        with safe_open(directory / NETWORK[1], framework="numpy") as tensors:
            return tensors.get_tensor("classifier.weight"), tensors.get_tensor("classifier.bias")
    except (OSError, SafetensorError) as error:
        raise ModelDirectoryInvalid(directory, f"the head does not load ({error})") from None
