"""Messages that come with their past: what is remembered of it, and that nothing acts twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chatbot.api_keys import ApiKey, Caller
from chatbot.completions import CHANNEL, REPLAYED, Transcript, begin, open_for, recall
from chatbot.conversation import Action, Conversation, Language
from chatbot.fakes import FixedClock, KeywordIntents, KnownCases, MemoryStore, OverlapRetriever
from chatbot.flows.clerk import Clerk
from chatbot.flows.form import ActionResult, load_forms
from chatbot.memory import read_memory
from chatbot.policy import Thresholds
from chatbot.reception import find_conversation
from chatbot.templates import load_templates
from chatbot.turn import Desk, Models
from knowledge_base.passages import Document
from privacy.redaction import redact

CALLER = Caller(ApiKey("1", "app", None, datetime(2026, 1, 1, tzinfo=UTC)), "kefu-secret")
DOCUMENTS = (
    Document("repair-en", "How do repairs work?", "Book one online.", language="en"),
    Document("repair-zh", "怎么维修？", "可在线预约维修。", language="zh"),
)
ORDER = "Where is my order ME20260101, phone 0042?"


class Shop(KnownCases):
    """Counts how often it was asked."""

    asked = 0

    def look_up(self, values: object, *, secrets: object) -> ActionResult:
        self.asked += 1
        return ActionResult("not_found")


@pytest.fixture
def shop() -> Shop:
    return Shop({})


@pytest.fixture
def desk(shop: Shop) -> Desk:
    form = load_forms()[0]
    intents = KeywordIntents({"repair": ["repair", "维修"], "track_order": ["where is my"]})
    return Desk(
        models=lambda: Models(intents, OverlapRetriever(DOCUMENTS)),
        store=MemoryStore(),
        clock=FixedClock(),
        templates=load_templates(companies={"en": "Maplewood", "zh": "枫木"}),
        thresholds=Thresholds(answer=0.5, clarify=0.2, out_of_scope=0.99, generic=0.6),
        redact=redact,
        text_limit=4000,
        clerk=Clerk((form,), {form.name: shop}),
    )


@pytest.fixture
def conversation(desk: Desk) -> Conversation:
    return open_for(CALLER, desk, collection="demo", customer=None)[0]


def _transcript(*texts: str) -> Transcript:
    return Transcript(tuple(("user", text) for text in texts))


def test_a_conversation_is_found_again_by_the_key_that_opened_it(desk: Desk) -> None:
    conversation, token = open_for(CALLER, desk, collection="demo", customer="c1")
    assert token == CALLER.token_of(conversation.id)
    assert find_conversation(desk.store, conversation.id, token) == conversation
    assert (conversation.channel, conversation.customer) == (CHANNEL, "c1")


@pytest.mark.parametrize(
    ("said", "topic"),
    [("how do repairs work", "How do repairs work?"), ("怎么维修", "怎么维修？")],
)
def test_what_was_said_before_gives_the_topic(
    desk: Desk, conversation: Conversation, said: str, topic: str
) -> None:
    assert read_memory(recall(desk, conversation, [said])).topic == topic


def test_only_the_last_message_is_kept(desk: Desk, conversation: Conversation) -> None:
    received = begin(
        desk, conversation, _transcript("how do repairs work", "how long?"), forms=False
    )
    (turn,) = desk.store.turns(conversation.id)
    assert turn == received.turn
    assert turn.question == "how long?"
    assert "context" in turn.decision


def test_the_language_of_before_answers_a_message_without_words(
    desk: Desk, conversation: Conversation
) -> None:
    received = begin(desk, conversation, _transcript("怎么维修", "123"), forms=False)
    assert received.reply.language is Language.ZH_HANS


def test_what_is_replayed_asks_no_company_system(
    desk: Desk, conversation: Conversation, shop: Shop
) -> None:
    begin(desk, conversation, _transcript(ORDER, "yes", "how do repairs work"), forms=True)
    assert shop.asked == 0


def test_a_form_runs_only_for_who_will_go_on_with_the_conversation(
    desk: Desk, conversation: Conversation, shop: Shop
) -> None:
    alone = begin(desk, conversation, _transcript(ORDER), forms=False)
    assert shop.asked == 0
    assert alone.reply.action not in (Action.COLLECT, Action.ACT)
    later, _ = open_for(CALLER, desk, collection="demo", customer=None)
    assert begin(desk, later, _transcript(ORDER), forms=True).reply.action is Action.ACT
    assert shop.asked == 1


def test_no_more_than_the_last_messages_are_replayed(
    desk: Desk, conversation: Conversation
) -> None:
    seen: list[str] = []

    def watched() -> Models:
        seen.append("asked")
        return desk.models()

    recall(replace(desk, models=watched), conversation, ["how do repairs work"] * 20)
    assert len(seen) == REPLAYED


def test_what_is_no_message_is_passed_over(desk: Desk, conversation: Conversation) -> None:
    texts = ["how do repairs work", " ", "x" * 5000]
    assert read_memory(recall(desk, conversation, texts)).topic == "How do repairs work?"


def test_the_same_transcript_is_the_same_message_and_a_longer_one_another() -> None:
    once, later = _transcript("a", "yes"), _transcript("a", "yes", "yes")
    ids = [one.message_id(CALLER, chosen=None) for one in (once, once, later)]
    assert ids[0] == ids[1] != ids[2]


def test_a_lone_message_is_another_each_time_unless_the_client_says_otherwise() -> None:
    lone = _transcript("yes")
    assert lone.message_id(CALLER, chosen=None) != lone.message_id(CALLER, chosen=None)
    assert lone.message_id(CALLER, chosen="k") == lone.message_id(CALLER, chosen="k")
    assert lone.message_id(CALLER, chosen="k") != lone.message_id(CALLER, chosen="j")
