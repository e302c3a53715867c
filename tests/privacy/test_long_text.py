"""Long texts, and texts made to be slow: what is found stays, what it costs grows with length."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.detector import RECOGNIZERS, detect
from privacy.long_text import MARGIN, PIECE, pieces
from privacy.patterns import PATTERNS, Pattern
from privacy.reading import Recognizer, read
from privacy.redaction import redact

SECONDS_A_MEGABYTE = 60
"""Of one core, four times what the worst text known takes; common text takes two."""


@given(st.integers(0, 5 * PIECE))
def test_pieces_own_every_place_once_and_show_what_is_around(length: int) -> None:
    text = "".join(chr(0x4E00 + place % 5000) for place in range(length))
    cut = list(pieces(text))
    assert [piece.first for piece in cut] == [0, *(piece.last for piece in cut[:-1])]
    assert cut[-1].last == length
    for piece in cut:
        assert text[piece.offset :].startswith(piece.text)
        assert piece.offset <= max(0, piece.first - MARGIN)
        shown = piece.offset + len(piece.text)
        assert shown == length or shown >= piece.last + MARGIN


@settings(deadline=None, max_examples=25)
@given(st.integers(-60, 60), st.sampled_from([PIECE, 2 * PIECE]))
def test_what_lies_across_a_cut_is_found_whole(shift: int, cut: int) -> None:
    values = ["电话62345678", "4111 1111 1111 1111", "我叫张伟", "GB82 WEST 1234 5698 7654 32"]
    said = "，".join(values)
    text = "好" * (cut + shift) + "，" + said + "，" + "好" * 2 * PIECE
    alone = "，" + said + "，"
    moved = [(span.start - cut - shift, span.end - cut - shift, span.type) for span in detect(text)]
    assert moved == [(span.start, span.end, span.type) for span in detect(alone)]
    assert len(moved) == len(values)


def test_a_link_longer_than_any_piece_is_masked_to_its_end() -> None:
    link = "https://example.com/cb?access_token=" + "x1" * 2 * PIECE
    assert redact(f"see {link} please") == "see <URL> please"


def test_a_long_order_number_across_a_cut_does_not_become_a_telephone_number() -> None:
    text = "好" * (PIECE - 10) + "20261122" * 5 + "13800138000" + "好" * 2 * PIECE
    assert redact(text) == text


ALPHABET = (
    "1 a @ . 一 + - / ( ) < : _ · 微信 电话 卡号 身份证 护照 我叫 区 路1号 京 生日 年 "
    "GB82 http:// ?t= name: phone Oak regards,\n \u200b 11010519491231 订单号 3栋 A123456( 1234567("
).split(" ")
PIECES = [*ALPHABET, " ", "1 ", "4 5 ", "1/", "//1.", "a.", "my name is ", "1 Oak ", "telegram "]
SHORT, LONG = 750, 3000


def _seconds(work: Recognizer, text: str) -> float:
    reading = read(text)
    began = time.process_time()
    list(work(reading))
    return time.process_time() - began


@pytest.mark.parametrize("recognize", RECOGNIZERS, ids=lambda each: each.__name__)
def test_four_times_the_text_does_not_take_many_times_the_time(recognize: Recognizer) -> None:
    """Quadratic is 16 times; 9 leaves room for a busy machine. The quickest of three counts."""
    for one in PIECES:
        for other in ("", *ALPHABET[:4]):
            piece = one + other
            texts = [piece * (length // len(piece)) for length in (SHORT, LONG)]
            if _seconds(recognize, texts[1]) < 0.02:
                continue
            short, long = (min(_seconds(recognize, text) for _ in range(3)) for text in texts)
            assert long < max(0.02, 9 * short), piece


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda each: each.name)
@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([*"0123456789 .-/+()@aX_"]), min_size=1, max_size=6))
def test_no_pattern_backtracks_without_bound(pattern: Pattern, fragment: list[str]) -> None:
    regex = pattern.regex
    piece = "".join(fragment)
    text = piece * (LONG // len(piece))
    began = time.process_time()
    for _ in regex.finditer(text):
        pass
    assert time.process_time() - began < 1


@pytest.mark.parametrize("piece", ["1", "a", "@", ".", "一", "+"])
def test_a_megabyte_of_one_character_is_read_in_bounded_time(piece: str) -> None:
    began = time.process_time()
    redact(piece * 1_000_000)
    assert time.process_time() - began < SECONDS_A_MEGABYTE


@pytest.mark.parametrize("piece", ["1 ", "1/", "4 5 ", "路1号", "你好，订单呢？"])
def test_the_worst_texts_known_are_read_in_bounded_time(piece: str) -> None:
    text = piece * (PIECE * 5 // len(piece))
    began = time.process_time()
    redact(text)
    assert time.process_time() - began < SECONDS_A_MEGABYTE * len(text) / 1_000_000


def test_values_in_a_long_text_are_all_found_and_none_overlaps() -> None:
    text = "，".join(f"电话138{number:08}，谢谢" for number in range(2000))
    found = detect(text)
    assert len(found) == 2000
    assert all(one.end <= two.start for one, two in pairwise(found))
