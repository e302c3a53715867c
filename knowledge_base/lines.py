"""Lines of a file as a sequence of what they say, each read when it is asked for."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar, overload

import numpy as np
from numpy.typing import NDArray

Record = TypeVar("Record", covariant=True)
_STEP = 1 << 24
_BREAK = 10


class Lines(Sequence[Record]):
    """`data` ends with a line break, in memory or mapped. Threads may share it."""

    def __init__(self, data: bytes | mmap.mmap, read: Callable[[bytes], Record]) -> None:
        self._data = data
        self._read = read
        self._starts = _starts(data)

    @classmethod
    def of(cls, path: Path, read: Callable[[bytes], Record], *, mapped: bool) -> Lines[Record]:
        """`mapped` leaves them on the disk: the file must stay."""
        if not mapped or path.stat().st_size == 0:
            return cls(path.read_bytes(), read)
        with path.open("rb") as file:
            return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), read)

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, number: int) -> Record: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Record]: ...
    def __getitem__(self, number: int | slice) -> Record | Sequence[Record]:
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        if not -len(self) <= number < len(self):
            raise IndexError(number)
        return self._read(self.raw(number % len(self)))

    def raw(self, number: int) -> bytes:
        """The line as it is, with its break."""
        return self._data[self._starts[number] : self._starts[number + 1]]


def _starts(data: bytes | mmap.mmap) -> NDArray[np.int64]:
    """Where each line begins, and where the last one ends."""
    found = [np.zeros(1, dtype=np.int64)]
    # A view of the whole would hold the map open for as long as anything remembers it.
    for start in range(0, len(data), _STEP):
        piece = np.frombuffer(data[start : start + _STEP], dtype=np.uint8)
        found.append(np.flatnonzero(piece == _BREAK) + start + 1)
    return np.concatenate(found)
