from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chatbot.settings import Settings
from knowledge_base.collection import Collection
from knowledge_base.embedding import Vectors
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.passages import Hit
from knowledge_base.search import Channel
from training.errors import CorpusInvalid, RunUnusable
from training.evaluation.retrieval.asking import WARM_UP, ask_all
from training.evaluation.retrieval.ground import (
    INDEXES,
    KEPT,
    documents_ground,
    file_ground,
    open_ground,
)
from training.evaluation.retrieval.measurement import (
    Measurement,
    MeasurementOrder,
    measure_retrieval,
)
from training.evaluation.retrieval.queries import Query
from training.evaluation.sentences import evaluation_wording
from training.progress import SilentWatch

KNOWLEDGE = """id,question,answer,language
delivery,How long does delivery take?,Parcels arrive within three days.,en
refund,When do I get my money back?,Refunds reach your card after five days.,en
bulbs,Which bulbs fit?,Every lamp takes an E27 bulb.,en
送达,多久能送达？,包裹三天内送达。,zh
"""
QUERIES = """query,expected_id
How long does delivery take?,delivery
when do i get my money,refund
多久能送达,送达
do you sell submarines,
"""
STAGES = evaluation_wording("en").tables["retrieval_stages"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "kb.csv").write_text(KNOWLEDGE, encoding="utf-8")
    (tmp_path / "q.csv").write_text(QUERIES, encoding="utf-8")
    return Settings(home=tmp_path / "home")


class Counting(HashingEmbedder):
    """Says how many passages it was asked to encode."""

    passages = 0

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.passages += len(texts)
        return super().encode_passages(texts)


def _measured(settings: Settings, **changes: Any) -> Measurement:
    folder = settings.home.parent
    order = MeasurementOrder(folder / "q.csv", folder / "kb.csv")
    return measure_retrieval(
        replace(order, **changes), STAGES, settings=settings, embedder=HashingEmbedder()
    )


def _serve(settings: Settings, name: str, rows: str = KNOWLEDGE) -> None:
    source = settings.home.parent / f"{name}.csv"
    source.write_text(rows, encoding="utf-8")
    collection = Collection.within(settings.collections_home, name)
    collection.import_documents([source])
    collection.build(HashingEmbedder())


def test_a_file_is_indexed_and_asked(settings: Settings) -> None:
    done = _measured(settings)
    assert done.figures["n"] == 4
    assert done.figures["recall_at_1"] == 1.0
    assert done.figures["threshold"] == settings.answer_score
    assert set(done.languages) == {"en", "zh"}
    assert done.collections == {}
    assert done.masked == 0


def test_the_report_holds_what_programs_expect_flat(settings: Settings) -> None:
    report = json.loads(json.dumps(_measured(settings).report(), allow_nan=False))
    for name in ("n", "recall_at_1", "recall_at_5", "recall_at_10", "mrr", "latency_ms_p50"):
        assert isinstance(report[name], int | float), name
    assert report["encoder"] == "hashing hashing-"
    assert report["run"]
    assert report["failures"] == []


def test_every_channel_is_kept_beside_the_others(settings: Settings) -> None:
    done = _measured(settings, channels=(Channel.DENSE, Channel.ALL, Channel.LEXICAL))
    assert list(done.run.channels) == ["dense", "all", "lexical"]
    assert done.report()["channel"] == "all"
    assert done.run.channels["dense"].figures["threshold"] is None


def test_a_second_run_against_the_first_shows_no_difference(settings: Settings) -> None:
    _measured(settings)
    done = _measured(settings, against="last")
    assert done.comparison is not None
    assert done.comparison.first.won == done.comparison.first.lost == 0
    assert done.report()["against"]["mcnemar_p"] == 1.0


def test_a_better_knowledge_base_wins_queries(settings: Settings) -> None:
    folder = settings.home.parent
    lines = KNOWLEDGE.splitlines()
    lines[2] = "refund,Wozu?,Dafür.,en"
    (folder / "poor.csv").write_text("\n".join(lines), encoding="utf-8")
    before = _measured(settings, knowledge=folder / "poor.csv")
    done = _measured(settings, against=before.run.name)
    assert done.comparison is not None
    assert [query.text for query in done.comparison.won] == ["when do i get my money"]
    assert done.comparison.lost == ()


def test_nothing_is_loaded_where_there_is_nothing_to_compare_with(settings: Settings) -> None:
    with pytest.raises(RunUnusable):
        _measured(settings, against="last")
    assert not (settings.home / INDEXES).exists()


def test_an_index_is_built_once(settings: Settings) -> None:
    embedder = Counting()
    for _ in range(2):
        ground = file_ground(settings, settings.home.parent / "kb.csv")
        open_ground(settings, ground, embedder, masked=False, watch=SilentWatch())
        assert embedder.passages == 4


def test_indexes_that_were_not_used_for_long_are_let_go(settings: Settings) -> None:
    ground = file_ground(settings, settings.home.parent / "kb.csv")
    roots = []
    for count in range(KEPT + 2):
        changed = replace(ground.documents[0], title=f"{count}")
        one = documents_ground(settings, "kb.csv", (changed,))
        open_ground(settings, one, HashingEmbedder(), masked=False, watch=SilentWatch())
        roots.append(one.collection.root)
    assert [root.exists() for root in roots] == [False] * 2 + [True] * KEPT


def test_what_is_served_is_asked_by_its_name(settings: Settings) -> None:
    _serve(settings, "shop")
    done = _measured(settings, knowledge=None, collection="shop")
    assert done.figures["recall_at_1"] == 1.0
    assert done.run.knowledge == "shop"
    assert set(done.collections) == {"shop"}
    assert not (settings.home / INDEXES).exists()


def test_a_query_may_name_its_collection(settings: Settings) -> None:
    _serve(settings, "shop")
    _serve(settings, "clinic", "id,question,answer\nhours,When are you open?,At nine.\n")
    queries = settings.home.parent / "two.csv"
    queries.write_text(
        "query,expected_id,collection\nwhen are you open,hours,clinic\nwhich bulbs fit,bulbs,\n"
    )
    done = _measured(settings, queries=queries, knowledge=None, collection="shop")
    assert done.figures["recall_at_1"] == 1.0
    assert {name: row["n"] for name, row in done.collections.items()} == {"clinic": 1, "shop": 1}
    assert set(done.run.versions) == {"clinic", "shop"}


def test_an_article_of_another_collection_is_unknown(settings: Settings) -> None:
    _serve(settings, "clinic", "id,question,answer\nhours,When are you open?,At nine.\n")
    with pytest.raises(CorpusInvalid, match="'delivery' is no document of clinic"):
        _measured(settings, knowledge=None, collection="clinic")


def test_personal_data_is_masked_where_that_is_wanted(settings: Settings) -> None:
    queries = settings.home.parent / "personal.csv"
    queries.write_text("query,expected_id\nmail anna@example.com my money back,refund\n")
    assert _measured(settings, queries=queries, masked=True).masked == 1
    assert _measured(settings, queries=queries).masked == 0


def test_the_first_queries_warm_up_and_are_not_counted_twice() -> None:
    asked: list[str] = []

    def ask(query: Query, _limit: int) -> list[Hit]:
        asked.append(query.text)
        return []

    queries = [Query(f"q{number}", (), "en") for number in range(5)]
    answers = ask_all(queries, ask)
    assert len(answers) == 5
    assert asked == [query.text for query in (*queries[:WARM_UP], *queries)]
    assert {answer.score for answer in answers} == {0.0}
