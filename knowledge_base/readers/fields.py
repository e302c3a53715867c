"""Named cells become a document, whatever file they stood in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import urlsplit

from knowledge_base.han import guess_language
from knowledge_base.passages import Document

Cells = Mapping[str, str | Sequence[str]]

REQUIRED = ("id", "question", "answer")
OPTIONAL = (
    "title",
    "url",
    "language",
    "tags",
    "variants",
    "valid_from",
    "valid_until",
    "audience",
)
LONGEST_ID = 200

_BETWEEN_TAGS = re.compile(r"[;,；，]")
_BETWEEN_VARIANTS = re.compile(r"\s+\|\s+")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?")
# Nothing that a terminal, a database or JSON could choke on; tab and line end are text.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class FieldInvalid(Exception):
    """The reader that knows file and line turns it into DocumentInvalid."""


def document_from(cells: Cells) -> Document:
    """`tags` and `variants` may be one string with separators or a list of strings."""
    for name in REQUIRED:
        if not _single(cells, name):
            raise FieldInvalid(f"{name} is empty")
    question, answer = _single(cells, "question"), _single(cells, "answer")
    valid_from, valid_until = _day(cells, "valid_from"), _day(cells, "valid_until")
    if valid_from and valid_until and valid_from > valid_until:
        raise FieldInvalid(f"valid_from {valid_from} lies after valid_until {valid_until}")
    return Document(
        id=_id(_single(cells, "id")),
        question=question,
        answer=answer,
        title=_single(cells, "title"),
        url=_url(_single(cells, "url")),
        language=_language(_single(cells, "language")) or guess_language(f"{question} {answer}"),
        tags=_several(cells, "tags", _BETWEEN_TAGS),
        variants=_several(cells, "variants", _BETWEEN_VARIANTS),
        position=_single(cells, "position"),
        valid_from=valid_from,
        valid_until=valid_until,
        audience=_single(cells, "audience"),
    )


def _single(cells: Cells, name: str) -> str:
    value = cells.get(name, "")
    if not isinstance(value, str):
        raise FieldInvalid(f"{name} must be one text, not a list")
    return _clean(value, name)


def _several(cells: Cells, name: str, separator: re.Pattern[str]) -> tuple[str, ...]:
    value = cells.get(name, "")
    parts = separator.split(value) if isinstance(value, str) else value
    return tuple(dict.fromkeys(part for part in (_clean(part, name) for part in parts) if part))


def _clean(value: str, name: str) -> str:
    if found := _FORBIDDEN.search(value):
        raise FieldInvalid(f"{name} holds the control character U+{ord(found[0]):04X}")
    return value.strip()


def _id(value: str) -> str:
    if len(value) > LONGEST_ID:
        raise FieldInvalid(f"id is longer than {LONGEST_ID} characters")
    if re.search(r"\s", value):
        raise FieldInvalid(f"id {value!r} holds white space")
    return value


def _url(value: str) -> str:
    """Customers click on it: no scheme that runs code."""
    try:
        scheme = urlsplit(value).scheme
    except ValueError:
        raise FieldInvalid(f"url {value!r} is not an address") from None
    if re.search(r"[\s\\]", value) or scheme not in ("", "http", "https"):
        raise FieldInvalid(f"url {value!r} is neither http(s) nor relative")
    return value


def _day(cells: Cells, name: str) -> str:
    """`2026-01-31`, from that, `2026/1/31` or `2026年1月31日`, with or without a time behind it."""
    value = _single(cells, name)
    if not value:
        return ""
    try:
        if found := _DAY.fullmatch(value):
            return date(*map(int, found.groups())).isoformat()
    except ValueError:
        pass  # the 31st of February: said below
    raise FieldInvalid(f"{name} {value!r} is no day; write it as 2026-01-31")


def _language(value: str) -> str:
    short = re.split("[-_]", value.lower())[0]
    if short not in ("", "en", "zh"):
        raise FieldInvalid(f"language {value!r} is neither en nor zh")
    return short
