"""A Milvus server: the versions it holds of a collection, and which of them serves.

A version is three Milvus collections, `kefu_<collection>__<version>_<part>`:

    passages    row · words (sparse: what each term adds) · marks · pieces of the passage's JSON
    vectors     number · row · vector · marks
    terms       key · term · place in `words` · rarity; key 0 holds the version's facts instead

The alias `kefu_<collection>` names the passages of the version that serves, and is switched in one
step. Facts are written last: a version without them was never finished. Filters hold nothing but
whole numbers, so no text of a customer or a company is ever read as an expression.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from chatbot.errors import ExtraMissing, KnowledgeServerUnavailable, NotFound
from knowledge_base.errors import IndexMissing, IndexOutdated

try:
    import grpc
    from pymilvus import MilvusClient
    from pymilvus.exceptions import MilvusException
except ModuleNotFoundError:
    raise ExtraMissing("Milvus", "milvus") from None

FORMAT = 2
"""Raised whenever older versions would be searched wrongly."""
PASSAGES, VECTORS, TERMS = "passages", "vectors", "terms"
PARTS = (PASSAGES, VECTORS, TERMS)
FACTS = 0
"""The key of the row of `terms` that holds no term."""
LOAD_SECONDS = 600.0
"""For a million vectors."""
_NO_ALIAS = frozenset({100, 1600})
"""Codes of "not found" in milvus-lite and of "alias not found" in Milvus."""
_LOST = frozenset({2, grpc.StatusCode.UNAVAILABLE})
_LATE = grpc.StatusCode.DEADLINE_EXCEEDED
_VERSION = re.compile(r"(.+)__(\d{8}T\d{6}Z)_([0-9a-f]{8})_(?:passages|vectors|terms)")


@dataclass(frozen=True)
class Facts:
    """What must be known of a version before it is searched."""

    format: int
    encoder: str
    fingerprint: str
    unknown: float
    """The rarity of a term that no passage holds."""
    passages: int
    vectors: int
    index: str
    """How vectors are searched: a kind that Milvus knows."""


class MilvusServer:
    """Connects with the first request, and again after a loss. Threads may share it.

    Raises KnowledgeServerUnavailable from every method. What the server says of an error is not
    repeated: it may quote what it was asked.
    """

    def __init__(self, uri: str, *, token: SecretStr | None = None, seconds: float = 5.0) -> None:
        self._uri = uri
        self._token = token.get_secret_value() if token is not None else ""
        self._seconds = seconds
        self._client: Any = None
        self._lock = threading.Lock()
        # It logs every error with a stack trace, those among them that are expected here.
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL + 1)

    @contextmanager
    def asked(self) -> Iterator[Any]:
        """The client; each of its calls must be given `timeout=server.seconds`."""
        try:
            with self._lock:
                if self._client is None:
                    self._client = MilvusClient(
                        uri=self._uri, token=self._token, timeout=self._seconds
                    )
            yield self._client
        except MilvusException as error:
            raise KnowledgeServerUnavailable(_reason(error.code)) from None
        except grpc.RpcError as error:
            raise KnowledgeServerUnavailable(_reason(error.code())) from None

    @property
    def seconds(self) -> float:
        return self._seconds

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def current_version(self, collection: str) -> str:
        """Raises IndexMissing before the first one was copied here."""
        with self.asked() as client:
            try:
                serving = client.describe_alias(alias_of(collection), timeout=self._seconds)
            except MilvusException as error:
                if error.code in _NO_ALIAS:
                    raise IndexMissing(Path(collection)) from None
                raise
        return version_in(serving["collection_name"], collection) or ""

    def versions(self, collection: str) -> list[str]:
        """Those that were begun, oldest first."""
        with self.asked() as client:
            names = client.list_collections(timeout=self._seconds)
        return sorted({v for name in names if (v := version_in(name, collection))})

    def facts(self, collection: str, version: str) -> Facts | None:
        """None for a version that is not there or was never finished. Raises IndexOutdated."""
        name = part_of(collection, version, TERMS)
        with self.asked() as client:
            if not client.has_collection(name, timeout=self._seconds):
                return None
            # A copy that ended between two steps of making it.
            if not client.list_indexes(name):
                return None
            self._load(client, name)
            found = client.get(name, ids=[FACTS], output_fields=["term"], timeout=self._seconds)
        if not found:
            return None
        row = json.loads(found[0]["term"])
        if row.get("format") != FORMAT:
            raise IndexOutdated(found=row.get("format"), expected=FORMAT)
        return Facts(**row)

    def load(self, collection: str, version: str) -> None:
        """Into the server's memory, where it is not there; an embedded one forgets at its end."""
        with self.asked() as client:
            for part in PARTS:
                self._load(client, part_of(collection, version, part))

    def _load(self, client: Any, name: str) -> None:
        if client.get_load_state(name, timeout=self._seconds)["state"].name != "Loaded":
            client.load_collection(name, timeout=LOAD_SECONDS)

    def switch(self, collection: str, version: str) -> str | None:
        """Let that version serve, a new one or an older one again; the one that did before.

        Raises NotFound for a version that is not whole.
        """
        if self.facts(collection, version) is None:
            raise NotFound("version")
        alias, passages = alias_of(collection), part_of(collection, version, PASSAGES)
        try:
            before = self.current_version(collection)
        except IndexMissing:
            with self.asked() as client:
                client.create_alias(passages, alias, timeout=self._seconds)
            return None
        with self.asked() as client:
            client.alter_alias(passages, alias, timeout=self._seconds)
        return before

    def remove(self, collection: str, version: str) -> None:
        with self.asked() as client:
            for part in PARTS:
                name = part_of(collection, version, part)
                client.drop_collection(name, timeout=self._seconds)

    def prune(self, collection: str, *, before: str | None) -> None:
        """Leave the version that serves, the one `before` it, which searches may still read, and
        the newest other."""
        kept = {self.current_version(collection), before}
        others = [v for v in self.versions(collection) if v not in kept]
        for version in others[:-1]:
            self.remove(collection, version)

    def sweep(self, collection: str, *, kept: str | None) -> int:
        """How many versions were dropped, begun ones among them: all but the one that is kept.

        Nothing serves where none is kept. The server frees the space in its own time.
        """
        if kept is None:
            with self.asked() as client:
                try:
                    client.drop_alias(alias_of(collection), timeout=self._seconds)
                except MilvusException as error:
                    if error.code not in _NO_ALIAS:
                        raise
        others = [version for version in self.versions(collection) if version != kept]
        for version in others:
            self.remove(collection, version)
        return len(others)


def facts_row(facts: Facts) -> dict[str, Any]:
    text = json.dumps(asdict(facts))
    return {"key": FACTS, "term": text, "place": 0, "rarity": 0.0, "unused": [0.0, 0.0]}


def key_of(text: str) -> int:
    """A whole number above 0 for a term or tag; two of a million share one with odds of 1:10⁷."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return (int.from_bytes(digest) >> 1) or 1


def alias_of(collection: str) -> str:
    return f"kefu_{collection.replace('-', '_')}"


def part_of(collection: str, version: str, part: str) -> str:
    # Names of collections hold no capital letter, so a version cannot be read into one.
    return f"{alias_of(collection)}__{version.replace('-', '_')}_{part}"


def among(field: str, numbers: Sequence[int]) -> str:
    """A filter."""
    return f"{field} in [{', '.join(map(str, map(int, numbers)))}]"


def _reason(code: object) -> str:
    if code in _LOST:
        return "there is no connection"
    return "it takes too long" if code == _LATE else f"it answers with error {code}"


def version_in(name: str, collection: str) -> str | None:
    match = _VERSION.fullmatch(name)
    if match is None or match[1] != alias_of(collection):
        return None
    return f"{match[2]}-{match[3]}"
