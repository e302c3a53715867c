"""`kefu api-keys` as an operator types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from chatbot.adapters.database import connect
from chatbot.adapters.store_api_keys import SqlApiKeys
from chatbot.api_keys import recognise
from chatbot.cli import build_app
from chatbot.errors import ApiKeyInvalid, NotFound


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path))
    monkeypatch.delenv("KEFU_DATABASE_URL", raising=False)
    return tmp_path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(build_app(), ["api-keys", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_key_that_is_shown_is_the_key_that_opens(home: Path) -> None:
    secret = run("add", "app", "--collection", "mine").strip()
    engine = connect(f"sqlite:///{home / 'kefu.db'}")
    caller = recognise(SqlApiKeys(engine), secret)
    engine.dispose()
    assert caller is not None
    assert (caller.key.name, caller.key.collection) == ("app", "mine")


def test_a_key_is_listed_without_its_secret_and_then_as_revoked() -> None:
    secret = run("add", "app").strip()
    listed = run("list")
    assert "app" in listed
    assert "active" in listed
    assert secret not in listed
    run("revoke", "app")
    assert "revoked" in run("list")


def test_what_cannot_be_is_said_in_one_sentence() -> None:
    with pytest.raises(ApiKeyInvalid, match="small letters"):
        run("add", "My App")
    with pytest.raises(NotFound, match="api-keys list"):
        run("revoke", "nobody")
