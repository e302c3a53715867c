from __future__ import annotations

from pathlib import Path

import pytest

from training.errors import CorpusInvalid
from training.evaluation.retrieval.queries import Known, Query, read_queries

ARTICLES = frozenset({"a", "b", "c|d"})


def _read(folder: Path, content: str | bytes, *, longest: int = 100) -> tuple[Query, ...]:
    path = folder / "q.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_queries(
        path, longest=longest, known=lambda _name: Known("kb.csv", ARTICLES)
    ).queries


def test_columns_may_be_left_out_and_the_language_is_guessed(tmp_path: Path) -> None:
    first, second, third = _read(tmp_path, "query,expected_id\nhow?,a\n怎么办？,b\n42,a\n")
    assert (first.text, first.expected, first.line) == ("how?", ("a",), 2)
    assert [query.language for query in (first, second, third)] == ["en", "zh", "other"]
    assert first.collection == ""


def test_language_and_collection_are_taken_from_the_file(tmp_path: Path) -> None:
    content = "collection,expected_id,language,query\nshop,a,zh-CN,how?\n"
    (query,) = _read(tmp_path, content)
    assert (query.language, query.collection) == ("zh", "shop")


def test_several_right_ids_stand_with_a_bar_between(tmp_path: Path) -> None:
    (query,) = _read(tmp_path, "query,expected_id\nhow?,a | b|a\n")
    assert query.expected == ("a", "b")


def test_an_id_may_hold_the_bar_itself(tmp_path: Path) -> None:
    (query,) = _read(tmp_path, "query,expected_id\nhow?,c|d\n")
    assert query.expected == ("c|d",)


def test_an_empty_id_means_that_nothing_answers(tmp_path: Path) -> None:
    (query,) = _read(tmp_path, "query,expected_id\nhow?,\n")
    assert query.expected == ()


def test_what_is_asked_of_the_knowledge_is_what_the_row_calls_its_collection(
    tmp_path: Path,
) -> None:
    path = tmp_path / "q.csv"
    path.write_text("query,expected_id,collection\nhow?,x,one\nhow?,y,two\n")
    known = {"one": Known("one", frozenset("x")), "two": Known("two", frozenset("y"))}
    asked = read_queries(path, longest=10, known=known.__getitem__)
    assert [query.collection for query in asked.queries] == ["one", "two"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("query\nhow?\n", "line 1: the header lacks expected_id; it must be query,expected_id["),
        ("query;expected_id\nhow?;a\n", "line 1: the header lacks query and expected_id because"),
        ("query,expected_id\nhow?,a,b\n", "line 2: 3 fields where the header names 2"),
        ("query,expected_id\nhow?,z\n", "line 2: expected_id 'z' is no document of kb.csv"),
        ("query,expected_id\nhow?,a|z\n", "line 2: expected_id 'z' is no document"),
        ("query,expected_id\n ,a\n", "line 2: the query cannot be asked"),
        ("query,expected_id\nhow?,a\n" + "x" * 101 + ",a\n", "line 3: the query cannot be asked"),
        ("query,expected_id\nho\0w,a\n", "line 2: the query cannot be asked"),
        ("query,expected_id\n", "it has no row with a query"),
        ('query,expected_id\n"how?,a\n', "line 2: this is not CSV"),
        ("", "the file is empty"),
        ("\ufeff \n", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "it is not UTF-8"),
        (b"PK\x03\x04 and no more", "this ZIP file is damaged"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence_with_its_line(
    tmp_path: Path, content: str | bytes, sentence: str
) -> None:
    with pytest.raises(CorpusInvalid) as error:
        _read(tmp_path, content)
    assert sentence in str(error.value)
    assert str(error.value).count("\n") == 0


def test_no_sentence_repeats_a_query(tmp_path: Path) -> None:
    with pytest.raises(CorpusInvalid) as error:
        _read(tmp_path, "query,expected_id\nmy card is 4111,z\n")
    assert "4111" not in str(error.value)


def test_a_folder_is_no_file_of_queries(tmp_path: Path) -> None:
    with pytest.raises(CorpusInvalid, match="name the CSV file"):
        read_queries(tmp_path, longest=10, known=lambda _name: Known("kb", ARTICLES))


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(CorpusInvalid, match="there is no such file"):
        read_queries(tmp_path / "no.csv", longest=10, known=lambda _name: Known("kb", ARTICLES))
