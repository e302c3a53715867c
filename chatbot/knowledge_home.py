"""Where knowledge is built and searched: on this machine, or also on a Milvus server."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from chatbot.ports import Retriever
from chatbot.settings import Settings
from chatbot.shelf import Shelf
from knowledge_base.build import Progress
from knowledge_base.collection import Collection
from knowledge_base.embedding import Embedder
from knowledge_base.errors import KnowledgeError
from knowledge_base.index_kind import IndexKind
from knowledge_base.storage import only_writer
from knowledge_base.taught import Means

if TYPE_CHECKING:
    from chatbot.adapters.milvus_server import MilvusServer


def open_milvus(settings: Settings) -> MilvusServer | None:
    """None where the settings name no server. Raises ExtraMissing."""
    if settings.milvus_uri is None:
        return None
    from chatbot.adapters.milvus_server import MilvusServer

    return MilvusServer(
        settings.milvus_uri, token=settings.milvus_token, seconds=settings.milvus_seconds
    )


def build_knowledge(
    settings: Settings,
    collection: Collection,
    embedder: Embedder,
    *,
    progress: Progress,
    kind: IndexKind | None = None,
) -> str:
    """The version that serves afterwards, wherever searches go.

    Raises KnowledgeServerUnavailable where the version was built here but does not serve: the same
    call then continues.
    """
    server = open_milvus(settings)
    if server is None:
        return collection.build(embedder, progress=progress, kind=kind)
    from chatbot.adapters.milvus_copy import copy_version

    try:
        # What is copied must hold all that it searches.
        collection.build(embedder, progress=progress, kind=kind, whole=True)
        # Who waited here copies what is current by then.
        with only_writer(collection.root):
            index = collection.load(embedder)
            copy_version(server, collection.name, index, embedder=embedder, progress=progress)
            before = server.switch(collection.name, index.version)
            server.prune(collection.name, before=before)
    finally:
        server.close()
    return index.version


def serving_version(settings: Settings, collection: Collection) -> str:
    """Raises IndexMissing before the first build."""
    server = open_milvus(settings)
    if server is None:
        return collection.current_version()
    try:
        return server.current_version(collection.name)
    finally:
        server.close()


def milvus_shelf(server: MilvusServer, means: Callable[[str], Means]) -> Shelf[Retriever]:
    """What searches there, by collection, exchanged when the server says so; `means` by the name of
    the embedder that a version was built with.

    A server that cannot be asked is no broken version: the next search tries again.
    """
    from chatbot.adapters.retriever_milvus import MilvusRetriever

    return Shelf(
        server.current_version,
        lambda name, version: MilvusRetriever.open(server, name, version, means=means),
        broken=(KnowledgeError,),
    )
