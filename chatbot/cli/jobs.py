"""`kefu jobs`: what the workers did, and starting something by hand."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from chatbot.errors import InputInvalid, JobUnknown
from chatbot.jobs import Job, JobState
from chatbot.ports import JobStore
from chatbot.settings import Settings, load_settings

_LOOK_SECONDS = 0.3


class Tongue(StrEnum):
    EN = "en"
    ZH = "zh"


_WORDS = {
    "job": ("job", "任务"),
    "id": ("id", "编号"),
    "state": ("state", "状态"),
    "progress": ("progress", "进度"),
    "by": ("by", "发起人"),
    "created": ("created", "创建时间"),
    "took": ("took", "用时"),
    "what": ("what it does", "作用"),
    "takes": ("takes", "参数"),
    "queue": ("queue", "队列"),
    "attempts": ("attempts", "尝试次数"),
    "result": ("result", "结果"),
    "error": ("error", "错误"),
    JobState.QUEUED.value: ("waits", "等待中"),
    JobState.RUNNING.value: ("runs", "运行中"),
    JobState.DONE.value: ("done", "已完成"),
    JobState.FAILED.value: ("failed", "失败"),
    "sent": ("{id} waits for a worker.", "{id} 已提交，等待执行。"),
    "finished": ("{name} is done.", "{name} 已完成。"),
    "broken": ("{name} failed: {error}", "{name} 失败：{error}"),
}

LanguageOption = Annotated[
    Tongue, typer.Option("--language", help="Of what is printed: en or zh (中文).")
]


def register(app: typer.Typer) -> None:
    jobs = typer.Typer(help="Background work: what was done, what waits.", no_args_is_help=True)
    jobs.command("list")(list_jobs)
    jobs.command("show")(show)
    jobs.command("kinds")(list_kinds)
    jobs.command("run")(run)
    app.add_typer(jobs, name="jobs")


def list_jobs(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    language: LanguageOption = Tongue.EN,
) -> None:
    """The newest jobs with their state."""
    columns = ("job", "state", "progress", "by", "created", "took", "id")
    table = Table(*(_say(column, language) for column in columns))
    for job in _open_store(load_settings()).recent(limit=limit):
        cells = (
            job.name.removeprefix("kefu."),
            _say(job.state.value, language),
            job.error or _progress(job),
            job.requested_by,
            f"{job.created_at:%Y-%m-%d %H:%M:%S}Z",
            _took(job),
            job.id,
        )
        table.add_row(*map(Text, cells))
    Console().print(table)


def show(
    job_id: Annotated[str, typer.Argument(help="As `kefu jobs list` names it.")],
    language: LanguageOption = Tongue.EN,
) -> None:
    """One job in full; exit code 1 where it failed."""
    job = _open_store(load_settings()).find(job_id)
    if job is None:
        raise JobUnknown(job_id)
    table = Table(show_header=False)
    rows = {
        "id": job.id,
        "job": job.name,
        "queue": job.queue.value,
        "state": _say(job.state.value, language),
        "progress": _progress(job),
        "attempts": str(job.attempts),
        "by": job.requested_by,
        "created": job.created_at.isoformat(timespec="seconds"),
        "took": _took(job),
        "takes": _pairs(job.arguments),
        "result": _pairs(job.result or {}),
        "error": job.error or "",
    }
    for name, value in rows.items():
        table.add_row(_say(name, language), Text(value))
    Console().print(table)
    if job.state is JobState.FAILED:
        raise typer.Exit(1)


def list_kinds(language: LanguageOption = Tongue.EN) -> None:
    """What can be started."""
    from chatbot.job_kinds import load_kinds

    table = Table(*(_say(column, language) for column in ("job", "what", "takes", "queue")))
    for kind in load_kinds().values():
        summary = kind.summary[language is Tongue.ZH]
        table.add_row(kind.name, Text(summary), ", ".join(kind.arguments), kind.queue.value)
    Console().print(table)


def run(
    name: Annotated[str, typer.Argument(help="As `kefu jobs kinds` names it.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="name=value, any number.")] = None,
    here: Annotated[
        bool, typer.Option("--here", help="In this process, without broker and worker.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Until it is over.")] = False,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Start a job; with --here or --wait the exit code is 1 where it fails."""
    from chatbot.adapters.broker_address import broker_address
    from chatbot.adapters.job_locks import FileJobLocks
    from chatbot.adapters.queue_celery import CeleryQueue
    from chatbot.clock import SystemClock
    from chatbot.job_kinds import kind_named, load_kinds
    from chatbot.job_run import Shop, new_job, run_job, start_job

    settings, clock = load_settings(), SystemClock()
    kind = kind_named(load_kinds(), name)
    given, by = _read_arguments(arguments or []), os.environ.get("USER") or "command line"
    store = _open_store(settings)
    if here:
        job = store.add(new_job(kind, given, requested_by=by, clock=clock))
        locks = FileJobLocks(settings.run_home / "jobs")
        with Console(stderr=True).status(kind.summary[language is Tongue.ZH]):
            job = run_job(job, kind, Shop(settings, store, clock, locks))
    else:
        queue = CeleryQueue(broker_address(settings))
        job = start_job(kind, given, requested_by=by, store=store, queue=queue, clock=clock)
        if not wait:
            _print(_say("sent", language).format(id=job.id))
            return
        job = _watch(store, job)
    _conclude(job, language)


def _watch(store: JobStore, job: Job) -> Job:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        bar = progress.add_task(job.name, total=None)
        while not job.state.over:
            time.sleep(_LOOK_SECONDS)
            job = store.find(job.id) or job
            stage, total = job.stage or job.name, job.total or None
            progress.update(bar, description=stage, completed=job.done, total=total)
    return job


def _conclude(job: Job, language: Tongue) -> None:
    if job.state is JobState.FAILED:
        sentence = _say("broken", language).format(name=job.name, error=job.error)
        _print(sentence, on=Console(stderr=True))
        raise typer.Exit(1)
    _print(_say("finished", language).format(name=job.name))
    if job.result:
        _print(_pairs(job.result))


def _read_arguments(words: list[str]) -> dict[str, object]:
    given: dict[str, object] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise InputInvalid(f"{word!r} is no argument of a job: write name=value.")
        given[name] = {"true": True, "false": False}.get(value.lower(), value)
    return given


def _open_store(settings: Settings) -> JobStore:
    from chatbot.adapters.database import connect, migrate
    from chatbot.adapters.store_jobs import SqlJobs

    engine = connect(settings.sqlalchemy_url)
    migrate(engine)
    return SqlJobs(engine)


def _progress(job: Job) -> str:
    if not job.stage:
        return ""
    return f"{job.stage} {job.done}/{job.total}"


def _took(job: Job) -> str:
    if job.started_at is None or job.finished_at is None:
        return ""
    return f"{(job.finished_at - job.started_at).total_seconds():.1f} s"


def _pairs(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())


def _say(key: str, language: Tongue) -> str:
    return _WORDS[key][language is Tongue.ZH]


def _print(sentence: str, *, on: Console | None = None) -> None:
    (on or Console()).print(sentence, markup=False, highlight=False, soft_wrap=True)
