"""Weights from the Hugging Face hub, or the mirror that HF_ENDPOINT names, when reachable."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path

from httpx2 import HTTPError
from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url
from huggingface_hub.errors import EntryNotFoundError
from huggingface_hub.utils.tqdm import (
    are_progress_bars_disabled,
    disable_progress_bars,
    enable_progress_bars,
)
from rich.progress import Progress

from chatbot.models.bars import bar
from chatbot.models.digest import CHUNK_BYTES, arriving, is_intact
from chatbot.models.errors import SourceUnavailable
from chatbot.models.lock import HubSource, LockedFile

PROBE_TIMEOUT_SECONDS = 3.0
GRACE_SECONDS = 1.0

FAILURES = (OSError, HTTPError, EntryNotFoundError)


def fetch(
    source: HubSource,
    wanted: Sequence[LockedFile],
    *,
    into: Path,
    progress: Progress | None,
    probe_timeout_seconds: float = PROBE_TIMEOUT_SECONDS,
) -> None:
    """Bring `wanted` below `into`; the library's own offline switch and token are respected."""
    _probe(source, wanted[0], timeout_seconds=probe_timeout_seconds)
    with (
        tempfile.TemporaryDirectory(prefix="hub-", dir=into.parent) as folder,
        _library_bars_off(),
    ):
        for file in wanted:
            if is_intact(into / file.name, file):
                continue
            with bar(progress, f"{source.repository} {file.name}"):
                received = _download(source, file, folder=Path(folder))
            _accept(received, file, into=into, named=f"{file.name} of {source.repository}")


def _probe(source: HubSource, file: LockedFile, *, timeout_seconds: float) -> None:
    """One request without retries: the library itself would retry for half a minute."""
    url = hf_hub_url(source.repository, file.name, revision=source.revision)
    # Name resolution ignores the timeout of a request, so it waits in a thread of its own.
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        pool.submit(get_hf_file_metadata, url, timeout=timeout_seconds).result(
            timeout=timeout_seconds + GRACE_SECONDS
        )
    except FutureTimeout as error:
        raise SourceUnavailable("the hub did not answer in time") from error
    except FAILURES as error:
        raise SourceUnavailable(f"the hub cannot be used ({_brief(error)})") from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _download(source: HubSource, file: LockedFile, *, folder: Path) -> Path:
    try:
        return Path(
            hf_hub_download(
                source.repository, file.name, revision=source.revision, local_dir=folder
            )
        )
    except FAILURES as error:
        raise SourceUnavailable(f"the hub did not deliver {file.name} ({_brief(error)})") from error


def _accept(received: Path, file: LockedFile, *, into: Path, named: str) -> None:
    with (
        received.open("rb") as stream,
        arriving(into / file.name, file, named=named) as target,
    ):
        while chunk := stream.read(CHUNK_BYTES):
            target.write(chunk)
    received.unlink()


def _brief(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


@contextlib.contextmanager
def _library_bars_off() -> Iterator[None]:
    were_off = are_progress_bars_disabled()
    disable_progress_bars()
    try:
        yield
    finally:
        if not were_off:
            enable_progress_bars()
