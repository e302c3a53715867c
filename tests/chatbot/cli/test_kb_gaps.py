"""From a real database with conversations to a CSV that becomes articles."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from chatbot.bootstrap import open_database
from chatbot.cli import kb
from chatbot.conversation import Action, Language
from chatbot.key_home import open_key_ring
from chatbot.settings import load_settings
from knowledge_base.collection import Collection
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.passages import Document
from tests.training.logged_conversations import Said, log_conversation

LAMP = Document("lamp", "Which bulbs fit?", "Every lamp takes an E27 bulb.", language="en")


def refused(text: str, language: Language = Language.EN) -> Said:
    return Said(text, Action.REFUSE, language=language)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr("chatbot.bootstrap.load_embedder", lambda _settings: HashingEmbedder())
    settings = load_settings()
    collection = Collection.within(settings.collections_home, settings.collection)
    collection.merge([LAMP])
    collection.build(HashingEmbedder())
    engine, keys = open_database(settings), open_key_ring(settings)
    for customer, said in (
        ("anna", (refused("Do you sell gift vouchers?"), Said("Which bulbs fit?"))),
        ("ben", (refused("do you sell gift vouchers"), refused("do you sell a gift voucher"))),
        ("mei", (refused("有礼品卡卖吗", Language.ZH_HANS), refused("=1+1 is what"))),
    ):
        log_conversation(engine, keys, *said, customer=customer, at=datetime.now(UTC))
    log_conversation(
        engine,
        keys,
        refused("an old question"),
        customer="old",
        at=datetime(2020, 1, 1, tzinfo=UTC),
    )
    engine.dispose()
    return tmp_path


def listed(*arguments: str) -> Result:
    app = typer.Typer()
    kb.register(app)
    result = CliRunner().invoke(app, ["kb", "gaps", *arguments])
    assert result.exit_code == 0, result.output
    return result


def test_what_is_asked_most_stands_first_with_its_nearest_article(home: Path) -> None:
    shown = listed().stdout
    assert shown.index("gift voucher") < shown.index("有礼品卡卖吗")
    assert "en:3" in shown
    assert "lamp" in shown
    assert "old question" not in shown


def test_an_earlier_day_may_be_asked_for(home: Path) -> None:
    assert "an old question" in listed("--since", "2019-12-31").stdout


def test_nothing_unanswered_is_said(home: Path) -> None:
    assert "No question" in listed("--since", "2099-01-01").stdout
    chinese = listed("--since", "2099-01-01", "--language", "zh").stdout
    assert "自 2099-01-01 以来，所有问题都已得到回答。" in chinese


def test_gaps_are_shown_in_chinese_and_the_file_stays_as_it_is(home: Path) -> None:
    listed("--out", str(home / "en.csv"))
    shown = listed("--out", str(home / "zh.csv"), "--language", "zh").stdout
    assert "最接近的文章" in shown
    assert "填写答案后" in shown
    assert (home / "zh.csv").read_bytes() == (home / "en.csv").read_bytes()


def test_the_file_becomes_articles_once_the_answers_are_written(home: Path) -> None:
    out = home / "deep" / "gaps.csv"
    listed("--out", str(out))
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["answer"] for row in rows} == {""}
    assert rows[0]["count"] == "3"
    assert not [row for row in rows if row["question"].startswith("=")]
    for row in rows:
        row["answer"] = "Yes, at the till."
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    fresh = Collection(home / "collections" / "fresh")
    assert fresh.import_documents([out]).added == len(rows)
    first = fresh.documents()[0]
    assert (first.language, first.answer) == ("en", "Yes, at the till.")
    assert first.variants
