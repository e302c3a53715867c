"""An unfinished training on disk: all that it takes to go on as if nothing had happened.

`OUT.partial/` holds `run.json`, which says what is being trained from what, and one file a stage.
"""

from __future__ import annotations

import json
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from types import FrameType
from typing import Any, Protocol

import torch

from training.errors import CheckpointMismatch, CheckpointUnreadable, OutputTaken, TrainingStopped
from training.processes import Team

RUN = "run.json"

_BROKEN = (
    *(EOFError, OSError, RuntimeError, UnpicklingError),
    *(IndexError, KeyError, TypeError, ValueError),
)
"""What a file that is cut off or altered may lead to: the library has no type of its own for it."""


class Remembering(Protocol):
    def state(self) -> dict[str, Any]:
        """Of tensors, numbers, texts, lists and dictionaries."""
        ...

    def restore(self, state: Mapping[str, Any]) -> None: ...


@dataclass
class StopRequest:
    made: bool = False


@dataclass(frozen=True)
class Checkpoints:
    folder: Path
    team: Team
    stop: StopRequest = field(default_factory=StopRequest)

    def stage(self, name: str, parts: Mapping[str, Remembering]) -> Checkpoint:
        return Checkpoint(self, self.folder / f"{name}.pt", parts)

    def remove(self) -> None:
        self.team.wait()
        if self.team.rank == 0:
            shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True)
class Checkpoint:
    """Of one stage; `parts` are remembered beside what a save is given."""

    home: Checkpoints
    path: Path
    parts: Mapping[str, Remembering]

    def save(self, **parts: Remembering) -> None:
        state = {name: part.state() for name, part in {**self.parts, **parts}.items()}
        if self.home.team.rank == 0:
            draft = self.path.with_suffix(".draft")
            torch.save(state, draft)
            draft.replace(self.path)

    def load(self, **parts: Remembering) -> None:
        """Nothing happens where there is nothing saved. Raises CheckpointUnreadable."""
        if not self.path.is_file():
            return
        try:
            state = torch.load(self.path, weights_only=True, map_location=self.home.team.device)
            for name, part in {**self.parts, **parts}.items():
                part.restore(state[name])
        except _BROKEN as error:
            raise CheckpointUnreadable(self.path, str(error).split("\n", 1)[0]) from None

    def stop_if_asked(self, **parts: Remembering) -> None:
        """Raises TrainingStopped, once everything is on disk."""
        if self.home.team.any(self.home.stop.made):
            self.save(**parts)
            raise TrainingStopped(self.home.folder)


def open_checkpoints(
    out: Path, team: Team, *, source: Mapping[str, Any], restart: bool
) -> Checkpoints:
    """Beside `out`. `source` says what the model is made of: one that began from something else
    is not continued.

    Raises CheckpointMismatch, and OutputTaken where the folder is none of ours.
    """
    folder = out.resolve().with_name(f"{out.resolve().name}.partial")
    if team.rank == 0 and folder.exists():
        _check_ours(folder)
        if restart:
            shutil.rmtree(folder)
    team.wait()
    run = folder / RUN
    if run.is_file():
        _check_same(folder, source)
    team.wait()
    if team.rank == 0 and not run.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        run.write_text(json.dumps(source, indent=2) + "\n", encoding="utf-8")
    team.wait()
    return Checkpoints(folder, team)


@contextmanager
def stopping_in_order(request: StopRequest) -> Iterator[None]:
    """While inside, SIGTERM asks for an end after the step at hand; only the main thread may."""

    def ask(number: int, frame: FrameType | None) -> None:
        request.made = True

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: Callable[..., Any] | int | None = signal.signal(signal.SIGTERM, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _check_ours(folder: Path) -> None:
    if not folder.is_dir() or (any(folder.iterdir()) and not (folder / RUN).is_file()):
        raise OutputTaken(folder)


def _check_same(folder: Path, source: Mapping[str, Any]) -> None:
    try:
        begun = json.loads((folder / RUN).read_text(encoding="utf-8"))
    except ValueError as error:
        raise CheckpointUnreadable(folder / RUN, str(error)) from None
    wanted = json.loads(json.dumps(source))
    if begun == wanted:
        return
    known = begun if isinstance(begun, dict) else {}
    different = [name for name in wanted if known.get(name) != wanted[name]]
    raise CheckpointMismatch(folder, different or sorted(known.keys() - wanted.keys()))
