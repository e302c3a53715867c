"""A customer is erased, or withdraws consent, while the model that learns from it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from chatbot.adapters.store_lessons import SqlLessons
from chatbot.adapters.tables import review_items
from chatbot.bootstrap import open_database
from chatbot.certificate import STATEMENT
from chatbot.intent_home import current_intents, promote_intents
from chatbot.ports import IntentModel
from chatbot.privacy_desk import erase_customer, record_consents
from chatbot.same_words import fingerprint
from chatbot.settings import Settings
from privacy.consent import Scope
from tests.contracts.private_rooms import ADMIN, Room, make_room
from tests.tiny_encoder import write_csv
from tests.training.tiny_versions import CountingTrainer, load_reciting, train_tiny, write_version
from training.corpus import Utterance
from training.cycle import MOST_BEGINNINGS, CycleOrder, run_cycle
from training.cycle_rows import BaseData
from training.cycle_run import Outcome, Run, RunFolder
from training.intent import TrainingOrder
from training.progress import Watch
from training.registry import Registry
from training.retrain_tables import Tongue, outcome_line, runs_table
from training.review_sql import SqlReviewQueue

FIRST = "20260101T000000Z-00000000"
TOPICS = ("login", "parcel", "refund")
CUSTOMERS = ("anna", "bert", "cora")
WORDS = {"anna": "turquoise", "bert": "vermilion", "cora": "aquamarine"}
"""One word that only this customer's sentence has."""


def _nothing() -> None:
    pass


@dataclass
class Night:
    order: CycleOrder
    room: Room
    trainer: CountingTrainer
    home: Path
    trained: list[Callable[[], None]] = field(default_factory=list)
    """What happens right after each training, in order."""
    compared: Callable[[], None] = _nothing
    """What happens before each comparison."""

    def run(self) -> Run:
        queue = SqlReviewQueue(lambda: SqlLessons(self.room.engine), "demo")
        return run_cycle(self.order, queue=queue, train=self._train, load=self._load)

    def _train(self, order: TrainingOrder, watch: Watch) -> None:
        self.trainer(order, watch)
        if self.trained:
            self.trained.pop(0)()

    def _load(self, directory: Path) -> IntentModel:
        self.compared()
        return load_reciting(directory)

    def erase(self, customer: str) -> dict[str, object]:
        return erase_customer(self.room.desk, ADMIN, customer=customer, purpose="was asked for")

    def consent(self, customer: str, *, given: bool) -> None:
        self.room.clock.moment += timedelta(seconds=1)
        record_consents(
            self.room.desk.consents,
            {Scope.IMPROVE: given},
            attributes=self.room.desk.attributes,
            customer=customer,
            at=self.room.clock.now(),
            wording_version="1",
            language="en",
        )

    def holding(self, word: str) -> list[str]:
        """Files below the home, the database among them."""
        files = (path for path in self.home.rglob("*") if path.is_file())
        return [path.name for path in files if word.encode() in path.read_bytes()]

    @property
    def registry(self) -> Registry:
        return Registry(self.order.intents_home, "demo")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def night(tiny: Path, tmp_path: Path) -> Iterator[Night]:
    settings = Settings(home=tmp_path, _env_file=None)
    engine = open_database(settings)
    folder = tmp_path / "training" / "demo"
    folder.mkdir(parents=True)
    data = BaseData(
        write_csv(folder / "train.csv", _rows("train", 10)),
        write_csv(folder / "test.csv", _rows("test", 20)),
        write_csv(folder / "validation.csv", _rows("validation", 3)),
    )
    intents = settings.intents_home
    order = CycleOrder("night-1", "demo", data, folder, intents, "worker")
    taught = {row.text: row.intent for row in _rows("train", 10)}
    write_version(tiny, intents / "demo" / FIRST, taught=taught)
    promote_intents(intents, "demo", FIRST)
    night = Night(order, make_room(engine, tmp_path), CountingTrainer(tiny), tmp_path)
    _review(night)
    yield night
    engine.dispose()


def _rows(part: str, count: int) -> list[Utterance]:
    rows = [Utterance(f"{part} {topic} {n}", topic, "en") for topic in TOPICS for n in range(count)]
    return [*rows, *(Utterance(f"{part} pizza {n}", "out_of_scope", "en") for n in range(count))]


def _review(night: Night) -> None:
    """Sentences that colleagues brought, and one of each customer."""
    brought = [(f"v{n}", None, f"dear voucher {n}") for n in range(20)]
    said = [(f"m-{who}", who, f"dear voucher {word}") for who, word in WORDS.items()]
    for customer in CUSTOMERS:
        night.room.say(night.room.open(customer), "hello")
        night.consent(customer, given=True)
    now = night.room.clock.now()
    rows = [
        {
            "id": number,
            "collection": "demo",
            "customer": customer,
            "text": text,
            "language": "en",
            "reason": "by_hand",
            "suggested": "",
            "label": "voucher",
            "reviewer": "anna",
            "decided_at": now,
            "state": "approved",
            "created_at": now,
        }
        for number, customer, text in (*brought, *said)
    ]
    with night.room.engine.begin() as connection:
        connection.execute(insert(review_items), rows)


def test_without_anybody_taking_back_a_run_begins_once(night: Night) -> None:
    run = night.run()
    assert (run.outcome, run.begun_anew, len(night.trainer.orders)) == (Outcome.PROMOTED, 0, 1)
    assert fingerprint("dear voucher turquoise") in {*run.learnt, *run.measured}


