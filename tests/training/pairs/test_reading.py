"""The written questions, and what the reader refuses."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from training.errors import CorpusInvalid
from training.pairs.reading import FOLDER, Pair, read_pairs
from training.utterance import HAN

PAIRS = read_pairs()
ROW: dict[str, Any] = {
    "article": "late-key",
    "trade": "locksmith",
    "language": "en",
    "title": "Locked out at night",
    "question": "What does a call at night cost?",
    "answer": "Between 22:00 and 06:00 we charge 95 euros.",
    "asked": ["im outside my own flat and its 2am, how bad will it be"],
    "beside": ["can you copy a car key"],
}


def _written(folder: Path, *rows: object) -> Path:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "locksmith.jsonl").write_text(text, encoding="utf-8")
    return folder


def _questions(pair: Pair) -> tuple[str, ...]:
    return (*pair.asked, *pair.beside)


def test_every_file_holds_articles_of_its_trade() -> None:
    trades = Counter(pair.trade for pair in PAIRS)
    assert set(trades) == {path.stem for path in FOLDER.glob("*.jsonl")}
    assert min(trades.values()) >= 24


def test_every_article_stands_in_both_languages() -> None:
    languages: dict[str, set[str]] = {}
    for pair in PAIRS:
        languages.setdefault(pair.article, set()).add(pair.language)
    assert {stem for stem, found in languages.items() if found != {"en", "zh"}} == set()


def test_an_article_is_asked_in_eight_ways_and_missed_by_three_or_in_ten_and_by_six() -> None:
    wrong = [
        (pair.article, pair.language)
        for pair in PAIRS
        if (len(pair.asked), len(pair.beside)) not in {(8, 3), (10, 6)}
    ]
    assert wrong == []


def test_no_question_stands_twice_in_all_files() -> None:
    counts = Counter(one.casefold() for pair in PAIRS for one in _questions(pair))
    assert [one for one, count in counts.items() if count > 1] == []


def test_no_question_stands_verbatim_in_its_article() -> None:
    found = [
        one
        for pair in PAIRS
        for one in _questions(pair)
        if one.casefold() in f"{pair.title}\n{pair.question}\n{pair.answer}".casefold()
    ]
    assert found == []


def test_a_line_is_written_in_the_language_it_names() -> None:
    wrong = [
        text
        for pair in PAIRS
        for text in (pair.title, pair.question, pair.answer, *_questions(pair))
        if bool(HAN.search(text)) != (pair.language == "zh")
    ]
    assert wrong == []


def test_every_answer_states_a_figure() -> None:
    without = [
        (pair.article, pair.language)
        for pair in PAIRS
        if not any(character.isdigit() for character in pair.answer)
    ]
    assert without == []


def test_most_questions_name_the_sentences_that_answer_them() -> None:
    named = [bool(told) for pair in PAIRS for told in pair.evidence]
    assert len(named) == sum(len(pair.asked) for pair in PAIRS)
    assert sum(named) / len(named) > 0.95


def test_sentences_hold_all_of_an_answer_but_the_space_between_them() -> None:
    for pair in PAIRS:
        parts = [pair.answer[start:end] for start, end in pair.sentences]
        assert "".join(parts).replace(" ", "") == pair.answer.replace(" ", "")
        assert all(part == part.strip() != "" for part in parts)


@pytest.mark.parametrize(
    "evidence", [[], [[0], [0]], [[1]], [[-1]], [[0, 0]], [["0"]], [[True]], "0", [0]]
)
def test_evidence_that_does_not_fit_its_article_is_refused(tmp_path: Path, evidence: Any) -> None:
    with pytest.raises(CorpusInvalid, match="evidence"):
        read_pairs(_written(tmp_path, ROW | {"evidence": evidence}))


def test_evidence_is_read_as_sentence_numbers(tmp_path: Path) -> None:
    pair = read_pairs(_written(tmp_path, ROW | {"evidence": [[0]]}))[0]
    assert pair.evidence == ((0,),)
    assert pair.sentences == ((0, len(pair.answer)),)


def test_a_line_is_read_field_by_field(tmp_path: Path) -> None:
    assert read_pairs(_written(tmp_path, ROW)) == [
        Pair(**{**ROW, "asked": tuple(ROW["asked"]), "beside": tuple(ROW["beside"])})
    ]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"mood": "cross"}, "mood"),
        ({"answer": ""}, "answer"),
        ({"title": " Locked out"}, "title"),
        ({"language": "fr"}, "language"),
        ({"trade": "bakery"}, "trade"),
        ({"asked": []}, "asked"),
        ({"asked": "one text"}, "asked"),
        ({"beside": ["the same", "the same"]}, "beside"),
        ({"beside": ["", "a copy"]}, "beside"),
    ],
)
def test_a_line_with_a_wrong_field_is_refused_by_name(
    tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    with pytest.raises(CorpusInvalid, match=named) as refusal:
        read_pairs(_written(tmp_path, ROW | {"article": "other"}, ROW | change))
    assert refusal.value.line == 2


@pytest.mark.parametrize("name", sorted(ROW))
def test_a_line_without_a_field_is_refused_by_name(tmp_path: Path, name: str) -> None:
    row = {key: value for key, value in ROW.items() if key != name}
    with pytest.raises(CorpusInvalid, match=name):
        read_pairs(_written(tmp_path, row))


@pytest.mark.parametrize("line", ["[]", "{", "3"])
def test_a_line_that_is_no_object_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "locksmith.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(CorpusInvalid, match="line 1"):
        read_pairs(tmp_path)


def test_an_article_that_stands_twice_in_a_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusInvalid, match="second time"):
        read_pairs(_written(tmp_path, ROW, ROW))
