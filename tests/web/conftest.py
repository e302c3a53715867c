"""The real application on shipped fakes: quick, and every rule of the edge is the real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from chatbot.bootstrap import Kefu, build
from chatbot.fakes import FixedClock, KeywordIntents, MemoryStore, OverlapRetriever
from chatbot.settings import Settings
from knowledge_base.errors import CollectionUnknown
from knowledge_base.passages import Document
from web.app import create_app

DOCUMENTS = (
    Document("window-en", "How long for a return?", "15 days.", "Returns", language="en"),
    Document("window-zh", "几天内可以退货？", "15天。", "退货", language="zh"),
)


@pytest.fixture
def kefu(tmp_path: Path) -> Kefu:
    retriever = OverlapRetriever(DOCUMENTS)

    def find(collection: str) -> OverlapRetriever:
        if collection != "demo":
            raise CollectionUnknown(collection)
        return retriever

    return build(
        Settings(home=tmp_path, _env_file=None),
        store=MemoryStore(),
        clock=FixedClock(),
        intents=lambda _name: KeywordIntents(
            {"return": ["return", "退"], "request_human": ["human"]}
        ),
        retriever=find,
    )


@pytest.fixture
def client(kefu: Kefu) -> Iterator[TestClient]:
    with TestClient(create_app(kefu), raise_server_exceptions=False) as client:
        yield client
