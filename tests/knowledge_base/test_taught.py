"""What a training wrote is read only where all of it is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge_base.errors import RetrieverMissing
from knowledge_base.taught import FORMAT, JUDGEMENT, MANIFEST, PARTS, read_manifest, read_passing

PASSING = [
    {"risk": 0.1, "threshold": 0.6, "answered": 0.7},
    {"risk": 0.01, "threshold": 0.9, "answered": 0.3},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in PARTS:
        (tmp_path / name).write_bytes(b"x")
    manifest = {"format": FORMAT, "version": "retriever-1", "passing": PASSING}
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    return tmp_path


def test_a_finished_training_is_read(folder: Path) -> None:
    assert read_manifest(folder)["version"] == "retriever-1"
    assert [each.risk for each in read_passing(folder)] == [0.01, 0.1]


@pytest.mark.parametrize("part", PARTS)
def test_a_training_without_one_of_its_parts_is_none(folder: Path, part: str) -> None:
    (folder / part).unlink()
    with pytest.raises(RetrieverMissing, match=f"{part} is missing.*kefu train retriever"):
        read_manifest(folder)


def test_of_a_training_that_is_not_there_the_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(RetrieverMissing, match=f"{MANIFEST} is missing"):
        read_manifest(tmp_path / "nowhere")


@pytest.mark.parametrize("content", [b"", b"[]", b'{"format": 0, "version": "v"}', b"\xff"])
def test_a_damaged_manifest_is_refused(folder: Path, content: bytes) -> None:
    (folder / MANIFEST).write_bytes(content)
    with pytest.raises(RetrieverMissing, match=f"{MANIFEST} cannot be read"):
        read_manifest(folder)


def test_a_folder_in_place_of_a_part_is_no_part(folder: Path) -> None:
    (folder / JUDGEMENT).unlink()
    (folder / JUDGEMENT).mkdir()
    with pytest.raises(RetrieverMissing, match=JUDGEMENT):
        read_manifest(folder)
