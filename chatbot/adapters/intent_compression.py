"""Which runtime serves a trained intent model: what was measured beside it decides."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

RECORD = "compression.json"
"""Beside the model, and no part of it: the manifest does not list it."""
LOSS = "loss"
"""Its entry: accuracy on torch less accuracy at 8 bits; null where there is no such graph."""
LARGEST_LOSS = 0.003
"""Of accuracy, that serving at 8 bits may cost."""

ONNX, TORCH = "onnx", "torch"


@dataclass(frozen=True)
class Choice:
    runtime: str
    loss: float | None
    """As recorded; None where nothing was, or where there is no 8-bit graph."""
    missed: bool = False
    """The other runtime should serve, but its library is not installed."""


def choose_runtime(directory: Path, wanted: str) -> Choice:
    """`wanted` torch is obeyed; else the record decides, and 8 bits serve where there is none."""
    measured, loss = _recorded(directory)
    if wanted == TORCH:
        return Choice(TORCH, loss)
    if not measured or (loss is not None and loss <= LARGEST_LOSS):
        return Choice(ONNX, loss)
    if find_spec("torch") is None:
        return Choice(ONNX, loss, missed=True)
    return Choice(TORCH, loss)


def _recorded(directory: Path) -> tuple[bool, float | None]:
    """Whether something was measured, and what. A broken record is none: no reason to stop."""
    try:
        loss = json.loads((directory / RECORD).read_bytes())[LOSS]
        return True, None if loss is None else float(loss)
    except (OSError, ValueError, KeyError, TypeError):
        return False, None
