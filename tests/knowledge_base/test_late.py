"""What a training found out about tokens, read back and applied."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from knowledge_base.errors import RetrieverMissing
from knowledge_base.late import Head

_DRAW = np.random.default_rng(3)
HEAD = Head(
    _DRAW.normal(size=(4, 6)).astype(np.float32), _DRAW.normal(size=6).astype(np.float32), 30.0, 0.9
)
_STATES = st.integers(1, 9).flatmap(
    lambda count: arrays(np.float32, (count, 6), elements=st.floats(-50, 50, width=16))
)


@settings(deadline=None)
@given(_STATES)
def test_the_shares_of_a_querys_tokens_sum_to_one(states: np.ndarray) -> None:
    shares = HEAD.shares(states)
    assert shares.min() >= 0
    assert abs(float(shares.sum()) - 1) < 1e-4


@settings(deadline=None)
@given(_STATES)
def test_no_token_is_longer_than_one(states: np.ndarray) -> None:
    assert np.linalg.norm(HEAD.tokens(states), axis=1).max() < 1 + 1e-4


def test_a_head_is_read_back_as_it_was_saved(tmp_path: Path) -> None:
    HEAD.save(tmp_path / "late.npz")
    again = Head.load(tmp_path / "late.npz")
    np.testing.assert_array_equal(again.project, HEAD.project)
    np.testing.assert_array_equal(again.share, HEAD.share)
    assert (again.sharpness, again.none) == (HEAD.sharpness, HEAD.none)


def test_a_damaged_head_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "late.npz"
    for content in (b"", b"PK", b"{}"):
        path.write_bytes(content)
        with pytest.raises(RetrieverMissing, match=r"late\.npz.*kefu train retriever"):
            Head.load(path)
    with pytest.raises(RetrieverMissing, match="gone"):
        Head.load(tmp_path / "gone.npz")


def test_a_head_whose_tables_do_not_fit_is_refused(tmp_path: Path) -> None:
    Head(HEAD.project, HEAD.share[:-1], 30.0, 0.9).save(tmp_path / "late.npz")
    with pytest.raises(RetrieverMissing, match="wrong shape"):
        Head.load(tmp_path / "late.npz")
