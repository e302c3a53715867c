"""The demonstration day, shortened, with the real models; it trains one for a minute."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import call_kefu, run_kefu

pytestmark = pytest.mark.models

CONVERSATIONS = 200


def test_a_day_teaches_a_new_intent_leaks_nothing_and_erases_for_good(
    demo_home: Path, tmp_path: Path
) -> None:
    out = tmp_path / "day"
    result = run_kefu(
        *("demo-day", "--out", out, "--from", demo_home),
        *("--conversations", str(CONVERSATIONS)),
        home=tmp_path,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    found = json.loads((out / "evidence" / "simulation.json").read_text("utf-8"))
    assert found["conversations"] == CONVERSATIONS
    assert found["agents"]["replies"] > 0
    assert (out / "evidence" / "audit" / "report.zh.html").is_file()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep", "utf-8")
    result = call_kefu("demo-day", "--out", tmp_path, home=tmp_path)
    assert result.returncode == 2
    assert "is not empty" in result.stderr
