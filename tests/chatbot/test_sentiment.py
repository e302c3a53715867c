from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.language import to_traditional
from chatbot.sentiment import measure_sentiment
from tests.benchmarks.sentiment import LANGUAGES, measure


@given(st.text(max_size=200))
def test_any_text_has_a_score_between_minus_one_and_one(text: str) -> None:
    assert -1.0 <= measure_sentiment(text) <= 1.0


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ("This is useless", "This is not useless"),
        ("I am very disappointed", "I am disappointed"),
        ("I am disappointed", "I am slightly disappointed"),
        ("THIS IS RIDICULOUS NOW", "this is ridiculous now"),
        ("that is terrible!!!", "that is terrible"),
        ("I am not happy with this", "I am happy with this"),
        ("answer me 😡", "answer me"),
        ("非常失望", "有点失望"),
        ("太离谱了！！", "离谱"),
        ("服务不好", "服务好"),
        ("我不满意", "我满意"),
        ("怎么还不到😡", "怎么还不到😊"),
    ],
)
def test_degree_negation_and_loudness_move_the_score(worse: str, better: str) -> None:
    assert measure_sentiment(worse) < measure_sentiment(better)


@pytest.mark.parametrize(
    "text",
    [
        "My phone screen is broken and the battery is dead",
        "the parcel was damaged, one cable is missing",
        "屏幕碎了，电池也坏了",
        "差价怎么退",
        "请问还差多少钱包邮",
        "WHERE IS MY INVOICE",
        "12345",
    ],
)
def test_trouble_and_capitals_alone_are_no_anger(text: str) -> None:
    assert measure_sentiment(text) > -0.3


def test_traditional_characters_sound_the_same() -> None:
    for text in ("你们太过分了，欺骗消费者", "气死我了", "非常感谢"):
        assert measure_sentiment(to_traditional(text)) == measure_sentiment(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_anger_is_told_from_trouble_on_labelled_sentences(language: str) -> None:
    measured = measure(language)
    assert measured.sentences >= 60
    assert measured.precision >= 0.9
    assert measured.recall >= 0.9
