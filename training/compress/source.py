"""A trained model directory as the start of a smaller one."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from chatbot.adapters.intent_directory import MANIFEST, NETWORK, read_directory
from chatbot.adapters.intent_network import IntentNetwork, load_network
from chatbot.errors import ModelDirectoryInvalid
from training.base_weights import BaseModel
from training.recipe import Recipe, RecipeBook, read_recipes


@dataclass(frozen=True)
class Source:
    version: str
    files: BaseModel
    """The directory itself, under the name of the encoder that it came from."""
    labels: tuple[str, ...]
    """In logit order."""
    token_limit: int
    recipe: Recipe
    """That it was trained by, without the options that only a first training needs."""
    seed: int
    layers: int

    def load(self) -> IntentNetwork:
        """In eval mode, with its head. Raises ModelDirectoryInvalid."""
        directory = self.files.directory
        try:
            return load_network(directory)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelDirectoryInvalid(directory, f"the network does not load ({error})") from None


def read_source(directory: Path) -> Source:
    """Raises ModelDirectoryInvalid and RecipeInvalid."""
    model = read_directory(directory)
    manifest, config = (
        json.loads((directory / name).read_text(encoding="utf-8"))
        for name in (MANIFEST, NETWORK[0])
    )
    try:
        return Source(
            version=model.version,
            files=BaseModel(str(manifest["base"]), directory, model.prefix),
            labels=model.scorer.labels,
            token_limit=model.token_limit,
            recipe=_recipe(directory, str(manifest["base"]), manifest["recipe"]),
            seed=int(manifest["seed"]),
            layers=int(config["num_hidden_layers"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        reason = f"{MANIFEST} does not tell how it was trained ({error})"
        raise ModelDirectoryInvalid(directory, reason) from None


def _recipe(directory: Path, base: str, entries: dict[str, Any]) -> Recipe:
    # Entries that say something else (that it was compressed already) or that another version of
    # Kefu knew are no hyper-parameters; what an older version did not know yet is as shipped.
    values = asdict(read_recipes().recipe(base=base, few_shot=False))
    values |= {name: value for name, value in entries.items() if name in values}
    book = RecipeBook(directory / MANIFEST, {"default": values})
    recipe = book.recipe(base="", few_shot=False)
    return replace(recipe, contrastive_epochs=0, augmented_share=0.0, patience=0)


def recipe_entries(recipe: Recipe, source: Source, **how: object) -> dict[str, Any]:
    """What the manifest of the smaller model says under `recipe`."""
    return {**asdict(recipe), "compressed": {"from": source.version, **how}}
