from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from knowledge_base.duplicates import ALIKE, SHINGLE, say_the_same
from knowledge_base.passages import Passage

LONG = (
    "You may return any lamp within 15 days of delivery, as long as it is unused and in its "
    "box. Print the label from your account, stick it on the parcel and bring it to any post "
    "office. The money is back on your card within five days of our receiving the parcel."
)
CHINESE = (
    "自收到商品之日起十五天内，未使用且包装完好的灯具均可退货。请在账户中打印退货标签，贴在包裹上。"
)
TEXTS = st.one_of(st.text(max_size=60), st.text("ab 1，退货", max_size=12))


def passage(text: str, *, question: str = "May I return it?", language: str = "en") -> Passage:
    return Passage("p#0", "p", text, "", "", language, (question,))


PASSAGES = st.builds(passage, TEXTS, question=TEXTS, language=st.sampled_from(["en", "zh"]))


@settings(deadline=None)
@given(PASSAGES, PASSAGES)
def test_saying_the_same_is_mutual(one: Passage, two: Passage) -> None:
    assert say_the_same(one, two) is say_the_same(two, one)


@settings(deadline=None)
@given(PASSAGES)
def test_a_passage_says_the_same_as_itself(one: Passage) -> None:
    assert say_the_same(one, replace(one, id="other#0", document_id="other"))


@settings(deadline=None)
@given(PASSAGES)
def test_an_article_in_another_language_is_no_duplicate(one: Passage) -> None:
    assert not say_the_same(one, replace(one, language="fr"))


@settings(deadline=None)
@given(TEXTS, st.integers(0, 99), st.integers(0, 99))
def test_another_number_is_another_rule(text: str, one: int, two: int) -> None:
    assume(one != two)
    pair = (passage(f"{LONG} {text} within {number} days") for number in (one, two))
    assert not say_the_same(*pair)


@settings(deadline=None)
@given(PASSAGES, PASSAGES)
def test_the_rule_is_that_of_comparing_the_shingles_themselves(one: Passage, two: Passage) -> None:
    def shingles(given: Passage) -> set[str]:
        text = "".join(x for x in f"{given.questions[0]}{given.text}".casefold() if x.isalnum())
        return {text[n : n + SHINGLE] for n in range(len(text) - SHINGLE + 1)}

    if say_the_same(one, two) and one != two and all(map(str.isascii, (one.text, two.text))):
        first, second = shingles(one), shingles(two)
        assert first == second or len(first & second) >= ALIKE * len(first | second)


@pytest.mark.parametrize(
    ("one", "two", "language"),
    [
        (LONG, LONG.upper().replace(",", " –"), "en"),
        (LONG, LONG.replace("stick it on", "put it on"), "en"),
        (LONG, LONG.replace("15", "１５"), "en"),
        (CHINESE, CHINESE.replace("，", " ").replace("退货", "退貨"), "zh"),
    ],
    ids=["case and signs", "another word", "wide digits", "traditional"],
)
def test_small_differences_do_not_make_another_article(one: str, two: str, language: str) -> None:
    assert say_the_same(passage(one, language=language), passage(two, language=language))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (passage("Yes.", question="Is it dimmable?"), passage("Yes.", question="Do you ship?")),
        (passage(LONG), passage(f"{LONG} {LONG}")),
        (passage(LONG), passage(LONG.replace("15", "30"))),
        (passage(LONG), passage("Parcels arrive within three days. " * 8)),
    ],
    ids=["one word to two questions", "twice as long", "another number", "another matter"],
)
def test_what_tells_more_or_other_things_is_no_duplicate(one: Passage, two: Passage) -> None:
    assert not say_the_same(one, two)
