"""Every keeper of a master key keeps the same promises."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from privacy.errors import KeyRingInvalid, MasterKeyUnavailable
from privacy.keyring_file import FileKeyRing
from privacy.master_memory import MemoryMasterKey
from privacy.master_source import WrappedSecret
from tests.privacy.key_keepers import KEEPERS, Keeper

SECRET = bytes(range(32))


@pytest.fixture(params=KEEPERS)
def keeper(request: pytest.FixtureRequest, tmp_path: Path) -> Keeper:
    return KEEPERS[request.param](tmp_path)


def test_what_it_wrapped_it_unwraps(keeper: Keeper) -> None:
    secret = secrets.token_bytes(32)
    assert keeper.source.unwrap(keeper.source.wrap(secret)) == secret


def test_the_wrapped_secret_shows_nothing_of_the_secret(keeper: Keeper) -> None:
    wrapped = keeper.source.wrap(SECRET)
    assert SECRET not in wrapped.data
    assert wrapped.data != keeper.source.wrap(SECRET).data
    assert str(wrapped.data) not in repr(wrapped)


def test_a_newer_key_wraps_and_the_former_still_unwraps(keeper: Keeper) -> None:
    before = keeper.source.wrap(SECRET)
    renewed = keeper.renewed()
    after = renewed.wrap(SECRET)
    assert after.key_id != before.key_id
    assert renewed.unwrap(before) == renewed.unwrap(after) == SECRET


def test_an_altered_secret_is_refused(keeper: Keeper) -> None:
    wrapped = keeper.source.wrap(SECRET)
    altered = bytes([*wrapped.data[:-1], wrapped.data[-1] ^ 1])
    with pytest.raises(MasterKeyUnavailable):
        keeper.source.unwrap(WrappedSecret(wrapped.key_id, altered))


def test_a_folder_opens_with_its_keeper_only(keeper: Keeper, tmp_path: Path) -> None:
    key = FileKeyRing(tmp_path / "keys", keepers=[keeper.source]).data_key("c")
    assert FileKeyRing(tmp_path / "keys", keepers=[keeper.source]).find("c") == key
    with pytest.raises(MasterKeyUnavailable):
        FileKeyRing(tmp_path / "keys", keepers=[keeper.stranger])


def test_without_the_keeper_the_sentence_names_it_and_the_remedy(
    keeper: Keeper, tmp_path: Path
) -> None:
    FileKeyRing(tmp_path / "keys", keepers=[keeper.source])
    with pytest.raises(MasterKeyUnavailable) as caught:
        FileKeyRing(tmp_path / "keys")
    assert str(caught.value) == (
        f"{keeper.source.name} does not give the master key: it is not set, and without it no "
        "customer's data can be read. Set it to what it was when the keys were made."
    )


def test_no_file_holds_a_master_or_a_data_key(keeper: Keeper, tmp_path: Path) -> None:
    ring = FileKeyRing(tmp_path / "keys", keepers=[keeper.source])
    key = ring.data_key("c")
    ring.rotate()
    (masters,) = (tmp_path / "keys").glob("masters.json")
    assert b'"secret"' not in masters.read_bytes()
    assert b'"root"' not in masters.read_bytes()
    for path in (tmp_path / "keys").rglob("*"):
        assert path.is_dir() or key.secret not in path.read_bytes()


def test_a_rotation_moves_the_folder_to_the_newest_key(keeper: Keeper, tmp_path: Path) -> None:
    ring = FileKeyRing(tmp_path / "keys", keepers=[keeper.source])
    key, ledger, before = ring.data_key("c"), ring.secret_for("ledger"), ring.status().kept_by
    moved = FileKeyRing(tmp_path / "keys", keepers=[keeper.renewed()])
    assert moved.status().kept_by == before
    moved.rotate()
    after = moved.status().kept_by
    assert after is not None
    assert after.startswith(keeper.source.name)
    assert after != before
    assert moved.find("c") == key
    assert moved.secret_for("ledger") == ledger


def test_masters_that_lay_open_are_wrapped_as_soon_as_a_keeper_is_named(
    keeper: Keeper, tmp_path: Path
) -> None:
    key = FileKeyRing(tmp_path / "keys").data_key("c")
    path = tmp_path / "keys" / "masters.json"
    with path.open("rb") as former:
        ring = FileKeyRing(tmp_path / "keys", keepers=[keeper.source])
        assert set(former.read()) == {0}
    assert b'"secret"' not in path.read_bytes()
    assert ring.find("c") == key


def test_another_keeper_takes_over_while_both_are_there(keeper: Keeper, tmp_path: Path) -> None:
    key = FileKeyRing(tmp_path / "keys", keepers=[keeper.source]).data_key("c")
    other = MemoryMasterKey(name="Another service")
    FileKeyRing(tmp_path / "keys", keepers=[keeper.source, other]).rotate()
    assert FileKeyRing(tmp_path / "keys", keepers=[other]).find("c") == key
    with pytest.raises(MasterKeyUnavailable, match="Another service"):
        FileKeyRing(tmp_path / "keys", keepers=[keeper.source])


def test_a_sealed_master_file_that_was_altered_is_reported_as_damaged(
    keeper: Keeper, tmp_path: Path
) -> None:
    FileKeyRing(tmp_path / "keys", keepers=[keeper.source])
    path = tmp_path / "keys" / "masters.json"
    text = path.read_text()
    start = text.index('"sealed": "') + len('"sealed": "')
    path.write_text(text[:start] + ("B" if text[start] == "A" else "A") + text[start + 1 :])
    with pytest.raises(KeyRingInvalid, match="damaged"):
        FileKeyRing(tmp_path / "keys", keepers=[keeper.source])
