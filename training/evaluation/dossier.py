"""All that an evaluation found out about a model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from training.evaluation.coverage import Coverage, measure_coverage
from training.evaluation.intent import Evaluation
from training.evaluation.rivalry import Rivalry


@dataclass(frozen=True)
class Dossier:
    data: str
    """Name of the file with the sentences."""
    model: str
    """The version."""
    threshold: float | None
    written_at: datetime
    evaluation: Evaluation
    rivalry: Rivalry | None = None

    @property
    def coverage(self) -> Coverage:
        evaluation = self.evaluation
        return measure_coverage(evaluation.utterances, evaluation.results, threshold=self.threshold)
