from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from knowledge_base.calibration import Regression, Scorer
from knowledge_base.collection import Collection
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.fitting import collect_training_rows, fit_scorer
from knowledge_base.fusion import FEATURES
from knowledge_base.passages import Document, Hit
from knowledge_base.search import Channel, KnowledgeBase


def _scorer() -> Scorer:
    weights = dict.fromkeys(FEATURES, 0.0) | {"dense": 3.0, "coverage": 3.0, "hint": 0.5}
    regression = Regression(tuple(weights.values()), -2.0)
    return Scorer(hinted=regression, unhinted=regression)


@pytest.fixture
def kb(collection: Collection, embedder: HashingEmbedder) -> KnowledgeBase:
    collection.build(embedder)
    return KnowledgeBase(collection.load(embedder), embedder, _scorer())


def _ids(kb: KnowledgeBase, query: str, **hints: float) -> list[str]:
    return [hit.passage.document_id for hit in kb.search(query, hints=hints)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("shipping time", "delivery-en"),
        ("money back", "refund-en"),
        ("bulb for my lamp", "bulbs"),
        ("快递几天到", "delivery-zh"),
        ("退款到賬", "refund-zh"),
    ],
)
def test_the_article_that_answers_comes_first(kb: KnowledgeBase, query: str, expected: str) -> None:
    assert _ids(kb, query)[0] == expected


def test_hits_are_ordered_and_scored_between_zero_and_one(kb: KnowledgeBase) -> None:
    hits = kb.search("when will my lamp arrive", hints={})
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert set(hits[0].evidence) == set(FEATURES)


def test_no_more_hits_than_asked_for(kb: KnowledgeBase) -> None:
    assert len(kb.search("lamp", hints={}, limit=2)) == 2


def test_a_hint_lifts_its_articles(kb: KnowledgeBase) -> None:
    assert set(_ids(kb, "how long", delivery=0.02, refund=0.98)[:2]) == {"refund-en", "refund-zh"}


def test_a_hint_does_not_hide_articles_it_does_not_speak_of(kb: KnowledgeBase) -> None:
    assert "bulbs" in _ids(kb, "which bulbs fit", delivery=0.5, refund=0.5)[:2]


def test_hints_for_unknown_tags_change_nothing(kb: KnowledgeBase) -> None:
    assert kb.search("refund", hints={"greeting": 0.9}) == kb.search("refund", hints={})


@pytest.mark.parametrize("query", ["", "  \n", "🙂", "?" * 5000, "退" * 5000, "\ud800", "a\0b"])
def test_odd_queries_are_searched_or_find_nothing(kb: KnowledgeBase, query: str) -> None:
    assert all(np.isfinite(hit.score) for hit in kb.search(query, hints={}))


def test_nothing_is_found_for_nothing(kb: KnowledgeBase) -> None:
    assert kb.search("", hints={"refund": 0.9}) == []


def test_a_long_article_is_found_once_by_its_best_passage(
    collection: Collection, embedder: HashingEmbedder
) -> None:
    filler = "Nothing of interest is said here at all. " * 25
    answer = f"{filler}The zebra crossing is in front of the shop."
    collection.merge([Document("zebra", "Where are you?", answer, language="en")])
    collection.build(embedder)
    kb = KnowledgeBase(collection.load(embedder), embedder, _scorer())
    hits = kb.search("zebra crossing in front", hints={})
    assert [hit.passage.document_id for hit in hits].count("zebra") == 1
    assert "zebra" in hits[0].passage.text
    whole = kb.document("zebra")
    assert whole is not None
    assert whole.answer == answer


def test_threads_may_share_a_knowledge_base(kb: KnowledgeBase) -> None:
    queries = ["shipping time", "退款", "bulb", "money back"] * 10
    alone = [kb.search(query, hints={}) for query in queries]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda query: kb.search(query, hints={}), queries))
    assert together == alone


