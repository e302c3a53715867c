from __future__ import annotations

import json
from pathlib import Path

import pytest

from privacy.errors import KeyRingInvalid, MasterKeyUnavailable
from privacy.keyring_file import FileKeyRing
from privacy.master_file import MasterFile
from privacy.master_memory import MemoryMasterKey
from privacy.master_source import WrappedSecret


class Restored(MemoryMasterKey):
    """A key service that came back from a backup with something else under the same key."""

    def unwrap(self, wrapped: WrappedSecret) -> bytes:
        return bytes(reversed(super().unwrap(wrapped)))


def _folder(tmp_path: Path, keeper: MemoryMasterKey) -> Path:
    FileKeyRing(tmp_path / "keys", keepers=[keeper]).data_key("c")
    return tmp_path / "keys"


def test_a_service_that_answers_with_another_key_is_told_by_the_check_value(
    tmp_path: Path,
) -> None:
    keeper = MemoryMasterKey()
    folder = _folder(tmp_path, keeper)
    check = json.loads((folder / "masters.json").read_bytes())["check"]
    keeper.__class__ = Restored
    with pytest.raises(MasterKeyUnavailable, match=rf"another key than .* {check}"):
        FileKeyRing(folder, keepers=[keeper])


@pytest.mark.parametrize("field", ["key", "wrapped", "check", "nonce", "sealed"])
def test_a_file_with_a_part_missing_is_reported_as_damaged(tmp_path: Path, field: str) -> None:
    keeper = MemoryMasterKey()
    path = _folder(tmp_path, keeper) / "masters.json"
    fields = json.loads(path.read_bytes())
    path.write_text(json.dumps({name: fields[name] for name in fields if name != field}))
    with pytest.raises(KeyRingInvalid, match="damaged"):
        FileKeyRing(path.parent, keepers=[keeper])


def test_lost_masters_are_no_reason_to_ask_the_keeper_for_new_ones(tmp_path: Path) -> None:
    keeper = MemoryMasterKey()
    path = _folder(tmp_path, keeper) / "masters.json"
    path.unlink()
    with pytest.raises(KeyRingInvalid, match="missing although"):
        FileKeyRing(path.parent, keepers=[keeper])


def test_who_keeps_the_masters_is_told_without_asking_the_keeper(tmp_path: Path) -> None:
    keeper = MemoryMasterKey(name="The vault")
    path = _folder(tmp_path, keeper) / "masters.json"
    kept_by = MasterFile(path, []).kept_by()
    assert kept_by is not None
    assert kept_by.startswith("The vault (")
    assert MasterFile(tmp_path / "absent", []).kept_by() is None
