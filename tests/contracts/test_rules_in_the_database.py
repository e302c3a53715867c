"""The pure rules of consent and retention, and what the database makes of them: the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from chatbot.adapters.store_consents import SqlConsents
from chatbot.adapters.store_outcomes import SqlOutcomes
from chatbot.adapters.tables import attributes, consents, conversations, messages, review_items
from chatbot.privacy_desk import Actor, purge_expired
from privacy.consent import Consent, Scope, objects, permits
from privacy.envelope import Context, seal
from privacy.keyring import DataKey
from privacy.retention import Category, Record, RetentionRules, due
from tests.contracts.private_rooms import Room, make_room
from tests.databases import sqlite_database

SEALED = seal(
    "x", DataKey("0" * 32, bytes(32)), context=Context("messages", "1", "text")
).to_bytes()
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
WORKER = Actor("worker", "system")
RULES = RetentionRules(originals_days=10, redacted_days=20, audit_days=30, consent_days=40)
days = st.integers(0, 60)


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with TemporaryDirectory() as folder:
        room = make_room(sqlite_database(Path(folder) / "kefu.db"), Path(folder))
        yield room
        room.engine.dispose()


def _empty(room: Room) -> None:
    with room.engine.begin() as connection:
        for table in (messages, conversations, consents, attributes, review_items):
            connection.execute(delete(table))


statements = st.lists(
    st.builds(
        lambda customer, scope, granted, hour: Consent(
            customer, scope, granted, NOW + timedelta(hours=hour), "1", "en"
        ),
        st.sampled_from("ab"),
        st.sampled_from(Scope),
        st.booleans(),
        st.integers(0, 3),
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(statements)
def test_who_agrees_and_who_objects_is_what_the_rules_say(
    room: Room, history: list[Consent]
) -> None:
    _empty(room)
    kept, outcomes = SqlConsents(room.engine), SqlOutcomes(room.engine)
    kept.add(history)
    late = NOW + timedelta(days=1)
    for scope in Scope:
        standing = outcomes.agreed(scope)
        for customer in "ab":
            own = kept.history(customer)
            agrees = permits(own, customer, scope=scope, now=late)
            assert standing.get(customer, False) is agrees
            refuses = objects(own, customer, scope=scope, now=late)
            assert (customer in outcomes.objecting(scope)) is refuses


@settings(max_examples=40, deadline=None)
@given(statements, days)
def test_no_purge_ever_turns_a_refusal_into_a_consent(
    room: Room, history: list[Consent], age: int
) -> None:
    _empty(room)
    kept = SqlConsents(room.engine)
    kept.add(history)
    now = NOW + timedelta(days=age)
    asked = [(customer, scope) for customer in "ab" for scope in Scope]

    def standing() -> list[bool]:
        return [permits(kept.history(one), one, scope=scope, now=now) for one, scope in asked]

    before = standing()
    room.desk.retention.purge(RULES, now=now)
    assert standing() == before


@dataclass(frozen=True)
class Aged:
    """Days before NOW."""

    conversation: int
    message: int
    """Not older than its conversation."""
    attribute: int
    review_item: int


aged = st.lists(
    st.builds(
        lambda begun, later, attribute, item: Aged(begun, max(begun - later, 0), attribute, item),
        *[days] * 4,
    ),
    min_size=1,
    max_size=6,
)


def _fill(room: Room, ages: list[Aged]) -> None:
    def at(age: int) -> datetime:
        return NOW - timedelta(days=age)

    with room.engine.begin() as connection:
        for number, one in enumerate(ages):
            name = str(number)
            connection.execute(
                insert(conversations).values(
                    id=name,
                    channel="web",
                    collection="demo",
                    token_sha256="0" * 64,
                    handoff=False,
                    created_at=at(one.conversation),
                    customer=name,
                )
            )
            connection.execute(
                insert(messages).values(
                    id=name,
                    conversation_id=name,
                    author="customer",
                    text="masked",
                    sealed=SEALED,
                    created_at=at(one.message),
                )
            )
            connection.execute(
                insert(attributes).values(
                    customer=name, name="a", sealed=SEALED, created_at=at(one.attribute)
                )
            )
            connection.execute(
                insert(review_items).values(
                    id=name,
                    collection="demo",
                    customer=name,
                    text="masked",
                    language="en",
                    reason="r",
                    suggested="s",
                    state="pending",
                    created_at=at(one.review_item),
                )
            )


def _left(room: Room) -> dict[str, set[str]]:
    sealed = select(messages.c.id).where(messages.c.sealed.is_not(None))
    queries = {
        "originals": sealed,
        "conversations": select(conversations.c.id),
        "attributes": select(attributes.c.customer),
        "review_items": select(review_items.c.id),
    }
    with room.engine.begin() as connection:
        return {name: set(connection.execute(one).scalars()) for name, one in queries.items()}


def _expected(ages: list[Aged]) -> dict[str, set[str]]:
    """By the pure rules, each record for itself."""

    def stays(category: Category, age: int) -> bool:
        record = Record("x", category, NOW - timedelta(days=age))
        return not list(due([record], RULES, now=NOW))

    def those(category: Category, name: str) -> set[str]:
        return {
            str(number) for number, one in enumerate(ages) if stays(category, getattr(one, name))
        }

    # A conversation lasts as long as its newest message, and takes the originals along.
    conversations_left = those(Category.REDACTED, "message")
    return {
        "originals": those(Category.ORIGINAL, "message") & conversations_left,
        "conversations": conversations_left,
        "attributes": those(Category.REDACTED, "attribute"),
        "review_items": those(Category.REDACTED, "review_item"),
    }


@settings(max_examples=40, deadline=None)
@given(aged)
def test_a_purge_deletes_what_is_due_never_early_never_late(room: Room, ages: list[Aged]) -> None:
    _empty(room)
    _fill(room, ages)
    purge_expired(room.desk, RULES, actor=WORKER, now=NOW)
    assert _left(room) == _expected(ages)


@settings(max_examples=20, deadline=None)
@given(aged)
def test_a_second_purge_finds_nothing(room: Room, ages: list[Aged]) -> None:
    _empty(room)
    _fill(room, ages)
    purge_expired(room.desk, RULES, actor=WORKER, now=NOW)
    again = purge_expired(room.desk, RULES, actor=WORKER, now=NOW)
    assert set(again.values()) == {0}
