"""A measurement that somebody asked for in the console: figures and places, no question."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from chatbot.errors import InputInvalid
from chatbot.query_drop import QueryDrop
from chatbot.settings import Settings
from chatbot.vault_home import open_vault
from knowledge_base.embedding import Embedder
from training.errors import CorpusInvalid
from training.evaluation.retrieval.measurement import MeasurementOrder, measure_retrieval
from training.evaluation.retrieval.runs import LAST, kept_runs
from training.evaluation.sentences import evaluation_wording
from training.progress import Watch

FAILURES = 200
"""That are told of; the surest mistakes first."""
_PLACES = ("line", "language", "expected", "first", "score", "rank")
_COMPARED = (
    "run",
    "n",
    "recall_at_1_difference",
    "recall_at_1_interval",
    "mcnemar_p",
    "significant",
    "mrr_difference",
)


def measure_requested(
    settings: Settings,
    *,
    collection: str,
    asked: str,
    name: str,
    watch: Watch,
    embedder: Embedder | None = None,
) -> dict[str, Any]:
    """`asked` names the questions in the drop, which is empty afterwards; `name` is shown.

    Held against the newest run that asked the same. Raises NotFound and InputInvalid.
    """
    drop = QueryDrop(settings.home, open_vault(settings))
    content = drop.read(asked)
    digest = hashlib.sha256(content).hexdigest()
    before = any(run.queries_sha256 == digest for run in kept_runs(settings.home))
    order = MeasurementOrder(
        queries=Path(name),
        content=content,
        collection=collection,
        against=LAST if before else None,
        masked=True,
    )
    stages = evaluation_wording("en").tables["retrieval_stages"]
    try:
        done = measure_retrieval(order, stages, watch=watch, settings=settings, embedder=embedder)
    except CorpusInvalid as error:
        where = f", line {error.line}" if error.line is not None else ""
        raise InputInvalid(f"The questions cannot be asked{where}: {error.reason}.") from None
    finally:
        drop.clear(asked)
    report = done.report()
    against = report["against"]
    return {
        "collection": collection,
        "run": done.run.name,
        "figures": done.figures,
        "per_language": report["per_language"],
        "against": None if against is None else {key: against[key] for key in _COMPARED},
        "failed": len(done.failures),
        "failures": [{key: row[key] for key in _PLACES} for row in done.failures[:FAILURES]],
    }
