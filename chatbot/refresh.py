"""Articles become valid and expire at midnight: what was built before answers wrongly then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import structlog

from chatbot.settings import Settings
from chatbot.vault_home import collection_of, open_vault
from knowledge_base.build import Progress
from knowledge_base.collection import Collection, list_collections
from knowledge_base.embedding import Embedder
from knowledge_base.errors import IndexMissing, KnowledgeError

_log = structlog.get_logger()


def outdated_collections(settings: Settings, today: date) -> list[Collection]:
    vault = open_vault(settings)
    names = list_collections(settings.collections_home)
    return [
        collection
        for name in names
        if _is_outdated(collection := collection_of(settings, name, vault=vault), today)
    ]


def rebuild(
    collections: Sequence[Collection], embedder: Embedder, *, progress: Callable[[], Progress]
) -> dict[str, str]:
    """The new version of each. What keeps one from being built is raised once the others are."""
    built: dict[str, str] = {}
    failed: list[KnowledgeError] = []
    for collection in collections:
        try:
            built[collection.name] = collection.build(embedder, progress=progress())
        except KnowledgeError as error:
            _log.error("not_rebuilt", collection=collection.name, error=type(error).__name__)
            failed.append(error)
    if failed:
        raise failed[0]
    return built


def _is_outdated(collection: Collection, today: date) -> bool:
    try:
        return collection.is_outdated(today)
    except IndexMissing:
        return False
