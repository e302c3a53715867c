from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from chatbot.errors import ModelDirectoryInvalid
from chatbot.fakes import FixedClock
from chatbot.intent_home import current_intents, promote_intents
from tests.training.tiny_versions import train_tiny, write_version
from training import demo, registry
from training.errors import (
    ChampionMoved,
    NothingToRollBack,
    RegistryBusy,
    RegistryInvalid,
    VersionRefused,
    VersionUnknown,
)
from training.intent import TrainingOrder, TrainingReport
from training.lineage import State, What
from training.progress import SilentWatch
from training.registry import Registry
from training.verdict import Check, GateResult

ONE, TWO, THREE, FOUR = (f"2026010{n}T000000Z-0000000{n}" for n in range(1, 5))
PASSED = GateResult(True, (Check("accuracy", 0.9, 0.91, 0.01, True, "fine", "好"),))
FAILED = GateResult(False, (Check("accuracy", 0.9, 0.5, 0.01, False, "worse", "差"),))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def add(tiny: Path, tmp_path: Path) -> Callable[..., None]:
    def add(*names: str) -> None:
        for name in names:
            write_version(tiny, tmp_path / "demo" / name)

    return add


@pytest.fixture
def book(tmp_path: Path) -> Registry:
    return Registry(tmp_path, "demo", clock=FixedClock(), wait_seconds=0.1)


def _states(book: Registry) -> dict[str, str]:
    return {version.name: version.state.value for version in book.lineage().versions}


def _serving(home: Path) -> str:
    directory = current_intents(home, "demo")
    assert directory is not None
    return directory.name


def _champions(book: Registry, *names: str) -> None:
    for name in names:
        book.register(name, parent=book.champion, by="anna")
        book.promote(name, by="anna")


def test_an_empty_home_has_no_champion_and_no_file(book: Registry, tmp_path: Path) -> None:
    assert book.champion is None
    assert book.history() == ()
    assert not (tmp_path / "demo").exists()


def test_versions_that_came_without_a_registry_are_adopted(
    book: Registry, add: Callable[..., None], tmp_path: Path
) -> None:
    add(ONE, TWO)
    (tmp_path / "demo" / ".fresh").mkdir()
    promote_intents(tmp_path, "demo", TWO)
    assert _states(book) == {ONE: "retired", TWO: "champion"}
    assert book.rollback(by="anna").champion == ONE
    assert _serving(tmp_path) == ONE


def test_a_challenger_is_registered_once_and_does_not_serve(
    book: Registry, add: Callable[..., None], tmp_path: Path
) -> None:
    add(ONE)
    promote_intents(tmp_path, "demo", ONE)
    book.lineage()
    add(TWO)
    for _ in range(2):
        book.register(TWO, parent=ONE, by="worker")
    version = book.history()[0]
    assert (version.name, version.state, version.parent) == (TWO, State.CHALLENGER, ONE)
    assert [(event.what, event.by) for event in version.events] == [(What.REGISTERED, "worker")]
    assert _serving(tmp_path) == ONE
    assert len(book.history()) == 2


def test_promotion_moves_the_pointer_and_keeps_the_former_champion(
    book: Registry, add: Callable[..., None], tmp_path: Path
) -> None:
    add(ONE, TWO)
    _champions(book, ONE, TWO)
    assert _serving(tmp_path) == TWO
    assert _states(book) == {ONE: "retired", TWO: "champion"}
    assert (tmp_path / "demo" / ONE / "manifest.json").is_file()
    events = [(event.what, event.by, event.at) for event in book.lineage()[TWO].events]
    assert events[-1] == (What.PROMOTED, "anna", FixedClock().now())


def test_a_rollback_goes_back_as_far_as_there_is_something_and_no_further(
    book: Registry, add: Callable[..., None], tmp_path: Path
) -> None:
    add(ONE, TWO, THREE)
    _champions(book, ONE, TWO, THREE)
    assert book.rollback(by="anna").champion == TWO
    assert book.rollback(by="anna").champion == ONE
    with pytest.raises(NothingToRollBack, match="no earlier champion"):
        book.rollback(by="anna")
    assert _serving(tmp_path) == ONE


