from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from privacy.envelope import Context, seal, unseal
from privacy.errors import KeyDestroyed, KeyRingInvalid, KeyUnknown, SealBroken
from privacy.key_files import write_private
from privacy.keyring import utc_now
from privacy.keyring_file import FileKeyRing

CONTEXT = Context("turns", "1", "original")


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_only_the_owner_can_look_into_the_folder(tmp_path: Path) -> None:
    FileKeyRing(tmp_path / "keys").data_key("c")
    for path in (tmp_path / "keys").rglob("*"):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_a_folder_open_to_others_is_refused_with_the_remedy(tmp_path: Path) -> None:
    FileKeyRing(tmp_path / "keys")
    (tmp_path / "keys").chmod(0o750)
    with pytest.raises(KeyRingInvalid, match=r"0750.*chmod 700"):
        FileKeyRing(tmp_path / "keys")


def test_a_key_file_open_to_others_is_refused(tmp_path: Path) -> None:
    ring = FileKeyRing(tmp_path / "keys")
    ring.data_key("c")
    (record,) = (tmp_path / "keys").glob("customers/*/*")
    record.chmod(0o644)
    with pytest.raises(KeyRingInvalid, match="0644"):
        ring.find("c")


def test_no_name_and_no_content_reveals_the_customer(tmp_path: Path) -> None:
    ring = FileKeyRing(tmp_path / "keys")
    key = ring.data_key("zhangsan")
    other = FileKeyRing(tmp_path / "other")
    other.data_key("zhangsan")
    for path in _files(tmp_path / "keys"):
        assert "zhangsan" not in str(path)
        assert b"zhangsan" not in path.read_bytes()
        assert key.secret not in path.read_bytes()
    names = [
        {path.name for path in (tmp_path / ring_name).glob("customers/*/*")}
        for ring_name in ("keys", "other")
    ]
    assert names[0].isdisjoint(names[1])


def test_processes_that_race_for_the_first_use_get_the_same_key(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from privacy.keyring_file import FileKeyRing\n"
        "print(FileKeyRing(Path(sys.argv[1])).data_key('c').secret.hex())"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "keys")]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
    secrets = {process.communicate()[0] for process in processes}
    assert all(process.returncode == 0 for process in processes)
    assert len(secrets) == 1


def test_a_new_process_finds_the_keys_and_the_erasures(tmp_path: Path) -> None:
    ring = FileKeyRing(tmp_path / "keys")
    key = ring.data_key("a")
    ring.data_key("b")
    ring.destroy("b")
    again = FileKeyRing(tmp_path / "keys")
    assert again.find("a") == key
    with pytest.raises(KeyDestroyed):
        again.find("b")


def test_destroying_blanks_the_file_that_held_the_key(tmp_path: Path) -> None:
    ring = FileKeyRing(tmp_path / "keys")
    ring.data_key("c")
    (record,) = (tmp_path / "keys").glob("customers/*/*")
    with record.open("rb") as former:
        ring.destroy("c")
        assert set(former.read()) == {0}
    assert json.loads(record.read_bytes())["key"] is None


def test_retiring_blanks_the_file_that_held_the_key(tmp_path: Path) -> None:
    ring = FileKeyRing(tmp_path / "keys")
    key = ring.data_key("c")
    ring.renew("c", older_than=utc_now())
    (record,) = (tmp_path / "keys").glob("customers/*/*")
    with record.open("rb") as former:
        ring.retire("c", {key.id})
        assert set(former.read()) == {0}
    assert "former" not in json.loads(record.read_bytes())


def test_a_record_that_an_earlier_version_wrote_is_read(tmp_path: Path) -> None:
    ring = FileKeyRing(tmp_path / "keys")
    key = ring.data_key("c")
    (record,) = (tmp_path / "keys").glob("customers/*/*")
    assert set(json.loads(record.read_bytes())) == {"format", "key", "destroyed"}
    assert FileKeyRing(tmp_path / "keys").find("c") == key


