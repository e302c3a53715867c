"""The jobs of training and audits: thin, over use cases, and importing nothing heavy too early."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chatbot.errors import InputInvalid
from chatbot.job_kinds import Assignment, JobKind
from chatbot.jobs import Queue

if TYPE_CHECKING:
    from training.audits.sources import Kind

HOUR = 3600
LOOK_BACK_DAYS = 30
REVIEWED_AT_ONCE = 50
AUDITED_DAYS = 30
MOST_DAYS = 3660


def kinds() -> tuple[JobKind, ...]:
    """Called for the entry point group `kefu.tasks`."""
    return (
        JobKind(
            name="kefu.training.collect",
            queue=Queue.TRAINING,
            run=_collect,
            limit_seconds=HOUR,
            summary=("Choose sentences that people should label", "挑选需要人工标注的语句"),
            arguments=("collection", "limit", "days"),
        ),
        JobKind(
            name="kefu.training.retrain",
            queue=Queue.TRAINING,
            run=_retrain,
            limit_seconds=12 * HOUR,
            summary=("Teach the intent model what was labelled", "用已标注语句再训练意图模型"),
            arguments=(
                "collection",
                "promote",
                "even_if_nothing_new",
                "from_scratch",
                "base",
                "epochs",
            ),
        ),
        JobKind(
            name="kefu.models.promote",
            queue=Queue.INTERACTIVE,
            run=_promote,
            limit_seconds=600,
            summary=("Let a version of the intent model serve", "上线指定版本的意图模型"),
            arguments=("collection", "version", "override", "note"),
            required=("version",),
        ),
        JobKind(
            name="kefu.models.rollback",
            queue=Queue.INTERACTIVE,
            run=_roll_back,
            limit_seconds=600,
            summary=("Let the former intent model serve again", "恢复到上一版意图模型"),
            arguments=("collection", "note"),
        ),
        _evaluation(),
        JobKind(
            name="kefu.audit.report",
            queue=Queue.PRIVACY,
            run=_report,
            limit_seconds=2 * HOUR,
            summary=("Write a signed audit report", "生成签名的审计报告"),
            arguments=("kind", "days"),
        ),
    )


def _evaluation() -> JobKind:
    return JobKind(
        name="kefu.knowledge.evaluate",
        queue=Queue.INTERACTIVE,
        run=_evaluate,
        limit_seconds=HOUR,
        summary=("Measure the search with questions", "用问题集评测检索"),
        arguments=("collection", "asked", "name"),
        required=("asked",),
    )


def _collect(given: Assignment) -> Mapping[str, object]:
    from training.collecting import collect

    return collect(
        given.settings,
        _collection(given),
        limit=_number(given, "limit", REVIEWED_AT_ONCE),
        days=_number(given, "days", LOOK_BACK_DAYS),
        watch=given.watch,
    )


def _retrain(given: Assignment) -> Mapping[str, object]:
    from training.retraining import retrain

    run = retrain(
        given.settings,
        _collection(given),
        # The job's own id: a second attempt goes on where the first was cut off.
        run_id=given.job.id,
        by=given.job.requested_by,
        watch=given.watch,
        base=given.text("base") or None,
        epochs=_number(given, "epochs", 0) or None,
        promote=given.job.arguments.get("promote") is not False,
        even_if_nothing_new=given.job.arguments.get("even_if_nothing_new") is True,
        from_scratch=given.job.arguments.get("from_scratch") is True,
    )
    gate = run.gate
    return {
        "collection": run.collection,
        "outcome": None if run.outcome is None else run.outcome.value,
        "version": run.version,
        "taught": run.taught,
        "reviewed": run.reviewed,
        "begun_anew": run.begun_anew,
        "refused_for": [] if gate is None else [one.name for one in gate.checks if not one.passed],
    }


def _promote(given: Assignment) -> Mapping[str, object]:
    from training.retraining import open_registry

    version = given.text("version")
    registry = open_registry(given.settings, _collection(given))
    if registry.champion != version:
        registry.promote(
            version,
            by=given.job.requested_by,
            note=given.text("note"),
            override=given.job.arguments.get("override") is True,
        )
    return {"collection": _collection(given), "version": version}


def _roll_back(given: Assignment) -> Mapping[str, object]:
    from training.retraining import open_registry

    if given.job.attempts > 1:
        # Nobody can tell whether the first attempt had done it, and twice would be one too many.
        raise InputInvalid(
            "The worker died while it rolled back: look at `kefu retrain status` before you retry."
        )
    registry = open_registry(given.settings, _collection(given))
    lineage = registry.rollback(by=given.job.requested_by, note=given.text("note"))
    return {"collection": _collection(given), "version": lineage.champion}


def _evaluate(given: Assignment) -> Mapping[str, object]:
    from training.evaluation.retrieval.requested import measure_requested

    return measure_requested(
        given.settings,
        collection=_collection(given),
        asked=given.text("asked"),
        name=given.text("name", "queries.csv"),
        watch=given.watch,
    )


def _report(given: Assignment) -> Mapping[str, object]:
    from training.audits.filing import file_report

    return file_report(
        given.settings,
        kind=_kind(given),
        days=_number(given, "days", AUDITED_DAYS),
        report_id=given.job.id,
        watch=given.watch,
    )


def _kind(given: Assignment) -> Kind:
    name = given.text("kind", "compliance")
    if name == "fairness":
        return "fairness"
    if name == "compliance":
        return "compliance"
    raise InputInvalid(f"There is no audit {name!r}: choose fairness or compliance.")


def _collection(given: Assignment) -> str:
    return given.text("collection", given.settings.collection)


def _number(given: Assignment, name: str, default: int) -> int:
    text = given.text(name, str(default))
    if not text.isdecimal() or int(text) > MOST_DAYS:
        raise InputInvalid(f"{name} is no whole number up to {MOST_DAYS}: {text!r}.")
    return int(text)
