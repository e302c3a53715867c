from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.selection import LoggedTurn, Reason, SelectionRules, cluster, select_for_review

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def _turn(number: int, text: str = "", **fields: object) -> LoggedTurn:
    turn = LoggedTurn(
        id=f"turn-{number:04}",
        text=text or f"word{number * 7919} thing{number * 104729}",
        language="en",
        intent="delivery_time",
        confidence=0.95,
        out_of_scope=0.05,
        helpful=None,
        action="answer",
        chosen_suggestion=None,
        agent_intent=None,
        consent=True,
        at=NOW + timedelta(minutes=number),
    )
    return replace(turn, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "reason", "suggested"),
    [
        ({"agent_intent": "refund"}, Reason.AGENT_CORRECTION, "refund"),
        (
            {"action": "clarify", "chosen_suggestion": "invoice"},
            Reason.CHOSEN_CLARIFICATION,
            "invoice",
        ),
        ({"helpful": False}, Reason.THUMBS_DOWN, ""),
        ({"confidence": 0.4}, Reason.LOW_CONFIDENCE, "delivery_time"),
        ({"margin": 0.1}, Reason.LOW_MARGIN, "delivery_time"),
        ({"margin": 0.3, "ambiguous": True}, Reason.LOW_MARGIN, "delivery_time"),
        ({"agent_intent": "refund", "helpful": False}, Reason.AGENT_CORRECTION, "refund"),
    ],
)
def test_each_reason_comes_with_the_label_it_suggests(
    fields: dict[str, object], reason: Reason, suggested: str
) -> None:
    (item,) = select_for_review([_turn(1, **fields)], limit=5)
    assert (item.reason, item.suggested, item.label) == (reason.value, suggested, None)


def test_what_went_well_needs_no_review() -> None:
    well = [_turn(1), _turn(2, helpful=True), _turn(3, agent_intent="delivery_time")]
    assert select_for_review(well, limit=5) == ()


def test_nothing_is_taken_without_consent() -> None:
    assert select_for_review([_turn(1, helpful=False, consent=False)], limit=5) == ()


@pytest.mark.parametrize(
    "text", ["call me on 13812345678 about the parcel", "我的邮箱是li@example.com，帮我查查"]
)
def test_nothing_is_taken_in_which_personal_data_is_left(text: str) -> None:
    assert select_for_review([_turn(1, text, helpful=False)], limit=5) == ()


def test_a_masked_text_is_taken_as_it_is() -> None:
    text = "my number is <PHONE_NUMBER>, where is the parcel"
    (item,) = select_for_review([_turn(1, text, helpful=False)], limit=5)
    assert item.text == text


@pytest.mark.parametrize("text", ["???", "12345", "😀😀"])
def test_a_text_without_words_teaches_nothing(text: str) -> None:
    assert select_for_review([_turn(1, text, helpful=False)], limit=5) == ()


def test_a_sentence_is_reviewed_once_for_its_most_telling_reason() -> None:
    turns = [
        _turn(1, "Where is my parcel?", confidence=0.3),
        _turn(2, "where is my parcel", agent_intent="lost_parcel"),
    ]
    (item,) = select_for_review(turns, limit=5)
    assert item.suggested == "lost_parcel"


def test_what_is_known_already_is_not_asked_again() -> None:
    turn = _turn(1, "Where is my parcel?", helpful=False)
    assert select_for_review([turn], limit=5, known_texts=["where is  my PARCEL"]) == ()


def test_a_topic_that_is_refused_again_and_again_is_found_and_a_single_one_is_not() -> None:
    refused = [
        _turn(n, f"can I pay with a gift card number {word}", action="refuse", confidence=0.9)
        for n, word in enumerate(("one", "two", "six"))
    ]
    lone = _turn(9, "does the moon smell of pizza", action="refuse", confidence=0.9)
    items = select_for_review([*refused, lone], limit=9)
    assert {item.reason for item in items} == {Reason.REFUSED_CLUSTER.value}
    assert {item.id for item in items} == {turn.id for turn in refused}
    assert {item.suggested for item in items} == {""}


def test_similar_sentences_wait_until_every_topic_was_shown_once() -> None:
    alike = [_turn(n, f"where is my parcel from monday {n}x", helpful=False) for n in range(20)]
    other = [
        _turn(90, "the invoice has a wrong tax code", confidence=0.5),
        _turn(91, "发票抬头写错了怎么改", language="zh", confidence=0.5),
    ]
    items = select_for_review([*alike, *other], limit=3)
    assert {item.id for item in items} >= {"turn-0090", "turn-0091"}


def test_both_languages_get_their_turn() -> None:
    english = [_turn(n, helpful=False) for n in range(50)]
    chinese = [
        _turn(100 + n, chr(0x4E00 + 97 * n) * 2 + chr(0x5E00 + 89 * n) * 2, language="zh")
        for n in range(8)
    ]
    chinese = [replace(turn, confidence=0.5) for turn in chinese]
    counts = Counter(item.language for item in select_for_review(english + chinese, limit=10))
    assert counts == {"en": 5, "zh": 5}


def test_only_the_newest_turns_are_looked_at() -> None:
    turns = [_turn(n, helpful=False) for n in range(10)]
    items = select_for_review(turns, limit=10, rules=SelectionRules(pool=4))
    assert {item.id for item in items} == {f"turn-{n:04}" for n in range(6, 10)}


def test_clusters_hold_what_is_alike_in_either_language() -> None:
    texts = ["where is my parcel", "where is my parcel now", "我的快递到哪了", "我的快递到哪里了"]
    assert cluster([*texts, "invoice please"], similarity=0.5) == [0, 0, 1, 1, 2]


def _grams(text: str) -> set[str]:
    padded = f" {text} "
    return {padded[n : n + 3] for n in range(len(padded) - 2)}


@settings(deadline=None)
@given(
    st.lists(st.text("abc", min_size=1, max_size=9), max_size=20),
    st.sampled_from([0.1, 0.3, 0.5, 0.8, 1.0]),
)
def test_the_shortcut_finds_the_clusters_that_comparing_everything_finds(
    texts: list[str], similarity: float
) -> None:
    leaders: list[set[str]] = []
    numbers = []
    for grams in map(_grams, texts):
        shares = [len(grams & leader) / len(grams | leader) for leader in leaders]
        number = next((n for n, share in enumerate(shares) if share >= similarity), len(leaders))
        if number == len(leaders):
            leaders.append(grams)
        numbers.append(number)
    assert cluster(texts, similarity=similarity) == numbers


TURNS = st.lists(
    st.builds(
        _turn,
        st.integers(0, 9999),
        st.text("abc 快递发票13@.", max_size=12),
        confidence=st.floats(0, 1),
        helpful=st.sampled_from([None, True, False]),
        consent=st.booleans(),
        language=st.sampled_from(["en", "zh"]),
        action=st.sampled_from(["answer", "refuse", "clarify"]),
    ),
    max_size=25,
    unique_by=lambda turn: turn.id,
)


@settings(deadline=None)
@given(TURNS, st.integers(0, 8))
def test_the_choice_is_small_consented_and_the_same_for_any_order(
    turns: list[LoggedTurn], limit: int
) -> None:
    items = select_for_review(turns, limit=limit)
    consented = {turn.id for turn in turns if turn.consent}
    assert len(items) <= limit
    assert {item.id for item in items} <= consented
    assert items == select_for_review(turns[::-1], limit=limit)