def test_the_version_is_that_of_the_index(kb: KnowledgeBase, collection: Collection) -> None:
    assert kb.version == collection.current_version()


def test_a_scorer_can_be_fitted_to_known_questions(kb: KnowledgeBase) -> None:
    asked = [
        ("shipping", {"delivery-en", "delivery-zh"}),
        ("退款几天", {"refund-en", "refund-zh"}),
        ("do you sell zebras", set[str]()),
    ]
    hints = {"delivery": 0.4, "refund": 0.6}
    queries = [(query, right, given) for query, right in asked for given in (hints, {})]
    rows, labels = collect_training_rows(kb, queries)
    assert rows.shape == (len(labels), len(FEATURES))
    assert 0 < labels.sum() < len(labels)
    scores = fit_scorer(rows, labels).score(rows)
    assert scores[labels].mean() > scores[~labels].mean()


def test_one_channel_ranks_by_its_own_measure(kb: KnowledgeBase) -> None:
    for channel, feature in ((Channel.DENSE, "dense"), (Channel.LEXICAL, "lexical")):
        hits = kb.search("when will my lamp arrive", hints={}, channel=channel)
        assert hits[0].passage.document_id == "delivery-en"
        assert [hit.score for hit in hits] == pytest.approx(
            [max(0.0, hit.evidence[feature]) for hit in hits]
        )
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_all_channels_are_what_is_searched_unless_one_is_named(kb: KnowledgeBase) -> None:
    query, hints = "shipping money bulbs", {"delivery": 0.6}
    assert kb.search(query, hints=hints, channel=Channel.ALL) == kb.search(query, hints=hints)


def test_words_alone_find_nothing_where_no_word_is_shared(kb: KnowledgeBase) -> None:
    assert kb.search("zyzzyva", hints={"refund": 0.9}, channel=Channel.LEXICAL) == []
    assert kb.search("zyzzyva", hints={}, channel=Channel.DENSE) != []


def test_a_single_channel_hears_no_hints(kb: KnowledgeBase) -> None:
    for channel in (Channel.DENSE, Channel.LEXICAL):
        plain = kb.search("lamp", hints={}, channel=channel)
        hinted = kb.search("lamp", hints={"refund": 0.9}, channel=channel)
        assert _found(plain) == _found(hinted)


def _found(hits: list[Hit]) -> list[tuple[str, float]]:
    return [(hit.passage.id, hit.score) for hit in hits]


def test_candidates_by_words_and_hints_are_those_of_scoring_every_passage(
    kb: KnowledgeBase, collection: Collection, embedder: HashingEmbedder
) -> None:
    index = collection.load(embedder)
    for query in ("lamp delivery", "退款 bulb", "zebra"):
        found = kb.candidates(query, hints={"refund": 0.9, "delivery": 0.3})
        plain = index.lexical.match(query)
        rows = [index.passages.index(passage) for passage in found.passages]
        assert set(np.flatnonzero(plain.scores)) <= set(rows)
        assert {0, 1, 2, 3} <= set(rows), "every passage of a hinted tag"
        for name, right in (("lexical", plain.scores), ("coverage", plain.coverage)):
            column = found.features[:, FEATURES.index(name)]
            np.testing.assert_array_equal(column, right[rows])


def test_of_a_hinted_tag_the_best_by_words_come_and_then_the_first(
    collection: Collection, embedder: HashingEmbedder
) -> None:
    collection.merge(
        [
            Document(f"d{n}", f"Case {n}", "zebra" if n == 77 else "nothing", tags=("many",))
            for n in range(100)
        ]
    )
    collection.build(embedder)
    kb = KnowledgeBase(collection.load(embedder), embedder, _scorer())
    far = [f"d{n}" for n in range(29)] + ["d77"]
    found = {p.document_id for p in kb.candidates("zebra", hints={"many": 0.9}).passages}
    assert set(far) <= found
