"""One trained tiny model that the tests of this folder make smaller, and its data."""

from __future__ import annotations

from pathlib import Path

from tests.tiny_encoder import toy_rows, write_csv, write_encoder, write_recipe
from training.intent import TrainingOrder, train_intent


def train_source(folder: Path) -> Path:
    """`model`, with `train.csv` and `validation.csv` beside it; no row is in both."""
    rows = toy_rows(30, outside=24)
    held_out = [row for number, row in enumerate(rows) if number % 4 == 0]
    order = TrainingOrder(
        data=write_csv(folder / "train.csv", [row for row in rows if row not in held_out]),
        out=folder / "model",
        validation=write_csv(folder / "validation.csv", held_out),
        base=str(write_encoder(folder / "tiny")),
        epochs=12,
        recipe=write_recipe(folder / "recipe.toml"),
    )
    train_intent(order, models_home=folder)
    return order.out
