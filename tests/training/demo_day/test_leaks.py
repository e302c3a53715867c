from __future__ import annotations

import base64
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from training.demo_day import leaks
from training.demo_day.leaks import Detector, Leak, scan_broker, scan_files, scan_tables, together

PHONE = "13800002222"
DETECTOR = Detector([{"kind": "phone", "value": PHONE}])


def test_a_value_in_a_file_is_found_with_its_place_and_never_quoted(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "server.log").write_text(f"call {PHONE}", "utf-8")
    (tmp_path / "clean.log").write_text("nothing", "utf-8")
    scan = scan_files(DETECTOR, [tmp_path], without=[])
    assert (scan.files, scan.leaks) == (2, (Leak("server.log", "phone"),))
    assert PHONE not in repr(scan)


def test_a_value_across_two_blocks_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaks, "_BLOCK", 16)
    path = tmp_path / "big.bin"
    path.write_bytes(b"x" * 10 + PHONE.encode() + b"y" * 40)
    assert DETECTOR.kinds_in_file(path) == {"phone"}


def test_the_list_of_canaries_itself_is_spared(tmp_path: Path) -> None:
    path = tmp_path / "simulation.json"
    path.write_text(PHONE, "utf-8")
    assert scan_files(DETECTOR, [tmp_path], without=[path]).leaks == ()


def test_a_value_in_a_column_of_any_kind_is_found(tmp_path: Path) -> None:
    path = tmp_path / "kefu.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes (id INTEGER, text TEXT, raw BLOB)")
        connection.execute("INSERT INTO notes VALUES (1, 'fine', ?)", (PHONE.encode(),))
        connection.execute("CREATE TABLE clean (id INTEGER)")
        connection.commit()
    scan = scan_tables(DETECTOR, path)
    assert (scan.tables, scan.leaks) == (2, (Leak("table notes", "phone"),))


class Broker:
    """Redis as far as a scan asks it."""

    def __init__(self, keys: dict[bytes, tuple[bytes, object]]) -> None:
        self._keys = keys

    def scan_iter(self, count: int) -> list[bytes]:
        return list(self._keys)

    def type(self, key: bytes) -> bytes:
        return self._keys[key][0]

    def get(self, key: bytes) -> object:
        return self._keys[key][1]

    def lrange(self, key: bytes, start: int, end: int) -> object:
        return self._keys[key][1]

    def hgetall(self, key: bytes) -> object:
        return self._keys[key][1]

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    "held",
    [
        (b"string", PHONE.encode()),
        (b"hash", {b"note": PHONE.encode()}),
        (b"list", [json.dumps({"body": base64.b64encode(PHONE.encode()).decode()}).encode()]),
    ],
)
def test_a_value_in_the_broker_is_found_also_inside_a_queued_message(
    held: tuple[bytes, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = Broker({b"key": held, b"clean": (b"string", b"nothing")})
    monkeypatch.setattr(leaks.redis.Redis, "from_url", lambda url: broker)
    scan = scan_broker(DETECTOR, "redis://nowhere")
    assert (scan.keys, scan.leaks) == (2, (Leak("broker", "phone"),))


def test_scans_add_up() -> None:
    one = leaks.Scan(1, 2, 3, (Leak("a", "phone"),))
    two = leaks.Scan(10, 20, 30, (Leak("b", "card"),))
    assert together([one, two]) == leaks.Scan(11, 22, 33, (Leak("a", "phone"), Leak("b", "card")))
