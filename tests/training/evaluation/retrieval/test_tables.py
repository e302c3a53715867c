from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from training.evaluation.retrieval.asking import Answer
from training.evaluation.retrieval.figures import Report, by_group, failures, measure
from training.evaluation.retrieval.queries import Query
from training.evaluation.retrieval.runs import Ranking, Run, compare_runs
from training.evaluation.retrieval.tables import (
    channels_table,
    failures_table,
    groups_table,
    runs_table,
    say_comparison,
)
from training.evaluation.sentences import evaluation_wording

each_language = pytest.mark.parametrize("language", ["en", "zh"])

ENGLISH = evaluation_wording("en")
LONG = "how do I get my money back when the parcel never came? " * 3
PAIRS = [
    (
        Query(LONG, ("returns-and-refunds-en",), "en"),
        Answer(("delivery-times-abroad-en",), 0.98, 9),
    ),
    (Query("退款多久到账？" * 9, ("refund-zh",), "zh"), Answer(("refund-zh",), 1.0, 1234.5)),
    (Query("unheard of", (), "en"), Answer(("refund-zh",), 0.97, 3.2)),
]
FIGURES = measure(PAIRS, threshold=0.9)


def _printed(table: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=80, color_system=None, legacy_windows=False)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert max(map(cell_len, text.splitlines())) <= 80
    return text


def _run(queries: str, figures: Report) -> Run:
    rank = Ranking(figures, tuple(answer.rank(query.expected) for query, answer in PAIRS))
    return Run(
        name="20260101T000000Z-0000",
        queries=queries,
        queries_sha256="abc",
        knowledge="a-collection-with-a-name-that-does-not-end",
        versions={},
        encoder="",
        masked=False,
        channels={"all": rank},
    )


@each_language
def test_three_channels_fit_in_eighty_columns(language: str) -> None:
    wording = evaluation_wording(language)
    channels = dict.fromkeys(("all", "dense", "lexical"), FIGURES)
    text = _printed(channels_table("q.csv", channels, wording))
    for heading in wording.tables["retrieval_channels"].values():
        assert heading in text
    assert text.count("50.0 (0.0–100.0)") >= 3
    assert "…" not in text


@each_language
def test_one_channel_shows_every_figure_by_its_name(language: str) -> None:
    wording = evaluation_wording(language)
    text = _printed(channels_table("q.csv", {"all": FIGURES}, wording))
    for name in wording.tables["retrieval_figures"].values():
        assert name in text


def test_a_figure_that_no_channel_has_takes_no_row() -> None:
    wording = evaluation_wording("en")
    bare = measure(PAIRS, threshold=None)
    assert "threshold" not in _printed(channels_table("q.csv", {"dense": bare}, wording))
    both = _printed(channels_table("q.csv", {"all": FIGURES, "dense": bare}, wording))
    assert "threshold" in both
    assert "–" in both


@each_language
def test_groups_mistakes_and_runs_fit_in_eighty_columns(language: str) -> None:
    wording = evaluation_wording(language)
    names = ["a-collection-with-a-name-that-does-not-end", "zh", "zh"]
    groups = by_group(PAIRS, names, threshold=0.9)
    text = _printed(groups_table("groups", groups, wording))
    assert "a-collection" in text
    text = _printed(failures_table(failures(PAIRS, threshold=0.9), wording))
    assert "0.980" in text
    assert wording.say("retrieval", "nothing") in text
    text = _printed(runs_table([_run("questions-of-last-winter.csv", FIGURES)] * 2, wording))
    assert text.count("20260101T000000Z-0000") == 2


def test_brackets_in_a_query_are_no_markup() -> None:
    failed = failures([(replace(PAIRS[0][0], text="[bold]why[/]"), PAIRS[0][1])], threshold=0.9)
    assert "[bold]why[/]" in _printed(failures_table(failed, evaluation_wording("en")))


@each_language
def test_a_run_beside_itself_is_said_to_be_the_same(language: str) -> None:
    wording, run = evaluation_wording(language), _run("q.csv", FIGURES)
    comparison = compare_runs([query for query, _ in PAIRS], run, run, "all")
    first, mrr = say_comparison(comparison, wording)
    assert wording.say("retrieval_against", "same") in first
    assert "+0.0" in mrr


def test_queries_won_are_quoted_and_few() -> None:
    queries = [Query(f"question {number}", ("a",), "en") for number in range(8)]
    now, before = (
        replace(_run("q.csv", {}), channels={"all": Ranking({}, (rank,) * 8)}) for rank in (1, 2)
    )
    sentences = list(say_comparison(compare_runs(queries, now, before, "all"), ENGLISH))
    assert "So this run is better." in sentences[0]
    assert sentences[-1].startswith("Won: question 0 / question 1")
    assert sentences[-1].endswith("question 4 …")
    worse = list(say_comparison(compare_runs(queries, before, now, "all"), ENGLISH))
    assert "So this run is worse." in worse[0]
    assert worse[-1].startswith("Lost: ")
