from __future__ import annotations

import io
import re
import tomllib
from contextlib import ExitStack
from pathlib import Path

import pytest
from rich.console import Console

from training.demo_day import summary
from training.demo_day.day import STEPS, DayOrder, _gain, begin
from training.demo_day.new_intent import INTENT, Answered, Utterance
from training.demo_day.summary import Outcome, show
from training.errors import StepFailed

WORDS = tomllib.loads(Path(summary.__file__).with_name("wording.toml").read_text("utf-8"))
FIELD = re.compile(r"{(\w+)}")


def _answers(right: int, wrong: int, *, recognised: bool) -> list[Answered]:
    question = Utterance("do you wrap gifts", "en", "check")
    intent = INTENT if recognised else "out_of_scope"
    good = Answered(question, intent, "answer", ("gift-wrapping-en",), "v")
    bad = Answered(question, intent, "refuse", (), "v")
    return [good] * right + [bad] * wrong


def _page(tmp_path: Path, outcomes: list[Outcome], language: str) -> str:
    stream = io.StringIO()
    with ExitStack() as stack:
        day = begin(DayOrder(tmp_path / "day", 1, 7, None), stack)
        show(Console(file=stream, width=200), day, outcomes, language=language)
    return stream.getvalue()


def test_a_model_that_names_the_intent_and_answers_what_was_open_passes() -> None:
    figures = _gain(_answers(2, 8, recognised=False), _answers(9, 1, recognised=True))
    assert (figures["open"], figures["gained"], figures["right"]) == (8, 7, 9)


def test_a_model_that_does_not_name_the_intent_fails() -> None:
    with pytest.raises(StepFailed, match="names 0 of 10"):
        _gain(_answers(2, 8, recognised=False), _answers(9, 1, recognised=False))


def test_answers_that_were_there_before_count_for_nothing() -> None:
    with pytest.raises(StepFailed, match="of 2 open check questions 0"):
        _gain(_answers(8, 2, recognised=False), _answers(8, 2, recognised=True))


def test_questions_that_are_neither_answered_nor_one_click_away_fail() -> None:
    with pytest.raises(StepFailed, match="4 of 10 check questions are answered or one click away"):
        _gain(_answers(0, 10, recognised=False), _answers(4, 6, recognised=True))


def test_the_right_choice_in_a_question_back_counts_as_help() -> None:
    question = Utterance("do you wrap gifts", "en", "check")
    asked = Answered(question, INTENT, "clarify", (), "v", choices=("gift-wrapping-en",))
    other = Answered(question, INTENT, "clarify", (), "v", choices=("delivery-time-en",))
    assert (asked.helped, other.helped) == (True, False)


def test_every_step_has_words_in_both_languages_with_the_same_figures() -> None:
    assert set(WORDS) == {"page", *(step.name for step in STEPS)}
    for group in WORDS.values():
        for said in group.values():
            assert set(FIELD.findall(said["en"])) == set(FIELD.findall(said["zh"]))


@pytest.mark.parametrize(
    ("language", "title", "closing"),
    [("en", "Verify the ledger", "1 of 2 steps"), ("zh", "校验审计账本", "2个步骤中有1个")],
)
def test_the_page_tells_what_failed_and_what_was_not_tried(
    tmp_path: Path, language: str, title: str, closing: str
) -> None:
    outcomes = [Outcome("ledger", 1.5, None, "entry 3 was changed"), Outcome("scan", 0.0, None)]
    page = _page(tmp_path, outcomes, language)
    assert title in page
    assert "entry 3 was changed" in page
    assert closing in page
    assert WORDS["page"]["skipped"][language] in page


def test_a_good_day_says_so_and_where_to_look(tmp_path: Path) -> None:
    page = _page(tmp_path, [Outcome("serve", 2.0, {"url": "http://127.0.0.1:1"})], "en")
    assert "went as it should" in page
    assert "http://127.0.0.1:1" in page
    assert str(tmp_path / "day" / "evidence") in page
