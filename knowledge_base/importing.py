"""What an import does to a collection's documents."""

from __future__ import annotations

from dataclasses import dataclass, replace

from knowledge_base.errors import SourceError
from knowledge_base.passages import DRAFT, Document


@dataclass(frozen=True)
class ImportReport:
    """Numbers of documents."""

    added: int
    changed: int
    unchanged: int
    files: int = 0
    """That were read whole, where the import counted them."""
    refused: tuple[SourceError, ...] = ()
    """One for each file of which nothing was imported."""


def status_kept(document: Document, known: Document | None, *, draft: bool) -> Document:
    """What becomes of `document` where `known` was."""
    kept = replace(document, status=known.status) if known else document
    return replace(kept, status=DRAFT) if draft and kept != known else kept
