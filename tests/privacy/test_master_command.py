from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from privacy.errors import MasterKeyUnavailable
from privacy.keyring_file import FileKeyRing
from privacy.master_command import CommandMasterKey
from tests.privacy.key_keepers import key_command


def _says(program: str, *, limit_seconds: float = 20.0) -> CommandMasterKey:
    command = (sys.executable, "-I", "-S", "-c", program)
    return CommandMasterKey(command, name="The command", limit_seconds=limit_seconds)


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("raise SystemExit(7)", "the program ended with the status 7"),
        ("print('sorry')", "its answer is no JSON object"),
        ("print('[1]')", "its answer is no JSON object"),
        ("""print('{"wrapped": "AAAA"}')""", "its answer names no key_id"),
        ("""print('{"key_id": "1"}')""", "its answer has no base64 under 'wrapped'"),
        ("""print('{"key_id": "1", "wrapped": "?"}')""", "no base64 under 'wrapped'"),
    ],
)
def test_an_answer_that_helps_nobody_is_said_in_one_sentence(program: str, reason: str) -> None:
    with pytest.raises(MasterKeyUnavailable, match=reason):
        _says(program).wrap(bytes(32))


def test_a_program_that_is_not_there_is_said() -> None:
    absent = CommandMasterKey(("/nowhere/kms",), name="The command")
    with pytest.raises(MasterKeyUnavailable, match="cannot be started"):
        absent.wrap(bytes(32))


def test_a_program_that_hangs_is_given_up_on() -> None:
    begun = time.monotonic()
    with pytest.raises(MasterKeyUnavailable, match=r"within 0\.3 seconds"):
        _says("import time; time.sleep(60)", limit_seconds=0.3).wrap(bytes(32))
    assert time.monotonic() - begun < 30


def test_a_service_that_unwraps_to_something_else_changes_no_file(tmp_path: Path) -> None:
    ring = FileKeyRing(tmp_path / "keys")
    ring.data_key("c")
    before = (tmp_path / "keys" / "masters.json").read_bytes()
    liar = _says(
        "import json, sys; wrap = json.load(sys.stdin)['operation'] == 'wrap'; "
        "print(json.dumps({'key_id': '1', 'wrapped': 'AAAA'} if wrap else {'secret': 'AAAA'}))"
    )
    with pytest.raises(MasterKeyUnavailable, match="does not unwrap"):
        FileKeyRing(tmp_path / "keys", keepers=[liar])
    assert (tmp_path / "keys" / "masters.json").read_bytes() == before


def test_the_service_is_asked_once_and_not_for_every_customer(tmp_path: Path) -> None:
    ring = FileKeyRing(tmp_path / "keys", keepers=[key_command(tmp_path / "company-keys")])
    (tmp_path / "company-keys").unlink()
    keys = {customer: ring.data_key(customer) for customer in ("a", "b", "c")}
    assert {customer: ring.find(customer) for customer in keys} == keys
