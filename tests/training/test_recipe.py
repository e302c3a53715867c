from __future__ import annotations

from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from tests.tiny_encoder import RECIPE
from training.errors import RecipeInvalid
from training.recipe import Recipe, read_recipes


def _recipes(folder: Path, text: str) -> Path:
    path = folder / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("base", ["minilm", "e5", "somebody/else"])
@pytest.mark.parametrize("few_shot", [True, False])
def test_the_shipped_recipe_is_complete(base: str, few_shot: bool) -> None:
    assert read_recipes().recipe(base=base, few_shot=few_shot).epochs > 0


@pytest.mark.parametrize(("base", "measured"), [("minilm", {"spendable_share"}), ("e5", set())])
def test_the_shipped_recipe_takes_no_option_that_was_not_measured(
    base: str, measured: set[str]
) -> None:
    recipe = read_recipes().recipe(base=base, few_shot=False)
    for field in fields(Recipe):
        if field.default is not MISSING and field.name not in measured:
            assert getattr(recipe, field.name) == field.default


def test_special_tables_overrule_the_default(tmp_path: Path) -> None:
    path = _recipes(tmp_path, RECIPE + "[base.e5]\nbatch_rows = 7\n")
    book = read_recipes(path)
    assert book.recipe(base="minilm", few_shot=False).batch_rows == 16
    assert book.recipe(base="e5", few_shot=False).batch_rows == 7
    assert book.recipe(base="e5", few_shot=True).epochs == 4
    assert book.recipe(base="e5", few_shot=True, epochs=9).epochs == 9


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (RECIPE.replace("epochs = 3\n", ""), "missing: epochs"),
        (RECIPE.replace("epochs = 3", "epochs = 3\nepoch = 1"), "unknown: epoch"),
        (RECIPE.replace("epochs = 3", 'epochs = "3"'), "epochs = '3' is no int"),
        (RECIPE.replace("epochs = 3", "epochs = true"), "epochs = True is no int"),
        (RECIPE.replace("dropout = 0.1", "dropout = 1.5"), "dropout = 1.5 cannot be"),
        (RECIPE.replace('"float32"', '"float8"'), "precision = 'float8' cannot be"),
        (
            RECIPE.replace("epochs = 3", "epochs = 3\naccumulation = 0"),
            "accumulation = 0 cannot be",
        ),
        (RECIPE.replace("epochs = 3", "epochs = 3\ntypo_share = 2"), "typo_share = 2.0 cannot be"),
        (
            RECIPE.replace("epochs = 3", "epochs = 3\naugmented_share = 0.5"),
            "set one of typo_share",
        ),
        (
            RECIPE.replace("dropout = 0.1", "dropout = 0.0").replace(
                "epochs = 3", "epochs = 3\nconsistency_weight = 1.0"
            ),
            "only dropout makes different",
        ),
        ("default = 1\n", "must be a table"),
        ("[default", "is not TOML"),
    ],
)
def test_a_wrong_recipe_says_what_is_wrong(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(RecipeInvalid, match=complaint):
        read_recipes(_recipes(tmp_path, text)).recipe(base="e5", few_shot=False)


def test_a_missing_recipe_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RecipeInvalid, match="cannot be read"):
        read_recipes(tmp_path / "absent.toml")


def test_an_encoder_may_have_its_own_recipe_for_few_rows(tmp_path: Path) -> None:
    book = read_recipes(_recipes(tmp_path, RECIPE + "[few_shot.e5]\nbatch_rows = 7\n"))
    assert book.recipe(base="e5", few_shot=True).batch_rows == 7
    assert book.recipe(base="e5", few_shot=False).batch_rows == 16
    assert book.recipe(base="minilm", few_shot=True).batch_rows == 16


def test_the_few_shot_limit_must_be_a_number(tmp_path: Path) -> None:
    with pytest.raises(RecipeInvalid, match="few_shot_examples"):
        _ = read_recipes(_recipes(tmp_path, "few_shot_examples = 1.5")).few_shot_examples
