from __future__ import annotations

import pytest

from chatbot.conversation import Language
from chatbot.language import detect_language, to_simplified, to_traditional


@pytest.mark.parametrize(
    ("text", "language", "mixed"),
    [
        ("How do I return this?", Language.EN, False),
        ("hi", Language.EN, False),
        ("怎么退货", Language.ZH_HANS, False),
        ("請問怎麼退貨", Language.ZH_HANT, False),
        ("app打不开", Language.ZH_HANS, False),
        ("我的order到哪了 tracking number", Language.ZH_HANS, True),
        ("How do I get a 发票 for my order?", Language.EN, True),
        ("I paid with 支付宝", Language.EN, True),
    ],
)
def test_the_language_that_carries_the_sentence_is_found(
    text: str, language: Language, mixed: bool
) -> None:
    guess = detect_language(text)
    assert (guess.language, guess.mixed, guess.certain) == (language, mixed, True)


@pytest.mark.parametrize("text", ["123", "😀😀", "VIP", "?!"])
def test_a_text_without_a_language_takes_the_default(text: str) -> None:
    guess = detect_language(text, default=Language.ZH_HANS)
    assert guess.language is Language.ZH_HANS
    assert not guess.certain


def test_scripts_are_converted_and_english_is_untouched() -> None:
    assert to_simplified("發票 invoice") == "发票 invoice"
    assert to_traditional("发票 invoice") == "發票 invoice"
