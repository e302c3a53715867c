from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.training.audits.sample_audit import NOW
from training.audits.errors import ReportForged, ReportUnreadable
from training.audits.signing import FILES, SIGNATURE, sign_report, verify_report

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).write_text(f"contents of {name}", encoding="utf-8")
    sign_report(tmp_path, KEY, at=NOW)
    return tmp_path


def test_an_untouched_report_verifies(folder: Path) -> None:
    assert set(verify_report(folder, PUBLIC).files) == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_one_changed_byte_is_noticed(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[0] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(ReportForged, match=f"{name} is not what was signed: the file was changed"):
        verify_report(folder, PUBLIC)


def test_a_missing_file_is_noticed(folder: Path) -> None:
    (folder / FILES[1]).unlink()
    with pytest.raises(ReportForged, match="the file is missing"):
        verify_report(folder, PUBLIC)


def _edit(folder: Path, **statement: object) -> None:
    document = json.loads((folder / SIGNATURE).read_text())
    document["statement"] |= statement
    (folder / SIGNATURE).write_text(json.dumps(document))


def test_another_time_or_another_list_of_files_breaks_the_signature(folder: Path) -> None:
    _edit(folder, signed_at="2020-01-01T00:00:00+00:00")
    with pytest.raises(ReportForged, match="the signature does not fit"):
        verify_report(folder, PUBLIC)


def test_a_forger_with_a_key_of_his_own_is_turned_away(folder: Path) -> None:
    (folder / FILES[0]).write_text("better numbers", encoding="utf-8")
    sign_report(folder, Ed25519PrivateKey.generate(), at=NOW)
    with pytest.raises(ReportForged, match="another key"):
        verify_report(folder, PUBLIC)


@pytest.mark.parametrize("text", ["", "[]", '{"statement": {"files": []}}', "{}"])
def test_a_signature_of_another_form_is_told_apart_from_a_forgery(folder: Path, text: str) -> None:
    (folder / SIGNATURE).write_text(text)
    with pytest.raises(ReportUnreadable, match="has another form"):
        verify_report(folder, PUBLIC)


def test_a_folder_without_a_report_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReportUnreadable, match="cannot be read"):
        verify_report(tmp_path, PUBLIC)
