from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from chatbot.adapters.store_jobs import SqlJobs
from chatbot.bootstrap import open_database
from chatbot.cli import jobs
from chatbot.errors import BrokerUnavailable, JobArgumentUnknown, JobKindUnknown, JobUnknown
from chatbot.jobs import JobState
from chatbot.settings import load_settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {"KEFU_HOME": str(tmp_path), "COLUMNS": "250", "USER": "anna"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(*arguments: str) -> Result:
    app = typer.Typer()
    jobs.register(app)
    return CliRunner().invoke(app, ["jobs", *arguments])


def _only_id() -> str:
    engine = open_database(load_settings())
    (job,) = SqlJobs(engine).recent()
    engine.dispose()
    return job.id


def test_what_can_be_started_is_told_in_both_languages() -> None:
    assert "Delete what has been kept long enough" in _run("kinds").stdout
    assert "删除已到保存期限的数据" in _run("kinds", "--language", "zh").stdout


def test_a_job_can_run_here_and_is_listed_with_who_started_it() -> None:
    result = _run("run", "kefu.privacy.purge", "--here")
    assert result.exit_code == 0, result.output
    assert "kefu.privacy.purge is done." in result.stdout
    listed = _run("list").stdout
    assert "privacy.purge" in listed
    assert "anna" in listed
    assert "done" in _run("show", _only_id()).stdout


def test_everything_can_be_sealed_anew_in_the_background() -> None:
    result = _run("run", "kefu.privacy.reseal", "--here")
    assert result.exit_code == 0, result.output
    assert "kefu.privacy.reseal is done." in result.stdout


def test_a_failed_job_says_why_and_its_exit_code_is_1() -> None:
    result = _run("run", "kefu.knowledge.build", "collection=nothing", "--here")
    assert result.exit_code == 1
    assert "nothing" in result.stderr
    shown = _run("show", _only_id())
    assert shown.exit_code == 1
    assert JobState.FAILED.value in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("run", "kefu.nothing"), JobKindUnknown),
        (("run", "kefu.privacy.purge", "speed=9"), JobArgumentUnknown),
        (("run", "kefu.models.promote"), JobArgumentUnknown),
        (("run", "kefu.privacy.purge"), BrokerUnavailable),
        (("show", "42"), JobUnknown),
    ],
)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], error: type[Exception]) -> None:
    assert isinstance(_run(*arguments).exception, error)
