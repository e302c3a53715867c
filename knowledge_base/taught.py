"""A retriever that was taught how customers ask: what a training wrote into a folder.

encoder.int8.onnx, encoder.json, config.json, tokenizer.json     the encoder
late.npz                                                         how its tokens are compared
scorer.json, judgement.json                                      what their scores mean
retriever.json                                                   written last
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge_base.calibration import Scorer
from knowledge_base.embedding import Embedder
from knowledge_base.errors import RetrieverMissing
from knowledge_base.late import HEAD
from knowledge_base.rerank import SecondLook

SCORER = "scorer.json"
JUDGEMENT = "judgement.json"
MANIFEST = "retriever.json"
PARTS = (
    *("encoder.int8.onnx", "encoder.json", "config.json", "tokenizer.json"),
    *(HEAD, SCORER, JUDGEMENT, MANIFEST),
)
"""All of a training that was finished; without any one of them there is none."""
FORMAT = 1


@dataclass(frozen=True)
class Means:
    """What texts are encoded with, and what the scores of their vectors mean."""

    embedder: Embedder
    scorer: Scorer
    second: SecondLook | None = None


@dataclass(frozen=True)
class Passing:
    """On companies that were never taught: a threshold, and what passes it."""

    risk: float
    """Share of the questions nobody could answer, at most."""
    threshold: float
    answered: float
    """Share of the questions that an article answers."""


def read_passing(directory: Path) -> list[Passing]:
    """By rising risk. Raises RetrieverMissing."""
    manifest = read_manifest(directory)
    try:
        found = [Passing(**{key: float(row[key]) for key in row}) for row in manifest["passing"]]
    except (KeyError, TypeError, ValueError) as error:
        raise RetrieverMissing(directory, f"passing: {type(error).__name__}") from None
    return sorted(found, key=lambda each: each.risk)


def read_manifest(directory: Path) -> Mapping[str, Any]:
    """Raises RetrieverMissing where no training was finished here, or a file of it is gone."""
    # The manifest was written last: where it is missing too, it tells more than any other.
    for name in reversed(PARTS):
        if not (directory / name).is_file():
            raise RetrieverMissing(directory, f"{name} is missing")
    try:
        manifest = json.loads((directory / MANIFEST).read_bytes())
        if manifest["format"] != FORMAT or not isinstance(manifest["version"], str):
            raise ValueError("of another format")
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = f"{MANIFEST} cannot be read: {type(error).__name__}"
        raise RetrieverMissing(directory, reason) from None
    return dict(manifest)
