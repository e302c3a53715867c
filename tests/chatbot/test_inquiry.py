from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chatbot.conversation import Action
from chatbot.desk import Desk, Models
from chatbot.errors import InputInvalid, TextEmpty
from chatbot.fakes import FixedClock, KeywordIntents, MemoryStore, OverlapRetriever
from chatbot.inquiry import inquire
from chatbot.policy import Thresholds
from chatbot.ports import Explainer
from chatbot.templates import load_templates
from chatbot.turn import look_up
from knowledge_base.calibration import Regression, Scorer
from knowledge_base.collection import Collection
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.fusion import FEATURES
from knowledge_base.passages import Document, Filter
from knowledge_base.search import KnowledgeBase
from privacy.redaction import redact

ARTICLES = (
    Document("window-en", "How long for a return?", "15 days.", language="en", tags=("return",)),
    Document("window-zh", "几天内可以退货？", "15天。", language="zh", tags=("return",)),
    Document("points-en", "When do points expire?", "Never.", language="en", tags=("points",)),
)


@pytest.fixture
def knowledge(tmp_path: Path) -> KnowledgeBase:
    collection, encoder = Collection(tmp_path / "shop"), HashingEmbedder()
    collection.merge(ARTICLES)
    collection.build(encoder)
    weights = dict.fromkeys(FEATURES, 0.0) | {"nearest": 4.0, "coverage": 4.0}
    regression = Regression(tuple(weights.values()), -4.0)
    return KnowledgeBase(collection.load(encoder), encoder, Scorer(regression, regression))


@pytest.fixture
def desk(knowledge: KnowledgeBase) -> Desk:
    intents = KeywordIntents({"return": ["return", "退"], "points": ["points"]})
    return Desk(
        models=lambda: Models(intents, knowledge),
        store=MemoryStore(),
        clock=FixedClock(),
        templates=load_templates(companies={"en": "Maplewood", "zh": "枫木"}),
        thresholds=Thresholds(answer=0.5, clarify=0.2, out_of_scope=0.9, generic=0.6),
        redact=redact,
        text_limit=4000,
    )


@pytest.mark.parametrize("query", ["how long for a return", "幾天內可以退貨", "points expire"])
def test_an_inquiry_finds_what_a_turn_finds(desk: Desk, query: str) -> None:
    assert list(inquire(desk, query).explanation.hits) == look_up(desk, query, limit=10)


def test_a_candidate_passes_at_the_threshold_that_serves(desk: Desk) -> None:
    found = inquire(desk, "how long for a return")
    best, *_, last = found.explanation.candidates
    assert found.passes(best)
    assert not found.passes(last)
    thresholds = replace(desk.thresholds, answer=best.fused.value + 1e-6)
    assert not inquire(replace(desk, thresholds=thresholds), found.seen).passes(best)


def test_an_inquiry_says_what_a_conversation_would_do(desk: Desk) -> None:
    found = inquire(desk, "how long for a return")
    assert found.decision.action is Action.ANSWER
    assert [hit.passage.document_id for hit in found.decision.hits] == ["window-en"]
    assert inquire(desk, "do you sell zebras").decision.action is Action.REFUSE


def test_personal_data_does_not_come_into_an_explanation(desk: Desk) -> None:
    found = inquire(desk, "return it, my mail is anna@example.com")
    assert "anna" not in json.dumps(found.record())
    assert "<EMAIL_ADDRESS>" in found.seen


def test_what_has_no_words_is_not_decided_upon(desk: Desk) -> None:
    assert inquire(desk, "13800138000").decision.reason == "nothing_to_understand"


def test_an_inquiry_may_be_confined_to_some_articles(desk: Desk) -> None:
    found = inquire(desk, "return", only=Filter(language="zh")).explanation
    assert [one.passage.document_id for one in found.candidates] == ["window-zh"]


def test_the_record_is_json_with_every_stage_of_every_candidate(desk: Desk) -> None:
    record = json.loads(json.dumps(inquire(desk, "return points", shown=2).record()))
    assert (record["passages"], record["admitted"], record["found"]) == (3, 3, 3)
    assert len(record["candidates"]) == 2
    assert record["thresholds"]["answer"] == 0.5
    for row in record["candidates"]:
        assert set(row["stages"]) == {"text", "nearest", "dense", "lexical", "coverage"}
        assert row["passes"] is (row["probability"] >= 0.5)


def test_what_cannot_explain_itself_is_refused_in_a_sentence(desk: Desk) -> None:
    models = Models(desk.models().intents, OverlapRetriever(ARTICLES))
    with pytest.raises(InputInvalid, match="cannot explain"):
        inquire(replace(desk, models=lambda: models), "return")


def test_an_empty_question_is_refused(desk: Desk) -> None:
    with pytest.raises(TextEmpty):
        inquire(desk, "  ")


def test_the_knowledge_base_can_explain_itself(knowledge: KnowledgeBase) -> None:
    assert isinstance(knowledge, Explainer)
