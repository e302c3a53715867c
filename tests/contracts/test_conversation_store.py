"""Every ConversationStore keeps the same promises: the fake, SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from chatbot.adapters.store_sql import SqlStore
from chatbot.conversation import (
    Action,
    Author,
    Citation,
    Conversation,
    Language,
    Message,
    Reply,
    State,
    Suggestion,
    Turn,
)
from chatbot.errors import ConversationClosed, TakenOver
from chatbot.fakes import MemoryStore
from chatbot.ports import ConversationStore
from privacy.keyring_memory import MemoryKeyRing
from tests.databases import fresh_database

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ConversationStore]:
    if request.param == "memory":
        yield MemoryStore()
        return
    with fresh_database(request, tmp_path) as engine:
        yield SqlStore(engine, MemoryKeyRing())


def _conversation() -> Conversation:
    return Conversation(str(uuid4()), "web", "demo", Language.ZH_HANS, "0" * 64, NOW)


def _turn(conversation: Conversation, client_message_id: str = "m1", text: str = "退货") -> Turn:
    reply = Reply(
        message_id=str(uuid4()),
        text="15天内 😀",
        language=Language.ZH_HANS,
        action=Action.ANSWER,
        intent="return_window",
        confidence=0.75,
        citations=(Citation("d", "d#0", "标题", "/help/d", "引用", 0.5, "zh"),),
        suggestions=(Suggestion("转人工客服"), Suggestion("换货", "exchange-zh")),
        versions={"intents": "v1"},
        latency_ms={"total": 1.5},
    )
    return Turn(
        conversation.id, client_message_id, text, str(uuid4()), NOW, reply, {"reason": "article"}
    )


def test_what_was_recorded_comes_back_whole_and_in_order(store: ConversationStore) -> None:
    conversation = _conversation()
    store.open(conversation)
    turns = [_turn(conversation, f"m{number}") for number in range(3)]
    for turn in turns:
        assert store.record(turn) == turn
    assert store.find(conversation.id) == conversation
    assert store.turns(conversation.id) == turns
    assert store.find_turn(conversation.id, "m1") == turns[1]


def test_a_message_recorded_twice_keeps_its_first_reply(store: ConversationStore) -> None:
    conversation = _conversation()
    store.open(conversation)
    first = _turn(conversation)
    store.record(first)
    assert store.record(_turn(conversation, text="other")) == first
    assert store.turns(conversation.id) == [first]


def test_of_many_at_once_one_reply_wins_for_all(store: ConversationStore) -> None:
    conversation = _conversation()
    store.open(conversation)
    kept: list[Turn] = []
    threads = [
        threading.Thread(target=lambda: kept.append(store.record(_turn(conversation))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept) == 8
    assert len({turn.reply.message_id for turn in kept}) == 1
    assert len(store.turns(conversation.id)) == 1


def test_conversations_do_not_see_each_other(store: ConversationStore) -> None:
    one, two = _conversation(), _conversation()
    store.open(one)
    store.open(two)
    turn = _turn(one)
    store.record(turn)
    assert store.turns(two.id) == []
    assert store.find_turn(two.id, "m1") is None
    assert not store.add_feedback(two.id, turn.reply.message_id, helpful=True, reason=None)


def test_closing_keeps_the_first_moment_and_a_wish_for_a_person_stays(
    store: ConversationStore,
) -> None:
    conversation = _conversation()
    store.open(conversation)
    store.close(conversation.id, at=NOW)
    store.close(conversation.id, at=NOW.replace(year=2027))
    store.request_handoff(conversation.id)
    found = store.find(conversation.id)
    assert found is not None
    assert found.closed_at == NOW
    assert found.handoff


def test_feedback_may_be_changed_and_needs_a_bot_message(store: ConversationStore) -> None:
    conversation = _conversation()
    store.open(conversation)
    turn = _turn(conversation)
    store.record(turn)
    reply = turn.reply.message_id
    assert store.add_feedback(conversation.id, reply, helpful=True, reason=None)
    assert store.add_feedback(conversation.id, reply, helpful=False, reason="wrong")
    question = turn.question_message_id
    assert not store.add_feedback(conversation.id, question, helpful=True, reason=None)


def test_a_turn_that_hands_off_marks_its_conversation(store: ConversationStore) -> None:
    conversation = _conversation()
    store.open(conversation)
    turn = _turn(conversation)
    store.record(replace(turn, reply=replace(turn.reply, action=Action.HANDOFF)))
    found = store.find(conversation.id)
    assert found is not None
    assert found.handoff


def test_first_votes_that_come_at_once_are_all_taken(store: ConversationStore) -> None:
    conversation = _conversation()
    store.open(conversation)
    turn = _turn(conversation)
    store.record(turn)
    with ThreadPoolExecutor(6) as pool:
        votes = pool.map(
            lambda helpful: store.add_feedback(
                conversation.id, turn.reply.message_id, helpful=helpful, reason=None
            ),
            [True, False] * 3,
        )
        assert all(votes)


def test_what_is_unknown_is_none(store: ConversationStore) -> None:
    store.ping()
    assert store.find("nobody") is None
    assert store.turns("nobody") == []


def test_the_original_does_not_come_back(store: ConversationStore) -> None:
    conversation = _conversation()
    store.open(conversation)
    kept = store.record(replace(_turn(conversation), original="我的号码13800138000"))
    message = store.add_message(replace(_message(conversation), original="13800138000"))
    read = [*store.turns(conversation.id), *store.messages(conversation.id)]
    assert {one.original for one in [kept, message, *read]} == {None}
    assert "13800138000" not in repr(read)


def test_messages_between_people_stand_among_the_turns(store: ConversationStore) -> None:
    conversation = _conversation()
    store.open(conversation)
    turn = store.record(_turn(conversation))
    asked = store.add_message(_message(conversation))
    answered = store.add_message(_message(conversation, author=Author.AGENT, client=None))
    assert store.messages(conversation.id) == [*turn.messages, asked, answered]
    assert store.turns(conversation.id) == [turn]
    assert store.find_message(conversation.id, "held-1") == asked


def test_a_message_sent_twice_is_kept_once(store: ConversationStore) -> None:
    conversation = _conversation()
    store.open(conversation)
    first = store.add_message(_message(conversation))
    assert store.add_message(_message(conversation, text="other")) == first
    assert store.messages(conversation.id) == [first]


def test_memory_is_carried_until_a_turn_changes_it(store: ConversationStore) -> None:
    conversation = _conversation()
    store.open(conversation)
    store.record(replace(_turn(conversation), memory={"topic": "退货"}))
    store.record(_turn(conversation, "m2"))
    found = store.find(conversation.id)
    assert found is not None
    assert found.memory == {"topic": "退货"}


def test_who_asks_for_a_person_waits_and_a_named_customer_stays_named(
    store: ConversationStore,
) -> None:
    conversation = replace(_conversation(), customer="顾客 7")
    store.open(conversation)
    store.request_handoff(conversation.id, reason="anger")
    found = store.find(conversation.id)
    assert found is not None
    assert (found.state, found.customer) == (State.WAITING, "顾客 7")
    assert _conversation().customer != ""


def test_once_an_agent_has_it_the_question_is_kept_once_and_nothing_else_of_the_turn(
    store: ConversationStore,
) -> None:
    conversation = replace(_conversation(), state=State.HELD)
    store.open(conversation)
    turn = replace(_turn(conversation), memory={"topic": "退货"})
    handoff = replace(turn, reply=replace(turn.reply, action=Action.HANDOFF))
    for late in (turn, replace(handoff, question_message_id=str(uuid4()))):
        with pytest.raises(TakenOver):
            store.record(late)
    assert store.messages(conversation.id) == [turn.messages[0]]
    assert store.turns(conversation.id) == []
    assert store.find(conversation.id) == conversation


def test_nothing_is_said_after_the_end(store: ConversationStore) -> None:
    conversation = replace(_conversation(), closed_at=NOW)
    store.open(conversation)
    with pytest.raises(ConversationClosed):
        store.record(_turn(conversation))
    with pytest.raises(ConversationClosed):
        store.add_message(_message(conversation))
    assert store.messages(conversation.id) == []


def _message(
    conversation: Conversation,
    *,
    author: Author = Author.CUSTOMER,
    client: str | None = "held-1",
    text: str = "您好",
) -> Message:
    return Message(
        str(uuid4()), conversation.id, author, text, Language.ZH_HANS, NOW, client_message_id=client
    )
