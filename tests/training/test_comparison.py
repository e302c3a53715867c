from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tiny_encoder import RECIPE, toy_rows, write_csv, write_encoder
from training import comparison
from training.comparison import ComparisonOrder, names_of, part_of, run_comparison
from training.comparison_summary import write_comparison
from training.corpus import Utterance
from training.errors import ComparisonInvalid, CorpusInvalid, RecipeInvalid
from training.evaluation.sentences import evaluation_wording
from training.intent import TrainingOrder, TrainingReport, train_intent
from training.progress import SilentWatch, Watch


class Listener(SilentWatch):
    def __init__(self) -> None:
        self.steps = 0
        self.notes: list[str] = []

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        self.steps += steps
        self.notes.append(note)


class Counted:
    """Trains as ever and keeps the texts that each training saw; stops when it is told to."""

    def __init__(self) -> None:
        self.trained: list[set[str]] = []
        self.stop_after = 99

    def __call__(
        self, order: TrainingOrder, *, models_home: Path, watch: Watch | None = None
    ) -> TrainingReport:
        if len(self.trained) == self.stop_after:
            raise KeyboardInterrupt
        rows = order.data.read_text(encoding="utf-8").splitlines()[1:]
        self.trained.append({row.split(",")[0] for row in rows})
        return train_intent(order, models_home=models_home, watch=watch)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counted = Counted()
    monkeypatch.setattr(comparison, "train_intent", counted)
    return counted


@pytest.fixture
def order(tmp_path: Path) -> ComparisonOrder:
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text(RECIPE, encoding="utf-8")
    two.write_text(RECIPE.replace("head_learning_rate = 1e-2", "head_learning_rate = 0.0"))
    return ComparisonOrder(
        data=write_csv(tmp_path / "train.csv", toy_rows(12, outside=0)),
        recipes=(one, two),
        out=tmp_path / "out",
        fractions=(0.5, 1.0),
        folds=2,
        base=str(write_encoder(tmp_path / "tiny")),
        epochs=1,
    )


def test_a_second_start_goes_on_where_the_first_was_stopped(
    order: ComparisonOrder, counted: Counted
) -> None:
    counted.stop_after = 3
    with pytest.raises(KeyboardInterrupt):
        run_comparison(order, models_home=order.out)
    counted.stop_after = 99
    listener = Listener()
    cells = run_comparison(order, models_home=order.out, watch=listener)
    assert cells.reused == 3
    assert len(cells.results) == len(counted.trained) == 8
    assert listener.steps == 8
    assert any("two 1 #2: Training" in note for note in listener.notes)
    assert run_comparison(order, models_home=order.out).results == cells.results
    assert len(counted.trained) == 8
    assert sorted(path.name for path in order.out.iterdir()) == ["cells"]


def test_no_training_sees_the_fold_it_is_measured_on(
    order: ComparisonOrder, counted: Counted
) -> None:
    full = replace(order, recipes=order.recipes[:1], fractions=(1.0,))
    cells = run_comparison(full, models_home=order.out)
    everything = {row.text for row in toy_rows(12, outside=0)}
    assert [len(result.right) for result in cells.results] == [18, 18]
    assert counted.trained[0] | counted.trained[1] == everything
    assert not counted.trained[0] & counted.trained[1]


def test_another_seed_and_a_broken_cell_are_run_anew(
    order: ComparisonOrder, counted: Counted
) -> None:
    small = replace(order, recipes=order.recipes[:1], fractions=(1.0,))
    run_comparison(small, models_home=order.out)
    run_comparison(replace(small, seed=2), models_home=order.out)
    assert len(counted.trained) == 4
    for path in (order.out / "cells").iterdir():
        path.write_text("{")
    assert run_comparison(small, models_home=order.out).reused == 0


def test_the_comparison_holds_means_deviations_and_the_paired_test(
    order: ComparisonOrder,
) -> None:
    cells = run_comparison(replace(order, fractions=(1.0,)), models_home=order.out)
    facts = {"data": "train.csv"}
    wording = evaluation_wording("en")
    first, second = write_comparison(order.out, cells.results, facts=facts, wording=wording)[0]
    assert (first.recipe, second.recipe) == ("one", "two")
    assert first.against_first is None
    assert second.against_first is not None
    assert second.against_first.n == 36
    difference = (second.means["accuracy"] or 0.0) - (first.means["accuracy"] or 0.0)
    assert second.against_first.difference == pytest.approx(difference)
    assert first.rows == 18
    assert first.means["oos_auroc"] is None
    document = json.loads((order.out / "comparison.json").read_text(encoding="utf-8"))
    assert document["rows"][1]["against_first"]["p_value"] == second.against_first.p_value
    assert len(document["cells"]) == 4
    assert (order.out / "learning_curve.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"fractions": (0.0, 1.0)}, "the fraction 0 is not above 0 and at most 1"),
        ({"fractions": (1.5,)}, "the fraction 1.5 is not above 0"),
        ({"fractions": ()}, "the fractions must be named"),
        ({"folds": 1}, "1 folds; 2 are the fewest"),
        ({"recipes": ()}, "no recipe was named"),
    ],
)
def test_an_order_that_cannot_be_is_refused_before_any_work(
    order: ComparisonOrder, changed: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ComparisonInvalid, match=sentence):
        run_comparison(replace(order, **changed), models_home=order.out)  # type: ignore[arg-type]
    assert not order.out.exists()


def test_a_missing_file_is_told_before_any_work(order: ComparisonOrder) -> None:
    with pytest.raises(RecipeInvalid, match="cannot be read"):
        run_comparison(replace(order, recipes=(Path("no.toml"),)), models_home=order.out)
    with pytest.raises(CorpusInvalid, match="there is no such file"):
        run_comparison(replace(order, data=Path("no.csv")), models_home=order.out)
    assert not order.out.exists()


def test_recipes_of_the_same_name_keep_their_folders() -> None:
    assert names_of([Path("a/x.toml"), Path("b/x.toml"), Path("y.toml")]) == ["a/x", "b/x", "y"]


@given(st.integers(1, 9), st.floats(0.05, 1.0), st.floats(0.05, 1.0))
def test_every_intent_keeps_a_row_and_a_smaller_share_has_no_more_rows(
    count: int, one: float, other: float
) -> None:
    rows = [Utterance(f"{n} {intent}", intent, "en") for intent in "abc" for n in range(count)]
    small, large = (part_of(rows, share, seed=1) for share in sorted((one, other)))
    assert {row.intent for row in small} == {"a", "b", "c"}
    assert len(small) <= len(large)
    assert part_of(rows, 1.0, seed=1) == rows
