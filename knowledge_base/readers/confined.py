"""Files in formats that could do harm are parsed in a process of their own (`cell`).

Whatever a file does there, loop, grow or crash, the importing process goes on: the cell is ended
when its time is up and started again for the next file.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from types import TracebackType
from typing import IO

from knowledge_base.errors import DocumentInvalid, ReaderUnusable
from knowledge_base.passages import Document
from knowledge_base.readers.limits import SECONDS
from knowledge_base.readers.source import Source
from knowledge_base.records import load_documents

FORMATS = (".pdf", ".docx", ".xlsx", ".html", ".htm", ".xhtml")

READY = b"ready\n"

_STEP = 2**16
_START_SECONDS = 60.0


class Confinement:
    """A context; the process starts with the first file and ends with the context.

    `seconds` are for one file.
    """

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Confinement:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    @property
    def process_id(self) -> int | None:
        """None while no file was read."""
        return self._process.pid if self._process else None

    def read(self, source: Source) -> Iterator[tuple[int, Document]]:
        """Pairs of line and document. Raises DocumentInvalid."""
        if self._process is None:
            self._process = _start()
        sending, receiving = _pipes(self._process)
        try:
            _send(sending, source)
            answers = _Lines(receiving, time.monotonic() + self._seconds)
            head = json.loads(answers.next())
            rows = [answers.next() for _ in head.get("lines", [])]
        except TimeoutError:
            self._end()
            reason = f"takes more than {self._seconds:g} seconds to read; split or simplify it"
            raise source.refusal(reason) from None
        except (BrokenPipeError, EOFError):
            self._end()
            reason = "is damaged: reading it ended the reader; save it again"
            raise source.refusal(reason) from None
        except BaseException:
            # Half an answer may be left in the pipe.
            self._end()
            raise
        if "refused" in head:
            raise DocumentInvalid(source.path, head["line"], head["refused"])
        yield from zip(head["lines"], load_documents(b"\n".join(rows)), strict=True)

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            # Not communicate(): it would wait for what a closed pipe still holds.
            for pipe in _pipes(self._process):
                pipe.close()
            self._process.wait()
            self._process = None


def _start() -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        # -P: a folder of documents may hold a file named like a module.
        [sys.executable, "-P", "-m", "knowledge_base.readers.cell"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env=_surroundings(),
    )
    try:
        _Lines(_pipes(process)[1], time.monotonic() + _START_SECONDS).next()
    except (TimeoutError, EOFError):
        process.kill()
        process.wait()
        for pipe in _pipes(process):
            pipe.close()
        raise ReaderUnusable from None
    return process


def _surroundings() -> dict[str, str]:
    """Without Kefu's settings, among which are keys."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KEFU_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """Its stdin and stdout."""
    if process.stdin is None or process.stdout is None:
        raise ReaderUnusable
    return process.stdin, process.stdout


def _send(stream: IO[bytes], source: Source) -> None:
    head = {
        "path": str(source.path),
        "name": source.name,
        "url": source.url,
        "bytes": len(source.data),
    }
    data = memoryview(json.dumps(head).encode() + b"\n" + source.data)
    while data:
        data = data[stream.write(data) :]


class _Lines:
    """Lines of a pipe until a moment of the monotonic clock."""

    def __init__(self, stream: IO[bytes], until: float) -> None:
        self._stream = stream
        self._until = until
        self._lines: list[bytes] = []
        self._parts: list[bytes] = []

    def next(self) -> bytes:
        """Raises TimeoutError, or EOFError where the writer is gone."""
        while not self._lines:
            data = self._read()
            *whole, rest = data.split(b"\n")
            for line in whole:
                self._lines.append(b"".join([*self._parts, line]))
                self._parts = []
            self._parts.append(rest)
            self._lines.reverse()
        return self._lines.pop()

    def _read(self) -> bytes:
        with selectors.DefaultSelector() as selector:
            selector.register(self._stream, selectors.EVENT_READ)
            if not selector.select(max(0.0, self._until - time.monotonic())):
                raise TimeoutError
        data = os.read(self._stream.fileno(), _STEP)
        if not data:
            raise EOFError
        return data
