from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from chatbot.conversation import Action, Conversation, Language, Understanding
from chatbot.errors import ConversationClosed, TextEmpty
from chatbot.fakes import FixedClock, KeywordIntents, MemoryStore, OverlapRetriever
from chatbot.policy import Thresholds
from chatbot.reception import close_conversation, find_conversation, open_conversation
from chatbot.templates import load_templates
from chatbot.turn import Desk, Models, answer_turn, hints_of, look_up
from knowledge_base.errors import IndexMissing
from knowledge_base.passages import Document, Filter, Hit
from privacy.redaction import redact

DOCUMENTS = (
    Document("window-en", "How long for a return?", "15 days.", language="en", tags=("return",)),
    Document("window-zh", "几天内可以退货？", "15天。", language="zh", tags=("return",)),
    Document("points-zh", "积分什么时候过期？", "年底过期。", language="zh", tags=("points",)),
)


INTENTS = KeywordIntents(
    {"return": ["return", "退"], "points": ["积分"], "request_human": ["human", "人工"]}
)


class Broken:
    version = "broken"
    labels = ()

    def understand(self, texts: Sequence[str]) -> list[Understanding]:
        raise RuntimeError(f"cannot understand {texts}")

    def search(
        self, query: str, *, hints: Mapping[str, float], limit: int = 5, only: Filter | None = None
    ) -> list[Hit]:
        raise RuntimeError(query)


@pytest.fixture
def desk() -> Desk:
    return Desk(
        models=lambda: Models(INTENTS, OverlapRetriever(DOCUMENTS)),
        store=MemoryStore(),
        clock=FixedClock(),
        templates=load_templates(companies={"en": "Maplewood", "zh": "枫木"}),
        thresholds=Thresholds(answer=0.5, clarify=0.2, out_of_scope=0.9, generic=0.6),
        redact=redact,
        text_limit=4000,
    )


@pytest.fixture
def conversation(desk: Desk) -> Conversation:
    return open_conversation(desk.store, desk.clock, channel="web", collection="demo").conversation


def test_the_questions_language_decides_the_answers(desk: Desk, conversation: Conversation) -> None:
    for text, document, language in (
        ("how long for a return", "window-en", Language.EN),
        ("几天内可以退货", "window-zh", Language.ZH_HANS),
        ("幾天內可以退貨", "window-zh", Language.ZH_HANT),
    ):
        turn = answer_turn(desk, conversation, text=text, client_message_id=text[:3])
        assert turn.reply.action is Action.ANSWER
        assert turn.reply.citations[0].document_id == document
        assert turn.reply.language is language


def test_personal_data_reaches_neither_models_nor_store(
    desk: Desk, conversation: Conversation
) -> None:
    seen: list[str] = []

    class Watching(OverlapRetriever):
        def search(
            self,
            query: str,
            *,
            hints: Mapping[str, float],
            limit: int = 5,
            only: Filter | None = None,
        ) -> list[Hit]:
            seen.append(query)
            return super().search(query, hints=hints, limit=limit, only=only)

    watched = replace(desk, models=lambda: Models(INTENTS, Watching(DOCUMENTS)))
    turn = answer_turn(
        watched, conversation, text="return please, I am a@b.com 13800138000", client_message_id="1"
    )
    assert turn.question == "return please, I am <EMAIL_ADDRESS_1> <PHONE_NUMBER_1>"
    assert seen == [turn.question]
    assert "13800138000" not in repr(desk.store.turns(conversation.id))


def test_the_same_message_sent_twice_gets_the_same_reply(
    desk: Desk, conversation: Conversation
) -> None:
    first = answer_turn(desk, conversation, text="return", client_message_id="m1")
    again = answer_turn(desk, conversation, text="return", client_message_id="m1")
    assert again == first
    assert len(desk.store.turns(conversation.id)) == 1


def test_what_breaks_inside_becomes_a_recorded_apology(
    desk: Desk, conversation: Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = replace(desk, models=lambda: Models(Broken(), Broken()))
    turn = answer_turn(broken, conversation, text="我的秘密是退货", client_message_id="1")
    assert turn.error == "RuntimeError"
    assert "抱歉" in turn.reply.text
    assert turn.reply.suggestions
    assert desk.store.turns(conversation.id) == [turn]
    output = capsys.readouterr()
    assert "秘密" not in output.out + output.err


def test_models_that_do_not_load_are_an_apology_too_and_its_button_still_works(
    desk: Desk, conversation: Conversation
) -> None:
    def nothing() -> Models:
        raise IndexMissing(Path("demo"))

    broken = replace(desk, models=nothing)
    apology = answer_turn(broken, conversation, text="how do I return", client_message_id="1")
    assert apology.error == "IndexMissing"
    button = apology.reply.suggestions[0].text
    turn = answer_turn(broken, conversation, text=button, client_message_id="2")
    assert turn.reply.action is Action.HANDOFF
    assert turn.error is None


def test_a_wish_for_a_person_marks_the_conversation(desk: Desk, conversation: Conversation) -> None:
    turn = answer_turn(desk, conversation, text="转人工", client_message_id="1")
    assert turn.reply.action is Action.HANDOFF
    found = desk.store.find(conversation.id)
    assert found is not None
    assert found.handoff


def test_emoji_alone_are_answered_with_a_question(desk: Desk, conversation: Conversation) -> None:
    turn = answer_turn(desk, conversation, text="😀", client_message_id="1")
    assert turn.reply.action is Action.CLARIFY


def test_an_empty_or_late_message_is_refused(desk: Desk, conversation: Conversation) -> None:
    with pytest.raises(TextEmpty):
        answer_turn(desk, conversation, text=" ", client_message_id="1")
    close_conversation(desk.store, conversation, at=desk.clock.now())
    closed = desk.store.find(conversation.id)
    assert closed is not None
    with pytest.raises(ConversationClosed):
        answer_turn(desk, closed, text="return", client_message_id="1")


def test_the_record_explains_the_reply(desk: Desk, conversation: Conversation) -> None:
    turn = answer_turn(desk, conversation, text="how long for a return", client_message_id="1")
    assert turn.decision["reason"] == "article"
    assert turn.decision["thresholds"]
    assert turn.reply.versions == {"intents": "keywords", "knowledge": "overlap"}
    assert set(turn.reply.latency_ms) >= {"understand", "retrieve", "total"}


def test_a_test_search_runs_the_path_of_a_turn(desk: Desk) -> None:
    assert look_up(desk, "幾天內可以退貨", limit=1)[0].passage.document_id == "window-zh"


def test_a_look_up_may_be_confined_to_some_articles(desk: Desk) -> None:
    hits = look_up(desk, "return 退货", limit=5, only=Filter(language="en"))
    assert {hit.passage.document_id for hit in hits} == {"window-en"}


def test_hints_shrink_with_the_chance_that_nothing_fits() -> None:
    understanding = Understanding("a", 0.8, 0.5, (("a", 0.8), ("b", 0.2), ("greeting", 0.0)))
    assert hints_of(understanding) == {"a": 0.4, "b": 0.1}


def test_only_the_holder_of_the_token_finds_the_conversation(desk: Desk) -> None:
    opened = open_conversation(desk.store, desk.clock, channel="web", collection="demo")
    found = find_conversation(desk.store, opened.conversation.id, opened.token)
    assert found == opened.conversation
    from chatbot.errors import ConversationUnknown

    for identifier, token in ((opened.conversation.id, "wrong"), ("unknown", opened.token)):
        with pytest.raises(ConversationUnknown):
            find_conversation(desk.store, identifier, token)
