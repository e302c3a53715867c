from __future__ import annotations

from dataclasses import replace

import pytest

from chatbot.fakes import FixedClock, KeywordIntents, MemoryStore, OverlapRetriever
from chatbot.policy import Thresholds
from chatbot.templates import load_templates
from chatbot.turn import Desk, Models
from knowledge_base.passages import Document
from privacy.redaction import redact
from training.audits.live_product import live_product

DOCUMENTS = (Document("window", "几天内可以退货？", "15天。", language="zh", tags=("return",)),)
INTENTS = KeywordIntents({"return": ["退"], "request_human": ["人工"]})
STORE = MemoryStore()


@pytest.fixture
def desk() -> Desk:
    return Desk(
        models=lambda: Models(INTENTS, OverlapRetriever(DOCUMENTS)),
        store=STORE,
        clock=FixedClock(),
        templates=load_templates(companies={"en": "Maplewood", "zh": "枫木"}),
        thresholds=Thresholds(answer=0.5, clarify=0.2, out_of_scope=0.9, generic=0.6),
        redact=redact,
        text_limit=4000,
    )


def test_a_probe_tells_the_action_and_the_article(desk: Desk) -> None:
    product = live_product(desk)
    assert product.decide("几天内可以退货？") == "answer:window"
    assert product.decide("转人工") == "handoff"
    assert product.decide("天气") == "refuse"


def test_a_probe_leaves_no_record(desk: Desk) -> None:
    live_product(desk).decide("几天内可以退货？")
    assert vars(STORE)["_conversations"] == {}


def test_the_model_is_shown_what_a_turn_would_show_it(desk: Desk) -> None:
    assert (
        live_product(desk).prepare(" 幾天內可以退，寫到 a@b.cn ")
        == "几天内可以退，写到 <EMAIL_ADDRESS>"
    )


def test_a_turn_that_breaks_is_told_apart_from_a_refusal(desk: Desk) -> None:
    class Broken(OverlapRetriever):
        def search(self, *_: object, **__: object) -> list[object]:  # type: ignore[override]
            raise RuntimeError

    down = replace(desk, models=lambda: Models(INTENTS, Broken(DOCUMENTS)))
    assert live_product(down).decide("几天内可以退货？") == "failed"
