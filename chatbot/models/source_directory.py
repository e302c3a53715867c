"""Weights from a folder: a USB stick, a share, the home of another installation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.progress import Progress

from chatbot.models.bars import Bar, bar
from chatbot.models.digest import CHUNK_BYTES, arriving
from chatbot.models.errors import SourceUnavailable
from chatbot.models.lock import LockedFile, Model


def choose(directory: Path, model: Model) -> tuple[Path, tuple[LockedFile, ...]]:
    """The folder that has all finished files, or all inputs, of `model`.

    Looked for as `directory/<model name>/<file>` first, then `directory/<file>`.
    """
    for folder in (directory / model.name, directory):
        for wanted in (model.files, model.inputs):
            if all((folder / file.name).is_file() for file in wanted):
                return folder, wanted
    raise SourceUnavailable(f"the folder {directory} does not have its files")


def copy(
    folder: Path, wanted: Sequence[LockedFile], *, into: Path, progress: Progress | None
) -> None:
    for file in wanted:
        source = folder / file.name
        with bar(progress, file.name, file.size) as shown:
            _copy_one(source, file, into=into, shown=shown)


def _copy_one(source: Path, file: LockedFile, *, into: Path, shown: Bar) -> None:
    try:
        with (
            source.open("rb") as stream,
            arriving(into / file.name, file, named=str(source)) as target,
        ):
            while chunk := stream.read(CHUNK_BYTES):
                target.write(chunk)
                shown.advance(len(chunk))
    except OSError as error:
        raise SourceUnavailable(f"{source} cannot be copied ({error.strerror})") from error
