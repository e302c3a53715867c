from __future__ import annotations

from chatbot.comparison import (
    denied,
    exchanged,
    lost_conditions,
    opened_limits,
    other_subject,
    parity,
    statements,
    turned_orders,
    turned_roles,
)

DOGS = statements(["Dogs travel free if they stay in the car; on deck they cost €6."])
PLANS = statements(["单点登录仅企业版支持。", "团队版含200GB存储空间。", "基础版含20GB存储空间。"])


def test_a_sentence_without_its_sources_condition_loses_it() -> None:
    assert lost_conditions("Dogs travel free.", DOGS) == ["they stay in the car"]
    assert not lost_conditions("Dogs travel free in the car.", DOGS)


def test_a_limit_that_is_opened_for_all_is_seen() -> None:
    assert opened_limits("所有版本都支持单点登录。", PLANS)
    assert not opened_limits("只有企业版支持单点登录。", PLANS)


def test_another_thing_in_the_place_of_the_sources_is_seen() -> None:
    assert exchanged("单点登录仅团队版支持。", PLANS)
    assert not exchanged("单点登录仅企业版支持。", PLANS)


def test_a_fact_of_one_subject_is_not_one_of_another() -> None:
    assert other_subject("基础版含200GB存储空间。", PLANS)
    assert not other_subject("团队版含200GB存储空间。", PLANS)


def test_each_statement_is_denied_for_itself() -> None:
    known = statements(["You must not eat before a test; water is allowed."])
    assert denied("Water is not allowed before a test.", known)
    assert denied("Water is allowed before a test.", known) == []


def test_order_and_roles_are_those_of_the_closest_statement() -> None:
    known = statements(["We delete your files 90 days after you close the account."])
    assert turned_orders("Files are deleted before you close the account.", known) == ["before"]
    assert turned_roles("You delete our files.", known)


def test_no_fee_if_denies_as_often_as_a_fee_unless() -> None:
    assert parity("There is no fee if you cancel.") == parity("We charge you unless you cancel.")
    assert parity("There is a fee if you cancel.") != parity("We charge you unless you cancel.")
