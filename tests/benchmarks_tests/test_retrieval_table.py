from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from chatbot.settings import Settings
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.readers import read_documents
from tests.benchmarks.retrieval import (
    Contest,
    Outcome,
    Published,
    Remembering,
    colloquial,
    contests,
    dump,
    headed,
    run,
    table,
)
from training.evaluation.retrieval.asking import Answer
from training.evaluation.retrieval.figures import measure
from training.evaluation.retrieval.queries import Query
from training.progress import SilentWatch

PUBLISHED = (Published("somebody", {"recall_at_1": 0.5}),)


def _outcome(**first: str) -> Outcome:
    """By channel, the document that comes first for the one query, whose right one is `a`."""
    query = Query("?", ("a",), "en")
    channels = {
        name: measure([(query, Answer((document,), 0.95, 2.0))], threshold=0.9)
        for name, document in first.items()
    }
    return Outcome(Contest("a contest", (), PUBLISHED), channels)


def test_the_gain_is_over_the_better_part() -> None:
    assert _outcome(dense="a", lexical="b", all="a").gain == 0.0
    assert _outcome(dense="b", lexical="b", all="a").gain == 1.0
    assert _outcome(dense="b", lexical="a", all="b").gain == -1.0


def test_published_figures_stand_below_ours_in_eighty_columns() -> None:
    page = io.StringIO()
    outcome = _outcome(all="a", dense="a", lexical="b")
    wide = replace(outcome, contest=replace(outcome.contest, title="colloquial, en asked of zh"))
    Console(width=80, file=page).print(table(wide))
    lines = page.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert "colloquial, en asked of zh" in page.getvalue()
    rows = [line.split()[:2] for line in lines if line.split()]
    names = ("dense", "lexical", "all", "(somebody)")
    assert [row for row in rows if row[0] in names] == [
        *(["all", "100.0"], ["dense", "100.0"], ["lexical", "0.0"], ["(somebody)", "50.0"])
    ]


def test_the_json_holds_every_channel() -> None:
    (found,) = json.loads(dump([_outcome(dense="a", lexical="b", all="a")])).values()
    assert set(found["channels"]) == {"dense", "lexical", "all"}
    assert found["published"] == {"somebody": {"recall_at_1": 0.5}}


@pytest.mark.parametrize(("asked", "written"), [("en", "zh"), ("zh", "en"), ("en", "en")])
def test_a_question_expects_an_article_of_the_language_it_is_asked_of(
    tmp_path: Path, asked: str, written: str
) -> None:
    contest = colloquial(Settings(home=tmp_path), asked, written)
    for ground, queries in contest.parts:
        assert {document.language for document in ground.documents} == {written}
        expected = {article for query in queries for article in query.expected}
        assert expected
        assert expected <= ground.known.ids
    assert {query.language for query in contest.queries} == {asked}


def test_without_a_folder_only_the_colloquial_sets_are_asked(tmp_path: Path) -> None:
    titles = [contest.title for contest in contests(Settings(home=tmp_path), None)]
    assert len(titles) == 4
    assert all(title.startswith("colloquial") for title in titles)


def test_a_query_is_encoded_once_and_as_ever() -> None:
    plain, remembering = HashingEmbedder(), Remembering(HashingEmbedder())
    for _ in range(2):
        for text in ("why?", "how?"):
            assert (remembering.encode_queries([text]) == plain.encode_queries([text])).all()
    assert remembering.encode_queries(["why?"]) is remembering.encode_queries(["why?"])


def test_an_article_without_a_heading_begins_with_its_first_sentence(tmp_path: Path) -> None:
    source = tmp_path / "kb.csv"
    source.write_text("id,question,answer\na,Why?,So.\nb,,诗人。江苏人。\n", encoding="utf-8")
    documents = read_documents(headed(source, tmp_path / "copy"))
    assert [document.question for document in documents] == ["Why?", "诗人。"]
    assert documents[1].answer == "诗人。江苏人。"


def test_a_contest_runs_through_the_search_by_every_channel(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    contest = colloquial(settings, "en", "en")
    parts = tuple((ground, queries[:4] + queries[-4:]) for ground, queries in contest.parts)
    outcome = run(replace(contest, parts=parts), settings, HashingEmbedder(), SilentWatch())
    assert set(outcome.channels) == {"dense", "lexical", "all"}
    for report in outcome.channels.values():
        assert (report["n_answerable"], report["n_unanswerable"]) == (8, 8)
        assert report["latency_ms_p50"] > 0
