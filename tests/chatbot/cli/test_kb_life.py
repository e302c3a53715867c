"""`kefu kb`: articles are imported, held back, published, deleted, restored and rolled back."""

from __future__ import annotations

from pathlib import Path
from subprocess import CompletedProcess

import pytest

from knowledge_base.collection import Collection
from tests.conftest import call_kefu

ROWS = (
    "clean,How long is delivery?,Three days.",
    "data,Whom do I ask?,身份证号11010519491231002X，手机13900139000",
    "多久,多久能退货？,七天内可以退货。",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    _write(tmp_path, *ROWS)
    return tmp_path


def _write(home: Path, *rows: str) -> Path:
    path = home / "k.csv"
    path.write_text("\n".join(["id,question,answer", *rows, ""]), "utf-8")
    return path


def kb(home: Path, *arguments: str | Path) -> CompletedProcess[str]:
    return call_kefu("kb", *arguments, home=home)


def done(home: Path, *arguments: str | Path) -> str:
    result = kb(home, *arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


def collection(home: Path) -> Collection:
    return Collection(home / "collections" / "demo")


def serving(home: Path) -> list[str]:
    return [document.id for document in collection(home).serving()]


def test_an_import_publishes_and_says_where_personal_data_is_but_not_what(home: Path) -> None:
    result = kb(home, "import", home / "k.csv")
    assert result.returncode == 0
    assert serving(home) == ["clean", "data", "多久"]
    assert "CN_RESIDENT_ID 1, PHONE_NUMBER 1" in result.stderr
    assert "kefu kb withdraw ID" in result.stderr
    assert "11010519491231002X" not in result.stdout + result.stderr
    assert "13900139000" not in result.stdout + result.stderr
    assert kb(home, "import", home / "k.csv").stderr.strip() == ""


def test_personal_data_can_be_held_back_and_accepted(home: Path) -> None:
    said = done(home, "import", home / "k.csv", "--hold-personal-data")
    assert "1 of them are drafts" in said
    assert serving(home) == ["clean", "多久"]
    assert "1 published." in done(home, "publish", "data")
    assert serving(home) == ["clean", "data", "多久"]


def test_drafts_are_published_together(home: Path) -> None:
    done(home, "import", home / "k.csv", "--draft")
    assert serving(home) == []
    result = kb(home, "publish", "--all")
    assert "3 published." in result.stdout
    assert "CN_RESIDENT_ID" in result.stderr
    assert len(serving(home)) == 3


@pytest.mark.parametrize("arguments", [["publish"], ["publish", "clean", "--all"]])
def test_publishing_needs_ids_or_all(home: Path, arguments: list[str]) -> None:
    done(home, "import", home / "k.csv")
    result = kb(home, *arguments)
    assert result.returncode == 1
    assert "say --all" in result.stderr


@pytest.mark.parametrize("deed", ["publish", "withdraw", "delete", "restore"])
def test_an_unknown_document_is_said_and_nothing_is_changed(home: Path, deed: str) -> None:
    done(home, "import", home / "k.csv")
    result = kb(home, deed, "clean", "nobody")
    assert result.returncode == 1
    assert "'nobody'" in result.stderr
    assert len(collection(home).revisions(limit=9)) == 1


@pytest.mark.parametrize(
    "arguments", [["history"], ["diff", "0", "1"], ["publish", "--all"], ["rollback", "1"]]
)
def test_an_unknown_collection_is_said(home: Path, arguments: list[str]) -> None:
    result = kb(home, *arguments, "--collection", "nowhere")
    assert result.returncode == 1
    assert "nowhere" in result.stderr


def test_the_list_counts_documents_by_state(home: Path) -> None:
    path = home / "k.csv"
    path.write_text(
        "id,question,answer,valid_from,valid_until\n"
        "a,q,a,,\nb,q,a,,2001-01-01\nc,q,a,2999-01-01,\nd,q,a,,\ne,q,a,,\n",
        "utf-8",
    )
    done(home, "import", path)
    done(home, "withdraw", "d")
    done(home, "delete", "e")
    cells = next(line for line in done(home, "list").splitlines() if "demo" in line)
    assert [cell.strip() for cell in cells.split("│")[2:8]] == ["4", "1", "1", "1", "1", "1"]


def test_the_list_comes_in_chinese_too(home: Path) -> None:
    done(home, "import", home / "k.csv")
    listed = done(home, "list", "--language", "zh")
    for word in ("知识库", "文章", "草稿", "尚未生效", "已过期", "已删除", "尚未建立索引"):
        assert word in listed
    assert "not built yet" in done(home, "list")


def test_an_import_comes_in_chinese_too(home: Path) -> None:
    (home / "broken.pdf").write_bytes(b"no pdf")
    result = kb(home, "import", home / "k.csv", home / "broken.pdf", "--language", "zh")
    assert result.returncode == 1
    assert "共 2 个文件，已导入 1 个：新增 3 篇，修改 0 篇，未变 0 篇。" in result.stdout
    for word in ("文章中的个人信息", "答案", "1 篇文章中发现个人信息", "可让文章不再用于回答"):
        assert word in result.stderr
    assert "CN_RESIDENT_ID 1" in result.stderr
    assert "Personal data" not in result.stderr


def test_drafts_are_imported_and_published_in_chinese_too(home: Path) -> None:
    result = kb(home, "import", home / "k.csv", "--draft", "--language", "zh")
    assert result.returncode == 0
    assert "其中草稿 3 篇" in result.stdout
    assert "表示认可" in result.stderr
    accepted = kb(home, "publish", "--all", "--language", "zh")
    assert "已发布 3 篇。" in accepted.stdout
    assert "可撤回文章" in accepted.stderr


def test_the_history_says_what_was_done_in_both_languages(home: Path) -> None:
    done(home, "import", home / "k.csv")
    done(home, "withdraw", "clean")
    done(home, "rollback", "1")
    lines = [line for line in done(home, "history").splitlines() if "command line" in line]
    assert "rollback to 1" in lines[0]
    assert "import" in lines[2]
    assert "撤回" in done(home, "history", "--document", "clean", "--language", "zh")
    assert "Nothing was changed" in done(home, "history", "--document", "nobody")


def test_a_difference_is_shown_word_by_word(home: Path) -> None:
    done(home, "import", home / "k.csv")
    _write(home, "clean,How long is delivery?,Five days.", "多久,多久能退货？,九天内可以退货。")
    done(home, "import", home / "k.csv")
    said = done(home, "diff", "1", "2")
    assert "answer: [-Three-]{+Five+} days." in said
    assert "answer: [-七-]{+九+}天内可以退货。" in said
    assert "多久" not in done(home, "diff", "1", "2", "--document", "clean")
    assert "没有差异" in done(home, "diff", "2", "2", "--language", "zh")
    assert "removed" in done(home, "diff", "1", "0")


def test_a_revision_that_is_not_there_is_said(home: Path) -> None:
    done(home, "import", home / "k.csv")
    for arguments in (["rollback", "7"], ["diff", "1", "7"]):
        result = kb(home, *arguments)
        assert result.returncode == 1
        assert "there is no revision 7; use 1 to 1" in result.stderr


def test_deleted_documents_come_back_until_they_are_forgotten(home: Path) -> None:
    done(home, "import", home / "k.csv")
    done(home, "delete", "clean", "data")
    assert serving(home) == ["多久"]
    assert "1 restored." in done(home, "restore", "clean")
    assert "1 forgotten" in done(home, "forget", "data")
    assert kb(home, "restore", "data").returncode == 1
    assert serving(home) == ["多久", "clean"]
