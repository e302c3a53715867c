"""The name model while it learns: dilated convolutions over words, without padding."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from chatbot.adapters.name_network import DILATIONS, TAGS, Floats

_MASK_ROWS = 8192


class Thinning(nn.Module):
    """Dropout whose masks are stretches of one that is drawn once a width: to draw anew in every
    step took more than half of the training."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self._share = share
        self._masks: dict[int, torch.Tensor] = {}

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        if not self.training or not self._share:
            return rows
        count, width = rows.shape
        mask = self._masks.get(width)
        if mask is None or len(mask) < 2 * count:
            kept = torch.rand(max(2 * count, _MASK_ROWS), width) >= self._share
            mask = self._masks[width] = kept.float() / (1 - self._share)
        first = int(torch.randint(len(mask) - count + 1, ()))
        return rows * mask[first : first + count]


class NameNetwork(nn.Module):
    """Rows of `padded_rows` in, `(rows, TAGS)` logits out; served by `chatbot.adapters`."""

    def __init__(self, dimension: int, *, width: int, dropout: float) -> None:
        super().__init__()
        self.project = nn.Linear(dimension, width)
        self.blocks = nn.ModuleList(nn.Linear(3 * width, width) for _ in DILATIONS)
        self.tags = nn.Linear(width, len(TAGS))
        self.dropout = Thinning(dropout)

    def forward(self, rows: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """`rows` (n, dimension); `real` (n, 1), 0 between texts."""
        states = torch.relu(self.project(self.dropout(rows))) * real
        for dilation, block in zip(DILATIONS, self.blocks, strict=True):
            thinned = self.dropout(states)
            before = torch.roll(thinned, dilation, 0)
            behind = torch.roll(thinned, -dilation, 0)
            seen = torch.cat([before, thinned, behind], dim=1)
            states = states + torch.relu(block(seen)) * real
        logits: torch.Tensor = self.tags(self.dropout(states))
        return logits

    def tensors(self) -> Mapping[str, Floats]:
        found = {"project.weight": self.project.weight, "project.bias": self.project.bias}
        for number, block in enumerate(self.blocks):
            found[f"blocks.{number}.weight"] = block.get_parameter("weight")
            found[f"blocks.{number}.bias"] = block.get_parameter("bias")
        found |= {"tags.weight": self.tags.weight, "tags.bias": self.tags.bias}
        return {
            name: np.ascontiguousarray(tensor.detach().numpy(), dtype=np.float32)
            for name, tensor in found.items()
        }
