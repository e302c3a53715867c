from __future__ import annotations

import pytest

from chatbot.vocabulary import new_words


@pytest.mark.parametrize(
    ("text", "source", "new"),
    [
        ("Kids stay for free.", "Children are free.", []),
        ("Breakfast includes fresh juice.", "Breakfast costs €14.", ["includ", "fresh", "juic"]),
        ("租毛巾五元。", "可以花5元租一条毛巾。", []),
        ("附赠头盔和儿童座椅。", "每次租车附赠头盔。", ["儿童座椅"]),
    ],
)
def test_a_word_is_new_where_neither_it_nor_a_synonym_is_known(
    text: str, source: str, new: list[str]
) -> None:
    assert new_words(text, source) == new
