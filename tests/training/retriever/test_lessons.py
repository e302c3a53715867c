from __future__ import annotations

from training.pairs.reading import Pair, read_pairs
from training.retriever.lessons import HELD_TRADES, Lessons


def test_no_trade_is_both_taught_and_held(pairs: list[Pair]) -> None:
    taught, held = Lessons.of(pairs, held=False), Lessons.of(pairs, held=True)
    assert {article.trade for article in held.articles} == set(HELD_TRADES[:2])
    assert {article.trade for article in taught.articles} == {"bakery", "florist"}


def test_every_held_trade_is_among_the_pairs() -> None:
    assert set(HELD_TRADES) <= {pair.trade for pair in read_pairs()}


def test_a_question_knows_its_article_and_whether_it_is_answered(pairs: list[Pair]) -> None:
    lessons = Lessons.of(pairs, held=False)
    for question in lessons.questions:
        article = lessons.articles[question.article]
        assert question.text in (article.asked if question.answered else article.beside)
