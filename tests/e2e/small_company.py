"""The product with its real database, keys and index in one home, but no trained models."""

from __future__ import annotations

from sqlalchemy import Engine

from chatbot.adapters.store_sql import SqlStore
from chatbot.bootstrap import Kefu, build, open_database, open_office
from chatbot.clock import SystemClock
from chatbot.fakes import KeywordIntents
from chatbot.privacy_home import make_privacy_desk
from chatbot.settings import Settings
from knowledge_base.calibration import Scorer
from knowledge_base.collection import Collection
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.passages import Document
from knowledge_base.search import KnowledgeBase
from privacy.keyring_file import FileKeyRing

ARTICLES = (
    Document(
        "en", "How long may I return it?", "15 days.", "Returns", language="en", tags=("return",)
    ),
    Document("zh", "几天内可以退货？", "15天。", "退货", language="zh", tags=("return",)),
)


def build_index(settings: Settings) -> None:
    articles = Collection.within(settings.collections_home, settings.collection)
    articles.merge(ARTICLES)
    articles.build(HashingEmbedder())


def open_company(settings: Settings) -> tuple[Kefu, Engine]:
    """After `build_index`. The caller disposes of the engine."""
    engine, clock = open_database(settings), SystemClock()
    keys = FileKeyRing(settings.keys_home)
    articles = Collection.within(settings.collections_home, settings.collection)
    knowledge = KnowledgeBase(articles.load(HashingEmbedder()), HashingEmbedder(), Scorer.default())
    intents = KeywordIntents({"return": ["return", "退"], "request_human": ["human", "人工"]})
    kefu = build(
        settings,
        store=SqlStore(engine, keys),
        clock=clock,
        intents=lambda _name: intents,
        retriever=lambda _name: knowledge,
        office=open_office(settings, engine, keys=keys, clock=clock),
        privacy=make_privacy_desk(engine, keys, clock=clock, settings=settings),
    )
    return kefu, engine
