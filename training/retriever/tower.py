"""The pretrained encoder in two parts: lower layers that stay as they are, upper ones that learn.

What the lower layers make of a text never changes, so it is computed once and kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn
from transformers import BertConfig, BertModel

from knowledge_base.embedding import TextTokenizer
from training.arithmetic import choose_device, products

LONGEST_TOKENS = 200
_AT_ONCE = 32

States = torch.Tensor
"""`(t, d)`, one text, in half precision."""


class Tower(nn.Module):
    """`alone` layers read a text without learning; those above them learn."""

    def __init__(self, directory: Path, *, alone: int) -> None:
        super().__init__()
        # The fused attention is many times slower backwards on a processor than the plain one.
        self.bert = BertModel.from_pretrained(
            directory, add_pooling_layer=False, dtype=torch.float32, attn_implementation="eager"
        )
        self.alone = alone
        self.device = choose_device()
        self._tokenizer = TextTokenizer(directory, limit=LONGEST_TOKENS)
        for module in self.bert.modules():
            # A few thousand questions in a few passes: less is learnt with dropout, not more.
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        self.bert.requires_grad_(False)
        for layer in self.learning:
            layer.requires_grad_(True)
        self.to(self.device)

    @property
    def config(self) -> BertConfig:
        config: BertConfig = self.bert.config
        return config

    @property
    def learning(self) -> Sequence[nn.Module]:
        return list(self.bert.encoder.layer)[self.alone :]

    @torch.no_grad()
    def read_alone(self, texts: Sequence[str]) -> list[States]:
        """What the lower layers make of each text."""
        encodings = self._tokenizer.encode(texts)
        order = sorted(range(len(texts)), key=lambda row: len(encodings[row].ids))
        found: dict[int, States] = {}
        for start in range(0, len(order), _AT_ONCE):
            rows = order[start : start + _AT_ONCE]
            batch = self._tokenizer.batch([encodings[row] for row in rows])
            ids, mask = (torch.from_numpy(each).to(self.device) for each in (batch.ids, batch.mask))
            with products("auto", self.device):
                states = self.bert.embeddings(input_ids=ids)
                for layer in list(self.bert.encoder.layer)[: self.alone]:
                    states = _climb(layer, states, mask.float())
            for place, row in enumerate(rows):
                found[row] = states[place, : len(encodings[row].ids)].bfloat16().clone()
        return [found[row] for row in range(len(texts))]

    def climb(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The learning layers: `(b, t, d)` and `(b, t)` -> `(b, t, d)`."""
        with products("auto", self.device):
            for layer in self.learning:
                states = _climb(layer, states, mask)
        return states.float()

    def climbed(self, rows: Sequence[States]) -> list[torch.Tensor]:
        """Each `(t, d)` after the learning layers; short texts and long ones apart, to spare
        padding."""
        order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
        middle = max(1, len(order) // 2)
        found: dict[int, torch.Tensor] = {}
        for part in (order[:middle], order[middle:]):
            if part:
                states, mask = padded([rows[row] for row in part])
                for row, each in zip(part, self.climb(states, mask), strict=True):
                    found[row] = each[: len(rows[row])]
        return [found[row] for row in range(len(rows))]

    def vectors(self, rows: Sequence[States]) -> torch.Tensor:
        """`(n, d)`, each of length 1."""
        return means(self.climbed(rows))

    def tokens_of(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Where each token begins and ends in its text; (0, 0) for one that stands for no text."""
        return [list(one.offsets) for one in self._tokenizer.encode(texts)]


def means(climbed: Sequence[torch.Tensor]) -> torch.Tensor:
    """`(n, d)`, each of length 1."""
    return nn.functional.normalize(torch.stack([each.mean(0) for each in climbed]), dim=-1)


def padded(rows: Sequence[States]) -> tuple[torch.Tensor, torch.Tensor]:
    """`(n, t, d)` and `(n, t)`, 1 where there is a token."""
    states = nn.utils.rnn.pad_sequence(list(rows), batch_first=True).float()
    lengths = torch.tensor([len(row) for row in rows], device=states.device)
    places = torch.arange(states.shape[1], device=states.device)
    return states, (places < lengths[:, None]).float()


def mean(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """`(b, t, d)` and `(b, t)` -> `(b, d)`."""
    return (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


def config_of(directory: Path) -> dict[str, object]:
    return dict(json.loads((directory / "config.json").read_bytes()))


def _climb(layer: nn.Module, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    barred = (1 - mask)[:, None, None, :] * torch.finfo(torch.bfloat16).min
    after = layer(states, attention_mask=barred)
    climbed: torch.Tensor = after[0] if isinstance(after, tuple) else after
    return climbed
