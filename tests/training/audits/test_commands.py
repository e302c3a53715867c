from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from typer.testing import CliRunner, Result

from chatbot.fakes import KeywordIntents
from tests.training.audits.sample_audit import NOW, sample_evidence
from tests.training.audits.simulated_log import simulate_log
from training.audits.commands import register
from training.audits.errors import AuditNotConnected, ReportForged, ReportUnreadable
from training.audits.sources import AuditSources, Product

KEY = Ed25519PrivateKey.generate()
MODEL = KeywordIntents({"parcel": ["parcel", "包裹", "快递"], "refund": ["refund", "退"]})


def _sources() -> AuditSources:
    return AuditSources(
        organisation="Maplewood",
        source="a simulated log",
        now=lambda: NOW,
        signing_key=lambda: KEY,
        records=lambda period: simulate_log(120, seed=1),
        product=lambda: Product(MODEL, lambda text: MODEL.understand([text])[0].intent, str.lower),
        privacy=lambda period: sample_evidence(),
    )


def _run(*arguments: str | Path, connect: Callable[[], AuditSources] = _sources) -> Result:
    app = typer.Typer()
    register(app, connect=connect)
    return CliRunner().invoke(app, ["audit", *map(str, arguments)], env={"COLUMNS": "300"})


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    out = tmp_path_factory.mktemp("audits") / "march"
    return out, _run("compliance", "--out", out, "--since", "2026-03-01", "--until", "2026-04-01")


def test_a_compliance_audit_writes_the_report_and_says_what_is_not_met(
    written: tuple[Path, Result],
) -> None:
    out, result = written
    assert result.exit_code == 0, result.output
    assert "120 conversations" in result.stderr
    assert "Master key mk-2 is 400 days old." in result.stderr
    assert str(out / "report.en.html") in result.stderr
    document = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert document["audit"]["period"]["since"] == "2026-03-01T00:00:00+00:00"
    assert document["audit"]["probes"]["figures"]


def test_the_written_report_verifies_and_a_changed_one_does_not(
    written: tuple[Path, Result], tmp_path: Path
) -> None:
    pem = tmp_path / "key.pem"
    pem.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    good = _run("verify", written[0], "--public-key", pem)
    assert good.exit_code == 0
    assert "Genuine: 3 files" in good.stderr
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in written[0].iterdir():
        (copy / path.name).write_bytes(path.read_bytes() + b" ")
    assert isinstance(_run("verify", copy, "--public-key", pem).exception, ReportForged)


def test_a_file_that_is_no_key_is_told(written: tuple[Path, Result], tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("no key")
    result = _run("verify", written[0], "--public-key", tmp_path / "key.pem")
    assert isinstance(result.exception, ReportUnreadable)
    assert "no Ed25519 public key" in str(result.exception)


def test_a_fairness_audit_leaves_privacy_alone_and_speaks_chinese_on_request(
    tmp_path: Path,
) -> None:
    result = _run("fairness", "--out", tmp_path, "--since", "2026-03-01", "--language", "zh")
    assert result.exit_code == 0, result.output
    assert "未测量：隐私证据。" in result.stderr
    assert json.loads((tmp_path / "report.json").read_text())["audit"]["privacy"] is None


def test_a_period_that_ends_before_it_begins_is_wrong_usage(tmp_path: Path) -> None:
    result = _run("fairness", "--out", tmp_path, "--since", "2026-04-02", "--until", "2026-04-01")
    assert result.exit_code == 2
    assert "is not before" in result.stderr


def test_without_dates_the_last_thirty_days_count_with_today(tmp_path: Path) -> None:
    assert _run("fairness", "--out", tmp_path).exit_code == 0
    period = json.loads((tmp_path / "report.json").read_text())["audit"]["period"]
    assert (period["since"][:10], period["until"][:10]) == ("2026-03-04", "2026-04-03")


def test_an_installation_without_sources_says_so(tmp_path: Path) -> None:
    app = typer.Typer()
    register(app)
    result = CliRunner().invoke(app, ["audit", "fairness", "--out", str(tmp_path)])
    assert isinstance(result.exception, AuditNotConnected)
