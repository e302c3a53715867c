from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatbot.errors import MemoryHomeUnusable
from chatbot.file_vault import FileVault, is_sealed, sealed_name
from chatbot.memory_home import MemoryHome
from privacy.errors import SealedFileBroken, SealedWithAnotherKey
from privacy.keyring_memory import MemoryKeyRing
from tests.memory_places import IN_MEMORY, memory_place

pytestmark = pytest.mark.skipif(not IN_MEMORY, reason="this machine has no tmpfs to write to")

FILES = {
    "manifest.json": b'{"files": 3}',
    "model.safetensors": b"weights of the shop",
    "labels.json": b'["refund"]',
    "lexical/words.bin": b"words of the shop",
}
ONE, TWO = "20260101T000000Z-00000001", "20260102T000000Z-00000002"


class Killed(BaseException):
    """No handler of the product's own catches it."""


@pytest.fixture
def place() -> Iterator[Path]:
    with memory_place() as place:
        yield place


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def ring() -> MemoryKeyRing:
    return MemoryKeyRing()


def _vault(home: Path, place: Path, ring: MemoryKeyRing, *, sealing: bool = True) -> FileVault:
    memory = MemoryHome(place, installation=home)
    return FileVault(home, keys=lambda: ring, memory=memory, sealing=sealing)


@pytest.fixture
def vault(home: Path, place: Path, ring: MemoryKeyRing) -> FileVault:
    return _vault(home, place, ring)


def _version(home: Path, name: str = ONE, files: dict[str, bytes] = FILES) -> Path:
    folder = home / "intents" / "shop" / name
    _write(folder, files)
    return folder


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _files(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _opened(vault: FileVault, folder: Path) -> dict[str, bytes]:
    """What a loader asks for; beside it may lie what a killed process had begun."""
    with vault.opened(folder) as opened:
        return {name: content for name, content in _files(opened).items() if _is_asked_for(name)}


def _is_asked_for(name: str) -> bool:
    return not name.endswith((".sealed", ".draft"))


def test_a_sealed_version_opens_and_its_copy_is_gone_afterwards(
    vault: FileVault, home: Path, place: Path
) -> None:
    folder = _version(home)
    vault.seal_version(folder)
    with vault.opened(folder) as opened:
        assert opened.is_relative_to(place)
        assert _files(opened) == FILES
    assert [path for path in place.rglob("*") if path.is_file()] == [*place.rglob(".lock")]


def test_only_the_manifest_of_a_sealed_version_can_be_read(vault: FileVault, home: Path) -> None:
    folder = _version(home)
    vault.seal_version(folder)
    left = _files(folder)
    assert sorted(left) == sorted(["manifest.json", *(f"{name}.sealed" for name in FILES)])
    assert not [name for name, content in left.items() if b"of the shop" in content]


def test_a_plain_version_is_read_where_it_lies(vault: FileVault, home: Path, place: Path) -> None:
    folder = _version(home)
    with vault.opened(folder) as opened:
        assert opened == folder
    assert list(place.iterdir()) == []


def test_what_is_no_folder_is_left_to_the_reader(vault: FileVault, home: Path) -> None:
    with vault.opened(home / "nowhere") as opened:
        assert opened == home / "nowhere"


def test_opening_for_good_brings_back_every_byte(vault: FileVault, home: Path) -> None:
    folder = _version(home)
    vault.seal_version(folder)
    vault.open_version(folder)
    assert _files(folder) == FILES


def test_a_version_that_is_written_never_touches_the_disk_in_plain(
    vault: FileVault, home: Path, place: Path
) -> None:
    final = home / "intents" / "shop" / ONE
    draft = final.with_name(".run-1")
    with vault.written(draft, named=lambda _: final) as folder:
        assert folder.is_relative_to(place)
        _write(folder, FILES)
        assert not [path for path in home.rglob("*") if path.is_file()]
    draft.rename(final)
    assert is_sealed(final)
    assert not [content for content in _files(final).values() if b"of the shop" in content]
    assert _opened(vault, final) == FILES


def test_a_version_that_failed_while_it_was_written_is_not_there(
    vault: FileVault, home: Path
) -> None:
    draft = home / "intents" / "shop" / ".run-1"
    writing = vault.written(draft, named=lambda _: draft.with_name(ONE))
    with pytest.raises(FileNotFoundError), writing as folder:
        (folder / "never made" / "model.safetensors").write_bytes(b"")
    assert not draft.exists()


def test_with_sealing_off_a_version_is_written_in_place(
    home: Path, place: Path, ring: MemoryKeyRing
) -> None:
    vault, draft = _vault(home, place, ring, sealing=False), home / "draft"
    with vault.written(draft, named=lambda _: home / ONE) as folder:
        assert folder == draft


def test_sealed_versions_open_also_with_sealing_off(
    vault: FileVault, home: Path, place: Path, ring: MemoryKeyRing
) -> None:
    folder = _version(home)
    vault.seal_version(folder)
    assert _opened(_vault(home, place, ring, sealing=False), folder) == FILES


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (f"{TWO}/model.safetensors", f"{ONE}/model.safetensors"),
        (f"{ONE}/labels.json", f"{ONE}/model.safetensors"),
        (f"{TWO}/manifest.json", f"{ONE}/manifest.json"),
    ],
    ids=["of another version", "of the same version", "the manifest"],
)
def test_a_file_in_the_place_of_another_is_refused(
    vault: FileVault, home: Path, source: str, target: str
) -> None:
    for name in (ONE, TWO):
        vault.seal_version(_version(home, name))
    shop = home / "intents" / "shop"
    shutil.copyfile(sealed_name(shop / source), sealed_name(shop / target))
    with pytest.raises(SealedFileBroken, match="moved"), vault.opened(shop / ONE):
        pass


