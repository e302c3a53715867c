"""From settings to a retraining: where a collection's rows, runs and labels are.

`training/<collection>/` in the home directory holds train.csv, test.csv and perhaps
validation.csv, which people put there; parts.json, which reviewed sentences are held out; and
runs/. The demo company's rows are those that `kefu demo` wrote. The queue of sentences to label
is in the database, where the console shows it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from chatbot.adapters.store_lessons import SqlLessons
from chatbot.bootstrap import load_intents, open_database
from chatbot.demo.company import COLLECTION as DEMO
from chatbot.settings import Settings
from chatbot.vault_home import open_vault
from knowledge_base.collection import Collection
from training.cycle import CycleOrder, run_cycle
from training.cycle_rows import BaseData, read_base
from training.cycle_run import Run, Step, read_runs
from training.intent import TrainingOrder, TrainingReport, train_intent
from training.progress import Watch
from training.registry import Registry
from training.review import ReviewQueue
from training.review_sql import SqlReviewQueue


def open_review_queue(settings: Settings, collection: str) -> ReviewQueue:
    """The one place that knows where reviewed sentences are kept."""
    _check_name(settings, collection)
    return SqlReviewQueue(lambda: SqlLessons(open_database(settings)), collection)


def open_registry(settings: Settings, collection: str) -> Registry:
    _check_name(settings, collection)
    return Registry(settings.intents_home, collection, vault=open_vault(settings))


def training_folder(settings: Settings, collection: str) -> Path:
    _check_name(settings, collection)
    return settings.home / "training" / collection


def training_data(settings: Settings, collection: str) -> BaseData:
    folder = training_folder(settings, collection)
    if collection == DEMO and not (folder / "train.csv").is_file():
        folder = settings.home / DEMO
    validation = folder / "validation.csv"
    return BaseData(
        train=folder / "train.csv",
        test=folder / "test.csv",
        validation=validation if validation.is_file() else None,
    )


def next_run_id(settings: Settings, collection: str) -> str:
    """An unfinished run is continued; else the time gives a new one its name."""
    newest = next(iter(read_runs(training_folder(settings, collection))), None)
    if newest is not None and newest.step is not Step.CLOSED:
        return newest.id
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"


def retrain(
    settings: Settings,
    collection: str,
    *,
    run_id: str,
    by: str,
    watch: Watch,
    base: str | None = None,
    epochs: int | None = None,
    promote: bool = True,
    even_if_nothing_new: bool = False,
    from_scratch: bool = False,
) -> Run:
    """What the command and the scheduled job both do; raises what `run_cycle` raises."""
    order = CycleOrder(
        run_id=run_id,
        collection=collection,
        data=training_data(settings, collection),
        folder=training_folder(settings, collection),
        intents_home=settings.intents_home,
        by=by,
        base=base,
        epochs=epochs,
        promote=promote,
        even_if_nothing_new=even_if_nothing_new,
        from_scratch=from_scratch,
    )
    return run_cycle(
        order,
        queue=open_review_queue(settings, collection),
        train=partial(_train, settings.models_home),
        load=partial(load_intents, settings=settings),
        watch=watch,
        vault=open_vault(settings),
    )


def known_intents(settings: Settings, collection: str) -> tuple[str, ...]:
    """The intents of the base rows and of what was approved so far."""
    base = read_base(collection, training_data(settings, collection))
    approved = open_review_queue(settings, collection).approved_since(None)
    labels = {item.label for item in approved if item.label is not None}
    return tuple(sorted({row.intent for row in base.train} | labels))


def _train(models_home: Path, order: TrainingOrder, watch: Watch) -> TrainingReport:
    return train_intent(order, models_home=models_home, watch=watch)


def _check_name(settings: Settings, collection: str) -> None:
    """Raises CollectionNameInvalid: the name becomes part of a path."""
    Collection.within(settings.collections_home, collection)
