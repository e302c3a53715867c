"""Keepers of a master key as the contract tests try them: how each begins, and how its key is
replaced by a newer one."""

from __future__ import annotations

import base64
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from privacy.master_command import CommandMasterKey
from privacy.master_given import GivenMasterKeys
from privacy.master_memory import MemoryMasterKey
from privacy.master_source import MasterKeySource

PROGRAM = Path(__file__).with_name("key_service.py")


@dataclass(frozen=True)
class Keeper:
    source: MasterKeySource
    renewed: Callable[[], MasterKeySource]
    """With a newer key behind those it has."""
    stranger: MasterKeySource
    """Of the same kind and name, with keys of its own."""


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _given(_folder: Path) -> Keeper:
    name, first = "KEFU_MASTER_KEY", new_key()
    return Keeper(
        GivenMasterKeys.parse(first, name=name),
        lambda: GivenMasterKeys.parse(f"{first}, {new_key()}", name=name),
        GivenMasterKeys.parse(new_key(), name=name),
    )


def key_command(file: Path, *, limit_seconds: float = 20.0) -> CommandMasterKey:
    """The program with the keys of `file`, which is made with one key if it is not there."""
    if not file.exists():
        file.write_text(secrets.token_hex(32) + "\n")
    command = (sys.executable, "-I", "-S", str(PROGRAM), str(file))
    return CommandMasterKey(command, name="The command", limit_seconds=limit_seconds)


def _command(folder: Path) -> Keeper:
    file = folder / "company-keys"
    source = key_command(file)

    def renewed() -> MasterKeySource:
        with file.open("a") as lines:
            lines.write(secrets.token_hex(32) + "\n")
        return source

    return Keeper(source, renewed, key_command(folder / "strangers-keys"))


def _memory(_folder: Path) -> Keeper:
    source = MemoryMasterKey()

    def renewed() -> MasterKeySource:
        source.rotate()
        return source

    return Keeper(source, renewed, MemoryMasterKey())


KEEPERS: Mapping[str, Callable[[Path], Keeper]] = {
    "environment": _given,
    "command": _command,
    "service in memory": _memory,
}
