"""Looking for planted personal data where none may be: files, tables, and the broker's memory."""

from __future__ import annotations

import base64
import binascii
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

WEIGHTS = frozenset({".safetensors", ".onnx"})
_BLOCK = 2**22
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{12,}={0,2}")


@dataclass(frozen=True)
class Leak:
    place: str
    kind: str
    """Of the canary; the value itself is told nowhere."""


@dataclass(frozen=True)
class Scan:
    files: int
    tables: int
    keys: int
    """Of the broker."""
    leaks: tuple[Leak, ...]


class Detector:
    """Finds any of many values in bytes."""

    def __init__(self, canaries: Iterable[dict[str, str]]) -> None:
        self._kinds = {each["value"].encode(): each["kind"] for each in canaries}
        self._longest = max(map(len, self._kinds), default=1)

    def kinds_in(self, content: bytes) -> set[str]:
        return {kind for value, kind in self._kinds.items() if value in content}

    def kinds_in_file(self, path: Path) -> set[str]:
        found: set[str] = set()
        tail = b""
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                found |= self.kinds_in(tail + block)
                # A value may lie across two blocks.
                tail = block[-self._longest :]
        return found


def scan_files(detector: Detector, folders: Iterable[Path], *, without: Iterable[Path]) -> Scan:
    spared = set(without)
    leaks, count = [], 0
    for path in _files(folders):
        # Someone may have tidied up meanwhile.
        if path in spared or not path.is_file():
            continue
        count += 1
        leaks += [Leak(path.name, kind) for kind in sorted(detector.kinds_in_file(path))]
    return Scan(count, 0, 0, tuple(leaks))


def scan_tables(detector: Detector, database: Path) -> Scan:
    """Every value of every row: the layout of a page can hide it from a scan of the file."""
    leaks, count = [], 0
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in names.fetchall():
            count += 1
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                content = b"\n".join(_bytes(value) for value in row)
                leaks += [Leak(f"table {table}", kind) for kind in detector.kinds_in(content)]
    return Scan(0, count, 0, tuple(leaks))


def scan_broker(detector: Detector, url: str) -> Scan:
    """Raises redis.RedisError when the broker cannot be asked."""
    leaks, count = [], 0
    with closing(redis.Redis.from_url(url)) as client:
        for key in client.scan_iter(count=500):
            count += 1
            content = b"\n".join(_bytes(value) for value in _values(client, key))
            leaks += [Leak("broker", kind) for kind in detector.kinds_in(key + b"\n" + content)]
    return Scan(0, 0, count, tuple(leaks))


def together(scans: Iterable[Scan]) -> Scan:
    several = tuple(scans)
    return Scan(
        sum(scan.files for scan in several),
        sum(scan.tables for scan in several),
        sum(scan.keys for scan in several),
        tuple(leak for scan in several for leak in scan.leaks),
    )


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    """Weights are left out: half a gigabyte of floating-point numbers spells nothing."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix not in WEIGHTS:
                yield path


def _values(client: Any, key: bytes) -> Iterator[object]:
    kind = client.type(key)
    if kind == b"string":
        yield client.get(key)
    elif kind == b"list":
        yield from client.lrange(key, 0, -1)
    elif kind == b"hash":
        for name, value in client.hgetall(key).items():
            yield name
            yield value
    elif kind == b"set":
        yield from client.smembers(key)
    elif kind == b"zset":
        yield from client.zrange(key, 0, -1)
    elif kind == b"stream":
        yield str(client.xrange(key))


def _bytes(value: object) -> bytes:
    content = value if isinstance(value, bytes) else str(value).encode(errors="replace")
    return b"\n".join([content, *_decoded(content)])


def _decoded(content: bytes) -> Iterator[bytes]:
    """The queue writes the bodies of its messages in base64."""
    for run in _BASE64.findall(content):
        with suppress(binascii.Error):
            yield base64.b64decode(run)
