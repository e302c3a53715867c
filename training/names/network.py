"""The name model while it learns: dilated convolutions over words, without padding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import nn

from chatbot.adapters.name_network import DILATIONS, TAGS, Floats, padded_rows


class NameNetwork(nn.Module):
    """Rows of `padded_rows` in, `(rows, TAGS)` logits out; served by `chatbot.adapters`."""

    def __init__(self, dimension: int, *, width: int, dropout: float) -> None:
        super().__init__()
        self.project = nn.Linear(dimension, width)
        self.blocks = nn.ModuleList(nn.Linear(3 * width, width) for _ in DILATIONS)
        self.tags = nn.Linear(width, len(TAGS))
        self.dropout = nn.Dropout(dropout)

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


def batch_of(
    rows: Sequence[Floats], tags: Sequence[Sequence[int]]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Rows, which of them are real, and the tags (-100 between texts)."""
    together, starts = padded_rows(rows)
    real = torch.zeros(len(together), 1)
    targets = torch.full((len(together),), -100)
    for start, wanted in zip(starts, tags, strict=True):
        real[start : start + len(wanted)] = 1
        targets[start : start + len(wanted)] = torch.tensor(wanted)
    return torch.from_numpy(together), real, targets
