from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from training.corpus import read_corpus
from training.errors import CorpusInvalid
from training.readers import source

NLU = "nlu:\n- intent: a\n  examples: |\n    - hi\n"


def _zip(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def _refusal(path: Path) -> str:
    with pytest.raises(CorpusInvalid) as raised:
        read_corpus(path)
    return str(raised.value)


def test_a_zip_that_swells_is_read_no_further_than_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "LARGEST", 100_000)
    bomb = _zip(tmp_path / "bomb.zip", **{"a.yml": " " * 60_000, "b.yml": " " * 60_000})
    assert bomb.stat().st_size < 1_000
    assert "it holds more than" in _refusal(bomb)


def test_a_file_without_end_is_read_no_further_than_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source, "LARGEST", 100_000)
    assert "it holds more than" in _refusal(Path("/dev/zero"))


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_FILES", 2)
    path = _zip(tmp_path / "a.zip", **{f"{n}.yml": NLU for n in range(3)})
    assert "more than 2 files" in _refusal(path)


@pytest.mark.parametrize("kept", [30, 60, -30])
def test_a_cut_zip_is_damaged(tmp_path: Path, kept: int) -> None:
    path = _zip(tmp_path / "a.zip", **{"a.yml": NLU})
    path.write_bytes(path.read_bytes()[:kept])
    assert "this ZIP file is damaged" in _refusal(path)


def test_hidden_files_and_what_a_mac_adds_are_passed_over(tmp_path: Path) -> None:
    files = {"a.yml": NLU, "__MACOSX/a.yml": "[", ".git/b.yml": "[", "c/.d.yml": "["}
    assert len(read_corpus(_zip(tmp_path / "a.zip", **files)).utterances) == 1


def test_a_folder_without_training_data_says_what_could_be_read(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("text,intent\nhi,a\n")
    assert "a CSV or JSONL file is named itself" in _refusal(tmp_path)


def test_the_name_of_a_file_in_a_zip_cannot_steer_the_terminal(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", **{"\x1b[2J.yml": "nlu: ["})
    assert "\x1b" not in _refusal(path)


@pytest.mark.parametrize(
    ("row", "guess"),
    [
        ("退款".encode("gb18030"), "it looks like GB18030"),
        ("une idée claire".encode("latin-1"), "it looks like Latin-1"),
        ("发票".encode() + b" caf\xe9 x", "two encodings are mixed in one row"),
    ],
)
def test_a_stray_encoding_is_named_with_its_line(tmp_path: Path, row: bytes, guess: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes("text,intent\n你好,greet\n".encode() + row + b",x\nbye,y\n")
    refusal = _refusal(path)
    assert "rows.csv, line 3: it is not UTF-8" in refusal
    assert guess in refusal


def test_utf_16_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes("text,intent\nhi,a\n".encode("utf-16"))
    assert "line 1: it is not UTF-8 but UTF-16" in _refusal(path)
