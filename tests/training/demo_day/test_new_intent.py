from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from chatbot.demo.company import UTTERANCES
from knowledge_base.readers import read_all
from training.corpus import normalise, read_corpus
from training.demo_day.new_intent import (
    ASKED,
    CHECK,
    INTENT,
    KNOWLEDGE,
    MIX,
    Answered,
    Utterance,
    label_reviews,
    read_utterances,
    write_questions,
)
from training.review import ReviewItem
from training.review_csv import export_review, read_review

QUESTION = Utterance("do you wrap gifts", "en", CHECK)


def _answer(action: str, *documents: str, intent: str = INTENT) -> Answered:
    return Answered(QUESTION, intent, action, documents, "v1")


def _item(number: int, text: str) -> ReviewItem:
    return ReviewItem(str(number), text, "en", "thumbs_down")


def test_each_language_has_forty_utterances_of_which_some_are_kept_for_the_check() -> None:
    count = Counter(
        (row.language, row.part) for part in (ASKED, CHECK) for row in read_utterances(part)
    )
    for language in ("en", "zh"):
        assert count[language, ASKED] + count[language, CHECK] >= 40
        assert count[language, CHECK] >= 10


def test_no_check_question_is_taught_or_asked_before() -> None:
    check = {normalise(row.text) for row in read_utterances(CHECK)}
    asked = {normalise(row.text) for row in read_utterances(ASKED)}
    shipped = {normalise(row.text) for path in UTTERANCES for row in read_corpus(path).utterances}
    assert not check & (asked | shipped)
    assert not asked & shipped


def test_the_shipped_company_knows_nothing_of_the_intent() -> None:
    rows = [row for path in UTTERANCES for row in read_corpus(path).utterances]
    assert INTENT not in {row.intent for row in rows}


def test_the_article_comes_in_both_languages_and_is_linked_to_the_intent() -> None:
    articles = list(read_all([KNOWLEDGE]))
    assert {article.language for article in articles} == {"en", "zh"}
    assert all(INTENT in article.tags for article in articles)


def test_the_mix_and_the_questions_are_what_the_simulation_reads(tmp_path: Path) -> None:
    from chatbot.simulate.mix import read_mix
    from chatbot.simulate.phrases import load_repertoire

    path = tmp_path / "asked.csv"
    write_questions(path)
    assert read_mix(MIX).chances.rating > read_mix().chances.rating
    extra = load_repertoire(path).extra
    assert {question.intent for questions in extra.values() for question in questions} == {INTENT}


def test_the_reviewer_labels_the_new_intent_and_leaves_all_else_open(tmp_path: Path) -> None:
    asked = read_utterances(ASKED)[0].text
    sheet = tmp_path / "review.csv"
    texts = [f"Quick question: {asked}", "where is my parcel"]
    export_review(sheet, [_item(number, text) for number, text in enumerate(texts)])
    assert label_reviews(sheet) == 1
    rows = read_review(sheet, known=[], new_intents=True)
    assert [(row.item.text, row.label) for row in rows] == [(texts[0], INTENT)]


def test_an_empty_review_sheet_stays_as_it_is(tmp_path: Path) -> None:
    sheet = tmp_path / "review.csv"
    export_review(sheet, [])
    before = sheet.read_bytes()
    assert label_reviews(sheet) == 0
    assert sheet.read_bytes() == before


def test_only_the_article_of_the_intent_given_as_an_answer_is_right() -> None:
    assert _answer("answer", "gift-wrapping-zh").right
    assert not _answer("answer", "return-window-en").right
    assert not _answer("clarify", "gift-wrapping-en").right
    assert not _answer("answer", "gift-wrapping-en", intent="out_of_scope").recognised


def test_the_data_files_are_sorted_out_without_doubles() -> None:
    path = KNOWLEDGE.with_name("new_intent.csv")
    with path.open(encoding="utf-8", newline="") as file:
        texts = [normalise(row["text"]) for row in csv.DictReader(file)]
    assert len(texts) == len(set(texts))
