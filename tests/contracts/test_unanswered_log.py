"""What every log of unanswered questions does: the fake and the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from chatbot.adapters.store_unanswered import SqlUnanswered
from chatbot.conversation import Action, Language
from chatbot.fakes import MemoryUnanswered
from chatbot.gaps import Unanswered, UnansweredLog, Why
from privacy.keyring_memory import MemoryKeyRing
from tests.databases import sqlite_database
from tests.training.logged_conversations import NOW, Said, agree, log_conversation

AGAIN = {"reason": "repeated_failure"}
SAID = (
    Said("do you sell vouchers", Action.REFUSE),
    Said("有礼品卡吗", Action.HANDOFF, evidence=AGAIN, language=Language.ZH_HANS),
    Said("where is my parcel", helpful=False),
    Said("get me a person", Action.HANDOFF, evidence={"reason": "request_human"}),
    Said("how long for a return"),
    Said("it broke inside", Action.REFUSE, error="ValueError"),
)
EXPECTED = {
    ("do you sell vouchers", "en", Why.REFUSED),
    ("有礼品卡吗", "zh", Why.HANDED_OVER),
    ("where is my parcel", "en", Why.THUMBS_DOWN),
}


@pytest.fixture(params=["memory", "sql"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[UnansweredLog]:
    if request.param == "memory":
        kept = [Unanswered(text, text, language, NOW, why) for text, language, why in EXPECTED]
        yield MemoryUnanswered({"demo": kept})
        return
    engine, keys = sqlite_database(tmp_path / "kefu.db"), MemoryKeyRing()
    log_conversation(engine, keys, *SAID, customer="anna")
    log_conversation(engine, keys, Said("never learn this", Action.REFUSE), customer="ben")
    agree(engine, "ben", granted=False)
    yield SqlUnanswered(engine)
    engine.dispose()


def test_refusals_failures_and_thumbs_down_are_what_was_not_answered(log: UnansweredLog) -> None:
    found = {(one.text, one.language, one.why) for one in log.unanswered("demo", since=NOW)}
    assert found == EXPECTED


def test_each_question_has_a_name_of_its_own(log: UnansweredLog) -> None:
    names = [one.message_id for one in log.unanswered("demo", since=NOW)]
    assert len(names) == len(set(names)) == 3


def test_what_is_older_is_left_out(log: UnansweredLog) -> None:
    assert list(log.unanswered("demo", since=NOW + timedelta(hours=1))) == []


def test_another_collection_has_its_own(log: UnansweredLog) -> None:
    assert list(log.unanswered("other", since=NOW)) == []
