from __future__ import annotations

import pytest

from chatbot.polarity import polarity, said_no, said_yes, without_verdict


@pytest.mark.parametrize(
    "text",
    [
        "Cash is not accepted", "You cannot return it", "It isn't covered", "It is excluded",
        "It is unavailable", "暂不支持货到付款", "无法改派", "设备未激活", "禁止拆封", "没有现货",
    ],
)  # fmt: skip
def test_a_clause_that_denies(text: str) -> None:
    assert polarity(text).negative


@pytest.mark.parametrize(
    "text",
    [
        "Cash is accepted", "not only laptops", "no later than Friday", "without giving a reason",
        "It is not excluded", "at no cost", "支持无理由退货", "不超过3天", "不同颜色", "非常抱歉",
        "无论何时", "可以不可以", "是否激活", "免费", "不收费用",
    ],
)  # fmt: skip
def test_words_that_only_look_like_a_denial(text: str) -> None:
    assert not polarity(text).negative


def test_demands_permissions_and_restrictions_are_told_apart() -> None:
    assert polarity("You must register").must
    assert polarity("必须齐全").must
    assert polarity("You can register").may
    assert polarity("可以退货").may
    assert polarity("only before dispatch").only
    assert polarity("仅可在发货前操作").only
    assert not polarity("只要登录一次").only
    assert polarity("excluded unless faulty").exception
    assert polarity("除质量问题外不退").exception


def test_what_costs_is_told_from_what_is_given_away() -> None:
    free = polarity("不收任何费用")
    assert polarity("收任何费用").costs(free)
    assert not free.costs(free)
    assert polarity("collected at cost").costs(polarity("collected at no cost"))


@pytest.mark.parametrize(
    "text", ["Yes, you can.", "Yes", "是的，可以", "可以，结算时选择", "Of course!"]
)
def test_a_yes_is_heard(text: str) -> None:
    assert said_yes(text)
    assert not said_no(text)


@pytest.mark.parametrize("text", ["No, sorry.", "不可以，抱歉", "不能。", "没有，"])
def test_a_no_is_heard(text: str) -> None:
    assert said_no(text)
    assert not said_yes(text)


@pytest.mark.parametrize("text", ["No card is needed", "Yesterday it left", "可以退货", "不同颜色"])
def test_neither_is_heard_in_other_words(text: str) -> None:
    assert not said_yes(text)
    assert not said_no(text)
    assert without_verdict(text) == text
