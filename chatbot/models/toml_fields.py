"""Typed reading of a TOML table that says where a value is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from chatbot.models.errors import LockInvalid


class Fields:
    """One table. Each getter takes its key out, so that `done` can refuse misspelt keys."""

    def __init__(self, where: str, table: Mapping[str, object]) -> None:
        self.where = where
        self._left = dict(table)

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key, default)
        if not isinstance(value, str) or (not value.strip() and value != default):
            raise LockInvalid(self.where, f"needs a text as {key}")
        return value

    def matching(self, key: str, pattern: re.Pattern[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value != default and not pattern.fullmatch(value):
            raise LockInvalid(self.where, f"has an unusable {key}: {value!r}")
        return value

    def one_of(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in allowed:
            raise LockInvalid(self.where, f"has {key} {value!r}; it can be {', '.join(allowed)}")
        return value

    def integer(self, key: str) -> int:
        value = self._take(key, None)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise LockInvalid(self.where, f"needs a whole number as {key}")
        return value

    def texts(self, key: str) -> dict[str, str]:
        fields = self._table(key, self._take(key, None))
        return {name: fields.text(name) for name in list(fields._left)}

    def tables(self, key: str) -> dict[str, Fields]:
        fields = self._table(key, self._take(key, None))
        return {name: fields._table(name, value) for name, value in fields._left.items()}

    def list_of_tables(self, key: str, *, required: bool = True) -> list[Fields]:
        values = self._take(key, None if required else [])
        if not isinstance(values, list) or (required and not values):
            raise LockInvalid(self.where, f"needs a list of tables as {key}")
        return [self._table(f"{key}[{n}]", value) for n, value in enumerate(values)]

    def done(self) -> None:
        if self._left:
            raise LockInvalid(self.where, f"has unknown keys: {', '.join(sorted(self._left))}")

    def _take(self, key: str, default: object) -> object:
        return self._left.pop(key, default)

    def _table(self, key: str, value: object) -> Fields:
        if not isinstance(value, dict):
            raise LockInvalid(self.where, f"needs a table as {key}")
        return Fields(f"{self.where} {key}", value)
