"""The settings that say who keeps the master key."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from chatbot.key_home import keepers_of, open_key_ring
from chatbot.privacy_home import open_privacy_desk
from chatbot.settings import Settings, load_settings
from privacy.errors import MasterKeyUnavailable
from tests.privacy.key_keepers import PROGRAM, new_key


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def test_with_nothing_set_the_folder_keeps_its_master_keys_itself() -> None:
    settings = load_settings()
    assert keepers_of(settings) == ()
    assert open_key_ring(settings).status().kept_by is None


def test_the_master_key_is_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    key = new_key()
    monkeypatch.setenv("KEFU_MASTER_KEY", key)
    settings = load_settings()
    assert key not in repr(settings) + str(settings) + settings.model_dump_json()


def test_the_variable_keeps_the_key_and_a_rotation_takes_the_newest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    former, newest = new_key(), new_key()
    monkeypatch.setenv("KEFU_MASTER_KEY", former)
    key = open_key_ring(load_settings()).data_key("c")
    monkeypatch.setenv("KEFU_MASTER_KEY", f"{former},{newest}")
    open_key_ring(load_settings()).rotate()
    monkeypatch.setenv("KEFU_MASTER_KEY", newest)
    assert open_key_ring(load_settings()).find("c") == key
    monkeypatch.setenv("KEFU_MASTER_KEY", former)
    with pytest.raises(MasterKeyUnavailable, match="check value"):
        open_key_ring(load_settings())


def test_a_variable_that_is_gone_stops_the_start_with_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KEFU_MASTER_KEY", new_key())
    open_key_ring(load_settings())
    monkeypatch.delenv("KEFU_MASTER_KEY")
    with pytest.raises(MasterKeyUnavailable, match=r"^KEFU_MASTER_KEY .*not set"):
        open_privacy_desk(load_settings())


def test_an_empty_variable_is_no_reason_to_let_the_keys_lie_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KEFU_MASTER_KEY", "")
    settings = load_settings()
    with pytest.raises(MasterKeyUnavailable, match="empty"):
        open_key_ring(settings)
    assert not settings.keys_home.exists()


def test_a_program_can_take_over_from_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEFU_MASTER_KEY", new_key())
    key = open_key_ring(load_settings()).data_key("c")
    (tmp_path / "company-keys").write_text("00ff" * 16)
    command = [sys.executable, "-I", "-S", str(PROGRAM), str(tmp_path / "company-keys")]
    monkeypatch.setenv("KEFU_MASTER_KEY_COMMAND", json.dumps(command))
    assert _kept_by(load_settings()).startswith("KEFU_MASTER_KEY (")
    open_key_ring(load_settings()).rotate()
    monkeypatch.delenv("KEFU_MASTER_KEY")
    assert _kept_by(load_settings()) == "KEFU_MASTER_KEY_COMMAND (company/0)"
    assert open_key_ring(load_settings()).find("c") == key


def _kept_by(settings: Settings) -> str:
    return open_key_ring(settings).status().kept_by or ""
