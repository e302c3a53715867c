"""What reaches a log in spite of everything is masked there."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from chatbot.log_masking import MaskedRecord, mask_text, masked
from chatbot.logs import configure_logging
from privacy.redaction import redact

PHONE, MAIL = "13800138000", "li.na@example.com"


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    factory = logging.getLogRecordFactory()
    yield
    logging.setLogRecordFactory(factory)
    structlog.reset_defaults()


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """What a library's logger writes, whatever handler it brought along."""
    configure_logging("DEBUG")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("some.library")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield stream
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    ("text", "logged"),
    [
        ("20261122T154645Z-5f904a4d", "20261122T154645Z-5f904a4d"),
        ("6c3f72c1-602c-4c25-afba-6adc529eb683", "6c3f72c1-602c-4c25-afba-6adc529eb683"),
        ("20261122T154645Z-5f904a4d Li Na", "<masked>"),
    ],
)
def test_what_kefu_numbers_itself_is_never_taken_for_somebody_s(
    monkeypatch: pytest.MonkeyPatch, text: str, logged: str
) -> None:
    monkeypatch.setattr("chatbot.log_masking.redact", lambda text: "<masked>")
    assert mask_text(text) == logged


@pytest.mark.parametrize(
    "value",
    [
        f"call {PHONE}",
        PHONE,
        int(PHONE),
        MAIL.encode(),
        ["a", {"b": (f"手机{PHONE}", 1)}],
        {MAIL: 1},
        {MAIL},
        ValueError(f"cannot read {MAIL}"),
    ],
)
def test_every_value_of_an_event_is_masked(
    value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("DEBUG")
    structlog.get_logger().debug("something", nested=value, plain=3)
    line = capsys.readouterr().err
    assert PHONE not in line
    assert MAIL not in line
    assert json.loads(line)["plain"] == 3


def test_what_is_bound_to_a_context_is_masked(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("DEBUG")
    with structlog.contextvars.bound_contextvars(customer=MAIL):
        structlog.get_logger().info("something")
    assert MAIL not in capsys.readouterr().err


@pytest.mark.parametrize(
    "value",
    [
        "job_done",
        "chatbot.adapters.store_sql",
        "kefu.privacy.purge",
        "answer_turn:123",
        "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "10000000-1234-1234-1234-138001380001",
        "20261122T154645Z-5f904a4d",
        "RuntimeError",
        "",
        12,
        1_000_000,
        0.25,
        None,
        True,
    ],
)
def test_what_operators_look_for_stays_as_it_is(value: object) -> None:
    assert masked(value) == value


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers(0, 999_999),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.just("k"), inner),
    )
)
def test_what_holds_no_text_keeps_its_value(value: Any) -> None:
    assert masked(value) == value


@given(st.text(alphabet="abc_.:1234567890 @+-", max_size=80))
def test_short_cuts_hide_as_much_as_the_long_way(text: str) -> None:
    assert mask_text(text) == redact(text)


def test_a_library_s_message_is_masked_with_its_arguments(said: io.StringIO) -> None:
    logging.getLogger("some.library").debug("SELECT %s, %r", PHONE, {"mail": MAIL})
    assert said.getvalue().startswith("SELECT <")
    assert PHONE not in said.getvalue()
    assert MAIL not in said.getvalue()


def test_the_error_that_a_library_logs_is_masked(said: io.StringIO) -> None:
    try:
        raise ValueError(f"no such mailbox: {MAIL}")
    except ValueError:
        logging.getLogger("some.library").exception("failed")
    assert "ValueError: no such mailbox: <EMAIL_ADDRESS" in said.getvalue()
    assert MAIL not in said.getvalue()


def test_configuring_twice_masks_once() -> None:
    configure_logging("INFO")
    configure_logging("INFO")
    assert logging.getLogRecordFactory() is MaskedRecord
