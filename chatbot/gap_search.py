"""Gaps of a running product: its log, its encoder, and what its search comes closest to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from chatbot.bootstrap import Kefu
from chatbot.errors import StoreUnavailable
from chatbot.gap_groups import find_gaps
from chatbot.gaps import Gap
from chatbot.turn import look_up
from knowledge_base.passages import Hit


def search_gaps(
    kefu: Kefu,
    collection: str,
    *,
    since: datetime,
    limit: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Gap]:
    """Raises StoreUnavailable where nothing is logged, and KnowledgeError."""
    if kefu.unanswered is None or kefu.encoder is None:
        raise StoreUnavailable("conversations are kept in memory only")
    desk = kefu.desk(collection)
    desk.models()  # a collection that is not there is said before anything is read
    encoder = kefu.encoder()

    def nearest(question: str) -> Hit | None:
        hits = look_up(desk, question[: desk.text_limit], limit=1)
        return hits[0] if hits else None

    return find_gaps(
        kefu.unanswered.unanswered(collection, since=since),
        encode=encoder.encode_queries,
        nearest=nearest,
        limit=limit,
        progress=progress,
    )
