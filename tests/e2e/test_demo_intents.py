"""The demo company's intent model on the part of its utterances that was held out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatbot.intent_home import current_intents
from tests.conftest import run_kefu

pytestmark = pytest.mark.models


def test_intents_and_what_is_none_are_told_apart_in_both_languages(
    demo_home: Path, tmp_path: Path
) -> None:
    model = current_intents(demo_home / "intents", "demo")
    assert model is not None
    report = tmp_path / "report.json"
    result = run_kefu(
        *("evaluate", "intent", "--model", model, "--report", report),
        *("--data", demo_home / "demo" / "test.csv"),
        home=demo_home,
    )
    assert result.returncode == 0, result.stderr
    figures = json.loads(report.read_text(encoding="utf-8"))
    for language in ("en", "zh"):
        assert figures["per_language"][language]["accuracy"] >= 0.93
        assert figures["per_language"][language]["oos_auroc"] >= 0.93
