"""An evaluation as one HTML page that needs nothing but itself."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from training.audits.wording import Wording
from training.evaluation.charts import (
    draw_confusion,
    draw_coverage,
    draw_histogram,
    draw_reliability,
)
from training.evaluation.confusions import confusion_matrix, most_confused
from training.evaluation.dossier import Dossier
from training.evaluation.metrics import reliability
from training.evaluation.sentences import say_coverage, say_keys, say_rivalry, summarise

TEMPLATE = "page.html.j2"
_DIGITS = 4


def render_page(dossier: Dossier, wording: Wording) -> str:
    """UTF-8 HTML; every value is escaped, the pictures are our own."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure"] = figure_shown
    evaluation, rivalry = dossier.evaluation, dossier.rivalry
    return environment.get_template(TEMPLATE).render(
        t=wording,
        dossier=dossier,
        figures=evaluation.figures,
        summary=summarise(evaluation.figures, wording),
        against=None if rivalry is None else say_rivalry(rivalry, wording),
        confused=most_confused(evaluation.utterances, evaluation.results),
        intents=_weakest_first(evaluation.figures["per_intent"]),
        **_pictures(dossier, wording),
    )


def figure_shown(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:.{_DIGITS}g}"


def _pictures(dossier: Dossier, wording: Wording) -> dict[str, Any]:
    evaluation, coverage = dossier.evaluation, dossier.coverage
    inside = evaluation.inside
    bins = reliability([right for right, _ in inside], [sure for _, sure in inside])
    matrix = draw_confusion(confusion_matrix(evaluation.utterances, evaluation.results), wording)
    return {
        "confusion": base64.b64encode(matrix.png).decode("ascii"),
        "keys": say_keys(matrix.keys, wording),
        "histogram": Markup(draw_histogram(inside, wording)),
        "reliability": Markup(draw_reliability(bins, wording)),
        "coverage": coverage,
        "coverage_said": say_coverage(coverage, wording),
        "coverage_curve": Markup(draw_coverage(coverage, wording)),
    }


def _weakest_first(per_intent: dict[str, dict[str, float]]) -> list[tuple[str, dict[str, float]]]:
    return sorted(per_intent.items(), key=lambda item: (item[1]["f1"], item[0]))
