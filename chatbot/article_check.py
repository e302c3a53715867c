"""Personal data in articles, before customers get to read them: where and of what type, never what.

A company publishes some of it on purpose: its own phone number, e-mail and web addresses stand in
many articles, so those types are told last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge_base.passages import Document
from privacy.redaction import detect

CONTACTS = frozenset({"PHONE_NUMBER", "EMAIL_ADDRESS", "URL"})
_FIELDS = ("question", "answer", "title", "variants")

Progress = Callable[[int, int], None]
"""Called with articles read and articles in all."""


@dataclass(frozen=True)
class Finding:
    document_id: str
    field: str
    counts: Mapping[str, int]
    """By type, the types that are no mere contact first."""

    @property
    def grave(self) -> bool:
        return not CONTACTS.issuperset(self.counts)


def check_articles(
    documents: Sequence[Document], *, progress: Progress = lambda done, total: None
) -> list[Finding]:
    """The grave ones first, else in the order of the documents."""
    found: list[Finding] = []
    for done, document in enumerate(documents, start=1):
        found += _findings(document)
        progress(done, len(documents))
    return sorted(found, key=lambda finding: not finding.grave)


def not_yet_known(given: Iterable[Document], known: Iterable[Document]) -> list[Document]:
    """Those that are new, or say something else than what is known by their id."""
    kept = {document.id: document for document in known}
    return [
        one
        for one in given
        if one.id not in kept or replace(one, status=kept[one.id].status) != kept[one.id]
    ]


def _findings(document: Document) -> Iterable[Finding]:
    for field in _FIELDS:
        value = getattr(document, field)
        texts = [value] if isinstance(value, str) else value
        counts = Counter(span.type for text in texts for span in detect(text))
        if counts:
            order = sorted(counts, key=lambda kind: (kind in CONTACTS, kind))
            yield Finding(document.id, field, {kind: counts[kind] for kind in order})
