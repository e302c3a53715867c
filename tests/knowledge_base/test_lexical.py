from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge_base.chunking import passages_of
from knowledge_base.lexical import LexicalIndex
from knowledge_base.passages import Document


@pytest.fixture
def index(documents: list[Document]) -> LexicalIndex:
    return LexicalIndex.build([passage for d in documents for passage in passages_of(d)])


def test_the_passage_with_the_words_scores_highest(index: LexicalIndex) -> None:
    assert int(index.match("which bulb does it take").scores.argmax()) == 4


def test_variants_count_as_text(index: LexicalIndex) -> None:
    assert int(index.match("shipping").scores.argmax()) == 0


def test_chinese_is_found_in_either_script(index: LexicalIndex) -> None:
    assert int(index.match("退款到賬").scores.argmax()) == 3
    np.testing.assert_array_equal(index.match("退款").scores, index.match("退款").scores)


def test_scores_and_coverage_are_shares(index: LexicalIndex) -> None:
    for query in ("refund", "delivery delivery delivery", "退款多久到账", "lamp zebra"):
        found = index.match(query)
        for values in (found.scores, found.coverage):
            assert values.min() >= 0
            assert values.max() <= 1


def test_coverage_is_whole_only_with_every_term(index: LexicalIndex) -> None:
    assert index.match("bulb lamp").coverage[4] == pytest.approx(1)
    assert index.match("bulb zebra").coverage[4] < 0.6


def test_unknown_words_lower_the_score(index: LexicalIndex) -> None:
    assert index.match("bulb zebra quagga").scores[4] < index.match("bulb").scores[4] / 2


@pytest.mark.parametrize("query", ["", "the", "zebra", "🙂"])
def test_a_query_without_known_terms_matches_nothing(index: LexicalIndex, query: str) -> None:
    found = index.match(query)
    assert not found.scores.any()
    assert not found.coverage.any()


def test_passages_of_signs_alone_can_be_indexed(tmp_path: Path) -> None:
    index = LexicalIndex.build(passages_of(Document("d", "?", "!")))
    index.save(tmp_path)
    assert not LexicalIndex.load(tmp_path).match("anything").scores.any()


def test_a_saved_index_scores_the_same(index: LexicalIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    np.testing.assert_array_equal(
        LexicalIndex.load(tmp_path).match("refund 退款").scores, index.match("refund 退款").scores
    )
