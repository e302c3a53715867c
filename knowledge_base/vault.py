"""How finished files lie on disk: as they are, or in a way that only their owner's vault reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from knowledge_base.storage import write_atomically

Naming = Callable[[Path], Path]
"""From the folder that was written to the name that it will bear."""


class Vault(Protocol):
    @property
    def broken(self) -> tuple[type[Exception], ...]:
        """What `read` and `opened` raise for what is damaged and has to be made anew."""
        ...

    def read(self, path: Path) -> bytes:
        """Raises FileNotFoundError."""
        ...

    def write(self, path: Path, data: bytes) -> None:
        """Readers see the old content or the new, also after a power cut."""
        ...

    def holds(self, path: Path) -> bool: ...

    def opened(self, folder: Path) -> AbstractContextManager[Path]:
        """Where the files of a finished version can be read while inside.

        The folder itself where it is none: whoever reads it says what is wrong with it.
        """
        ...

    def written(self, draft: Path, *, named: Naming) -> AbstractContextManager[Path]:
        """Where to write a version that then lies complete at `draft`, to be renamed as `named`
        says and not otherwise. Nothing is there for who leaves with an exception."""
        ...


class PlainVault:
    """Everything lies as it is."""

    broken: tuple[type[Exception], ...] = ()

    def read(self, path: Path) -> bytes:
        return path.read_bytes()

    def write(self, path: Path, data: bytes) -> None:
        write_atomically(path, data)

    def holds(self, path: Path) -> bool:
        return path.exists()

    @contextmanager
    def opened(self, folder: Path) -> Iterator[Path]:
        yield folder

    @contextmanager
    def written(self, draft: Path, *, named: Naming) -> Iterator[Path]:
        yield draft


PLAIN = PlainVault()
