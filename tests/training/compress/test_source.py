from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from chatbot.errors import ModelDirectoryInvalid
from training.compress.source import read_source, recipe_entries


@pytest.fixture
def copy(source: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(source, tmp_path / "copy"))


def _change(copy: Path, **entries: object) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps(manifest | entries))


def test_a_source_knows_how_it_was_trained(source: Path) -> None:
    read = read_source(source)
    assert read.recipe.encoder_learning_rate == 1e-2
    assert (read.files.name, read.layers, read.seed) == ("tiny", 2, 1)


def test_a_model_of_an_older_version_gets_the_shipped_value_of_what_is_new(copy: Path) -> None:
    recipe = json.loads((copy / "manifest.json").read_text())["recipe"]
    del recipe["averaging"]
    _change(copy, recipe=recipe | {"forgotten_option": 3})
    assert read_source(copy).recipe.averaging == 0.0


def test_a_model_that_was_compressed_before_can_be_read(copy: Path) -> None:
    read = read_source(copy)
    _change(copy, recipe=recipe_entries(read.recipe, read, method="qat"))
    assert read_source(copy).recipe == read.recipe


def test_a_manifest_without_its_recipe_is_one_sentence(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    del manifest["recipe"]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelDirectoryInvalid, match=r"does not tell how it was trained"):
        read_source(copy)
