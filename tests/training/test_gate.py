from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.gate import GateLimits, Prediction, Results, judge, worse_by_chance
from training.verdict import GateResult, as_data, from_data

INTENTS = ("delivery", "invoice", "refund", "warranty")
OUTSIDE = "out_of_scope"


def _gold(rows: int = 240) -> list[str]:
    return [(*INTENTS, OUTSIDE)[number % 5] for number in range(rows)]


def _results(
    right: float,
    *,
    gold: list[str] | None = None,
    labels: tuple[str, ...] = INTENTS,
    seed: int = 1,
    latency: float = 10.0,
    sure: float | None = None,
) -> Results:
    """A model that decides a share of the rows right, and says so with honest confidence."""
    chance = random.Random(seed)
    return Results(
        version=f"v{seed}",
        labels=labels,
        predictions=tuple(
            _prediction(name, chance, labels, right, sure) for name in gold or _gold()
        ),
        latency_ms_p50=latency,
    )


def _prediction(
    gold: str, chance: random.Random, labels: tuple[str, ...], right: float, sure: float | None
) -> Prediction:
    others = [label for label in (*labels, OUTSIDE) if label != gold]
    predicted = gold if chance.random() < right else chance.choice(others)
    outside = 0.9 if predicted == OUTSIDE else 0.1
    best = labels[0] if predicted == OUTSIDE else predicted
    return Prediction(gold, predicted, best, sure or right, outside + chance.random() / 20)


def _failed(result: GateResult) -> set[str]:
    return {check.name for check in result.failed}


def test_the_same_answers_pass_every_check() -> None:
    result = judge(_results(0.9), _results(0.9))
    assert result.passed
    assert {check.name for check in result.checks} == {
        *("test_rows", "accuracy", "macro_f1", "worst_intent_f1"),
        *("oos_auroc", "ece", "mcnemar", "latency_ms_p50"),
    }


@pytest.mark.parametrize("seed", range(20))
def test_a_challenger_taught_shuffled_labels_is_refused_with_reasons(seed: int) -> None:
    champion = _results(0.93, seed=seed)
    challenger = _results(1 / len(INTENTS), seed=seed + 100, sure=0.9)
    result = judge(champion, challenger)
    assert not result.passed
    assert {"accuracy", "macro_f1", "mcnemar", "ece"} <= _failed(result)
    for check in result.failed:
        assert check.reason_en.startswith("Failed: ")
        assert check.reason_zh.startswith("未通过：")


def test_a_better_challenger_passes() -> None:
    assert judge(_results(0.8), _results(0.95, seed=1)).passed


def _change(results: Results, count: int, predicted: str, *, gold: str) -> Results:
    rows = list(results.predictions)
    numbers = [number for number, row in enumerate(rows) if row.gold == gold][:count]
    for number in numbers:
        rows[number] = replace(rows[number], predicted=predicted, best=INTENTS[0])
    return replace(results, predictions=tuple(rows))


def test_one_intent_that_breaks_is_refused_even_if_the_mean_forgives_it() -> None:
    champion = _results(1.0)
    challenger = _change(champion, 20, OUTSIDE, gold="warranty")
    lenient = GateLimits(accuracy_drop=1, macro_f1_drop=1, significance=0, ece_rise=1)
    result = judge(champion, challenger, limits=lenient)
    assert _failed(result) == {"worst_intent_f1"}
    assert "warranty" in result.failed[0].reason_en
    assert "warranty" in result.failed[0].reason_zh


def test_an_intent_with_a_handful_of_rows_proves_nothing_alone() -> None:
    gold = [*_gold(), "rare", "rare"]
    champion = _results(1.0, gold=gold, labels=(*INTENTS, "rare"))
    challenger = _change(champion, 1, OUTSIDE, gold="rare")
    assert "worst_intent_f1" not in _failed(judge(champion, challenger))


def test_a_challenger_that_no_longer_tells_what_is_outside_is_refused() -> None:
    champion = _results(1.0)
    blind = tuple(replace(row, out_of_scope=0.5) for row in champion.predictions)
    result = judge(champion, replace(champion, predictions=blind))
    assert _failed(result) == {"oos_auroc"}


