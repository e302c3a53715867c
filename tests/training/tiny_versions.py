"""Complete intent model directories of a few kilobytes, and trainers that leave one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from chatbot.adapters.intent_directory import file_sha256
from chatbot.conversation import Understanding
from chatbot.fakes import KeywordIntents
from tests.tiny_encoder import toy_rows, write_csv, write_encoder, write_recipe
from training.corpus import read_corpus
from training.intent import TrainingOrder, train_intent
from training.progress import Watch


def train_tiny(folder: Path) -> Path:
    order = TrainingOrder(
        data=write_csv(folder / "train.csv", toy_rows(6, outside=6)),
        out=folder / "model",
        base=str(write_encoder(folder / "tiny")),
        epochs=1,
        recipe=write_recipe(folder / "recipe.toml"),
    )
    train_intent(order, models_home=folder)
    return order.out


def write_version(tiny: Path, target: Path, **entries: object) -> Path:
    """A copy of the tiny model under another version."""
    shutil.copytree(tiny, target)
    manifest = json.loads((target / "manifest.json").read_text())
    entries = {"version": target.name, **entries}
    (target / "manifest.json").write_text(json.dumps(manifest | entries))
    return target


class CountingTrainer:
    """Leaves a tiny model that remembers which sentences it was taught."""

    def __init__(self, tiny: Path, *, shuffled: bool = False) -> None:
        self._tiny = tiny
        self._shuffled = shuffled
        self.orders: list[TrainingOrder] = []
        self.taught: dict[str, str] = {}
        self.before: Callable[[], None] = lambda: None

    def __call__(self, order: TrainingOrder, watch: Watch) -> None:
        self.before()
        self.orders.append(order)
        draft = order.out.with_name(f".{order.out.name}.partial")
        shutil.rmtree(draft, ignore_errors=True)
        self.taught = {row.text: row.intent for row in read_corpus(order.data).utterances}
        if self._shuffled:
            self.taught = _rotated(self.taught)
        write_version(
            self._tiny,
            draft,
            version=f"2026060{len(self.orders)}-taught",
            data_sha256=file_sha256(order.data),
            taught=self.taught,
        )
        draft.rename(order.out)


def _rotated(taught: Mapping[str, str]) -> dict[str, str]:
    intents = sorted(set(taught.values()))
    following = dict(zip(intents, [*intents[1:], intents[0]], strict=True))
    return {text: following[intent] for text, intent in taught.items()}


class RecitingIntents(KeywordIntents):
    """Knows an intent by the topic word that its taught sentences share: their second word."""

    def __init__(self, version: str, taught: Mapping[str, str]) -> None:
        words: dict[str, set[str]] = {}
        for text, intent in taught.items():
            if intent != "out_of_scope":
                words.setdefault(intent, set()).add(text.split()[1])
        super().__init__({intent: sorted(known) for intent, known in sorted(words.items())})
        self.version = version

    def understand(self, texts: Sequence[str]) -> list[Understanding]:
        """As sure with many intents as with few."""
        return [replace(result, confidence=0.95) for result in super().understand(texts)]


def load_reciting(directory: Path) -> RecitingIntents:
    manifest = json.loads((directory / "manifest.json").read_text())
    return RecitingIntents(manifest["version"], manifest["taught"])
