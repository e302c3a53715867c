from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.augmentation import (
    Change,
    augmented,
    drop,
    homophone,
    other_script,
    recase,
    slip,
    widen,
)
from training.corpus import HAN, normalise
from training.recipe import CHANGES, Recipe, read_recipes

ALL = (slip, recase, widen, other_script, homophone, drop)
WORDS = (
    "refund",
    "my",
    "ORDER",
    "where",
    "退款",
    "订单在哪里",
    "a",
    "1234",
    "<EMAIL_ADDRESS>",
    "?",
)
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)
SEEDS = st.integers(0, 2**32)


def _recipe(share: float = 0.5, **shares: float) -> Recipe:
    recipe = read_recipes().recipe(base="e5", few_shot=False)
    recipe = replace(recipe, augmented_share=share)
    for name, value in (shares or dict.fromkeys(CHANGES, 1.0)).items():
        values: dict[str, Any] = {name: value}
        recipe = replace(recipe, **values)
    return recipe


def _changed(change: Change, text: str) -> set[str]:
    return {change(text, np.random.default_rng(seed)) for seed in range(200)}


# The first call of a converter reads its tables.
@settings(deadline=None)
@pytest.mark.parametrize("change", ALL)
@given(text=TEXTS | st.text(min_size=1, max_size=20).filter(str.strip), seed=SEEDS)
def test_a_change_leaves_something_and_keeps_the_language(
    change: Change, text: str, seed: int
) -> None:
    result = change(text, np.random.default_rng(seed))
    assert result.strip()
    assert bool(HAN.search(result)) == bool(HAN.search(text))


# The first call of a converter reads its tables.
@settings(deadline=None)
@pytest.mark.parametrize("change", ALL)
@given(text=TEXTS, seed=SEEDS)
def test_a_placeholder_stays_whole_or_goes_as_a_whole(change: Change, text: str, seed: int) -> None:
    result = change(text, np.random.default_rng(seed))
    rest = result.replace("<EMAIL_ADDRESS>", "")
    assert not re.search("email|address|[<>]", normalise(rest) + rest, re.IGNORECASE)


@settings(deadline=None)
@given(texts=st.lists(TEXTS, max_size=10), seed=st.integers(0, 2**31), epoch=st.integers(0, 50))
def test_the_same_seed_and_epoch_give_the_same_texts(
    texts: list[str], seed: int, epoch: int
) -> None:
    runs = [augmented(texts, _recipe(), seed=seed, epoch=epoch) for _ in range(2)]
    assert runs[0] == runs[1]
    assert len(runs[0]) == len(texts)


def test_another_epoch_gives_other_texts() -> None:
    texts = ["where is my refund", "我的退款在哪里"] * 20
    runs = [augmented(texts, _recipe(), seed=1, epoch=epoch) for epoch in range(3)]
    assert len({tuple(run) for run in runs}) == 3


def test_only_the_share_of_the_rows_is_changed() -> None:
    texts = ["where is my refund"] * 2000
    upper = augmented(texts, _recipe(0.25, width_share=1.0), seed=1, epoch=0)
    assert np.mean([text not in texts for text in upper]) == pytest.approx(0.25, abs=0.03)
    assert augmented(texts, _recipe(0.0), seed=1, epoch=0) == texts


def test_only_the_ways_with_a_share_are_taken() -> None:
    results = augmented(["我的退款在哪里"] * 50, _recipe(1.0, script_share=1.0), seed=1, epoch=0)
    assert set(results) == {"我的退款在哪裏"}


def test_a_slip_changes_one_place_of_one_word() -> None:
    results = _changed(slip, "my order")
    assert {"my odrer", "my oder", "my ordder"} & results
    for result in results:
        assert result.startswith("my o")
        assert abs(len(result) - len("my order")) <= 1


def test_casing_changes_nothing_but_the_case() -> None:
    assert _changed(recase, "Where is it") == {"where is it", "WHERE IS IT", "Where Is It"}


def test_full_width_signs_read_the_same() -> None:
    (result,) = _changed(widen, "iPhone 15 退款?")
    assert result == "ｉＰｈｏｎｅ １５ 退款？"
    assert normalise(result) == normalise("iPhone 15 退款?")


def test_traditional_becomes_simplified_and_back() -> None:
    assert _changed(other_script, "退貨") == {"退货"}
    assert _changed(other_script, "退货") == {"退貨"}


def test_a_homophone_replaces_one_character_by_one_that_sounds_alike() -> None:
    results = _changed(homophone, "钱")
    # All of them are read qian.
    assert results <= set("乾前潜遣浅谴钳黔")
    assert len(results) >= 3


def test_a_dropped_word_leaves_the_others_in_order() -> None:
    assert _changed(drop, "where is it") == {"is it", "where it", "where is"}
    assert _changed(drop, "退款呢") == {"款呢", "退呢", "退款"}
    assert _changed(drop, "my refund") == {"my refund"}
