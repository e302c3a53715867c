"""Questions for a measurement, on their way from the console to a worker.

They may quote customers, so that no job carries them: a job names the file, which lies in the vault
until the job is over.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from chatbot.errors import NotFound
from knowledge_base.vault import Vault

PLACE = Path("evaluations") / "asked"
_NAME = re.compile(r"[0-9a-f]{32}")
_FORGOTTEN_SECONDS = 24 * 3600
"""A file that no worker came for."""


@dataclass(frozen=True)
class QueryDrop:
    home: Path
    vault: Vault

    def leave(self, content: bytes) -> str:
        """The name under which a worker finds it."""
        folder = self.home / PLACE
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            if time.time() - old.stat().st_mtime > _FORGOTTEN_SECONDS:
                old.unlink(missing_ok=True)
        name = token_hex(16)
        self.vault.write(folder / name, content)
        return name

    def read(self, name: str) -> bytes:
        """Raises NotFound."""
        try:
            return self.vault.read(self._path(name))
        except FileNotFoundError:
            raise NotFound("list of questions: send it again") from None

    def clear(self, name: str) -> None:
        # A vault may have put an ending behind the name.
        for file in self._path(name).parent.glob(f"{name}*"):
            file.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        """Raises NotFound: the name comes from outside and becomes part of a path."""
        if not _NAME.fullmatch(name):
            raise NotFound("list of questions of this name")
        return self.home / PLACE / name
