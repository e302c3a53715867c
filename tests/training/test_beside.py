from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from training.beside import beside
from training.errors import BaseModelUnavailable, ProcessLost
from training.progress import SilentWatch, Watch

STEPS = 500


def work(folder: Path, *, watch: Watch, share: int = 1) -> tuple[int, int]:
    """Its process, and what came of the work."""
    for stage in ("first", "second"):
        watch.stage(stage, STEPS)
        for step in range(STEPS // share):
            watch.advance(note=f"{stage} {step}")
    (folder / "done").touch()
    return os.getpid(), STEPS // share


def refuse(*, watch: Watch) -> None:
    raise BaseModelUnavailable("The base model is not there.")


def fall(*, watch: Watch) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def work_for_ever(folder: Path, *, watch: Watch) -> None:
    (folder / "process").write_text(str(os.getpid()))
    watch.stage("on and on", 1)
    while True:
        time.sleep(0.01)


class Listener(SilentWatch):
    def __init__(self) -> None:
        self.stages: list[tuple[str, int]] = []
        self.steps: list[int] = []
        self.note = ""

    def stage(self, name: str, total: int) -> None:
        self.stages.append((name, total))
        self.steps.append(0)

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        self.steps[-1] += steps
        self.note = note


def test_the_job_is_done_in_another_process_and_gives_its_result_here(tmp_path: Path) -> None:
    with beside(work, tmp_path, watch=SilentWatch(), share=2) as result:
        process, steps = result()
    assert process != os.getpid()
    assert steps == STEPS // 2
    assert (tmp_path / "done").exists()


def test_every_step_of_every_stage_is_heard_before_the_result(tmp_path: Path) -> None:
    heard = Listener()
    with beside(work, tmp_path, watch=heard) as result:
        result()
    assert heard.stages == [("first", STEPS), ("second", STEPS)]
    assert heard.steps == [STEPS, STEPS]
    assert heard.note == f"second {STEPS - 1}"


def test_an_error_of_the_job_is_raised_where_its_result_is_awaited() -> None:
    with (
        beside(refuse, watch=SilentWatch()) as result,
        pytest.raises(BaseModelUnavailable, match="is not there"),
    ):
        result()


def test_a_process_that_dies_is_one_sentence_with_a_remedy() -> None:
    with (
        beside(fall, watch=SilentWatch()) as result,
        pytest.raises(ProcessLost, match="fall ended without a result: free some memory"),
    ):
        result()


def test_when_the_work_here_fails_the_job_is_ended_too(tmp_path: Path) -> None:
    def fail_when_it_works() -> None:
        heard = Listener()
        with beside(work_for_ever, tmp_path, watch=heard):
            while not heard.stages:
                time.sleep(0.01)
            raise KeyError

    with pytest.raises(KeyError):
        fail_when_it_works()
    process = int((tmp_path / "process").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
