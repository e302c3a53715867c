"""`tests/data/pii/turns.jsonl` is what its figures are worth: the file itself is checked here."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from chatbot.pii_file import MarkedText, read_marked
from privacy.checksums import (
    hong_kong_id_valid,
    iban_valid,
    luhn_valid,
    resident_id_valid,
    taiwan_id_valid,
    uscc_valid,
)
from privacy.detector import TYPES

PATH = Path(__file__).parents[2] / "data" / "pii" / "turns.jsonl"
LEAST = dict.fromkeys(TYPES, 15) | {"PERSON": 130, "ADDRESS": 90, "US_SSN": 5}
# Registered lengths, ISO 13616 registry.
IBAN_LENGTHS = {"AT": 20, "BE": 16, "CH": 21, "DE": 22, "DK": 18, "ES": 24, "FR": 27, "GB": 22}
IBAN_LENGTHS |= {"IE": 22, "IT": 27, "LU": 20, "NL": 18, "PL": 28, "PT": 25, "SE": 24}


@pytest.fixture(scope="module")
def turns() -> list[MarkedText]:
    return read_marked(PATH)


def _values(turns: list[MarkedText], kind: str) -> list[str]:
    return [
        turn.text[span.start : span.end]
        for turn in turns
        for span in turn.spans
        if span.type == kind
    ]


def _compact(value: str) -> str:
    return re.sub("[^0-9A-Za-z]", "", unicodedata.normalize("NFKC", value)).upper()


def test_there_are_turns_enough_and_many_of_them_hold_nobody_s_data(
    turns: list[MarkedText],
) -> None:
    assert len(turns) >= 560
    assert sum(not turn.spans for turn in turns) >= 200


def test_seven_of_ten_turns_are_chinese_and_the_others_mixed(turns: list[MarkedText]) -> None:
    languages = Counter(turn.id.partition("-")[0] for turn in turns)
    assert set(languages) == {"zh", "mix"}
    assert 0.65 <= languages["zh"] / len(turns) <= 0.75


def test_every_mixed_turn_holds_both_scripts(turns: list[MarkedText]) -> None:
    for turn in turns:
        if turn.id.startswith("mix-"):
            assert re.search("[A-Za-z]{2}", turn.text), turn.id
            assert re.search("[\u4e00-\u9fff]", turn.text), turn.id


def test_no_turn_and_no_id_stands_twice(turns: list[MarkedText]) -> None:
    assert len({turn.id for turn in turns}) == len(turns)
    assert len({turn.text for turn in turns}) == len(turns)


def test_no_sentence_stands_twice_with_other_values(turns: list[MarkedText]) -> None:
    frames: dict[str, str] = {}
    for turn in turns:
        frame, position = "", 0
        for span in turn.spans:
            frame += turn.text[position : span.start] + f"<{span.type}>"
            position = span.end
        frame += turn.text[position:]
        # A form answered with nothing but its value is no sentence.
        if re.sub("<[A-Z_]+>", "", frame).strip():
            assert frame not in frames, (turn.id, frames.get(frame))
            frames[frame] = turn.id


def test_marks_have_known_types_and_neither_overlap_nor_begin_or_end_in_a_space(
    turns: list[MarkedText],
) -> None:
    for turn in turns:
        for span in turn.spans:
            value = turn.text[span.start : span.end]
            assert span.type in TYPES, turn.id
            assert value == value.strip(), turn.id
        for one, two in zip(turn.spans, turn.spans[1:], strict=False):
            assert one.end <= two.start, turn.id


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_is_marked_often_enough(turns: list[MarkedText], kind: str) -> None:
    assert len(_values(turns, kind)) >= LEAST[kind]


def _resident(number: str) -> bool:
    born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    return len(number) == 18 and born.year >= 1900 and resident_id_valid(number)


def _card(number: str) -> bool:
    return 16 <= len(number) <= 19 and luhn_valid(number)


def _iban(number: str) -> bool:
    return len(number) == IBAN_LENGTHS[number[:2]] and iban_valid(number)


@pytest.mark.parametrize(
    ("kind", "valid"),
    [
        ("CN_RESIDENT_ID", _resident),
        ("BANK_CARD", _card),
        ("CN_USCC", uscc_valid),
        ("IBAN", _iban),
        ("HK_ID", hong_kong_id_valid),
        ("TW_ID", taiwan_id_valid),
    ],
)
def test_every_check_digit_is_right(
    turns: list[MarkedText], kind: str, valid: Callable[[str], bool]
) -> None:
    wrong = [value for value in _values(turns, kind) if not valid(_compact(value))]
    assert wrong == []


def test_numbers_are_written_in_the_ways_people_write_them(turns: list[MarkedText]) -> None:
    phones = _values(turns, "PHONE_NUMBER")
    for way in (
        "[0-9] [0-9]",
        "[0-9]-[0-9]",
        "[０-９]{11}",
        "[一二三四五六七八九]{3}",
        "\u200b",
        r"\+86",
    ):
        assert any(re.search(way, phone) for phone in phones), way
    identities = _values(turns, "CN_RESIDENT_ID")
    assert any(identity.endswith("x") for identity in identities)
    assert any(" " in identity for identity in identities)
    assert sum(card.startswith("62") for card in _values(turns, "BANK_CARD")) >= 10
