"""Look at labelled data before anybody trains on it: faults, oddities, rows in two files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from training.corpus import Corpus, check_trainable, examine_corpus
from training.errors import CorpusInvalid
from training.findings import Finding, Problem


@dataclass(frozen=True)
class DataCheck:
    path: Path
    corpus: Corpus | None
    """None where the file cannot be read at all."""
    faults: tuple[CorpusInvalid, ...]
    """Each of them keeps `kefu train intent` from starting."""
    findings: tuple[Finding, ...]

    @property
    def leaked(self) -> int:
        """Rows that training leaves out because another file measures with them."""
        return sum(finding.problem is Problem.LEAK for finding in self.findings)

    @property
    def languages(self) -> dict[str, int]:
        rows = self.corpus.utterances if self.corpus is not None else ()
        return dict(sorted(Counter(row.language for row in rows).items()))


def check_data(path: Path, against: Sequence[Path] = ()) -> DataCheck:
    """What `kefu train intent --data PATH` would meet; `against` are the files that measure."""
    corpus, faults = examine_corpus(path)
    examined = [examine_corpus(other) for other in against]
    measuring = [other for other, _ in examined if other is not None]
    found = [*faults, *(fault for _, others in examined for fault in others)]
    if corpus is None:
        return DataCheck(path, None, tuple(found), ())
    corpus = corpus.without_leaks(*measuring)
    try:
        check_trainable(corpus.without_repeats())
    except CorpusInvalid as fault:
        found.append(fault)
    return DataCheck(path, corpus, tuple(found), corpus.findings)
