from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.settings import Settings
from chatbot.vault_home import collection_of
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.index_kind import IndexKind
from knowledge_base.passages import Document


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ({}, IndexKind.FLAT),
        ({"faiss_index": "auto"}, IndexKind.FLAT),
        *(({"faiss_index": kind.value}, kind) for kind in IndexKind),
    ],
)
def test_collections_are_built_in_the_way_that_the_settings_ask_for(
    tmp_path: Path, asked: dict[str, str], kind: IndexKind
) -> None:
    settings = Settings.model_validate({"home": tmp_path, **asked})
    collection = collection_of(settings, "shop")
    collection.merge([Document(f"d{n}", f"Question {n}?", f"Answer {n}.") for n in range(50)])
    collection.build(HashingEmbedder())
    assert collection.load(HashingEmbedder()).dense.kind is kind
