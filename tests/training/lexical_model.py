"""A tiny model with a lexical part, trained on texts whose telling word the network never reads."""

from __future__ import annotations

from pathlib import Path

from tests.tiny_encoder import FILLERS, OUTSIDE, RECIPE, TOPICS, write_csv, write_encoder
from training.corpus import Utterance
from training.intent import TrainingOrder, train_intent

FILLING = 140
"""Words before the telling one: more than the network has tokens for."""


def long_text(word: str) -> str:
    return f"{FILLERS[0]} " * FILLING + word


def long_rows(count: int = 40) -> list[Utterance]:
    topics = {**TOPICS, "out_of_scope": OUTSIDE}
    return [
        Utterance(f"{n} {long_text(words[n % len(words)])}", intent, "en")
        for intent, words in topics.items()
        for n in range(count)
    ]


def lexical_recipe(path: Path) -> Path:
    path.write_text(RECIPE.replace("[default]", "[default]\nlexical = true"), encoding="utf-8")
    return path


def train_lexical(folder: Path) -> Path:
    order = TrainingOrder(
        data=write_csv(folder / "train.csv", long_rows()),
        out=folder / "model",
        base=str(write_encoder(folder / "tiny")),
        recipe=lexical_recipe(folder / "recipe.toml"),
        epochs=1,
    )
    train_intent(order, models_home=folder)
    return order.out
