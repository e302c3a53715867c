"""Labelled sentences from a file, a folder or a ZIP file, and what is odd about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from chatbot.adapters.intent_scoring import OUT_OF_SCOPE
from training.errors import CorpusInvalid
from training.findings import Finding, Problem, leaks, oddities
from training.readers import Format, Reading, read_drafts
from training.readers.faults import Fault
from training.readers.rows import utterance
from training.utterance import HAN, Utterance, normalise

__all__ = [
    "HAN",
    "Corpus",
    "Finding",
    "Problem",
    "Utterance",
    "check_trainable",
    "examine_corpus",
    "normalise",
    "read_corpus",
]

SMALLEST_CHOICE = 2
FEWEST_ROWS = 8
"""In-scope rows. Fewer leave nothing to hold out, and a model that learnt nothing."""


@dataclass(frozen=True)
class Corpus:
    path: Path
    utterances: tuple[Utterance, ...]
    findings: tuple[Finding, ...]
    sha256: str
    format: Format = Format.CSV

    @property
    def intents(self) -> tuple[str, ...]:
        """In-scope intents, sorted."""
        return tuple(sorted({u.intent for u in self.utterances} - {OUT_OF_SCOPE}))

    @property
    def has_chinese(self) -> bool:
        return any(
            u.language.startswith("zh") or HAN.search(u.text) is not None for u in self.utterances
        )

    def without_repeats(self) -> Corpus:
        """The first of several rows that say the same with the same intent."""
        first: dict[tuple[str, str], Utterance] = {}
        for row in self.utterances:
            first.setdefault((row.key, row.intent), row)
        return replace(self, utterances=tuple(first.values()))

    def without_leaks(self, *measuring: Corpus) -> Corpus:
        """Without the rows whose text one of the others holds too, each of them reported.

        Texts that differ only in case, width, spacing or punctuation count as the same.
        """
        others = {corpus.path: corpus.utterances for corpus in measuring}
        leaked = {id(row): finding for row, finding in leaks(self.utterances, others)}
        return replace(
            self,
            utterances=tuple(row for row in self.utterances if id(row) not in leaked),
            findings=(*self.findings, *leaked.values()),
        )


def read_corpus(path: Path) -> Corpus:
    """CSV, JSONL, Rasa NLU, Dialogflow ES or Chatwoot, chosen by name and content.

    Raises CorpusInvalid at the first fault; rows without a text are left out and reported.
    """
    corpus, faults = examine_corpus(path)
    if corpus is None or faults:
        raise faults[0]
    return corpus


def examine_corpus(path: Path) -> tuple[Corpus | None, tuple[CorpusInvalid, ...]]:
    """Every row that can be used and every fault; no corpus where the file cannot be read."""
    try:
        reading = read_drafts(path)
    except CorpusInvalid as fault:
        return None, (fault,)
    checked = list(_checked(reading))
    rows = [row for row in checked if isinstance(row, Utterance)]
    faults = tuple(fault for fault in checked if isinstance(fault, CorpusInvalid))
    kept = tuple(row for row in rows if row.text)
    if not kept:
        return None, faults or (Fault.NO_ROWS.at(path),)
    findings = (*reading.findings, *oddities(rows, kept))
    return Corpus(path, kept, findings, reading.sha256, reading.format), faults


def check_trainable(corpus: Corpus) -> None:
    """Raises CorpusInvalid where there is too little to choose between or to learn from."""
    rows = sum(row.intent != OUT_OF_SCOPE for row in corpus.utterances)
    if len(corpus.intents) < SMALLEST_CHOICE:
        raise Fault.ONE_CLASS.at(
            corpus.path, count=len(corpus.intents), outside=OUT_OF_SCOPE, fewest=SMALLEST_CHOICE
        )
    if rows < FEWEST_ROWS:
        raise Fault.FEW_ROWS.at(corpus.path, count=rows, fewest=FEWEST_ROWS)


def _checked(reading: Reading) -> Iterator[Utterance | CorpusInvalid]:
    for draft in reading.drafts:
        try:
            yield utterance(draft)
        except CorpusInvalid as fault:
            yield fault