def test_a_version_under_the_name_of_another_is_refused(vault: FileVault, home: Path) -> None:
    folder = _version(home)
    vault.seal_version(folder)
    folder.rename(folder.with_name(TWO))
    with pytest.raises(SealedFileBroken), vault.opened(folder.with_name(TWO)):
        pass


def test_a_home_may_be_moved_as_a_whole(
    vault: FileVault, home: Path, place: Path, ring: MemoryKeyRing, tmp_path: Path
) -> None:
    folder = _version(home)
    vault.seal_version(folder)
    moved = home.rename(tmp_path / "moved")
    assert _opened(_vault(moved, place, ring), moved / folder.relative_to(home)) == FILES


def test_a_copy_outside_of_the_home_does_not_open(
    vault: FileVault, home: Path, tmp_path: Path
) -> None:
    folder = _version(home)
    vault.seal_version(folder)
    shutil.copytree(folder, tmp_path / "elsewhere")
    with pytest.raises(SealedFileBroken, match="outside"), vault.opened(tmp_path / "elsewhere"):
        pass


def test_another_key_ring_is_said_in_one_sentence(
    vault: FileVault, home: Path, place: Path
) -> None:
    folder = _version(home)
    vault.seal_version(folder)
    other = _vault(home, place, MemoryKeyRing())
    with pytest.raises(SealedWithAnotherKey, match="restore the key folder"), other.opened(folder):
        pass


def test_a_rotation_of_the_master_changes_nothing(
    vault: FileVault, home: Path, place: Path, ring: MemoryKeyRing
) -> None:
    folder = _version(home)
    vault.seal_version(folder)
    ring.rotate()
    assert _opened(_vault(home, place, ring), folder) == FILES


def test_without_a_place_in_memory_a_sealed_version_is_not_opened_at_all(
    vault: FileVault, home: Path, ring: MemoryKeyRing, tmp_path: Path
) -> None:
    folder = _version(home)
    vault.seal_version(folder)
    blocked = _vault(home, Path("/proc"), ring)
    with pytest.raises(MemoryHomeUnusable), blocked.opened(folder):
        pass


def test_what_a_loader_makes_of_a_version_is_kept_sealed_and_not_made_again(
    vault: FileVault, home: Path
) -> None:
    folder = _version(home)
    vault.seal_version(folder)
    with vault.opened(folder) as opened:
        _write(opened, {"onnx/graph.onnx": b"graph of the shop"})
    assert _opened(vault, folder)["onnx/graph.onnx"] == b"graph of the shop"
    assert (folder / "onnx" / "graph.onnx.sealed").is_file()
    assert not (folder / "onnx" / "graph.onnx").exists()


