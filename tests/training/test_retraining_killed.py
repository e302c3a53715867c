"""kill -9 of a real worker in the middle of a real training, and again at the gate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatbot.intent_home import current_intents
from chatbot.jobs import Job, JobState
from tests.chatbot.real_worker import Works, kill, open_works
from training.corpus import read_corpus
from training.cycle_rows import write_rows
from training.cycle_run import Outcome, Run, Step, read_runs
from training.demo import write_splits
from training.registry import Registry
from training.retraining import training_folder

COLLECTION = "small"
TOPICS = ("delivery_time", "invoice_request", "payment_methods", "out_of_scope")
KEPT = {"train": 200, "validation": 40, "test": 60}
"""Rows; so many that a training is still under way when it is killed."""


@dataclass(frozen=True)
class Killed:
    works: Works
    in_training: Job
    """As it was when the first worker had been killed."""
    at_the_gate: tuple[Job, Run]
    """As they were when the second one had been killed."""
    done: Job


@pytest.fixture(scope="module")
def killed(models_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killed]:
    home = tmp_path_factory.mktemp("works")
    (home / "models").symlink_to(models_home)
    with open_works(home) as works:
        _fill(works)
        first = works.work()
        job = works.start("kefu.training.retrain", collection=COLLECTION, base="minilm", epochs="2")
        works.reaches(job, lambda now: now.stage == "Training" and now.done > 0, "it trains")
        kill(first)
        in_training = works.now(job)
        second = works.work()
        works.reaches(job, lambda now: now.stage == "Comparing", "it compares")
        kill(second)
        at_the_gate = works.now(job), _run(works)
        works.work()
        yield Killed(works, in_training, at_the_gate, works.ended(job))


def _fill(works: Works) -> None:
    """A collection with some of the demo company's rows, and no model yet."""
    folder = training_folder(works.settings, COLLECTION)
    folder.mkdir(parents=True)
    splits = write_splits(works.settings.home / "demo")
    for part, count in KEPT.items():
        rows = [row for row in read_corpus(splits[part]).utterances if row.intent in TOPICS]
        write_rows(folder / f"{part}.csv", rows[:: max(1, len(rows) // count)])


def _run(works: Works) -> Run:
    (run,) = read_runs(training_folder(works.settings, COLLECTION))
    return run


@pytest.mark.models
def test_it_was_killed_in_the_middle_of_both(killed: Killed) -> None:
    training = killed.in_training
    comparing, run = killed.at_the_gate
    assert training.state is comparing.state is JobState.RUNNING
    assert 0 < training.done < training.total
    assert (comparing.attempts, comparing.stage) == (2, "Comparing")
    assert run.step is Step.REGISTERED


@pytest.mark.models
def test_the_job_is_done_and_one_version_came_of_it(killed: Killed) -> None:
    done = killed.done
    assert (done.state, done.attempts) == (JobState.DONE, 3), done.error
    settings = killed.works.settings
    registry = Registry(settings.intents_home, COLLECTION)
    (version,) = registry.history()
    run = _run(killed.works)
    assert (run.step, run.outcome) == (Step.CLOSED, Outcome.PROMOTED), run.gate
    serving = current_intents(settings.intents_home, COLLECTION)
    assert serving is not None
    assert serving.name == version.name == run.version == registry.champion
    # What was trained before the gate was not trained again after it.
    assert version.name == killed.at_the_gate[1].version


@pytest.mark.models
def test_nothing_half_done_is_left(killed: Killed) -> None:
    settings = killed.works.settings
    home = settings.intents_home / COLLECTION
    folders = [path.name for path in home.iterdir() if path.is_dir()]
    assert folders == [_run(killed.works).version]
    run = training_folder(settings, COLLECTION) / "runs" / killed.done.id
    assert [path.name for path in run.iterdir()] == ["state.json"]
    assert list((settings.run_home / "jobs").iterdir()) == []
