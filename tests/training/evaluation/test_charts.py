from __future__ import annotations

import numpy as np
import pytest

from tests.training.evaluation.sample_evaluation import RESULTS, ROWS, sample_dossier
from training.evaluation import charts
from training.evaluation.charts import Curve
from training.evaluation.confusions import Matrix, confusion_matrix
from training.evaluation.sentences import evaluation_wording
from training.evaluation.typeface import Typeface

PNG = b"\x89PNG\r\n\x1a\n"
ENGLISH, CHINESE = evaluation_wording("en"), evaluation_wording("zh")


def test_labels_without_a_font_are_drawn_as_numbers_that_are_explained(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(charts, "choose_typeface", lambda texts: Typeface(("DejaVu Sans",)))
    # A character that is missing in the font would be a warning, which is an error here.
    picture = charts.draw_confusion(confusion_matrix(ROWS, RESULTS), CHINESE)
    assert picture.png.startswith(PNG)
    assert picture.keys == {"#3": "退款查询"}


def test_the_matrix_grows_with_the_number_of_intents() -> None:
    def width(count: int) -> int:
        labels = tuple(f"intent_{number}" for number in range(count))
        matrix = Matrix(labels, np.eye(count, dtype=np.int64))
        return int.from_bytes(charts.draw_confusion(matrix, ENGLISH).png[16:20], "big")

    assert width(40) > 1.5 * width(3)


def test_a_chart_is_the_same_twice_and_says_what_it_shows() -> None:
    evaluation = sample_dossier().evaluation
    chart = charts.draw_histogram(evaluation.inside, CHINESE)
    assert chart == charts.draw_histogram(evaluation.inside, CHINESE)
    assert CHINESE.say("charts", "right", n="4") in chart
    assert CHINESE.say("headings", "histogram") in chart


def test_a_model_that_is_never_wrong_and_one_without_rows_can_be_drawn() -> None:
    assert "<svg" in charts.draw_histogram([(True, 0.9)], ENGLISH)
    assert "<svg" in charts.draw_histogram([], ENGLISH)
    assert "<svg" in charts.draw_reliability([], ENGLISH)


def test_learning_curves_of_one_and_of_several_shares_can_be_drawn() -> None:
    curves = [
        Curve("a", ((10.0, 0.5, 0.1), (20.0, 0.7, 0.0))),
        Curve("b", ((10.0, 0.4, 0.0),)),
    ]
    assert charts.draw_learning_curves(curves, ENGLISH).png.startswith(PNG)
