from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.corpus import read_corpus
from training.errors import CorpusInvalid

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip)
NAMES = st.text("abc_/?-订单", min_size=1, max_size=9).filter(str.strip)
ROWS = st.lists(st.tuples(TEXTS, NAMES, st.sampled_from(["en", "zh"])), min_size=1, max_size=8)


def _rows(path: Path) -> list[tuple[str, str, str]]:
    return [(row.text, row.intent, row.language) for row in read_corpus(path).utterances]


def _expected(rows: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return [(text.strip(), intent, language) for text, intent, language in rows]


@given(ROWS)
def test_what_is_written_as_jsonl_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    path = tmp_path_factory.mktemp("d") / "rows.jsonl"
    fields = ("text", "intent", "language")
    lines = [json.dumps(dict(zip(fields, row, strict=True)), ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines), "utf-8")
    assert _rows(path) == _expected(rows)


@given(ROWS)
def test_what_is_written_as_csv_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    path = tmp_path_factory.mktemp("d") / "rows.csv"
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([("text", "intent", "language"), *rows])
    path.write_bytes(stream.getvalue().encode())
    assert _rows(path) == _expected(rows)


def test_the_language_may_be_left_out_and_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('\n{"text": "发票", "intent": "a", "more": 1}\n\n{"text":"hi","intent":"b"}\n')
    first, second = read_corpus(path).utterances
    assert (first.language, first.line, second.language, second.line) == ("zh", 2, "en", 4)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "line 2: this is not valid JSON"),
        ("[1]", "line 2: each line must be an object"),
        ('{"text": "hi"}', "line 2: each line must be an object"),
        ('{"text": 1, "intent": "a"}', "line 2: text must be a text"),
        ('{"text": "hi", "intent": ["a"]}', "line 2: intent must be a text"),
        ('{"text": "hi", "intent": null}', "line 2: the intent is empty"),
        ('{"text": "hi", "intent": "a\\nb"}', r"line 2: the intent 'a\\nb' holds a line end"),
        ('{"text": "\\ud800", "intent": "a"}', r"line 2: the text holds half a character"),
        ('{"a": ' + "[" * 100_000, "line 2: this is not valid JSON"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "hi", "intent": "a"}\n' + line)
    with pytest.raises(CorpusInvalid, match=complaint):
        read_corpus(path)
