from __future__ import annotations

import pytest

from chatbot.conditions import agrees, conditions, contradicts, holds_anyway, orders, speaks_of


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Dogs are free if they stay in the car.", ["they stay in the car"]),
        ("We charge a fee unless you cancel, as a rule.", ["you cancel"]),
        ("If it is late because of snow, we pay.", ["it is late", "snow"]),
        ("如果下雨，我们退款。", ["下雨"]),
        ("车辆上锁的情况下可以赔付。", ["车辆上锁"]),
        ("A towel costs £2.", []),
        ("毛巾五元一条。", []),
    ],
)
def test_a_condition_is_found_by_its_marker(sentence: str, found: list[str]) -> None:
    assert conditions(sentence) == found


def test_a_condition_is_spoken_of_by_most_of_its_words() -> None:
    assert speaks_of("the bike was locked", "Theft of a locked bike is covered.")
    assert not speaks_of("the bike was locked", "Theft of a bike is covered.")
    assert not speaks_of("自行车上锁", "自行车被盗可以赔付。")


def test_even_if_says_that_a_condition_does_not_matter() -> None:
    assert holds_anyway("We pay even if it was open.")
    assert holds_anyway("无论什么原因都退款。")
    assert not holds_anyway("We pay if it was locked.")


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("We pay before the report.", "We pay after the report."),
        ("收到回执前赔付。", "收到回执后赔付。"),
    ],
)
def test_before_contradicts_after_the_same_thing(said: str, known: str) -> None:
    (first,), (second,) = orders(said), orders(known)
    assert contradicts(first, second)
    assert not agrees(first, second)


def test_before_one_thing_does_not_contradict_after_another() -> None:
    (first,), (second,) = orders("Before dispatch you can cancel."), orders("Pay after the visit.")
    assert not contradicts(first, second)
