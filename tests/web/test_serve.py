"""`kefu serve` with everything it starts, in an empty home."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from chatbot.adapters.store_jobs import SqlJobs
from chatbot.bootstrap import open_database
from chatbot.errors import BrokerUnavailable
from chatbot.jobs import Job, JobState
from chatbot.settings import Settings
from tests.chatbot.real_worker import Works, until
from tests.conftest import KEFU, call_kefu, run_kefu

JOB_SECONDS = 20
NAMES = ("valkey-server", "worker worker", "worker beat")


@dataclass
class Serving:
    home: Path
    process: subprocess.Popen[str]
    url: str

    def parts(self) -> dict[str, str]:
        parts: dict[str, str] = httpx.get(f"{self.url}/readyz", timeout=60).json()["parts"]
        return parts

    def children(self) -> dict[str, int]:
        """Process ids by what runs there."""
        pid = self.process.pid
        found: dict[str, int] = {}
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                line = " ".join(_read(f"/proc/{child}/cmdline").split("\0"))
                found[next((name for name in NAMES if name in line), line)] = int(child)
        return found


def serve(home: Path) -> Serving:
    path = home / f"log.{time.monotonic_ns()}"
    with path.open("a") as log:
        process = subprocess.Popen(
            [str(KEFU), "serve", "--port", "0"],
            env=_environment(home),
            stderr=log,
            text=True,
        )
    try:
        until(lambda: "http://" in path.read_text(), "an address")
        url = next(word for word in path.read_text().split() if word.startswith("http://"))
        serving = Serving(home, process, url)
        # Each look costs what the start of a worker could use.
        until(lambda: serving.parts().get("worker") == "ok", "a worker", pause_seconds=0.2)
        until(lambda: serving.children().keys() == set(NAMES), "all its parts")
    except BaseException:
        process.kill()
        process.wait()
        raise
    return serving


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "KEFU_HOME": str(home), "COLUMNS": "200"}


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    serving = serve(tmp_path_factory.mktemp("serve"))
    yield serving
    serving.process.kill()
    serving.process.wait()


def test_it_brings_broker_worker_and_beat(serving: Serving) -> None:
    parts = serving.parts()
    assert (parts["database"], parts["broker"], parts["worker"]) == ("ok", "ok", "ok")
    assert parts["knowledge"] == "unavailable"
    assert set(serving.children()) == set(NAMES)


def test_its_worker_does_jobs_and_the_command_line_shows_them(serving: Serving) -> None:
    result = run_kefu("jobs", "run", "kefu.privacy.purge", "--wait", home=serving.home)
    assert result.returncode == 0, result.stderr
    assert "kefu.privacy.purge is done." in result.stdout
    listed = call_kefu("jobs", "list", "--language", "zh", home=serving.home)
    assert "已完成" in listed.stdout


def test_a_second_one_on_the_same_home_says_so(serving: Serving) -> None:
    result = run_kefu("serve", "--port", "0", home=serving.home)
    assert result.returncode == 1
    assert f"process {serving.process.pid}" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_it_stays_up_while_broker_and_worker_are_dead_and_brings_them_back(
    serving: Serving,
) -> None:
    before = serving.children()
    for name in ("valkey-server", "worker worker"):
        os.kill(before[name], signal.SIGKILL)
    assert httpx.get(f"{serving.url}/healthz", timeout=60).status_code == 200
    until(lambda: _differ(serving.children(), before), "new processes")
    until(lambda: _purged(serving.home), "a job after the fall")


def test_when_it_is_told_to_stop_nothing_stays(serving: Serving) -> None:
    children = serving.children()
    serving.process.send_signal(signal.SIGTERM)
    assert serving.process.wait(30) == 0
    assert not [name for name, pid in children.items() if _alive(pid)]


def test_another_one_may_follow_and_when_it_is_killed_nothing_stays_either(
    serving: Serving,
) -> None:
    again = serve(serving.home)
    children = again.children()
    again.process.kill()
    again.process.wait()
    until(lambda: not any(map(_alive, children.values())), "their end")


def _purged(home: Path) -> bool:
    """A broker that has just come back may not listen yet."""
    try:
        return _start_purge(home).state is JobState.DONE
    except BrokerUnavailable:
        return False


def _alive(process: int) -> bool:
    """A dead one may wait for its parent to notice."""
    return "State:\tZ" not in (status := _read(f"/proc/{process}/status")) and status != ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def _differ(now: dict[str, int], before: dict[str, int]) -> bool:
    return now.keys() == before.keys() and all(
        now[name] != before[name] for name in ("valkey-server", "worker worker")
    )


def _start_purge(home: Path) -> Job:
    settings = Settings(home=home, _env_file=None)
    engine = open_database(settings)
    try:
        works = Works(settings, engine, SqlJobs(engine))
        job = works.start("kefu.privacy.purge")
        deadline = time.monotonic() + JOB_SECONDS
        while not job.state.over and time.monotonic() < deadline:
            time.sleep(0.02)
            job = works.now(job)
    finally:
        engine.dispose()
    return job
