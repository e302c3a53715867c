from __future__ import annotations

import pytest

from chatbot.roles import swapped_roles


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("You refund the fare.", "We refund the fare."),
        ("We report the theft.", "Report the theft to the police."),
        ("您会删除文件。", "我们会删除文件。"),
    ],
)
def test_who_does_it_is_compared(said: str, source: str) -> None:
    assert swapped_roles(said, source)
    assert not swapped_roles(source, source)


def test_a_passive_says_nothing_of_who_does_it() -> None:
    assert not swapped_roles("The fare is refunded.", "We refund the fare.")
