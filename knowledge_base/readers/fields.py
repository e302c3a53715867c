"""Named cells become a document, whatever file they stood in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from knowledge_base.han import guess_language
from knowledge_base.passages import Document

Cells = Mapping[str, str | Sequence[str]]

REQUIRED = ("id", "question", "answer")

_LONGEST_ID = 200
_BETWEEN_TAGS = re.compile(r"[;,；，]")
_BETWEEN_VARIANTS = re.compile(r"\s+\|\s+")
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
    return Document(
        id=_id(_single(cells, "id")),
        question=question,
        answer=answer,
        title=_single(cells, "title"),
        url=_url(_single(cells, "url")),
        language=_language(_single(cells, "language")) or guess_language(f"{question} {answer}"),
        tags=_several(cells, "tags", _BETWEEN_TAGS),
        variants=_several(cells, "variants", _BETWEEN_VARIANTS),
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
    if len(value) > _LONGEST_ID:
        raise FieldInvalid(f"id is longer than {_LONGEST_ID} characters")
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


def _language(value: str) -> str:
    short = re.split("[-_]", value.lower())[0]
    if short not in ("", "en", "zh"):
        raise FieldInvalid(f"language {value!r} is neither en nor zh")
    return short
