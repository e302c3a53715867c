"""kill -9 of a real worker in the middle of masking what older rules had masked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update

from chatbot.adapters.store_ledger import SqlLedger
from chatbot.adapters.store_masks import SqlMasks
from chatbot.adapters.store_sql import SqlStore
from chatbot.adapters.tables import messages
from chatbot.conversation import Author, Conversation, Language, Message
from chatbot.jobs import Job, JobState
from chatbot.masking import MASKING_RULES, masking_now
from chatbot.privacy_desk import counts_of
from chatbot.sealing import open_message
from privacy.keyring_file import FileKeyRing
from tests.chatbot.real_worker import Works, kill, open_works, until

CONVERSATIONS = 300
CUSTOMERS = 10
SAID = (
    ("My number is 13800138000.", "My number is <PHONE_NUMBER_1>."),
    (
        "Write to li@example.com or call 13800138000.",
        "Write to li@example.com or call <PHONE_NUMBER>.",
    ),
    ("我的邮箱是 li@example.com，谢谢", "我的邮箱是 li@example.com，谢谢"),
)
"""What customers wrote, and how rules that knew no addresses had masked it."""
MASKED = (
    "My number is <PHONE_NUMBER_1>.",
    "Write to <EMAIL_ADDRESS_1> or call <PHONE_NUMBER_1>.",
    "我的邮箱是 <EMAIL_ADDRESS_1>，谢谢",
)


@dataclass(frozen=True)
class Killed:
    """A worker was killed over this job, and the next one has ended it."""

    works: Works
    total: int
    """Messages that older rules had masked."""
    left: int
    """Of these, after the kill."""
    running: Job
    done: Job


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killed]:
    with open_works(tmp_path_factory.mktemp("works")) as works:
        _fill(works)
        masks = SqlMasks(works.engine)
        total = masks.outdated(masking_now())
        first = works.work()
        job = works.start("kefu.privacy.anonymise")
        until(lambda: masks.outdated(masking_now()) < total, "the first messages are masked")
        kill(first)
        left, running = masks.outdated(masking_now()), works.now(job)
        works.work()
        yield Killed(works, total, left, running, works.ended(job))


def _fill(works: Works) -> None:
    store = SqlStore(works.engine, FileKeyRing(works.settings.keys_home))
    for number in range(CONVERSATIONS):
        _converse(store, f"customer {number % CUSTOMERS}")
    with works.engine.begin() as connection:
        connection.execute(update(messages).values(masked_by=MASKING_RULES - 1))
        # Every change of a text leaves a line, whoever makes it.
        connection.execute(text("CREATE TABLE changes (id TEXT)"))
        connection.execute(
            text(
                "CREATE TRIGGER changed AFTER UPDATE OF text ON messages "
                "BEGIN INSERT INTO changes VALUES (NEW.id); END"
            )
        )


def _converse(store: SqlStore, customer: str) -> None:
    now = datetime.now(UTC)
    conversation = Conversation(
        str(uuid4()), "web", "demo", Language.EN, "0" * 64, now, customer=customer
    )
    store.open(conversation)
    for original, masked in SAID:
        store.add_message(
            Message(
                str(uuid4()),
                conversation.id,
                Author.CUSTOMER,
                masked,
                Language.EN,
                now,
                original=original,
            )
        )


def test_the_next_worker_goes_on_where_the_killed_one_stopped(killed: Killed) -> None:
    assert killed.total == CONVERSATIONS * len(SAID)
    assert 0 < killed.left < killed.total
    assert killed.running.state is JobState.RUNNING
    done = killed.done
    assert (done.state, done.attempts) == (JobState.DONE, 2), done.error
    assert done.result is not None
    assert done.result["checked"] == killed.left


def test_every_message_is_masked_by_the_new_rules_and_changed_once(killed: Killed) -> None:
    works = killed.works
    assert SqlMasks(works.engine).outdated(masking_now()) == 0
    assert _texts(works) == [MASKED] * CONVERSATIONS
    changed = sum(before != after for (_, before), after in zip(SAID, MASKED, strict=True))
    assert _changes(works) == (CONVERSATIONS * changed,) * 2


def test_the_ledger_has_it_once_also_after_another_round(killed: Killed) -> None:
    works = killed.works
    again = works.ended(works.start("kefu.privacy.anonymise"))
    assert again.result == {"checked": 0, "changed": 0}
    ledger = SqlLedger(works.engine, FileKeyRing(works.settings.keys_home))
    (entry,) = [entry for entry in ledger.entries() if entry.action == "anonymise"]
    assert counts_of(entry)["rules"] == MASKING_RULES
    assert ledger.verify().intact


def test_the_originals_open_as_before(killed: Killed) -> None:
    keys = FileKeyRing(killed.works.settings.keys_home)
    with killed.works.engine.begin() as connection:
        rows = connection.execute(select(messages).order_by(messages.c.sequence)).mappings().all()
    opened = [
        open_message(keys, row["sealed"], customer="customer 0", message_id=row["id"])
        for row in rows[: len(SAID)]
    ]
    assert opened == [original for original, _ in SAID]


def _texts(works: Works) -> list[tuple[str, ...]]:
    """One tuple a conversation."""
    query = select(messages.c.conversation_id, messages.c.text).order_by(messages.c.sequence)
    said: dict[str, list[str]] = {}
    with works.engine.begin() as connection:
        for conversation_id, line in connection.execute(query):
            said.setdefault(conversation_id, []).append(line)
    return [tuple(lines) for lines in said.values()]


def _changes(works: Works) -> tuple[int, int]:
    """Changes of texts, and of how many different messages."""
    query = text("SELECT count(*), count(DISTINCT id) FROM changes")
    with works.engine.begin() as connection:
        all_, different = connection.execute(query).one()
    return all_, different