def test_a_version_deleted_while_it_was_in_use_is_no_error(vault: FileVault, home: Path) -> None:
    folder = _version(home)
    vault.seal_version(folder)
    with vault.opened(folder) as opened:
        shutil.rmtree(folder)
        _write(opened, {"onnx/graph.onnx": b"graph"})
    assert not folder.exists()


def test_a_plain_version_is_not_sealed_under_the_hands_of_its_reader(
    vault: FileVault, home: Path
) -> None:
    folder = _version(home)
    sealing = threading.Thread(target=vault.seal_version, args=(folder,))
    with vault.opened(folder) as opened:
        sealing.start()
        sealing.join(0.3)
        assert sealing.is_alive()
        assert _files(opened) == FILES
    sealing.join()
    assert is_sealed(folder)


@pytest.mark.parametrize("opening", [False, True], ids=["sealing", "opening"])
def test_killed_before_any_step_a_version_is_whole_and_the_same_call_ends_it(
    vault: FileVault, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, opening: bool
) -> None:
    folder = _version(home)
    if opening:
        vault.seal_version(folder)
    shutil.copytree(folder, tmp_path / "before")
    change = vault.open_version if opening else vault.seal_version
    wanted = FILES if opening else ["manifest.json", *(f"{name}.sealed" for name in FILES)]
    steps, whole_in = 0, set()
    while _dies(monkeypatch, lambda: change(folder), before_step=steps):
        whole_in.add(is_sealed(folder))
        assert _opened(vault, folder) == FILES, f"killed before step {steps}"
        change(folder)
        assert sorted(_files(folder)) == sorted(wanted), f"killed before step {steps}"
        assert _opened(vault, folder) == FILES
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "before", folder)
        steps += 1
    assert steps >= 2 * len(FILES) - 1
    assert whole_in == {True, False}


def _dies(monkeypatch: pytest.MonkeyPatch, change: object, *, before_step: int) -> bool:
    """Renames and deletions are the steps; whether the change came so far."""
    assert callable(change)
    done = 0

    def counted(step: object) -> object:
        def run(path: Path, *args: object, **options: object) -> object:
            nonlocal done
            if done == before_step:
                raise Killed
            done += 1
            assert callable(step)
            return step(path, *args, **options)

        return run

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", counted(Path.replace))
        patched.setattr(Path, "unlink", counted(Path.unlink))
        try:
            change()
        except Killed:
            return True
    return False


def test_a_single_file_is_read_and_written_sealed(vault: FileVault, home: Path) -> None:
    path = home / "collections" / "shop" / "documents.jsonl"
    path.parent.mkdir(parents=True)
    assert not vault.holds(path)
    vault.write(path, b"articles")
    assert vault.holds(path)
    assert not path.exists()
    assert vault.read(path) == b"articles"
    assert b"articles" not in sealed_name(path).read_bytes()


def test_a_plain_file_is_read_and_sealed_when_it_is_written_next(
    vault: FileVault, home: Path
) -> None:
    path = home / "documents.jsonl"
    home.mkdir()
    path.write_bytes(b"old articles")
    assert vault.read(path) == b"old articles"
    vault.write(path, b"new articles")
    assert (path.exists(), vault.read(path)) == (False, b"new articles")


def test_a_file_that_was_sealed_stays_so_with_sealing_off(
    vault: FileVault, home: Path, place: Path, ring: MemoryKeyRing
) -> None:
    path = home / "documents.jsonl"
    home.mkdir()
    vault.write(path, b"articles")
    plain = _vault(home, place, ring, sealing=False)
    plain.write(path, b"more articles")
    assert (path.exists(), vault.read(path)) == (False, b"more articles")
    plain.write(home / "new.jsonl", b"new")
    assert (home / "new.jsonl").read_bytes() == b"new"


def test_a_single_file_is_sealed_and_opened_again(vault: FileVault, home: Path) -> None:
    path = home / "documents.jsonl"
    home.mkdir()
    path.write_bytes(b"articles")
    vault.seal_single(path)
    assert (path.exists(), vault.read(path)) == (False, b"articles")
    vault.open_single(path)
    assert (path.read_bytes(), sealed_name(path).exists()) == (b"articles", False)


def test_a_file_that_is_nowhere_is_missing(vault: FileVault, home: Path) -> None:
    with pytest.raises(FileNotFoundError):
        vault.read(home / "documents.jsonl")
