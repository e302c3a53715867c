"""What the queries are asked of: a knowledge file, indexed apart, or a collection that serves.

Both are asked as a turn asks them, through `chatbot.turn.look_up`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from chatbot.bootstrap import build, load_knowledge
from chatbot.desk import Desk, Models
from chatbot.fakes import MemoryStore
from chatbot.generic import NoIntents
from chatbot.ports import IntentModel
from chatbot.retriever_home import means_around
from chatbot.settings import Settings
from chatbot.turn import look_up
from chatbot.vault_home import collection_of, open_vault
from knowledge_base.collection import Collection
from knowledge_base.embedding import Embedder
from knowledge_base.passages import Document, Filter, Hit
from knowledge_base.placement import Placement
from knowledge_base.readers import read_documents
from knowledge_base.records import dump_lines
from knowledge_base.search import Channel, KnowledgeBase
from training.evaluation.retrieval.queries import Known
from training.progress import Watch

INDEXES = Path("evaluations") / "indexes"
KEPT = 8
"""Indexes of knowledge files; the one that was used longest ago goes first."""
_PREFIX = "file-"
_DIGITS = 32

Ask = Callable[[str, int], list[Hit]]
"""A customer's text and the most hits wanted."""


@dataclass(frozen=True)
class Ground:
    name: str
    collection: Collection
    documents: tuple[Document, ...]
    served: bool
    """It is a collection of the product, with the intents that hint at its articles."""

    @property
    def known(self) -> Known:
        return Known(self.name, frozenset(document.id for document in self.documents))


@dataclass(frozen=True)
class OneChannel:
    """A retriever that finds by a part of what the knowledge base knows."""

    knowledge: KnowledgeBase
    channel: Channel

    @property
    def version(self) -> str:
        return self.knowledge.version

    def search(
        self,
        query: str,
        *,
        hints: Mapping[str, float],
        limit: int = 5,
        only: Filter | None = None,
    ) -> list[Hit]:
        return self.knowledge.search(
            query, hints=hints, limit=limit, channel=self.channel, only=only
        )


@dataclass(frozen=True)
class Opened:
    desk: Desk
    knowledge: KnowledgeBase
    intents: IntentModel

    def masks(self, text: str) -> bool:
        """Whether the text is asked with something in it masked."""
        return self.desk.redact(text) != text

    def ask(self, channel: Channel) -> Ask:
        retriever = OneChannel(self.knowledge, channel)
        desk = replace(self.desk, models=lambda: Models(self.intents, retriever))
        return lambda text, limit: look_up(desk, text, limit=limit)


def file_ground(settings: Settings, path: Path) -> Ground:
    """Its index is kept by content, so that a second measurement need not build it again."""
    documents = tuple(read_documents(path))
    return documents_ground(settings, path.name, documents)


def documents_ground(settings: Settings, name: str, documents: tuple[Document, ...]) -> Ground:
    digest = hashlib.sha256(dump_lines(documents)).hexdigest()[:_DIGITS]
    collection = Collection.within(
        settings.home / INDEXES, f"{_PREFIX}{digest}", vault=open_vault(settings)
    )
    return Ground(name, collection, documents, served=False)


def served_ground(settings: Settings, name: str) -> Ground:
    collection = collection_of(settings, name)
    return Ground(name, collection, tuple(collection.serving()), served=True)


def open_ground(
    settings: Settings, ground: Ground, embedder: Embedder, *, masked: bool, watch: Watch
) -> Opened:
    """Index a knowledge file where that was not done yet. Raises KnowledgeError.

    `masked`: personal data in the queries is masked, as in a conversation.
    """
    if not ground.served:
        ground.collection.merge(ground.documents)
        ground.collection.build(embedder, progress=_watched(watch))
        _let_go(ground.collection.root)
    knowledge = load_knowledge(
        ground.collection, means_around(settings, embedder), Placement(settings.faiss)
    )
    # Nothing that another company was taught hints at the articles of a file.
    intents = None if ground.served else lambda _collection: NoIntents()
    kefu = build(settings, store=MemoryStore(), retriever=lambda _name: knowledge, intents=intents)
    desk = kefu.desk(ground.collection.name)
    if not masked:
        desk = replace(desk, redact=lambda text: text)
    return Opened(desk, knowledge, desk.models().intents)


def _watched(watch: Watch) -> Callable[[str, int, int], None]:
    seen: dict[str, int] = {}

    def show(stage: str, done: int, total: int) -> None:
        if stage not in seen:
            watch.stage(stage, total)
        watch.advance(done - seen.get(stage, 0))
        seen[stage] = done

    return show


def _let_go(used: Path) -> None:
    os.utime(used)
    folders = sorted(used.parent.glob(f"{_PREFIX}*"), key=lambda folder: -folder.stat().st_mtime)
    for folder in folders[KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)
