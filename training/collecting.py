"""Fill the review queue from the log of conversations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from chatbot.adapters.store_outcomes import SqlOutcomes
from chatbot.bootstrap import open_database
from chatbot.settings import Settings
from privacy.consent import Scope
from training.corpus import read_corpus
from training.progress import Watch
from training.retraining import open_review_queue, training_data
from training.selection import select_for_review
from training.turn_log import logged_turns


def collect(
    settings: Settings, collection: str, *, limit: int, days: int, watch: Watch
) -> dict[str, object]:
    """How many sentences were chosen and how many of them are new. Done twice, it adds nothing."""
    queue = open_review_queue(settings, collection)
    engine = open_database(settings)
    outcomes = SqlOutcomes(engine)
    watch.stage("Reading the log", 2)
    known = {item.text for item in queue.list()} | set(_taught(settings, collection))
    watch.advance()
    agreed = outcomes.agreed(Scope.IMPROVE)
    since = datetime.now(UTC) - timedelta(days=days)
    turns = list(logged_turns(outcomes.of_collection(collection, since=since), agreed=agreed))
    watch.advance()
    watch.stage("Choosing", 1)
    chosen = select_for_review(turns, limit=limit, known_texts=known)
    added = queue.add(chosen)
    watch.advance()
    engine.dispose()
    return {"collection": collection, "turns": len(turns), "chosen": len(chosen), "added": added}


def _taught(settings: Settings, collection: str) -> Iterator[str]:
    """A collection may have no rows of its own yet."""
    data = training_data(settings, collection)
    for path in (data.train, data.test, data.validation):
        if path is not None and path.is_file():
            yield from (row.text for row in read_corpus(path).utterances)
