"""`kefu users` as an operator types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from chatbot.adapters.database import connect
from chatbot.adapters.store_users import SqlUsers
from chatbot.cli import build_app
from chatbot.errors import AccountInvalid, NotFound

PASSWORD = "correct horse battery\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path))
    monkeypatch.delenv("KEFU_DATABASE_URL", raising=False)
    return tmp_path


def run(*arguments: str, given: str = PASSWORD) -> str:
    app = build_app()
    result = CliRunner().invoke(app, ["users", *arguments], input=given, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_an_account_is_added_listed_disabled_and_enabled(home: Path) -> None:
    run("add", "anna@example.com", "--role", "agent", "--name", "Anna", "--language", "zh")
    run("add", "root@example.com", "--role", "admin")
    listed = run("list")
    assert "anna@example.com" in listed
    assert "correct horse" not in listed
    run("disable", "Anna@example.com")
    assert "disabled" in run("list")
    run("enable", "anna@example.com")
    assert "disabled" not in run("list")


def test_a_new_password_replaces_the_old_one(home: Path) -> None:
    run("add", "anna@example.com", "--role", "admin")
    engine = connect(f"sqlite:///{home / 'kefu.db'}")
    before = SqlUsers(engine).find_email("anna@example.com")
    run("password", "anna@example.com", given="another horse battery\n")
    after = SqlUsers(engine).find_email("anna@example.com")
    engine.dispose()
    assert before is not None
    assert after is not None
    assert before[1] != after[1]


def test_what_cannot_be_is_said_in_one_sentence(home: Path) -> None:
    with pytest.raises(AccountInvalid, match="12 to 256"):
        run("add", "anna@example.com", "--role", "agent", given="short\n")
    with pytest.raises(NotFound, match="account"):
        run("disable", "nobody@example.com")
