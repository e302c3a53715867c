"""Why a question finds what it finds, on the path that a turn takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from chatbot.conversation import Decision, Evidence, Language, Understanding
from chatbot.desk import Desk
from chatbot.dialogue import HITS, PLACEHOLDER, guess_language, hints_of
from chatbot.errors import InputInvalid
from chatbot.policy import Thresholds, decide
from chatbot.ports import Explainer
from chatbot.turn import understand
from knowledge_base.explanation import Explained, Explanation
from knowledge_base.passages import Filter

_DIGITS = 4


@dataclass(frozen=True)
class Inquiry:
    seen: str
    """The question as the models saw it: masked, in simplified characters."""
    understanding: Understanding
    hints: Mapping[str, float]
    explanation: Explanation
    thresholds: Thresholds
    decision: Decision
    """What a conversation that begins with this question would do, up to its forms."""

    def passes(self, one: Explained) -> bool:
        """Whether it is sure enough to be given as the answer."""
        return one.fused.value >= self.thresholds.answer

    def record(self) -> dict[str, object]:
        """For JSON: numbers rounded, passages by what names them."""
        found = self.explanation
        return {
            "query": self.seen,
            "version": found.version,
            "intent": self.understanding.intent,
            "out_of_scope": _short(self.understanding.out_of_scope),
            "hints": {name: _short(share) for name, share in self.hints.items()},
            "thresholds": {
                "answer": self.thresholds.answer,
                "clarify": self.thresholds.clarify,
                "out_of_scope": self.thresholds.out_of_scope,
            },
            "decision": {
                "action": self.decision.action.value,
                "reason": self.decision.reason,
                "documents": [hit.passage.document_id for hit in self.decision.hits],
            },
            "passages": found.passages,
            "admitted": found.admitted,
            "found": found.found,
            "candidates": [self._row(one) for one in found.candidates],
        }

    def _row(self, one: Explained) -> dict[str, object]:
        passage = one.passage
        return {
            "document_id": passage.document_id,
            "passage_id": passage.id,
            "title": passage.title,
            "text": passage.text,
            "language": passage.language,
            "tags": list(passage.tags),
            "found_by": list(one.found_by),
            "stages": {
                name: asdict(standing) | {"value": _short(standing.value)}
                for name, standing in one.stages.items()
            },
            "nearest_question": one.nearest_question,
            "words": list(one.words),
            "hint": None if one.hint is None else _short(one.hint),
            "probability": _short(one.fused.value),
            "rank": one.fused.rank,
            "place": one.place,
            "fate": one.fate.value,
            "instead": one.instead,
            "passes": self.passes(one),
        }


def inquire(desk: Desk, query: str, *, shown: int = 20, only: Filter | None = None) -> Inquiry:
    """`shown` candidates are explained, best first.

    Raises InputInvalid for a text that is none, and where what serves cannot explain itself.
    """
    asked = understand(desk, query)
    hints, retriever = hints_of(asked.understanding), asked.models.retriever
    if not isinstance(retriever, Explainer):
        raise InputInvalid(
            "The engine that serves this collection cannot explain a search: ask without."
        )
    found = retriever.explain(asked.seen, hints=hints, limit=HITS, shown=shown, only=only)
    evidence = Evidence(
        guess_language(desk, asked.seen, default=Language.EN),
        asked.understanding,
        found.hits,
        wordless=not any(letter.isalpha() for letter in PLACEHOLDER.sub("", asked.seen)),
    )
    decision = decide(evidence, desk.thresholds)
    return Inquiry(asked.seen, asked.understanding, hints, found, desk.thresholds, decision)


def _short(value: float) -> float:
    return round(value, _DIGITS)
