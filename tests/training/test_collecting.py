from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from chatbot.adapters.store_lessons import SqlLessons
from chatbot.adapters.store_outcomes import SqlOutcomes
from chatbot.bootstrap import open_database
from chatbot.conversation import Action, Language, Suggestion
from chatbot.settings import Settings
from privacy.consent import Scope
from privacy.keyring_memory import MemoryKeyRing
from tests.training.logged_conversations import Said, agree, log_conversation
from training.collecting import collect
from training.progress import SilentWatch
from training.retraining import open_review_queue
from training.review_sql import SqlReviewQueue
from training.turn_log import logged_turns

RECENT = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, _env_file=None)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = open_database(settings)
    yield engine
    engine.dispose()


def _log(engine: Engine, *said: Said, customer: str) -> list[str]:
    return log_conversation(engine, MemoryKeyRing(), *said, customer=customer, at=RECENT)


def _collect(settings: Settings) -> dict[str, object]:
    return collect(settings, "demo", limit=50, days=30, watch=SilentWatch())


def test_what_customers_agreed_to_is_collected_once_and_nothing_else(
    settings: Settings, engine: Engine
) -> None:
    unsure = Said("is my crate on the boat", confidence=0.3, intent="refund")
    (mine,) = _log(engine, unsure, customer="willing")
    _log(engine, Said("when will the lorry come", confidence=0.3), customer="silent")
    _log(engine, Said("has the van left yet", confidence=0.3), customer="changed")
    agree(engine, "willing")
    agree(engine, "changed")
    agree(engine, "changed", granted=False, at=RECENT + timedelta(hours=1))
    assert _collect(settings)["added"] == 1
    assert _collect(settings)["added"] == 0
    (item,) = open_review_queue(settings, "demo").list()
    assert (item.id, item.text, item.suggested) == (mine, unsure.text, "refund")


def test_a_quick_reply_that_was_sent_tells_the_intent_of_the_question_before(
    engine: Engine,
) -> None:
    asked = Said(
        "the thing", Action.CLARIFY, suggestions=(Suggestion("几天能退货？", "window-zh"),)
    )
    _log(
        engine,
        asked,
        Said("几天能退货？", intent="refund", language=Language.ZH_HANS),
        customer="a",
    )
    outcomes = SqlOutcomes(engine).of_collection("demo", since=RECENT)
    first, second = logged_turns(outcomes, agreed={"a": True})
    assert (first.chosen_suggestion, second.chosen_suggestion) == ("refund", None)
    assert (first.language, second.language) == ("en", "zh")
    assert first.consent


def test_a_label_is_no_longer_taught_when_consent_is_withdrawn(engine: Engine) -> None:
    (mine,) = _log(engine, Said("is my crate on the boat", confidence=0.3), customer="a")
    agree(engine, "a")
    queue = SqlReviewQueue(lambda: SqlLessons(engine), "demo")
    turns = logged_turns(
        SqlOutcomes(engine).of_collection("demo", since=RECENT),
        agreed=SqlOutcomes(engine).agreed(Scope.IMPROVE),
    )
    from training.selection import select_for_review

    queue.add(select_for_review(turns, limit=5))
    queue.decide(mine, "parcel", reviewer="anna", at=RECENT)
    assert [item.id for item in queue.approved_since(None)] == [mine]
    agree(engine, "a", granted=False, at=RECENT + timedelta(hours=1))
    assert queue.approved_since(None) == ()


def test_a_turn_says_whether_the_model_could_tell_its_two_best_apart(engine: Engine) -> None:
    torn = {"reason": "article", "ambiguous": True, "ranking": [["a", 0.6], ["b", 0.3]]}
    _log(engine, Said("the crate", evidence=torn), Said("the boat"), customer="a")
    outcomes = SqlOutcomes(engine).of_collection("demo", since=RECENT)
    turns = list(logged_turns(outcomes, agreed={"a": True}))
    assert [turn.ambiguous for turn in turns] == [True, False]
