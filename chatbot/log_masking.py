"""The second line of defence: whatever reaches a log has its personal data masked there.

The first one is that nothing of a customer is handed to a log at all. This one is for libraries,
for errors that quote what they choke on, and for mistakes.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any

from privacy.redaction import redact

# Names of events, states, modules, classes: letters, and digits in runs too short to be a number
# of anybody's. Millions of lines a day hold little else.
_NAME = re.compile(r"(?:[A-Za-z_]|[0-9]{1,4}(?![0-9])|[.:](?![0-9]))*")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Of a model or an index: the time in UTC, and what it was made from.
_VERSION = re.compile(r"20[0-9]{6}T[0-9]{6}Z-[0-9a-f]{8}")
_LONGEST_NAME = 64
_SHORTEST_NUMBER = 7
"""Digits of the shortest number that is anybody's, a landline's without its area code."""


def mask_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """A processor of structlog, before those that add what is ours: times and levels."""
    return {name: masked(value) for name, value in event.items()}


def masked(value: Any) -> Any:
    """Of the same shape; what JSON has no form for comes back as masked text."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, int):
        return _masked_number(value)
    if isinstance(value, Mapping):
        return {mask_text(str(name)): masked(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(one) for one in value]
    if isinstance(value, bytes):
        return mask_text(value.decode("utf-8", "backslashreplace"))
    return mask_text(repr(value))


def mask_text(text: str) -> str:
    ours = (_NAME, _UUID, _VERSION)
    if len(text) <= _LONGEST_NAME and any(one.fullmatch(text) for one in ours):
        return text
    return redact(text)


def _masked_number(number: int) -> int | str:
    text = str(number)
    if len(text) < _SHORTEST_NUMBER:
        return number
    hidden = redact(text)
    return number if hidden == text else hidden


class MaskedRecord(logging.LogRecord):
    """A record of Python's own logging that is masked when it is put into words.

    A filter would have to be attached to every handler, those that libraries make included.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[0] is not None:
            # Formatters take this where it is set, and never look at the error itself.
            lines = traceback.format_exception(*self.exc_info)
            self.exc_text = mask_text("".join(lines).rstrip("\n"))

    def getMessage(self) -> str:
        return mask_text(super().getMessage())


def mask_library_logs() -> None:
    """Twice is once."""
    logging.setLogRecordFactory(MaskedRecord)
