"""Which of the ranked candidates a person gets to see: one of each article, and each thing once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from knowledge_base.duplicates import say_the_same
from knowledge_base.explanation import Fate
from knowledge_base.passages import Passage


@dataclass(frozen=True)
class Shown:
    duplicates: dict[int, list[str]] = field(default_factory=dict)
    """The candidates shown, best first, and the documents that stand behind each."""
    fates: dict[int, tuple[Fate, str]] = field(default_factory=dict)
    """Of the candidates looked at: with the document that is shown instead, where one is."""

    def fate(self, candidate: int) -> tuple[Fate, str]:
        return self.fates.get(candidate, (Fate.TOO_FAR_DOWN, ""))


def choose(passages: Sequence[Passage], order: Iterable[int], limit: int) -> Shown:
    """`order` is that of the candidates, best first; whoever says the same stands behind the first.

    After the last one shown nothing more is looked at.
    """
    shown = Shown()
    leads: dict[str, str] = {}
    for row in order:
        if len(shown.duplicates) >= limit:
            break
        passage = passages[row]
        if passage.document_id in leads:
            shown.fates[row] = (Fate.SAME_ARTICLE, leads[passage.document_id])
            continue
        twin = next((n for n in shown.duplicates if say_the_same(passages[n], passage)), None)
        if twin is None:
            leads[passage.document_id] = passage.document_id
            shown.duplicates[row] = []
            shown.fates[row] = (Fate.SHOWN, "")
        else:
            leads[passage.document_id] = passages[twin].document_id
            shown.duplicates[twin].append(passage.document_id)
            shown.fates[row] = (Fate.DUPLICATE, passages[twin].document_id)
    return shown
