from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatbot.errors import MemoryHomeUnusable
from chatbot.memory_home import MemoryHome
from tests.memory_places import IN_MEMORY, memory_place

HOLD_FOR_EVER = """
import sys, time
from pathlib import Path
from chatbot.memory_home import MemoryHome

with MemoryHome(Path(sys.argv[1]), installation=Path(sys.argv[2])).copy(0) as folder:
    (folder / "weights").write_bytes(b"secret")
    print(folder, flush=True)
    time.sleep(600)
"""

pytestmark = pytest.mark.skipif(not IN_MEMORY, reason="this machine has no tmpfs to write to")


@pytest.fixture
def place() -> Iterator[Path]:
    with memory_place() as place:
        yield place


def _home(place: Path, installation: str = "/srv/kefu") -> MemoryHome:
    return MemoryHome(place, installation=Path(installation))


def test_a_copy_is_its_users_alone_and_gone_afterwards(place: Path) -> None:
    with _home(place).copy(10) as folder:
        (folder / "weights").write_bytes(b"0123456789")
        for inside in (folder, folder.parent):
            assert inside.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()


def test_a_copy_goes_also_where_loading_fails(place: Path) -> None:
    with pytest.raises(ZeroDivisionError), _home(place).copy(0) as folder:
        raise ZeroDivisionError
    assert not folder.exists()


def test_what_a_killed_process_left_is_removed_by_the_next_copy(place: Path) -> None:
    left = _killed(place)
    assert (left / "weights").read_bytes() == b"secret"
    with _home(place).copy(0):
        assert not left.exists()


def test_what_a_killed_process_left_is_removed_at_the_next_start(place: Path) -> None:
    left = _killed(place)
    _home(place).sweep()
    assert not left.exists()


def test_copies_in_use_and_those_of_other_installations_stay(place: Path) -> None:
    left = _killed(place, "/srv/other")
    with _home(place).copy(0) as folder:
        _home(place).sweep()
        with _home(place).copy(0):
            assert folder.is_dir()
        assert left.is_dir()


def test_a_folder_that_is_not_in_memory_is_refused() -> None:
    with pytest.raises(MemoryHomeUnusable) as caught, _home(Path("/proc")).copy(0):
        pass
    assert "not in memory" in str(caught.value)
    assert "KEFU_MEMORY_HOME" in str(caught.value)


def test_a_folder_that_is_not_there_is_refused(place: Path) -> None:
    with pytest.raises(MemoryHomeUnusable, match="no such folder"), _home(place / "x").copy(0):
        pass


def test_too_little_room_is_said_before_anything_is_opened(place: Path) -> None:
    much = shutil.disk_usage(place).free + 10**9
    with pytest.raises(MemoryHomeUnusable, match="MB are needed"), _home(place).copy(much):
        pass
    assert list(place.iterdir()) == []


def test_memory_that_runs_full_meanwhile_is_said(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = iter([shutil.disk_usage(place), shutil.disk_usage(place)._replace(free=0)])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: next(usage))
    with pytest.raises(MemoryHomeUnusable, match="it is full"), _home(place).copy(0):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_elsewhere_is_not_blamed_on_memory(place: Path) -> None:
    with pytest.raises(OSError, match="No space"), _home(place).copy(0):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("trap", ["open to others", "a link"])
def test_a_name_that_somebody_else_has_taken_is_refused(place: Path, trap: str) -> None:
    with _home(place).copy(0) as folder:
        taken = folder.parent
    shutil.rmtree(taken)
    if trap == "a link":
        elsewhere = place / "elsewhere"
        elsewhere.mkdir()
        taken.symlink_to(elsewhere)
    else:
        taken.mkdir()
        taken.chmod(0o777)
    with pytest.raises(MemoryHomeUnusable, match="not this user's alone"), _home(place).copy(0):
        pass


def test_a_start_leaves_alone_what_is_not_ours(place: Path) -> None:
    with _home(place).copy(0) as folder:
        taken = folder.parent
    (taken / "theirs").mkdir()
    taken.chmod(0o777)
    _home(place).sweep()
    assert (taken / "theirs").is_dir()


def _killed(place: Path, installation: str = "/srv/kefu") -> Path:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD_FOR_EVER, str(place), installation],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    process.kill()
    process.wait()
    process.stdout.close()
    return folder
