"""A small company that sells lamps, and an encoder without weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base.collection import Collection
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.passages import Document


@pytest.fixture
def documents() -> list[Document]:
    return [
        Document(
            id="delivery-en",
            question="How long does delivery take?",
            answer="Parcels arrive within three days.",
            title="Delivery times",
            url="/help/delivery",
            language="en",
            tags=("delivery",),
            variants=("when will my lamp arrive", "shipping time"),
        ),
        Document(
            id="delivery-zh",
            question="多久能送达？",
            answer="包裹三天内送达。",
            title="配送时效",
            language="zh",
            tags=("delivery",),
            variants=("快递要几天",),
        ),
        Document(
            id="refund-en",
            question="When do I get my money back?",
            answer="Refunds reach your card five days after the return.",
            language="en",
            tags=("refund",),
        ),
        Document(
            id="refund-zh",
            question="退款多久到账？",
            answer="退货后五天内原路退款。",
            language="zh",
            tags=("refund",),
        ),
        Document(
            id="bulbs",
            question="Which bulbs fit?",
            answer="Every lamp takes an E27 bulb of up to 60 watts.",
            language="en",
        ),
    ]


@pytest.fixture
def embedder() -> HashingEmbedder:
    return HashingEmbedder()


@pytest.fixture
def collection(tmp_path: Path, documents: list[Document]) -> Collection:
    collection = Collection(tmp_path / "lamps")
    collection.merge(documents)
    return collection
