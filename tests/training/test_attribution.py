from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.attribution import Piece, integrate_gradients, join_words

POINT = torch.tensor([[1.0, 2.0], [3.0, -1.0]], dtype=torch.float64)  # (t, d)


def test_a_linear_score_is_credited_exactly_to_its_terms() -> None:
    weights = torch.tensor([[2.0, 0.5], [-1.0, 4.0]], dtype=torch.float64)
    parts = integrate_gradients(
        lambda path: (path * weights).sum(dim=(1, 2)), POINT, torch.zeros_like(POINT), steps=1
    )
    assert torch.allclose(parts, POINT * weights)


@pytest.mark.parametrize("steps", [3, 9, 32])
def test_the_parts_of_a_curved_score_add_up_to_its_change(steps: int) -> None:
    def score(path: torch.Tensor) -> torch.Tensor:
        return path.prod(dim=2).sum(dim=1) + (path**3).sum(dim=(1, 2))

    baseline = torch.full_like(POINT, 0.5)
    parts = integrate_gradients(score, POINT, baseline, steps=steps)
    change = score(POINT[None]) - score(baseline[None])
    assert parts.sum().item() == pytest.approx(change.item())


def test_what_is_the_same_at_both_ends_gets_nothing() -> None:
    baseline = POINT.clone()
    baseline[1] = 0.0
    parts = integrate_gradients(lambda path: path.prod(dim=2).prod(dim=1), POINT, baseline, steps=4)
    assert parts[0].abs().sum() == 0.0


def _joined(text: str, *pieces: tuple[int, int, float]) -> list[tuple[str, float]]:
    words = join_words(text, [Piece(*piece) for piece in pieces])
    return [(text[word.start : word.end], word.score) for word in words]


def test_pieces_of_a_latin_word_become_one() -> None:
    assert _joined("re fund ing", (0, 2, 0.5), (3, 7, 1.0), (8, 11, 2.0)) == [
        ("re", 0.5),
        ("fund", 1.0),
        ("ing", 2.0),
    ]
    assert _joined("refunding?", (0, 2, 0.5), (2, 6, 1.0), (6, 9, 2.0), (9, 10, 0.1)) == [
        ("refunding", 3.5),
        ("?", 0.1),
    ]


def test_chinese_stays_in_the_pieces_it_was_cut_into_also_beside_latin() -> None:
    assert _joined("退款app", (0, 1, 1.0), (1, 2, 2.0), (2, 5, 3.0)) == [
        ("退", 1.0),
        ("款", 2.0),
        ("app", 3.0),
    ]


def test_bytes_of_one_character_become_that_character() -> None:
    assert _joined("𠮷!", (0, 1, 1.0), (0, 1, 2.0), (1, 2, 0.0)) == [("𠮷", 3.0), ("!", 0.0)]


def test_spaces_are_cut_off_and_what_was_theirs_goes_to_the_next_word() -> None:
    assert _joined("a  b ", (0, 1, 1.0), (1, 2, 0.25), (2, 4, 2.0), (4, 5, 0.5)) == [
        ("a", 1.0),
        ("b", 2.75),
    ]


@given(st.text("a退é' ?", min_size=1, max_size=12), st.data())
def test_nothing_is_lost_and_words_do_not_overlap(text: str, data: st.DataObject) -> None:
    cuts = sorted({0, len(text), *data.draw(st.lists(st.integers(0, len(text)), max_size=6))})
    pieces = [Piece(start, end, 2.0**number) for number, (start, end) in enumerate(pairwise(cuts))]
    words = join_words(text, pieces)
    if text.strip():
        assert sum(word.score for word in words) == sum(piece.score for piece in pieces)
    ends = [place for word in words for place in (word.start, word.end)]
    assert ends == sorted(ends)
    assert all(text[word.start : word.end].strip() for word in words)
