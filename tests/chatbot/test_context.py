from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.context import Reading, Shape, choose, may_need_context, read_shape
from chatbot.conversation import Evidence, Language, LanguageGuess, Understanding
from chatbot.policy import Thresholds
from knowledge_base.passages import Hit, Passage

LIMITS = Thresholds(answer=0.7, clarify=0.2, out_of_scope=0.9, generic=0.6)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("how long does it take?", Shape.BARE),
        ("and how much is it?", Shape.BARE),
        ("Is it free?", Shape.BARE),
        ("多少钱", Shape.BARE),
        ("那要多久呢？", Shape.BARE),
        ("and with a credit card?", Shape.ADDED),
        ("and for refurbished phones?", Shape.ADDED),
        ("what if it is wrong?", Shape.ADDED),
        ("那用信用卡付的呢", Shape.ADDED),
        ("如果进水了呢", Shape.ADDED),
        ("what about Tibet?", Shape.MARKED),
        ("how long do you keep it?", Shape.MARKED),
        ("那运费呢？", Shape.MARKED),
        ("耳机呢", Shape.MARKED),
        ("它多久能修好", Shape.MARKED),
        ("who pays the shipping?", Shape.SHORT),
        ("怎么注销账户", Shape.SHORT),
        (
            "I bought a pair of headphones last week and would like to send them back",
            Shape.WHOLE,
        ),
        ("我上周买的蓝牙音箱音质不好想退掉可以吗", Shape.WHOLE),
    ],
)
def test_a_text_shows_how_much_it_leans_on_what_was_said_before(text: str, shape: Shape) -> None:
    assert read_shape(text).shape is shape


def test_traditional_characters_and_placeholders_change_nothing() -> None:
    assert read_shape("那運費呢？").shape is Shape.MARKED
    assert read_shape("多少錢 <PHONE_NUMBER_1>").shape is Shape.BARE


@given(st.text(max_size=80))
def test_every_text_has_a_shape(text: str) -> None:
    assert read_shape(text).shape in Shape


def _found(document: str, score: float, intent: str = "topic", *, oos: float = 0.0) -> Evidence:
    passage = Passage(f"{document}#0", document, f"all about {document}", "", "", "en")
    return Evidence(
        LanguageGuess(Language.EN), Understanding(intent, 0.9, oos), (Hit(passage, score),)
    )


REPAIR = _found("repair", 0.95)


def test_a_text_without_a_topic_takes_the_last_one() -> None:
    bare = Reading(Shape.BARE)
    assert choose(bare, _found("delivery", 0.98), REPAIR, LIMITS) is REPAIR


def test_a_clear_topic_of_its_own_is_never_lost() -> None:
    alone = _found("points", 0.9)
    for shape in (Shape.MARKED, Shape.SHORT):
        assert choose(Reading(shape, ("point",)), alone, REPAIR, LIMITS) is alone
        assert not may_need_context(Reading(shape, ("point",)), alone, LIMITS)


def test_what_no_intent_knows_and_the_article_is_silent_on_is_another_matter() -> None:
    weather = _found("x", 0.05, "out_of_scope", oos=0.3)
    reading = Reading(Shape.MARKED, ("rain", "tomor"))
    assert choose(reading, weather, REPAIR, LIMITS) is weather
    about_it = Reading(Shape.MARKED, ("repai", "tomor"))
    assert choose(about_it, weather, REPAIR, LIMITS) is REPAIR


def test_without_an_article_for_both_together_the_text_stands_alone() -> None:
    alone, weak = _found("a", 0.3), _found("b", 0.4)
    for shape in Shape:
        assert choose(Reading(shape, ("x",)), alone, weak, LIMITS) is alone


def test_greetings_and_wordless_messages_need_no_context() -> None:
    assert not may_need_context(Reading(Shape.BARE), _found("a", 0.9, "thanks"), LIMITS)
    wordless = replace(_found("a", 0.0), wordless=True)
    assert not may_need_context(Reading(Shape.BARE), wordless, LIMITS)
    assert not may_need_context(Reading(Shape.WHOLE, ("a",)), _found("a", 0.1), LIMITS)


@given(st.sampled_from(Shape), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_one_of_the_two_readings_is_chosen_and_context_only_when_it_answers(
    shape: Shape, alone: float, both: float, oos: float
) -> None:
    first, second = _found("a", alone, oos=oos), _found("b", both)
    chosen = choose(Reading(shape, ("a",)), first, second, LIMITS)
    assert chosen is first or (chosen is second and both >= LIMITS.answer)
