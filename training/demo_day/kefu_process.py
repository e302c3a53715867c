"""Kefu as its operator has it: commands in a terminal, and a server."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from training.errors import StepFailed

KEFU = Path(sys.executable).with_name("kefu")
START_SECONDS = 240
STOP_SECONDS = 60
_PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class Terminal:
    """Runs `kefu …` on a home of its own; what is printed goes to `log` as well."""

    home: Path
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(
        self,
        *arguments: str | Path,
        typed: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """Standard output. Raises StepFailed with the command's own sentence."""
        done = self.attempt(*arguments, typed=typed, environment=environment)
        if done.returncode != 0:
            lines = (done.stderr.strip() or done.stdout.strip() or "no word").splitlines()
            said = lines[-1].strip().removeprefix("kefu: ")
            command = " ".join(str(word) for word in arguments[:2])
            raise StepFailed(f"`kefu {command}` ended with {done.returncode}: {said}")
        return done.stdout

    def attempt(
        self,
        *arguments: str | Path,
        typed: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        words = [str(word) for word in arguments]
        done = subprocess.run(
            [str(KEFU), *words],
            env={**self._environment(), **(environment or {})},
            cwd=self.home.parent,
            input=typed if typed is not None else "",
            capture_output=True,
            text=True,
            check=False,
        )
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"$ kefu {' '.join(words)}\n{done.stdout}{done.stderr}")
        return done

    @contextmanager
    def serving(self, log: Path) -> Iterator[str]:
        """The address of `kefu serve` with its broker and workers, ready to answer."""
        with log.open("w", encoding="utf-8") as said:
            process = subprocess.Popen(
                [str(KEFU), "serve", "--port", "0"],
                env=self._environment(),
                cwd=self.home.parent,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
            try:
                yield _ready(process, log)
            finally:
                process.terminate()
                try:
                    process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def _environment(self) -> dict[str, str]:
        # Settings of the operator's own installation must not lead to its database.
        inherited = {name: v for name, v in os.environ.items() if not name.startswith("KEFU_")}
        # Wide enough that no address is broken over two lines.
        return {**inherited, "COLUMNS": "240", **self.environment, "KEFU_HOME": str(self.home)}


def _ready(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = log.read_text(encoding="utf-8").strip().splitlines()
            raise StepFailed(f"the server stopped: {said[-1] if said else 'it said nothing'}")
        url = _address(log.read_text(encoding="utf-8"))
        if url is not None and _answers(url):
            return url
        time.sleep(_PAUSE_SECONDS)
    raise StepFailed(f"the server was not ready after {START_SECONDS} s")


def _address(said: str) -> str | None:
    return next((word for word in said.split() if word.startswith("http://")), None)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=START_SECONDS).is_success
    except httpx.HTTPError:
        return False
