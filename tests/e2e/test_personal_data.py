"""What finds personal data, with its trained model, on the turns that were written to test it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chatbot.detection import configure_detection
from chatbot.settings import Settings
from privacy.custom_types import NO_CUSTOM_TYPES
from privacy.detector import configure
from privacy.redaction import Redactor, redact
from tests.conftest import ROOT, run_kefu

pytestmark = pytest.mark.models
TURNS = ROOT / "tests" / "data" / "pii" / "turns.jsonl"
LEARNT = {"PERSON", "ADDRESS"}


@pytest.fixture(scope="module")
def figures(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    report = tmp_path_factory.mktemp("pii") / "report.json"
    result = run_kefu(
        *("evaluate", "pii", "--account-urls", "--data", TURNS, "--report", report),
        home=demo_home,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(report.read_text(encoding="utf-8"))


def test_most_people_are_found(figures: dict[str, Any]) -> None:
    # 0.92 to 0.93 were seen: trainings agree on one machine only.
    assert figures["per_type_relaxed"]["PERSON"]["recall"] >= 0.90


def test_addresses_are_found(figures: dict[str, Any]) -> None:
    assert figures["per_type_relaxed"]["ADDRESS"]["recall"] >= 0.85


def test_numbers_and_accounts_are_found(figures: dict[str, Any]) -> None:
    kinds = [one for kind, one in figures["per_type_relaxed"].items() if kind not in LEARNT]
    found = sum(one["recall"] * one["gold"] for one in kinds if one["gold"])
    assert found / sum(one["gold"] for one in kinds) >= 0.97


def test_look_alikes_raise_one_alarm_in_a_hundred_at_most() -> None:
    configure(NO_CUSTOM_TYPES)
    rows = [json.loads(line) for line in TURNS.read_text(encoding="utf-8").splitlines()]
    negatives = [row["text"] for row in rows if not row["spans"]]
    alarms = [text for text in negatives if redact(text) != text]
    assert len(negatives) > 200
    assert len(alarms) <= len(negatives) / 100


def test_a_server_masks_a_name_that_nobody_announced(demo_settings: Settings) -> None:
    from chatbot.bootstrap import build

    kefu = build(demo_settings)
    try:
        assert "<PERSON>" in kefu.redact("麻烦转告欧阳志远，他的包裹到了")
        assert "<PERSON>" in kefu.redact("Katarzyna Nowak ordered this for me, can she return it?")
        assert kefu.redact("how long does shipping take") == "how long does shipping take"
        assert kefu.redact("请问运费多少钱") == "请问运费多少钱"
    finally:
        configure(NO_CUSTOM_TYPES)


def test_a_turn_masked_with_the_trained_model_stays_as_it_is(demo_settings: Settings) -> None:
    configure_detection(demo_settings)
    try:
        for line in TURNS.read_text(encoding="utf-8").splitlines():
            once = Redactor().redact(json.loads(line)["text"]).text
            assert Redactor().redact(once).text == once
            assert redact(once) == once
    finally:
        configure(NO_CUSTOM_TYPES)
