from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from chatbot.cli import kb, kb_search
from chatbot.cli.jobs import Tongue
from chatbot.conversation import Action
from chatbot.policy import AMBIGUOUS, HANDOFF_INTENTS, OUT_OF_SCOPE, TEMPLATE_INTENTS
from knowledge_base.collection import Collection
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.passages import Document

LAMP = Document("lamp", "Which bulbs fit [E27]?", "Every lamp takes an E27 bulb.", language="en")
ARTICLES = (
    LAMP,
    replace(LAMP, id="lamp-again", answer="Every lamp takes an E27 bulb!"),
    Document("灯", "用什么灯泡？", "用E27灯泡。", language="zh"),
    Document("trade", "Which bulbs for shops?", "E40 bulbs.", language="en", audience="dealers"),
)


@pytest.fixture(autouse=True)
def collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Collection:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr("chatbot.bootstrap.load_embedder", lambda _settings: HashingEmbedder())
    collection = Collection(tmp_path / "collections" / "demo")
    collection.merge(ARTICLES)
    collection.build(HashingEmbedder())
    return collection


def searched(*arguments: str) -> Result:
    app = typer.Typer()
    kb.register(app)
    result = CliRunner().invoke(app, ["kb", "search", *arguments])
    assert result.exit_code == 0, result.output
    return result


def parsed(*arguments: str) -> Any:
    """What a bare runner logs on the way stands before it."""
    lines = searched(*arguments, "--json").stdout.splitlines()
    begin = next(n for n, line in enumerate(lines) if line in ("[", "{", "[]"))
    return json.loads("\n".join(lines[begin:]))


def test_what_says_the_same_stands_with_the_one_shown() -> None:
    hits = parsed("which bulbs fit")
    ids = [hit["document_id"] for hit in hits]
    (twin,) = next(hit["duplicates"] for hit in hits if hit["document_id"].startswith("lamp"))
    assert twin not in ids
    assert {"lamp", "lamp-again"} <= {twin, *ids}
    assert f"= {twin}" in searched("which bulbs fit").stdout


@pytest.mark.parametrize(
    ("option", "found"),
    [
        (("--language", "zh"), {"灯"}),
        (("--tag", "nothing"), set()),
        (("--audience", "shoppers", "--language", "en"), {"lamp"}),
    ],
)
def test_a_search_may_be_confined_to_some_articles(
    option: tuple[str, ...], found: set[str]
) -> None:
    hits = parsed("bulbs 灯泡", *option)
    assert {hit["document_id"].removesuffix("-again") for hit in hits} == found


def test_the_explanation_names_every_stage_and_the_threshold() -> None:
    shown = searched("which bulbs fit", "--explain").stdout
    for word in ("question", "hint", "says the same as lamp", "[E27]", "below this nothing"):
        assert word in shown
    assert "A conversation would" in shown


def test_the_explanation_comes_as_json_too() -> None:
    record = parsed("which bulbs fit", "--explain", "--limit", "2")
    assert len(record["candidates"]) == 2
    assert record["candidates"][0]["rank"] == 1


def test_hits_are_shown_in_chinese_too() -> None:
    english = searched("which bulbs fit").stdout
    chinese = searched("which bulbs fit", "--print-language", "zh").stdout
    for word, again in (("score", "得分"), ("document", "文章"), ("title", "标题")):
        assert word in english
        assert again in chinese
        assert word not in chinese


def test_the_explanation_comes_in_chinese_too() -> None:
    shown = searched("which bulbs fit", "--explain", "--print-language", "zh").stdout
    for word in ("最近的问题", "主题", "内容相同", "低于此线", "实际检索", "真实会话将会"):
        assert word in shown
    assert "[E27]" in shown
    would = next(line for line in shown.splitlines() if "真实会话将会" in line)
    assert not [word for word in ("answer", "article", "unsure", "clarify") if word in would]


def test_what_programs_read_is_the_same_in_both_languages() -> None:
    for options in ((), ("--explain",)):
        asked = ("which bulbs fit", *options)
        assert parsed(*asked) == parsed(*asked, "--print-language", "zh")


@pytest.mark.parametrize(
    "name",
    [
        *(Action.ANSWER, Action.CLARIFY, Action.REFUSE, Action.HANDOFF),
        *("article", "no_article", "unsure", "nothing_to_understand", OUT_OF_SCOPE, AMBIGUOUS),
        *sorted(HANDOFF_INTENTS | TEMPLATE_INTENTS),
    ],
)
def test_what_a_conversation_would_do_and_why_has_a_chinese_name(name: str) -> None:
    assert not kb_search.named(name, Tongue.ZH).isascii()
    assert kb_search.named(name, Tongue.EN) == name


def test_nothing_found_is_explained_as_well() -> None:
    shown = searched("bulbs", "--explain", "--language", "fr").stdout
    assert "0 candidates from 0 passages" in shown
