"""What every `Retriever` does: the fake, FAISS in each of its kinds, and Milvus."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from chatbot.demo.company import KNOWLEDGE
from chatbot.fakes import OverlapRetriever
from chatbot.knowledge_home import build_knowledge, milvus_shelf, open_milvus
from chatbot.ports import Retriever
from chatbot.settings import Settings
from chatbot.shelf import Shelf
from chatbot.vault_home import collection_of
from knowledge_base.calibration import Scorer
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.index_kind import IndexKind
from knowledge_base.passages import Document, Filter
from knowledge_base.readers import read_all
from knowledge_base.search import KnowledgeBase
from knowledge_base.taught import Means
from tests.milvus_lite_server import MilvusLite

NAME = "shop-1"
ENCODER = HashingEmbedder()
MEANS = Means(ENCODER, Scorer.default())
MILVUS, FAKE = "milvus", "fake"
# With two variants each: milvus-lite hands out some thousand vectors a second.
ARTICLES = [replace(each, variants=each.variants[:2]) for each in read_all([KNOWLEDGE])]
# The first is for dealers, the second for shoppers, the others for everyone.
DEALERS, SHOPPERS = ARTICLES[0].id, ARTICLES[1].id
ARTICLES[:2] = [
    replace(each, audience=audience)
    for each, audience in zip(ARTICLES[:2], ("dealers", "shoppers"), strict=True)
]
ENGINES = [FAKE, *IndexKind, MILVUS]
SWAPS = 2

QUERIES = [
    "How long does delivery take?",
    "我的包裹什么时候到？",
    "退款多久到账",
    "can i send it back after i opened the box",
    "订单 cancel 可以吗",
]
ODD = [
    "zxqv blorptang",
    "🚚💸🙃",
    "?!…",
    "\u200b\ufeff",
    "e\u0301" * 50,
    "where is my parcel " * 300,
    "退货" * 2500,
    "' or row >= 0 --",
    '"] or array_contains(tags, "',
    "key in [0] or {tag} == {}",
    "row in [1, 2] and not (term like '%')",
    '\\" \\\' \\u0000 %s {0} $meta["x"]',
]


class Built:
    """A collection, on this machine and on a Milvus server."""

    def __init__(self, folder: Path) -> None:
        self.lite = MilvusLite(folder / "milvus")
        self.settings = Settings.model_validate({"home": folder, "milvus_uri": self.lite.url})
        self.collection = collection_of(self.settings, NAME)
        server = open_milvus(self.settings)
        assert server is not None
        self.server = server

    def build(self) -> None:
        build_knowledge(self.settings, self.collection, ENCODER, progress=lambda *_: None)

    def here(self) -> KnowledgeBase:
        return KnowledgeBase(self.collection.load(ENCODER), ENCODER, Scorer.default())

    def close(self) -> None:
        self.server.close()
        self.lite.stop()


@pytest.fixture
def built(tmp_path: Path) -> Iterator[Built]:
    built = Built(tmp_path)
    yield built
    built.close()


@pytest.fixture(scope="module")
def retrievers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Retriever]]:
    built = Built(tmp_path_factory.mktemp("company"))
    built.collection.merge(ARTICLES)
    found: dict[str, Retriever] = {FAKE: OverlapRetriever(ARTICLES)}
    for kind in (IndexKind.HNSW, IndexKind.IVF):
        built.collection.build(ENCODER, kind=kind)
        found[kind] = built.here()
    built.build()
    found[IndexKind.FLAT] = built.here()
    found[MILVUS] = milvus_shelf(built.server, lambda _name: MEANS).get(NAME)
    yield found
    built.close()


@pytest.fixture(scope="module", params=ENGINES)
def retriever(request: pytest.FixtureRequest, retrievers: dict[str, Retriever]) -> Retriever:
    return retrievers[request.param]


@pytest.mark.parametrize("query", [*QUERIES, *ODD])
def test_hits_are_ordered_with_scores_between_zero_and_one(
    retriever: Retriever, query: str
) -> None:
    scores = [hit.score for hit in retriever.search(query, hints={}, limit=10)]
    assert all(before >= after for before, after in pairwise(scores))
    assert all(0 <= score <= 1 for score in scores)


@pytest.mark.parametrize("query", [*QUERIES, *ODD])
def test_a_document_is_found_once(retriever: Retriever, query: str) -> None:
    hits = retriever.search(query, hints={"delivery_time": 0.4, "refund_time": 0.3}, limit=20)
    found = [hit.passage.document_id for hit in hits]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("query", QUERIES)
def test_an_ordinary_question_finds_something(retriever: Retriever, query: str) -> None:
    assert retriever.search(query, hints={})


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_no_more_is_found_than_asked_for(retriever: Retriever, limit: int) -> None:
    hits = retriever.search("How long does the delivery of my order take?", hints={}, limit=limit)
    assert len(hits) == limit


@pytest.mark.parametrize("query", ["", " ", "\n\t　"])
def test_nothing_is_found_for_nothing(retriever: Retriever, query: str) -> None:
    assert retriever.search(query, hints={}) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_words_of_an_article_find_it(retriever: Retriever, language: str) -> None:
    asked = next(article.question for article in ARTICLES if article.language == language)
    first, *_ = retriever.search(asked, hints={})
    assert asked in first.passage.questions


def test_a_hint_lifts_its_articles(retriever: Retriever) -> None:
    tag = "warranty_length"

    def first(hints: dict[str, float]) -> list[bool]:
        hits = retriever.search("zxqv blorptang", hints=hints, limit=3)
        return [tag in hit.passage.tags for hit in hits]

    assert not any(first({}))
    assert sum(first({tag: 0.95})) == 2


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_filter_is_applied_before_ranking(retriever: Retriever, language: str) -> None:
    only = Filter(language=language)
    hits = retriever.search("退款 refund delivery 快递", hints={}, limit=4, only=only)
    assert len(hits) == 4
    assert {hit.passage.language for hit in hits} == {language}


def test_a_filter_that_admits_nothing_finds_nothing(retriever: Retriever) -> None:
    only = Filter(tags=frozenset({"nothing"}))
    assert retriever.search(QUERIES[0], hints={}, only=only) == []


def test_what_is_for_another_audience_is_left_out(retriever: Retriever) -> None:
    only = Filter(audience="shoppers")
    found = {
        hit.passage.document_id
        for article in ARTICLES[:2]
        for hit in retriever.search(article.question, hints={}, limit=9, only=only)
    }
    assert SHOPPERS in found
    assert DEALERS not in found


@pytest.mark.parametrize("tag", ["no_such_intent", '"] or row >= 0', "标签'"])
def test_a_hint_for_an_unknown_tag_changes_nothing(retriever: Retriever, tag: str) -> None:
    query = "How long does delivery take?"
    assert _ids(retriever, query, hints={tag: 0.9}) == _ids(retriever, query, hints={})


def test_threads_may_share_a_retriever(retriever: Retriever) -> None:
    expected = [_ids(retriever, query, hints={}) for query in QUERIES]
    found: dict[int, list[list[str]]] = {}

    def ask(number: int) -> None:
        found[number] = [_ids(retriever, query, hints={}) for query in QUERIES]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(4), expected)


def test_milvus_ranks_and_scores_as_an_index_in_memory_does(
    retrievers: dict[str, Retriever],
) -> None:
    here, there = retrievers[IndexKind.FLAT], retrievers[MILVUS]
    for query, hints in _random_questions(200):
        ours, theirs = here.search(query, hints=hints), there.search(query, hints=hints)
        assert [hit.passage for hit in theirs] == [hit.passage for hit in ours], query
        assert [hit.score for hit in theirs] == pytest.approx([hit.score for hit in ours], abs=1e-3)


@pytest.mark.parametrize("engine", [IndexKind.FLAT, MILVUS])
def test_a_version_replaces_another_under_load_without_an_error_or_a_mixture(
    engine: str, built: Built
) -> None:
    def publish(edition: int) -> None:
        built.collection.merge(_edition(edition))
        if engine == MILVUS:
            built.build()
        else:
            built.collection.build(ENCODER)

    publish(0)
    in_memory: Shelf[Retriever] = Shelf(
        lambda _name: built.collection.current_version(), lambda _name, _version: built.here()
    )
    serving = milvus_shelf(built.server, lambda _name: MEANS) if engine == MILVUS else in_memory
    answers: list[set[str]] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            answers.append(_editions(serving.get(NAME)))

    with ThreadPoolExecutor(2) as pool:
        askers = [pool.submit(ask) for _ in range(2)]
        for edition in range(1, SWAPS + 1):
            publish(edition)
            assert _editions(serving.get(NAME)) == {f"E{edition}"}
        over.set()
        for asker in askers:
            asker.result()
    assert answers
    assert all(len(editions) == 1 for editions in answers)


def _editions(retriever: Retriever) -> set[str]:
    hits = retriever.search("How long does delivery take?", hints={}, limit=10)
    assert len(hits) == len(_edition(0))
    return {hit.passage.text.rpartition(" ")[2] for hit in hits}


def _ids(retriever: Retriever, query: str, *, hints: dict[str, float]) -> list[str]:
    return [hit.passage.id for hit in retriever.search(query, hints=hints)]


def _edition(number: int) -> list[Document]:
    """Six articles that all say which edition they are of."""
    subjects = ("delivery", "refund", "warranty", "配送", "退款", "保修")
    return [
        Document(
            id=f"d{place}",
            question=f"How long does {subject} take? {subject}要多久？",
            answer=f"It takes {place + 2} days. E{number}",
            language="en",
        )
        for place, subject in enumerate(subjects)
    ]


def _random_questions(count: int) -> Iterator[tuple[str, dict[str, float]]]:
    """Pieces of two articles' questions each, some with a hint for a third."""
    drawn = random.Random(6)
    for _ in range(count):
        one, two, three = drawn.sample(ARTICLES, 3)
        questions = [drawn.choice([each.question, *each.variants]) for each in (one, two)]
        pieces = [q[drawn.randrange(len(q) // 2) :][: drawn.randrange(4, 60)] for q in questions]
        hints = {tag: drawn.random() for tag in three.tags} if drawn.random() < 0.5 else {}
        yield " ".join(pieces), hints
