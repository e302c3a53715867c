"""The rows of a retraining as files: what a collection starts from, and what one run works with."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.storage import write_atomically
from training.corpus import Utterance, read_corpus
from training.curriculum import BaseRows
from training.errors import TrainingDataMissing


@dataclass(frozen=True)
class BaseData:
    """The CSV files of a collection; the test set is frozen."""

    train: Path
    test: Path
    validation: Path | None = None


def read_base(collection: str, data: BaseData) -> BaseRows:
    """Raises TrainingDataMissing and CorpusInvalid."""
    for path in (data.train, data.test):
        if not path.is_file():
            raise TrainingDataMissing(collection, path)
    validation = () if data.validation is None else read_corpus(data.validation).utterances
    return BaseRows(
        train=read_corpus(data.train).utterances,
        validation=validation,
        test=read_corpus(data.test).utterances,
    )


def write_rows(path: Path, rows: Iterable[Utterance]) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("text", "intent", "language"))
    writer.writerows((row.text, row.intent, row.language) for row in rows)
    write_atomically(path, stream.getvalue().encode())


def read_parts(path: Path) -> dict[str, str]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}
