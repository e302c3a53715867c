from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.attribution import Piece
from training.credit import add_credits, credit_words
from training.lexicon import fit_lexicon

TEXTS = ["red shoe", "red shoe box", "blue hat", "blue hat box"]
LEXICON = fit_lexicon(TEXTS, np.array([0, 0, 1, 1]), labels=2)
FOR_FIRST = np.array([1.0, -1.0])


@given(st.lists(st.sampled_from(["red", "shoe", "blue", "hat", "box", "tie", "."])))
def test_credits_add_up_to_what_the_lexical_part_adds(words: list[str]) -> None:
    text = " ".join(words)
    total = sum(piece.score for piece in credit_words(text, LEXICON, FOR_FIRST))
    assert total == pytest.approx(float(LEXICON.logits([text])[0] @ FOR_FIRST))


def test_words_are_credited_where_they_stand() -> None:
    text = "  RED tie, hat"
    pieces = credit_words(text, LEXICON, FOR_FIRST)
    assert [text[piece.start : piece.end] for piece in pieces] == ["RED", "hat"]
    assert pieces[0].score > 0 > pieces[1].score


def test_the_places_of_a_word_share_its_credit() -> None:
    first, second = credit_words("red, tie, red", LEXICON, FOR_FIRST)
    assert first.score == pytest.approx(second.score)


def test_a_credit_goes_to_the_words_it_covers_and_else_stands_alone() -> None:
    words = [Piece(0, 2, 1.0), Piece(2, 6, 1.0)]
    credits = [Piece(0, 6, 6.0), Piece(8, 9, 0.5)]
    assert add_credits(words, credits) == [Piece(0, 2, 3.0), Piece(2, 6, 5.0), Piece(8, 9, 0.5)]
