"""What a comparison of recipes found: means over the folds, and who is better by more than luck."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knowledge_base.storage import write_atomically
from training.audits.wording import Wording
from training.comparison import CellResult
from training.evaluation.charts import Curve, Picture, draw_learning_curves
from training.evaluation.significance import PairedTest, compare_paired

MEASURED = ("accuracy", "macro_f1", "in_scope_accuracy", "oos_recall", "oos_auroc", "ece")
REPORT, CURVES = "comparison.json", "learning_curve.png"


@dataclass(frozen=True)
class Row:
    """One recipe with one share of the rows."""

    recipe: str
    fraction: float
    rows: float
    """Trained on, mean over the folds."""
    seconds: float
    means: dict[str, float | None]
    """A figure that some fold does not define is the mean over the others."""
    deviations: dict[str, float | None]
    """Between the folds."""
    against_first: PairedTest | None
    """On all rows of all folds, against the first recipe with the same share; None for itself."""


def summarise(results: Sequence[CellResult]) -> list[Row]:
    """Recipes in the order of the results, the smallest share first."""
    recipes = list(dict.fromkeys(result.recipe for result in results))
    fractions = sorted({result.fraction for result in results})
    groups = {
        (recipe, fraction): sorted(
            (r for r in results if (r.recipe, r.fraction) == (recipe, fraction)),
            key=lambda result: result.fold,
        )
        for recipe in recipes
        for fraction in fractions
    }
    return [
        _row(group, first=None if recipe == recipes[0] else groups[recipes[0], fraction])
        for (recipe, fraction), group in groups.items()
    ]


def write_comparison(
    folder: Path, results: Sequence[CellResult], *, facts: dict[str, Any], wording: Wording
) -> tuple[list[Row], Picture]:
    """`comparison.json` and `learning_curve.png`; `facts` say what was compared."""
    rows = summarise(results)
    cells = [
        {name: value for name, value in asdict(result).items() if name != "right"}
        for result in results
    ]
    document = {**facts, "rows": [_plain(row) for row in rows], "cells": cells}
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    write_atomically(folder / REPORT, f"{text}\n".encode())
    picture = draw_learning_curves(_curves(rows), wording)
    write_atomically(folder / CURVES, picture.png)
    return rows, picture


def _row(group: Sequence[CellResult], *, first: Sequence[CellResult] | None) -> Row:
    columns = {
        name: [r.figures[name] for r in group if r.figures[name] is not None] for name in MEASURED
    }
    return Row(
        recipe=group[0].recipe,
        fraction=group[0].fraction,
        rows=float(np.mean([result.rows for result in group])),
        seconds=float(np.mean([result.seconds for result in group])),
        means={name: float(np.mean(c)) if c else None for name, c in columns.items()},
        deviations={
            name: float(np.std(c, ddof=1)) if len(c) > 1 else None for name, c in columns.items()
        },
        against_first=None if first is None else compare_paired(_right(group), _right(first)),
    )


def _right(group: Sequence[CellResult]) -> list[bool]:
    return [right for result in group for right in result.right]


def _plain(row: Row) -> dict[str, Any]:
    plain = asdict(row)
    if row.against_first is not None:
        plain["against_first"]["significant"] = row.against_first.significant
    return plain


def _curves(rows: Sequence[Row]) -> list[Curve]:
    return [
        Curve(
            name,
            tuple(
                (row.rows, row.means["accuracy"] or 0.0, row.deviations["accuracy"] or 0.0)
                for row in rows
                if row.recipe == name
            ),
        )
        for name in dict.fromkeys(row.recipe for row in rows)
    ]
