from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from chatbot.adapters.intent_torch import TorchIntentModel
from chatbot.fakes import FixedClock
from chatbot.intent_home import current_intents, promote_intents
from chatbot.same_words import fingerprint
from tests.tiny_encoder import toy_rows, write_csv, write_encoder, write_recipe
from tests.training.tiny_versions import (
    CountingTrainer,
    load_reciting,
    train_tiny,
    write_version,
)
from training.corpus import Utterance, normalise, read_corpus
from training.cycle import CycleOrder, run_cycle
from training.cycle_rows import BaseData
from training.cycle_run import Outcome, Run, RunFolder, Step, read_runs
from training.errors import (
    RetrainingBusy,
    RunInvalid,
    TestRowsTaught,
    TrainingDataMissing,
)
from training.intent import train_intent
from training.lineage import State
from training.progress import SilentWatch
from training.registry import Registry
from training.review import MemoryReviewQueue, ReviewItem

TOPICS = ("login", "parcel", "refund")
FIRST = "20260101T000000Z-00000000"


def _rows(part: str, count: int, topics: tuple[str, ...] = TOPICS) -> list[Utterance]:
    rows = [Utterance(f"{part} {topic} {n}", topic, "en") for topic in topics for n in range(count)]
    return [*rows, *(Utterance(f"{part} pizza {n}", "out_of_scope", "en") for n in range(count))]


def _reviewed(topic: str, count: int) -> list[ReviewItem]:
    at = FixedClock().now()
    items = [ReviewItem(f"{topic}{n}", f"dear {topic} {n}", "en", "by_hand") for n in range(count)]
    return [item.decided(topic, reviewer="anna", at=at) for item in items]


@dataclass
class House:
    order: CycleOrder
    trainer: CountingTrainer
    queue: MemoryReviewQueue

    def run(self, **changes: object) -> Run:
        order = replace(self.order, **changes)  # type: ignore[arg-type]
        return run_cycle(order, queue=self.queue, train=self.trainer, load=load_reciting)

    @property
    def registry(self) -> Registry:
        return Registry(self.order.intents_home, "demo")

    @property
    def serving(self) -> str:
        directory = current_intents(self.order.intents_home, "demo")
        assert directory is not None
        return directory.name


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def house(tiny: Path, tmp_path: Path) -> House:
    folder = tmp_path / "training" / "demo"
    folder.mkdir(parents=True)
    data = BaseData(
        write_csv(folder / "train.csv", _rows("train", 10)),
        write_csv(folder / "test.csv", _rows("test", 20)),
        write_csv(folder / "validation.csv", _rows("validation", 3)),
    )
    order = CycleOrder(
        run_id="night-1",
        collection="demo",
        data=data,
        folder=folder,
        intents_home=tmp_path / "intents",
        by="worker",
    )
    taught = {row.text: row.intent for row in _rows("train", 10)}
    home = order.intents_home / "demo"
    write_version(tiny, home / FIRST, taught=taught)
    home.joinpath(f"{FIRST}.SOURCE").write_text("fingerprint")
    promote_intents(order.intents_home, "demo", FIRST)
    return House(order, CountingTrainer(tiny), MemoryReviewQueue(_reviewed("voucher", 20)))


def test_a_new_intent_is_understood_right_after_promotion_and_not_before(house: House) -> None:
    home = house.order.intents_home / "demo"
    question = "kind voucher please"
    before = load_reciting(home / house.serving).understand([question])[0]
    run = house.run()
    after = load_reciting(home / house.serving).understand([question])[0]
    assert (before.intent, after.intent) == ("out_of_scope", "voucher")
    assert (run.outcome, run.step) == (Outcome.PROMOTED, Step.CLOSED)
    assert (run.reviewed, run.held_out, run.parent) == (20, 4, FIRST)
    assert run.gate is not None
    assert "new_intent" in {check.name for check in run.gate.checks}
    version = house.registry.history()[0]
    assert (version.name, version.state) == (house.serving, State.CHAMPION)
    assert (version.parent, version.gate) == (FIRST, run.gate)


def test_neither_test_rows_nor_held_out_rows_are_ever_taught(house: House) -> None:
    house.queue = MemoryReviewQueue([*_reviewed("voucher", 20), *_reviewed("parcel", 9)])
    test = {normalise(row.text) for row in read_corpus(house.order.data.test).utterances}
    house.run()
    first = {normalise(text) for text in house.trainer.taught}
    house.queue.add(_reviewed("refund", 9))
    house.run(run_id="night-2")
    second = {normalise(text) for text in house.trainer.taught}
    assert not test & (first | second)
    dear = {item.text for item in house.queue.approved_since(None)}
    held_back = {text for text in dear if text.startswith(("dear voucher", "dear parcel"))} - first
    assert len(held_back) > 4
    assert not held_back & second


def test_a_run_remembers_what_it_taught_and_what_it_only_measured_with(house: House) -> None:
    house.queue = MemoryReviewQueue(_reviewed("voucher", 20))
    run = house.run()
    taught = {fingerprint(text) for text in house.trainer.taught}
    assert set(run.learnt) <= taught
    assert not taught & set(run.measured)
    assert run.measured
    assert len(run.learnt) + len(run.measured) == run.reviewed


