from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.calibration import Scorer
from knowledge_base.chunking import passages_of
from knowledge_base.collection import Collection
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.filtering import Sieve
from knowledge_base.passages import Document, Filter
from knowledge_base.search import Channel, KnowledgeBase

ARTICLES = st.builds(
    Document,
    id=st.uuids().map(str),
    question=st.just("Q?"),
    answer=st.sampled_from(["Short.", "A long answer. " * 120]),
    language=st.sampled_from(["en", "zh", ""]),
    tags=st.lists(st.sampled_from("abc"), max_size=2).map(tuple),
    audience=st.sampled_from(["", "staff", "dealers"]),
)
FILTERS = st.builds(
    Filter,
    language=st.sampled_from(["", "en", "zh", "fr"]),
    tags=st.frozensets(st.sampled_from("abcd"), max_size=2),
    audience=st.sampled_from(["", "staff", "guests"]),
)


@settings(deadline=None)
@given(st.lists(ARTICLES, max_size=8), FILTERS)
def test_the_sieve_lets_in_the_passages_of_the_documents_that_the_filter_admits(
    documents: list[Document], only: Filter
) -> None:
    passages = [passage for document in documents for passage in passages_of(document)]
    known = {document.id: document for document in documents}
    right = [row for row, p in enumerate(passages) if only.admits(known[p.document_id])]
    assert Sieve(passages, known).rows(only).tolist() == right


@pytest.mark.parametrize(
    ("only", "admitted"),
    [
        (Filter(), True),
        (Filter(language="en"), True),
        (Filter(language="zh"), False),
        (Filter(tags=frozenset({"refund", "other"})), True),
        (Filter(tags=frozenset({"other"})), False),
        (Filter(audience="staff"), True),
        (Filter(audience="dealers"), False),
        (Filter(language="en", tags=frozenset({"refund"}), audience="dealers"), False),
    ],
)
def test_every_demand_of_a_filter_must_hold(only: Filter, admitted: bool) -> None:
    article = Document("a", "Q?", "A.", language="en", tags=("refund",), audience="staff")
    assert only.admits(article) is admitted


def test_what_is_written_for_everyone_is_for_any_audience() -> None:
    assert Filter(audience="dealers").admits(Document("a", "Q?", "A."))


@pytest.fixture
def kb(collection: Collection, embedder: HashingEmbedder) -> KnowledgeBase:
    collection.merge(
        [
            Document(
                f"manual-{n}",
                f"How do I mount lamp {n}?",
                f"Screw lamp number {n} to the wall.",
                language="en",
                tags=("mounting",),
                audience="fitters",
            )
            for n in range(60)
        ]
    )
    collection.build(embedder)
    return KnowledgeBase(collection.load(embedder), embedder, Scorer.default())


@pytest.mark.parametrize("channel", list(Channel))
def test_a_filter_is_applied_before_ranking_so_that_enough_is_left(
    kb: KnowledgeBase, channel: Channel
) -> None:
    query = "how do I mount a lamp 退款 送达"
    chinese = kb.search(query, hints={}, limit=2, channel=channel, only=Filter(language="zh"))
    assert {hit.passage.document_id for hit in chinese} == {"delivery-zh", "refund-zh"}


def test_a_hint_brings_nothing_that_the_filter_keeps_out(kb: KnowledgeBase) -> None:
    only = Filter(language="zh")
    found = kb.search("lamp", hints={"mounting": 0.9, "refund": 0.1}, limit=9, only=only)
    assert {hit.passage.language for hit in found} == {"zh"}


def test_readers_of_no_audience_in_particular_find_what_is_for_everyone(
    kb: KnowledgeBase,
) -> None:
    found = kb.search("mount the lamp", hints={}, limit=9, only=Filter(audience="shoppers"))
    assert {hit.passage.document_id for hit in found} >= {"bulbs", "delivery-en"}
    assert not [hit for hit in found if "mounting" in hit.passage.tags]


def test_a_filter_that_admits_nothing_finds_nothing(kb: KnowledgeBase) -> None:
    assert kb.search("lamp", hints={"refund": 0.9}, only=Filter(language="fr")) == []


def test_a_filter_that_demands_nothing_changes_nothing(kb: KnowledgeBase) -> None:
    hints = {"refund": 0.7}
    plain = kb.search("lamp refund", hints=hints)
    assert kb.search("lamp refund", hints=hints, only=Filter()) == plain
