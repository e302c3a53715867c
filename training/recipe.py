"""Hyper-parameters, read from a TOML file so that none hides in the code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
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
PRECISIONS = ("auto", "float32", "bfloat16", "float16")
CHANGES = (
    *("typo_share", "casing_share", "width_share"),
    *("script_share", "homophone_share", "dropped_share"),
)
"""How a row may be changed; a change is drawn by these shares."""


@dataclass(frozen=True)
class Recipe:
    """What has a value here is an option, and this value leaves it out."""

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
    patience: int = 0
    """Epochs without a better one on the held-out rows after which training ends; 0: never."""
    accumulation: int = 1
    """Batches whose gradients make one step."""
    class_balance: float = 0.0
    """Exponent: a class of n rows weighs n to its negative in the loss. 0.5 is the inverse root."""
    out_of_scope_weight: float = 1.0
    """Factor on the loss of rows that are out of scope, where they are a class."""
    contrastive_epochs: int = 0
    """Of pulling an intent's sentences together, before the head and the rest are trained."""
    contrastive_rate: float = 1.0
    """Factor on the encoder's learning rate in those epochs: too large, and all collapses."""
    contrastive_weight: float = 0.0
    """Of the same pull beside the cross-entropy; batches are then drawn by class."""
    contrastive_temperature: float = 0.1
    contrastive_classes: int = 16
    """In a batch that is drawn by class."""
    contrastive_examples: int = 4
    """Of each class in such a batch."""
    consistency_weight: float = 0.0
    """Of the disagreement between two passes with different dropout; doubles the work."""
    augmented_share: float = 0.0
    """Of the rows, that are read with a change in each epoch; which one, the shares below say."""
    typo_share: float = 0.0
    casing_share: float = 0.0
    width_share: float = 0.0
    script_share: float = 0.0
    homophone_share: float = 0.0
    dropped_share: float = 0.0
    mahalanobis: bool = False
    """A further out-of-scope signal: distance in units of the intents' common spread."""
    neighbours: int = 0
    """A further out-of-scope signal: distance to the so-manieth nearest training row; 0: none."""
    lexical: bool = False
    """Beside the network, words and pairs of words of the whole text: worth it for long texts."""
    refitted_head: float = 0.0
    """Share of a head that is fitted anew after training, in the one that was trained."""
    spendable_share: float = 0.0
    """Of in-scope validation rows, that are turned away for more out-of-scope rows to be found,
    where an even chance would turn away fewer."""
    reject_unseen: bool = False
    """Without out-of-scope rows: turn away `largest_rejected_share` of the rows, not none."""
    largest_ambiguous_share: float = 0.0
    """Of in-scope validation rows, that may count as ambiguous; 0: none ever does."""
    ambiguous_error: float = 0.3
    """A margin is too small up to where this share of the rows under it is wrong."""


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

    def recipe(
        self, *, base: str, few_shot: bool, epochs: int | None = None, continued: bool = False
    ) -> Recipe:
        values = dict(self._table("default"))
        values |= self._table("base", base)
        if few_shot:
            values |= {**_plain(self._table("few_shot")), **self._table("few_shot", base)}
        if continued:
            values |= self._table("continued")
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
        needed = {field.name for field in fields(Recipe) if field.default is MISSING}
        unknown, missing = sorted(values.keys() - kinds), sorted(needed - values.keys())
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
        for name, holds in {**_basic_rules(recipe), **_option_rules(recipe)}.items():
            if not holds:
                raise RecipeInvalid(f"{self.path}: {name} = {getattr(recipe, name)!r} cannot be.")
        if recipe.consistency_weight and not (recipe.dropout or recipe.head_dropout):
            raise RecipeInvalid(
                f"{self.path}: consistency_weight compares two passes that only dropout makes "
                "different; set dropout or head_dropout above 0."
            )
        if recipe.augmented_share and not any(getattr(recipe, name) for name in CHANGES):
            raise RecipeInvalid(
                f"{self.path}: augmented_share needs to know how rows are changed; "
                f"set one of {', '.join(CHANGES)} above 0."
            )


def _plain(table: Mapping[str, Any]) -> dict[str, Any]:
    """Without the tables in it, which are for single encoders."""
    return {name: value for name, value in table.items() if not isinstance(value, dict)}


def _basic_rules(recipe: Recipe) -> dict[str, bool]:
    return {
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


def _option_rules(recipe: Recipe) -> dict[str, bool]:
    shares = [name for name in recipe.__dataclass_fields__ if name.endswith("_share")]
    return {
        "patience": recipe.patience >= 0,
        "accumulation": recipe.accumulation >= 1,
        "class_balance": 0 <= recipe.class_balance <= 1,
        "out_of_scope_weight": recipe.out_of_scope_weight > 0,
        "contrastive_epochs": recipe.contrastive_epochs >= 0,
        "contrastive_rate": recipe.contrastive_rate > 0,
        "contrastive_weight": recipe.contrastive_weight >= 0,
        "contrastive_temperature": recipe.contrastive_temperature > 0,
        "contrastive_classes": recipe.contrastive_classes >= 2,
        "contrastive_examples": recipe.contrastive_examples >= 2,
        "consistency_weight": recipe.consistency_weight >= 0,
        **{name: 0 <= getattr(recipe, name) <= 1 for name in shares},
        "held_out_share": 0 < recipe.held_out_share < 1,
        "largest_rejected_share": 0 <= recipe.largest_rejected_share < 1,
        "neighbours": recipe.neighbours >= 0,
        "refitted_head": 0 <= recipe.refitted_head <= 1,
        "largest_ambiguous_share": 0 <= recipe.largest_ambiguous_share < 1,
        "ambiguous_error": 0 < recipe.ambiguous_error <= 1,
    }


def read_recipes(path: Path = SHIPPED) -> RecipeBook:
    """Raises RecipeInvalid."""
    try:
        return RecipeBook(path, tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise RecipeInvalid(f"{path}: the recipe cannot be read ({error.strerror}).") from None
    except ValueError as error:
        raise RecipeInvalid(f"{path}: the recipe is not TOML ({error}).") from None