def test_an_erasure_in_the_middle_reaches_the_retraining(night: Night) -> None:
    night.trained = [lambda: night.erase("anna") and None]
    run = night.run()
    assert (run.outcome, run.begun_anew, len(night.trainer.orders)) == (Outcome.PROMOTED, 1, 2)
    assert fingerprint("dear voucher turquoise") not in {*run.learnt, *run.measured}
    assert night.holding("turquoise") == []
    assert current_intents(night.order.intents_home, "demo") == (
        night.order.intents_home / "demo" / str(run.version)
    )


def test_what_was_trained_with_an_erased_sentence_is_destroyed_before_it_is_compared(
    night: Night,
) -> None:
    compared: list[int] = []
    night.compared = lambda: compared.append(len(night.trainer.orders))
    night.trained = [lambda: night.erase("anna") and None]
    night.run()
    assert set(compared) == {2}


def test_an_erasure_during_the_comparison_destroys_the_registered_version(night: Night) -> None:
    erased: list[object] = []

    def erase_once() -> None:
        if not erased:
            erased.append(night.erase("bert"))

    night.compared = erase_once
    run = night.run()
    assert (run.outcome, run.begun_anew) == (Outcome.PROMOTED, 1)
    assert night.holding("vermilion") == []
    newest, destroyed, _ = night.registry.history()
    assert (newest.name, newest.kept, destroyed.kept) == (run.version, True, False)
    assert "taken back" in destroyed.events[-1].note
    assert "已被撤回" in destroyed.events[-1].note


def test_a_withdrawal_in_the_middle_reaches_the_retraining(night: Night) -> None:
    night.trained = [lambda: night.consent("cora", given=False)]
    run = night.run()
    assert (run.outcome, run.begun_anew) == (Outcome.PROMOTED, 1)
    assert "aquamarine" not in " ".join(night.trainer.taught)
    # The conversation itself stays, in the database: consent to learning is all that went.
    assert {name.split(".")[0] for name in night.holding("aquamarine")} == {"kefu"}


def test_a_run_that_is_robbed_every_time_ends_and_leaves_the_rest_to_the_next(
    night: Night,
) -> None:
    night.trained = [lambda who=who: night.erase(who) and None for who in CUSTOMERS]  # type: ignore[misc]
    run = night.run()
    assert len(night.trainer.orders) == MOST_BEGINNINGS == run.begun_anew
    assert (run.outcome, run.version) == (Outcome.TAKEN_BACK, None)
    assert [night.holding(word) for word in WORDS.values()] == [[], [], []]
    serving = current_intents(night.order.intents_home, "demo")
    assert serving is not None
    assert serving.name == FIRST
    assert [path.name for path in RunFolder(night.order.folder, run.id).path.iterdir()] == [
        "state.json"
    ]


def test_the_next_run_does_without_the_sentences_and_serves(night: Night) -> None:
    night.trained = [lambda who=who: night.erase(who) and None for who in CUSTOMERS]  # type: ignore[misc]
    night.run()
    night.order = CycleOrder(**vars(night.order) | {"run_id": "night-2"})
    run = night.run()
    assert (run.outcome, run.begun_anew, run.reviewed) == (Outcome.PROMOTED, 0, 20)


@pytest.mark.parametrize(
    ("tongue", "begun", "ended"),
    [
        (Tongue.EN, "begun anew 1×", "does without these sentences"),
        (Tongue.ZH, "重新开始了 1 次", "不再使用这些语句"),
    ],
)
def test_why_is_said_in_both_languages_and_names_nobody(
    night: Night, tongue: Tongue, begun: str, ended: str
) -> None:
    night.trained = [lambda: night.erase("anna") and None]
    run = night.run()
    said = outcome_line(run, tongue)
    assert begun in said
    assert str(run.version) in said
    given_up = Run(**vars(run) | {"outcome": Outcome.TAKEN_BACK, "version": None})
    assert ended in outcome_line(given_up, tongue)
    assert not [word for word in ("anna", "turquoise") if word in said]
    assert runs_table([run], tongue).row_count == 1


def test_a_run_killed_while_it_begins_anew_goes_on_without_the_sentence(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    night.trained = [lambda: night.erase("anna") and None]
    with monkeypatch.context() as killed:
        killed.setattr(RunFolder, "drop_rows", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            night.run()
    run = night.run()
    assert (run.outcome, run.begun_anew) == (Outcome.PROMOTED, 1)
    assert night.holding("turquoise") == []


def test_a_version_that_serves_already_is_not_destroyed_under_the_customers(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run died between the promotion and its last note; the certificate lists the version."""
    with monkeypatch.context() as killed:
        killed.setattr("training.cycle._Cycle._close", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            night.run()
    version = night.registry.champion
    assert version != FIRST
    certificate = night.erase("anna")
    models = certificate["models"]
    assert isinstance(models, dict)
    assert [one["version"] for one in [*models["taught"], *models["measured"]]] == [version]
    run = night.run()
    assert (run.outcome, run.begun_anew, night.registry.champion) == (Outcome.PROMOTED, 0, version)


def test_the_certificate_says_what_becomes_of_a_retraining_at_work() -> None:
    assert "retraining that was at work" in STATEMENT["en"]
    assert "正在使用这些语句的训练" in STATEMENT["zh"]
