"""What goes into a text generator, and the rules that every generator's output keeps."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

Pieces: TypeAlias = Generator[str, None, None]
"""Text as it is made, a few characters at a time; `close()` ends the work."""


class ChatRole(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True)
class ChatMessage:
    role: ChatRole
    text: str


@dataclass(frozen=True)
class GenerationOptions:
    max_tokens: int = 256
    temperature: float = 0.0
    """0 always takes the likeliest token."""
    seed: int = 0
    """Matters above temperature 0; a remote server may ignore it."""
    stop: tuple[str, ...] = ()
    """The text ends before the first of these."""


def plain_prompt(messages: Sequence[ChatMessage]) -> str:
    """The conversation as one text, for models without a chat template.

    A model that is trained for Kefu has to be trained on this very form.
    """
    lines = [f"{message.role}: {message.text}" for message in messages]
    return "\n\n".join([*lines, f"{ChatRole.ASSISTANT}:"])


def until_stop(pieces: Pieces, stop: Sequence[str]) -> Pieces:
    """Pass on what comes before the first stop text, even when it arrives in several pieces.

    `pieces` is closed in any case.
    """
    held = ""
    with contextlib.closing(pieces):
        for piece in pieces:
            held += piece
            if (end := _first(held, stop)) is not None:
                if end:
                    yield held[:end]
                return
            keep = _could_begin(held, stop)
            if ready := held[: len(held) - keep]:
                yield ready
            held = held[len(held) - keep :]
    if held:
        yield held


def weights_version(name: str, files: Iterable[Path]) -> str:
    """`name@` and eight digits of the hash over the files: other weights, another version."""
    digest = hashlib.sha256()
    for path in sorted(files):
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return f"{name}@{digest.hexdigest()[:8]}"


def _first(text: str, stop: Sequence[str]) -> int | None:
    found = [place for each in stop if each and (place := text.find(each)) >= 0]
    return min(found, default=None)


def _could_begin(text: str, stop: Sequence[str]) -> int:
    """How many of the last characters may be the beginning of a stop text."""
    longest = max((len(each) for each in stop), default=0)
    for length in range(min(longest - 1, len(text)), 0, -1):
        if any(each.startswith(text[-length:]) for each in stop):
            return length
    return 0
