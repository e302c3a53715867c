"""Which runtime serves a trained intent model."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from chatbot.adapters.intent_compression import RECORD, choose_runtime
from chatbot.bootstrap import load_intents
from chatbot.settings import Settings
from tests.training.tiny_versions import train_tiny


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def model(tiny: Path, tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns(RECORD)
    return Path(shutil.copytree(tiny, tmp_path / "model", ignore=ignored))


def _record(model: Path, loss: float | None) -> None:
    (model / RECORD).write_text(json.dumps({"loss": loss}))


def _load(model: Path, encoder: str = "onnx") -> tuple[str, dict[str, object]]:
    """Name of the class that serves, and the one line that was logged."""
    settings = Settings.model_validate({"home": model.parent, "encoder": encoder})
    with capture_logs() as logs:
        loaded = load_intents(model, settings)
    (line,) = logs
    assert line["version"] == loaded.version
    return type(loaded).__name__, dict(line)


@pytest.mark.parametrize(
    ("loss", "runtime"),
    [
        (-0.01, "onnx"),
        (0.0, "onnx"),
        (0.003, "onnx"),
        (0.0031, "torch"),
        (0.2, "torch"),
        (None, "torch"),
    ],
)
def test_8_bits_serve_where_they_cost_three_thousandths_at_most(
    model: Path, loss: float | None, runtime: str
) -> None:
    _record(model, loss)
    served, line = _load(model)
    assert served == {"onnx": "OnnxIntentModel", "torch": "TorchIntentModel"}[runtime]
    level = {"onnx": "debug", "torch": "info"}[runtime]
    assert (line["loss"], line["runtime"], line["log_level"]) == (loss, runtime, level)


def test_a_model_without_a_record_is_served_at_8_bits(model: Path) -> None:
    assert _load(model)[0] == "OnnxIntentModel"


def test_the_setting_torch_is_obeyed_whatever_was_measured(model: Path) -> None:
    _record(model, 0.0)
    served, line = _load(model, "torch")
    assert served == "TorchIntentModel"
    assert line["runtime"] == "torch"


def test_without_torch_8_bits_serve_with_a_warning(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _record(model, 0.1)
    monkeypatch.setitem(sys.modules, "torch", None)
    served, line = _load(model)
    assert served == "OnnxIntentModel"
    assert (line["log_level"], line["loss"]) == ("warning", 0.1)
    assert "torch" in str(line["event"])


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"loss": "much"}'])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / RECORD).write_text(text)
    assert choose_runtime(tmp_path, "onnx").runtime == "onnx"
