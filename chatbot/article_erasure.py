"""Articles are erased: no file of their collection, and no copy on Milvus, holds their words after.

First a note of what is to go, then the documents and the history; then a whole index of what
stays, which serves from there on; then every older version. Killed at any moment, the same call
ends the work, and searches go on meanwhile.

What it does not reach: conversations in which an article was quoted (those are the customer's, see
`privacy_desk`), files from which articles were imported or measured (`evaluations/indexes` keeps
what was built of the latter), a Milvus server that the settings no longer name, and backups.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from chatbot.knowledge_home import open_milvus
from chatbot.settings import Settings
from knowledge_base.build import Progress
from knowledge_base.collection import Collection
from knowledge_base.embedding import Embedder
from knowledge_base.erasure import Swept
from knowledge_base.errors import IndexMissing
from knowledge_base.history import COMMAND_LINE
from knowledge_base.storage import only_writer


@dataclass(frozen=True)
class Erased:
    articles: int
    changes: int
    """Entries of the history that told of them."""
    versions: int
    """Of the index on this machine, by this call; what builds have deleted in between is none."""
    copies: int
    """Of versions on Milvus, by this call."""
    version: str | None
    """That serves now; None where there is none."""
    unknown: tuple[str, ...]
    """Ids of which neither the documents nor the history knew. Older versions went all the same."""


def erase_articles(
    settings: Settings,
    collection: Collection,
    ids: Iterable[str],
    embedder: Callable[[], Embedder],
    *,
    progress: Progress,
    record: Callable[[Erased], None],
    by: str = COMMAND_LINE,
    pause: Callable[[float], None] = time.sleep,
) -> Erased:
    """Those, and whatever an earlier call had begun; `embedder` is asked for if it is needed.

    `record` hears what is gone before the note of it goes too. `pause` is how long searches on
    Milvus have to end, in seconds. Raises KnowledgeError and KnowledgeServerUnavailable: the
    erasure is then unfinished.
    """
    asked = [*dict.fromkeys(ids)]
    with only_writer(collection.root):
        there = {document.id for document in collection.documents()}
        erasing = collection.note.begin(asked, there)
    # From here on none of them can come back, so that nothing slips in between two steps.
    collection.remove(erasing.ids, by=by)
    collection.forget(erasing.ids)
    loaded = cache(embedder)
    swept = collection.sweep(loaded, progress=progress)
    erased = Erased(
        articles=len(erasing.ids),
        changes=erasing.changes,
        versions=swept.versions,
        copies=_drop_copies(settings, collection, swept, loaded, progress=progress, pause=pause),
        version=swept.version,
        unknown=tuple(one for one in asked if one not in erasing.ids),
    )
    record(erased)
    with only_writer(collection.root):
        collection.note.strike(erasing.ids)
    return erased


def _drop_copies(
    settings: Settings,
    collection: Collection,
    swept: Swept,
    embedder: Callable[[], Embedder],
    *,
    progress: Progress,
    pause: Callable[[float], None],
) -> int:
    """How many versions were dropped on Milvus, where the new one serves afterwards."""
    server = open_milvus(settings)
    if server is None:
        return 0
    try:
        with only_writer(collection.root):
            if swept.version is None:
                if collection.serving() and server.versions(collection.name):
                    # What serves there is not on this machine: only a build replaces it.
                    raise IndexMissing(collection.root)
                return server.sweep(collection.name, kept=None)
            from chatbot.adapters.milvus_copy import copy_version

            index = collection.load(embedder())
            copy_version(server, collection.name, index, embedder=embedder(), progress=progress)
            if server.switch(collection.name, index.version) not in (None, index.version):
                pause(server.seconds)
            return server.sweep(collection.name, kept=index.version)
    finally:
        server.close()
