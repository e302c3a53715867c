from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from chatbot.adapters.intent_directory import file_sha256
from tests.tiny_encoder import RECIPE, toy_rows, write_csv, write_encoder
from training.errors import (
    CheckpointMismatch,
    CheckpointUnreadable,
    OutputTaken,
    TrainingStopped,
)
from training.intent import CURVES, TrainingOrder, train_intent
from training.progress import SilentWatch

FILES = ("model.safetensors", "scorer.safetensors", "calibration.json", CURVES)
OPTIONS = "averaging = 0.9\ncontrastive_epochs = 2\naugmented_share = 0.5\ntypo_share = 1.0\n"


class Killed(BaseException):
    """Nobody is asked: the process is gone."""


class Watcher(SilentWatch):
    def __init__(self, *, die_at: int = 0, ask_at: int = 0) -> None:
        self._die_at, self._ask_at = die_at, ask_at
        self.calls = 0
        self.steps = 0

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        self.steps += steps
        if not note:
            return  # steps of an earlier try
        self.calls += 1
        if self.calls == self._ask_at:
            os.kill(os.getpid(), signal.SIGTERM)
        if self.calls == self._die_at:
            raise Killed


@pytest.fixture
def order(tmp_path: Path) -> TrainingOrder:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE)
    return TrainingOrder(
        data=write_csv(tmp_path / "train.csv", toy_rows(8, outside=8)),
        out=tmp_path / "model",
        base=str(write_encoder(tmp_path / "tiny")),
        recipe=recipe,
        checkpoints=True,
    )


def _partial(order: TrainingOrder) -> Path:
    return order.out.with_name("model.partial")


def _hashes(out: Path) -> list[str]:
    return [file_sha256(out / name) for name in FILES]


def _train(order: TrainingOrder, watch: SilentWatch | None = None) -> None:
    train_intent(order, models_home=order.out, watch=watch)


def _break_off(order: TrainingOrder, *, at: int) -> None:
    with pytest.raises(Killed):
        _train(order, Watcher(die_at=at))


@pytest.mark.parametrize(("options", "count"), [("", 8), (OPTIONS, 8), ("", 3)])
@pytest.mark.parametrize("at", [2, 6])
def test_a_killed_training_goes_on_and_ends_with_the_same_weights(
    order: TrainingOrder, options: str, count: int, at: int
) -> None:
    # Two steps an epoch in a first stage; three examples an intent are rehearsed first.
    text = RECIPE.replace("averaging = 0.0\n", "") + "\n" if options else RECIPE
    order.recipe.write_text(text.replace("[few_shot]", options + "[few_shot]"))
    write_csv(order.data, toy_rows(count, outside=count))
    whole = replace(order, out=order.out.with_name("whole"), checkpoints=False)
    _train(whole)
    _break_off(order, at=at)
    assert _partial(order).is_dir()
    _train(order)
    assert _hashes(order.out) == _hashes(whole.out)
    assert not _partial(order).exists()


def test_a_request_to_stop_is_kept_to_after_the_step_at_hand(order: TrainingOrder) -> None:
    whole = replace(order, out=order.out.with_name("whole"), checkpoints=False)
    counted, first, second = Watcher(), Watcher(ask_at=3), Watcher()
    _train(whole, counted)
    with pytest.raises(TrainingStopped, match="again with the same --out"):
        _train(order, first)
    _train(order, second)
    assert first.calls == 3
    assert first.calls + second.calls == counted.calls
    assert second.steps == counted.steps
    assert _hashes(order.out) == _hashes(whole.out)


def test_the_signal_means_what_it_meant_before_once_training_is_over(
    order: TrainingOrder,
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    _train(order)
    assert signal.getsignal(signal.SIGTERM) is before


def test_another_seed_and_other_data_are_not_mixed_in(order: TrainingOrder) -> None:
    _break_off(order, at=4)
    write_csv(order.data, toy_rows(9, outside=8))
    with pytest.raises(CheckpointMismatch, match="another data and seed"):
        _train(replace(order, seed=2))
    assert _partial(order).is_dir()


def test_restart_begins_anew(order: TrainingOrder) -> None:
    _break_off(order, at=4)
    watch = Watcher()
    _train(replace(order, seed=2, restart=True), watch)
    assert watch.calls == watch.steps
    assert not _partial(order).exists()


def test_without_checkpoints_nothing_is_left_behind(order: TrainingOrder) -> None:
    _break_off(replace(order, checkpoints=False), at=4)
    assert not _partial(order).exists()


@pytest.mark.parametrize("name", ["training.pt", "run.json"])
def test_a_broken_file_is_one_sentence(order: TrainingOrder, name: str) -> None:
    _break_off(order, at=4)
    path = _partial(order) / name
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CheckpointUnreadable, match=f"{name}.*--restart"):
        _train(order)


def test_a_folder_of_somebody_else_is_left_alone(order: TrainingOrder) -> None:
    _partial(order).mkdir()
    (_partial(order) / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputTaken):
        _train(replace(order, restart=True))
    assert (_partial(order) / "thesis.txt").is_file()
