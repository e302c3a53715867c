"""The process that parses what could do harm: limits, crashes, and what a user sees of them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from knowledge_base.errors import DocumentInvalid, ReaderUnusable
from knowledge_base.readers import confined, read_each
from knowledge_base.readers.confined import Confinement
from knowledge_base.readers.source import Source
from tests.knowledge_base.hostile_pdf import GOOD

ENDLESS = b"## A\n\n" + b"<!--" * 200_000
"""Markdown on which the parser takes the square of the length in time."""


def _source(name: str, data: bytes) -> Source:
    return Source(Path(name), name, data)


def test_a_file_that_takes_too_long_is_refused_and_the_next_one_is_read() -> None:
    with Confinement(seconds=2) as cell:
        started = time.monotonic()
        with pytest.raises(DocumentInvalid, match="more than 2 seconds to read; split"):
            list(cell.read(_source("endless.md", ENDLESS)))
        assert time.monotonic() - started < 20
        assert len(list(cell.read(_source("good.pdf", GOOD)))) == 2


def test_a_reader_that_dies_is_one_refusal_and_the_next_file_is_read() -> None:
    with Confinement(seconds=30) as cell:
        list(cell.read(_source("good.pdf", GOOD)))
        assert cell.process_id is not None
        os.kill(cell.process_id, signal.SIGKILL)
        with pytest.raises(DocumentInvalid, match="reading it ended the reader"):
            list(cell.read(_source("other.pdf", GOOD)))
        assert len(list(cell.read(_source("good.pdf", GOOD)))) == 2


def test_the_process_ends_with_the_import(tmp_path: Path) -> None:
    path = tmp_path / "good.pdf"
    path.write_bytes(GOOD)
    cell = Confinement()
    assert read_each([path], cell=cell).files == 1
    assert cell.process_id is None


def test_the_reader_is_not_given_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_MASTER_KEY", "secret")
    with Confinement() as cell:
        list(cell.read(_source("good.pdf", GOOD)))
        given = Path(f"/proc/{cell.process_id}/environ").read_bytes()
    assert b"PYTHONPATH=" in given
    assert b"KEFU_" not in given


def test_a_folder_of_documents_cannot_lend_the_reader_a_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pypdf.py").write_text("raise SystemExit('taken over')", "utf-8")
    (tmp_path / "good.pdf").write_bytes(GOOD)
    monkeypatch.chdir(tmp_path)
    assert read_each([Path("good.pdf")]).files == 1


def test_a_reader_that_does_not_start_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(confined.sys, "executable", str(program))
    with Confinement() as cell, pytest.raises(ReaderUnusable, match="make install"):
        list(cell.read(_source("good.pdf", GOOD)))
