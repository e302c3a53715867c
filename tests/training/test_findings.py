from __future__ import annotations

from pathlib import Path

import pytest

from training.corpus import Corpus, Problem, Utterance, check_trainable, read_corpus
from training.errors import CorpusInvalid


def _corpus(folder: Path, rows: str, name: str = "rows.csv") -> Corpus:
    path = folder / name
    path.write_text("text,intent\n" + rows, "utf-8")
    return read_corpus(path)


def _found(corpus: Corpus, problem: Problem) -> list[tuple[int, str]]:
    return [(one.line, one.detail) for one in corpus.findings if one.problem is problem]


def test_the_same_text_under_two_intents_is_named_with_both_lines(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path, "where is it,track\nok,yes\nWhere is it?,refund\n")
    assert _found(corpus, Problem.CONFLICT) == [(4, "refund, but track in line 2")]


def test_a_finding_is_described_in_chinese_too(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path, "where is it,track\nok,yes\nWhere is it?,refund\n")
    (finding,) = (one for one in corpus.findings if one.problem is Problem.CONFLICT)
    assert finding.describe(chinese=True) == "此处为 refund，第 2 行为 track"


def test_an_intent_whose_rows_are_all_empty_is_reported_once(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path, "hi,greet\n,lost\n ,lost\n,greet\n")
    assert _found(corpus, Problem.EMPTY_INTENT) == [(3, "lost")]
    assert _found(corpus, Problem.EMPTY_TEXT) == [(5, "")]


def test_names_that_differ_only_in_case_or_signs_are_suspected(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path, "hi,card_lost\nho,Card lost\nhe,card\nha,card_lost\n")
    assert _found(corpus, Problem.TWIN_INTENTS) == [(3, "Card lost, but card_lost in line 2")]


def test_characters_that_a_conversion_lost_are_reported(tmp_path: Path) -> None:
    assert _found(_corpus(tmp_path, "caf\ufffd,a\n"), Problem.SPOILT_TEXT) == [(2, "")]


def test_rows_that_measure_elsewhere_are_left_out_and_named(tmp_path: Path) -> None:
    test = _corpus(tmp_path, "Where is it?,track\nbye,b\n", "test.csv")
    train = _corpus(tmp_path, "hi,a\nwhere is it,track\nBYE!,a\n").without_leaks(test)
    assert [row.text for row in train.utterances] == ["hi"]
    assert _found(train, Problem.LEAK) == [
        (3, "test.csv line 2"),
        (4, "a, but b in test.csv line 3"),
    ]


def test_without_another_corpus_nothing_leaks(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path, "hi,a\nhi,a\n")
    assert corpus.without_leaks() == corpus


@pytest.mark.parametrize(
    ("intents", "complaint"),
    [
        (["a"] * 20, "it has 1 intents besides out_of_scope; a model needs 2"),
        (["a", "b", "c"], "it has 3 rows to learn from in all; a model needs at least 8"),
        (["a", "b", *["out_of_scope"] * 9], "it has 2 rows to learn from"),
    ],
)
def test_too_little_to_train_on_is_one_sentence(intents: list[str], complaint: str) -> None:
    rows = tuple(Utterance(f"text {n}", intent) for n, intent in enumerate(intents))
    with pytest.raises(CorpusInvalid, match=complaint):
        check_trainable(Corpus(Path("rows.csv"), rows, (), ""))


def test_eight_rows_of_two_intents_are_enough() -> None:
    rows = tuple(Utterance(f"text {n}", "ab"[n % 2]) for n in range(8))
    check_trainable(Corpus(Path("rows.csv"), rows, (), ""))


@pytest.mark.parametrize("problem", list(Problem))
def test_every_problem_has_a_chinese_name(problem: Problem) -> None:
    assert any("\u4e00" <= sign <= "\u9fff" for sign in problem.chinese)
