"""The promise of the product, on questions that nothing was trained or tuned on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.benchmarks.answers import LANGUAGES, measure

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("loaded_once")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_held_back_questions_find_their_article_and_the_rest_is_refused(
    language: str, demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "KEFU_HOME", str(demo_home))
    measured = measure(language, tmp_path)
    assert measured.questions == 60
    assert measured.unanswerable == 40
    assert measured.right_share >= 0.90
    assert measured.answered_anyway_share <= 0.05
