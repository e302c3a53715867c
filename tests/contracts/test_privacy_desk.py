"""Opening, handing out, erasing, expiring and masking again, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, insert, select, update

from chatbot.adapters.tables import (
    conversations,
    decisions,
    events,
    messages,
    review_items,
)
from chatbot.conversation import State
from chatbot.customer_export import export_customer
from chatbot.errors import (
    ConversationClosed,
    CustomerUnknown,
    NotFound,
    OriginalGone,
    PurposeMissing,
    UnsealRefused,
)
from chatbot.masking import MASKING_RULES, masking_now
from chatbot.privacy_desk import (
    ERASED,
    MESSAGES,
    OTHERS,
    Actor,
    anonymise_stored,
    counts_of,
    erase_customer,
    purge_expired,
    record_consents,
    remask,
    unseal_message,
)
from privacy.consent import Scope
from privacy.retention import RetentionRules
from tests.contracts.private_rooms import ADMIN, PURPOSE, Room, make_room
from tests.databases import fresh_database

WORDS = "My number is 13800138000, order KF-10023"
MASKED = "My number is <PHONE_NUMBER_1>, order KF-10023"
WORKER = Actor("worker", "system")


@pytest.fixture(params=["sqlite", "postgres"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    with fresh_database(request, tmp_path) as engine:
        yield make_room(engine, tmp_path)


def _actions(room: Room) -> list[str]:
    return [entry.action for entry in room.desk.ledger.entries()]


def _rows(room: Room, table: Table) -> list[dict[str, object]]:
    with room.engine.begin() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def _review_item(room: Room, text: str, *, customer: str) -> None:
    row = {
        "id": text[:60],
        "collection": "demo",
        "customer": customer,
        "text": text,
        "language": "en",
        "reason": "low_confidence",
        "suggested": "thanks",
        "state": "open",
        "created_at": room.clock.now(),
    }
    with room.engine.begin() as connection:
        connection.execute(insert(review_items).values(row))


def test_the_original_opens_for_a_purpose_that_the_ledger_has(room: Room) -> None:
    turn = room.say(room.open("c1"), WORDS)
    assert turn.question == MASKED
    question = turn.question_message_id
    assert unseal_message(room.desk, ADMIN, purpose=PURPOSE, message_id=question) == WORDS
    [entry] = room.desk.ledger.entries()
    assert (entry.actor, entry.role, entry.action) == ("u-admin", "admin", "unseal")
    assert (entry.subject, entry.purpose) == (f"message:{question}", PURPOSE)


def test_an_agent_opens_only_what_is_held_and_a_refusal_is_written_down(room: Room) -> None:
    conversation = room.open()
    question = room.say(conversation, WORDS).question_message_id
    agent = room.agent("u-agent")
    with pytest.raises(UnsealRefused):
        unseal_message(room.desk, agent, purpose=PURPOSE, message_id=question)
    with room.engine.begin() as connection:
        connection.execute(update(conversations).values(state="held", holder="u-agent"))
    assert unseal_message(room.desk, agent, purpose=PURPOSE, message_id=question) == WORDS
    with pytest.raises(UnsealRefused):
        unseal_message(room.desk, Actor("u-agent", "visitor"), purpose=PURPOSE, message_id=question)
    assert _actions(room) == ["unseal_refused", "unseal", "unseal_refused"]


def test_without_a_purpose_or_a_message_nothing_is_opened(room: Room) -> None:
    question = room.say(room.open(), WORDS).question_message_id
    with pytest.raises(PurposeMissing):
        unseal_message(room.desk, ADMIN, purpose="  x  ", message_id=question)
    with pytest.raises(NotFound):
        unseal_message(room.desk, ADMIN, purpose=PURPOSE, message_id="nobody")
    assert _actions(room) == []


def test_personal_data_in_a_purpose_is_masked_in_the_ledger(room: Room) -> None:
    question = room.say(room.open(), WORDS).question_message_id
    unseal_message(room.desk, ADMIN, purpose="call 13800138000 back", message_id=question)
    assert "13800138000" not in room.desk.ledger.entries()[0].purpose


def test_a_purpose_is_kept_without_what_not_every_database_takes(room: Room) -> None:
    question = room.say(room.open(), WORDS).question_message_id
    purpose = "the\x00customer\ud800 called"
    unseal_message(room.desk, ADMIN, purpose=purpose, message_id=question)
    assert room.desk.ledger.entries()[0].purpose == "the customer called"
    with pytest.raises(PurposeMissing):
        unseal_message(room.desk, ADMIN, purpose="\x00" * 9, message_id=question)


def test_no_original_opens_where_the_ledger_cannot_be_written(room: Room) -> None:
    question = room.say(room.open(), WORDS).question_message_id
    with room.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE ledger RENAME TO hidden")
    with pytest.raises(Exception, match="database"):
        unseal_message(room.desk, ADMIN, purpose=PURPOSE, message_id=question)


def test_an_original_moved_to_another_message_does_not_open(room: Room) -> None:
    conversation = room.open("c1")
    one, two = (room.say(conversation, words).question_message_id for words in (WORDS, "hello"))
    with room.engine.begin() as connection:
        sealed = connection.execute(
            select(messages.c.sealed).where(messages.c.id == one)
        ).scalar_one()
        connection.execute(update(messages).where(messages.c.id == two).values(sealed=sealed))
    with pytest.raises(OriginalGone):
        unseal_message(room.desk, ADMIN, purpose=PURPOSE, message_id=two)


def test_an_export_holds_everything_and_who_looked(room: Room) -> None:
    conversation = room.open("c1")
    turn = room.say(conversation, WORDS)
    room.store.add_feedback(conversation.id, turn.reply.message_id, helpful=False, reason="slow")
    record_consents(
        room.desk.consents,
        {Scope.IMPROVE: True},
        attributes=room.desk.attributes,
        customer="c1",
        at=room.clock.now(),
        wording_version="1",
        language="en",
    )
    _review_item(room, "where is it", customer="c1")
    unseal_message(room.desk, ADMIN, purpose=PURPOSE, message_id=turn.question_message_id)
    room.say(room.open("c2"), "somebody else entirely")
    export = export_customer(room.desk, ADMIN, customer="c1", purpose="asked for a copy")
    [one] = json.loads(json.dumps(export))["conversations"]
    question, answer = one["messages"]
    assert (question["text"], question["original"]) == (MASKED, WORDS)
    assert answer["decision"]["reason"] == "article"
    assert answer["feedback"]["reason"] == "slow"
    assert [consent["scope"] for consent in export["consents"]] == ["improve"]
    assert [item["text"] for item in export["review_items"]] == ["where is it"]
    assert [look["action"] for look in export["looked_at_by"]] == ["unseal", "export"]
    assert "somebody else" not in json.dumps(export)


def test_erasing_takes_words_and_key_and_leaves_a_certificate(room: Room) -> None:
    conversation = room.open("c1")
    turn = room.say(conversation, WORDS)
    room.store.add_feedback(conversation.id, turn.reply.message_id, helpful=False, reason="slow!")
    _review_item(room, "where is it", customer="c1")
    room.desk.attributes.give("c1", "age", value="young", at=room.clock.now())
    other = room.say(room.open("c2"), "mine stays 13900139000")
    certificate = erase_customer(room.desk, ADMIN, customer="c1", purpose="asked for erasure")
    counts = certificate["counts"]
    assert isinstance(counts, dict)
    assert counts["originals"] == counts["keys"] == counts["conversations"] == 1
    assert counts["feedback_reasons"] == counts["review_items"] == counts["attributes"] == 1
    with pytest.raises(OriginalGone):
        unseal_message(room.desk, ADMIN, purpose=PURPOSE, message_id=turn.question_message_id)
    mine = unseal_message(room.desk, ADMIN, purpose=PURPOSE, message_id=other.question_message_id)
    assert mine == "mine stays 13900139000"
    assert [message.text for message in room.store.messages(conversation.id)] == ["", ""]
    [record] = room.desk.erasures.all()
    assert record.done_at is not None
    assert record.deadline > record.requested_at
    assert not room.desk.data.knows("c1")
    assert "PHONE" not in str(
        [row for row in _rows(room, decisions) if row["message_id"] == turn.reply.message_id]
    )
    assert room.desk.ledger.verify().intact


def test_an_erasure_that_broke_off_is_ended_by_the_next_call(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.say(room.open("c1"), WORDS)
    with monkeypatch.context() as broken:
        broken.setattr(room.desk.erasures, "delete", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            erase_customer(room.desk, ADMIN, customer="c1", purpose="asked for erasure")
    [begun] = room.desk.erasures.all()
    certificate = erase_customer(room.desk, ADMIN, customer="c1", purpose="asked for erasure")
    assert certificate["erasure_id"] == begun.id
    assert [one.done_at is None for one in room.desk.erasures.all()] == [False]


def test_an_unknown_customer_is_said(room: Room) -> None:
    for ask in (erase_customer, export_customer):
        with pytest.raises(CustomerUnknown):
            ask(room.desk, ADMIN, customer="nobody", purpose=PURPOSE)
    assert _actions(room) == []


def test_an_answer_that_comes_after_the_erasure_is_not_kept(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = room.open("c1")
    room.say(conversation, WORDS)
    # The answer was under way: the store had looked up whose it is.
    monkeypatch.setattr(room.store, "_customer", lambda _id: "c1")
    erase_customer(room.desk, ADMIN, customer="c1", purpose="asked for erasure")
    with pytest.raises(ConversationClosed):
        room.say(conversation, "and my mail is a@b.com")
    assert {message.text for message in room.store.messages(conversation.id)} == {""}


def test_a_customer_who_returns_begins_anew(room: Room) -> None:
    room.say(room.open("c1"), WORDS)
    erase_customer(room.desk, ADMIN, customer="c1", purpose="asked for erasure")
    turn = room.say(room.open("c1"), WORDS)
    again = unseal_message(room.desk, ADMIN, purpose=PURPOSE, message_id=turn.question_message_id)
    assert again == WORDS
    assert {str(row["customer"])[:7] for row in _rows(room, conversations)} == {"c1", ERASED}


def test_retention_takes_originals_first_and_conversations_later(room: Room) -> None:
    rules = RetentionRules(originals_days=10, redacted_days=20, audit_days=30, consent_days=30)
    old = room.open("old")
    turn = room.say(old, WORDS)
    room.clock.advance(11 * 86400)
    new = room.say(room.open("new"), WORDS)
    counts = purge_expired(room.desk, rules, actor=WORKER, now=room.clock.now())
    assert (counts["originals"], counts["conversations"], counts["keys"]) == (1, 0, 1)
    assert [message.text for message in room.store.messages(old.id)] == [MASKED, "Noted."]
    with pytest.raises(OriginalGone):
        unseal_message(room.desk, ADMIN, purpose=PURPOSE, message_id=turn.question_message_id)
    fresh = unseal_message(room.desk, ADMIN, purpose=PURPOSE, message_id=new.question_message_id)
    assert fresh == WORDS
    room.clock.advance(10 * 86400)
    counts = purge_expired(room.desk, rules, actor=WORKER, now=room.clock.now())
    assert counts["conversations"] == 1
    assert room.store.find(old.id) is None
    purges = [entry for entry in room.desk.ledger.entries() if entry.action == "purge"]
    assert counts_of(purges[-1]) == counts


def test_retention_reaches_more_than_one_batch(room: Room) -> None:
    conversation = room.open("c1")
    turn = room.say(conversation, WORDS)
    row = {**_rows(room, messages)[0], "client_message_id": None}
    copies = [{**row, "sequence": 100 + n, "id": f"m{n}"} for n in range(1100)]
    with room.engine.begin() as connection:
        connection.execute(insert(messages), copies)
    room.clock.advance(366 * 86400)
    counts = purge_expired(room.desk, RetentionRules(), actor=WORKER, now=room.clock.now())
    assert (counts["originals"], counts["conversations"], counts["keys"]) == (1101, 1, 1)
    assert room.desk.data.find(turn.question_message_id) is None


def test_an_erased_customer_waits_for_nobody(room: Room) -> None:
    conversation = room.open("c1")
    room.say(conversation, WORDS)
    room.store.request_handoff(conversation.id)
    erase_customer(room.desk, ADMIN, customer="c1", purpose="asked for erasure")
    found = room.store.find(conversation.id)
    assert found is not None
    assert (found.state, found.closed_at) == (State.BOT, room.clock.now())
    assert _rows(room, events)[-1]["data"] == {"state": "closed"}


def test_a_withdrawn_consent_never_comes_back_by_ageing(room: Room) -> None:
    def say(granted: bool) -> None:
        record_consents(
            room.desk.consents,
            {Scope.IMPROVE: granted},
            attributes=room.desk.attributes,
            customer="c1",
            at=room.clock.now(),
            wording_version="1",
            language="en",
        )

    rules = RetentionRules(originals_days=1, redacted_days=1, audit_days=1, consent_days=10)
    say(True)
    room.clock.advance(5 * 86400)
    say(False)
    for _ in range(12):
        room.clock.advance(86400)
        purge_expired(room.desk, rules, actor=WORKER, now=room.clock.now())
        held = room.desk.consents.history("c1")
        assert not held or not held[-1].granted
    assert held == []


def test_a_consent_that_holds_is_kept_however_old(room: Room) -> None:
    record_consents(
        room.desk.consents,
        {Scope.IMPROVE: True},
        attributes=room.desk.attributes,
        customer="c1",
        at=room.clock.now(),
        wording_version="1",
        language="en",
    )
    late = room.clock.now() + timedelta(days=9999)
    purge_expired(room.desk, RetentionRules(), actor=WORKER, now=late)
    assert len(room.desk.consents.history("c1")) == 1


def test_older_masks_are_renewed_from_the_original_once(room: Room) -> None:
    conversation = room.open("c1")
    spoken = (WORDS, "again: 138 0013 8000", "or a@b.com")
    asked = [(room.say(conversation, words).question_message_id, words) for words in spoken]
    _review_item(room, "mail a@b.com", customer="c1")
    with room.engine.begin() as connection:
        for identifier, words in asked:
            # The rules of long ago knew nothing of this.
            old = update(messages).where(messages.c.id == identifier)
            connection.execute(old.values(masked_by=1, text=words))
    heard: list[tuple[str, int, int]] = []
    done = anonymise_stored(
        room.desk, actor=WORKER, progress=lambda *progress: heard.append(progress)
    )
    assert done.checked == 3
    texts = [one.text for one in room.store.messages(conversation.id) if one.client_message_id]
    assert texts == [MASKED, "again: <PHONE_NUMBER_1>", "or <EMAIL_ADDRESS_1>"]
    assert heard == [(MESSAGES, 3, 3), (OTHERS, 1, 1)]
    assert [row["text"] for row in _rows(room, review_items)] == ["mail <EMAIL_ADDRESS>"]
    again = anonymise_stored(room.desk, actor=WORKER)
    assert (again.checked, again.changed) == (0, 0)
    assert _actions(room) == ["anonymise"]


def test_without_the_original_the_text_itself_is_masked(room: Room) -> None:
    conversation = room.open("c1")
    room.say(conversation, WORDS)
    with room.engine.begin() as connection:
        connection.execute(
            update(messages)
            .where(messages.c.client_message_id.is_not(None))
            .values(masked_by=1, sealed=None, text="it was a@b.com")
        )
    anonymise_stored(room.desk, actor=WORKER)
    assert room.store.messages(conversation.id)[0].text == "it was <EMAIL_ADDRESS_1>"


def test_masking_again_goes_on_where_it_was_broken_off(room: Room) -> None:
    spoken = [room.open() for _ in range(4)]
    for conversation in spoken:
        room.say(conversation, WORDS)
    with room.engine.begin() as connection:
        connection.execute(update(messages).values(masked_by=MASKING_RULES - 1))
    assert anonymise_stored(room.desk, actor=WORKER, limit=1).checked == 1
    assert room.desk.masks.outdated(masking_now()) == 3
    assert anonymise_stored(room.desk, actor=WORKER).checked == 3
    assert room.desk.masks.outdated(masking_now()) == 0


def test_an_erased_message_is_not_brought_back_by_masking(room: Room) -> None:
    conversation = room.open("c1")
    room.say(conversation, WORDS)
    with room.engine.begin() as connection:
        connection.execute(update(messages).values(masked_by=1))
    [kept] = room.desk.masks.outdated_conversations(masking_now(), limit=5)
    erase_customer(room.desk, ADMIN, customer="c1", purpose="asked for erasure")
    stale = [replace(one, text=MASKED) for one in remask(room.keys, kept)]
    assert room.desk.masks.keep(stale, masking=masking_now()) == 0
    assert {message.text for message in room.store.messages(conversation.id)} == {""}
