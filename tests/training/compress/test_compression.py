from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from chatbot.adapters.intent_compression import RECORD
from chatbot.adapters.intent_onnx import OnnxIntentModel
from chatbot.adapters.intent_torch import TorchIntentModel
from tests.tiny_encoder import toy_rows, write_csv
from training.compress.compression import Compression, CompressionOrder, Method, compress_intent
from training.compress.measuring import megabytes
from training.corpus import Utterance
from training.errors import CompressionInvalid, CorpusInvalid, OutputTaken
from training.progress import SilentWatch


class Listener(SilentWatch):
    def __init__(self) -> None:
        self.totals: dict[str, int] = {}
        self.steps: dict[str, int] = {}
        self._stage = ""

    def stage(self, name: str, total: int) -> None:
        self._stage, self.totals[name], self.steps[name] = name, total, 0

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        self.steps[self._stage] += steps


@pytest.fixture(scope="module")
def listener() -> Listener:
    return Listener()


@pytest.fixture(scope="module")
def order(source: Path, tmp_path_factory: pytest.TempPathFactory) -> CompressionOrder:
    return CompressionOrder(
        model=source,
        data=source.parent / "validation.csv",
        out=tmp_path_factory.mktemp("smaller"),
        methods=(Method.QAT, Method.PRUNE),
        train=source.parent / "train.csv",
        widths=(0.5,),
        layers=1,
        epochs=3,
    )


@pytest.fixture(scope="module")
def found(order: CompressionOrder, listener: Listener) -> Compression:
    return compress_intent(order, watch=listener)


def _manifest(folder: Path) -> dict[str, dict[str, object]]:
    return dict(json.loads((folder / "manifest.json").read_text()))


def test_every_model_is_measured_on_both_runtimes(found: Compression) -> None:
    assert [(row.method, row.runtime) for row in found.figures] == [
        (method, runtime)
        for method in ("none", "qat", "prune-0.5-1-lower")
        for runtime in ("torch", "int8")
    ]
    first, *others = found.figures
    assert (first.loss, first.equal_decisions, first.mcnemar_p, first.speed_up) == (0, 1, 1, 1)
    for row in others:
        assert row.loss == pytest.approx(first.accuracy - row.accuracy)
        assert row.loss * found.n == pytest.approx(row.lost - row.won)
        assert row.megabytes_saved == pytest.approx(first.megabytes - row.megabytes, abs=2e-3)
        assert min(row.ms_p50, row.speed_up, row.sentences_per_s) > 0


def test_a_pruned_model_is_smaller_and_says_how(
    order: CompressionOrder, found: Compression
) -> None:
    folder = found.written[1]
    config = json.loads((folder / "config.json").read_text())
    assert (config["intermediate_size"], config["num_hidden_layers"]) == (32, 1)
    said = _manifest(folder)["recipe"]["compressed"]
    assert said == {
        "from": TorchIntentModel(order.model).version,
        "method": "prune",
        "width": 0.5,
        "neurons": 32,
        "layers": 1,
        "removed": "upper",
    }
    for runtime in ("torch", "int8"):
        assert megabytes(folder, runtime) < megabytes(order.model, runtime)


def test_a_quantisation_aware_model_has_other_weights_and_says_how(
    order: CompressionOrder, found: Compression
) -> None:
    before, after = _manifest(order.model), _manifest(found.written[0])
    assert after["files"]["model.safetensors"] != before["files"]["model.safetensors"]
    assert after["recipe"]["compressed"] == {"from": before["version"], "method": "qat"}
    assert after["recipe"]["encoder_learning_rate"] == pytest.approx(1e-3)


def test_smaller_models_know_their_topics_on_both_runtimes(found: Compression) -> None:
    rows = toy_rows(6, outside=0)
    for folder in found.written:
        for model in (TorchIntentModel(folder), OnnxIntentModel(folder)):
            best = [result.ranking[0][0] for result in model.understand([r.text for r in rows])]
            assert sum(b == row.intent for b, row in zip(best, rows, strict=True)) >= 15


