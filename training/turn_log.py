"""The product's log of turns, as the selection for review reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

from chatbot.adapters.store_outcomes import Outcome
from training.selection import LoggedTurn


def logged_turns(outcomes: Iterable[Outcome], *, agreed: dict[str, bool]) -> Iterator[LoggedTurn]:
    """`agreed` tells of customers whether they let Kefu learn; who is not in it did not."""
    for _, group in groupby(outcomes, key=lambda outcome: outcome.conversation_id):
        turns = list(group)
        for one, two in pairwise([*turns, None]):
            assert one is not None
            yield _logged(one, two, consent=agreed.get(one.customer, False))


def _logged(turn: Outcome, following: Outcome | None, *, consent: bool) -> LoggedTurn:
    ranking = [float(share) for _, share in turn.evidence.get("ranking", [])]
    return LoggedTurn(
        id=turn.message_id,
        text=turn.text,
        language=(turn.language or "en")[:2],
        intent=turn.intent,
        confidence=turn.confidence,
        out_of_scope=float(turn.evidence.get("out_of_scope", 0.0)),
        helpful=turn.helpful,
        action=turn.action,
        chosen_suggestion=_chosen(turn, following),
        agent_intent=None,
        consent=consent,
        at=turn.at,
        margin=ranking[0] - ranking[1] if len(ranking) > 1 else None,
        ambiguous=bool(turn.evidence.get("ambiguous", False)),
    )


def _chosen(turn: Outcome, following: Outcome | None) -> str | None:
    """The intent of the quick reply that the customer sent next, where it named an article."""
    if following is None or following.action != "answer":
        return None
    offered = {one["text"] for one in turn.suggestions if one.get("document_id")}
    return following.intent if following.text in offered else None
