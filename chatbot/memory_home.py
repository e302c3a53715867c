"""A folder in main memory for copies that must not touch a disk, and that die with their process.

`MEMORY_HOME/kefu-<user>-<installation>/<process>-<random>/`, for nobody else to look into. Each
copy is held by a lock that the system frees when its process ends, however it ends: whoever opens
the next copy of the same installation removes what nobody holds. Weakness: a system that swaps may
write the memory of a tmpfs to the disk; switch swapping off or encrypt it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chatbot.errors import MemoryHomeUnusable

_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_MOUNTS = Path("/proc/self/mountinfo")
_LOCK = ".lock"
_MODE = 0o700
_LEAST_ROOM = 1 << 20
"""With more than that left, it was another file system that was full."""


class MemoryHome:
    def __init__(self, root: Path, *, installation: Path) -> None:
        """Nothing happens before the first copy."""
        self._root = root
        mark = hashlib.sha256(os.fsencode(installation)).hexdigest()[:16]
        self._folder = root / f"kefu-{os.geteuid()}-{mark}"

    @contextmanager
    def copy(self, needed_bytes: int) -> Iterator[Path]:
        """An empty folder, gone afterwards. Raises MemoryHomeUnusable."""
        self._check(needed_bytes)
        with self._alone():
            self._remove_leftovers()
            folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=self._folder))
            held = _hold(folder, fcntl.LOCK_EX)
        try:
            yield folder
        except OSError as error:
            if error.errno != errno.ENOSPC or shutil.disk_usage(self._root).free > _LEAST_ROOM:
                raise
            raise MemoryHomeUnusable(self._root, "it is full") from None
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)

    def sweep(self) -> None:
        """Remove what killed processes left behind; where the name is another user's, nothing."""
        if self._is_private():
            with self._alone():
                self._remove_leftovers()

    def _check(self, needed_bytes: int) -> None:
        if not self._root.is_dir():
            raise MemoryHomeUnusable(self._root, "there is no such folder")
        kind = _kind_of(self._root)
        if kind not in _IN_MEMORY:
            raise MemoryHomeUnusable(self._root, f"it lies on a disk ({kind}), not in memory")
        free = shutil.disk_usage(self._root).free
        if free < needed_bytes:
            needed, left = (f"{count / 1e6:,.0f} MB" for count in (needed_bytes, free))
            raise MemoryHomeUnusable(self._root, f"{needed} are needed, {left} are free")
        with suppress(FileExistsError):
            self._folder.mkdir(mode=_MODE)
        if not self._is_private():
            raise MemoryHomeUnusable(
                self._root, f"{self._folder.name} in it is not this user's alone (remove it)"
            )

    def _is_private(self) -> bool:
        """The memory folder is everybody's: another user may have taken the name."""
        try:
            found = self._folder.lstat()
        except FileNotFoundError:
            return False
        private = stat.S_ISDIR(found.st_mode) and not stat.S_IMODE(found.st_mode) & ~_MODE
        return private and found.st_uid == os.geteuid()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No process removes leftovers while another makes a copy and has not locked it yet."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self._folder / _LOCK, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _remove_leftovers(self) -> None:
        for folder in self._folder.iterdir():
            if folder.name == _LOCK:
                continue
            try:
                held = _hold(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, FileNotFoundError):
                continue
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)


def _hold(folder: Path, how: int) -> int:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, how)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _kind_of(folder: Path) -> str:
    """Of the file system; see proc(5) for the table. Where there is none, nobody can tell."""
    wanted = folder.stat().st_dev
    device = f"{os.major(wanted)}:{os.minor(wanted)}"
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return "of an unknown kind"
    fields = (line.partition(" - ") for line in lines)
    kinds = (after.split()[0] for before, _, after in fields if before.split()[2] == device)
    return next(kinds, "of an unknown kind")
