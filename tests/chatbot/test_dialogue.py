"""Conversations of several turns, with models that look for words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatbot.conversation import Action, Conversation, Language, Turn
from chatbot.fakes import FixedClock, KeywordIntents, KnownCases, MemoryStore, OverlapRetriever
from chatbot.flows.clerk import Clerk
from chatbot.flows.form import ActionResult, load_forms
from chatbot.memory import Memory, read_memory
from chatbot.policy import Thresholds
from chatbot.reception import open_conversation
from chatbot.templates import load_templates
from chatbot.turn import Desk, Models, answer_turn
from knowledge_base.passages import Document
from privacy.redaction import redact

NUMBER = "ME20260101"
DOCUMENTS = (
    Document("repair-en", "How do repairs work?", "Book one online.", language="en"),
    Document("repair-time-en", "repairs take long", "repairs work 5 days.", language="en"),
    Document("delivery-en", "long delivery take", "2 days.", language="en"),
    Document("track-en", "Where is my order?", "See My Orders.", language="en", tags=("track",)),
    Document("refund-zh", "退款怎么操作", "在订单里点退款，银行卡三天到账。", language="zh"),
)
INTENTS = KeywordIntents(
    {
        "track_order": ["where is my", "快递到哪"],
        "delivery": ["delivery"],
        "repair": ["repair"],
        "refund": ["退款"],
        "thanks": ["thanks"],
        "request_human": ["human"],
    }
)
SHIPPED = ActionResult(
    "shipped",
    {"item_en": "Pad", "item_zh": "平板", "carrier_en": "SF", "carrier_zh": "顺丰", "days": "2"},
)


@pytest.fixture
def desk() -> Desk:
    form = load_forms()[0]
    return Desk(
        models=lambda: Models(INTENTS, OverlapRetriever(DOCUMENTS)),
        store=MemoryStore(),
        clock=FixedClock(),
        templates=load_templates(companies={"en": "Maplewood", "zh": "枫木"}),
        thresholds=Thresholds(answer=0.5, clarify=0.2, out_of_scope=0.99, generic=0.6),
        redact=redact,
        text_limit=4000,
        clerk=Clerk((form,), {form.name: KnownCases({NUMBER: ("0042", SHIPPED)})}),
    )


class Chat:
    """One customer, who writes one message after the other."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.id = open_conversation(
            desk.store, desk.clock, channel="web", collection="demo"
        ).conversation.id

    def say(self, text: str) -> Turn:
        place = str(len(self.desk.store.turns(self.id)))
        return answer_turn(self.desk, self.now, text=text, client_message_id=place)

    @property
    def now(self) -> Conversation:
        found = self.desk.store.find(self.id)
        assert found is not None
        return found

    @property
    def memory(self) -> Memory:
        return read_memory(self.now.memory)


@pytest.fixture
def chat(desk: Desk) -> Chat:
    return Chat(desk)


def test_a_follow_up_is_read_in_the_light_of_the_last_answer(chat: Chat) -> None:
    chat.say("how do repairs work")
    assert chat.memory.topic == "How do repairs work?"
    turn = chat.say("how long does it take?")
    assert turn.reply.citations[0].document_id.startswith("repair")
    assert turn.decision["context"] == {
        "shape": "bare",
        "used": True,
        "documents": ["repair-en"],
    }


def test_without_a_topic_the_same_words_stand_alone(chat: Chat) -> None:
    turn = chat.say("how long does it take?")
    assert "context" not in turn.decision
    assert not any(one.document_id == "repair-en" for one in turn.reply.citations)


def test_a_refused_question_ends_the_topic(chat: Chat) -> None:
    chat.say("how do repairs work")
    assert chat.say("zebra quagga okapi").reply.action is Action.REFUSE
    assert chat.memory.topic == ""


def test_a_sure_article_on_orders_stays_the_answer_and_offers_the_look_up(chat: Chat) -> None:
    turn = chat.say("where is my order")
    assert turn.reply.action is Action.ANSWER
    assert turn.reply.text.startswith("See My Orders.")
    assert turn.reply.citations
    assert turn.reply.suggestions[-1].text == "Check an order"
    assert chat.say(turn.reply.suggestions[-1].text).reply.action is Action.COLLECT


def test_the_whole_form_from_question_to_status(chat: Chat) -> None:
    chat.say("where is my order")
    assert chat.say(NUMBER).decision["reason"] == "form_confirm"
    assert chat.say("yes").decision["reason"] == "form_ask"
    last = chat.say("it is 0042")
    assert (last.reply.action, last.reply.intent) == (Action.ACT, "track_order")
    assert "SF" in last.reply.text
    assert chat.memory.form is None


def test_the_form_speaks_the_language_of_the_conversation(chat: Chat) -> None:
    chat.say("我的快递到哪了")
    for text in (NUMBER, "对", "0042"):
        turn = chat.say(text)
        assert turn.reply.language is Language.ZH_HANS
    assert "顺丰" in turn.reply.text


def test_what_proves_who_asks_is_neither_recorded_nor_remembered(chat: Chat) -> None:
    for text in ("Check an order", NUMBER, "yes"):
        chat.say(text)
    for text in ("0042 or 1177, I am not sure", "0042, or mail lin@example.com"):
        chat.say(text)
    turns = chat.desk.store.turns(chat.id)
    # The form's own question names 0042 as an example.
    kept = repr(([(turn.question, turn.decision) for turn in turns], chat.now.memory))
    for secret in ("0042", "1177", "lin@example.com"):
        assert secret not in kept
    assert NUMBER in kept


