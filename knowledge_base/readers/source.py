"""One file's bytes, and the names under which messages and ids speak of it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.errors import DocumentInvalid
from knowledge_base.readers.fields import LONGEST_ID

_NOT_IN_IDS = re.compile(r"[\s/\\#?%\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class Source:
    path: Path
    """As a person finds it: `docs/help.zip/returns.html`."""
    name: str
    """Below what was imported, so that it is the same from any working directory."""
    data: bytes
    url: str = ""
    """Where a sitemap says that customers read it."""

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()

    def refusal(self, reason: str) -> DocumentInvalid:
        """For what is wrong with the whole file."""
        return DocumentInvalid(self.path, 0, reason)


class Ids:
    """Ids for what has none of its own: the same whenever the file is read again.

    Weakness: of two parts with the same name the second is numbered, so that a third one
    before them shifts their ids.
    """

    def __init__(self, source: Source) -> None:
        self._stem = _NOT_IN_IDS.sub(".", source.name)
        self._given: Counter[str] = Counter()

    def new(self, *parts: str) -> str:
        written = _short("-".join(part for part in (self._stem, *parts) if part))
        self._given[written] += 1
        again = self._given[written]
        return written if again == 1 else _short(f"{written}-{again}")


def _short(written: str) -> str:
    """Too long an id ends in a hash of all of it."""
    if len(written) <= LONGEST_ID:
        return written
    tail = digest(written)
    return f"{written[: LONGEST_ID - 1 - len(tail)]}-{tail}"


def slug(text: str) -> str:
    """Words joined by `-`, letters of any script; empty where there are none."""
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-")


def digest(text: str) -> str:
    """Twelve characters for ids, not for security."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
