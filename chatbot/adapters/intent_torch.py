"""The intent model on torch, from a directory that `kefu train intent` wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from chatbot.adapters.intent_directory import TOKENIZER, read_directory
from chatbot.adapters.intent_network import load_network
from chatbot.adapters.intent_tokens import Tokens, pad
from chatbot.conversation import Understanding
from chatbot.errors import ModelDirectoryInvalid

BATCH_ROWS = 32


class TorchIntentModel:
    """Safe to call from several threads: nothing is written after the constructor.

    Raises ModelDirectoryInvalid where a file is missing, broken or not the one that was trained.
    """

    def __init__(self, directory: Path) -> None:
        model = read_directory(directory)
        try:
            self._network = load_network(directory)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelDirectoryInvalid(directory, f"the network does not load ({error})") from None
        width = self._network.classifier.out_features
        if width != len(model.scorer.labels):
            raise ModelDirectoryInvalid(
                directory, f"{len(model.scorer.labels)} labels for a network with {width}"
            )
        self._tokens = Tokens(directory / TOKENIZER, prefix=model.prefix, limit=model.token_limit)
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
        rows = self._tokens.encode(texts)
        # Rows of like length share a batch, so that little time goes into padding.
        order = sorted(range(len(rows)), key=lambda number: len(rows[number]))
        results: list[Understanding | None] = [None] * len(rows)
        for start in range(0, len(order), BATCH_ROWS):
            numbers = order[start : start + BATCH_ROWS]
            for number, result in zip(
                numbers,
                self._batch([rows[n] for n in numbers], [texts[n] for n in numbers]),
                strict=True,
            ):
                results[number] = result
        return [result for result in results if result is not None]

    def _batch(self, rows: list[list[int]], texts: list[str]) -> list[Understanding]:
        ids, mask = pad(rows, self._network.config.pad_token_id or 0)
        with torch.inference_mode():
            output = self._network(torch.from_numpy(ids), torch.from_numpy(mask))
        return self._scorer.read(
            output.logits.numpy().astype(np.float64),
            output.embedding.numpy().astype(np.float64),
            texts,
        )
