"""The hash-chained audit ledger in the database, keyed with a secret that is not in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, func, insert, select

from chatbot.adapters.tables import ledger
from chatbot.adapters.transactions import Transactions, utc
from privacy.errors import LedgerInvalid
from privacy.keyring import KeyRing
from privacy.ledger import Entry, Head, Verdict, head_of, next_entry, verify

LEDGER_LOCK = 0x6B656C67
_PURPOSE = "ledger"
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
        limits = (("actor", actor, 128), ("subject", subject, 128), ("purpose", purpose, 256))
        for name, value, limit in limits:
            if len(value) > limit:
                raise LedgerInvalid(f"the {name} has more than {limit} characters")
        key = self._keys.secret_for(_PURPOSE)
        with self._transactions.writing() as connection:
            entry = next_entry(
                _last(connection),
                at=at,
                actor=actor,
                role=role,
                action=action,
                subject=subject,
                purpose=purpose,
                key=key,
            )
            connection.execute(insert(ledger).values(vars(entry)))
        return entry

    def entries(self, *, subjects: Sequence[str] | None = None) -> list[Entry]:
        query = select(ledger).order_by(ledger.c.sequence)
        with self._transactions.reading() as connection:
            found = [_entry(row) for row in connection.execute(query).mappings()]
        wanted = None if subjects is None else set(subjects)
        return [entry for entry in found if wanted is None or entry.subject in wanted]

    def head(self) -> Head:
        with self._transactions.reading() as connection:
            last = connection.execute(_NEWEST).mappings().one_or_none()
        return head_of([_entry(last)] if last is not None else [])

    def verify(self, *, head: Head | None = None) -> Verdict:
        return verify(self.entries(), head=head, key=self._keys.secret_for(_PURPOSE))


def _last(connection: Connection) -> Entry | None:
    """The newest entry, with every other writer locked out until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(LEDGER_LOCK)))
    row = connection.execute(_NEWEST).mappings().one_or_none()
    return _entry(row) if row is not None else None


def _entry(row: RowMapping) -> Entry:
    return Entry(**{**row, "at": utc(row["at"])})
