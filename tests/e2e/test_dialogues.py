"""Conversations of several turns through `kefu ask --input`, with the real models."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from chatbot.cli.ask import ask
from tests.benchmarks.followups import LANGUAGES, measure

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("loaded_once")]


@pytest.fixture(autouse=True)
def _in_the_demo_home(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "KEFU_HOME", str(demo_home))


@pytest.mark.parametrize("language", LANGUAGES)
def test_second_questions_are_answered_in_the_light_of_the_first(
    language: str, tmp_path: Path
) -> None:
    measured = measure(language, tmp_path)
    assert measured.dialogues >= 20
    assert measured.share >= 0.8
    assert measured.resolved > 1.5 * measured.alone


def _talk(folder: Path, *turns: str) -> list[dict[str, str]]:
    source, output = folder / "q.jsonl", folder / "a.jsonl"
    source.write_text(json.dumps({"id": "1", "turns": turns}), encoding="utf-8")
    ask(source=source, output=output, collection="demo")
    rows = json.loads(output.read_text(encoding="utf-8"))["turns"]
    assert isinstance(rows, list)
    return rows


@pytest.mark.parametrize(
    ("turns", "carrier"),
    [
        (("where is my order?", "ME20260101", "yes", "0042"), "SF Express"),
        (("我的快递到哪了", "ME20260101", "对", "尾号0042"), "顺丰速运"),
        (("我的快遞到哪了", "ME20260101", "對", "尾號0042"), "順豐速運"),
    ],
)
def test_an_order_is_looked_up_from_question_to_status(
    turns: tuple[str, ...], carrier: str, tmp_path: Path
) -> None:
    rows = _talk(tmp_path, *turns)
    assert [row["action"] for row in rows] == ["answer", "collect", "collect", "act"]
    assert carrier in rows[-1]["answer"]


def test_everything_in_one_message_is_looked_up_at_once(tmp_path: Path) -> None:
    for text in (
        "where is order ME20260104? phone ends in 2718",
        "帮我查下ME20260104，手机尾号2718",
    ):
        assert _talk(tmp_path, text)[0]["action"] == "act"


def test_another_wish_with_an_order_number_is_not_taken_for_its_status(tmp_path: Path) -> None:
    for text in ("how do I cancel order ME20260101?", "订单ME20260101怎么取消"):
        row = _talk(tmp_path, text)[0]
        assert row["action"] == "answer"
        assert row["intent"] == "cancel_order"
