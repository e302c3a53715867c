"""One run of the retraining loop on disk: how far it came, so that a killed one can go on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from knowledge_base.storage import write_atomically
from training.errors import RetrainingBusy, RunInvalid
from training.verdict import GateResult, from_data

STATE = "state.json"
RUNS = "runs"
_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Step(StrEnum):
    """What is done."""

    BEGUN = "begun"
    PREPARED = "prepared"
    TRAINED = "trained"
    REGISTERED = "registered"
    JUDGED = "judged"
    CLOSED = "closed"


class Outcome(StrEnum):
    PROMOTED = "promoted"
    REFUSED = "refused"
    WAITING = "waiting"
    """The gate is passed, a person is to promote it."""
    NOTHING_NEW = "nothing_new"
    ABANDONED = "abandoned"
    """It broke off, and a later run did its job."""
    TAKEN_BACK = "taken_back"
    """Each time it had trained, sentences had been taken back; the next run does without them."""


@dataclass(frozen=True)
class Run:
    id: str
    collection: str
    by: str
    started_at: datetime
    step: Step = Step.BEGUN
    parent: str | None = None
    """The champion when the run began."""
    version: str | None = None
    taught: int = 0
    reviewed: int = 0
    held_out: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    learnt: tuple[str, ...] = ()
    """Fingerprints of the reviewed sentences that were taught."""
    measured: tuple[str, ...] = ()
    """Of those that it was calibrated or examined with."""
    begun_anew: int = 0
    """Times that it destroyed what it had trained and collected rows again, since some of them
    were there no longer: a customer was erased or withdrew consent, or a label was rejected."""
    compared_with: str | None = None
    gate: GateResult | None = None
    outcome: Outcome | None = None
    finished_at: datetime | None = None

    def done(self, step: Step) -> bool:
        order = list(Step)
        return order.index(self.step) >= order.index(step)


class RunFolder:
    """`runs/<id>/`: state.json, and while it works the rows it works with.

    Raises RunInvalid where the id is no safe file name.
    """

    def __init__(self, folder: Path, run_id: str) -> None:
        if _SAFE_ID.fullmatch(run_id) is None:
            raise RunInvalid(
                f"The run id {run_id!r} cannot be used: take up to 64 letters, digits, dots, "
                "dashes and underscores."
            )
        self.path = folder / RUNS / run_id
        self.train = self.path / "train.csv"
        self.validation = self.path / "validation.csv"
        self.test = self.path / "test.csv"

    def read(self) -> Run | None:
        """None where the run has not begun. Raises RunInvalid."""
        state = self.path / STATE
        try:
            return _run(json.loads(state.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise RunInvalid(
                f"{state} cannot be understood ({type(error).__name__}): take a new run id."
            ) from None

    def write(self, run: Run) -> Run:
        self.path.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(run), ensure_ascii=False, indent=2, default=datetime.isoformat)
        write_atomically(self.path / STATE, (text + "\n").encode())
        return run

    def drop_rows(self) -> None:
        """What customers said is kept in the review queue alone."""
        for path in (self.train, self.validation, self.test):
            path.unlink(missing_ok=True)


def read_runs(folder: Path) -> tuple[Run, ...]:
    """Newest first; a folder without a readable state is passed over."""
    runs = []
    for path in (folder / RUNS).glob(f"*/{STATE}"):
        try:
            run = RunFolder(folder, path.parent.name).read()
        except RunInvalid:
            continue
        if run is not None:
            runs.append(run)
    return tuple(sorted(runs, key=lambda run: run.started_at, reverse=True))


@contextmanager
def only_retraining(folder: Path, collection: str) -> Iterator[None]:
    """One process at a time; the lock of a killed one is free. Raises RetrainingBusy."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".retraining.lock", timeout=0):
            yield
    except Timeout:
        raise RetrainingBusy(collection) from None


def _run(data: dict[str, Any]) -> Run:
    finished, outcome, gate = data["finished_at"], data["outcome"], data["gate"]
    return Run(
        **data
        | {
            "step": Step(data["step"]),
            "learnt": tuple(data.get("learnt", ())),
            "measured": tuple(data.get("measured", ())),
            "started_at": datetime.fromisoformat(data["started_at"]),
            "finished_at": None if finished is None else datetime.fromisoformat(finished),
            "outcome": None if outcome is None else Outcome(outcome),
            "gate": None if gate is None else from_data(gate),
        }
    )
