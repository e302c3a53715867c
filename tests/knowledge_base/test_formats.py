"""Every format, in thirty shapes: what was written comes out, and comes out the same again."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base.collection import Collection
from knowledge_base.han import has_han
from knowledge_base.readers import read_each
from tests.knowledge_base.varied_files import COUNT, FILES, facts


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _folder(parent: Path, suffix: str) -> Path:
    folder = parent / "files"
    folder.mkdir()
    for number in range(COUNT):
        (folder / f"资料-{number:02}{suffix}").write_bytes(FILES[suffix](number))
    return folder


@pytest.mark.parametrize("suffix", FILES)
def test_thirty_files_of_a_format_are_read_whole(tmp_path: Path, suffix: str) -> None:
    reading = read_each([_folder(tmp_path, suffix)])
    assert not reading.refused
    assert reading.files == COUNT
    text = _squeezed("\n".join(document.answer for document in reading.documents))
    for number in range(COUNT):
        for _, sentence in facts(number):
            assert _squeezed(sentence) in text


@pytest.mark.parametrize("suffix", FILES)
def test_a_second_import_changes_nothing(tmp_path: Path, suffix: str) -> None:
    folder = _folder(tmp_path, suffix)
    collection = Collection(tmp_path / "shop")
    first = collection.import_readable([folder])
    stored = (tmp_path / "shop" / "documents.jsonl").read_bytes()
    again = collection.import_readable([folder])
    assert first.added >= COUNT
    assert (again.added, again.changed, again.unchanged) == (0, 0, first.added)
    assert (tmp_path / "shop" / "documents.jsonl").read_bytes() == stored


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".html", ".txt", ".xlsx"])
def test_the_language_of_each_document_is_found(tmp_path: Path, suffix: str) -> None:
    for document in read_each([_folder(tmp_path, suffix)]).documents:
        assert document.language == ("zh" if has_han(document.answer) else "en")
