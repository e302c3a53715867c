from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.errors import InputInvalid, TextEmpty, TextTooLong, TextUnreadable
from chatbot.text import accept_text


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u200b\u200d", "\u3000"])
def test_nothing_visible_is_no_message(text: str) -> None:
    with pytest.raises(TextEmpty):
        accept_text(text, limit=100)


@pytest.mark.parametrize("text", ["a\x00b", "\ud83d", "ok \udc00"])
def test_broken_text_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(TextUnreadable) as raised:
        accept_text(text, limit=100)
    assert text not in str(raised.value)


def test_a_message_may_be_as_long_as_the_limit_and_no_longer() -> None:
    assert accept_text("x" * 100, limit=100) == "x" * 100
    with pytest.raises(TextTooLong, match="100,000"):
        accept_text("x" * 100_000, limit=100)


@given(st.text(max_size=50))
def test_an_accepted_text_is_the_text_without_outer_space(text: str) -> None:
    try:
        accepted = accept_text(text, limit=50)
    except InputInvalid:
        return
    assert accepted == text.strip()
