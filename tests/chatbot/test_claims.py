from __future__ import annotations

import pytest

from chatbot.claims import Claim, Kind, claims_of
from chatbot.numerals import plain


def _values(text: str, kind: Kind) -> set[str]:
    return {claim.value for claim in claims_of(plain(text)) if claim.kind is kind}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Our office is in Shenzhen.", {"shenzhen"}),
        ("Shenzhen is where we are.", {"shenzhen"}),
        ("We accept PayPal and Apple Pay.", {"paypal", "apple", "pay"}),
        ("The ThinkBook X1 has USB-C.", {"thinkbook", "x1", "usb-c"}),
        ("iPhone owners", {"iphone"}),
        ("Please open the page.", set()),
        ("Simply return it.", set()),
        ("I think so. You may wait.", set()),
        ("It weighs 20kg and 5GB.", set()),
        ("总部位于北京，在上海有分店。", {"北京", "上海"}),
        ("支持支付宝和PayPal付款", {"支付宝", "paypal"}),
        ("请您耐心等待", set()),
    ],
)
def test_names_are_found(text: str, names: set[str]) -> None:
    assert _values(text, Kind.NAME) == names


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("from Monday to Saturday", {"monday", "saturday"}),
        ("周一至周六", {"monday", "saturday"}),
        ("星期日和礼拜三", {"sunday", "wednesday"}),
        ("the same day or the next day", {"same day", "next day"}),
        ("当天出库，次日送达", {"same day", "next day"}),
        ("on weekends", {"weekend"}),
        ("I sat in the sun", set()),
        ("within 7 days", set()),
    ],
)
def test_days_are_one_in_both_languages(text: str, days: set[str]) -> None:
    assert _values(text, Kind.DAY) == days


def test_addresses_and_quoted_terms_are_found() -> None:
    text = "写信到Help@Shop.example或访问https://www.shop.example/help/，点击“我的订单”。"
    assert set(claims_of(plain(text))) == {
        Claim(Kind.EMAIL, "help@shop.example"),
        Claim(Kind.URL, "shop.example/help"),
        Claim(Kind.QUOTE, "我的订单"),
    }
