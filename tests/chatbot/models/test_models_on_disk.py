"""`verify` and `installed`: what is there, and whether it is right."""

from __future__ import annotations

import pytest

from chatbot.models.errors import ModelMissing, ModelUnknown
from chatbot.models.installed import State, installed, require
from chatbot.models.verify import FileState, verify
from tests.chatbot.models.tiny_weights import lock_of, tiny_model

CONTENTS = {"model.bin": b"weights", "sub/config.json": b"{}"}
LOCK = lock_of(tiny_model(CONTENTS))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "models" / "tiny"
    for name, content in CONTENTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_untouched_files_are_ok(tmp_path, folder):
    assert [str(each) for each in verify(["tiny"], home=tmp_path, lock=LOCK)] == [
        "tiny/model.bin: ok",
        "tiny/sub/config.json: ok",
    ]


def test_a_changed_file_is_named_with_both_hashes(tmp_path, folder):
    (folder / "model.bin").write_bytes(b"weighty")
    changed, fine = verify([], home=tmp_path, lock=LOCK)
    assert (changed.state, fine.state) == (FileState.CHANGED, FileState.OK)
    assert str(changed) == (
        f"tiny/model.bin: changed, its SHA-256 begins {changed.actual[:12]}, "
        f"expected {changed.expected[:12]}"
    )
    assert changed.actual != changed.expected


def test_a_missing_file_is_named(tmp_path, folder):
    (folder / "model.bin").unlink()
    missing, _ = verify([], home=tmp_path, lock=LOCK)
    assert missing.state is FileState.MISSING
    assert str(missing).startswith("tiny/model.bin: missing")


def test_an_unknown_model_cannot_be_verified(tmp_path):
    with pytest.raises(ModelUnknown):
        verify(["big"], home=tmp_path, lock=LOCK)


def test_the_list_has_role_licence_size_and_state(tmp_path, folder):
    (tiny,) = installed(home=tmp_path, lock=LOCK)
    assert (tiny.name, tiny.role, tiny.licence, tiny.size_bytes) == ("tiny", "a test", "MIT", 9)
    assert tiny.state is State.READY


def test_a_truncated_file_makes_a_model_incomplete(tmp_path, folder):
    (folder / "model.bin").write_bytes(b"weigh")
    assert installed(home=tmp_path, lock=LOCK)[0].state is State.INCOMPLETE


def test_a_model_that_was_never_pulled_is_absent(tmp_path):
    assert installed(home=tmp_path, lock=LOCK)[0].state is State.ABSENT


def test_an_installed_model_has_a_folder(tmp_path, folder):
    assert require("tiny", home=tmp_path, lock=LOCK) == folder


def test_a_model_that_is_not_there_comes_with_the_command_that_gets_it(tmp_path):
    with pytest.raises(ModelMissing, match="run `kefu models pull tiny`"):
        require("tiny", home=tmp_path, lock=LOCK)
