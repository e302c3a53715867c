from __future__ import annotations

from pathlib import Path

from tests.benchmarks.intents.measuring import flat
from tests.benchmarks.intents.plan import Dataset, read_plan

TRAINING = {"train_seconds", "peak_gigabytes"}
REPORTED = {
    *("accuracy", "in_scope_accuracy", "in_scope_accuracy_at_threshold", "ece"),
    *("oos_recall", "oos_precision", "oos_auroc"),
}


def test_every_figure_of_the_plan_is_one_that_is_measured() -> None:
    for dataset in read_plan():
        for row in dataset.rows:
            measurement, _, key = row.figure.partition(".")
            assert row.figure in TRAINING or (measurement in dataset.tests and key in REPORTED)


def test_an_aim_is_further_than_what_is_asked_for_at_least() -> None:
    for row in (row for dataset in read_plan() for row in dataset.rows):
        if row.must is not None and row.aim is not None:
            assert (row.aim < row.must) is row.lower_is_better


def test_the_names_of_the_plan_are_told_apart() -> None:
    names = [dataset.name for dataset in read_plan()]
    assert len(set(names)) == len(names) == 9


def test_a_dataset_has_a_recipe_of_its_own_where_a_file_has_its_name(tmp_path: Path) -> None:
    dataset = Dataset("fish", "Fish", "f", "train.csv", {"test": ["test.csv"]}, ())
    assert dataset.recipe(tmp_path) is None
    (tmp_path / "fish.toml").write_text("")
    assert dataset.recipe(tmp_path) == tmp_path / "fish.toml"


def test_a_report_is_kept_without_its_tables() -> None:
    tables: dict[str, object] = {"per_intent": {"a": {"n": 3}}, "reliability": []}
    report = {"n": 3, "accuracy": 0.5, "oos_recall": None, **tables}
    assert flat(report) == {"n": 3, "accuracy": 0.5, "oos_recall": None}