def test_what_was_rolled_back_can_be_promoted_again(
    book: Registry, add: Callable[..., None]
) -> None:
    add(ONE, TWO)
    _champions(book, ONE, TWO)
    book.rollback(by="anna")
    book.promote(TWO, by="anna")
    assert book.lineage().predecessor == ONE


def test_a_refused_version_says_why_and_serves_only_against_the_gate(
    book: Registry, add: Callable[..., None], tmp_path: Path
) -> None:
    add(ONE, TWO)
    _champions(book, ONE)
    book.register(TWO, parent=ONE, by="worker")
    assert book.judge(TWO, FAILED, by="worker").state is State.REFUSED
    with pytest.raises(VersionRefused, match="--override"):
        book.promote(TWO, by="anna")
    assert _serving(tmp_path) == ONE
    again = Registry(tmp_path, "demo")
    assert again.lineage()[TWO].gate == FAILED
    assert book.promote(TWO, by="anna", override=True).champion == TWO
    assert book.lineage()[TWO].events[-1].note == "against the gate"


def test_the_same_verdict_twice_is_one(book: Registry, add: Callable[..., None]) -> None:
    add(ONE)
    book.register(ONE, parent=None, by="worker")
    assert book.judge(ONE, PASSED, by="worker") == book.judge(ONE, PASSED, by="worker")


def test_a_promotion_is_for_the_champion_that_was_compared_with(
    book: Registry, add: Callable[..., None]
) -> None:
    add(ONE, TWO, THREE)
    _champions(book, ONE, TWO)
    book.register(THREE, parent=ONE, by="worker")
    with pytest.raises(ChampionMoved, match=TWO):
        book.promote(THREE, by="worker", instead_of=ONE)


def test_a_damaged_version_never_gets_the_pointer(
    book: Registry, add: Callable[..., None], tmp_path: Path
) -> None:
    add(ONE, TWO)
    _champions(book, ONE)
    book.register(TWO, parent=ONE, by="worker")
    (tmp_path / "demo" / TWO / "labels.json").write_text("[]")
    with pytest.raises(ModelDirectoryInvalid):
        book.promote(TWO, by="anna")
    assert _serving(tmp_path) == ONE


