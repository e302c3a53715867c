"""The vectors of passages: what is known is taken over, the rest is encoded and kept as it comes.

A text counts as known by the hash of its kind and its words. Weakness: a vector depends a little
on the texts that were encoded beside it, so one that is taken over may differ from a new one as
much as two batches do (see EncoderOnnx); texts are batched in the same way in every build of the
same texts.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.dense import Rows
from knowledge_base.embedding import Embedder, Vectors
from knowledge_base.passages import Passage
from knowledge_base.vault import Vault

Progress = Callable[[str, int, int], None]
"""Called with the stage (`reuse`, `encode`, `index`), steps done and steps in all."""
Fetch = Callable[[NDArray[np.int64]], Vectors]

_TEXTS_A_STEP = 256
_KEY_BYTES = 16
_HASH_BYTES = 32
_TEXT, _QUESTION = "text", "question"
Item = tuple[str, str]
"""The kind of a text, and the text."""


@dataclass(frozen=True)
class Encoded:
    vectors: Vectors
    rows: Rows
    """The passage that each vector stands for."""
    new: int
    """Texts that the encoder read; the others are those of `reused` and `resumed`."""
    reused: int
    resumed: int


class Stock:
    """Known vectors by their texts; `fetch` reads them where they lie."""

    def __init__(self) -> None:
        self._sources: list[Fetch] = []
        self._places: dict[bytes, tuple[int, int]] = {}

    def add(self, keys: Iterable[bytes], fetch: Fetch) -> None:
        """`fetch` is asked by the numbers of the keys; what is there already stays."""
        source = len(self._sources)
        self._sources.append(fetch)
        for number, key in enumerate(keys):
            self._places.setdefault(key, (source, number))

    def add_passages(self, passages: Iterable[Passage], fetch: Fetch) -> None:
        """Whose vectors lie one behind the other: of the text, then of each question."""
        self.add((_key(item) for passage in passages for item in _items(passage)), fetch)

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def fill(self, vectors: Vectors, rows: Sequence[int], keys: Sequence[bytes]) -> None:
        """Put the vector of each key into its row of `vectors`."""
        places = np.array([self._places[key] for key in keys], dtype=np.int64).reshape(-1, 2)
        targets = np.array(rows, dtype=np.int64)
        for source, fetch in enumerate(self._sources):
            here = places[:, 0] == source
            if here.any():
                vectors[targets[here]] = fetch(places[here, 1])


class Unfinished:
    """What a build has encoded so far, so that it need not be done again if the build is killed.

    One file for each step, sealed as the vault seals all: the hash of the rest, keys, vectors.
    """

    def __init__(self, folder: Path, embedder: Embedder, vault: Vault) -> None:
        mark = hashlib.sha256(embedder.fingerprint.encode()).hexdigest()[:16]
        self.folder = folder.with_name(f"{folder.name}-{mark}")
        self._dimension = embedder.dimension
        self._vault = vault
        self._next = 0

    def read(self) -> Iterator[tuple[list[bytes], Vectors]]:
        """Up to the first file that is missing or damaged, which the next step replaces."""
        while (found := self._step(self._next)) is not None:
            self._next += 1
            yield found

    def _step(self, number: int) -> tuple[list[bytes], Vectors] | None:
        try:
            data = self._vault.read(self._file(number))
        except FileNotFoundError:
            return None
        except self._vault.broken:
            return None
        rest = data[_HASH_BYTES:]
        count, odd = divmod(len(rest), _KEY_BYTES + 4 * self._dimension)
        if odd or hashlib.sha256(rest).digest() != data[:_HASH_BYTES]:
            return None
        ends = range(_KEY_BYTES, _KEY_BYTES * count + 1, _KEY_BYTES)
        vectors = np.frombuffer(rest, dtype=np.float32, offset=_KEY_BYTES * count)
        return [rest[end - _KEY_BYTES : end] for end in ends], vectors.reshape(count, -1)

    def keep(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        rest = b"".join([*keys, vectors.tobytes()])
        self.folder.mkdir(parents=True, exist_ok=True)
        self._vault.write(self._file(self._next), hashlib.sha256(rest).digest() + rest)
        self._next += 1

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:06}.vectors"


def encode(
    passages: Sequence[Passage],
    embedder: Embedder,
    *,
    stock: Stock,
    unfinished: Unfinished,
    progress: Progress,
) -> Encoded:
    """One vector for the text of each passage, and one for each of its questions behind it.

    `stock` gains what `unfinished` holds.
    """
    numbers: dict[Item, int] = {}
    wanted, rows = [], []
    for row, passage in enumerate(passages):
        for item in _items(passage):
            wanted.append(numbers.setdefault(item, len(numbers)))
            rows.append(row)
    items = [*numbers]
    keys = [_key(item) for item in items]
    reused = sum(key in stock for key in keys)
    for kept, vectors in unfinished.read():
        stock.add(kept, vectors.__getitem__)
    known = [number for number, key in enumerate(keys) if key in stock]
    if known:
        progress("reuse", len(known), len(known))
    found = np.empty((len(items), embedder.dimension), dtype=np.float32)
    stock.fill(found, known, [keys[number] for number in known])
    missing = sorted({*range(len(items))} - {*known})
    _encode_missing(found, items, missing, embedder, unfinished=unfinished, progress=progress)
    return Encoded(
        *(found[wanted], np.array(rows, dtype=np.int32)),
        new=len(missing),
        reused=reused,
        resumed=len(known) - reused,
    )


def _encode_missing(
    found: Vectors,
    items: Sequence[Item],
    missing: Sequence[int],
    embedder: Embedder,
    *,
    unfinished: Unfinished,
    progress: Progress,
) -> None:
    done = 0
    for kind, encoder in ((_TEXT, embedder.encode_passages), (_QUESTION, embedder.encode_queries)):
        mine = [number for number in missing if items[number][0] == kind]
        # Of one length, little is padded. The longest first: the end comes no later than it seems.
        mine.sort(key=lambda number: -len(items[number][1].encode("utf-8", "replace")))
        for start in range(0, len(mine), _TEXTS_A_STEP):
            if not done:
                progress("encode", 0, len(missing))
            step = mine[start : start + _TEXTS_A_STEP]
            found[step] = encoder([items[number][1] for number in step])
            unfinished.keep([_key(items[number]) for number in step], found[step])
            done += len(step)
            progress("encode", done, len(missing))


def _items(passage: Passage) -> Iterator[Item]:
    yield _TEXT, f"{passage.title or passage.questions[0]}\n{passage.text}"
    for question in passage.questions:
        yield _QUESTION, question


def _key(item: Item) -> bytes:
    # Half of a surrogate pair cannot be written as UTF-8, but a file's JSON may spell it.
    words = "\0".join(item).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(words, digest_size=_KEY_BYTES).digest()
