"""Files become articles: read, looked through for personal data, and kept in one revision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from chatbot.article_check import Finding, Progress, check_articles, not_yet_known
from knowledge_base.collection import Collection
from knowledge_base.errors import CollectionUnknown
from knowledge_base.history import COMMAND_LINE
from knowledge_base.importing import ImportReport
from knowledge_base.passages import Document
from knowledge_base.readers import Watch


class Holding(StrEnum):
    """Which of the new and changed articles come in as drafts."""

    NOTHING = "nothing"
    PERSONAL_DATA = "personal_data"
    """Those in which some was found, contacts included."""
    ALL = "all"


@dataclass(frozen=True)
class Imported:
    report: ImportReport
    findings: tuple[Finding, ...]
    """In articles that are new or changed."""
    drafts: int
    """How many of these are drafts now because `hold` asked for it."""


def import_articles(
    collection: Collection,
    paths: Iterable[Path],
    *,
    by: str = COMMAND_LINE,
    hold: Holding = Holding.NOTHING,
    watch: Watch | None = None,
    progress: Progress = lambda done, total: None,
) -> Imported:
    """As `Collection.import_readable`."""
    findings: list[Finding] = []
    held: set[str] = set()

    def look_through(documents: Sequence[Document]) -> set[str]:
        fresh = not_yet_known(documents, _known(collection))
        findings.extend(check_articles(fresh, progress=progress))
        if hold is Holding.ALL:
            held.update(document.id for document in fresh)
        elif hold is Holding.PERSONAL_DATA:
            held.update(finding.document_id for finding in findings)
        return held

    report = collection.import_readable(paths, watch=watch, by=by, held_back=look_through)
    return Imported(report, tuple(findings), len(held))


def _known(collection: Collection) -> list[Document]:
    try:
        return collection.documents()
    except CollectionUnknown:
        return []
