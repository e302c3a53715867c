"""The hash-chained audit ledger in the database, keyed with a secret that is not in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Select, func, insert, select

from chatbot.adapters.tables import ledger
from chatbot.adapters.transactions import Transactions, utc
from privacy.errors import LedgerInvalid
from privacy.keyring import KeyRing
from privacy.ledger import Entry, Head, Verdict, head_of, next_entry, verify

LEDGER_LOCK = 0x6B656C67
_PURPOSE = "ledger"
_LIMITS = {"actor": 128, "subject": 128, "purpose": 256}
_ASKED = 500
"""Subjects in one query; past that, reading all of the ledger is as quick."""
_NEWEST = select(ledger).order_by(ledger.c.sequence.desc()).limit(1)


class SqlLedger:
    """Weakness: as long as the key ring stands on the same machine, whoever rules that machine can
    write a new chain; a head exported to elsewhere shows it."""

    def __init__(self, engine: Engine, keys: KeyRing) -> None:
        self._transactions = Transactions(engine)
        self._keys = keys

    def append(
        self, *, at: datetime, actor: str, role: str, action: str, subject: str, purpose: str
    ) -> Entry:
        """Raises LedgerInvalid."""
        _check(actor=actor, subject=subject, purpose=purpose)
        with self._transactions.writing() as connection:
            return self._add(
                connection,
                _last(connection),
                at=at,
                actor=actor,
                role=role,
                action=action,
                subject=subject,
                purpose=purpose,
            )

    def append_once(
        self,
        *,
        since: datetime,
        at: datetime,
        actor: str,
        role: str,
        action: str,
        subject: str,
        purpose: str,
    ) -> Entry | None:
        """Raises LedgerInvalid."""
        _check(actor=actor, subject=subject, purpose=purpose)
        same = {"actor": actor, "action": action, "subject": subject}
        with self._transactions.reading() as connection:
            if _known(connection, since, same):
                return None
        with self._transactions.writing() as connection:
            last = _last(connection)
            # Asked again: somebody else may have written it before all others were locked out.
            if _known(connection, since, same):
                return None
            return self._add(
                connection,
                last,
                at=at,
                actor=actor,
                role=role,
                action=action,
                subject=subject,
                purpose=purpose,
            )

    def _add(
        self,
        connection: Connection,
        last: Entry | None,
        *,
        at: datetime,
        actor: str,
        role: str,
        action: str,
        subject: str,
        purpose: str,
    ) -> Entry:
        entry = next_entry(
            last,
            at=at,
            actor=actor,
            role=role,
            action=action,
            subject=subject,
            purpose=purpose,
            key=self._keys.secret_for(_PURPOSE),
        )
        connection.execute(insert(ledger).values(vars(entry)))
        return entry

    def entries(self, *, subjects: Sequence[str] | None = None) -> list[Entry]:
        query = select(ledger).order_by(ledger.c.sequence)
        if subjects is not None and len(subjects) <= _ASKED:
            query = query.where(ledger.c.subject.in_(subjects))
        found = self._found(query)
        wanted = None if subjects is None else set(subjects)
        return [entry for entry in found if wanted is None or entry.subject in wanted]

    def page(self, *, after: int | None, limit: int) -> list[Entry]:
        if after is None:
            query = select(ledger).order_by(ledger.c.sequence.desc()).limit(limit)
            return list(reversed(self._found(query)))
        query = select(ledger).where(ledger.c.sequence > after).order_by(ledger.c.sequence)
        return self._found(query.limit(limit))

    def newest_of(self, action: str, *, limit: int) -> list[Entry]:
        query = select(ledger).where(ledger.c.action == action)
        return self._found(query.order_by(ledger.c.sequence.desc()).limit(limit))

    def _found(self, query: Select[Any]) -> list[Entry]:
        with self._transactions.reading() as connection:
            return [_entry(row) for row in connection.execute(query).mappings()]

    def head(self) -> Head:
        with self._transactions.reading() as connection:
            last = connection.execute(_NEWEST).mappings().one_or_none()
        return head_of([_entry(last)] if last is not None else [])

    def verify(self, *, head: Head | None = None) -> Verdict:
        return verify(self.entries(), head=head, key=self._keys.secret_for(_PURPOSE))


def _check(**fields: str) -> None:
    for name, value in fields.items():
        limit = _LIMITS[name]
        if len(value) > limit:
            raise LedgerInvalid(f"the {name} has more than {limit} characters")


def _known(connection: Connection, since: datetime, same: Mapping[str, str]) -> bool:
    alike = [ledger.c[name] == value for name, value in same.items()]
    query = select(ledger.c.sequence).where(*alike, ledger.c.at >= since).limit(1)
    return connection.execute(query).first() is not None


def _last(connection: Connection) -> Entry | None:
    """The newest entry, with every other writer locked out until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(LEDGER_LOCK)))
    row = connection.execute(_NEWEST).mappings().one_or_none()
    return _entry(row) if row is not None else None


def _entry(row: RowMapping) -> Entry:
    return Entry(**{**row, "at": utc(row["at"])})
