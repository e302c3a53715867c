"""Plain text: questions, numbered chapters, encodings, long files."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base.passages import Document
from knowledge_base.readers import read_documents
from knowledge_base.readers.sections import LONGEST


def _read(folder: Path, data: str | bytes) -> list[Document]:
    path = folder / "notes.txt"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_documents(path)


@pytest.mark.parametrize("text", ["Q: Open?\nA: At nine.\n\nQ: Where?\nA: Here.\nAnd there.\n"])
def test_questions_with_their_answers_are_documents(tmp_path: Path, text: str) -> None:
    found = [(document.question, document.answer) for document in _read(tmp_path, text)]
    assert found == [("Open?", "At nine."), ("Where?", "Here.\nAnd there.")]


def test_numbered_headings_on_lines_of_their_own_make_sections(tmp_path: Path) -> None:
    text = "前言。\n\n第一章 退货\n\n一、期限\n\n七天。\n1. 完好\n2. 有票\n\n二、运费\n\n自付。\n"
    documents = _read(tmp_path, text)
    assert [document.position for document in documents] == [
        "",
        "第一章 退货 › 一、期限",
        "第一章 退货 › 二、运费",
    ]
    assert documents[1].answer == "七天。\n1. 完好\n2. 有票"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_what_windows_editors_save_is_read(tmp_path: Path, encoding: str) -> None:
    [document] = _read(tmp_path, "签收后七天内可以退货。".encode(encoding))
    assert (document.answer, document.language) == ("签收后七天内可以退货。", "zh")


def test_a_long_text_becomes_several_documents_that_together_hold_all_of_it(tmp_path: Path) -> None:
    lines = [f"Sentence number {number} of a long text.\n" for number in range(1_000)]
    documents = _read(tmp_path, "\n".join(lines))
    assert len(documents) > 2
    assert all(len(document.answer) <= LONGEST for document in documents)
    joined = "\n".join(document.answer for document in documents).split("\n")
    assert [line for line in joined if line] == [line.strip() for line in lines]
    assert [document.id for document in documents][:2] == ["notes.txt", "notes.txt-part-2"]
