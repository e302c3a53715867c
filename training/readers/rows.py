"""A row as a file has it becomes a labelled sentence, or a fault with its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from training.findings import Finding
from training.readers.faults import Fault
from training.readers.source import Source
from training.utterance import HAN, Utterance

LONGEST_TEXT = 20_000
"""In characters. An encoder reads some two thousand; a message this long is a broken file."""
LONGEST_INTENT = 100
_SHOWN = 40
_SURROGATE = re.compile("[\ud800-\udfff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")
# Control, format, line and paragraph separator, half of a pair.
_INVISIBLE = {"Cc", "Cf", "Zl", "Zp", "Cs"}


@dataclass(frozen=True)
class Draft:
    source: Source
    line: int
    text: str
    """Empty where the file names an intent without an example."""
    intent: str
    language: str = ""


Reader = Callable[[Sequence[Source]], Iterator[Draft | Finding]]


def utterance(draft: Draft) -> Utterance:
    """Raises CorpusInvalid."""
    path, line = draft.source.path, draft.line
    text, intent = draft.text.strip(), draft.intent.strip()
    if not intent:
        raise Fault.EMPTY_INTENT.at(path, line=line)
    if len(intent) > LONGEST_INTENT:
        raise Fault.LONG_INTENT.at(path, line=line, count=len(intent), most=LONGEST_INTENT)
    for character in intent:
        if unicodedata.category(character) in _INVISIBLE:
            raise Fault.CONTROL_IN_INTENT.at(
                path, line=line, intent=shown_label(intent), character=_code(character)
            )
    if len(text) > LONGEST_TEXT:
        raise Fault.LONG_TEXT.at(path, line=line, count=len(text), most=LONGEST_TEXT)
    if half := _SURROGATE.search(text):
        raise Fault.SURROGATE.at(path, line=line, character=_code(half[0]))
    language = draft.language.strip() or ("zh" if HAN.search(text) else "en")
    if not _LANGUAGE.fullmatch(language):
        raise Fault.NO_LANGUAGE.at(path, line=line, language=shown_label(language))
    return Utterance(text, intent, language, line, draft.source.name)


def shown_label(label: str) -> str:
    """Safe for a terminal: what does not print is escaped."""
    return repr(label if len(label) <= _SHOWN else label[:_SHOWN] + "…")


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"
