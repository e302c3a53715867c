"""A real server with real models answers over HTTP, in both languages, and survives bad days."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.conftest import call_kefu, start_server

pytestmark = pytest.mark.models


class Customer:
    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=60)
        opened = self._client.post("/v1/conversations", json={"channel": "web"}).json()
        self.path = f"/v1/conversations/{opened['conversation_id']}"
        self._client.headers["Authorization"] = f"Bearer {opened['token']}"

    def say(self, text: str) -> dict[str, object]:
        response = self._client.post(
            f"{self.path}/messages", json={"text": text, "client_message_id": str(uuid4())}
        )
        assert response.status_code == 200, response.text
        return dict(response.json())

    def history(self) -> list[dict[str, object]]:
        return list(self._client.get(f"{self.path}/messages").json()["turns"])

    def move_to(self, url: str) -> None:
        """The server is elsewhere now."""
        self._client.base_url = httpx.URL(url)

    def leave(self) -> None:
        self._client.close()


@pytest.fixture
def customer(live_server: str) -> Iterator[Customer]:
    customer = Customer(live_server)
    yield customer
    customer.leave()


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("How many days do I have to send a laptop back?", "return-window-en"),
        ("买了电脑不喜欢，几天之内可以退？", "return-window-zh"),
        ("Which ways to pay do you accept?", "payment-methods-en"),
        ("忘记密码登录不了怎么办", "reset-password-zh"),
    ],
)
def test_a_question_gets_the_companys_answer_with_its_source(
    customer: Customer, question: str, document: str
) -> None:
    reply = customer.say(question)
    assert reply["action"] == "answer"
    assert reply["citations"][0]["document_id"] == document  # type: ignore[index]


@pytest.mark.parametrize(
    "question", ["What is the capital of Portugal?", "请帮我写一首关于秋天的诗"]
)
def test_what_the_company_never_wrote_down_is_refused_with_the_offer_of_a_person(
    customer: Customer, question: str
) -> None:
    reply = customer.say(question)
    assert reply["action"] == "refuse"
    assert reply["suggestions"]
    assert customer.say(reply["suggestions"][0]["text"])["action"] == "handoff"  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("hi", "answer"),
        ("你好", "answer"),
        ("I want to talk to a human being", "handoff"),
        ("转人工", "handoff"),
        ("😀", "clarify"),
    ],
)
def test_small_talk_and_the_wish_for_a_person_are_understood(
    customer: Customer, text: str, action: str
) -> None:
    reply = customer.say(text)
    assert reply["action"] == action
    assert not reply["citations"]


def test_nothing_is_lost_when_the_server_is_killed(demo_home: Path, tmp_path: Path) -> None:
    database = tmp_path / "kefu.db"
    environment = {"KEFU_DATABASE_URL": f"sqlite:///{database}"}
    server = start_server(demo_home, **environment)
    customer = Customer(server.url)
    said = [customer.say(text) for text in ("hello", "我的电话是13800138000，怎么退货")]
    server.stop(signal.SIGKILL)
    again = start_server(demo_home, **environment)
    customer.move_to(again.url)
    assert [turn["reply"] for turn in customer.history()] == said
    customer.leave()
    again.stop()
    with sqlite3.connect(database) as connection:
        dump = "\n".join(connection.iterdump())
    connection.close()
    assert "13800138000" not in dump
    assert "13800138000" not in "".join(server.log + again.log)


def test_a_port_that_is_taken_is_one_sentence(live_server: str, demo_home: Path) -> None:
    port = live_server.rsplit(":", 1)[1]
    result = call_kefu("serve", "--port", port, home=demo_home)
    assert result.returncode == 1
    assert "another program uses it" in result.stderr
    assert "Traceback" not in result.stderr