def test_a_challenger_that_is_too_sure_of_itself_is_refused() -> None:
    result = judge(_results(0.9), _results(0.9, sure=0.999))
    assert _failed(result) == {"ece"}


def test_a_slow_challenger_is_refused() -> None:
    assert _failed(judge(_results(0.9), _results(0.9, latency=16.0))) == {"latency_ms_p50"}
    assert judge(_results(0.9), _results(0.9, latency=14.0)).passed


def test_a_fraction_of_a_millisecond_is_no_slowness() -> None:
    assert judge(_results(0.9, latency=0.1), _results(0.9, latency=0.9)).passed


def test_a_loss_of_exactly_the_limit_is_allowed() -> None:
    champion = _results(1.0, gold=_gold(200))
    for lost, passed in ((3, True), (4, False)):
        challenger = _change(champion, lost, OUTSIDE, gold="refund")
        check = next(c for c in judge(champion, challenger).checks if c.name == "accuracy")
        assert check.challenger == 1 - lost / 200
        assert check.passed is passed


def test_a_new_intent_is_judged_by_its_own_rows_and_not_held_against_the_champion() -> None:
    gold = [*_gold(), *["gift_card"] * 10]
    champion = _results(0.9, gold=gold)
    labels = (*INTENTS, "gift_card")
    same = tuple(
        replace(row, predicted="gift_card") if row.gold == "gift_card" else row
        for row in champion.predictions
    )
    challenger = replace(champion, labels=labels, predictions=same)
    result = judge(champion, challenger)
    assert result.passed
    accuracy = next(check for check in result.checks if check.name == "accuracy")
    assert accuracy.champion == accuracy.challenger
    worse = _change(challenger, 4, OUTSIDE, gold="gift_card")
    assert _failed(judge(champion, worse)) == {"new_intent"}


def test_a_new_intent_without_held_out_rows_cannot_be_judged() -> None:
    gold = [*_gold(), "gift_card"]
    champion = _results(0.9, gold=gold)
    result = judge(champion, replace(champion, labels=(*INTENTS, "gift_card")))
    assert _failed(result) == {"new_intent_rows"}


def test_an_intent_must_not_get_lost() -> None:
    champion = _results(0.9)
    assert "intent_lost" in _failed(judge(champion, replace(champion, labels=INTENTS[:3])))


def test_a_first_model_needs_to_be_useful_only() -> None:
    assert judge(None, _results(0.8)).passed
    assert _failed(judge(None, _results(0.3))) == {"first_accuracy"}


def test_too_few_test_rows_prove_nothing() -> None:
    few = _results(1.0, gold=_gold(20))
    assert _failed(judge(few, few)) == {"test_rows"}


def test_without_out_of_scope_rows_that_check_is_not_made() -> None:
    gold = [name for name in _gold() if name != OUTSIDE]
    result = judge(_results(0.9, gold=gold), _results(0.9, gold=gold))
    assert "oos_auroc" not in {check.name for check in result.checks}


def test_answers_to_different_rows_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="different test rows"):
        judge(_results(0.9), _results(0.9, gold=_gold()[::-1]))


def test_a_result_survives_the_way_through_json() -> None:
    result = judge(_results(0.9), _results(0.4, seed=2))
    assert from_data(json.loads(json.dumps(as_data(result)))) == result


def test_the_paired_test_is_exact_where_rows_are_few() -> None:
    assert worse_by_chance(0, 0) == 1.0
    assert worse_by_chance(5, 0) == pytest.approx(1 / 32)
    assert worse_by_chance(3, 1) == pytest.approx(5 / 16)


@given(st.integers(0, 300), st.integers(0, 300))
def test_more_lost_rows_never_look_more_like_chance(lost: int, won: int) -> None:
    assert worse_by_chance(lost + 1, won) <= worse_by_chance(lost, won) + 1e-12
    assert worse_by_chance(lost, won + 1) >= worse_by_chance(lost, won) - 1e-12
