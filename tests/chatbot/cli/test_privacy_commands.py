"""The commands an operator has for personal data, keys, ledger and consent."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from chatbot.cli import build_app
from chatbot.errors import CustomerUnknown, FileInvalid
from chatbot.people import Role, User
from chatbot.privacy_home import open_privacy_desk
from chatbot.read_log import AUDIT, QUEUE
from chatbot.settings import load_settings
from privacy.errors import LedgerInvalid, SignatureMissing
from tests.privacy.key_keepers import new_key

Run = Callable[..., Result]
# No pseudonym can hold this by chance: they are hexadecimal.
SPOKEN_NAME = "walk-in 7"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    app = build_app()

    def invoke(*arguments: str | Path) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    yield invoke
    structlog.reset_defaults()


def test_detect_writes_spans_in_code_points(run: Run, tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    text = "😀 打 13800138000，看 https://example.com"
    source.write_text(json.dumps({"id": "a", "text": text}) + "\n\n", encoding="utf-8")
    assert run("privacy", "detect", "--input", source, "--output", out).exit_code == 0
    [row] = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert {text[one["start"] : one["end"]]: one["type"] for one in row["spans"]} == {
        "13800138000": "PHONE_NUMBER",
        "https://example.com": "URL",
    }


def test_detect_says_who_found_what_why_and_what_an_agent_would_see(
    run: Run, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps({"id": "a", "text": "电话13800138000"}), encoding="utf-8")
    assert run("privacy", "detect", "--mask", "--input", source, "--output", out).exit_code == 0
    (row,) = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert row["spans"] == [
        {
            "start": 2,
            "end": 13,
            "type": "PHONE_NUMBER",
            "recognizer": "cn_mobile",
            "score": 0.95,
            "reason": "context:电话",
            "mask": "138****8000",
        }
    ]


def test_redact_keeps_one_key_for_all_its_surrogates(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"id": "a", "text": "电话13800138000"}), encoding="utf-8")
    files = ("--input", source, "--output")
    assert run("privacy", "redact", *files, tmp_path / "p").exit_code == 0
    assert json.loads((tmp_path / "p").read_text("utf-8"))["text"] == "电话<PHONE_NUMBER_1>"
    for name in ("a", "b"):
        result = run("privacy", "redact", *files, tmp_path / name, "--style", "surrogate")
        assert result.exit_code == 0
    assert (tmp_path / "a").read_text("utf-8") == (tmp_path / "b").read_text("utf-8")
    assert "13800138000" not in (tmp_path / "a").read_text("utf-8")
    key = tmp_path / "home" / "surrogates" / "key"
    assert (len(key.read_bytes()), key.stat().st_mode & 0o077) == (32, 0)


@pytest.mark.parametrize(
    "line", ['{"id": 1}', "[1]", "{", '{"text": "a", "spans": [{"start": 3}]}']
)
def test_a_broken_line_is_named(run: Run, tmp_path: Path, line: str) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": 1, "text": "ok"}\n' + line, encoding="utf-8")
    result = run("privacy", "detect", "--input", source, "--output", tmp_path / "out.jsonl")
    assert isinstance(result.exception, FileInvalid)
    assert "line 2" in str(result.exception)


def test_consent_export_and_erasure_follow_one_another(run: Run, tmp_path: Path) -> None:
    said = ("consent", "record", "--customer", "c1", "--scope", "improve", "--agreed")
    assert run(*said).exit_code == 0
    assert "agreed" in run("consent", "show", "--customer", "c1").output
    copy = tmp_path / "copy.json"
    assert run("privacy", "export", "--customer", "c1", "--output", copy).exit_code == 0
    assert json.loads(copy.read_text("utf-8"))["consents"][0]["scope"] == "improve"
    assert copy.stat().st_mode & 0o077 == 0
    erased = run("privacy", "erase", "--customer", "c1")
    assert json.loads(erased.stdout)["counts"]["consents_kept"] == 1
    assert isinstance(run("privacy", "erase", "--customer", "c1").exception, CustomerUnknown)


def test_looking_up_consents_is_in_the_ledger_and_an_unknown_customer_is_said_so(run: Run) -> None:
    assert isinstance(run("consent", "show", "--customer", SPOKEN_NAME).exception, CustomerUnknown)
    run("consent", "record", "--customer", SPOKEN_NAME, "--scope", "improve", "--agreed")
    run(
        "consent", "show", "--customer", SPOKEN_NAME, "--purpose", "the customer asked on the phone"
    )
    listed = run("ledger", "list", "--action", "read").output
    assert listed.count("the customer asked on the phone") == 1
    assert SPOKEN_NAME not in listed


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (("privacy", "export", "--customer", "a\udcff"), "--customer"),
        (("privacy", "erase", "--yes", "--customer", "c1", "--purpose", "b\udcff"), "--purpose"),
    ],
)
def test_what_a_terminal_did_not_send_in_utf_8_is_wrong_usage(
    run: Run, command: tuple[str, ...], option: str
) -> None:
    result = run(*command)
    assert result.exit_code == 2
    assert option in result.stderr
    assert "not UTF-8" in result.stderr
    assert "\\udcff" not in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("privacy", "export", "--customer", "c1", "--format", "html"),
        ("privacy", "verify", "certificate.json"),
        ("ledger", "verify"),
    ],
    ids=["export", "certificate", "ledger"],
)
def test_a_language_that_is_not_spoken_is_wrong_usage(run: Run, command: tuple[str, ...]) -> None:
    result = run(*command, "--language", "fr")
    assert result.exit_code == 2
    assert "'en', 'zh'" in result.stderr


@pytest.mark.parametrize(
    "content", [b'{"a":' * 100_000, b"\xff\xfe\x00", b""], ids=["too-deep", "binary", "empty"]
)
def test_a_file_of_another_kind_is_no_certificate_and_no_head(
    run: Run, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    assert isinstance(run("privacy", "verify", file).exception, SignatureMissing)
    assert isinstance(run("ledger", "verify", "--head", file).exception, LedgerInvalid)


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Your personal data"), ("zh", "您的个人信息")]
)
def test_an_export_comes_as_a_page_to_read(
    run: Run, tmp_path: Path, language: str, title: str
) -> None:
    run("consent", "record", "--customer", "c1", "--scope", "improve", "--agreed")
    page = tmp_path / "page.html"
    shown = ("--format", "html", "--language", language)
    assert run("privacy", "export", "--customer", "c1", *shown, "--output", page).exit_code == 0
    assert f"<h1>{title}</h1>" in page.read_text("utf-8")
    assert page.stat().st_mode & 0o077 == 0
    assert run("privacy", "export", "--customer", "c1", *shown).stdout.startswith("<!doctype html>")


def test_a_certificate_verifies_here_and_elsewhere_until_it_is_changed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("consent", "record", "--customer", "c1", "--scope", "improve", "--agreed")
    certificate, key = tmp_path / "certificate.json", tmp_path / "key.pem"
    assert run("privacy", "erase", "--customer", "c1", "--output", certificate).exit_code == 0
    assert run("keys", "public", "--output", key).exit_code == 0
    assert "The certificate holds" in run("privacy", "verify", certificate).output
    assert "证书有效" in run("privacy", "verify", certificate, "--language", "zh").output
    monkeypatch.setenv("KEFU_HOME", str(tmp_path / "elsewhere"))
    assert run("privacy", "verify", certificate, "--public-key", key).exit_code == 0
    certificate.write_text(certificate.read_text("utf-8").replace('"consents_kept": 1', "0"))
    other = run("privacy", "verify", certificate)
    assert isinstance(other.exception, SignatureMissing)
    certificate.write_text('{"erasure_id": "made up"}')
    forged = run("privacy", "verify", certificate, "--public-key", key)
    assert forged.exit_code == 1
    assert "does not hold" in forged.output


def test_the_ledger_verifies_until_somebody_writes_into_it(run: Run, tmp_path: Path) -> None:
    assert run("keys", "rotate").exit_code == 0
    assert run("privacy", "purge").exit_code == 0
    assert "rotate_keys" in run("ledger", "list").output
    head = tmp_path / "head.json"
    assert run("ledger", "head", "--output", head).exit_code == 0
    verified = run("ledger", "verify", "--head", head)
    assert verified.exit_code == 0
    assert "All 2 entries hold." in verified.output
    with sqlite3.connect(tmp_path / "home" / "kefu.db") as database:
        database.execute("UPDATE ledger SET actor = 'nobody' WHERE sequence = 1")
    database.close()
    broken = run("ledger", "verify", "--language", "zh")
    assert broken.exit_code == 1
    assert "第 1 条写入后被改动" in broken.output


def test_who_read_is_listed_apart(run: Run) -> None:
    desk = open_privacy_desk(load_settings())
    reader = User("u-7", "a@example.com", "A", Role.AUDITOR, "en", desk.clock.now())
    desk.reads.place(reader, QUEUE, purpose=AUDIT)
    assert run("privacy", "purge").exit_code == 0
    listed = run("ledger", "list", "--action", "read").output
    assert "u-7" in listed
    assert "queue" in listed
    assert "purge" not in listed


def test_key_status_counts_and_shows_nothing_secret(run: Run) -> None:
    result = run("keys", "status")
    assert result.exit_code == 0
    assert "0 customers have a key" in result.output


def test_key_status_says_who_keeps_the_master_key(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "lie in the key folder itself" in run("keys", "status").output
    monkeypatch.setenv("KEFU_MASTER_KEY", new_key())
    assert "wrapped by KEFU_MASTER_KEY (" in run("keys", "status").output


def test_a_rotation_can_seal_everything_anew(run: Run) -> None:
    result = run("keys", "rotate", "--reseal")
    assert result.exit_code == 0, result.output
    assert "0 values were sealed anew; 0 customers' former keys were destroyed" in result.output
    listed = run("ledger", "list").output
    assert all(action in listed for action in ("rotate_keys", "reseal_begin", "reseal_end"))


def test_masking_again_says_what_it_did(run: Run) -> None:
    assert "0 messages masked again" in run("privacy", "anonymise").output


def test_the_words_of_a_version_can_be_read_also_when_newer_ones_are_in_use(run: Run) -> None:
    assert "phone numbers and card numbers are masked" in run("consent", "words", "1").output
    assert "公平性检查" in run("consent", "words", "consent-1", "--language", "zh").output
    unknown = run("consent", "words", "shop-7")
    assert unknown.exit_code == 1
    assert "No words of Kefu have the version 'shop-7'" in str(unknown.exception)
