"""Two hundred identifiers go through everything there is, and none is found in the clear."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import redis

from chatbot.jobs import JobState
from tests.chatbot.real_worker import ROOT, Works, open_works
from tests.conftest import call_kefu
from tests.e2e.canary_processes import CRASH_AT_THE_END, CRASH_INSIDE, KINDS, QUOTING
from tests.e2e.canary_values import MAKERS, planted
from tests.e2e.small_company import build_index

PLANTED = planted(200)
CUSTOMERS = 4
COMMAND = [sys.executable, "-m", "tests.e2e.canary_processes"]
SERVER_LOG, WORKER_LOG = "server.log", "worker.log"


@dataclass
class Searched:
    """Everything that is left when all is done, by the place where it was found."""

    places: dict[str, bytes] = field(default_factory=dict)
    exports: str = ""
    """What customers get, which must hold every identifier."""
    answers: list[int] = field(default_factory=list)
    """Status codes of the turns, those that break in the end left out."""
    broken: list[int] = field(default_factory=list)
    job: str = ""


class Eavesdropper:
    """Whatever is published on the broker."""

    def __init__(self, url: str) -> None:
        self.heard = b""
        self._client = redis.Redis.from_url(url)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        with self._client.pubsub() as subscription:
            subscription.psubscribe("*")
            while not self._over.is_set():
                message = subscription.get_message(timeout=0.1)
                self.heard += repr(message).encode() if message is not None else b""

    def stop(self) -> bytes:
        self._over.set()
        self._thread.join(5)
        self._client.close()
        return self.heard


def _chat(url: str, found: Searched) -> None:
    """Every identifier in a turn of its own; then once more, in turns that break."""
    with httpx.Client(base_url=url, timeout=60) as client:
        talks = [_open(client, number) for number in range(CUSTOMERS)]
        for number, (_, sentence, _) in enumerate(PLANTED):
            found.answers.append(_say(client, talks[number % CUSTOMERS], sentence, number))
        for number, (_, sentence, _) in enumerate(PLANTED[: len(MAKERS)], start=len(PLANTED)):
            inside, at_the_end = (f"{one} {sentence}" for one in (CRASH_INSIDE, CRASH_AT_THE_END))
            found.answers.append(_say(client, talks[0], inside, number))
            found.broken.append(_say(client, talks[1], at_the_end, number))
        unreadable = client.post("/v1/conversations", json={"customer": [PLANTED[0][2]]})
        assert unreadable.status_code == 422
        found.places["refusal"] = unreadable.content
        found.places["metrics"] = client.get("/metrics").content


def _open(client: httpx.Client, number: int) -> tuple[str, dict[str, str]]:
    body = {"channel": "web", "customer": f"canary-customer-{number}"}
    opened = client.post("/v1/conversations", json=body).json()
    place = f"/v1/conversations/{opened['conversation_id']}/messages"
    return place, {"Authorization": f"Bearer {opened['token']}"}


def _say(client: httpx.Client, talk: tuple[str, dict[str, str]], text: str, number: int) -> int:
    place, bearer = talk
    body = {"text": text, "client_message_id": f"m{number}"}
    return client.post(place, json=body, headers=bearer).status_code


def _work(works: Works, found: Searched) -> None:
    """A job waits in the queue, a worker takes it up, masks, and breaks with words in hand."""
    waiting = works.start(QUOTING, customer="canary-customer-0")
    found.places["queues"] = _broker(works)
    worker = works.work()
    found.job = works.ended(waiting).state.value
    assert works.ended(works.start("kefu.privacy.anonymise")).state is JobState.DONE
    found.places["broker"] = _broker(works)
    worker.terminate()
    worker.wait(30)


def _broker(works: Works) -> bytes:
    """Every key with its value, as the server serialises it and in words."""
    assert works.settings.redis_url is not None
    seen = []
    with redis.Redis.from_url(works.settings.redis_url.get_secret_value()) as client:
        for key in client.scan_iter():
            seen += [key, client.dump(key) or b""]
            if client.type(key) == b"list":
                seen += client.lrange(key, 0, -1)
            if client.type(key) == b"hash":
                seen += [part for pair in client.hgetall(key).items() for part in pair]
    assert seen
    return b"\n".join(seen)


def _dump(path: Path) -> bytes:
    """All tables, all columns, sealed ones included."""
    with closing(sqlite3.connect(path)) as database:
        script = "\n".join(database.iterdump()).encode()
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master")]
        values = [
            value if isinstance(value, bytes) else str(value).encode()
            for name in tables
            if name in script.decode() and not name.startswith(("ix_", "uq_", "sqlite_"))
            for row in database.execute(f'SELECT * FROM "{name}"')
            for value in row
        ]
    return b"\n".join([script, *values])


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Searched:
    folder = tmp_path_factory.mktemp("canaries")
    home, found = folder / "home", Searched()
    with open_works(home) as works:
        works.kinds, works.command = KINDS, [*COMMAND, "worker"]
        build_index(works.settings)
        assert works.settings.redis_url is not None
        url = works.settings.redis_url.get_secret_value()
        ear = Eavesdropper(url)
        with (home / SERVER_LOG).open("wb") as log:
            server = subprocess.Popen(
                [*COMMAND, "server"],
                env={**os.environ, "KEFU_HOME": str(home), "KEFU_REDIS_URL": url},
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=log,
            )
            assert server.stdout is not None
            port = int(server.stdout.readline())
            _chat(f"http://127.0.0.1:{port}", found)
            _work(works, found)
            server.terminate()
            found.places["server's stdout"], _ = server.communicate(timeout=30)
        found.places["published"] = ear.stop()
        for number in range(CUSTOMERS):
            path = folder / f"export-{number}.json"
            told = call_kefu(
                *("privacy", "export", "--customer", f"canary-customer-{number}"),
                *("--output", path),
                home=home,
            )
            assert told.returncode == 0, told.stderr
            found.places[f"export {number}"] = (told.stdout + told.stderr).encode()
            found.exports += path.read_text("utf-8")
        found.places["database"] = _dump(home / "kefu.db")
    for path in home.rglob("*"):
        if path.is_file():
            found.places[str(path.relative_to(home))] = path.read_bytes()
    return found


def test_every_identifier_was_said_kept_and_handed_out(found: Searched) -> None:
    assert len({value for _, _, value in PLANTED}) == 200
    assert set(found.answers) == {200}
    assert [value for _, _, value in PLANTED if value not in found.exports] == []


def test_the_crashes_happened_and_were_told_without_words(found: Searched) -> None:
    assert set(found.broken) == {500}
    assert found.job == JobState.FAILED.value
    assert b"unexpected" in found.places[SERVER_LOG]
    assert b"job_failed" in found.places[WORKER_LOG]


def test_the_careless_lines_were_written(found: Searched) -> None:
    for line in (b"turn_kept", b"a.careless.library"):
        assert line in found.places[SERVER_LOG], line
    for line in (b"job_reads", b"could not handle what was read", b"sqlalchemy.engine"):
        assert line in found.places[WORKER_LOG], line


@pytest.mark.parametrize("kind", MAKERS)
def test_no_identifier_is_in_any_file_table_queue_log_or_metric(found: Searched, kind: str) -> None:
    leaks = [
        (place, kind, form)
        for one, _, value in PLANTED
        if one == kind
        for form in _forms(value)
        for place, content in found.places.items()
        if form in content
    ]
    assert leaks == []


def _forms(value: str) -> set[bytes]:
    """As it was written, escaped as JSON, URLs and Python do, and without what sets it apart."""
    compact = "".join(character for character in value if character.isalnum())
    written = (value, json.dumps(value)[1:-1], quote(value), ascii(value)[1:-1], compact)
    return {one.encode() for one in written} | {value.encode("gb18030"), value.encode("utf-16-le")}


def test_the_search_finds_what_is_there() -> None:
    for _, sentence, value in PLANTED:
        for content in (sentence.encode(), json.dumps(sentence).encode()):
            assert any(form in content for form in _forms(value))
