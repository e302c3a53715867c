from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi.testclient import TestClient

from chatbot.bootstrap import Kefu
from chatbot.errors import StoreUnavailable
from tests.web.quick_app import quick_app


def _open(client: TestClient, **body: Any) -> tuple[str, dict[str, str]]:
    response = client.post("/v1/conversations", json={"channel": "web", **body})
    assert response.status_code == 201
    opened = response.json()
    return (
        f"/v1/conversations/{opened['conversation_id']}",
        {"Authorization": f"Bearer {opened['token']}"},
    )


def _send(client: TestClient, text: object, **extra: Any) -> httpx.Response:
    path, headers = _open(client)
    body = {"text": text, "client_message_id": "m1", **extra}
    return client.post(f"{path}/messages", json=body, headers=headers)


def _assert_problem(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["title"]
    assert "Traceback" not in response.text
    return str(body["detail"])


@pytest.mark.parametrize(("language", "says"), [("en", "automated assistant"), ("zh", "智能客服")])
def test_opening_discloses_that_a_machine_answers(
    client: TestClient, language: str, says: str
) -> None:
    response = client.post("/v1/conversations", json={"channel": "web", "language": language})
    disclosure = response.json()["disclosure"]
    assert says in disclosure["text"]
    assert disclosure["version"]


def test_an_answer_names_its_source(client: TestClient) -> None:
    reply = _send(client, "how long for a return").json()
    assert reply["text"] == "15 days."
    assert reply["action"] == "answer"
    assert reply["citations"][0]["document_id"] == "window-en"
    assert reply["author"] == "bot"
    assert reply["intent"]["name"] == "return"
    assert reply["versions"]
    assert reply["latency_ms"]["total"] >= 0


def test_a_streamed_reply_is_the_reply_in_pieces(client: TestClient) -> None:
    path, headers = _open(client)
    with client.stream(
        "POST",
        f"{path}/messages",
        json={"text": "几天内可以退货", "client_message_id": "m1"},
        headers={**headers, "Accept": "text/event-stream"},
    ) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        blocks = response.read().decode().strip().split("\n\n")
    events = [
        (head.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        for head, data in (block.split("\n") for block in blocks)
    ]
    assert events[0][0] == "meta"
    assert events[-1][0] == "done"
    tokens = "".join(data["text"] for name, data in events if name == "token")
    assert tokens == events[-1][1]["text"] == "15天。"
    assert [data["document_id"] for name, data in events if name == "citation"] == ["window-zh"]


def test_the_same_client_message_id_gets_the_same_reply(client: TestClient) -> None:
    path, headers = _open(client)
    body = {"text": "return", "client_message_id": "m1"}
    first, again = (
        client.post(f"{path}/messages", json=body, headers=headers).json() for _ in range(2)
    )
    assert first == again
    assert len(client.get(f"{path}/messages", headers=headers).json()["turns"]) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("\u200b \n", "empty"),
        ("x" * 100_000, "100,000"),
        ("return\x00", "NUL"),
        (7, "text"),
        (None, "text"),
        (["return"], "text"),
    ],
)
def test_what_is_no_message_is_refused_with_a_reason(
    client: TestClient, text: object, says: str
) -> None:
    assert says in _assert_problem(_send(client, text), 422)


def test_a_lone_surrogate_is_refused_and_not_repeated(client: TestClient) -> None:
    path, headers = _open(client)
    response = client.post(
        f"{path}/messages",
        content=b'{"text": "secret \\ud83d", "client_message_id": "1"}',
        headers={**headers, "Content-Type": "application/json"},
    )
    assert "secret" not in _assert_problem(response, 422)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_body_that_is_no_json_object_is_refused(client: TestClient, content: bytes) -> None:
    path, headers = _open(client)
    response = client.post(
        f"{path}/messages",
        content=content,
        headers={**headers, "Content-Type": "application/json"},
    )
    assert response.status_code in (400, 422)
    _assert_problem(response, response.status_code)


def test_a_huge_body_is_refused_before_it_is_read(client: TestClient) -> None:
    path, headers = _open(client)
    whole = b'{"text": "' + b"x" * 2_000_000 + b'"}'
    chunks = (whole[start : start + 100_000] for start in range(0, len(whole), 100_000))
    for content in (whole, chunks):
        response = client.post(f"{path}/messages", content=content, headers=headers)
        _assert_problem(response, 413)


def test_emoji_alone_get_a_question_back(client: TestClient) -> None:
    assert _send(client, "😀😀").json()["action"] == "clarify"


def test_a_stranger_sees_nothing(client: TestClient) -> None:
    path, _ = _open(client)
    other = {"Authorization": "Bearer wrong"}
    body = {"text": "return", "client_message_id": "1"}
    _assert_problem(client.post(f"{path}/messages", json=body), 401)
    _assert_problem(client.post(f"{path}/messages", json=body, headers=other), 404)
    _assert_problem(client.get(f"{path}/messages", headers=other), 404)
    _assert_problem(client.get("/v1/conversations/nobody/messages", headers=other), 404)


def test_a_closed_conversation_takes_no_more_messages(client: TestClient) -> None:
    path, headers = _open(client)
    for _ in range(2):
        assert client.post(f"{path}/close", headers=headers).status_code == 204
    body = {"text": "return", "client_message_id": "1"}
    _assert_problem(client.post(f"{path}/messages", json=body, headers=headers), 409)
    _assert_problem(client.post(f"{path}/handoff", headers=headers), 409)


def test_calling_a_person_answers_in_the_language_that_was_spoken(client: TestClient) -> None:
    path, headers = _open(client)
    client.post(
        f"{path}/messages",
        json={"text": "几天内可以退货", "client_message_id": "1"},
        headers=headers,
    )
    response = client.post(f"{path}/handoff", headers=headers)
    assert response.status_code == 202
    assert "人工" in response.json()["text"]
    assert client.get(f"{path}/messages", headers=headers).json()["handoff"]


def test_feedback_needs_a_reply_of_this_conversation(client: TestClient) -> None:
    path, headers = _open(client)
    reply = client.post(
        f"{path}/messages", json={"text": "return", "client_message_id": "1"}, headers=headers
    ).json()
    rating = {"message_id": reply["message_id"], "helpful": False, "reason": "call 13800138000"}
    assert client.post(f"{path}/feedback", json=rating, headers=headers).status_code == 204
    rating["message_id"] = str(uuid4())
    _assert_problem(client.post(f"{path}/feedback", json=rating, headers=headers), 404)


def test_an_unknown_collection_opens_nothing(client: TestClient) -> None:
    for name, status in (("nowhere", 404), ("../etc", 422)):
        response = client.post("/v1/conversations", json={"collection": name})
        _assert_problem(response, status)


def test_a_missing_database_is_said_without_details(
    kefu: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: object, _conversation: object) -> None:
        raise StoreUnavailable("OperationalError at /secret/path")

    monkeypatch.setattr("chatbot.fakes.MemoryStore.open", broken)
    with TestClient(quick_app(kefu), raise_server_exceptions=False) as client:
        response = client.post("/v1/conversations", json={})
        assert "secret" not in _assert_problem(response, 503)


def test_what_nobody_foresaw_is_a_problem_and_no_page(
    kefu: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: object, _conversation: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("chatbot.fakes.MemoryStore.open", broken)
    with TestClient(quick_app(kefu), raise_server_exceptions=False) as client:
        response = client.post("/v1/conversations", json={})
        assert "secret" not in _assert_problem(response, 500)
