"""Finished versions of indexes and models, and the documents they are made from, sealed at rest.

Beside each file of a sealed version stands nothing but `<file>.sealed`; the manifest alone also
stays readable (names, hashes, figures; no word of anybody), for lists that load no model. What is
loaded is the sealed manifest. A version is sealed from the moment when that file is there, and
plain from the moment when it is gone: it is written last and removed first, and the files of the
other state go only afterwards, so that whatever is killed in between leaves a version whole, and
the same call ends the work.

What is not sealed: public weights, the name model, pointers, registries, and what an unfinished
training keeps on disk; a model that is being trained for the registry lies in memory.

A version is locked (`flock` on its folder, so no network share) while it is being sealed or opened
for good; readers of a plain one keep it from being sealed under their hands.
"""

from __future__ import annotations

import fcntl
import io
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from chatbot.memory_home import MemoryHome
from knowledge_base.storage import flush, write_atomically
from knowledge_base.vault import Naming
from privacy.errors import SealedFileBroken
from privacy.keyring import KeyRing
from privacy.sealed_file import FileKey, Progress, file_key, open_file, seal_file

SEALED = ".sealed"
MANIFEST = "manifest.json"
_DRAFT = ".draft"
Stamps = dict[str, tuple[int, int]]
"""Modification time in nanoseconds and size, by name within the version."""


def _unheard(done: int) -> None:
    pass


class FileVault:
    """Satisfies `knowledge_base.vault.Vault`; safe to use from several threads and processes."""

    broken: tuple[type[Exception], ...] = (SealedFileBroken,)

    def __init__(
        self, home: Path, *, keys: Callable[[], KeyRing], memory: MemoryHome, sealing: bool
    ) -> None:
        """`sealing` is for what is written from now on; what is sealed opens either way, and a
        file that was sealed before stays so."""
        self._home = home
        self._keys = keys
        self._memory = memory
        self._sealing = sealing
        self._key: FileKey | None = None
        self._one_asks = threading.Lock()

    def sweep(self) -> None:
        """Remove the plain copies that killed processes left in memory."""
        self._memory.sweep()

    # --- single files

    def read(self, path: Path) -> bytes:
        try:
            return self._unsealed(path)
        except FileNotFoundError:
            pass
        try:
            return path.read_bytes()
        except FileNotFoundError:
            # Sealed between the two looks.
            return self._unsealed(path)

    def write(self, path: Path, data: bytes) -> None:
        if not self._sealing and not sealed_name(path).exists():
            write_atomically(path, data)
            return
        self._seal(io.BytesIO(data), path, self._place(path))
        flush(path.parent)
        # The sealed one counts from here on: `read` looks for it first.
        path.unlink(missing_ok=True)

    def holds(self, path: Path) -> bool:
        return sealed_name(path).exists() or path.exists()

    # --- versions

    @contextmanager
    def opened(self, folder: Path) -> Iterator[Path]:
        if not is_sealed(folder) and not self._is_inside(folder):
            yield folder
            return
        try:
            held = _hold(folder, fcntl.LOCK_SH)
        except (FileNotFoundError, NotADirectoryError):
            yield folder
            return
        try:
            if not is_sealed(folder):
                yield folder
                return
            names = _sealed_names(folder)
            needed = _size(folder / f"{name}{SEALED}" for name in names)
            with self._memory.copy(needed) as room:
                # Under its own name, which errors and a model trained from it tell.
                copy = room / folder.resolve().name
                for name in names:
                    self._open(folder, name, copy / name)
                os.close(held)
                held = -1
                before = _stamps(copy)
                yield copy
                self._keep(folder, copy, before)
        finally:
            if held >= 0:
                os.close(held)

    @contextmanager
    def written(self, draft: Path, *, named: Naming) -> Iterator[Path]:
        if not self._sealing:
            yield draft
            return
        with self._memory.copy(0) as copy:
            # One level down: who writes a version may need room beside it.
            folder = copy / draft.name.lstrip(".")
            yield folder
            place = self._place(named(folder))
            draft.mkdir(parents=True, exist_ok=True)
            for name in _plain_names(folder):
                self._seal_into(draft, name, source=folder / name, place=f"{place}/{name}")
            write_atomically(draft / MANIFEST, (folder / MANIFEST).read_bytes())
            _flush_folders(draft)

    def seal_version(self, folder: Path, *, progress: Progress = _unheard) -> None:
        """What lies there in plain. Does nothing where nothing does; `progress` hears bytes."""
        held = _hold(folder, fcntl.LOCK_EX)
        try:
            if not is_sealed(folder):
                place, names = self._place(folder), _plain_names(folder)
                for name in set(_sealed_names(folder)) - set(names):
                    (folder / f"{name}{SEALED}").unlink()
                # The manifest comes last and decides; what it stands for is on the disk by then.
                for name in names:
                    if name == MANIFEST:
                        _flush_folders(folder)
                    path = folder / name
                    self._seal_into(
                        folder, name, source=path, place=f"{place}/{name}", progress=progress
                    )
                _flush_folders(folder)
            for path in left_over(folder, sealed=False):
                path.unlink()
        finally:
            os.close(held)

    def open_version(self, folder: Path, *, progress: Progress = _unheard) -> None:
        """For good: it lies there in plain afterwards."""
        held = _hold(folder, fcntl.LOCK_EX)
        try:
            if is_sealed(folder):
                for name in _sealed_names(folder):
                    self._open(folder, name, folder / name, lasting=True, progress=progress)
                _flush_folders(folder)
                (folder / f"{MANIFEST}{SEALED}").unlink()
                flush(folder)
            for path in left_over(folder, sealed=True):
                path.unlink()
        finally:
            os.close(held)

    def seal_single(self, path: Path, *, progress: Progress = _unheard) -> None:
        """Only under the lock of those who write the file."""
        if path.exists() and not sealed_name(path).exists():
            with path.open("rb") as content:
                self._seal(content, path, self._place(path), progress=progress)
            flush(path.parent)
        path.unlink(missing_ok=True)

    def open_single(self, path: Path, *, progress: Progress = _unheard) -> None:
        """Only under the lock of those who write the file."""
        if sealed_name(path).exists():
            data = self._unsealed(path, progress=progress)
            write_atomically(path, data)
            sealed_name(path).unlink()
            flush(path.parent)

    # --- inside

    def _keep(self, folder: Path, copy: Path, before: Stamps) -> None:
        """What the loader made from the version and left beside it, such as the 8-bit graph."""
        after = _stamps(copy)
        made = [name for name, stamp in after.items() if before.get(name) != stamp]
        if not made:
            return
        try:
            held = _hold(folder, fcntl.LOCK_EX)
        except FileNotFoundError:
            # Deleted while it was in use.
            return
        try:
            if is_sealed(folder):
                place = self._place(folder)
                for name in made:
                    self._seal_into(folder, name, source=copy / name, place=f"{place}/{name}")
        finally:
            os.close(held)

    def _seal_into(
        self, folder: Path, name: str, *, source: Path, place: str, progress: Progress = _unheard
    ) -> None:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as content:
            self._seal(content, target, place, progress=progress)

    def _seal(
        self, content: BinaryIO, path: Path, place: str, *, progress: Progress = _unheard
    ) -> None:
        target = sealed_name(path)
        draft = target.with_name(f".{target.name}{_DRAFT}")
        with draft.open("wb") as sealed:
            seal_file(content, sealed, self._file_key(), place=place, progress=progress)
            sealed.flush()
            os.fsync(sealed.fileno())
        draft.replace(target)

    def _open(
        self,
        folder: Path,
        name: str,
        target: Path,
        *,
        lasting: bool = False,
        progress: Progress = _unheard,
    ) -> None:
        draft = target.with_name(f".{target.name}{_DRAFT}")
        draft.parent.mkdir(parents=True, exist_ok=True)
        place = f"{self._place(folder)}/{name}"
        try:
            with (folder / f"{name}{SEALED}").open("rb") as sealed, draft.open("wb") as content:
                open_file(sealed, content, self._file_key(), place=place, progress=progress)
                if lasting:
                    content.flush()
                    os.fsync(content.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)

    def _unsealed(self, path: Path, *, progress: Progress = _unheard) -> bytes:
        content = io.BytesIO()
        with sealed_name(path).open("rb") as sealed:
            place = self._place(path)
            open_file(sealed, content, self._file_key(), place=place, progress=progress)
        return content.getvalue()

    def _place(self, path: Path) -> str:
        """Below the home, so that a home may be moved as a whole."""
        try:
            return path.resolve().relative_to(self._home.resolve()).as_posix()
        except ValueError:
            raise SealedFileBroken(path.name, "it lies outside of KEFU_HOME") from None

    def _is_inside(self, path: Path) -> bool:
        return path.resolve().is_relative_to(self._home.resolve())

    def _file_key(self) -> FileKey:
        if self._key is None:
            # A key service may have to be asked: once.
            with self._one_asks:
                self._key = self._key or file_key(self._keys())
        return self._key


