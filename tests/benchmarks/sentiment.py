"""`python -m tests.benchmarks.sentiment [WAIMAI_CSV]`: how well anger and mood are heard.

Our own sentences (`tests/data/feelings.*.jsonl`) count angry against calm at the threshold of the
settings. The optional file is waimai_10k (`label,review`, 1 for content): delivery reviews, another
kind of text than chat; the area under the ROC curve needs no threshold.
"""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.metrics import roc_auc_score

from chatbot.sentiment import measure_sentiment
from chatbot.settings import Settings

DATA = Path(__file__).parent.parent / "data"
LANGUAGES = ("en", "zh")
ANGRY = float(Settings.model_fields["angry_sentiment"].default)


@dataclass(frozen=True)
class Measured:
    language: str
    sentences: int
    precision: float
    recall: float
    wrong: tuple[str, ...]


def measure(language: str) -> Measured:
    path = DATA / f"feelings.{language}.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    heard = [measure_sentiment(row["text"]) <= ANGRY for row in rows]
    right = sum(row["angry"] and angry for row, angry in zip(rows, heard, strict=True))
    return Measured(
        language=language,
        sentences=len(rows),
        precision=right / max(sum(heard), 1),
        recall=right / sum(row["angry"] for row in rows),
        wrong=tuple(
            row["text"] for row, angry in zip(rows, heard, strict=True) if row["angry"] != angry
        ),
    )


def area_under_curve(path: Path) -> tuple[int, float]:
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    scores = [measure_sentiment(row["review"]) for row in track(rows, description=path.name)]
    return len(rows), float(roc_auc_score([int(row["label"]) for row in rows], scores))


def main() -> None:
    console = Console()
    table = Table(title=f"Angry or calm, sentiment <= {ANGRY}")
    for column in ("language", "sentences", "precision", "recall"):
        table.add_column(column)
    for language in LANGUAGES:
        measured = measure(language)
        table.add_row(
            language,
            str(measured.sentences),
            f"{measured.precision:.3f}",
            f"{measured.recall:.3f}",
        )
    console.print(table)
    for argument in sys.argv[1:]:
        reviews, area = area_under_curve(Path(argument))
        console.print(f"{Path(argument).name}: AUROC {area:.3f} over {reviews:,} reviews")


if __name__ == "__main__":
    main()
