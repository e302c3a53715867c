"""Records that stay in their file until somebody asks for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import knowledge_base.lines as lines
from knowledge_base.catalogue import ById, Catalogue
from knowledge_base.chunking import passages_of
from knowledge_base.lines import Lines
from knowledge_base.passages import Document
from knowledge_base.records import dump_lines, load_document

TEXTS = st.lists(st.text(max_size=20), max_size=30)


def _documents(texts: list[str]) -> list[Document]:
    return [Document(f"{n}{text}", text, "a") for n, text in enumerate(texts)]


@given(texts=TEXTS, step=st.integers(1, 50), mapped=st.booleans())
def test_every_line_is_what_was_written(
    texts: list[str], step: int, mapped: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file, documents = tmp_path_factory.mktemp("lines") / "documents.jsonl", _documents(texts)
    file.write_bytes(dump_lines(documents))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_STEP", step)
        found = Lines.of(file, load_document, mapped=mapped)
    assert list(found) == documents
    assert found[1:3] == documents[1:3]
    assert b"".join(found.raw(number) for number in range(len(found))) == file.read_bytes()


def test_a_number_that_is_no_line_is_an_index_error(tmp_path: Path) -> None:
    found = Lines(dump_lines(_documents(["one", "two"])), load_document)
    assert found[-1] == found[1]
    for number in (2, -3):
        with pytest.raises(IndexError):
            found[number]


@given(texts=TEXTS)
def test_every_document_is_found_by_its_id_and_no_other(texts: list[str]) -> None:
    documents = _documents(texts)
    catalogue = Catalogue.build(documents, [p for d in documents for p in passages_of(d)])
    found = ById(documents, catalogue.find)
    assert dict(found) == {document.id: document for document in documents}
    assert found.get("nobody") is None


def test_documents_whose_ids_have_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge_base.catalogue._hash", lambda _: 2**64 - 1)
    documents = _documents(["one", "two", "three"])
    found = ById(documents, Catalogue.build(documents, []).find)
    assert [found[document.id] for document in documents] == documents
    assert "other" not in found


@given(tags=st.lists(st.lists(st.sampled_from("abc"), max_size=3), max_size=9))
def test_a_saved_catalogue_says_the_same(
    tags: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    documents = [Document(str(n), "q", "a", tags=tuple(own)) for n, own in enumerate(tags)]
    passages = [passage for document in documents for passage in passages_of(document)]
    saved, folder = Catalogue.build(documents, passages), tmp_path_factory.mktemp("catalogue")
    saved.save(folder)
    found = Catalogue.load(folder)
    assert found.owners.tolist() == saved.owners.tolist() == [*range(len(tags))]
    assert {tag: rows.tolist() for tag, rows in found.tagged.items()} == {
        tag: [n for n, own in enumerate(tags) if tag in own] for tag in {t for o in tags for t in o}
    }
    assert [found.find(document.id) for document in documents] == [[n] for n in range(len(tags))]
