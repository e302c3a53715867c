"""Suggestions and summaries are found, never written, and distances are true."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from chatbot.assist import edit_distance, summarise
from chatbot.conversation import Action, Author, Citation, Conversation, Language, Message
from chatbot.handoff import Line
from chatbot.memory import FormState, Memory

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONVERSATION = Conversation("c", "web", "demo", Language.EN, "0" * 64, NOW)
CITATION = Citation("window", "window#0", "Returns", "/help/returns", "15 days", 0.9)


def line(author: Author, text: str) -> Line:
    return Line(Message("m", "c", author, text, Language.EN, NOW))


def slow_distance(before: str, after: str) -> int:
    row = list(range(len(after) + 1))
    for number, letter in enumerate(before, start=1):
        fresh = [number]
        for place, other in enumerate(after):
            fresh.append(min(row[place + 1] + 1, fresh[-1] + 1, row[place] + (letter != other)))
        row = fresh
    return row[-1]


@given(st.text("ab退", max_size=8), st.text("ab退", max_size=8))
def test_the_distance_is_that_of_the_textbook(before: str, after: str) -> None:
    assert edit_distance(before, after) == slow_distance(before, after)


def test_long_texts_are_compared_at_once() -> None:
    assert edit_distance("a" * 4000, "b" + "a" * 3999) == 1


def test_a_summary_of_silence_says_so_in_both_languages() -> None:
    text = summarise(CONVERSATION, []).text
    assert "not written anything" in text["en"]
    assert "还没有写" in text["zh"]


def test_words_that_were_erased_are_not_quoted() -> None:
    summary = summarise(CONVERSATION, [line(Author.CUSTOMER, "")])
    assert summary.asked == ()
    assert "“”" not in summary.text["en"] + summary.text["zh"]


def test_a_summary_quotes_what_was_asked_and_names_what_was_tried() -> None:
    answered = replace(
        line(Author.BOT, "15 days."),
        action=Action.ANSWER,
        intent="return_window",
        citations=(CITATION,),
        helpful=False,
    )
    summary = summarise(CONVERSATION, [line(Author.CUSTOMER, "How long?"), answered])
    assert summary.intent == "return_window"
    assert summary.asked == ("How long?",)
    assert [tried.title for tried in summary.tried] == ["Returns"]
    assert "“How long?”" in summary.text["en"]
    assert "Returns (not helpful)" in summary.text["en"]
    assert "Returns（客户认为没有帮助）" in summary.text["zh"]


def test_a_summary_tells_the_form_and_the_mood() -> None:
    memory = Memory(moods=(0.1, -0.8), form=FormState("order_status", {"order": "K-1"}))
    conversation = replace(CONVERSATION, memory=memory.dump())
    summary = summarise(conversation, [line(Author.CUSTOMER, "x" * 500)])
    assert summary.slots == (("order", "K-1"),)
    assert summary.sentiment == -0.8
    assert "annoyed" in summary.text["en"]
    assert len(summary.asked[0]) == 160
