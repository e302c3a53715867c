"""What can go wrong in training and evaluation.

KefuError
└── TrainingError
    ├── CorpusInvalid          a data file that cannot be used, with the line where it breaks
    ├── RecipeInvalid          a hyper-parameter that is missing, unknown or out of range
    ├── BaseModelUnavailable   the pretrained encoder is not there, or is none Kefu can train
    └── OutputTaken            the output directory holds something that is not a model
"""

from __future__ import annotations

from pathlib import Path

from chatbot.errors import KefuError


class TrainingError(KefuError):
    pass


class CorpusInvalid(TrainingError):
    def __init__(self, path: Path, reason: str, *, line: int | None = None) -> None:
        where = f"{path}, line {line}" if line is not None else f"{path}"
        super().__init__(f"{where}: {reason}.")


class RecipeInvalid(TrainingError):
    pass


class BaseModelUnavailable(TrainingError):
    pass


class OutputTaken(TrainingError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} exists and is no intent model: name an empty or a new directory for --out."
        )