@pytest.mark.parametrize("writes", range(6))
def test_a_rotation_killed_at_any_write_loses_nothing_and_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    ring = FileKeyRing(tmp_path / "keys")
    keys = {name: ring.data_key(name) for name in ("a", "b", "c", "d")}
    left = iter(range(writes))

    def replace_until_killed(path: Path, target: Path) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        shutil.move(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace_until_killed)
        with pytest.raises(KeyboardInterrupt):
            ring.rotate()
    again = FileKeyRing(tmp_path / "keys")
    assert {name: again.find(name) for name in keys} == keys
    again.destroy("a")
    again.rotate()
    assert len(again.status().masters) == 1
    assert {name: again.find(name) for name in "bcd"} == {name: keys[name] for name in "bcd"}
    assert not list((tmp_path / "keys").rglob("*.new"))


def test_customers_go_on_while_the_master_rotates(tmp_path: Path) -> None:
    ring = FileKeyRing(tmp_path / "keys")
    keys = {str(number): ring.data_key(str(number)) for number in range(20)}
    errors: list[str] = []
    stop = threading.Event()

    def read() -> None:
        mine = FileKeyRing(tmp_path / "keys")
        while not stop.is_set():
            errors.extend(name for name, key in keys.items() if mine.find(name) != key)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(3):
        ring.rotate()
    stop.set()
    reader.join()
    assert not errors


def test_two_rotations_at_once_leave_every_key_usable(tmp_path: Path) -> None:
    ring = FileKeyRing(tmp_path / "keys")
    keys = {str(number): ring.data_key(str(number)) for number in range(10)}
    threads = [threading.Thread(target=FileKeyRing(tmp_path / "keys").rotate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: ring.find(name) for name in keys} == keys
    assert len(ring.status().masters) == 1


def test_a_copied_key_of_somebody_else_does_not_open(tmp_path: Path) -> None:
    ring = FileKeyRing(tmp_path / "keys")
    ring.data_key("a")
    (first,) = (tmp_path / "keys").glob("customers/*/*")
    content = first.read_bytes()
    ring.data_key("b")
    for path in (tmp_path / "keys").glob("customers/*/*"):
        path.write_bytes(content)
    with pytest.raises(SealBroken):
        ring.find("b")


def test_another_ring_cannot_open_what_this_one_sealed(tmp_path: Path) -> None:
    sealed = seal("x", FileKeyRing(tmp_path / "keys").data_key("c"), context=CONTEXT)
    other = FileKeyRing(tmp_path / "other")
    with pytest.raises(KeyUnknown):
        unseal(sealed, other, customer="c", context=CONTEXT)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format": 1, "masters": []}', b"\xff"])
def test_a_damaged_file_is_reported_with_its_path(tmp_path: Path, content: bytes) -> None:
    ring = FileKeyRing(tmp_path / "keys")
    (tmp_path / "keys" / "masters.json").write_bytes(content)
    with pytest.raises(KeyRingInvalid, match=r"masters\.json.*damaged"):
        ring.data_key("c")


def test_lost_masters_are_never_replaced_by_new_ones_while_customers_have_keys(
    tmp_path: Path,
) -> None:
    FileKeyRing(tmp_path / "keys").data_key("c")
    (tmp_path / "keys" / "masters.json").unlink()
    with pytest.raises(KeyRingInvalid, match="missing although"):
        FileKeyRing(tmp_path / "keys")


def test_masters_lost_under_a_running_ring_are_said_in_one_sentence_with_the_remedy(
    tmp_path: Path,
) -> None:
    ring = FileKeyRing(tmp_path / "keys")
    sealed = seal("13800138000", ring.data_key("zhangsan"), context=CONTEXT)
    (tmp_path / "keys" / "masters.json").unlink()
    with pytest.raises(KeyRingInvalid) as caught:
        unseal(sealed, ring, customer="zhangsan", context=CONTEXT)
    path = tmp_path / "keys" / "masters.json"
    assert str(caught.value) == (
        f"The key ring at {path} cannot be used: it is missing. "
        "Restore it from the backup of the keys."
    )


def test_a_file_left_behind_open_to_others_does_not_open_the_next_secret(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    (tmp_path / "secret.new").write_bytes(b"left behind")
    (tmp_path / "secret.new").chmod(0o644)
    write_private(path, b"x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == b"x"
