"""The process in which files are parsed that could do harm (`python -m`, see `confined`).

It may neither grow past `MEMORY_BYTES` nor write a file. It says READY; then, for each file, it
takes from stdin one line of JSON (`path`, `name`, `url`, `bytes`) and that many bytes, and answers
on stdout with one line (`lines`: that of each document, or `refused` and `line`) and with a line
for each document.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from knowledge_base.errors import DocumentInvalid
from knowledge_base.passages import Document
from knowledge_base.readers import docx, html, markdown, pdf, txt, xlsx
from knowledge_base.readers.confined import READY
from knowledge_base.readers.limits import MEMORY_BYTES
from knowledge_base.readers.source import Source
from knowledge_base.records import dump_lines

_READERS = {
    ".pdf": pdf.read,
    ".docx": docx.read,
    ".xlsx": xlsx.read,
    ".html": html.read,
    ".htm": html.read,
    ".xhtml": html.read,
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".txt": txt.read,
}


def main() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    # What a library prints must not pass for an answer.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    warnings.simplefilter("ignore")
    logging.disable()
    for kind, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (limit, limit))
    answers.write(READY)
    answers.flush()
    for source in _sources(sys.stdin.buffer):
        answers.write(_answer(source))
        answers.flush()


def _sources(stream: IO[bytes]) -> Iterator[Source]:
    while line := stream.readline():
        row = json.loads(line)
        data = stream.read(row["bytes"])
        yield Source(path=Path(row["path"]), name=row["name"], data=data, url=row["url"])


def _answer(source: Source) -> bytes:
    try:
        pairs: list[tuple[int, Document]] = list(_READERS[source.suffix](source))
    except DocumentInvalid as error:
        return _line({"refused": error.reason, "line": error.line})
    except MemoryError:
        return _line({"refused": "takes too much memory; split it", "line": 0})
    except RecursionError:
        return _line({"refused": "nests its parts too deeply; save it again", "line": 0})
    except Exception as error:  # noqa: BLE001 - a process edge: no library lists all it can raise
        reason = f"is damaged and cannot be read ({type(error).__name__}); save it again"
        return _line({"refused": reason, "line": 0})
    lines = [line for line, _ in pairs]
    return _line({"lines": lines}) + dump_lines(document for _, document in pairs)


def _line(row: dict[str, object]) -> bytes:
    return json.dumps(row).encode() + b"\n"


if __name__ == "__main__":
    main()
