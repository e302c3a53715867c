"""Customers' sentences in files below KEFU_HOME, and which model versions learnt them.

Training keeps, for every run, fingerprints of the reviewed sentences that it taught or measured
with (`training/<collection>/runs/<id>/state.json`), and while it works the rows themselves.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from chatbot.file_vault import SEALED, FileVault, sealed_name
from chatbot.intent_versions import read_intent_versions
from chatbot.privacy_ports import Counts, Models
from chatbot.same_words import fingerprint
from chatbot.settings import Settings
from chatbot.vault_home import open_vault
from knowledge_base.collection import Collection, list_collections
from knowledge_base.errors import KnowledgeError
from knowledge_base.storage import write_atomically
from privacy.errors import PrivacyError

_MARK = "\ufeff"
_SHORTEST_REFERENCE = 6
"""Characters: a shorter one, such as `c1`, stands in many texts that mean nobody."""
Reviewed = Mapping[str, Mapping[str, str]]
Row = Mapping[Any, Any]


class HomeFiles:
    def __init__(self, settings: Settings, *, vault: FileVault | None = None) -> None:
        self._training = settings.home / "training"
        self._intents = settings.intents_home
        self._collections = settings.collections_home
        # Where people are told to put rows, and where exports of the review queue end up.
        self._places = (self._training, self._intents, settings.home / "demo")
        self._home = settings.home
        self._vault = vault or open_vault(settings)

    def models(self, reviewed: Reviewed) -> Models:
        taught, measured = [], []
        for collection, sentences in reviewed.items():
            prints = {fingerprint(text) for text in sentences.values()}
            for run in self._runs(collection):
                learnt = len(prints.intersection(run.get("learnt") or ()))
                seen = len(prints.intersection(run.get("measured") or ()))
                if learnt:
                    taught.append(self._met(collection, run, learnt))
                if seen:
                    measured.append(self._met(collection, run, seen))
        return {"taught": taught, "measured": measured}

    def _met(self, collection: str, run: Mapping[str, Any], sentences: int) -> dict[str, Any]:
        """A run that has not come to a version yet, or never did, is named itself."""
        version = run.get("version")
        states = {
            one.name: one.state if one.kept else "deleted"
            for one in read_intent_versions(self._intents, collection).versions
        }
        return {
            "collection": collection,
            "version": version or f"run {run.get('id')}",
            "state": states.get(str(version), "deleted") if version else "unfinished",
            "sentences": sentences,
        }

    def _runs(self, collection: str) -> Iterator[Mapping[str, Any]]:
        for path in sorted((self._training / collection / "runs").glob("*/state.json")):
            # A run that cannot be read cannot be continued or promoted either.
            try:
                state = json.loads(path.read_text(encoding="utf-8"))
            except ValueError:
                continue
            if isinstance(state, dict):
                yield state

    def remove(self, reviewed: Reviewed) -> Counts:
        ids = {identifier for sentences in reviewed.values() for identifier in sentences}
        prints = {
            fingerprint(text) for sentences in reviewed.values() for text in sentences.values()
        }
        removed = left = 0
        for path in self._tables() if ids else ():
            if path.parent.parent.name == "runs":
                removed += self._drop(
                    path, lambda row: fingerprint(row.get("text") or "") in prints
                )
                continue
            removed += self._drop(path, lambda row: row.get("id") in ids)
            left += self._count(path, lambda row: fingerprint(row.get("text") or "") in prints)
        return {"training_rows": removed, "training_rows_of_same_words_left": left}

    def _tables(self) -> Iterator[Path]:
        """Under their plain names, those too that lie sealed inside a version."""
        yield from sorted(self._home.glob("*.csv"))
        for place in self._places:
            sealed = {path.with_suffix("") for path in place.rglob(f"*.csv{SEALED}")}
            yield from sorted({*place.rglob("*.csv"), *sealed})

    def _drop(self, path: Path, theirs: Callable[[Row], bool]) -> int:
        """How many rows left the file, which stays sealed or plain as it was."""
        read = _table(self._vault.read(path))
        if read is None:
            return 0
        marked, columns, rows = read
        kept = [row for row in rows if not theirs(row)]
        if len(kept) < len(rows):
            stream = io.StringIO(newline="")
            writer = csv.DictWriter(stream, columns, lineterminator="\n", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(kept)
            write = self._vault.write if sealed_name(path).exists() else write_atomically
            write(path, (_MARK * marked + stream.getvalue()).encode())
        return len(rows) - len(kept)

    def _count(self, path: Path, theirs: Callable[[Row], bool]) -> int:
        read = _table(self._vault.read(path))
        return 0 if read is None else sum(theirs(row) for row in read[2])

    def naming(self, customer: str) -> Sequence[Mapping[str, str]]:
        if len(customer) < _SHORTEST_REFERENCE:
            return ()
        reference = re.compile(rf"(?<!\w){re.escape(customer)}(?!\w)", re.IGNORECASE)
        return [
            found
            for name in list_collections(self._collections)
            for found in self._naming(name, reference)
        ]

    def _naming(self, name: str, reference: re.Pattern[str]) -> Iterator[Mapping[str, str]]:
        """A collection that cannot be read is told: an erasure must come to its end."""
        try:
            collection = Collection.within(self._collections, name, vault=self._vault)
            # What was deleted or replaced can still be read.
            documents = list(collection.ever_held())
        except (KnowledgeError, PrivacyError) as error:
            yield {"collection": name, "unreadable": type(error).__name__}
            return
        told: set[str] = set()
        for one in documents:
            words = (one.question, one.answer, one.title, *one.variants)
            if one.id not in told and reference.search("\n".join(words)):
                told.add(one.id)
                yield {"collection": name, "document_id": one.id}


class NoFiles:
    """Of a desk that stands on a database alone."""

    def models(self, reviewed: Reviewed) -> Models:
        return {"taught": (), "measured": ()}

    def remove(self, reviewed: Reviewed) -> Counts:
        return {"training_rows": 0, "training_rows_of_same_words_left": 0}

    def naming(self, customer: str) -> Sequence[Mapping[str, str]]:
        return ()


def _table(content: bytes) -> tuple[bool, Sequence[str], list[Row]] | None:
    """None for a table that is not one of Kefu's: no UTF-8, not CSV, or no column `text`."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    reader = csv.DictReader(io.StringIO(text.removeprefix(_MARK), newline=""))
    try:
        columns = reader.fieldnames or ()
        rows: list[Row] = [*reader]
    except csv.Error:
        return None
    return (text.startswith(_MARK), columns, rows) if "text" in columns else None
