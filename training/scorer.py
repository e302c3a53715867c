"""Fit the retrieval score to questions whose topic is known, with the hints a turn would have."""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.adapters.intent_scoring import OUT_OF_SCOPE
from chatbot.policy import GENERIC_INTENTS
from chatbot.ports import IntentModel
from chatbot.turn import hints_of
from knowledge_base.calibration import Scorer
from knowledge_base.fitting import collect_training_rows, fit_scorer
from knowledge_base.passages import Document
from knowledge_base.search import KnowledgeBase
from training.corpus import Utterance


def fit_to_topics(
    kb: KnowledgeBase,
    documents: Sequence[Document],
    model: IntentModel,
    utterances: Sequence[Utterance],
    *,
    fitted_with: str,
) -> Scorer:
    """`utterances` are rows the intent model was not trained on: its hints must be honest.

    Each query counts twice, with its hints and without: a collection may have no intent model.
    """
    articles: dict[str, set[str]] = {}
    for document in documents:
        for tag in document.tags:
            articles.setdefault(tag, set()).add(document.id)
    asked = [row for row in utterances if row.intent not in GENERIC_INTENTS]
    seen = model.understand([row.text for row in asked])
    queries = []
    for row, understanding in zip(asked, seen, strict=True):
        expected = articles.get(row.intent, set()) if row.intent != OUT_OF_SCOPE else set()
        queries += [(row.text, expected, hints_of(understanding)), (row.text, expected, {})]
    return fit_scorer(*collect_training_rows(kb, queries), fitted_with=fitted_with)
