from __future__ import annotations

import pytest

from knowledge_base.han import guess_language, simplify


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my parcel?", "en"),
        ("我的包裹在哪里？", "zh"),
        ("请在 Settings > Account > Security 中重置 password", "zh"),
        ("What does 保修 mean on my receipt?", "en"),
        ("12345 !?", ""),
        ("", ""),
    ],
)
def test_the_language_is_guessed_by_the_share_of_han_characters(text: str, language: str) -> None:
    assert guess_language(text) == language


def test_traditional_characters_become_simplified() -> None:
    assert simplify("訂單什麼時候送達 iPhone") == "订单什么时候送达 iPhone"
