from __future__ import annotations

from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import knowledge_base.lexical as lexical
from knowledge_base.chunking import passages_of
from knowledge_base.lexical import LexicalIndex
from knowledge_base.passages import Document, Passage


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


WORDS = "order return parcel lamp bulb money card zebra 退款 快递 包裹 灯泡".split()


def _texts(count: int, seed: int) -> list[Passage]:
    """The first words are in most passages, the last in few."""
    draw = np.random.default_rng(seed)
    frequencies = 0.9 ** np.arange(len(WORDS)) / np.arange(1, len(WORDS) + 1)
    return [
        Passage(f"{n}#0", str(n), " ".join(words), "", "", "")
        for n in range(count)
        for words in [
            draw.choice(WORDS, draw.integers(1, 9), p=frequencies / frequencies.sum()).tolist()
        ]
    ]


SMALL = LexicalIndex.build(_texts(300, 1))
LARGE = LexicalIndex.build(_texts(30_000, 2))
QUERIES = st.lists(st.sampled_from([*WORDS, "quagga"]), max_size=7).map(" ".join)


def _plainly(index: LexicalIndex, query: str, limit: int, among: lexical.Places) -> list[int]:
    """Every passage is scored; of equals the first is the best."""
    scores = index.match(query).scores[among]
    order = np.argsort(-scores, kind="stable")[:limit]
    return [int(among[place]) for place in order if scores[place] > 0]


@given(query=QUERIES, limit=st.integers(1, 40), data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_best_of_a_large_index_are_those_of_scoring_every_passage(
    query: str, limit: int, data: st.DataObject
) -> None:
    index = data.draw(st.sampled_from([SMALL, LARGE]))
    everyone = np.arange(index.size, dtype=np.int32)
    found = index.best(index.ask(query), limit).tolist()
    assert found == _plainly(index, query, limit, everyone)


@given(query=QUERIES, share=st.sampled_from([0.001, 0.1, 0.2, 0.9]), seed=st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_the_best_of_some_are_those_of_scoring_each_of_them(
    query: str, share: float, seed: int
) -> None:
    among = np.flatnonzero(np.random.default_rng(seed).random(LARGE.size) < share).astype(np.int32)
    found = LARGE.best(LARGE.ask(query), 30, among=among).tolist()
    assert found == _plainly(LARGE, query, 30, among)


@given(
    query=QUERIES,
    shares=st.lists(st.sampled_from([0.001, 0.2, 0.3, 0.9, 1.0]), min_size=1, max_size=4),
    limits=st.lists(st.integers(1, 40), min_size=4, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_what_was_read_for_one_call_changes_no_other_of_the_same_query(
    query: str, shares: list[float], limits: list[int]
) -> None:
    asked, everyone = LARGE.ask(query), np.arange(LARGE.size, dtype=np.int32)
    for seed, (share, limit) in enumerate(zip(shares, limits, strict=False)):
        chosen = np.random.default_rng(seed).random(LARGE.size) < share
        among = np.flatnonzero(chosen).astype(np.int32)
        found = LARGE.best(asked, limit, among=None if share == 1 else among).tolist()
        assert found == _plainly(LARGE, query, limit, everyone if share == 1 else among)


@given(query=QUERIES, rows=st.lists(st.integers(0, 299), max_size=20))
def test_evidence_of_some_passages_is_what_every_one_gets(query: str, rows: list[int]) -> None:
    plain = SMALL.match(query)
    found = SMALL.evidence(SMALL.ask(query), np.array(rows, dtype=np.int32))
    np.testing.assert_array_equal(found.scores, plain.scores[rows])
    np.testing.assert_array_equal(found.coverage, plain.coverage[rows])


@given(query=QUERIES.filter(lambda query: SMALL.ask(query).known))
def test_scores_are_those_of_the_library_over_the_highest_sum(query: str) -> None:
    asked = SMALL.ask(query)
    whole = SMALL._bm25.get_scores_from_ids(list(asked.known))
    np.testing.assert_array_equal(SMALL.match(query).scores, whole / asked.highest)


def test_a_mapped_index_finds_the_same(tmp_path: Path) -> None:
    LARGE.save(tmp_path)
    mapped = LexicalIndex.load(tmp_path, mapped=True)
    for query in ("order zebra", "退款 parcel card", "lamp"):
        there, here = mapped.ask(query), LARGE.ask(query)
        assert there == here
        assert mapped.best(there, 30).tolist() == LARGE.best(here, 30).tolist()
        np.testing.assert_array_equal(mapped.match(query).scores, LARGE.match(query).scores)


def test_lists_out_of_order_are_refused(tmp_path: Path) -> None:
    SMALL.save(tmp_path)
    path = tmp_path / "indices.csc.index.npy"
    np.save(path, np.load(path)[::-1])
    with pytest.raises(ValueError, match="not in order"):
        LexicalIndex.load(tmp_path)


def test_texts_become_numbers_without_loss() -> None:
    passages = _texts(50, 3)
    numbers, vocabulary = lexical._numbered(passages)
    words = {number: term for term, number in vocabulary.items()}
    assert sorted(vocabulary.values()) == list(range(len(vocabulary)))
    assert set(chain.from_iterable(numbers)) == set(words)
    for passage, found in zip(passages, numbers, strict=True):
        assert [words[number] for number in found] == lexical._passage_terms(passage)


@pytest.mark.parametrize(
    "query", ["which bulb does it take", "退款多久到账", "shipping lamp zebra"]
)
def test_the_table_of_an_index_holds_all_that_its_scores_are_made_of(
    index: LexicalIndex, query: str
) -> None:
    table = index.table()
    numbers = {term: number for number, term in enumerate(table.rarities)}
    wanted = dict.fromkeys(lexical.terms(query))
    highest = sum(table.rarities.get(term, table.unknown) for term in wanted)
    sums = np.zeros(index.size)
    for passage in range(index.size):
        span = slice(table.starts[passage], table.starts[passage + 1])
        held = dict(zip(table.terms[span].tolist(), table.weights[span].tolist(), strict=True))
        sums[passage] = sum(held.get(numbers.get(term, -1), 0.0) for term in wanted)
    np.testing.assert_allclose(sums / highest, index.match(query).scores, rtol=1e-5)
