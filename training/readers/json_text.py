"""JSON that may be hostile, element by element, with the line each begins on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from training.readers.faults import Fault
from training.readers.source import Source

_BLANK = re.compile(r"[ \t\r\n]*")
_BETWEEN = re.compile(r"[ \t\r\n]*(,?)[ \t\r\n]*")


def parse(source: Source, text: str, *, line: int) -> Any:
    """Raises CorpusInvalid with the line of the mistake; `line` is the one where `text` begins."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Fault.NOT_JSON.at(source.path, line=line + error.lineno - 1, why=error.msg) from None
    except (ValueError, RecursionError):
        # A number of thousands of digits, or brackets in brackets without end.
        raise Fault.NOT_JSON.at(source.path, line=line, why="too deep or too long") from None


def elements(source: Source) -> Iterator[tuple[int, Any]]:
    """Of the list that the file is; a file that is no list is its only element."""
    text = source.text()
    position = _end(_BLANK, text, 0)
    whole = parse(source, text, line=1)
    if not isinstance(whole, list):
        yield 1, whole
        return
    # What can be parsed as a whole can be parsed in parts: nothing is checked again.
    decoder, line, counted = json.JSONDecoder(), 1, 0
    position = _end(_BETWEEN, text, position + 1)
    for _ in whole:
        line += text.count("\n", counted, position)
        counted = position
        element, position = decoder.raw_decode(text, position)
        yield line, element
        position = _end(_BETWEEN, text, position)


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position
