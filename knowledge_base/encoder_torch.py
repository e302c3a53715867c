"""Sentence encoders in PyTorch: exact, for training machines and as the measure of the others."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import torch
from transformers import AutoModel

from knowledge_base.embedding import TextTokenizer, TokenBatch, Vectors, encode_sorted
from knowledge_base.errors import EncoderUnusable
from knowledge_base.storage import sha256_of

WEIGHTS = "model.safetensors"


class EncoderTorch:
    """The mean over all tokens of a BERT-like model, of length 1."""

    def __init__(
        self, directory: Path, *, query_prefix: str, passage_prefix: str, name: str
    ) -> None:
        self.name = name
        self._directory = directory
        self._prefixes = (query_prefix, passage_prefix)
        self._tokenizer = TextTokenizer(directory)
        try:
            model = AutoModel.from_pretrained(
                directory, add_pooling_layer=False, local_files_only=True
            )
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise EncoderUnusable(directory, str(error)) from None
        self._model = model.float().eval()
        self.dimension = int(model.config.hidden_size)

    @cached_property
    def fingerprint(self) -> str:
        parts = [sha256_of(self._directory / WEIGHTS), *self._prefixes]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._prefixes[0], texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._prefixes[1], texts)

    def _encode(self, prefix: str, texts: Sequence[str]) -> Vectors:
        prefixed = [prefix + text for text in texts]
        return encode_sorted(prefixed, self._tokenizer, self._forward, dimension=self.dimension)

    @torch.inference_mode()
    def _forward(self, batch: TokenBatch) -> Vectors:
        mask = torch.from_numpy(batch.mask)
        states = self._model(
            input_ids=torch.from_numpy(batch.ids), attention_mask=mask
        ).last_hidden_state  # (b, t, d)
        weights = mask.unsqueeze(-1).to(states.dtype)
        pooled = (states * weights).sum(dim=1) / weights.sum(dim=1)
        vectors: Vectors = torch.nn.functional.normalize(pooled, dim=-1).numpy()
        return vectors
