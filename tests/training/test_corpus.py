from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.corpus import Problem, normalise, read_corpus
from training.errors import CorpusInvalid


def _write(folder: Path, text: str | bytes) -> Path:
    path = folder / "data.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_reads_text_intent_and_line(tmp_path: Path) -> None:
    path = _write(tmp_path, 'text,intent\n"where,\nis it",track\n hi ,greet\n')
    first, second = read_corpus(path).utterances
    assert (first.text, first.intent, first.line) == ("where,\nis it", "track", 2)
    assert (second.text, second.line) == ("hi", 4)


def test_the_language_comes_from_the_column_or_from_the_script(tmp_path: Path) -> None:
    path = _write(tmp_path, "intent,text,language\na,发票,\na,invoice,\na,OK,zh\n")
    assert [row.language for row in read_corpus(path).utterances] == ["zh", "en", "zh"]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = _write(tmp_path, b"\xef\xbb\xbftext,intent\r\nhi,greet\r\n")
    assert read_corpus(path).utterances[0].text == "hi"


def test_a_line_separator_inside_a_text_does_not_break_the_row(tmp_path: Path) -> None:
    path = _write(tmp_path, "text,intent\none\u2028two,greet\n")
    assert len(read_corpus(path).utterances) == 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "the file is empty"),
        ("sentence,intent\nhi,greet\n", "header lacks text;"),
        ("text,intent,text\nhi,greet,x\n", "twice"),
        ("text,intent\n", "no rows"),
        ("text,intent\n,greet\n", "no rows"),
        ("text,intent\nhi,greet\nhi\n", "line 3: 1 fields"),
        ("text,intent\nhi,\n", "line 2: the intent is empty"),
        ("text,intent,language\nhi,a,e\x1bn\n", r"line 2: the language 'e\\x1bn' is no code"),
        ('text,intent\nhi,greet\n"open,greet\n', "line 3: this is not CSV"),
        (b"text,intent\nhi,greet\n\xff\xfe,greet\n", "line 3: it is not UTF-8"),
    ],
)
def test_a_broken_file_is_named_with_the_line(
    tmp_path: Path, content: str | bytes, complaint: str
) -> None:
    path = _write(tmp_path, content)
    with pytest.raises(CorpusInvalid, match=complaint) as raised:
        read_corpus(path)
    assert str(path) in str(raised.value)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CorpusInvalid, match="there is no such file"):
        read_corpus(tmp_path / "absent.csv")


def test_oddities_are_reported_with_their_lines(tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        "text,intent\nWhere is it?,track\nwhere  is it,track\nwhere is it!,refund\n"
        ",track\nbye,goodbye\nmoney,refund\n",
    )
    found = {(finding.problem, finding.line) for finding in read_corpus(path).findings}
    assert found == {
        (Problem.DUPLICATE, 3),
        (Problem.CONFLICT, 4),
        (Problem.EMPTY_TEXT, 5),
        (Problem.LONE_EXAMPLE, 6),
    }


def test_repeats_go_but_conflicts_stay(tmp_path: Path) -> None:
    path = _write(tmp_path, "text,intent\nHi!,a\nhi,a\nhi,b\n")
    kept = read_corpus(path).without_repeats().utterances
    assert [(row.text, row.intent) for row in kept] == [("Hi!", "a"), ("hi", "b")]


@pytest.mark.parametrize("other", ["Where is it", "where is IT?!", "  ｗｈｅｒｅ  is　it。"])
def test_case_width_spacing_and_punctuation_do_not_tell_texts_apart(other: str) -> None:
    assert normalise(other) == "where is it"


def test_signs_alone_stay_what_they_are() -> None:
    assert normalise("??") != normalise("!!")


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
