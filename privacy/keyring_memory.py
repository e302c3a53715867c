"""A key ring that ends with the process: for tests and trials."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import datetime

from privacy.key_wrapping import (
    KeyRecord,
    customer_tag,
    derive_secret,
    history_of,
    new_masters,
    open_record,
    renewed,
    retired,
    status_of,
    with_fresh_key,
    without_key,
    wrapped_anew,
)
from privacy.keyring import Clock, DataKey, KeyHistory, KeyRingStatus, Progress, utc_now


class MemoryKeyRing:
    """One process only; what it sealed is unreadable once it is gone."""

    def __init__(self, *, now: Clock = utc_now) -> None:
        self._now = now
        self._masters = new_masters(now())
        self._records: dict[str, KeyRecord] = {}
        self._lock = threading.Lock()

    def data_key(self, customer: str) -> DataKey:
        tag = customer_tag(self._masters, customer)
        with self._lock:
            record = self._records.get(tag, KeyRecord())
            if record.key is None:
                record = with_fresh_key(record, self._masters, tag, now=self._now())
                self._records[tag] = record
            return open_record(record, self._masters, tag)

    def find(self, customer: str, *, key_id: str | None = None) -> DataKey:
        tag = customer_tag(self._masters, customer)
        with self._lock:
            record = self._records.get(tag, KeyRecord())
            return open_record(record, self._masters, tag, key_id=key_id)

    def destroy(self, customer: str) -> bool:
        tag = customer_tag(self._masters, customer)
        with self._lock:
            record = self._records.get(tag, KeyRecord())
            if record.key is None:
                return False
            self._records[tag] = without_key(record)
            return True

    def history(self, customer: str) -> KeyHistory:
        tag = customer_tag(self._masters, customer)
        with self._lock:
            return history_of(self._records.get(tag, KeyRecord()))

    def renew(self, customer: str, *, older_than: datetime) -> KeyHistory:
        tag = customer_tag(self._masters, customer)
        with self._lock:
            record = self._records.get(tag, KeyRecord())
            now = self._now()
            self._records[tag] = record = renewed(
                record, self._masters, tag, now=now, older_than=older_than
            )
            return history_of(record)

    def retire(self, customer: str, key_ids: Collection[str]) -> int:
        tag = customer_tag(self._masters, customer)
        with self._lock:
            record = self._records.get(tag, KeyRecord())
            anew = retired(record, key_ids)
            if anew != record:
                self._records[tag] = anew
            return len(record.former) - len(anew.former)

    def rotate(self, *, progress: Progress | None = None) -> str:
        with self._lock:
            former = {master.id for master in self._masters.keys}
            self._masters = self._masters.with_new(self._now())
            for done, (tag, record) in enumerate(list(self._records.items()), start=1):
                self._records[tag] = wrapped_anew(record, self._masters, tag)
                if progress is not None:
                    progress(done, len(self._records))
            self._masters = self._masters.without(former)
            return self._masters.current.id

    def status(self) -> KeyRingStatus:
        with self._lock:
            return status_of(self._records, self._masters)

    def secret_for(self, purpose: str) -> bytes:
        return derive_secret(self._masters, purpose)
