from __future__ import annotations

import json
from pathlib import Path

from chatbot.adapters.intent_directory import MANIFEST, read_directory
from tests.tiny_encoder import toy_rows, write_csv, write_encoder, write_recipe
from training.curves import draw_curves
from training.intent import CURVES, PICTURE, TrainingOrder, train_intent
from training.journal import Journal, json_lines

PNG = b"\x89PNG\r\n"


def _journal() -> Journal:
    journal = Journal("Training")
    for loss in (3.0, 2.0):
        journal.step(loss)
    journal.epoch((0.5, 0.4))
    journal.step(1.0)
    journal.epoch(None)
    return journal


def test_an_epoch_stands_after_its_last_step() -> None:
    lines = [json.loads(line) for line in json_lines([_journal()]).splitlines()]
    assert [line.get("loss") for line in lines] == [3.0, 2.0, None, 1.0]
    assert lines[2] == {
        "stage": "Training",
        "epoch": 1,
        "step": 2,
        "accuracy": 0.5,
        "macro_f1": 0.4,
    }


def test_a_journal_goes_on_after_a_checkpoint() -> None:
    again = Journal("Training")
    again.restore(json.loads(json.dumps(_journal().state())))
    assert again == _journal()


def test_a_picture_is_drawn_of_stages_with_and_without_epochs() -> None:
    assert draw_curves([_journal(), Journal("Empty")]).startswith(PNG)


def test_the_curves_lie_beside_the_model_and_are_no_part_of_it(tmp_path: Path) -> None:
    order = TrainingOrder(
        data=write_csv(tmp_path / "train.csv", toy_rows()),
        out=tmp_path / "model",
        base=str(write_encoder(tmp_path / "tiny")),
        recipe=write_recipe(tmp_path / "recipe.toml"),
        curves=True,
    )
    version = train_intent(order, models_home=tmp_path).version
    assert (order.out / PICTURE).read_bytes().startswith(PNG)
    steps = [line for line in (order.out / CURVES).read_text().splitlines() if "loss" in line]
    assert len(steps) == 3 * 4
    files = json.loads((order.out / MANIFEST).read_text())["files"]
    assert not {CURVES, PICTURE} & files.keys()
    for name in (CURVES, PICTURE):
        (order.out / name).unlink()
    assert read_directory(order.out).version == version
