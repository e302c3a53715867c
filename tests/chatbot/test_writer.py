from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chatbot.bootstrap_dialogue import open_clerk, open_writer
from chatbot.conversation import Action, Decision, Language, Turn
from chatbot.demo.orders import DemoOrders
from chatbot.errors import GeneratorUnavailable, SettingsInvalid
from chatbot.fakes import ScriptedGenerator
from chatbot.generate import Attempt, Outcome
from chatbot.ports import Generator
from chatbot.respond import Wording, cite
from chatbot.settings import Settings
from chatbot.writer import Writer
from knowledge_base.passages import Hit, Passage

TEXT = "You can return an item within 7 days of delivery."
HIT = Hit(Passage("r#0", "r", TEXT, "Returns", "/r", "en", ("How many days for a return?",)), 0.9)
SURE = Decision(Action.ANSWER, "article", (HIT,))
CURATED = Wording(TEXT, citations=(cite(HIT),))


def _reword(
    writer: Writer,
    *,
    decision: Decision = SURE,
    question: str = "until when may I send it back",
    language: Language = Language.EN,
) -> tuple[Wording, Attempt | None]:
    def history() -> list[Turn]:
        return []

    return writer.reword(
        CURATED, decision, question=question, hits=[HIT], language=language, history=history
    )


def _writer(*lines: str | GeneratorUnavailable) -> Writer:
    generator = ScriptedGenerator(*lines)
    return Writer(lambda: generator, frozenset({"en"}))


def test_a_grounded_text_is_given_with_the_articles_it_cites() -> None:
    wording, attempt = _reword(_writer("You can return an item within 7 days of delivery [1]."))
    assert attempt is not None
    assert attempt.outcome is Outcome.ANSWERED
    assert wording.citations[0].document_id == "r"
    assert "[1]" not in wording.text


@pytest.mark.parametrize(
    "line",
    [
        "You can return an item within 30 days of delivery [1].",
        "NO_ANSWER",
        GeneratorUnavailable("it is down"),
    ],
)
def test_whatever_fails_leaves_the_curated_answer(line: str | GeneratorUnavailable) -> None:
    wording, attempt = _reword(_writer(line))
    assert wording == CURATED
    assert attempt is not None
    assert attempt.generated is None


def test_a_generator_that_does_not_load_leaves_the_curated_answer() -> None:
    def nothing() -> Generator:
        raise GeneratorUnavailable("no model")

    wording, attempt = _reword(Writer(nothing, frozenset({"en"})))
    assert wording == CURATED
    assert attempt == Attempt(Outcome.UNAVAILABLE)


def test_nothing_is_generated_where_the_curated_answer_is_the_better_one() -> None:
    writer = _writer("anything [1].")
    for decision, question, language in (
        (SURE, "how many days for a return", Language.EN),
        (SURE, "until when", Language.ZH_HANS),
        (replace(SURE, preface="sorry_for_trouble"), "until when", Language.EN),
        (Decision(Action.ANSWER, "greeting"), "hello", Language.EN),
        (Decision(Action.CLARIFY, "unsure", (HIT,)), "until when", Language.EN),
    ):
        assert _reword(writer, decision=decision, question=question, language=language) == (
            CURATED,
            None,
        )


def _settings(tmp_path: Path, **values: object) -> Settings:
    return Settings.model_validate({"home": tmp_path, **values})


def test_no_generator_unless_the_settings_name_one(tmp_path: Path) -> None:
    assert open_writer(_settings(tmp_path)) is None


@pytest.mark.parametrize("generator", ["gpt", "openai:", "llamacpp", "files:/x"])
def test_an_unknown_kind_of_generator_is_said_at_the_start(generator: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="KEFU_GENERATOR"):
        open_writer(_settings(tmp_path, generator=generator))


def test_a_generator_that_is_missing_is_unavailable_when_it_is_needed(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"is_encoder_decoder": True}))
    for generator in (f"transformers:{tmp_path / 'none'}", f"transformers:{tmp_path}"):
        writer = open_writer(_settings(tmp_path, generator=generator))
        assert writer is not None
        for _ in range(2):
            with pytest.raises(GeneratorUnavailable):
                writer.generator()


def test_a_server_is_asked_under_the_name_of_the_settings(tmp_path: Path) -> None:
    writer = open_writer(
        _settings(tmp_path, generator="openai:http://127.0.0.1:9/v1", generator_model="tiny")
    )
    assert writer is not None
    assert writer.languages == {"en"}
    assert "tiny" in writer.generator().version


def test_forms_belong_to_the_company_that_serves_by_default(tmp_path: Path) -> None:
    clerk = open_clerk(_settings(tmp_path))
    assert isinstance(clerk("demo").systems["order_status"], DemoOrders)
    assert not clerk("other").forms
    own = open_clerk(_settings(tmp_path, collection="own"))
    assert not own("own").forms
    shop = open_clerk(_settings(tmp_path, collection="own", orders_url="http://shop/orders"))
    assert shop("own").forms
    assert not isinstance(shop("own").systems["order_status"], DemoOrders)
