from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chatbot.adapters.intent_compression import LOSS, RECORD
from chatbot.adapters.intent_directory import file_sha256
from chatbot.adapters.intent_onnx import OnnxIntentModel
from chatbot.adapters.intent_tokens import TOKEN_LIMIT
from chatbot.adapters.intent_torch import TorchIntentModel
from tests.tiny_encoder import TOPICS, toy_rows, write_csv, write_encoder, write_recipe
from training.corpus import Utterance
from training.errors import BaseModelUnavailable, CorpusInvalid, OutputTaken
from training.intent import TrainingOrder, train_intent
from training.progress import SilentWatch


class Listener(SilentWatch):
    def __init__(self) -> None:
        self.stages: list[str] = []

    def stage(self, name: str, total: int) -> None:
        self.stages.append(name)


@pytest.fixture
def order(tmp_path: Path) -> TrainingOrder:
    return TrainingOrder(
        data=write_csv(tmp_path / "train.csv", toy_rows()),
        out=tmp_path / "out" / "model",
        base=str(write_encoder(tmp_path / "tiny")),
        recipe=write_recipe(tmp_path / "recipe.toml"),
    )


def test_training_writes_a_model_that_knows_the_intents(order: TrainingOrder) -> None:
    report = train_intent(replace(order, epochs=20), models_home=order.out)
    model = TorchIntentModel(order.out)
    assert model.version == report.version
    assert model.labels == tuple(sorted(TOPICS))
    rows = toy_rows(outside=0)
    best = [result.ranking[0][0] for result in model.understand([row.text for row in rows])]
    assert sum(b == row.intent for b, row in zip(best, rows, strict=True)) > 0.8 * len(rows)
    assert report.metrics["n"] == report.held_out_rows


def test_the_same_order_gives_the_same_weights_twice(order: TrainingOrder) -> None:
    folders = (order.out, order.out.with_name("again"))
    for out in folders:
        train_intent(replace(order, out=out), models_home=order.out)
    for name in ("model.safetensors", "scorer.safetensors", "calibration.json"):
        assert len({file_sha256(out / name) for out in folders}) == 1


def test_the_manifest_says_where_the_model_comes_from(order: TrainingOrder) -> None:
    train_intent(order, models_home=order.out)
    manifest = json.loads((order.out / "manifest.json").read_text())
    assert manifest["base"] == "tiny"
    assert manifest["seed"] == 1
    assert manifest["data_sha256"] == file_sha256(order.data)
    assert manifest["recipe"]["epochs"] == 3
    assert manifest["libraries"]["torch"]
    assert manifest["metrics"]["accuracy"] is not None


def test_out_of_scope_rows_give_a_threshold_and_no_intent(order: TrainingOrder) -> None:
    train_intent(order, models_home=order.out)
    calibration = json.loads((order.out / "calibration.json").read_text())
    assert calibration["out_of_scope_threshold"] is not None
    assert "class_margin" in calibration["out_of_scope"]["weights"]
    assert "out_of_scope" not in TorchIntentModel(order.out).labels


def test_without_out_of_scope_rows_nothing_is_ever_rejected(order: TrainingOrder) -> None:
    write_csv(order.data, toy_rows(outside=0))
    train_intent(order, models_home=order.out)
    calibration = json.loads((order.out / "calibration.json").read_text())
    assert calibration["out_of_scope_threshold"] is None
    result = TorchIntentModel(order.out).understand(["pizza moon"])[0]
    assert result.intent != "out_of_scope"
    assert 0.0 <= result.out_of_scope <= 1.0


def test_few_examples_are_rehearsed_first_so_that_none_is_lost(order: TrainingOrder) -> None:
    write_csv(order.data, toy_rows(3, outside=0))
    listener = Listener()
    report = train_intent(order, models_home=order.out, watch=listener)
    assert listener.stages == ["Rehearsal", "Training"]
    assert report.rows == 9


def test_a_validation_file_is_what_the_figures_are_of(order: TrainingOrder) -> None:
    validation = write_csv(order.data.with_name("validation.csv"), toy_rows(7, outside=6))
    listener = Listener()
    train = replace(order, validation=validation)
    report = train_intent(train, models_home=order.out, watch=listener)
    assert listener.stages == ["Training"]
    assert report.held_out_rows == 27


