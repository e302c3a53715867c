"""Scripted traffic against the real server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import call_kefu, run_kefu

pytestmark = pytest.mark.models


def test_twelve_conversations_go_through_without_a_failure(
    live_server: str, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    result = run_kefu(
        *("simulate", "--url", live_server, "--conversations", "12", "--report", report),
        home=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(report.read_text("utf-8"))
    assert found["failures"] == []
    assert sum(found["outcomes"].values()) == len(set(found["conversation_ids"])) == 12
    assert {"answer", "refuse"} <= found["actions"].keys()
    assert found["messages"] == sum(found["actions"].values()) > 12
    assert all(canary["value"] for canary in found["canaries"])


def test_a_server_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    result = call_kefu("simulate", "--url", "http://127.0.0.1:9", home=tmp_path)
    assert result.returncode == 1
    assert "ConnectError" in result.stderr
    assert "Traceback" not in result.stderr
