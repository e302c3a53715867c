"""The questions without an answer, from the log of turns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine

from chatbot.adapters.store_outcomes import Outcome, SqlOutcomes
from chatbot.gaps import Unanswered, Why
from privacy.consent import Scope

_FAILED_AGAIN = "repeated_failure"
"""The reason of a handover after turns without help; other reasons are no lack of an article."""


class SqlUnanswered:
    def __init__(self, engine: Engine) -> None:
        self._outcomes = SqlOutcomes(engine)

    def unanswered(self, collection: str, *, since: datetime) -> Iterator[Unanswered]:
        objecting = self._outcomes.objecting(Scope.IMPROVE)
        for outcome in self._outcomes.of_collection(collection, since=since):
            why = _why(outcome)
            if why is not None and outcome.customer not in objecting:
                language = (outcome.language or "en")[:2]
                yield Unanswered(outcome.message_id, outcome.text, language, outcome.at, why)


def _why(outcome: Outcome) -> Why | None:
    if outcome.helpful is False:
        return Why.THUMBS_DOWN
    if outcome.action == "refuse" and outcome.error is None:
        return Why.REFUSED
    handed = outcome.action == "handoff" and outcome.evidence.get("reason") == _FAILED_AGAIN
    return Why.HANDED_OVER if handed else None
