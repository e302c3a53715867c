"""The setting KEFU_PII_TYPES reaches everything that masks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatbot.detection import configure_detection
from chatbot.masking import hidden_places, mask_again
from chatbot.settings import Settings
from privacy.custom_types import NO_CUSTOM_TYPES
from privacy.detector import configure
from privacy.errors import CustomTypesInvalid
from privacy.redaction import Redactor, redact


@pytest.fixture(autouse=True)
def _afterwards_none() -> Iterator[None]:
    yield
    configure(NO_CUSTOM_TYPES)


def _settings(tmp_path: Path, content: str) -> Settings:
    path = tmp_path / "types.toml"
    path.write_text(content, encoding="utf-8")
    return Settings(home=tmp_path, pii_types=path)


def test_the_file_of_the_settings_is_used_until_other_settings_come(tmp_path: Path) -> None:
    configure_detection(_settings(tmp_path, "[types.BADGE2]\npattern='B2-[0-9]{4}'"))
    assert redact("工牌B2-1234") == "工牌<BADGE2>"
    configure_detection(Settings(home=tmp_path))
    assert redact("工牌B2-1234") == "工牌B2-1234"


def test_a_wrong_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(CustomTypesInvalid):
        configure_detection(_settings(tmp_path, "[types.PERSON]\nwords=['a']"))


def test_what_a_custom_mask_hides_stays_hidden(tmp_path: Path) -> None:
    configure_detection(_settings(tmp_path, "[types.BADGE2]\npattern='B2-[0-9]{4}'"))
    original, masked = "工牌B2-1234和尾号7788", "工牌<BADGE2_3>和尾号<BADGE2_1>"
    assert hidden_places(original, masked) == [(2, 9), (12, 16)]
    again = mask_again(Redactor(), original=original, masked=masked)
    assert again == "工牌<BADGE2_1>和尾号<BADGE2>"
