from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from chatbot.adapters.intent_compression import LARGEST_LOSS, RECORD
from chatbot.adapters.intent_directory import file_sha256, read_directory
from chatbot.conversation import Understanding
from training.compress.agreement import measure_agreement
from training.compress.served import loss_record, record_served_loss
from training.corpus import Utterance, read_corpus

ROWS = [Utterance(str(n), intent, "en") for n, intent in enumerate("aab")]


def _says(intent: str, best: str = "") -> Understanding:
    return Understanding(
        intent=intent, confidence=0.9, out_of_scope=0.1, ranking=((best or intent, 0.9),)
    )


def test_the_record_of_a_model_directory_is_true_and_lies_beside_it(
    source: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(source, tmp_path / "copy"))
    rows = read_corpus(source.parent / "validation.csv").utterances
    record = record_served_loss(copy, rows)
    assert json.loads((copy / RECORD).read_text()) == record
    assert record["n"] == len(rows)
    assert record["loss"] == pytest.approx(record["accuracy_torch"] - record["accuracy_int8"])
    assert record["version"] == read_directory(copy).version
    assert (copy / "onnx" / "encoder.int8.onnx").is_file()


def test_a_network_without_an_8_bit_graph_has_no_loss(source: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(source, tmp_path / "copy", ignore=shutil.ignore_patterns("onnx")))
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"hidden_act": "relu"}))
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"]["config.json"] = file_sha256(copy / "config.json")
    (copy / "manifest.json").write_text(json.dumps(manifest))
    record = record_served_loss(copy, read_corpus(source.parent / "validation.csv").utterances)
    assert record["loss"] is None
    assert "GELU" in record["reason"]


@pytest.mark.parametrize(("wrong", "small"), [(3, True), (4, False)])
def test_three_rows_of_a_thousand_are_no_more_than_the_largest_loss(
    wrong: int, small: bool
) -> None:
    rows = [Utterance(str(n), "a", "en") for n in range(1000)]
    right = [_says("a")] * 1000
    record = loss_record("v", rows, right, [_says("b")] * wrong + right[wrong:])
    assert (record["loss"] <= LARGEST_LOSS) is small


def test_a_decision_may_be_lost_while_the_best_intent_stays() -> None:
    before = [_says("a"), _says("a"), _says("b")]
    after = [_says("out_of_scope", "a"), _says("a"), _says("b")]
    agreement = measure_agreement(ROWS, before, after)
    assert agreement.loss == pytest.approx(1 / 3)
    assert agreement.best.difference == 0
    assert agreement.equal == pytest.approx(2 / 3)


def test_two_wrong_answers_that_differ_are_no_equal_decision() -> None:
    agreement = measure_agreement(ROWS[:1], [_says("b")], [_says("c")])
    assert agreement.loss == 0
    assert agreement.equal == 0
