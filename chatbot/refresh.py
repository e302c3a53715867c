"""Articles become valid and expire at midnight: what was built before answers wrongly then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import structlog

from chatbot.errors import KnowledgeServerUnavailable
from chatbot.knowledge_home import build_knowledge, serving_version
from chatbot.settings import Settings
from chatbot.vault_home import collection_of, open_vault
from knowledge_base.build import Progress
from knowledge_base.collection import Collection, list_collections
from knowledge_base.embedding import Embedder
from knowledge_base.errors import IndexMissing, KnowledgeError
from privacy.errors import PrivacyError

_log = structlog.get_logger()


def outdated_collections(settings: Settings, today: date) -> list[Collection]:
    """An erasure that is not finished is logged on the way: `kefu kb forget` goes on with it."""
    vault = open_vault(settings)
    names = list_collections(settings.collections_home)
    found = [collection_of(settings, name, vault=vault) for name in names]
    for collection in found:
        if collection.note.is_there:
            _log.warning("erasure_unfinished", collection=collection.name)
    return [collection for collection in found if _is_outdated(settings, collection, today)]


def rebuild(
    settings: Settings,
    collections: Sequence[Collection],
    embedder: Embedder,
    *,
    progress: Callable[[], Progress],
) -> dict[str, str]:
    """The new version of each, which serves wherever searches go. What keeps one from that is
    raised once the others are built."""
    built: dict[str, str] = {}
    failed: list[Exception] = []
    for collection in collections:
        try:
            built[collection.name] = build_knowledge(
                settings, collection, embedder, progress=progress()
            )
        except (KnowledgeError, PrivacyError, KnowledgeServerUnavailable) as error:
            _log.error("not_rebuilt", collection=collection.name, error=type(error).__name__)
            failed.append(error)
    if failed:
        raise failed[0]
    return built


def _is_outdated(settings: Settings, collection: Collection, today: date) -> bool:
    """Also where an earlier build could not be copied to where searches go, and where nobody can
    say: to build it mends the index, or tells what is damaged once the others are built."""
    try:
        if collection.is_outdated(today):
            return True
        return serving_version(settings, collection) != collection.current_version()
    except IndexMissing:
        return False
    except (KnowledgeError, PrivacyError):
        return True
