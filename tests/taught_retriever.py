"""A retriever as a training leaves it, whose encoder needs no weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from chatbot.retriever_home import embedder_name
from knowledge_base.calibration import Scorer
from knowledge_base.embedding import Vectors
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.late import HEAD, Head
from knowledge_base.rerank import Judgement
from knowledge_base.taught import FORMAT, JUDGEMENT, MANIFEST, PARTS, SCORER

VERSION = "retriever-0123456789ab"
_SIZE = 256


class TaughtEmbedder(HashingEmbedder):
    """One token a text."""

    def __init__(self, version: str = VERSION) -> None:
        super().__init__(_SIZE)
        self.name = embedder_name(version)

    def read_queries(self, texts: Sequence[str]) -> list[Vectors]:
        return [row[None] for row in self.encode_queries(texts)]

    def read_passages(self, texts: Sequence[str]) -> list[Vectors]:
        return self.read_queries(texts)


def write_retriever(home: Path, version: str = VERSION) -> Path:
    folder = home / version
    folder.mkdir(parents=True)
    for name in PARTS:
        (folder / name).write_bytes(b"x")
    Scorer.default().save(folder / SCORER)
    Judgement.blank().save(folder / JUDGEMENT)
    ones = np.ones((2, _SIZE), dtype=np.float32)
    Head(ones, ones[0], 30.0, 0.5).save(folder / HEAD)
    manifest = {"kind": "retriever", "format": FORMAT, "version": version, "passing": []}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return folder