def test_what_8_bits_cost_lies_beside_each_smaller_model(
    order: CompressionOrder, found: Compression
) -> None:
    for folder, exact, rounded in zip(
        found.written, found.figures[2::2], found.figures[3::2], strict=True
    ):
        record = json.loads((folder / RECORD).read_text())
        assert record["loss"] == pytest.approx(exact.accuracy - rounded.accuracy)
    assert not (order.model / RECORD).exists()


def test_every_stage_is_heard_to_its_end(found: Compression, listener: Listener) -> None:
    assert found.written
    assert {name.split(":")[0] for name in listener.totals} == {
        "Measuring",
        "Training",
        "Weighing neurons",
    }
    assert listener.steps == listener.totals


def test_a_smaller_model_can_be_made_smaller_again(
    order: CompressionOrder, found: Compression, tmp_path: Path
) -> None:
    again = replace(order, model=found.written[1], out=tmp_path, methods=(Method.QAT,), layers=None)
    (written,) = compress_intent(again).written
    assert json.loads((written / "config.json").read_text())["intermediate_size"] == 32


def test_8_bits_alone_write_nothing(order: CompressionOrder, tmp_path: Path) -> None:
    alone = replace(order, methods=(Method.INT8,), out=tmp_path, train=None, layers=None)
    found = compress_intent(alone)
    assert [row.runtime for row in found.figures] == ["torch", "int8"]
    assert not found.written
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"train": None}, "qat trains, and no --train was given"),
        ({"out": None}, "qat writes a model, and no --out was given"),
        ({"widths": (0.4,)}, "the width 0.4 is not between 0.5 and 1"),
        ({"widths": (1.0,), "layers": None}, "leaves nothing out"),
        ({"widths": (0.5, 0.5)}, "a width was named twice"),
        ({"layers": 2}, "2 layers of 2; 1 to 1 may stay"),
        ({"methods": ()}, "no method was named; there are int8, qat, prune"),
        ({"epochs": 0}, "0 epochs; 1 is the fewest"),
    ],
)
def test_an_order_that_cannot_be_is_one_sentence(
    order: CompressionOrder, changed: dict[str, object], sentence: str
) -> None:
    with pytest.raises(CompressionInvalid, match=sentence):
        compress_intent(replace(order, **changed))  # type: ignore[arg-type]


def _rows(*intents: str) -> Sequence[Utterance]:
    return [Utterance(f"what {n}", intent, "en") for n, intent in enumerate(intents)]


@pytest.mark.parametrize(
    ("part", "intents", "kind", "sentence"),
    [
        ("data", ["out_of_scope"], CompressionInvalid, "no sentence of the model's intents"),
        ("data", ["pizza"], CorpusInvalid, "line 2: the model does not know the intent 'pizza'"),
        ("train", ["login", "parcel"], CompressionInvalid, "no sentence of the intent 'refund'"),
    ],
)
def test_rows_that_do_not_fit_the_model_are_one_sentence(
    order: CompressionOrder,
    tmp_path: Path,
    part: str,
    intents: list[str],
    kind: type[Exception],
    sentence: str,
) -> None:
    path = write_csv(tmp_path / "rows.csv", _rows(*intents))
    with pytest.raises(kind, match=sentence):
        compress_intent(replace(order, **{part: path}))


def test_nothing_foreign_is_overwritten(order: CompressionOrder, tmp_path: Path) -> None:
    (tmp_path / "qat").mkdir()
    (tmp_path / "qat" / "letter.txt").write_text("mine")
    with pytest.raises(OutputTaken):
        compress_intent(replace(order, out=tmp_path))
    assert (tmp_path / "qat" / "letter.txt").read_text() == "mine"


def test_the_model_itself_is_not_overwritten(order: CompressionOrder, found: Compression) -> None:
    with pytest.raises(CompressionInvalid, match="is the model itself"):
        compress_intent(replace(order, model=found.written[0], layers=None))
