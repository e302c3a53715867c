from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from chatbot.cli import build_app
from chatbot.pii_file import MarkedText, read_marked, write_marked
from privacy.entities import Span
from training.evaluation.pii import evaluate_pii, exact_matches, overlap_matches, renamed

PHONE, MAIL = "PHONE_NUMBER", "EMAIL_ADDRESS"


def _row(*spans: Span, text: str = "x" * 40) -> MarkedText:
    return MarkedText("1", text, spans)


def test_exact_figures_count_only_the_same_borders_and_type() -> None:
    rows = [_row(Span(0, 5, PHONE), Span(10, 15, MAIL))]
    found = [Span(0, 5, PHONE), Span(10, 14, MAIL), Span(20, 25, PHONE)]
    report = evaluate_pii(rows, lambda _text: found)
    assert report["overall"]["precision"] == pytest.approx(1 / 3)
    assert report["overall"]["recall"] == pytest.approx(1 / 2)
    assert report["overall"]["f1"] == pytest.approx(2 / 5)
    assert report["overall"]["f2"] == pytest.approx(5 / (4 * 2 + 3))
    assert report["per_type"][MAIL]["recall"] == 0.0
    assert report["per_type_overlap"][MAIL]["recall"] == 1.0
    assert report["character_recall"] == pytest.approx(9 / 10)


def test_one_finding_over_two_marks_matches_only_one_of_them() -> None:
    gold = [Span(0, 4, PHONE), Span(5, 12, PHONE)]
    assert overlap_matches(gold, [Span(0, 12, PHONE)]) == [PHONE]
    assert exact_matches(gold, [Span(0, 12, PHONE)]) == []


def test_another_type_does_not_match_but_hides_the_characters() -> None:
    report = evaluate_pii([_row(Span(0, 5, PHONE))], lambda _text: [Span(0, 5, MAIL)])
    assert report["overall_overlap"]["recall"] == 0.0
    assert report["character_recall"] == 1.0


def test_types_left_out_count_on_neither_side() -> None:
    found = [Span(0, 5, PHONE), Span(10, 15, MAIL)]
    report = evaluate_pii([_row(Span(0, 5, PHONE))], lambda _text: found, types=[PHONE])
    assert report["overall"]["precision"] == 1.0
    assert list(report["per_type"]) == [PHONE]


def test_without_anything_marked_or_found_no_figure_is_made_up() -> None:
    report = evaluate_pii([_row()], lambda _text: [])
    assert report["overall"]["f2"] is None
    assert report["per_type"] == {}


def test_marks_under_other_names_are_renamed_first() -> None:
    rows = renamed([_row(Span(0, 5, "TEL"), Span(7, 9, MAIL))], {"TEL": PHONE})
    assert [span.type for span in rows[0].spans] == [PHONE, MAIL]


spans = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 9), st.sampled_from([PHONE, MAIL])).map(
        lambda one: Span(one[0], one[0] + one[1], one[2])
    ),
    max_size=6,
)


@given(gold=spans, found=spans)
def test_exact_matches_are_never_more_than_overlapping_ones(
    gold: list[Span], found: list[Span]
) -> None:
    exact, overlap = exact_matches(gold, found), overlap_matches(gold, found)
    assert len(exact) <= len(overlap) <= min(len(gold), len(found))


@given(gold=spans)
def test_a_perfect_finder_is_perfect(gold: list[Span]) -> None:
    report = evaluate_pii([_row(*gold)], lambda _text: gold)
    assert report["overall"]["f1"] in (1.0, None)
    assert report["overall_overlap"] == report["overall"]


def test_the_command_reads_a_gold_file_and_writes_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path))
    gold, report = tmp_path / "gold.jsonl", tmp_path / "r.json"
    text = "我叫王小明，电话13912345678"
    marked = MarkedText("1", text, (Span(2, 5, "PERSON"), Span(8, 19, PHONE)))
    write_marked(gold, [marked])
    assert read_marked(gold) == [marked]
    arguments = ["evaluate", "pii", "--data", str(gold), "--report", str(report)]
    result = CliRunner().invoke(build_app(), arguments)
    assert result.exit_code == 0, result.output
    assert json.loads(report.read_text("utf-8"))["overall"]["f2"] == 1.0


def test_the_command_prints_in_the_language_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    gold = tmp_path / "gold.jsonl"
    write_marked(gold, [MarkedText("1", "电话13912345678", (Span(2, 13, PHONE),))])
    printed, written = {}, {}
    for language in ("en", "zh"):
        report = tmp_path / f"{language}.json"
        arguments = ["--data", str(gold), "--report", str(report), "--language", language]
        result = CliRunner().invoke(build_app(), ["evaluate", "pii", *arguments])
        assert result.exit_code == 0, result.output
        printed[language] = result.output
        written[language] = json.loads(report.read_text("utf-8"))
        del written[language]["lines_per_second"]
    for english in ("precision", "recall by overlap", "Every text has something marked"):
        assert english in printed["en"]
        assert english not in printed["zh"]
    for chinese in ("精确率", "按重叠的召回率", "每条文本都有标注", "报告"):
        assert chinese in printed["zh"]
    assert written["en"] == written["zh"]


def _evaluate(tmp_path: Path, row: MarkedText, *options: str) -> dict[str, Any]:
    gold, report = tmp_path / "gold.jsonl", tmp_path / "r.json"
    write_marked(gold, [row])
    arguments = ["evaluate", "pii", "--data", str(gold), "--report", str(report), *options]
    result = CliRunner().invoke(build_app(), arguments)
    assert result.exit_code == 0, result.output
    figures: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return figures


def test_the_command_scores_a_file_of_presidio_by_its_scheme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path))
    text = "Card 4111 1111 1111 1111 for Initech, see www.example.com"
    marks = (Span(5, 24, "CREDIT_CARD"), Span(29, 36, "ORGANIZATION"), Span(42, 57, "DOMAIN_NAME"))
    figures = _evaluate(tmp_path, MarkedText("1", text, marks), "--scheme", "presidio")
    assert figures["overall_relaxed"]["f2"] == 1.0
    assert set(figures["per_type_relaxed"]) == {"BANK_CARD", "URL"}


def test_the_command_can_leave_pages_that_anybody_may_see_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path))
    row = MarkedText("1", "官网 https://www.example.com/faq 打不开")
    assert _evaluate(tmp_path, row)["false_alarms_per_100_negatives"] == 100.0
    assert _evaluate(tmp_path, row, "--account-urls")["false_alarms_per_100_negatives"] == 0.0


def test_the_rate_of_lines_leaves_out_the_first_call_which_may_load_a_model() -> None:
    calls = []

    def detect(text: str) -> list[Span]:
        calls.append(text)
        if len(calls) == 1:
            time.sleep(0.2)
        return []

    assert evaluate_pii([_row()], detect)["lines_per_second"] > 10
    assert len(calls) == 2
