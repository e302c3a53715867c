from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

from tests.training.evaluation.sample_evaluation import OUTSIDE, RESULTS, ROWS, TEXTS
from training.evaluation.confusions import confusion_matrix, most_confused, write_errors


def test_the_most_frequent_pair_comes_first_with_the_surest_sentences() -> None:
    first, *others = most_confused(ROWS, RESULTS)
    assert (first.gold, first.predicted, first.count) == ("refund", "退款查询", 3)
    assert first.examples == (TEXTS[2], TEXTS[4])
    assert {(pair.gold, pair.predicted) for pair in others} == {
        ("退款查询", "refund"),
        ("退款查询", OUTSIDE),
        (OUTSIDE, "refund"),
    }


def test_only_so_many_pairs_and_examples_are_given() -> None:
    pairs = most_confused(ROWS, RESULTS, pairs=1, examples=1)
    assert [len(pair.examples) for pair in pairs] == [1]


def test_the_matrix_counts_every_row_once() -> None:
    matrix = confusion_matrix(ROWS, RESULTS)
    assert matrix.labels == (OUTSIDE, "refund", "退款查询")
    assert matrix.counts.tolist() == [[1, 1, 0], [0, 2, 3], [1, 1, 1]]
    assert matrix.counts.sum() == len(ROWS)


def test_the_errors_file_holds_the_wrong_rows_and_their_lines(tmp_path: Path) -> None:
    assert write_errors(tmp_path / "errors.csv", ROWS, RESULTS) == 6
    with (tmp_path / "errors.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 6
    assert [float(row["confidence"]) for row in rows] == sorted(
        (float(row["confidence"]) for row in rows), reverse=True
    )
    assert rows[0]["text"] == TEXTS[2]
    assert (rows[0]["intent"], rows[0]["predicted"], rows[0]["line"]) == ("refund", "退款查询", "4")
    rejected = next(row for row in rows if row["predicted"] == OUTSIDE)
    assert rejected["best"] == "退款查询"


def test_a_sentence_that_looks_like_a_formula_is_not_run_by_a_spreadsheet(tmp_path: Path) -> None:
    row = replace(ROWS[2], text="=HYPERLINK(0)")
    write_errors(tmp_path / "errors.csv", [row], RESULTS[2:3])
    assert "\n'=HYPERLINK(0)," in (tmp_path / "errors.csv").read_text(encoding="utf-8-sig")
