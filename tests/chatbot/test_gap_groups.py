from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot import gap_groups
from chatbot.gap_groups import Vectors, cluster, find_gaps
from chatbot.gaps import Gap, Unanswered, Why
from knowledge_base.passages import Hit, Passage

NOW = datetime(2026, 3, 4, tzinfo=UTC)
TOPICS = ("voucher", "礼品卡", "instalment", "分期")
AXES = {"voucher": 0, "礼品卡": 0, "instalment": 1, "分期": 1}


def encode(texts: Sequence[str]) -> Vectors:
    """The same topic in two languages lies in one direction, each wording a little beside it."""
    rows = np.zeros((len(texts), 4), dtype=np.float32)
    for row, text in enumerate(texts):
        axis = next((AXES[word] for word in TOPICS if word in text), 2)
        rows[row, axis] = 1.0
        rows[row, 3] = 0.03 * (len(text) % 5)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def asked(text: str, *, minutes: int = 0, language: str = "en") -> Unanswered:
    at = NOW + timedelta(minutes=minutes)
    return Unanswered(f"{text}{minutes}", text, language, at, Why.REFUSED)


def gaps(*questions: Unanswered, limit: int = 50) -> list[Gap]:
    return find_gaps(questions, encode=encode, nearest=lambda _text: None, limit=limit)


def test_questions_that_mean_the_same_are_one_gap_in_both_languages() -> None:
    (gap,) = gaps(
        asked("do you sell a voucher"),
        asked("a voucher for my friend", minutes=2),
        asked("有礼品卡吗", minutes=1, language="zh"),
    )
    assert (gap.count, gap.languages) == (3, {"en": 2, "zh": 1})
    assert gap.last_seen == NOW + timedelta(minutes=2)
    assert len({gap.title, *gap.examples}) == 3


def test_what_is_asked_most_comes_first() -> None:
    found = gaps(
        asked("instalment please"), asked("a voucher"), asked("a voucher", minutes=1), limit=1
    )
    assert [(gap.title, gap.count) for gap in found] == [("a voucher", 2)]


def test_case_and_signs_make_no_other_question() -> None:
    (gap,) = gaps(asked("A voucher?"), asked("a voucher", minutes=1))
    assert (gap.count, gap.title, gap.examples) == (2, "a voucher", ())


def test_the_title_is_what_was_asked_most_in_the_group() -> None:
    often = [asked("any voucher there", minutes=n) for n in range(5)]
    (gap,) = gaps(asked("voucher"), *often, asked("voucher for two friends"))
    assert gap.title == "any voucher there"


def test_texts_without_words_or_with_personal_data_are_left_out() -> None:
    assert gaps(asked("<PHONE_NUMBER_1>"), asked("12345"), asked("")) == []
    assert gaps(asked("a voucher for anna@example.com")) == []
    (gap,) = gaps(asked("a voucher for <EMAIL_ADDRESS_1>"))
    assert gap.title == "a voucher for <EMAIL_ADDRESS_1>"


def test_a_gap_names_the_article_that_comes_closest() -> None:
    hit = Hit(Passage("p#0", "p", "", "", "", "en"), 0.3)
    (gap,) = find_gaps([asked("a voucher")], encode=encode, nearest={"a voucher": hit}.get)
    assert gap.nearest == hit


def test_only_the_newest_are_compared(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(gap_groups, "POOL", 2)
    found = gaps(asked("old thing"), asked("a voucher", minutes=1), asked("instalment", minutes=2))
    assert {gap.title for gap in found} == {"a voucher", "instalment"}


def test_a_slug_is_an_id_that_stays() -> None:
    (one,), (two,) = gaps(asked("a voucher")), gaps(asked("a voucher", minutes=9))
    assert one.slug == two.slug
    assert not any(letter.isspace() for letter in one.slug)


VECTORS = st.lists(
    st.lists(st.floats(-1, 1, width=16), min_size=3, max_size=3).filter(any), max_size=12
)


@settings(deadline=None)
@given(VECTORS, st.floats(0.1, 0.99))
def test_every_row_is_in_one_group_and_no_two_groups_are_alike_enough(
    rows: list[list[float]], alike: float
) -> None:
    vectors = np.array(rows, dtype=np.float32).reshape(-1, 3)
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    groups = cluster(vectors, alike=alike)
    assert sorted(row for group in groups for row in group) == list(range(len(vectors)))
    for place, one in enumerate(groups):
        for two in groups[:place]:
            assert (vectors[one] @ vectors[two].T).mean() < alike + 1e-4


@settings(deadline=None)
@given(st.lists(st.sampled_from(TOPICS), min_size=1, max_size=20))
def test_no_question_is_lost(topics: list[str]) -> None:
    found = gaps(*(asked(f"{topic} {n}", minutes=n) for n, topic in enumerate(topics)))
    assert sum(gap.count for gap in found) == len(topics)
    assert len(found) == len({AXES[topic] for topic in topics})
