from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.generation import (
    ChatMessage,
    ChatRole,
    Pieces,
    plain_prompt,
    until_stop,
    weights_version,
)


def _stream(pieces: Iterable[str]) -> Pieces:
    yield from pieces


@given(st.lists(st.text("ab<>", min_size=1, max_size=4)), st.lists(st.text("ab<>", max_size=3)))
def test_the_text_ends_before_the_first_stop_text_wherever_pieces_break(
    pieces: list[str], stop: list[str]
) -> None:
    whole = "".join(pieces)
    ends = [whole.find(each) for each in stop if each and each in whole]
    kept = list(until_stop(_stream(pieces), stop))
    assert "".join(kept) == whole[: min(ends, default=len(whole))]
    assert all(kept)


def test_nothing_is_held_back_that_cannot_become_a_stop_text() -> None:
    stream = until_stop(_stream(["ab", "<", "x"]), ["<e>"])
    assert next(stream) == "ab"
    assert next(stream) == "<x"


def test_the_source_is_closed_at_a_stop_text_and_by_closing() -> None:
    for finish in (lambda stream: list(stream), lambda stream: stream.close()):
        source = _stream(["a", "b", "c"])
        stream = until_stop(source, ["b"])
        next(stream)
        finish(stream)
        assert list(source) == []


def test_a_plain_prompt_ends_where_the_answer_begins() -> None:
    messages = [ChatMessage(ChatRole.SYSTEM, "Be brief."), ChatMessage(ChatRole.USER, "你好")]
    assert plain_prompt(messages) == "system: Be brief.\n\nuser: 你好\n\nassistant:"


def test_other_weights_have_another_version(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    one.write_bytes(b"weights")
    two.write_bytes(b"weights!")
    assert weights_version("t5", [one]) == weights_version("t5", [one])
    assert len({weights_version("t5", files) for files in ([one], [two], [one, two])}) == 3


@pytest.mark.parametrize("stop", [(), ("",)])
def test_without_stop_texts_every_piece_passes_at_once(stop: tuple[str, ...]) -> None:
    assert list(until_stop(_stream(["a", "b"]), stop)) == ["a", "b"]