def test_a_question_in_between_is_answered_and_the_form_goes_on(chat: Chat) -> None:
    chat.say("Check an order")
    turn = chat.say("how long does delivery take")
    assert turn.reply.citations[0].document_id == "delivery-en"
    assert "What is the order number?" in turn.reply.text
    assert chat.say(NUMBER).decision["reason"] == "form_confirm"


def test_answers_that_never_fit_end_with_a_person(chat: Chat) -> None:
    chat.say("Check an order")
    actions = [chat.say(text).reply.action for text in ("zebra", "quagga", "okapi")]
    assert actions == [Action.COLLECT, Action.COLLECT, Action.HANDOFF]
    assert chat.now.handoff


def test_never_mind_ends_the_form(chat: Chat) -> None:
    chat.say("Check an order")
    assert chat.say("never mind").decision["reason"] == "form_cancelled"
    assert chat.memory.form is None


def test_a_wish_for_a_person_is_heard_in_the_middle_of_a_form(chat: Chat) -> None:
    chat.say("Check an order")
    assert chat.say("give me a human").reply.action is Action.HANDOFF


def test_the_form_works_while_the_models_do_not_load(desk: Desk) -> None:
    def nothing() -> Models:
        raise RuntimeError

    chat = Chat(replace(desk, models=nothing))
    for text in ("Check an order", NUMBER, "yes"):
        assert chat.say(text).reply.action is Action.COLLECT
    assert chat.say("0042").reply.action is Action.ACT


def test_three_turns_without_help_call_a_person(chat: Chat) -> None:
    actions = [chat.say(text).reply.action for text in ("zebra", "quagga", "okapi")]
    assert actions == [Action.REFUSE, Action.REFUSE, Action.HANDOFF]
    assert chat.say("how do repairs work").reply.action is Action.ANSWER
    assert chat.memory.failures == 0


def test_anger_is_met_with_regret_first_and_a_person_then(chat: Chat) -> None:
    first = chat.say("how do repairs work, this is ridiculous")
    assert first.reply.text.startswith("I am sorry")
    assert first.reply.text.endswith("Book one online.")
    second = chat.say("how do repairs work, you are useless")
    assert (second.reply.action, second.decision["reason"]) == (Action.HANDOFF, "anger_again")
    assert float(str(second.decision["sentiment"])) < 0


def test_a_yes_to_the_offered_colleague_calls_one(chat: Chat) -> None:
    assert chat.say("zebra").reply.action is Action.REFUSE
    assert chat.say("yes please").reply.action is Action.HANDOFF


def test_a_turn_that_breaks_leaves_the_memory_as_it_was(desk: Desk) -> None:
    chat = Chat(desk)
    chat.say("how do repairs work")
    before = chat.now.memory

    def nothing() -> Models:
        raise RuntimeError

    broken = replace(desk, models=nothing)
    turn = answer_turn(broken, chat.now, text="and the price?", client_message_id="x")
    assert turn.error == "RuntimeError"
    assert chat.now.memory == before


RETURNS_OR_EXCHANGES = (
    Document("back-en", "How do returns work?", "15 days.", language="en", tags=("back",)),
    Document("swap-en", "How do exchanges work?", "Any shop.", language="en", tags=("swap",)),
    Document("back-zh", "怎么退货？", "十五天内。", language="zh", tags=("back",)),
    Document("swap-zh", "怎么换货？", "门店均可。", language="zh", tags=("swap",)),
)
CLOSE = KeywordIntents(
    {
        "back": ["send", "returns", "退"],
        "swap": ["another", "exchanges", "换"],
        "greeting": ["hello"],
    },
    ambiguity_margin=0.3,
)


@pytest.fixture
def torn(desk: Desk) -> Chat:
    """With a model that cannot tell what to send back and what to swap."""
    models = Models(CLOSE, OverlapRetriever(RETURNS_OR_EXCHANGES))
    return Chat(replace(desk, models=lambda: models))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("please exchanges send", ("How do returns work?", "How do exchanges work?")),
        ("可以退或者换吗亲", ("怎么退货？", "怎么换货？")),
    ],
)
def test_between_two_topics_the_customer_chooses_and_is_answered(
    text: str, named: tuple[str, str], torn: Chat
) -> None:
    turn = torn.say(text)
    assert (turn.reply.action, turn.decision["reason"]) == (Action.CLARIFY, "ambiguous")
    assert turn.decision["ambiguous"] is True
    assert tuple(item.text for item in turn.reply.suggestions) == named
    assert all(f"“{name}”" in turn.reply.text for name in named)
    chosen = torn.say(named[1])
    assert (chosen.reply.action, chosen.reply.citations[0].title) == (Action.ANSWER, named[1])


@pytest.mark.parametrize(("margin", "reason"), [(None, "form_ask"), (0.4, "ambiguous")])
def test_a_form_opens_only_where_the_topic_is_clear(
    desk: Desk, margin: float | None, reason: str
) -> None:
    words = {"track_order": ["parcel", "where"], "swap": ["swap"]}
    track = Document("t", "Where is it?", "See My Orders.", language="en", tags=("track_order",))
    models = Models(
        KeywordIntents(words, ambiguity_margin=margin),
        OverlapRetriever((track, *RETURNS_OR_EXCHANGES)),
    )
    careful = replace(desk.thresholds, answer=0.9)
    chat = Chat(replace(desk, models=lambda: models, thresholds=careful))
    assert chat.say("parcel where, swap please").decision["reason"] == reason


def test_a_greeting_that_may_be_a_topic_is_not_asked_about(torn: Chat) -> None:
    turn = torn.say("hello send")
    assert turn.decision["ambiguous"] is True
    assert turn.decision["reason"] != "ambiguous"
