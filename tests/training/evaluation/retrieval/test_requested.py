from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chatbot.errors import InputInvalid, NotFound
from chatbot.query_drop import PLACE, QueryDrop
from chatbot.settings import Settings
from knowledge_base.collection import Collection
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.passages import Document
from knowledge_base.vault import PLAIN
from training.evaluation.retrieval.requested import measure_requested
from training.progress import SilentWatch

CSV = """query,expected_id
How long does delivery take?,delivery
我的钱什么时候退,refund
Is Anna at anna@example.com in?,
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path, _env_file=None)
    collection = Collection.within(settings.collections_home, "lamps")
    collection.merge(
        [
            Document("delivery", "How long does delivery take?", "Three days.", language="en"),
            Document("refund", "Which bulbs fit?", "E27 bulbs.", language="en"),
        ]
    )
    collection.build(HashingEmbedder())
    return settings


def measured(settings: Settings, text: str = CSV) -> dict[str, Any]:
    return measure_requested(
        settings,
        collection="lamps",
        asked=QueryDrop(settings.home, PLAIN).leave(text.encode()),
        name="mine.csv",
        watch=SilentWatch(),
        embedder=HashingEmbedder(),
    )


def test_a_measurement_says_how_it_went_and_quotes_no_question(settings: Settings) -> None:
    result = measured(settings)
    assert (result["figures"]["n"], result["figures"]["n_answerable"]) == (3, 2)
    assert {"recall_at_1", "recall_at_3", "recall_at_5", "mrr"} <= result["figures"].keys()
    assert result["against"] is None
    assert set(result["per_language"]) == {"en", "zh"}
    for row in result["failures"]:
        assert row["line"] in (2, 3, 4)
    told = json.dumps(result, ensure_ascii=False)
    assert "anna" not in told.lower()
    assert "退" not in told


def test_the_second_measurement_of_the_same_questions_is_held_against_the_first(
    settings: Settings,
) -> None:
    first = measured(settings)
    against = measured(settings)["against"]
    assert (against["run"], against["recall_at_1_difference"]) == (first["run"], 0.0)
    assert measured(settings, CSV + "bulbs,refund\n")["against"] is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("query,expected_id\nwhere,nowhere\n", "line 2.*nowhere"),
        ("question\nwhere\n", "line 1"),
        ("", "cannot be asked"),
    ],
)
def test_questions_that_cannot_be_asked_are_refused_with_their_line(
    settings: Settings, text: str, said: str
) -> None:
    with pytest.raises(InputInvalid, match=said):
        measured(settings, text)


def test_the_questions_are_deleted_however_it_ends(settings: Settings) -> None:
    measured(settings)
    with pytest.raises(InputInvalid):
        measured(settings, "query,expected_id\n")
    assert list((settings.home / PLACE).iterdir()) == []


def test_questions_that_are_gone_are_asked_for_again(settings: Settings) -> None:
    with pytest.raises(NotFound):
        measure_requested(
            settings, collection="lamps", asked="0" * 32, name="q", watch=SilentWatch()
        )
