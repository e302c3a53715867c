"""A PostgreSQL server of a test's own that it may stop and start again."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import skip_or_fail

_ROOT = os.geteuid() == 0
# PostgreSQL refuses to run as root.
_AS_USER = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


@dataclass(frozen=True)
class Cluster:
    folder: Path
    """Its socket, data and log."""
    binaries: Path

    @classmethod
    def create(cls, folder: Path) -> Cluster:
        installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not installed:
            skip_or_fail("PostgreSQL is not installed")
        if _ROOT:
            shutil.chown(folder, "postgres")
        cluster = cls(folder, installed[-1])
        cluster._run("initdb", "-D", cluster._data, "-A", "trust", "-U", "kefu")
        cluster.start()
        return cluster

    @property
    def url(self) -> str:
        return f"postgresql://kefu@/postgres?host={self.folder}"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off"
        self._control("-l", self.folder / "log", "-o", options, "start")

    def stop(self) -> None:
        """As a crash does it: nothing is finished, nobody is told."""
        self._control("-m", "immediate", "stop")

    def _control(self, *arguments: str | Path) -> None:
        self._run("pg_ctl", "-D", self._data, "-w", *arguments)

    def _run(self, program: str, *arguments: str | Path) -> None:
        if _ROOT:
            # Every start of pytest closes its temporary folders to others again.
            _open_to_others(self.folder)
        subprocess.run(
            [*(_AS_USER if _ROOT else []), self.binaries / program, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )


def _open_to_others(folder: Path) -> None:
    for parent in [folder, *folder.parents]:
        mode = parent.stat().st_mode
        if parent.stat().st_uid == 0 and not mode & 0o001:
            parent.chmod(mode | 0o011)
