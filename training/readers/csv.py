"""`text,intent[,language]`, in any order; other columns are passed over."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from training.readers.faults import Fault
from training.readers.rows import Draft
from training.readers.source import Source

_COLUMNS = ("text", "intent")
_HEADER = "text,intent[,language]"
_SEPARATORS = {";": ("semicolons", "分号"), "\t": ("tabs", "制表符"), "|": ("bars", "竖线")}

_NEVER_CLOSED = (
    "a quotation mark that is opened in this row is never closed",
    "本行的引号没有闭合",
)
_BROKEN = {
    "unexpected end of data": _NEVER_CLOSED,
    "field limit": _NEVER_CLOSED,
    "expected after": (
        "a quotation mark stands in the middle of a field; "
        "put the field in quotation marks and double those inside it",
        "引号出现在字段中间；请用引号括起整个字段，并将其中的引号写两遍",
    ),
}


def read(sources: Sequence[Source]) -> Iterator[Draft]:
    for source in sources:
        yield from _drafts(source)


def header(source: Source) -> list[str]:
    """The names of the columns, in lower case; empty where there is no CSV."""
    try:
        first = next(csv.reader(io.StringIO(source.text(), newline=""), strict=True), [])
    except csv.Error:
        return []
    return [name.strip().lower() for name in first]


def records(
    source: Source, required: Sequence[str], *, header: str = _HEADER
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows that are not blank, by column, each with the line it starts on.

    `header` is what an error shows as the right one.
    """
    reader = csv.reader(io.StringIO(source.text(), newline=""), strict=True)
    start = 1
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        _check(source, columns, required, header)
        start = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) != len(columns):
                    raise Fault.FIELD_COUNT.at(
                        source.path, line=start, found=len(cells), expected=len(columns)
                    )
                yield start, dict(zip(columns, cells, strict=True))
            start = reader.line_num + 1
    except csv.Error as error:
        raise Fault.NOT_CSV.at(source.path, line=start, why=_why(error)) from None


def _why(error: csv.Error) -> tuple[str, str]:
    """The library's own words say what its parser met, not what to look for."""
    said = str(error)
    known = (reason for sign, reason in _BROKEN.items() if sign in said)
    return next(known, (said, said))


def _drafts(source: Source) -> Iterator[Draft]:
    for line, row in records(source, _COLUMNS):
        yield Draft(source, line, row["text"], row["intent"], row.get("language", ""))


def _check(source: Source, columns: Sequence[str], required: Sequence[str], header: str) -> None:
    missing = [name for name in required if name not in columns]
    names = (" and ".join(missing), " 和 ".join(missing))
    for sign, separator in _SEPARATORS.items():
        if missing and set(required) <= {name.strip() for name in "".join(columns).split(sign)}:
            raise Fault.WRONG_SEPARATOR.at(source.path, line=1, missing=names, separator=separator)
    if missing:
        raise Fault.WRONG_COLUMNS.at(source.path, line=1, missing=names, header=header)
    # A spreadsheet leaves columns without a name behind; those may repeat.
    named = [name for name in columns if name]
    if len(set(named)) != len(named):
        raise Fault.COLUMN_TWICE.at(source.path, line=1)