def test_a_test_row_among_the_base_rows_stops_the_run_before_any_training(house: House) -> None:
    rows = [*_rows("train", 10), Utterance("Test PARCEL 3!", "parcel", "en")]
    write_csv(house.order.data.train, rows)
    with pytest.raises(TestRowsTaught, match="1 rows of the frozen test set"):
        house.run()
    assert house.trainer.orders == []
    write_csv(house.order.data.train, _rows("train", 10))
    assert house.run().outcome is Outcome.PROMOTED


def test_shuffled_labels_are_refused_and_the_champion_goes_on(house: House, tiny: Path) -> None:
    house.trainer = CountingTrainer(tiny, shuffled=True)
    run = house.run()
    assert run.outcome is Outcome.REFUSED
    assert house.serving == FIRST
    assert run.gate is not None
    assert {"accuracy", "mcnemar"} <= {check.name for check in run.gate.failed}
    version = house.registry.history()[0]
    assert (version.state, version.gate) == (State.REFUSED, run.gate)


def test_what_was_refused_is_not_trained_again_until_there_is_something_new(
    house: House, tiny: Path
) -> None:
    house.trainer = CountingTrainer(tiny, shuffled=True)
    house.run()
    assert house.run(run_id="night-2").outcome is Outcome.NOTHING_NEW
    assert len(house.trainer.orders) == 1
    house.queue.add(_reviewed("parcel", 5))
    assert house.run(run_id="night-3").outcome is Outcome.REFUSED


def test_without_reviewed_rows_there_is_nothing_to_do_unless_it_is_asked_for(house: House) -> None:
    house.queue = MemoryReviewQueue()
    assert house.run().outcome is Outcome.NOTHING_NEW
    assert house.trainer.orders == []
    run = house.run(run_id="again", even_if_nothing_new=True)
    assert run.outcome is Outcome.PROMOTED


def test_a_person_may_keep_the_last_word(house: House) -> None:
    run = house.run(promote=False)
    assert run.outcome is Outcome.WAITING
    assert house.serving == FIRST
    assert run.version is not None
    house.registry.promote(run.version, by="anna")
    assert house.serving == run.version


def test_a_closed_run_is_not_run_again(house: House) -> None:
    assert house.run() == house.run()
    assert len(house.trainer.orders) == 1
    assert len(house.registry.history()) == 2


def test_a_first_model_is_trained_where_none_serves(house: House) -> None:
    shutil.rmtree(house.order.intents_home)
    house.queue = MemoryReviewQueue()
    run = house.run()
    assert (run.outcome, run.parent) == (Outcome.PROMOTED, None)
    assert house.serving == run.version


class Killed(BaseException):
    pass


def _dies_at(monkeypatch: pytest.MonkeyPatch, step: Step, *, written: bool) -> None:
    write = RunFolder.write

    def dying(self: RunFolder, run: Run) -> Run:
        if run.step is step and written:
            write(self, run)
        if run.step is step:
            raise Killed
        return write(self, run)

    monkeypatch.setattr(RunFolder, "write", dying)


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("step", list(Step))
def test_a_run_that_died_at_any_step_goes_on_and_does_its_job_once(
    house: House, monkeypatch: pytest.MonkeyPatch, step: Step, written: bool
) -> None:
    with monkeypatch.context() as patch:
        _dies_at(patch, step, written=written)
        with pytest.raises(Killed):
            house.run()
    run = house.run()
    assert run.outcome is Outcome.PROMOTED
    assert len(house.trainer.orders) == 1
    assert [version.state for version in house.registry.history()] == ["champion", "retired"]
    events = [event.what for event in house.registry.history()[0].events]
    assert events.count("promoted") == 1
    assert events.count("registered") == 1
    assert not list((house.order.intents_home / "demo").glob(".run-*"))
    assert [path.name for path in (house.order.folder / "runs" / "night-1").iterdir()] == [
        "state.json"
    ]


def test_a_worker_killed_in_training_leaves_no_lock_and_no_half_model(house: House) -> None:
    house.trainer.before = lambda: os.kill(os.getpid(), signal.SIGKILL)
    worker = multiprocessing.get_context("fork").Process(target=house.run)
    worker.start()
    worker.join(30)
    assert worker.exitcode == -signal.SIGKILL
    (state,) = read_runs(house.order.folder)
    assert state.step is Step.PREPARED
    house.trainer.before = lambda: None
    assert house.run().outcome is Outcome.PROMOTED
    assert len(house.trainer.orders) == 1


def test_a_run_that_nobody_continued_is_cleared_away_by_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _dies_at(patch, Step.TRAINED, written=True)
        with pytest.raises(Killed):
            house.run()
    assert house.run(run_id="night-2").outcome is Outcome.PROMOTED
    assert house.run(run_id="night-1").outcome is Outcome.ABANDONED
    assert not list(house.order.folder.glob("runs/*/*.csv"))
    assert not list((house.order.intents_home / "demo").glob(".run-*"))
    assert len(house.registry.history()) == 2


