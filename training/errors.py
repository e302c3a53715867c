"""What can go wrong in training and evaluation.

KefuError
└── TrainingError
    ├── CorpusInvalid          a data file that cannot be used, with the line where it breaks
    ├── RecipeInvalid          a hyper-parameter that is missing, unknown or out of range
    ├── BaseModelUnavailable   the pretrained encoder is not there, or is none Kefu can train
    ├── OutputTaken            the output directory holds something that is not a model
    ├── TrainingStopped        somebody asked it to end; what it has is on disk
    ├── CheckpointMismatch     an unfinished training began from something else
    ├── CheckpointUnreadable   an unfinished training whose files are broken
    ├── RegistryError          the register of a collection's model versions
    │   ├── RegistryInvalid    registry.json cannot be understood
    │   ├── RegistryBusy       another process holds it for too long
    │   ├── VersionUnknown     a version that is not there, or no longer
    │   ├── VersionRefused     the gate refused it, and nobody overruled the gate
    │   ├── ChampionMoved      another version serves than the one that was compared
    │   └── NothingToRollBack  no earlier champion is left
    ├── RetrainingError        the retraining loop
    │   ├── TrainingDataMissing
    │   ├── RetrainingBusy     another process retrains the same collection
    │   ├── RunInvalid         a run id or a run folder that cannot be used
    │   └── TestRowsTaught     a frozen test row is among the rows to be trained on
    ├── ComparisonInvalid      a comparison of recipes that cannot be made as it was ordered
    ├── CompressionInvalid     a model that cannot be made smaller as it was ordered
    ├── RetrieverBusy          another process trains a retriever for the same home
    ├── RunUnusable            a kept measurement of retrieval that is not there or does not fit
    ├── ExplanationError       one prediction that cannot be explained
    │   ├── NothingToExplain   an empty text
    │   ├── IntentUnknown      an intent that the model was never taught
    │   └── WeightsMissing     a model without the weights that were trained
    ├── StepFailed             a step of the demonstration day did not end as it should
    ├── ProcessLost            a second process that ended without a result
    └── ReviewError            the queue of sentences that people label
        ├── ReviewInvalid      a reviewed file that cannot be used, with the line where it breaks
        └── ReviewItemUnknown
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from chatbot.errors import KefuError


class TrainingError(KefuError):
    pass


class CorpusInvalid(TrainingError):
    def __init__(
        self, path: Path, reason: str, *, line: int | None = None, chinese: str = ""
    ) -> None:
        where = f"{path}, line {line}" if line is not None else f"{path}"
        super().__init__(f"{where}: {reason}.")
        self.path = path
        self.line = line
        self.reason = reason
        self.chinese = chinese or reason


class RecipeInvalid(TrainingError):
    pass


class StepFailed(TrainingError):
    pass


class BaseModelUnavailable(TrainingError):
    pass


class ProcessLost(TrainingError):
    def __init__(self, job: str) -> None:
        super().__init__(
            f"The process for {job} ended without a result: free some memory, then start again."
        )


class OutputTaken(TrainingError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} exists and is no intent model: name an empty or a new directory for --out."
        )


class TrainingStopped(TrainingError):
    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The training was stopped and is kept in {folder}: "
            "start it again with the same --out to go on."
        )


class CheckpointMismatch(TrainingError):
    def __init__(self, folder: Path, different: Sequence[str]) -> None:
        super().__init__(
            f"{folder} holds an unfinished training with another {' and '.join(different)}: "
            "start it with the same as before to go on, or with --restart to begin anew."
        )


class CheckpointUnreadable(TrainingError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} cannot be read ({reason}): begin anew with --restart.")


class ComparisonInvalid(TrainingError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"The recipes cannot be compared: {reason}.")


class CompressionInvalid(TrainingError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"The model cannot be compressed: {reason}.")


class RetrieverBusy(TrainingError):
    def __init__(self) -> None:
        super().__init__("The retriever is being trained by another process: wait for it.")


class RunUnusable(TrainingError):
    pass


class ExplanationError(TrainingError):
    pass


class NothingToExplain(ExplanationError):
    def __init__(self) -> None:
        super().__init__("The text is empty: give the sentence that is to be explained.")


class IntentUnknown(ExplanationError):
    def __init__(self, intent: str, known: Sequence[str]) -> None:
        near = get_close_matches(intent, known, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"it knows {len(known)} others, "
        hint += "" if near else f"such as {', '.join(known[:3])}."
        super().__init__(f"The model was never taught the intent {intent!r}: {hint}")


class WeightsMissing(ExplanationError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} holds no torch weights (model.safetensors), and only those have gradients: "
            "name the directory that `kefu train intent` wrote."
        )


class RegistryError(TrainingError):
    pass


class RegistryInvalid(RegistryError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} cannot be understood ({reason}): restore it from a backup, or move it away "
            "and the versions on disk are registered anew."
        )


class RegistryBusy(RegistryError):
    def __init__(self, path: Path, waited_seconds: float) -> None:
        super().__init__(
            f"{path} has been held by another process for {waited_seconds:.0f} seconds: "
            "wait for it, then try again."
        )


class VersionUnknown(RegistryError):
    def __init__(self, collection: str, version: str) -> None:
        super().__init__(
            f"The collection {collection} has no version {version} on disk: "
            "`kefu retrain status` lists those it has."
        )


class VersionRefused(RegistryError):
    def __init__(self, version: str) -> None:
        super().__init__(
            f"The gate refused {version}: read why with `kefu retrain status`, "
            "and promote it with --override if you know better."
        )


class ChampionMoved(RegistryError):
    def __init__(self, expected: str | None, found: str | None) -> None:
        super().__init__(
            f"{found or 'No version'} serves, but the comparison was with "
            f"{expected or 'no version'}: run the retraining again to compare anew."
        )


class NothingToRollBack(RegistryError):
    def __init__(self, collection: str) -> None:
        super().__init__(
            f"The collection {collection} has no earlier champion left to go back to: "
            "promote a version by name instead."
        )


class RetrainingError(TrainingError):
    pass


class TrainingDataMissing(RetrainingError):
    def __init__(self, collection: str, path: Path) -> None:
        super().__init__(
            f"The collection {collection} cannot be retrained, {path} is missing: put train.csv "
            "and test.csv (text,intent[,language]) there, and validation.csv if you have one."
        )


class RetrainingBusy(RetrainingError):
    def __init__(self, collection: str) -> None:
        super().__init__(
            f"The collection {collection} is being retrained by another process: wait for it."
        )


class RunInvalid(RetrainingError):
    pass


class TestRowsTaught(RetrainingError):
    __test__ = False  # no test case, whatever the name makes pytest think

    def __init__(self, count: int, path: Path) -> None:
        super().__init__(
            f"{count} rows of the frozen test set {path} are among the rows to train on: "
            "take them out of one of the two files."
        )


class ReviewError(TrainingError):
    pass


class ReviewInvalid(ReviewError):
    def __init__(self, path: Path, reason: str, *, line: int | None = None) -> None:
        where = f"{path}, line {line}" if line is not None else f"{path}"
        super().__init__(f"{where}: {reason}.")


class ReviewItemUnknown(ReviewError):
    def __init__(self, item_id: str) -> None:
        super().__init__(f"The review queue has no item {item_id}.")
