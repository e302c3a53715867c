from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from privacy.detector import TYPES
from privacy.entities import Span
from tests.benchmarks.pii_peer import (
    OURS,
    PACKAGES,
    Peer,
    PeerUnavailable,
    in_our_types,
    install,
)

# Speaks as Presidio's process does, and finds every `@` to be an e-mail address.
SPEAKER = """
import json, sys
print(json.dumps({"version": "1.2", "model": "", "types": ["PERSON", "URL", "NRP"]}), flush=True)
for line in sys.stdin:
    text = json.loads(line)["text"]
    if text == "end":
        sys.exit(3)
    at = [[i, i + 1, "EMAIL_ADDRESS", 1.0] for i, c in enumerate(text) if c == "@"]
    print(json.dumps({"results": at, "seconds": 0.5}), flush=True)
"""


def _peer(folder: Path, source: str = SPEAKER) -> Peer:
    worker = folder / "worker.py"
    worker.write_text(source, encoding="utf-8")
    return Peer(Path(sys.executable), "zh", log=folder / "peer.log", worker=worker)


def test_the_other_process_hears_every_text_and_its_findings_come_back(tmp_path: Path) -> None:
    with _peer(tmp_path) as peer:
        assert peer.detect("邮箱 a@b") == [Span(4, 5, "EMAIL_ADDRESS", "presidio", 1.0)]
        assert peer.detect("第一行\n第二行") == []


def test_the_first_text_is_not_timed(tmp_path: Path) -> None:
    with _peer(tmp_path) as peer:
        peer.detect("one")
        assert peer.lines_per_second is None
        peer.detect("two")
        assert peer.lines_per_second == 2.0


def test_without_a_model_nobody_looks_for_names(tmp_path: Path) -> None:
    with _peer(tmp_path) as peer:
        assert peer.types == {"URL"}


def test_a_process_that_ends_early_says_where_the_reason_is(tmp_path: Path) -> None:
    with _peer(tmp_path) as peer, pytest.raises(PeerUnavailable, match=r"peer\.log"):
        peer.detect("end")


def test_a_process_that_does_not_start_says_where_the_reason_is(tmp_path: Path) -> None:
    with pytest.raises(PeerUnavailable, match=r"peer\.log"):
        _peer(tmp_path, "raise SystemExit('no such package')")
    assert "no such package" in (tmp_path / "peer.log").read_text(encoding="utf-8")


def test_presidio_s_names_become_ours_and_what_has_none_is_left_out() -> None:
    results = [(0, 4, "LOCATION", 0.85), (5, 9, "NRP", 0.85), (10, 29, "CREDIT_CARD", 1.0)]
    assert [span.type for span in in_our_types(results)] == ["ADDRESS", "BANK_CARD"]


def test_the_page_within_an_e_mail_address_is_not_found_besides() -> None:
    results = [(2, 9, "URL", 0.5), (0, 9, "EMAIL_ADDRESS", 1.0)]
    assert [span.type for span in in_our_types(results)] == ["EMAIL_ADDRESS"]


def test_a_surer_finding_of_a_type_without_counterpart_still_settles_the_place() -> None:
    results = [(0, 9, "US_DRIVER_LICENSE", 0.65), (0, 9, "US_SSN", 0.05)]
    assert in_our_types(results) == []


def test_a_longer_finding_that_is_less_sure_stays_beside_the_shorter() -> None:
    results = [(0, 12, "LOCATION", 0.4), (3, 7, "PERSON", 0.85)]
    assert [span.type for span in in_our_types(results)] == ["ADDRESS", "PERSON"]


def test_every_name_of_ours_is_a_type_that_kefu_finds() -> None:
    assert set(OURS.values()) <= set(TYPES)


class _Commands:
    """Remembers commands instead of running them."""

    def __init__(self, *codes: int) -> None:
        self.codes = list(codes)
        self.heard: list[Sequence[str]] = []

    def __call__(self, command: Sequence[str], **_: object) -> subprocess.CompletedProcess[str]:
        self.heard.append(command)
        return subprocess.CompletedProcess(list(command), self.codes.pop(0), "", "no route")


def test_the_environment_is_made_once(tmp_path: Path) -> None:
    run = _Commands(0, 0)
    first = install(tmp_path / "presidio", run=run)
    assert run.heard[1][-len(PACKAGES) :] == list(PACKAGES)
    assert install(tmp_path / "presidio", run=run) == first
    assert len(run.heard) == 2


def test_without_a_network_one_sentence_says_so_and_the_next_run_tries_again(
    tmp_path: Path,
) -> None:
    with pytest.raises(PeerUnavailable, match="Kefu is shown alone") as caught:
        install(tmp_path / "presidio", run=_Commands(0, 1))
    assert str(caught.value).count(". ") == 0
    assert "no route" in (tmp_path / "presidio" / "install.log").read_text(encoding="utf-8")
    again = _Commands(0, 0)
    install(tmp_path / "presidio", run=again)
    assert len(again.heard) == 2
