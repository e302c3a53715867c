"""The jobs of training, run as a worker runs them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatbot.adapters.job_locks import FileJobLocks
from chatbot.clock import SystemClock
from chatbot.intent_home import current_intents, promote_intents
from chatbot.job_fakes import MemoryJobs
from chatbot.job_kinds import JobKind, load_kinds
from chatbot.job_run import Shop, new_job, run_job
from chatbot.jobs import Job, JobState
from chatbot.settings import Settings
from tests.tiny_encoder import write_csv
from tests.training.tiny_versions import (
    CountingTrainer,
    load_reciting,
    train_tiny,
    write_version,
)
from training import retraining
from training.corpus import Utterance
from training.cycle_run import read_runs
from training.intent import TrainingOrder
from training.progress import Watch
from training.registry import Registry
from training.review import ReviewItem
from training.tasks import kinds

TOPICS = ("login", "parcel", "refund")
FIRST, SECOND = "20260101T000000Z-00000000", "20260102T000000Z-00000000"
KINDS = {kind.name: kind for kind in kinds()}


class Killed(BaseException):
    """The worker is gone."""


def _rows(part: str, count: int) -> list[Utterance]:
    rows = [Utterance(f"{part} {topic} {n}", topic, "en") for topic in TOPICS for n in range(count)]
    return [*rows, *(Utterance(f"{part} pizza {n}", "out_of_scope", "en") for n in range(count))]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def shop(tiny: Path, tmp_path: Path) -> Shop:
    settings = Settings(home=tmp_path, collection="acme", _env_file=None)
    taught = {row.text: row.intent for row in _rows("train", 10)}
    for version in (FIRST, SECOND):
        write_version(tiny, settings.intents_home / "acme" / version, taught=taught)
        promote_intents(settings.intents_home, "acme", version)
    folder = settings.home / "training" / "acme"
    folder.mkdir(parents=True)
    write_csv(folder / "train.csv", _rows("train", 10))
    write_csv(folder / "test.csv", _rows("test", 20))
    return Shop(settings, MemoryJobs(), SystemClock(), FileJobLocks(tmp_path / "locks"))


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch, tiny: Path) -> CountingTrainer:
    trainer = CountingTrainer(tiny)

    def train(order: TrainingOrder, *, models_home: Path, watch: Watch) -> None:
        trainer(order, watch)

    monkeypatch.setattr(retraining, "train_intent", train)
    monkeypatch.setattr(retraining, "load_intents", lambda path, settings: load_reciting(path))
    return trainer


def _job(shop: Shop, kind: JobKind, **arguments: object) -> Job:
    return new_job(kind, arguments, requested_by="anna", clock=shop.clock)


def _serving(shop: Shop) -> str:
    directory = current_intents(shop.settings.intents_home, "acme")
    assert directory is not None
    return directory.name


def _approve(shop: Shop, count: int) -> None:
    queue = retraining.open_review_queue(shop.settings, "acme")
    queue.add(ReviewItem(f"r{n}", f"dear voucher {n}", "en", "by_hand") for n in range(count))
    for n in range(count):
        queue.decide(f"r{n}", "voucher", reviewer="anna", at=datetime.now(UTC))


def test_they_are_found_by_the_worker() -> None:
    assert KINDS.keys() <= load_kinds().keys()


def test_a_retraining_whose_worker_is_killed_is_finished_by_the_next_attempt_once(
    shop: Shop, trainer: CountingTrainer
) -> None:
    _approve(shop, 20)
    kind = KINDS["kefu.training.retrain"]
    job = _job(shop, kind)

    def die() -> None:
        raise Killed

    trainer.before = die
    with pytest.raises(Killed):
        run_job(job, kind, shop)
    assert _serving(shop) == SECOND
    trainer.before = lambda: None
    done = run_job(job, kind, shop)
    assert (done.state, done.attempts) == (JobState.DONE, 2)
    assert done.result is not None
    assert (done.result["outcome"], done.result["reviewed"]) == ("promoted", 20)
    assert _serving(shop) == done.result["version"]
    assert run_job(job, kind, shop) == done
    (run,) = read_runs(retraining.training_folder(shop.settings, "acme"))
    assert run.id == job.id
    assert len(trainer.orders) == 1


def test_without_anything_new_nothing_is_trained_and_the_job_says_so(
    shop: Shop, trainer: CountingTrainer
) -> None:
    kind = KINDS["kefu.training.retrain"]
    done = run_job(_job(shop, kind), kind, shop)
    assert done.result is not None
    assert done.result["outcome"] == "nothing_new"
    assert trainer.orders == []


def test_a_collection_without_rows_is_a_sentence_in_the_job(shop: Shop) -> None:
    kind = KINDS["kefu.training.retrain"]
    failed = run_job(_job(shop, kind, collection="empty"), kind, shop)
    assert failed.state is JobState.FAILED
    assert "train.csv" in str(failed.error)


def test_a_version_is_promoted_once_and_rolled_back_once(shop: Shop) -> None:
    promote, back = KINDS["kefu.models.promote"], KINDS["kefu.models.rollback"]
    for _ in range(2):
        assert run_job(_job(shop, promote, version=FIRST), promote, shop).state is JobState.DONE
    assert _serving(shop) == FIRST
    assert run_job(_job(shop, back), back, shop).state is JobState.DONE
    assert _serving(shop) == SECOND


def test_a_rollback_that_was_cut_off_is_not_done_twice(shop: Shop) -> None:
    back = KINDS["kefu.models.rollback"]
    job = shop.store.add(_job(shop, back))
    shop.store.begin(job.id, at=shop.clock.now())
    failed = run_job(job, back, shop)
    assert "kefu retrain status" in str(failed.error)
    assert Registry(shop.settings.intents_home, "acme").champion == SECOND


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("kefu.audit.report", {"kind": "beauty"}),
        ("kefu.audit.report", {"days": "soon"}),
        ("kefu.training.collect", {"limit": "-1"}),
        ("kefu.models.promote", {"version": "nothing"}),
    ],
)
def test_a_wrong_argument_is_one_sentence(
    shop: Shop, name: str, arguments: dict[str, object]
) -> None:
    job = new_job(KINDS[name], arguments, requested_by="anna", clock=shop.clock)
    failed = run_job(job, KINDS[name], shop)
    assert failed.state is JobState.FAILED
    assert str(failed.error).endswith((".", "has."))
    assert "broke inside" not in str(failed.error)
