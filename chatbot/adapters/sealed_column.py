"""A column type that takes sealed values and nothing else."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator

from chatbot.errors import PlaintextRefused
from privacy.envelope import Sealed
from privacy.errors import SealBroken


class _Refused(PlaintextRefused, DontWrapMixin):
    """As it is: SQLAlchemy would hide the sentence in an error of its own."""


class SealedBytes(TypeDecorator[bytes]):
    """Bytes in the format of `privacy.envelope`, in SQLite's BLOB or PostgreSQL's BYTEA.

    Whatever goes to the database through a statement on the table is looked at, values to compare
    with included. Weakness: the format is checked, not the key, and SQL written by hand is not.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        if not isinstance(value, bytes):
            raise _Refused(f"a value of type {type(value).__name__}")
        try:
            Sealed.from_bytes(value)
        except SealBroken:
            raise _Refused(f"{len(value)} bytes that no key has sealed") from None
        return value
