"""A key ring in a folder: `masters.json`, and one record a customer below `customers/`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from privacy.errors import KeyRingInvalid, KeyUnavailable
from privacy.key_files import (
    decode_masters,
    decode_record,
    encode_masters,
    encode_record,
    locked,
    overwrite_private,
    private_folder,
    read_private,
    write_private,
)
from privacy.key_wrapping import (
    KeyRecord,
    Masters,
    customer_tag,
    derive_secret,
    new_masters,
    open_record,
    status_of,
    with_fresh_key,
    without_key,
    wrapped_anew,
)
from privacy.keyring import Clock, DataKey, KeyRingStatus, Progress, utc_now

_Decoded = TypeVar("_Decoded")


class FileKeyRing:
    """Any number of processes on one machine may use the folder at the same time.

    Master key and wrapped keys stand together: whoever copies the folder *and* the database can
    read everything, and whoever copies the folder before an erasure keeps that key. Locks are
    `flock`, so the folder must not lie on a network share.
    """

    def __init__(self, folder: Path, *, now: Clock = utc_now) -> None:
        self._folder = folder
        self._now = now
        self._masters_path = folder / "masters.json"
        self._records_folder = folder / "customers"
        private_folder(folder)
        private_folder(self._records_folder)
        self._lock_path = folder / "lock"
        with locked(self._lock_path):
            if read_private(self._masters_path) is None:
                self._found()

    def _found(self) -> None:
        if next(self._paths(), None) is not None:
            raise KeyRingInvalid(
                self._masters_path,
                "it is missing although customers have keys",
                remedy="Restore it from the backup of the keys.",
            )
        write_private(self._masters_path, encode_masters(new_masters(self._now())))

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
        if record.key is not None and masters.get(record.key.master_id) is None:
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

    def rotate(self, *, progress: Progress | None = None) -> str:
        with locked(self._lock_path):
            masters = self._masters()
            former = {master.id for master in masters.keys}
            masters = masters.with_new(self._now())
            write_private(self._masters_path, encode_masters(masters))
        # Keys made from here on use the new master, so the list need not be read again.
        paths = list(self._paths())
        for done, path in enumerate(paths, start=1):
            # The lock is taken key by key: customers go on writing during a long rotation.
            with locked(self._lock_path):
                self._wrap_anew(path)
            if progress is not None:
                progress(done, len(paths))
        with locked(self._lock_path):
            overwrite_private(self._masters_path, encode_masters(self._masters().without(former)))
        return masters.current.id

    def _wrap_anew(self, path: Path) -> None:
        record, masters = self._record(path.stem), self._masters()
        anew = wrapped_anew(record, masters, path.stem)
        if anew != record:
            write_private(path, encode_record(anew))

    def status(self) -> KeyRingStatus:
        records = {path.stem: self._record(path.stem) for path in self._paths()}
        return status_of(records, self._masters())

    def secret_for(self, purpose: str) -> bytes:
        return derive_secret(self._masters(), purpose)

    def _masters(self) -> Masters:
        masters = _read(self._masters_path, decode_masters)
        if masters is None:
            raise KeyRingInvalid(
                self._masters_path,
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
        return _read(self._path(tag), decode_record) or KeyRecord()


def _read(path: Path, decode: Callable[[Path, bytes], _Decoded]) -> _Decoded | None:
    content = read_private(path)
    if content is None:
        return None
    try:
        return decode(path, content)
    except KeyRingInvalid:
        # Replaced and blanked while it was being read: the path leads to the new file by now.
        again = read_private(path)
        if again is None or again == content:
            raise
        return decode(path, again)
