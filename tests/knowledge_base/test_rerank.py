from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from knowledge_base.errors import ScorerInvalid
from knowledge_base.fitting import fit_judgement
from knowledge_base.rerank import JUDGED, Judgement, judged

_FUSED = arrays(np.float64, 4, elements=st.floats(0, 1))
_CROSS = arrays(np.float32, 4, elements=st.floats(-20, 20, width=32))
_ALL_RIVALS = ~np.eye(4, dtype=bool)


@settings(deadline=None)
@given(_FUSED, _CROSS)
def test_only_the_best_is_above_its_rivals(fused: np.ndarray, cross: np.ndarray) -> None:
    margins = judged(fused, cross, _ALL_RIVALS)[:, JUDGED.index("cross_margin")]
    assert (margins > 0).sum() <= 1
    assert margins[int(cross.argmax())] >= 0


@settings(deadline=None)
@given(_FUSED, _CROSS)
def test_every_value_is_finite_whatever_the_first_look_said(
    fused: np.ndarray, cross: np.ndarray
) -> None:
    assert np.isfinite(judged(fused, cross, _ALL_RIVALS)).all()


def test_without_rivals_there_are_no_margins() -> None:
    found = judged(np.array([0.2, 0.9]), np.array([1, 2], dtype=np.float32), np.eye(2) > 1)
    margins = [JUDGED.index(name) for name in ("fused_margin", "cross_margin")]
    np.testing.assert_array_equal(found[:, margins], 0)


def test_a_judgement_is_read_back_as_it_was_saved(tmp_path: Path) -> None:
    judgement = Judgement((0.1, 0.2, 0.3, 0.4), -1.5, 0.97)
    judgement.save(tmp_path / "judgement.json")
    assert Judgement.load(tmp_path / "judgement.json") == judgement


@pytest.mark.parametrize("content", [b"{", b"{}", b"[]", b'{"weights": {"fused": "x"}}'])
def test_a_damaged_judgement_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "judgement.json").write_bytes(content)
    with pytest.raises(ScorerInvalid, match=r"judgement\.json cannot be read"):
        Judgement.load(tmp_path / "judgement.json")


def test_a_fitted_judgement_says_how_often_such_passages_are_right() -> None:
    draw = np.random.default_rng(1)
    rows = draw.normal(size=(4000, len(JUDGED)))
    chances = 1 / (1 + np.exp(-(rows @ [0.5, 0.0, 2.0, 1.0] - 1)))
    right = draw.random(4000) < chances
    scores = fit_judgement(rows, right).score(rows)
    for low in np.arange(0, 1, 0.2):
        chosen = (scores >= low) & (scores < low + 0.2)
        assert abs(scores[chosen].mean() - right[chosen].mean()) < 0.06


def test_nothing_can_be_learnt_where_all_passages_are_right() -> None:
    with pytest.raises(ScorerInvalid):
        fit_judgement(np.ones((3, len(JUDGED))), np.ones(3, dtype=bool))
