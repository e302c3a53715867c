"""Which passages belong to which document and tag, without reading any of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passages import Document, Passage

Rows = NDArray[np.int32]
_HASH_BYTES = 8
_ARRAYS = ("owners", "hashes", "numbers", "tagged")
_SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")


@dataclass(frozen=True, eq=False)
class Catalogue:
    owners: Rows
    """`(passages,)`, the number of each one's document, ascending."""
    hashes: NDArray[np.uint64]
    """`(documents,)`, of their ids, ascending."""
    numbers: Rows
    """`(documents,)`, in the order of `hashes`."""
    tagged: Mapping[str, Rows]
    """The passages that bear each tag, ascending."""

    @classmethod
    def build(cls, documents: Sequence[Document], passages: Sequence[Passage]) -> Catalogue:
        places = {document.id: number for number, document in enumerate(documents)}
        hashes = np.array([_hash(name) for name in places], dtype=np.uint64)
        order = np.argsort(hashes, kind="stable").astype(np.int32)
        owners, tagged = [], dict[str, list[int]]()
        for row, passage in enumerate(passages):
            owners.append(places[passage.document_id])
            for tag in dict.fromkeys(passage.tags):
                tagged.setdefault(tag, []).append(row)
        return cls(
            owners=np.array(owners, dtype=np.int32),
            hashes=hashes[order],
            numbers=order,
            tagged={tag: np.array(rows, dtype=np.int32) for tag, rows in tagged.items()},
        )

    @classmethod
    def load(cls, folder: Path) -> Catalogue:
        """Raises OSError, ValueError or KeyError on files that `save` did not write."""
        arrays = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in _ARRAYS}
        counts = json.loads((folder / "tags.json").read_text("utf-8"))
        ends = np.cumsum([count for _, count in counts], dtype=np.int64)
        # Behind the last part comes an empty one.
        parts = np.split(arrays.pop("tagged"), ends)[:-1]
        tagged = {name: part for (name, _), part in zip(counts, parts, strict=True)}
        return cls(**arrays, tagged=tagged)

    def save(self, folder: Path) -> None:
        parts = [*self.tagged.values()]
        tagged = np.concatenate(parts) if parts else np.empty(0, dtype=np.int32)
        arrays: list[NDArray[Any]] = [self.owners, self.hashes, self.numbers, tagged]
        for name, array in zip(_ARRAYS, arrays, strict=True):
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        counts = [(tag, len(rows)) for tag, rows in self.tagged.items()]
        (folder / "tags.json").write_text(json.dumps(counts), "utf-8")

    def find(self, document_id: str) -> list[int]:
        """The numbers of the documents that may have that id: nearly always one at most."""
        value = np.uint64(_hash(document_id))
        first, end = (np.searchsorted(self.hashes, value, side=side) for side in _SIDES)
        return [int(number) for number in self.numbers[first:end]]


class ById(Mapping[str, Document]):
    """Documents that are read when they are asked for; `find` says which ones an id may mean."""

    def __init__(self, documents: Sequence[Document], find: Callable[[str], Sequence[int]]) -> None:
        self._documents = documents
        self._find = find

    def __getitem__(self, document_id: str) -> Document:
        for number in self._find(document_id):
            if (document := self._documents[number]).id == document_id:
                return document
        raise KeyError(document_id)

    def __iter__(self) -> Iterator[str]:
        return (document.id for document in self._documents)

    def __len__(self) -> int:
        return len(self._documents)


def _hash(document_id: str) -> int:
    name = document_id.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(name, digest_size=_HASH_BYTES).digest(), "little")
