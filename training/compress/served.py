"""What 8 bits cost a trained model: measured beside it, and read by the server that chooses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from chatbot.adapters.intent_compression import LOSS, RECORD
from chatbot.adapters.intent_onnx import OnnxIntentModel
from chatbot.adapters.intent_torch import TorchIntentModel
from chatbot.conversation import Understanding
from chatbot.errors import ModelDirectoryInvalid
from chatbot.ports import IntentModel
from knowledge_base.storage import write_atomically
from training.compress.agreement import Results, Rows, measure_agreement
from training.evaluation.intent import BATCH_ROWS, understand_all
from training.progress import SilentWatch, Watch

STAGE = "Measuring at 8 bits"


def record_served_loss(
    directory: Path, rows: Rows, *, watch: Watch | None = None
) -> dict[str, Any]:
    """Measure a written model directory on rows that it was not trained on, and leave the result
    beside it; the 8-bit graph is there afterwards too. Raises ModelDirectoryInvalid."""
    record = served_loss(directory, rows, watch=watch)
    write_record(directory, record)
    return record


def served_loss(directory: Path, rows: Rows, *, watch: Watch | None = None) -> dict[str, Any]:
    """`loss` is in accuracy with the out-of-scope decision: torch's less that at 8 bits, null
    where the network has no 8-bit graph.

    Raises ModelDirectoryInvalid. Weakness: it moves in steps of one row.
    """
    exact = TorchIntentModel(directory)
    heard = watch or SilentWatch()
    try:
        rounded = OnnxIntentModel(directory, threads=torch.get_num_threads())
    except ModelDirectoryInvalid as error:
        return {"version": exact.version, "n": len(rows), LOSS: None, "reason": str(error)}
    heard.stage(STAGE, 2 * len(rows))
    known = understand_all(exact, rows, advance=heard.advance)
    return loss_record(exact.version, rows, known, understand_singly(rounded, rows, watch=heard))


def loss_record(version: str, rows: Rows, exact: Results, rounded: Results) -> dict[str, Any]:
    """From the answers of both runtimes to the same rows."""
    agreement = measure_agreement(rows, exact, rounded)
    before, after = agreement.accuracies
    return {
        "version": version,
        "n": len(rows),
        LOSS: agreement.loss,
        "in_scope_loss": agreement.best.difference,
        "accuracy_torch": before,
        "accuracy_int8": after,
        "equal_decisions": agreement.equal,
        "mcnemar_p": agreement.decided.p_value,
    }


def write_record(directory: Path, record: dict[str, Any]) -> None:
    text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    write_atomically(directory / RECORD, text.encode())


def understand_singly(model: IntentModel, rows: Rows, *, watch: Watch) -> list[Understanding]:
    """One sentence a call, as a server asks: the sentences of one call share their rounding."""
    results: list[Understanding] = []
    for start in range(0, len(rows), BATCH_ROWS):
        part = rows[start : start + BATCH_ROWS]
        results += [model.understand([row.text])[0] for row in part]
        watch.advance(len(part))
    return results
