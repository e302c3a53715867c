"""/readyz tells the parts apart: only what customers need decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from chatbot.bootstrap import Kefu
from chatbot.errors import BrokerUnavailable, ModelDirectoryInvalid, StoreUnavailable
from chatbot.ports import IntentModel
from tests.web.quick_app import quick_app


@dataclass
class _Broker:
    answer: bool | None
    """None: it is away."""

    def has_worker(self) -> bool:
        if self.answer is None:
            raise BrokerUnavailable("away")
        return self.answer


def _ready(kefu: Kefu) -> tuple[int, dict[str, str]]:
    with TestClient(quick_app(kefu), raise_server_exceptions=False) as client:
        response = client.get("/readyz")
    return response.status_code, response.json()["parts"]


@pytest.mark.parametrize(
    ("answer", "broker", "worker"),
    [(True, "ok", "ok"), (False, "ok", "degraded"), (None, "degraded", "degraded")],
)
def test_broker_and_worker_may_be_missing(
    kefu: Kefu, answer: bool | None, broker: str, worker: str
) -> None:
    status, parts = _ready(replace(kefu, broker=_Broker(answer)))
    assert status == 200
    assert parts == {
        "database": "ok",
        "knowledge": "ok",
        "intents": "ok",
        "broker": broker,
        "worker": worker,
    }


def _no_intents(_collection: str) -> IntentModel:
    raise ModelDirectoryInvalid(Path("model"), "it is empty")


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        ("intents", lambda kefu: replace(kefu, intents=_no_intents)),
        (
            "knowledge",
            lambda kefu: replace(
                kefu, settings=kefu.settings.model_copy(update={"collection": "x"})
            ),
        ),
    ],
)
def test_what_answers_must_be_there(kefu: Kefu, part: str, broken: Callable[[Kefu], Kefu]) -> None:
    status, parts = _ready(broken(kefu))
    assert status == 503
    assert parts[part] == "unavailable"
    assert parts["database"] == "ok"


def test_the_database_must_answer(kefu: Kefu, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_self: object) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr("chatbot.fakes.MemoryStore.ping", broken)
    status, parts = _ready(kefu)
    assert (status, parts["database"], parts["knowledge"]) == (503, "unavailable", "ok")
