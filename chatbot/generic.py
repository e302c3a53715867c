"""The part of an intent model that any company may use.

A collection without an intent model of its own understands greetings, thanks and the wish for a
person, and nothing else: the intents of another company must not colour its answers.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.conversation import Understanding
from chatbot.policy import GENERIC_INTENTS, OTHER
from chatbot.ports import IntentModel


class GenericIntents:
    """A view of an intent model that shows generic intents only, the rest summed as `other`."""

    def __init__(self, model: IntentModel) -> None:
        self._model = model
        self.labels = tuple(label for label in model.labels if label in GENERIC_INTENTS)

    @property
    def version(self) -> str:
        return f"{self._model.version}/generic"

    def understand(self, texts: Sequence[str]) -> list[Understanding]:
        return [_generic_view(understanding) for understanding in self._model.understand(texts)]


def _generic_view(understanding: Understanding) -> Understanding:
    # What the model finds outside the other company's scope is not a greeting either, so the
    # mass of the generic intents is what remains of the in-scope probability.
    inside = 1.0 - understanding.out_of_scope
    kept = [
        (intent, probability * inside)
        for intent, probability in understanding.ranking
        if intent in GENERIC_INTENTS
    ]
    rest = 1.0 - sum(probability for _, probability in kept)
    ranking = tuple(sorted([*kept, (OTHER, rest)], key=lambda item: -item[1]))
    intent, confidence = ranking[0]
    return Understanding(intent, confidence, out_of_scope=0.0, ranking=ranking)


class NoIntents:
    """Understands nothing, for a home in which no intent model was ever trained."""

    version = "none"
    labels: tuple[str, ...] = ()

    def understand(self, texts: Sequence[str]) -> list[Understanding]:
        return [Understanding(OTHER, confidence=0.0, out_of_scope=0.0) for _ in texts]
