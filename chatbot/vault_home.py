"""Opens the vault of an installation, and collections through it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from chatbot.file_vault import FileVault
from chatbot.key_home import open_key_ring
from chatbot.memory_home import MemoryHome
from chatbot.settings import Settings
from knowledge_base.collection import Collection
from knowledge_base.index_kind import IndexKind
from knowledge_base.vault import Vault
from privacy.keyring import KeyRing


def open_vault(settings: Settings, *, keys: Callable[[], KeyRing] | None = None) -> FileVault:
    """The key ring is opened when the first sealed file is met."""
    return FileVault(
        settings.home,
        keys=keys or partial(open_key_ring, settings),
        memory=MemoryHome(settings.memory_home, installation=settings.home),
        sealing=settings.seal_files,
    )


def collection_of(settings: Settings, name: str, *, vault: Vault | None = None) -> Collection:
    """Raises CollectionNameInvalid."""
    kind = None if settings.faiss_index == "auto" else IndexKind(settings.faiss_index)
    return Collection.within(
        settings.collections_home, name, vault=vault or open_vault(settings), kind=kind
    )
