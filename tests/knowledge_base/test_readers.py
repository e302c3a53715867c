"""CSV, JSONL and folders; broken files name the place and nothing is imported."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.errors import DocumentInvalid, FormatUnknown, SourceUnreadable
from knowledge_base.passages import Document
from knowledge_base.readers import read_all, read_documents

HEADER = "id,question,answer,title,url,language,tags,variants"


def _write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_row_becomes_a_document_with_all_its_fields(tmp_path: Path) -> None:
    row = "a,Where is it?,On its way.,Parcels,/p,en,parcel; late,where now | still waiting"
    assert read_documents(_write(tmp_path, "k.csv", f"{HEADER}\n{row}\n")) == [
        Document(
            id="a",
            question="Where is it?",
            answer="On its way.",
            title="Parcels",
            url="/p",
            language="en",
            tags=("parcel", "late"),
            variants=("where now", "still waiting"),
        )
    ]


def test_optional_columns_may_be_missing_and_stand_in_any_order(tmp_path: Path) -> None:
    path = _write(tmp_path, "k.csv", "answer,id,question,note\nYes.,a,Is it?,x\n")
    assert read_documents(path) == [
        Document(id="a", question="Is it?", answer="Yes.", language="en")
    ]


def test_a_byte_order_mark_and_windows_line_ends_are_tolerated(tmp_path: Path) -> None:
    content = "\ufeffid,question,answer\r\na,问？,答。\r\n"
    [document] = read_documents(_write(tmp_path, "k.csv", content))
    assert (document.id, document.answer, document.language) == ("a", "答。", "zh")


def test_an_answer_may_span_lines_and_later_lines_are_still_counted(tmp_path: Path) -> None:
    content = 'id,question,answer\na,q,"one\ntwo"\nb,q,\n'
    with pytest.raises(DocumentInvalid) as caught:
        read_documents(_write(tmp_path, "k.csv", content))
    assert caught.value.line == 4


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", 1, "lacks id, question, answer"),
        (b"id,question\na,q\n", 1, "lacks answer"),
        (b"id,question,answer,id\na,q,a,a\n", 1, "twice"),
        (b"id,question,answer\na,q,a\n\nb,q\n", 4, "2 cells where the header has 3"),
        (b"id,question,answer\na,q, \n", 2, "answer is empty"),
        (b"id,question,answer\n,q,a\n", 2, "id is empty"),
        (b"id,question,answer\na b,q,a\n", 2, "white space"),
        (b"id,question,answer\na,q,a\na,q,b\n", 3, "'a' is taken by"),
        (b"id,question,answer\na,q,a\0\n", 2, "NUL"),
        (b"id,question,answer\na,q,a\nb,\xff,a\n", 3, "not UTF-8"),
        (b"\xef\xbb\xbfid,question,answer\nb,\xff,a\n", 2, "not UTF-8"),
        (b'id,question,answer\na,q,a\nb,q,"a\nc,q,a\n', 3, "quoting"),
        (b'id,question,answer\na,"q"x,a\n', 2, "quoting"),
        (b"id,question,answer\na,q,a\x07\n", 2, "control character U+0007"),
        (b"id,question,answer,language\na,q,a,fr\n", 2, "'fr' is neither"),
        (b"id,question,answer,url\na,q,a,javascript:alert(1)\n", 2, "neither http(s)"),
        (b"id,question,answer,url\na,q,a,http://[\n", 2, "not an address"),
    ],
)
def test_a_broken_csv_is_refused_with_its_line(
    tmp_path: Path, content: bytes, line: int, reason: str
) -> None:
    path = _write(tmp_path, "k.csv", content)
    with pytest.raises(DocumentInvalid) as caught:
        read_documents(path)
    assert (caught.value.path, caught.value.line) == (path, line)
    assert reason in str(caught.value)


@pytest.mark.parametrize(("written", "read"), [("zh-CN", "zh"), ("EN_us", "en"), ("", "en")])
def test_languages_are_shortened_and_guessed_when_empty(
    tmp_path: Path, written: str, read: str
) -> None:
    content = f"id,question,answer,language\na,Is it?,Yes.,{written}\n"
    assert read_documents(_write(tmp_path, "k.csv", content))[0].language == read


def test_json_lines_take_lists_and_numbers_as_ids(tmp_path: Path) -> None:
    row = {"id": 7, "question": "q\u2028q", "answer": "a", "tags": ["x"], "variants": ["a | b"]}
    path = _write(tmp_path, "k.jsonl", json.dumps(row, ensure_ascii=False) + "\n\n")
    [document] = read_documents(path)
    assert (document.id, document.tags, document.variants) == ("7", ("x",), ("a | b",))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "not a JSON object"),
        ('{"id": "a", "question": "q"}', "lacks answer"),
        ('{"id": "a", "question": "q", "answer": 3}', "answer is neither text"),
        ('{"id": "a", "question": ["q"], "answer": "a"}', "question must be one text"),
        ('{"id": "a", "question": "q", "answer": "a", "tags": [1]}', "tags is neither text"),
        (r'{"id": "a", "question": "q", "answer": "\ud800"}', "U+D800"),
        (r'{"id": "a", "question": "q\u0000", "answer": "a"}', "U+0000"),
    ],
)
def test_a_broken_json_line_is_refused_with_its_number(
    tmp_path: Path, line: str, reason: str
) -> None:
    good = '{"id": "good", "question": "q", "answer": "a"}'
    path = _write(tmp_path, "k.jsonl", f"{good}\n{line}\n")
    with pytest.raises(DocumentInvalid) as caught:
        read_documents(path)
    assert caught.value.line == 2
    assert reason in str(caught.value)


def test_folders_are_read_in_order_without_hidden_and_foreign_files(tmp_path: Path) -> None:
    for name in ("b", "sub/a", ".hidden/c", ".d"):
        path = tmp_path / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        _write(tmp_path, f"{name}.csv", f"id,question,answer\n{path.stem}x,q,a\n")
    _write(tmp_path, "logo.png", b"\x89PNG")
    assert [document.id for document in read_documents(tmp_path)] == ["bx", "ax"]


def test_an_id_may_not_appear_in_two_files(tmp_path: Path) -> None:
    one = _write(tmp_path, "1.csv", "id,question,answer\na,q,a\n")
    two = _write(tmp_path, "2.jsonl", '{"id": "a", "question": "q", "answer": "a"}\n')
    with pytest.raises(DocumentInvalid) as caught:
        read_all([one, two])
    assert (caught.value.path, caught.value.line) == (two, 1)
    assert f"{one}, line 2" in str(caught.value)


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = _write(tmp_path, "1.csv", "id,question,answer\na,q,a\n")
    assert len(read_all([path, tmp_path])) == 1


def test_unknown_formats_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatUnknown, match=r"\.csv, \.jsonl"):
        read_documents(_write(tmp_path, "k.png", b"\x89PNG"))
    with pytest.raises(FormatUnknown):
        read_documents(tmp_path)
    with pytest.raises(SourceUnreadable, match="no such file"):
        read_documents(tmp_path / "missing.csv")


PRINTABLE = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="|"), min_size=1
).filter(lambda text: bool(text.strip()))


@settings(deadline=None)
@given(cells=st.lists(st.tuples(PRINTABLE, PRINTABLE), max_size=5))
def test_what_a_spreadsheet_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "k.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "question", "answer"])
        writer.writerows([str(row), *pair] for row, pair in enumerate(cells))
    read = [(document.question, document.answer) for document in read_documents(path)]
    assert read == [(question.strip(), answer.strip()) for question, answer in cells]


@settings(deadline=None)
@given(content=st.binary(max_size=300))
def test_no_bytes_do_worse_than_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("noise")
    lines = []
    for name in ("k.csv", "k.jsonl", "k.md"):
        path = _write(folder, name, content)
        try:
            documents = read_documents(path)
        except DocumentInvalid as error:
            lines.append(error.line)
        else:
            assert all(document.id and document.answer for document in documents)
    assert all(1 <= line <= len(content) + 1 for line in lines)
