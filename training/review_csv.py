"""The review queue as a CSV file that people label in a spreadsheet.

Columns `text,intent,language,id,reason,suggested`. The reviewer fills `intent`: a name approves,
`-` rejects, empty leaves the row for later. A row without an id is an example written by hand.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from chatbot.adapters.intent_scoring import OUT_OF_SCOPE
from knowledge_base.storage import write_atomically
from privacy.redaction import detect
from training.corpus import HAN, normalise
from training.errors import ReviewInvalid
from training.review import ReviewItem, ReviewQueue
from training.spreadsheet import bare, guarded

COLUMNS = ("text", "intent", "language", "id", "reason", "suggested")
REJECT = "-"
BY_HAND = "by_hand"
LANGUAGES = ("en", "zh")
_LONGEST_INTENT = 64


@dataclass(frozen=True)
class ReviewedRow:
    line: int
    item: ReviewItem
    label: str | None
    """None rejects."""


@dataclass(frozen=True)
class ImportCount:
    approved: int
    rejected: int


def export_review(path: Path, items: Iterable[ReviewItem]) -> int:
    """How many rows were written."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for item in items:
        cells = (item.text, item.label or "", item.language, item.id, item.reason, item.suggested)
        writer.writerow([guarded(cell) for cell in cells])
        count += 1
    # With a byte order mark, or Excel reads Chinese as something else.
    write_atomically(path, ("\ufeff" + stream.getvalue()).encode())
    return count


def read_review(
    path: Path, *, known: Collection[str], new_intents: bool = False
) -> tuple[ReviewedRow, ...]:
    """The decided rows. Raises ReviewInvalid at the first row that cannot be used.

    `known` are the intents of the collection; others are an error unless `new_intents`.
    """
    rows = tuple(_rows(path, _text(path)))
    seen: dict[str, int] = {}
    for row in rows:
        if row.item.id in seen:
            reason = f"the id or text of line {seen[row.item.id]} comes again"
            raise ReviewInvalid(path, reason, line=row.line)
        seen[row.item.id] = row.line
        if row.label not in {None, OUT_OF_SCOPE, *known} and not new_intents:
            raise ReviewInvalid(
                path,
                f"the intent {row.label!r} is not known; correct it, or allow new ones with "
                "--new-intents",
                line=row.line,
            )
    return rows


def apply_review(
    queue: ReviewQueue, rows: Sequence[ReviewedRow], *, reviewer: str, at: datetime
) -> ImportCount:
    """Decide in the queue what was decided in the file; rows that it lacks are added first."""
    queue.add(row.item for row in rows)
    for row in rows:
        queue.decide(row.item.id, row.label, reviewer=reviewer, at=at)
    approved = sum(row.label is not None for row in rows)
    return ImportCount(approved, len(rows) - approved)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ReviewInvalid(path, "there is no such file") from None
    except UnicodeDecodeError:
        raise ReviewInvalid(path, "it is not UTF-8; save the file as CSV UTF-8") from None
    except OSError as error:
        raise ReviewInvalid(path, f"it cannot be read ({error.strerror})") from None


def _rows(path: Path, text: str) -> Iterator[ReviewedRow]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        if sorted(columns) != sorted(COLUMNS):
            raise ReviewInvalid(path, f"the header must be {','.join(COLUMNS)}", line=1)
        start = reader.line_num + 1
        for cells in reader:
            if cells:
                row = _row(path, start, columns, cells)
                if row is not None:
                    yield row
            start = reader.line_num + 1
    except csv.Error as error:
        raise ReviewInvalid(path, f"this is not CSV ({error})", line=start) from None


def _row(path: Path, line: int, columns: list[str], cells: list[str]) -> ReviewedRow | None:
    if len(cells) != len(columns):
        reason = f"{len(cells)} fields where the header names {len(columns)}"
        raise ReviewInvalid(path, reason, line=line)
    row = {name: bare(cell.strip()) for name, cell in zip(columns, cells, strict=True)}
    if not row["intent"]:
        return None
    fault = _fault(row)
    if fault is not None:
        raise ReviewInvalid(path, fault, line=line)
    text = row["text"]
    item = ReviewItem(
        id=row["id"] or f"hand-{hashlib.sha256(normalise(text).encode()).hexdigest()[:16]}",
        text=text,
        language=row["language"] or ("zh" if HAN.search(text) else "en"),
        reason=row["reason"] or BY_HAND,
        suggested=row["suggested"],
    )
    return ReviewedRow(line, item, None if row["intent"] == REJECT else row["intent"])


def _fault(row: dict[str, str]) -> str | None:
    """What is wrong with the row; never quotes the text."""
    if not row["text"]:
        return "the text is empty"
    if row["language"] not in ("", *LANGUAGES):
        return f"the language {row['language']!r} is neither en nor zh"
    if len(row["intent"]) > _LONGEST_INTENT or not row["intent"].isprintable():
        return f"an intent is one name of at most {_LONGEST_INTENT} characters"
    found = sorted({span.type for span in detect(row["text"])})
    if found:
        return f"the text contains personal data ({', '.join(found)}); take it out"
    return None