def test_two_processes_do_not_retrain_the_same_collection(house: House) -> None:
    def again() -> None:
        house.trainer.before = lambda: None
        with pytest.raises(RetrainingBusy, match="demo is being retrained"):
            house.run()

    house.trainer.before = again
    assert house.run().outcome is Outcome.PROMOTED


def test_a_champion_that_changed_meanwhile_is_compared_anew(
    house: House, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _dies_at(patch, Step.JUDGED, written=True)
        with pytest.raises(Killed):
            house.run()
    second = "20260102T000000Z-00000000"
    taught = {row.text: row.intent for row in _rows("train", 10)}
    write_version(tiny, house.order.intents_home / "demo" / second, taught=taught)
    house.registry.register(second, parent=FIRST, by="anna")
    house.registry.promote(second, by="anna")
    run = house.run()
    assert (run.outcome, run.compared_with) == (Outcome.PROMOTED, second)
    assert house.registry.lineage().predecessor == second


def test_the_order_to_the_trainer_holds_the_validation_rows_and_the_base(house: House) -> None:
    house.run()
    (order,) = house.trainer.orders
    assert order.base == "auto"  # the tiny encoder is none that is pulled
    assert order.validation is not None


def _use_pulled_base(house: House) -> None:
    path = house.order.intents_home / "demo" / house.serving / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**manifest, "base": "e5"}), "utf-8")


def test_a_challenger_goes_on_from_the_model_that_serves(house: House) -> None:
    _use_pulled_base(house)
    house.run()
    assert house.trainer.orders[-1].start == house.order.intents_home / "demo" / FIRST


@pytest.mark.parametrize("why", ["asked for", "no validation rows", "another encoder"])
def test_a_challenger_starts_from_scratch_where_it_must(house: House, why: str) -> None:
    _use_pulled_base(house)
    changes: dict[str, dict[str, object]] = {
        "asked for": {"from_scratch": True},
        "no validation rows": {"data": replace(house.order.data, validation=None)},
        "another encoder": {"base": "minilm"},
    }
    house.run(**changes[why])
    assert house.trainer.orders[-1].start is None


def test_what_a_customer_took_back_does_not_live_on_in_the_weights(house: House) -> None:
    _use_pulled_base(house)
    house.run()
    _use_pulled_base(house)
    house.queue = MemoryReviewQueue(_reviewed("voucher", 19))
    house.run(run_id="night-2", even_if_nothing_new=True)
    assert house.trainer.orders[-1].start is None


def test_a_retrained_version_keeps_the_fingerprint_of_its_base_rows(house: House) -> None:
    run = house.run()
    source = house.order.intents_home / "demo" / f"{run.version}.SOURCE"
    assert source.read_text() == "fingerprint"


def test_no_sentence_stays_in_the_folder_of_runs(house: House) -> None:
    house.run()
    files = [path for path in house.order.folder.rglob("*") if path.suffix == ".json"]
    assert len(files) == 2
    assert not [path for path in files if "dear" in path.read_text()]


def test_missing_data_says_what_to_put_where(house: House) -> None:
    house.order.data.test.unlink()
    with pytest.raises(TrainingDataMissing, match=r"test\.csv is missing: put train\.csv and"):
        house.run()


@pytest.mark.parametrize("run_id", ["", "..", "a/b", ".hidden", "x" * 65])
def test_a_run_id_is_a_safe_name(house: House, run_id: str) -> None:
    with pytest.raises(RunInvalid, match="run id"):
        house.run(run_id=run_id)


def test_progress_is_told_stage_by_stage(house: House) -> None:
    class Listener(SilentWatch):
        stages: list[str] = []  # noqa: RUF012

        def stage(self, name: str, total: int) -> None:
            self.stages.append(name)

    watch = Listener()
    run_cycle(house.order, queue=house.queue, train=house.trainer, load=load_reciting, watch=watch)
    assert watch.stages == ["Collecting", "Comparing"]


def test_the_whole_way_with_a_network_that_really_learns(house: House, tmp_path: Path) -> None:
    folder = house.order.folder
    write_csv(folder / "train.csv", toy_rows())
    write_csv(folder / "test.csv", [replace(r, text=f"{r.text} today") for r in toy_rows(12)])
    shutil.rmtree(house.order.intents_home)
    order = replace(
        house.order,
        data=BaseData(folder / "train.csv", folder / "test.csv"),
        base=str(write_encoder(tmp_path / "tiny")),
        recipe=write_recipe(tmp_path / "recipe.toml"),
        epochs=12,
    )
    train: Callable[..., object] = lambda order, watch: train_intent(  # noqa: E731
        order, models_home=tmp_path, watch=watch
    )
    run = run_cycle(order, queue=MemoryReviewQueue(), train=train, load=TorchIntentModel)
    assert run.outcome is Outcome.PROMOTED, run.gate
    assert TorchIntentModel(order.intents_home / "demo" / house.serving).version == run.version
