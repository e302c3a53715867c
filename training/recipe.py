"""Hyper-parameters, read from a TOML file so that none hides in the code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from training.errors import RecipeInvalid

SHIPPED = Path(__file__).parent / "recipes" / "intent.toml"

_ACCEPTED: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "str": (str,),
}
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class Recipe:
    epochs: int
    batch_rows: int
    encoder_learning_rate: float
    head_learning_rate: float
    layer_decay: float
    weight_decay: float
    warmup_share: float
    clip_norm: float
    dropout: float
    head_dropout: float
    label_smoothing: float
    averaging: float
    """Decay of the moving average that the weights end as; 0 keeps the last step's."""
    freeze_embeddings: bool
    frozen_layers: int
    inverse_regularisation: float
    """Of the logistic regression that the head starts from."""
    names_as_examples: bool
    """Teach `card_arrival` the text "card arrival": worth an example where there are few."""
    precision: str
    held_out_share: float
    """Of the training rows, for calibration, where no validation file is given."""
    largest_rejected_share: float
    """Of in-scope validation rows, that the out-of-scope threshold may turn away."""


@dataclass(frozen=True)
class RecipeBook:
    """A file's table `default`, and tables that overrule it for one encoder or for few rows."""

    path: Path
    tables: Mapping[str, Any]

    @property
    def few_shot_examples(self) -> int:
        """Up to so many examples an intent (median) the table `few_shot` applies."""
        value = self.tables.get("few_shot_examples")
        if not isinstance(value, int) or isinstance(value, bool):
            raise RecipeInvalid(f"{self.path}: few_shot_examples must be a whole number.")
        return value

    def recipe(self, *, base: str, few_shot: bool, epochs: int | None = None) -> Recipe:
        values = dict(self._table("default"))
        values |= self._table("base", base)
        if few_shot:
            values |= self._table("few_shot")
        if epochs is not None:
            values["epochs"] = epochs
        recipe = Recipe(**self._checked(values))
        self._check_ranges(recipe)
        return recipe

    def _table(self, *names: str) -> Mapping[str, Any]:
        table: Any = self.tables
        for name in names:
            table = table.get(name, {}) if isinstance(table, dict) else {}
        if not isinstance(table, dict):
            raise RecipeInvalid(f"{self.path}: [{'.'.join(names)}] must be a table.")
        return table

    def _checked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        kinds = {field.name: str(field.type) for field in fields(Recipe)}
        unknown, missing = sorted(values.keys() - kinds), sorted(kinds.keys() - values)
        if unknown or missing:
            what = f"unknown: {unknown[0]}" if unknown else f"missing: {missing[0]}"
            raise RecipeInvalid(f"{self.path}: a hyper-parameter is {what}.")
        checked: dict[str, Any] = {}
        for name, value in values.items():
            if type(value) not in _ACCEPTED[kinds[name]]:
                raise RecipeInvalid(f"{self.path}: {name} = {value!r} is no {kinds[name]}.")
            checked[name] = float(value) if kinds[name] == "float" else value
        return checked

    def _check_ranges(self, recipe: Recipe) -> None:
        rules = {
            "epochs": recipe.epochs >= 1,
            "batch_rows": recipe.batch_rows >= 1,
            "encoder_learning_rate": recipe.encoder_learning_rate >= 0,
            "head_learning_rate": recipe.head_learning_rate >= 0,
            "layer_decay": 0 < recipe.layer_decay <= 1,
            "warmup_share": 0 <= recipe.warmup_share <= 1,
            "clip_norm": recipe.clip_norm > 0,
            "dropout": 0 <= recipe.dropout < 1,
            "head_dropout": 0 <= recipe.head_dropout < 1,
            "averaging": 0 <= recipe.averaging < 1,
            "label_smoothing": 0 <= recipe.label_smoothing < 1,
            "inverse_regularisation": recipe.inverse_regularisation > 0,
            "precision": recipe.precision in PRECISIONS,
            "held_out_share": 0 < recipe.held_out_share < 1,
            "largest_rejected_share": 0 <= recipe.largest_rejected_share < 1,
        }
        for name, holds in rules.items():
            if not holds:
                raise RecipeInvalid(f"{self.path}: {name} = {getattr(recipe, name)!r} cannot be.")


def read_recipes(path: Path = SHIPPED) -> RecipeBook:
    """Raises RecipeInvalid."""
    try:
        return RecipeBook(path, tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise RecipeInvalid(f"{path}: the recipe cannot be read ({error.strerror}).") from None
    except ValueError as error:
        raise RecipeInvalid(f"{path}: the recipe is not TOML ({error}).") from None
