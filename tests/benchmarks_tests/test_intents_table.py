from __future__ import annotations

from tests.benchmarks.intents.plan import Dataset, Row
from tests.benchmarks.intents.results import Run
from tests.benchmarks.intents.table import Line, Verdict, lines, markdown, spread

ACCURACY = Row("accuracy", "test.accuracy", must=0.8, aim=0.9, published="DIET 0.662 | measured")
ERROR = Row("ECE", "test.ece", must=0.03, aim=0.015, lower_is_better=True)
SECONDS = Row("training, s", "train_seconds", must=120, lower_is_better=True)


def _run(seed: int, accuracy: float, *, recipe: str | None = None) -> Run:
    reports = {"test": {"accuracy": accuracy, "ece": 0.02, "oos_auroc": None}}
    return Run("d", seed, recipe, "abc", f"v{seed}", 10.0 * seed, 1_500_000_000, reports)


def _dataset(*rows: Row) -> Dataset:
    return Dataset("d", "Data", "d", "train.csv", {"test": ["test.csv"]}, rows)


def test_several_seeds_have_a_mean_a_deviation_and_a_number() -> None:
    assert spread([0.8, 0.9, 0.85], ACCURACY) == "0.8500 ± 0.0500 (3)"
    assert spread([100.2, 99.8], SECONDS) == "100 ± 0 (2)"


def test_one_seed_has_no_deviation() -> None:
    assert spread([0.8], ACCURACY) == "0.8000 (1)"


def test_the_verdict_is_of_the_mean() -> None:
    def verdict(row: Row, *values: float) -> Verdict:
        return Line(row, "", values).verdict

    assert verdict(ACCURACY, 0.88, 0.92) is Verdict.AIM
    assert verdict(ACCURACY, 0.78, 0.82) is Verdict.MUST
    assert verdict(ACCURACY, 0.79) is Verdict.MISSED
    assert verdict(ERROR, 0.01) is Verdict.AIM
    assert verdict(ERROR, 0.031) is Verdict.MISSED
    assert verdict(SECONDS, 120) is Verdict.MUST
    assert verdict(Row("AUROC", "near.oos_auroc"), 0.5) is Verdict.REPORTED
    assert verdict(ACCURACY) is Verdict.REPORTED


def test_the_first_line_of_a_dataset_says_what_its_training_cost() -> None:
    first, second = lines(_dataset(ACCURACY, ERROR), [_run(1, 0.8), _run(2, 0.9)])
    assert (first.training, first.memory) == ("15 s", "1.50 GB")
    assert (second.training, second.memory) == ("", "")
    assert first.data == "Data: accuracy"


def test_a_recipe_other_than_the_shipped_one_is_named() -> None:
    (line,) = lines(_dataset(ACCURACY), [_run(1, 0.8, recipe="d.toml")])
    assert line.data == "Data (recipe d.toml): accuracy"


def test_what_was_not_measured_stays_in_the_table() -> None:
    (line,) = lines(_dataset(ACCURACY), [])
    assert line.cells[:4] == ("Data: accuracy", "≥ 0.8", "≥ 0.9", "–")
    (undefined,) = lines(_dataset(Row("AUROC", "test.oos_auroc")), [_run(1, 0.8)])
    assert undefined.cells[3] == "–"


def test_the_markdown_has_a_row_a_line_and_a_bar_inside_a_cell_is_escaped() -> None:
    text = markdown(lines(_dataset(ACCURACY, ERROR, SECONDS), [_run(1, 0.85), _run(2, 0.87)]))
    rows = text.split("\n\n")[0].splitlines()
    assert rows[1] == "| --- | --- | --- | --- | --- | --- | --- |"
    assert rows[2] == (
        "| Data: accuracy | ≥ 0.8 | ≥ 0.9 | 0.8600 ± 0.0141 (2) ✓ | DIET 0.662 \\| measured "
        "| 15 s | 1.50 GB |"
    )
    assert rows[3] == "| Data: ECE | ≤ 0.03 | ≤ 0.015 | 0.0200 ± 0.0000 (2) ✓ | – |  |  |"
    assert rows[4] == "| Data: training, s | ≤ 120 | – | 15 ± 7 (2) ✓ | – |  |  |"
    assert len(rows) == 5
