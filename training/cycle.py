"""Retrain a collection's intent model: teach, compare, and let the better one serve.

A run has an id and keeps a note of each finished step. Called again with the same id, after a
kill at any moment, it goes on behind the last finished step; a closed run does nothing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from chatbot import same_words
from chatbot.adapters.intent_directory import MANIFEST, file_sha256
from chatbot.clock import SystemClock
from chatbot.ports import Clock, IntentModel
from knowledge_base.storage import write_atomically
from knowledge_base.vault import PLAIN, Vault
from training.base_weights import AUTO, PULLED
from training.corpus import Utterance, read_corpus
from training.curriculum import fingerprint, plan_curriculum, taught_test_rows
from training.cycle_rows import BaseData, read_base, read_parts, write_rows
from training.cycle_run import Outcome, Run, RunFolder, Step, only_retraining, read_runs
from training.errors import TestRowsTaught, VersionUnknown
from training.gate import GateLimits, judge
from training.intent import TrainingOrder
from training.lineage import State
from training.progress import SilentWatch, Watch
from training.recipe import SHIPPED
from training.registry import KEPT_VERSIONS, Registry, source_file
from training.review import ReviewQueue
from training.trial import hold_trial

PARTS = "parts.json"
MOST_BEGINNINGS = 3
"""Of one run: if sentences are taken back faster than a model is trained, the next run must do."""
_STAGING = ".run-"


class Trainer(Protocol):
    def __call__(self, order: TrainingOrder, watch: Watch) -> object:
        """Leave a complete model directory at `order.out`, or nothing."""
        ...


@dataclass(frozen=True)
class CycleOrder:
    run_id: str
    collection: str
    data: BaseData
    folder: Path
    """Runs and what must outlive them."""
    intents_home: Path
    by: str
    base: str | None = None
    """None: the encoder of the champion."""
    epochs: int | None = None
    seed: int = 1
    recipe: Path = SHIPPED
    limits: GateLimits = field(default_factory=GateLimits)
    promote: bool = True
    """False leaves a challenger that passed the gate to a person."""
    even_if_nothing_new: bool = False
    from_scratch: bool = False
    """Start from the bare encoder; else from the champion's, which takes a fraction of the time."""
    keep: int = KEPT_VERSIONS


def run_cycle(
    order: CycleOrder,
    *,
    queue: ReviewQueue,
    train: Trainer,
    load: Callable[[Path], IntentModel],
    watch: Watch | None = None,
    clock: Clock | None = None,
    vault: Vault = PLAIN,
) -> Run:
    """The closed run, its outcome and the gate's reasons.

    What was trained is examined, and again promoted, only while every reviewed row that it was
    taught or measured with may still be used; else it is destroyed with its rows, and the run
    begins anew without them. Not reached: a row taken back in the moment between the last look
    and the promotion; its fingerprint stands in the run, where an erasure finds it.

    Raises RetrainingBusy, TrainingDataMissing, TestRowsTaught, ChampionMoved, and what the trainer
    raises; the run can be continued after any of them.
    """
    folder = RunFolder(order.folder, order.run_id)
    with only_retraining(order.folder, order.collection):
        cycle = _Cycle(
            order=order,
            folder=folder,
            registry=Registry(order.intents_home, order.collection, clock=clock, vault=vault),
            clock=clock or SystemClock(),
            watch=watch or SilentWatch(),
            vault=vault,
        )
        run = cycle.begin()
        while not run.done(Step.CLOSED):
            run = _advance(cycle, run, queue=queue, train=train, load=load)
        return cycle.tidy(run)


def _advance(
    cycle: _Cycle,
    run: Run,
    *,
    queue: ReviewQueue,
    train: Trainer,
    load: Callable[[Path], IntentModel],
) -> Run:
    """Until it is closed, or back at its beginning."""
    if not run.done(Step.PREPARED):
        run = cycle.prepare(run, queue)
    if not run.done(Step.TRAINED):
        run = cycle.train(run, train)
    if run.done(Step.CLOSED):
        return run
    if cycle.may_not_serve(run, queue):
        return cycle.begin_anew(run)
    if not run.done(Step.REGISTERED):
        run = cycle.register(run)
    if not run.done(Step.JUDGED) or cycle.must_judge_again(run):
        run = cycle.judge(run, load)
    # The gate takes minutes, in which people go on deciding.
    if cycle.may_not_serve(run, queue):
        return cycle.begin_anew(run)
    return cycle.decide(run)


