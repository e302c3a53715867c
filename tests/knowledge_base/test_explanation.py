from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.calibration import Scorer
from knowledge_base.collection import Collection
from knowledge_base.explaining import standings
from knowledge_base.explanation import STAGES, Explained, Fate
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.passages import Document, Filter
from knowledge_base.search import KnowledgeBase

QUERY = "when will my lamp arrive"


@pytest.fixture
def kb(
    collection: Collection, documents: list[Document], embedder: HashingEmbedder
) -> KnowledgeBase:
    delivery = documents[0]
    collection.merge([replace(delivery, id="delivery-again", answer=f"  {delivery.answer}")])
    collection.build(embedder)
    return KnowledgeBase(collection.load(embedder), embedder, Scorer.default())


def by_article(kb: KnowledgeBase, query: str = QUERY, **hints: float) -> dict[str, Explained]:
    found = kb.explain(query, hints=hints, limit=3).candidates
    return {one.passage.document_id: one for one in found}


@settings(deadline=None)
@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=20))
def test_a_rank_is_one_more_than_the_number_of_better_ones(values: list[float]) -> None:
    found = standings(np.array(values))
    assert [one.rank for one in found] == [1 + sum(w > v for w in values) for v in values]


def test_an_explanation_shows_what_the_search_gives(kb: KnowledgeBase) -> None:
    hints = {"delivery": 0.8, "refund": 0.2}
    explained = kb.explain(QUERY, hints=hints, limit=3)
    assert list(explained.hits) == kb.search(QUERY, hints=hints, limit=3)
    places = [one for one in explained.candidates if one.place is not None]
    assert [one.place for one in places] == [1, 2, 3]
    assert [one.passage for one in places] == [hit.passage for hit in explained.hits]
    assert [one.fused.value for one in places] == [hit.score for hit in explained.hits]


def test_candidates_stand_in_the_order_of_their_probability(kb: KnowledgeBase) -> None:
    ranks = [one.fused.rank for one in kb.explain(QUERY, hints={}).candidates]
    assert ranks == sorted(ranks)
    assert ranks[0] == 1


def test_every_stage_has_a_value_and_a_rank(kb: KnowledgeBase) -> None:
    found = kb.explain(QUERY, hints={})
    for one in found.candidates:
        assert tuple(one.stages) == STAGES
        assert all(1 <= standing.rank <= found.found for standing in one.stages.values())
    for stage in STAGES:
        assert min(one.stages[stage].rank for one in found.candidates) == 1


def test_the_nearest_question_is_the_one_that_was_asked(kb: KnowledgeBase) -> None:
    assert by_article(kb)["delivery-en"].nearest_question == QUERY
    assert by_article(kb)["bulbs"].nearest_question == "Which bulbs fit?"


def test_the_words_are_those_that_the_article_shares_with_the_query(kb: KnowledgeBase) -> None:
    assert by_article(kb, "refunds and lamps")["refund-en"].words == ("refund",)
    assert by_article(kb, "refunds and lamps")["bulbs"].words == ("lamp",)


def test_a_hint_is_shown_where_it_speaks(kb: KnowledgeBase) -> None:
    found = by_article(kb, delivery=0.75)
    assert found["delivery-zh"].hint == pytest.approx(0.75)
    assert "hint" in found["delivery-zh"].found_by
    assert found["bulbs"].hint is None


def test_an_article_that_says_the_same_stands_behind_the_other(kb: KnowledgeBase) -> None:
    (best, *_) = kb.search(QUERY, hints={}, limit=3)
    twins = {"delivery-en", "delivery-again"}
    assert {best.passage.document_id, *best.duplicates} == twins
    behind = by_article(kb)[best.duplicates[0]]
    assert (behind.fate, behind.place) == (Fate.DUPLICATE, None)
    assert behind.instead == best.passage.document_id


def test_a_translation_is_shown_beside_its_article(kb: KnowledgeBase) -> None:
    shown = kb.search(QUERY, hints={"delivery": 0.9}, limit=3)
    assert {"delivery-zh"} < {hit.passage.document_id for hit in shown}


def test_what_comes_after_the_last_one_shown_is_too_far_down(kb: KnowledgeBase) -> None:
    found = kb.explain(QUERY, hints={}, limit=1)
    assert found.candidates[-1].fate is Fate.TOO_FAR_DOWN
    assert len(found.hits) == 1


def test_a_filter_is_counted(kb: KnowledgeBase) -> None:
    found = kb.explain(QUERY, hints={}, only=Filter(language="zh"))
    assert (found.admitted, found.passages, found.found) == (2, 6, 2)


@pytest.mark.parametrize("query", ["", "  ", "🙂"])
def test_nothing_is_explained_where_nothing_is_found(kb: KnowledgeBase, query: str) -> None:
    found = kb.explain(query, hints={}, only=Filter(language="fr"))
    assert (found.hits, found.candidates, found.found) == ((), (), 0)
