"""The files that the shipped commands read, made from those of the benchmark folder."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatbot.adapters.intent_scoring import OUT_OF_SCOPE
from tests.benchmarks.intents.newsgroups import write_messages
from tests.benchmarks.intents.plan import Dataset


@dataclass(frozen=True)
class Prepared:
    train: Path
    validation: Path | None
    tests: Mapping[str, Path]


def missing_files(dataset: Dataset, intents: Path) -> list[Path]:
    paths = [intents / dataset.folder / name for name in dataset.files]
    return [path for path in paths if not path.is_file()]


def prepare(dataset: Dataset, intents: Path, into: Path) -> Prepared:
    """Files that can be read as they are stay where they are; `into` takes the others."""
    folder = intents / dataset.folder
    if dataset.train.endswith(".jsonl.xz"):
        return _messages(dataset, folder, into)
    return Prepared(
        train=folder / dataset.train,
        validation=None if dataset.validation is None else folder / dataset.validation,
        tests={
            name: _joined([folder / file for file in files], into / f"{dataset.name}-{name}.csv")
            for name, files in dataset.tests.items()
        },
    )


def join_outside(inside: Path, outside: Sequence[Path], target: Path) -> None:
    """One file of the rows of all; those of `outside` are out of scope, whatever they say."""
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "intent"])
        writer.writerows([row["text"], row["intent"]] for row in _rows(inside))
        writer.writerows([row["text"], OUT_OF_SCOPE] for path in outside for row in _rows(path))


def _joined(files: Sequence[Path], target: Path) -> Path:
    if len(files) == 1:
        return files[0]
    join_outside(files[0], files[1:], target)
    return target


def _messages(dataset: Dataset, folder: Path, into: Path) -> Prepared:
    train = into / f"{dataset.name}-train.jsonl"
    write_messages(folder / dataset.train, train, stripped=dataset.stripped, measured=False)
    tests = {name: into / f"{dataset.name}-{name}.jsonl" for name in dataset.tests}
    for name, target in tests.items():
        (file,) = dataset.tests[name]
        write_messages(folder / file, target, stripped=dataset.stripped, measured=True)
    return Prepared(train, None, tests)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