def test_a_crash_before_the_pointer_moved_leaves_the_old_champion(
    book: Registry,
    add: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add(ONE, TWO)
    _champions(book, ONE)
    book.register(TWO, parent=ONE, by="worker")

    def crash(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(registry, "promote_intents", crash)
        with pytest.raises(KeyboardInterrupt):
            book.promote(TWO, by="anna")
    assert json.loads((tmp_path / "demo" / "registry.json").read_text())["pending"] is not None
    assert _states(book) == {ONE: "champion", TWO: "challenger"}
    assert book.promote(TWO, by="ben").champion == TWO


@pytest.mark.parametrize("back", [False, True])
def test_a_crash_after_the_pointer_moved_is_told_as_if_there_was_none(
    book: Registry,
    add: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    back: bool,
) -> None:
    add(ONE, TWO)
    _champions(book, ONE, TWO) if back else _champions(book, ONE)
    book.register(TWO, parent=ONE, by="worker")

    def crash(home: Path, collection: str, version: str) -> None:
        promote_intents(home, collection, version)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(registry, "promote_intents", crash)
        with pytest.raises(KeyboardInterrupt):
            book.rollback(by="cleo") if back else book.promote(TWO, by="cleo")
    lineage = Registry(tmp_path, "demo").lineage()
    assert lineage.line == ((ONE,) if back else (ONE, TWO))
    assert lineage[lineage.line[-1]].events[-1].by == "cleo"


def test_a_pointer_that_somebody_else_moved_is_believed(
    book: Registry, add: Callable[..., None], tmp_path: Path
) -> None:
    add(ONE)
    _champions(book, ONE)
    add(TWO)
    promote_intents(tmp_path, "demo", TWO)
    assert book.champion == TWO
    assert book.lineage()[TWO].events[-1].note == "found serving"
    assert book.rollback(by="anna").champion == ONE


def test_forgetting_spares_the_newest_the_champion_and_its_predecessor(
    book: Registry, add: Callable[..., None], tmp_path: Path
) -> None:
    add(ONE, TWO)
    _champions(book, ONE, TWO)
    add(THREE, FOUR)
    for name in (THREE, FOUR):
        book.register(name, parent=TWO, by="worker")
    assert book.forget(1) == (THREE,)
    assert not (tmp_path / "demo" / THREE).exists()
    assert not book.lineage()[THREE].kept
    assert book.forget(0) == (FOUR,)
    assert book.rollback(by="anna").champion == ONE
    with pytest.raises(VersionUnknown):
        book.promote(THREE, by="anna")


def test_files_that_disappeared_are_no_way_back(
    book: Registry, add: Callable[..., None], tmp_path: Path
) -> None:
    add(ONE, TWO)
    _champions(book, ONE, TWO)
    (tmp_path / "demo" / ONE).rename(tmp_path / "elsewhere")
    with pytest.raises(NothingToRollBack):
        book.rollback(by="anna")


def test_an_unknown_version_is_named(book: Registry) -> None:
    with pytest.raises(VersionUnknown, match="no version nine"):
        book.register("nine", parent=None, by="anna")


@pytest.mark.parametrize("content", ["{", "{}", '{"format": 1, "versions": [], "line": ["x"]}'])
def test_a_registry_that_cannot_be_understood_is_not_overwritten(
    book: Registry, add: Callable[..., None], tmp_path: Path, content: str
) -> None:
    add(ONE)
    (tmp_path / "demo" / "registry.json").write_text(content)
    with pytest.raises(RegistryInvalid, match=r"registry\.json cannot be understood"):
        book.register(ONE, parent=None, by="anna")
    assert (tmp_path / "demo" / "registry.json").read_text() == content


def test_whoever_holds_the_registry_too_long_is_told_about(
    book: Registry, add: Callable[..., None], tmp_path: Path
) -> None:
    add(ONE)
    with (
        FileLock(tmp_path / "demo" / ".registry.lock"),
        pytest.raises(RegistryBusy, match="another process"),
    ):
        book.register(ONE, parent=None, by="anna")


def test_the_demo_forgets_versions_as_every_collection_does(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter((ONE, TWO, THREE, FOUR))

    def train(order: TrainingOrder, **_: object) -> TrainingReport:
        version = next(names)
        write_version(tiny, order.out, version=version)
        return TrainingReport(
            version, "tiny", rows=1, held_out_rows=1, epochs=1, findings=(), metrics={}
        )

    monkeypatch.setattr(demo, "train_intent", train)
    splits = {name: tmp_path / f"{name}.csv" for name in ("train", "validation")}
    for number in range(4):
        for path in splits.values():
            path.write_text(f"{number}")
        for _ in range(2):
            demo.train_demo(
                splits, intents_home=tmp_path, models_home=tmp_path, watch=SilentWatch()
            )
    home = tmp_path / "demo"
    assert Registry(tmp_path, "demo").champion == FOUR
    assert sorted(path.name for path in home.iterdir() if path.is_dir()) == [THREE, FOUR]
    assert sorted(path.stem for path in home.glob("*.SOURCE")) == [THREE, FOUR]


def test_a_challenger_is_discarded_with_its_reason_and_only_once(
    book: Registry, add: Callable[..., None], tmp_path: Path
) -> None:
    add(ONE, TWO)
    _champions(book, ONE)
    book.register(TWO, parent=ONE, by="worker")
    for _ in range(2):
        book.discard(TWO, by="worker", note="taken back")
    known = book.lineage()[TWO]
    assert (known.kept, known.events[-1].what, known.events[-1].note) == (
        *(False, What.FORGOTTEN),
        "taken back",
    )
    assert len([event for event in known.events if event.what is What.FORGOTTEN]) == 1
    assert sorted(path.name for path in (tmp_path / "demo").iterdir() if path.is_dir()) == [ONE]


def test_what_serves_or_served_is_never_discarded(
    book: Registry, add: Callable[..., None], tmp_path: Path
) -> None:
    add(ONE, TWO)
    _champions(book, ONE, TWO)
    for name in (ONE, TWO):
        book.discard(name, by="worker", note="taken back")
    assert book.rollback(by="anna").champion == ONE
    assert _serving(tmp_path) == ONE
