from __future__ import annotations

from knowledge_base.passages import Hit, Passage
from training.evaluation.retrieval.asking import DEPTH, ask_all
from training.evaluation.retrieval.queries import Query


def hit(document: str, *duplicates: str) -> Hit:
    return Hit(Passage(f"{document}#0", document, "", "", "", "en"), 0.5, {}, duplicates)


def test_what_says_the_same_as_a_hit_is_found_just_behind_it() -> None:
    hits = [hit("a", "b", "c"), hit("d")]
    (answer,) = ask_all([Query("q", ("c",), "en")], lambda _query, _limit: hits)
    assert answer.documents == ("a", "b", "c", "d")
    assert (answer.rank(["c"]), answer.rank(["d"])) == (3, 4)


def test_no_more_articles_count_than_are_looked_at() -> None:
    hits = [hit(f"a{n}", f"b{n}") for n in range(DEPTH)]
    (answer,) = ask_all([Query("q", ("b9",), "en")], lambda _query, _limit: hits)
    assert len(answer.documents) == DEPTH
    assert answer.rank(["b9"]) is None
