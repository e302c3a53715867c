"""A promoted model serves in every process within seconds, and nobody notices."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatbot.bootstrap import Kefu
from chatbot.intent_home import promote_intents
from tests.chatbot.swapping_server import ask, serve
from tests.training.tiny_versions import train_tiny, write_version
from training.registry import Registry

SWAPS = 10
CONVERSATIONS = 16
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def home(tiny: Path, tmp_path: Path) -> Path:
    """With more versions than one, all the same but in name; the first serves."""
    for number in range(SWAPS + 1):
        write_version(tiny, tmp_path / "intents" / "demo" / _version(number))
    promote_intents(tmp_path / "intents", "demo", _version(0))
    return tmp_path


def _version(number: int) -> str:
    return f"202601{number + 1:02}T000000Z-00000000"


@contextmanager
def _load(kefu: Kefu) -> Iterator[list[str]]:
    """Customers in as many threads, and what went wrong for them."""
    faults: list[str] = []
    done = threading.Event()

    def talk() -> None:
        while not done.is_set():
            turn = ask(kefu)
            if turn.error is not None:
                faults.append(turn.error)

    threads = [threading.Thread(target=talk) for _ in range(CONVERSATIONS)]
    for thread in threads:
        thread.start()
    try:
        yield faults
    finally:
        done.set()
        for thread in threads:
            thread.join()


def _resident_bytes() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_no_turn_fails_and_memory_stays_while_models_are_swapped(home: Path) -> None:
    kefu = serve(home)
    registry = Registry(home / "intents", "demo")
    assert ask(kefu).reply.versions["intents"] == _version(0)
    with _load(kefu) as faults:
        for number in range(1, SWAPS + 1):
            promote_intents(home / "intents", "demo", _version(number))
            if number == 2:
                _wait_for(kefu, _version(number))
                before = _resident_bytes()
            _wait_for(kefu, _version(number))
    assert faults == []
    assert _resident_bytes() < 1.1 * before
    assert registry.champion == _version(SWAPS)


def test_every_process_follows_a_promotion_and_a_rollback(home: Path) -> None:
    registry = Registry(home / "intents", "demo")
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.chatbot.swapping_server", str(home)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        assert [_asked(process) for process in processes] == [_version(0)] * 2
        registry.promote(_version(1), by="anna")
        assert [_asked(process) for process in processes] == [_version(1)] * 2
        registry.rollback(by="anna")
        assert [_asked(process) for process in processes] == [_version(0)] * 2
    finally:
        for process in processes:
            process.communicate()


def test_a_broken_version_leaves_the_one_before_in_service(home: Path) -> None:
    kefu = serve(home)
    ask(kefu)
    for path in (home / "intents" / "demo" / _version(1)).iterdir():
        path.write_bytes(b"damaged")
    promote_intents(home / "intents", "demo", _version(1))
    turn = ask(kefu)
    assert turn.error is None
    assert turn.reply.versions["intents"] == _version(0)


def _asked(process: subprocess.Popen[str]) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def _wait_for(kefu: Kefu, version: str) -> None:
    deadline = time.monotonic() + 5
    while ask(kefu).reply.versions["intents"] != version:
        assert time.monotonic() < deadline
