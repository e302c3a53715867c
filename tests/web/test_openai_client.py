"""The official client of OpenAI against a real server on a port of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
from fastapi.testclient import TestClient
from openai import OpenAI

from chatbot.api_keys import issue_key
from chatbot.bootstrap import Kefu
from chatbot.people import Role
from tests.web.console_office import Desk, employ, office_of, sign_in

ASKED = {"en": "how long for a return", "zh": "几天内可以退货"}
ANSWERS = {"en": "15 days.\n\nSource:\n[1] Returns", "zh": "15天。\n\n来源：\n[1] 退货"}


@pytest.fixture
def client(company: Kefu, served: str) -> Iterator[OpenAI]:
    key = issue_key(office_of(company).api_keys, company.clock, name="app").secret
    with OpenAI(base_url=f"{served}/v1", api_key=key, max_retries=0) as client:
        yield client


def _ask(client: OpenAI, *texts: str, **more: Any) -> Any:
    said = [{"role": "user", "content": text} for text in texts]
    return client.chat.completions.create(model="demo", messages=said, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_answer_reads_as_any_other(client: OpenAI, language: str) -> None:
    answer = _ask(client, ASKED[language], temperature=0, max_tokens=50)
    assert answer.choices[0].message.content == ANSWERS[language]
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens > 0
    assert answer.kefu["citations"][0]["document_id"] == f"window-{language}"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_stream_joins_to_the_same_answer(client: OpenAI, language: str) -> None:
    with _ask(client, ASKED[language], stream=True) as stream:
        chunks = list(stream)
    assert chunks[0].choices[0].delta.role == "assistant"
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert said == ANSWERS[language]
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert chunks[-1].kefu["citations"][0]["document_id"] == f"window-{language}"


def test_a_stream_counts_where_it_is_asked_to(client: OpenAI) -> None:
    options = {"include_usage": True}
    *_, last = _ask(client, ASKED["en"], stream=True, stream_options=options)
    assert last.choices == []
    assert last.usage.prompt_tokens == 5


def test_a_client_that_leaves_in_the_middle_leaves_the_server_up(client: OpenAI) -> None:
    with _ask(client, ASKED["en"], stream=True) as stream:
        next(iter(stream))
    assert _ask(client, ASKED["zh"]).choices[0].message.content == ANSWERS["zh"]


def test_a_wrong_key_is_refused_as_such(served: str) -> None:
    with (
        OpenAI(base_url=f"{served}/v1", api_key="kefu-wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError) as refused,
    ):
        _ask(stranger, ASKED["en"])
    assert refused.value.code == "invalid_api_key"


def test_what_is_not_supported_is_a_bad_request_by_name(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        _ask(client, ASKED["en"], n=2)
    assert (refused.value.param, refused.value.code) == ("n", "unsupported_parameter")


def test_the_models_can_be_listed(client: OpenAI) -> None:
    assert client.models.list().data == []
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("nowhere")


@pytest.mark.parametrize(
    ("asked", "yes", "says"),
    [
        ("Where is my order ME20260101?", "yes", "SF Express"),
        ("我的订单ME20260101到哪了？", "是的", "顺丰"),
    ],
)
def test_an_order_is_asked_about_over_several_calls(
    client: OpenAI, company: Kefu, asked: str, yes: str, says: str
) -> None:
    """For a client that hands the conversation back; for another one no form begins."""
    assert _ask(client, asked).kefu["action"] not in ("collect", "act")
    first = _ask(client, asked, metadata={"conversation_id": "new"})
    known = {"conversation_id": first.kefu["conversation_id"]}
    second = _ask(client, asked, yes, metadata=known)
    assert [first.kefu["action"], second.kefu["action"]] == ["collect", "collect"]
    third, again = (_ask(client, asked, yes, "0042", metadata=known) for _ in range(2))
    assert third.kefu["action"] == "act"
    assert says in third.choices[0].message.content
    assert again.id == third.id
    assert len(company.store.turns(known["conversation_id"])) == 3


@pytest.mark.parametrize(
    ("language", "wish", "says"),
    [("en", "a human please", "colleague"), ("zh", "转人工客服", "同事")],
)
def test_an_agent_who_takes_over_is_said(
    client: OpenAI,
    company: Kefu,
    people: Callable[[], TestClient],
    language: str,
    wish: str,
    says: str,
) -> None:
    first = _ask(client, wish)
    assert first.kefu["handoff"]
    known = first.kefu["conversation_id"]
    browser = people()
    sign_in(browser, employ(company, Role.AGENT, "Anna"))
    assert Desk(browser).do(known, "take").status_code == 200
    then = _ask(client, wish, ASKED[language], metadata={"conversation_id": known})
    assert (then.kefu["author"], then.kefu["text"]) == ("agent", "")
    assert says in then.choices[0].message.content
