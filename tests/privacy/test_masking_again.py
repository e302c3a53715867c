"""A masked text is read as a masked text whoever masked it, and with whatever name model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.custom_types import NO_CUSTOM_TYPES
from privacy.detector import configure, detect
from privacy.entities import Span
from privacy.redaction import Redactor, redact

TURNS = Path(__file__).parents[1] / "data" / "pii" / "turns.jsonl"
_AFTER_A_NUMBER = re.compile(r"_[0-9]+> ?([^\W\d_]{2,})")
_CAPITAL = re.compile(r"(?<![A-Za-z<_])[A-Z][a-z]+")


class NumbersSayNames:
    """As a trained model does now and then: a word beside a number in a mask is a name."""

    version = "test"

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        return [sorted(self._spans(text)) for text in texts]

    def _spans(self, text: str) -> Iterator[Span]:
        for found in _CAPITAL.finditer(text):
            yield Span(found.start(), found.end(), "PERSON", "name_model", 0.9)
        for found in _AFTER_A_NUMBER.finditer(text):
            if not _CAPITAL.fullmatch(found.group(1)):
                yield Span(found.start(1), found.end(1), "PERSON", "name_model", 0.9)


@pytest.fixture(params=["rules alone", "a name model"])
def reader(request: pytest.FixtureRequest) -> Iterator[None]:
    configure(NO_CUSTOM_TYPES, NumbersSayNames() if request.param == "a name model" else None)
    yield
    configure(NO_CUSTOM_TYPES)


def _assert_stable(text: str) -> None:
    once = redact(text)
    assert redact(once) == once
    numbered = Redactor().redact(text).text
    assert redact(numbered) == numbered
    assert Redactor().redact(numbered).text == numbered


@pytest.mark.usefixtures("reader")
def test_a_turn_that_was_masked_stays_as_it_is() -> None:
    for line in TURNS.read_text(encoding="utf-8").splitlines():
        _assert_stable(json.loads(line)["text"])


PARTS = st.sampled_from(
    "Anna|anna|call |收件人|张伟|,| |13800138000|a@b.com|<PERSON_1>|<PHONE_NUMBER_12>|<PERSON>"
    "|<BADGE_1>|_1>|<PERSON_1|谢谢|\u200b|Berg|12 Main Street|<EMAIL_ADDRESS_3>".split("|")
)


@pytest.mark.usefixtures("reader")
@given(st.lists(PARTS | st.text(max_size=3), max_size=12).map("".join))
def test_whatever_was_masked_stays_as_it_is(text: str) -> None:
    _assert_stable(text)


@pytest.mark.usefixtures("reader")
def test_what_stands_behind_a_numbered_mask_is_told_by_its_own_place() -> None:
    text = "<PERSON_1> <PHONE_NUMBER_22>\u200b, mail a@b.com, <EMAIL_ADDRESS_3>13800138000"
    found = [(text[span.start : span.end], span.type) for span in detect(text)]
    assert found == [("a@b.com", "EMAIL_ADDRESS"), ("13800138000", "PHONE_NUMBER")]
