from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from chatbot.errors import StoreUnavailable


def test_a_healthy_server_says_so(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.get("/readyz").json()["status"] == "ok"


def test_without_its_database_it_is_alive_but_not_ready(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: object) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr("chatbot.fakes.MemoryStore.ping", broken)
    assert client.get("/healthz").status_code == 200
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["detail"] == "StoreUnavailable"


def test_metrics_count_decisions_and_hold_no_words(client: TestClient) -> None:
    opened = client.post("/v1/conversations", json={}).json()
    client.post(
        f"/v1/conversations/{opened['conversation_id']}/messages",
        json={"text": "how long for a return", "client_message_id": "1"},
        headers={"Authorization": f"Bearer {opened['token']}"},
    )
    text = client.get("/metrics").text
    assert 'kefu_turns_total{action="answer",language="en"} 1.0' in text
    assert "how long" not in text