@dataclass(frozen=True)
class _Cycle:
    order: CycleOrder
    folder: RunFolder
    registry: Registry
    clock: Clock
    watch: Watch
    vault: Vault

    def begin(self) -> Run:
        run = self.folder.read()
        if run is not None:
            return run
        order = self.order
        parent = self.registry.champion
        run = Run(order.run_id, order.collection, order.by, self.clock.now(), parent=parent)
        return self.folder.write(run)

    def prepare(self, run: Run, queue: ReviewQueue) -> Run:
        base = read_base(self.order.collection, self.order.data)
        self.watch.stage("Collecting", 1)
        parts = self.order.folder / PARTS
        plan = plan_curriculum(base, queue.approved_since(None), parts=read_parts(parts))
        taught = (*plan.train, *plan.validation)
        repeated = taught_test_rows(taught, plan.test)
        if repeated:
            raise TestRowsTaught(repeated, self.order.data.test)
        # Before the rows: whatever happens now, a row never changes sides.
        write_atomically(parts, json.dumps(dict(plan.parts), indent=0).encode())
        write_rows(self.folder.train, plan.train)
        write_rows(self.folder.test, plan.test)
        if plan.validation:
            write_rows(self.folder.validation, plan.validation)
        self.watch.advance()
        run = replace(
            run,
            step=Step.PREPARED,
            taught=len(taught),
            reviewed=plan.reviewed,
            held_out=plan.held_out,
            left_out=plan.left_out,
            learnt=_known(plan.parts, plan.train),
            measured=_known(plan.parts, (*plan.validation, *plan.test)),
        )
        if self._nothing_new(run):
            return self._close(run, Outcome.NOTHING_NEW)
        return self.folder.write(run)

    def train(self, run: Run, train: Trainer) -> Run:
        staging = self._staging
        if not (staging / MANIFEST).is_file():
            base = self.order.base or self._base_of(run.parent)
            with ExitStack() as stack:
                start = self._start(run, base)
                order = TrainingOrder(
                    data=self.folder.train,
                    out=stack.enter_context(self.vault.written(staging, named=self._named)),
                    validation=self._validation,
                    base=base,
                    epochs=self.order.epochs,
                    seed=self.order.seed,
                    recipe=self.order.recipe,
                    start=start and stack.enter_context(self.vault.opened(start)),
                )
                train(order, self.watch)
        # Noted before the directory gets its name: a run that dies in between knows it again.
        version = str(_manifest(staging)["version"])
        return self.folder.write(replace(run, step=Step.TRAINED, version=version))

    def register(self, run: Run) -> Run:
        version = _named(run)
        place = self._home / version
        if not place.exists():
            self._staging.rename(place)
        if run.parent is not None and source_file(self._home / run.parent).is_file():
            # The base rows are the parent's: without this `kefu demo` would train them anew.
            shutil.copyfile(source_file(self._home / run.parent), source_file(place))
        note = f"run {run.id}, {run.reviewed} reviewed rows"
        self.registry.register(version, parent=run.parent, by=run.by, note=note)
        return self.folder.write(replace(run, step=Step.REGISTERED))

    def may_not_serve(self, run: Run, queue: ReviewQueue) -> bool:
        """A reviewed row that it was taught or measured with was taken back meanwhile, or it is
        gone itself. One that serves already is a matter for the next run."""
        version = self.registry.lineage().find(_named(run))
        if version is not None and version.state in (State.CHAMPION, State.RETIRED):
            return False
        if not any(
            (path / MANIFEST).is_file() for path in (self._staging, self._home / _named(run))
        ):
            return True
        known = {*run.learnt, *run.measured}
        return bool(known) and not known <= {
            same_words.fingerprint(item.text) for item in queue.approved_since(None)
        }

    def begin_anew(self, run: Run) -> Run:
        """Killed anywhere in here, the run finds the same rows gone and comes here again."""
        if run.version is not None:
            note = f"run {run.id}: sentences it was taught were taken back / 训练所用语句已被撤回"
            self.registry.discard(run.version, by=run.by, note=note)
        for remains in self._home.glob(f"*{self._staging.name}*"):
            shutil.rmtree(remains)
        self.folder.drop_rows()
        fresh = Run(
            *(run.id, run.collection, run.by, run.started_at),
            parent=self.registry.champion,
            begun_anew=run.begun_anew + 1,
        )
        if fresh.begun_anew >= MOST_BEGINNINGS:
            return self._close(fresh, Outcome.TAKEN_BACK)
        return self.folder.write(fresh)

    def must_judge_again(self, run: Run) -> bool:
        """Another version has taken the place of the one that this run compared with."""
        if run.done(Step.CLOSED):
            return False
        lineage = self.registry.lineage()
        waiting = lineage[_named(run)].state is State.CHALLENGER
        return waiting and lineage.champion != run.compared_with

    def judge(self, run: Run, load: Callable[[Path], IntentModel]) -> Run:
        rows = read_corpus(self.folder.test).utterances
        challenger = load(self.registry.directory(_named(run)))
        champion = self.registry.champion
        if champion is None:
            before, (after,) = None, hold_trial([challenger], rows, watch=self.watch)
        else:
            models = [load(self.registry.directory(champion)), challenger]
            before, after = hold_trial(models, rows, watch=self.watch)
        gate = judge(before, after, limits=self.order.limits)
        self.registry.judge(_named(run), gate, by=run.by)
        return self.folder.write(replace(run, step=Step.JUDGED, gate=gate, compared_with=champion))

    def decide(self, run: Run) -> Run:
        state = self.registry.lineage()[_named(run)].state
        if state is State.REFUSED:
            return self._close(run, Outcome.REFUSED)
        if state is State.CHALLENGER:
            if not self.order.promote:
                return self._close(run, Outcome.WAITING)
            note = f"run {run.id}"
            self.registry.promote(_named(run), by=run.by, note=note, instead_of=run.compared_with)
        return self._close(run, Outcome.PROMOTED)

    def _close(self, run: Run, outcome: Outcome) -> Run:
        return self.folder.write(
            replace(run, step=Step.CLOSED, outcome=outcome, finished_at=self.clock.now())
        )

    def tidy(self, run: Run) -> Run:
        """Customers' words and weights that nobody needs any more go, also those of older runs."""
        self.registry.forget(self.order.keep, by=run.by)
        for other in read_runs(self.order.folder):
            folder = RunFolder(self.order.folder, other.id)
            if not other.done(Step.CLOSED):
                folder.write(replace(other, step=Step.CLOSED, outcome=Outcome.ABANDONED))
            folder.drop_rows()
        for staging in self._home.glob(f"{_STAGING}*"):
            shutil.rmtree(staging)
        return run

    def _nothing_new(self, run: Run) -> bool:
        """Every kept version tells what it was taught, refused ones too: what was refused last
        night need not be trained again tonight."""
        if run.parent is None or self.order.even_if_nothing_new:
            return False
        if run.reviewed == 0:
            return True
        rows = file_sha256(self.folder.train)
        return any(
            _manifest(self._home / version.name).get("data_sha256") == rows
            for version in self.registry.history()
            if version.kept
        )

    def _base_of(self, parent: str | None) -> str:
        base = "" if parent is None else str(_manifest(self._home / parent).get("base"))
        return base if base in PULLED else AUTO

    def _start(self, run: Run, base: str) -> Path | None:
        """The champion, where the challenger may go on from it.

        It may with the same encoder; beside rows that neither was taught, or calibration would be
        measured on known rows; and only while every sentence that the champion learnt may still
        be used: what a customer took back must not live on in the weights.
        """
        parent = run.parent
        if parent is None or self.order.from_scratch or self._validation is None:
            return None
        if base != self._base_of(parent) or base == AUTO or self._taken_back(run):
            return None
        return self._home / parent

    def _taken_back(self, run: Run) -> bool:
        learnt = {
            sentence
            for other in read_runs(self.order.folder)
            if other.version == run.parent
            for sentence in other.learnt
        }
        return not learnt <= set(run.learnt)

    @property
    def _validation(self) -> Path | None:
        path = self.folder.validation
        return path if path.is_file() else None

    @property
    def _home(self) -> Path:
        return self.order.intents_home / self.order.collection

    def _named(self, out: Path) -> Path:
        return self._home / str(_manifest(out)["version"])

    @property
    def _staging(self) -> Path:
        return self._home / f"{_STAGING}{self.order.run_id}"


def _known(parts: Mapping[str, str], rows: Iterable[Utterance]) -> tuple[str, ...]:
    """The fingerprints of those rows that somebody reviewed."""
    return tuple(sorted(parts.keys() & {fingerprint(row) for row in rows}))


def _manifest(directory: Path) -> dict[str, object]:
    return dict(json.loads((directory / MANIFEST).read_text(encoding="utf-8")))


def _named(run: Run) -> str:
    if run.version is None:
        raise VersionUnknown(run.collection, "of this run")
    return run.version
