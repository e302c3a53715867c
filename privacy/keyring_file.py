"""A key ring in a folder: `masters.json`, and one record a customer below `customers/`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from privacy.errors import KeyRingInvalid, KeyUnavailable
from privacy.key_files import (
    decode_record,
    encode_record,
    locked,
    overwrite_private,
    private_folder,
    read_whole,
    write_private,
)
from privacy.key_wrapping import (
    KeyRecord,
    Masters,
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
from privacy.master_file import MasterFile
from privacy.master_source import MasterKeySource


class FileKeyRing:
    """Any number of processes on one machine may use the folder at the same time.

    Without a keeper, master key and wrapped keys stand together: whoever copies the folder *and*
    the database can read everything. With one, the folder holds wrapped keys only. Whoever copies
    the folder before an erasure keeps that key either way. Locks are `flock`, so the folder must
    not lie on a network share.
    """

    def __init__(
        self, folder: Path, *, keepers: Sequence[MasterKeySource] = (), now: Clock = utc_now
    ) -> None:
        """The last of `keepers` wraps the masters from the next rotation on; the others are for
        what was wrapped by them. Masters that lie open are wrapped at once: rotate soon after,
        since older copies of the folder hold them still."""
        self._folder = folder
        self._now = now
        self._master_file = MasterFile(folder / "masters.json", keepers)
        self._records_folder = folder / "customers"
        private_folder(folder)
        private_folder(self._records_folder)
        self._lock_path = folder / "lock"
        with locked(self._lock_path):
            if self._master_file.exists():
                self._master_file.close_up()
            else:
                self._found()
        # A key that is missing or wrong is said at the start, not when a customer writes.
        self._masters()

    def _found(self) -> None:
        if next(self._paths(), None) is not None:
            raise KeyRingInvalid(
                self._master_file.path,
                "it is missing although customers have keys",
                remedy="Restore it from the backup of the keys.",
            )
        self._master_file.write(new_masters(self._now()))

    def data_key(self, customer: str) -> DataKey:
        with suppress(KeyUnavailable):
            return self.find(customer)
        tag = self._tag(customer)
        with locked(self._lock_path):
            masters, record = self._masters(), self._record(tag)
            if record.key is None:
                record = with_fresh_key(record, masters, tag, now=self._now())
                private_folder(self._path(tag).parent)
                write_private(self._path(tag), encode_record(record))
            return open_record(record, masters, tag)

    def find(self, customer: str, *, key_id: str | None = None) -> DataKey:
        tag = self._tag(customer)
        record, masters = self._record(tag), self._masters()
        if not record.opens_with(masters):
            # A rotation passed between the two reads.
            with locked(self._lock_path):
                record, masters = self._record(tag), self._masters()
        return open_record(record, masters, tag, key_id=key_id)

    def destroy(self, customer: str) -> bool:
        tag = self._tag(customer)
        with locked(self._lock_path):
            record = self._record(tag)
            if record.key is None:
                return False
            overwrite_private(self._path(tag), encode_record(without_key(record)))
            return True

    def history(self, customer: str) -> KeyHistory:
        return history_of(self._record(self._tag(customer)))

    def renew(self, customer: str, *, older_than: datetime) -> KeyHistory:
        tag = self._tag(customer)
        with locked(self._lock_path):
            masters, record = self._masters(), self._record(tag)
            anew = renewed(record, masters, tag, now=self._now(), older_than=older_than)
            if anew != record:
                write_private(self._path(tag), encode_record(anew))
            return history_of(anew)

    def retire(self, customer: str, key_ids: Collection[str]) -> int:
        tag = self._tag(customer)
        with locked(self._lock_path):
            record = self._record(tag)
            anew = retired(record, key_ids)
            if anew != record:
                overwrite_private(self._path(tag), encode_record(anew))
            return len(record.former) - len(anew.former)

    def rotate(self, *, progress: Progress | None = None) -> str:
        with locked(self._lock_path):
            masters = self._masters()
            former = {master.id for master in masters.keys}
            masters = masters.with_new(self._now())
            self._master_file.write(masters)
        # Keys made from here on use the new master, so the list need not be read again.
        paths = list(self._paths())
        for done, path in enumerate(paths, start=1):
            # The lock is taken key by key: customers go on writing during a long rotation.
            with locked(self._lock_path):
                self._wrap_anew(path)
            if progress is not None:
                progress(done, len(paths))
        with locked(self._lock_path):
            self._master_file.overwrite(self._masters().without(former))
        return masters.current.id

    def _wrap_anew(self, path: Path) -> None:
        record, masters = self._record(path.stem), self._masters()
        anew = wrapped_anew(record, masters, path.stem)
        if anew != record:
            write_private(path, encode_record(anew))

    def status(self) -> KeyRingStatus:
        records = {path.stem: self._record(path.stem) for path in self._paths()}
        return replace(status_of(records, self._masters()), kept_by=self._master_file.kept_by())

    def secret_for(self, purpose: str) -> bytes:
        return derive_secret(self._masters(), purpose)

    def _masters(self) -> Masters:
        masters = self._master_file.read()
        if masters is None:
            raise KeyRingInvalid(
                self._master_file.path,
                "it is missing",
                remedy="Restore it from the backup of the keys.",
            )
        return masters

    def _tag(self, customer: str) -> str:
        return customer_tag(self._masters(), customer)

    def _path(self, tag: str) -> Path:
        return self._records_folder / tag[:2] / f"{tag}.json"

    def _paths(self) -> Iterator[Path]:
        return self._records_folder.glob("??/*.json")

    def _record(self, tag: str) -> KeyRecord:
        return read_whole(self._path(tag), decode_record) or KeyRecord()
