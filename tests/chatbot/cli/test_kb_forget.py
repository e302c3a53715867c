"""`kefu kb forget`: what is erased, what is said of it, and what the ledger keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

import chatbot.bootstrap as bootstrap
from knowledge_base.collection import Collection
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.passages import Document
from knowledge_base.storage import only_writer
from tests.chatbot.cli.test_kb_life import done, kb
from tests.conftest import call_kefu

ENCODER = HashingEmbedder(32)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bootstrap, "load_embedder", lambda settings: ENCODER)
    shop = _shop(tmp_path)
    shop.merge([Document("one", "Who?", "谁养鹦鹉螺壳。"), Document("two", "What?", "That.")])
    shop.build(ENCODER)
    return tmp_path


def _shop(home: Path) -> Collection:
    return Collection(home / "collections" / "demo")


def _begin(home: Path) -> None:
    """As a process that was killed then."""
    shop = _shop(home)
    with only_writer(shop.root):
        shop.note.begin(["one"], {"one"})


def _holds(home: Path) -> bool:
    files = (path for path in _shop(home).root.rglob("*") if path.is_file())
    return any("鹦鹉螺壳".encode() in path.read_bytes() for path in files)


def test_it_says_in_english_what_went(home: Path) -> None:
    said = done(home, "forget", "one", "nobody")
    assert "1 forgotten for good. Gone with it: changes in the history 1, older versions" in said
    assert _shop(home).current_version() in said
    assert "No article and no change in the history is called nobody." in said
    assert not _holds(home)


def test_it_says_in_chinese_what_went(home: Path) -> None:
    said = done(home, "forget", "one", "--language", "zh")
    assert "已彻底清除 1 篇文章，一并删除：历史改动 1 条、旧索引版本 1 个" in said


def test_the_ledger_has_who_erased_how_many_and_why(home: Path) -> None:
    done(home, "forget", "one", "--purpose", "the author withdrew it")
    said = " ".join(call_kefu("ledger", "list", home=home, COLUMNS="300").stdout.split())
    assert "forget_articles" in said
    assert "collection:demo articles=1 changes=1 versions=1 copies=0" in said
    assert said.count("the author withdrew it") == 2
    assert call_kefu("ledger", "verify", home=home).returncode == 0


def test_an_unfinished_erasure_is_told_in_both_languages_and_finished_without_ids(
    home: Path,
) -> None:
    _begin(home)
    told = kb(home, "list")
    assert "An erasure in demo is not finished" in told.stderr
    assert "“demo”中的清除尚未完成" in told.stderr
    assert "not finished" in kb(home, "build").stderr
    assert _holds(home)
    assert "1 forgotten" in done(home, "forget")
    assert not _holds(home)
    assert kb(home, "list").stderr == ""


def test_without_ids_and_nothing_unfinished_there_is_nothing_to_do(home: Path) -> None:
    result = kb(home, "forget")
    assert result.returncode == 1
    assert "Name the documents to erase" in result.stderr


def test_a_rollback_says_that_erased_articles_stay_away(home: Path) -> None:
    done(home, "forget", "one")
    assert "erased for good since" in done(home, "rollback", "1")
    assert "已被彻底清除" in done(home, "rollback", "1", "--language", "zh")
    assert kb(home, "restore", "one").returncode == 1
    assert not _holds(home)


def test_a_purpose_too_short_for_the_ledger_erases_nothing(home: Path) -> None:
    assert kb(home, "forget", "one", "--purpose", "x").returncode == 1
    assert _holds(home)
    assert not _shop(home).note.is_there


def test_where_all_articles_go_no_index_is_left(home: Path) -> None:
    assert "No index is left" in done(home, "forget", "one", "two")