def sealed_name(path: Path) -> Path:
    return path.with_name(f"{path.name}{SEALED}")


def is_sealed(folder: Path) -> bool:
    return (folder / f"{MANIFEST}{SEALED}").is_file()


def left_over(folder: Path, *, sealed: bool) -> list[Path]:
    """Files of that state, but for the manifest that always lies in plain, and what a killed
    process had not finished."""
    names = _sealed_names(folder) if sealed else _plain_names(folder)
    ending = SEALED if sealed else ""
    files = [folder / f"{name}{ending}" for name in names if sealed or name != MANIFEST]
    return [*files, *_drafts(folder)]


def _drafts(folder: Path) -> list[Path]:
    return list(folder.rglob(f".*{_DRAFT}"))


def _hold(folder: Path, how: int) -> int:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, how)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _names(folder: Path) -> list[str]:
    """Locks and drafts begin with a dot; the manifest comes last."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name[0] != ".")
    names = [path.relative_to(folder).as_posix() for path in files]
    return sorted(names, key=lambda name: (name.removesuffix(SEALED) == MANIFEST, name))


def _plain_names(folder: Path) -> list[str]:
    return [name for name in _names(folder) if not name.endswith(SEALED)]


def _sealed_names(folder: Path) -> list[str]:
    """Without the ending."""
    return [name.removesuffix(SEALED) for name in _names(folder) if name.endswith(SEALED)]


def _size(paths: Iterator[Path]) -> int:
    return sum(path.stat().st_size for path in paths)


def _stamps(folder: Path) -> Stamps:
    found = {}
    for name in _plain_names(folder):
        status = (folder / name).stat()
        found[name] = (status.st_mtime_ns, status.st_size)
    return found


def _flush_folders(folder: Path) -> None:
    for inner in folder.rglob("*"):
        if inner.is_dir():
            flush(inner)
    flush(folder)
