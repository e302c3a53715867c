from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from tests.benchmarks.intents.newsgroups import (
    LONGEST,
    NOTHING,
    restore_lines,
    strip_message,
    without_footer,
    without_headers,
    without_quotes,
    write_messages,
)
from tests.benchmarks.intents.plan import Dataset
from tests.benchmarks.intents.preparation import missing_files, prepare
from training.corpus import read_corpus

MESSAGE = """From: ann@example.org (Ann)
Subject: Re: Bicycles
Lines: 9

In article <1@example.org> bob@example.org (Bob) writes:
> Which tyres do you ride?
| Me too.

Wide ones, since the road is bad.

--
Ann, on two wheels
"""


def test_only_the_own_words_of_a_message_are_left() -> None:
    assert strip_message(MESSAGE).strip() == "Wide ones, since the road is bad."


def test_headers_end_at_the_first_empty_line() -> None:
    assert without_headers("From: a\nLines: 1\n\nOne.\n\nTwo.") == "One.\n\nTwo."
    assert without_headers("From: a\nLines: 0\n") == ""


def test_a_footer_follows_the_last_rule_or_empty_line() -> None:
    assert without_footer("One.\n---\nAnn") == "One."
    assert without_footer("One.\n\nTwo.\n\nAnn\n") == "One.\n\nTwo."
    assert without_footer("One.\nTwo.") == "One.\nTwo."


def test_the_line_that_names_who_is_quoted_goes_with_the_quote() -> None:
    text = "Bob wrote:\n>Hello\nIn article 7, it stands\nHe wrote a book"
    assert without_quotes(text) == "He wrote a book"


def test_tabs_are_line_ends_only_where_there_are_no_others() -> None:
    assert restore_lines("From: a\t\tHello\tAnn\n") == "From: a\n\nHello\nAnn\n"
    assert restore_lines("From: a\n\nOne\ttwo\n") == "From: a\n\nOne\ttwo\n"


@pytest.fixture
def messages(tmp_path: Path) -> Path:
    rows = [
        {"id": "1", "label": "rec.bicycles", "text": MESSAGE},
        {"id": "2", "label": "sci.space", "text": "From: b\n\n>Quoted alone\n"},
        {"id": "3", "label": "sci.space", "text": "From: c\n\n" + "far " * 9000},
    ]
    path = tmp_path / "rows.jsonl.xz"
    with lzma.open(path, "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def test_a_measured_message_of_which_nothing_is_left_still_counts(
    messages: Path, tmp_path: Path
) -> None:
    target = tmp_path / "test.jsonl"
    write_messages(messages, target, stripped=True, measured=True)
    corpus = read_corpus(target)
    assert [row.intent for row in corpus.utterances] == ["rec.bicycles", "sci.space", "sci.space"]
    assert corpus.utterances[1].text == NOTHING
    assert LONGEST - 2 < len(corpus.utterances[2].text) <= LONGEST


def test_nothing_is_taught_from_an_empty_message(messages: Path, tmp_path: Path) -> None:
    target = tmp_path / "train.jsonl"
    write_messages(messages, target, stripped=True, measured=False)
    assert len(read_corpus(target).utterances) == 2


def test_messages_are_prepared_for_training_and_measuring(messages: Path, tmp_path: Path) -> None:
    dataset = Dataset("n", "N", ".", messages.name, {"test": [messages.name]}, (), stripped=True)
    prepared = prepare(dataset, tmp_path, tmp_path)
    assert len(read_corpus(prepared.train).utterances) == 2
    assert len(read_corpus(prepared.tests["test"]).utterances) == 3


def _csv(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(["text,intent", *rows]) + "\n", "utf-8")
    return path


def test_rows_of_an_outside_file_are_out_of_scope_whatever_they_say(tmp_path: Path) -> None:
    _csv(tmp_path / "train.csv", "hello,greet", "bye,leave")
    _csv(tmp_path / "test.csv", '"hi, you",greet')
    _csv(tmp_path / "near.csv", "pay me,oos", '"say ""x""",refund')
    tests = {"test": ["test.csv"], "near": ["test.csv", "near.csv"]}
    dataset = Dataset("d", "D", ".", "train.csv", tests, ())
    prepared = prepare(dataset, tmp_path, tmp_path)
    assert prepared.tests["test"] == tmp_path / "test.csv"
    rows = read_corpus(prepared.tests["near"]).utterances
    assert [(row.text, row.intent) for row in rows] == [
        ("hi, you", "greet"),
        ("pay me", "out_of_scope"),
        ('say "x"', "out_of_scope"),
    ]


def test_files_that_a_folder_lacks_are_named(tmp_path: Path) -> None:
    _csv(tmp_path / "train.csv", "hello,greet")
    dataset = Dataset("d", "D", ".", "train.csv", {"t": ["test.csv"]}, (), validation="v.csv")
    assert [path.name for path in missing_files(dataset, tmp_path)] == ["v.csv", "test.csv"]