def test_validation_may_hold_out_of_scope_rows_that_training_had_none_of(
    order: TrainingOrder,
) -> None:
    write_csv(order.data, toy_rows(outside=0))
    validation = write_csv(order.data.with_name("validation.csv"), toy_rows(7, outside=20))
    train_intent(replace(order, validation=validation), models_home=order.out)
    calibration = json.loads((order.out / "calibration.json").read_text())
    assert calibration["out_of_scope_threshold"] is not None
    assert set(calibration["out_of_scope"]["weights"]) == {"energy", "top_logit", "distance"}


def test_an_unknown_intent_in_the_validation_file_is_named(order: TrainingOrder) -> None:
    rows = [Utterance("hello", "greeting", "en")]
    validation = write_csv(order.data.with_name("validation.csv"), rows)
    with pytest.raises(CorpusInvalid, match=r"validation\.csv, line 2: the intent 'greeting'"):
        train_intent(replace(order, validation=validation), models_home=order.out)


def test_one_intent_is_no_choice(order: TrainingOrder) -> None:
    write_csv(order.data, [row for row in toy_rows() if row.intent in ("login", "out_of_scope")])
    with pytest.raises(CorpusInvalid, match="it has 1 intents besides out_of_scope"):
        train_intent(order, models_home=order.out)


def test_missing_weights_are_told_before_any_work_is_done(order: TrainingOrder) -> None:
    with pytest.raises(BaseModelUnavailable, match="kefu models pull minilm"):
        train_intent(replace(order, base="auto"), models_home=order.out)
    assert not order.out.exists()


def test_a_directory_that_is_no_model_is_not_overwritten(order: TrainingOrder) -> None:
    order.out.mkdir(parents=True)
    (order.out / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputTaken, match="--out"):
        train_intent(order, models_home=order.out)
    assert (order.out / "thesis.txt").is_file()


def test_an_older_model_is_replaced_as_a_whole(order: TrainingOrder) -> None:
    train_intent(order, models_home=order.out)
    (order.out / "leftover.bin").write_text("old")
    report = train_intent(replace(order, seed=2), models_home=order.out)
    assert not (order.out / "leftover.bin").exists()
    assert TorchIntentModel(order.out).version == report.version
    assert [path.name for path in order.out.parent.iterdir()] == ["model"]


def test_a_training_goes_on_from_a_model_with_fewer_intents(order: TrainingOrder) -> None:
    train_intent(replace(order, epochs=20), models_home=order.out)
    fourth = [Utterance(f"wrap it {n} gift ribbon", "gift_wrapping", "en") for n in range(20)]
    data = write_csv(order.data.with_name("more.csv"), [*toy_rows(), *fourth])
    more = replace(order, data=data, out=order.out.with_name("more"), start=order.out)
    train_intent(replace(more, epochs=1), models_home=order.out)
    model = TorchIntentModel(more.out)
    assert set(model.labels) == {*TOPICS, "gift_wrapping"}
    rows = [*toy_rows(outside=0), *fourth]
    best = [result.ranking[0][0] for result in model.understand([row.text for row in rows])]
    assert sum(b == row.intent for b, row in zip(best, rows, strict=True)) > 0.8 * len(rows)


def test_what_8_bits_cost_is_measured_on_rows_that_were_not_taught(order: TrainingOrder) -> None:
    train_intent(replace(order, served=True), models_home=order.out)
    record = json.loads((order.out / RECORD).read_text())
    assert record["n"] > 0
    assert abs(record[LOSS]) <= 1.0
    assert record["version"] == TorchIntentModel(order.out).version


def test_what_8_bits_cost_is_not_measured_on_rows_learnt_by_heart(order: TrainingOrder) -> None:
    write_csv(order.data, toy_rows(3, outside=0))
    train_intent(replace(order, served=True), models_home=order.out)
    assert not (order.out / RECORD).exists()


def test_both_runtimes_read_as_far_as_the_model_was_taught(order: TrainingOrder) -> None:
    train_intent(order, models_home=order.out)
    beginning = " ".join(["password"] * TOKEN_LIMIT)
    for model in (TorchIntentModel(order.out), OnnxIntentModel(order.out)):
        short, long = model.understand([beginning])[0], model.understand([f"{beginning} money"])[0]
        assert short == long
