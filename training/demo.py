"""The demo company, ready to answer: weights, index, and an intent model trained on the spot."""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from chatbot.adapters.intent_directory import version_in
from chatbot.demo.company import BORDERS, COLLECTION, UTTERANCES
from chatbot.intent_home import current_intents, promote_intents
from knowledge_base.vault import PLAIN, Vault
from training.corpus import Utterance, read_corpus
from training.intent import TrainingOrder, TrainingReport, train_intent
from training.progress import Watch
from training.recipe import SHIPPED
from training.registry import Registry, source_file
from training.splits import split

SHARES = {"train": 24, "validation": 4, "test": 6}
"""Of every 34 utterances of an intent in a language; `BORDERS` are for training alone."""
SPLIT_SEED = 20261122
KEPT_VERSIONS = 2
"""Besides the one that serves and the one before it."""


def write_splits(folder: Path) -> dict[str, Path]:
    """`train.csv`, `validation.csv` and `test.csv`; the same rows every time."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [row for path in UTTERANCES for row in read_corpus(path).utterances]
    parts = split(rows, tuple(SHARES.values()), seed=SPLIT_SEED)
    parts[0] += [row for path in BORDERS for row in read_corpus(path).utterances]
    paths = {name: folder / f"{name}.csv" for name in SHARES}
    for path, part in zip(paths.values(), parts, strict=True):
        _write(path, part)
    return paths


def _write(path: Path, rows: Sequence[Utterance]) -> None:
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(("text", "intent", "language"))
        writer.writerows((row.text, row.intent, row.language) for row in rows)


def train_demo(
    splits: dict[str, Path],
    *,
    intents_home: Path,
    models_home: Path,
    watch: Watch,
    vault: Vault = PLAIN,
) -> TrainingReport | None:
    """Train and promote; None when the model that serves was trained from the same rows."""
    home = intents_home / COLLECTION
    fingerprint = _fingerprint(splits["train"], splits["validation"], SHIPPED)
    serving = current_intents(intents_home, COLLECTION)
    if serving is not None and _source_of(serving) == fingerprint:
        return None
    fresh = home / ".fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    with vault.written(fresh, named=lambda out: home / version_in(out)) as out:
        order = TrainingOrder(splits["train"], out, splits["validation"], served=True)
        report = train_intent(order, models_home=models_home, watch=watch)
    version = home / report.version
    fresh.rename(version)
    source_file(version).write_text(fingerprint + "\n", encoding="utf-8")
    promote_intents(intents_home, COLLECTION, report.version)
    Registry(intents_home, COLLECTION).forget(KEPT_VERSIONS)
    return report


def _fingerprint(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _source_of(version: Path) -> str:
    source = source_file(version)
    return source.read_text(encoding="utf-8").strip() if source.is_file() else ""
