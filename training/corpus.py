"""Labelled sentences from a CSV file `text,intent[,language]`, and what is odd about them."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from chatbot.adapters.intent_scoring import OUT_OF_SCOPE
from training.errors import CorpusInvalid

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]")
_COLUMNS = ("text", "intent")


@dataclass(frozen=True)
class Utterance:
    text: str
    intent: str
    language: str = ""
    """`en` or `zh`: from the column, or guessed from the script."""
    line: int = 0
    """Where the row starts in its file."""

    @property
    def key(self) -> str:
        return normalise(self.text)


class Problem(StrEnum):
    EMPTY_TEXT = "empty text"
    DUPLICATE = "repeats a line"
    CONFLICT = "same text, different intent"
    LONE_EXAMPLE = "intent with one example"


@dataclass(frozen=True)
class Finding:
    problem: Problem
    line: int
    detail: str = ""


@dataclass(frozen=True)
class Corpus:
    path: Path
    utterances: tuple[Utterance, ...]
    findings: tuple[Finding, ...]
    sha256: str

    @property
    def intents(self) -> tuple[str, ...]:
        """In-scope intents, sorted."""
        return tuple(sorted({u.intent for u in self.utterances} - {OUT_OF_SCOPE}))

    @property
    def has_chinese(self) -> bool:
        return any(
            u.language.startswith("zh") or HAN.search(u.text) is not None for u in self.utterances
        )

    def without_repeats(self) -> Corpus:
        """The first of several rows that say the same with the same intent."""
        first: dict[tuple[str, str], Utterance] = {}
        for utterance in self.utterances:
            first.setdefault((utterance.key, utterance.intent), utterance)
        return Corpus(self.path, tuple(first.values()), self.findings, self.sha256)


def normalise(text: str) -> str:
    """What two sentences share that differ only in case, width, spacing or punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in folded)
    # A text of signs alone ("???") has no letters and stays what it is.
    return " ".join((letters if letters.strip() else folded).split())


def read_corpus(path: Path) -> Corpus:
    """Raises CorpusInvalid; rows without a text are left out and reported."""
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise CorpusInvalid(path, "there is no such file") from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise CorpusInvalid(path, "it is not UTF-8; save the file as UTF-8", line=line) from None
    except OSError as error:
        raise CorpusInvalid(path, f"it cannot be read ({error.strerror})") from None
    rows = list(_rows(path, text))
    kept = tuple(row for row in rows if row.text)
    if not kept:
        raise CorpusInvalid(path, "it has no rows under its header")
    empty = [Finding(Problem.EMPTY_TEXT, row.line) for row in rows if not row.text]
    findings = (*empty, *_oddities(kept))
    return Corpus(path, kept, findings, hashlib.sha256(content).hexdigest())


def _rows(path: Path, text: str) -> Iterator[Utterance]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        columns = _columns(path, next(reader, []))
        start = reader.line_num + 1
        for cells in reader:
            if cells:
                yield _utterance(path, start, columns, cells)
            start = reader.line_num + 1
    except csv.Error as error:
        raise CorpusInvalid(path, f"this is not CSV ({error})", line=start) from None


def _columns(path: Path, header: Sequence[str]) -> list[str]:
    columns = [name.strip().lower() for name in header]
    missing = [name for name in _COLUMNS if name not in columns]
    if missing:
        raise CorpusInvalid(
            path, f"the header lacks {' and '.join(missing)}; it must be text,intent[,language]"
        )
    if len(set(columns)) != len(columns):
        raise CorpusInvalid(path, "the header names a column twice")
    return columns


def _utterance(path: Path, line: int, columns: list[str], cells: list[str]) -> Utterance:
    if len(cells) != len(columns):
        raise CorpusInvalid(
            path, f"{len(cells)} fields where the header names {len(columns)}", line=line
        )
    row = dict(zip(columns, (cell.strip() for cell in cells), strict=True))
    if not row["intent"]:
        raise CorpusInvalid(path, "the intent is empty", line=line)
    text = row["text"]
    guess = "zh" if HAN.search(text) else "en"
    return Utterance(text, row["intent"], row.get("language", "") or guess, line)


def _oddities(utterances: Sequence[Utterance]) -> Iterator[Finding]:
    seen: defaultdict[str, list[Utterance]] = defaultdict(list)
    for utterance in utterances:
        for earlier in seen[utterance.key]:
            if earlier.intent == utterance.intent:
                yield Finding(Problem.DUPLICATE, utterance.line, f"line {earlier.line}")
                break
        for earlier in seen[utterance.key]:
            if earlier.intent != utterance.intent:
                detail = f"{utterance.intent}, but {earlier.intent} in line {earlier.line}"
                yield Finding(Problem.CONFLICT, utterance.line, detail)
                break
        seen[utterance.key].append(utterance)
    counts = Counter(utterance.intent for utterance in utterances)
    for utterance in utterances:
        if counts[utterance.intent] == 1:
            yield Finding(Problem.LONE_EXAMPLE, utterance.line, utterance.intent)
