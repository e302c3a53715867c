"""Words that make a number somebody's, and words that make it an order's."""

from __future__ import annotations

import pytest

from privacy.detector import detect
from privacy.redaction import redact


@pytest.mark.parametrize(
    "text",
    """
订单号13800138000到了吗
订单编号：13800138000
单号 13800138000 查一下
手机坏了，订单号13800138000
运单13800138000到哪了
运单SF13800138000
圆通YT13800138000000
京东JD13800138000
tracking no. 13800138000
my order number is 13800138000
order #13800138000
invoice 13800138000
SKU: 15012345678
转了13800138000元
￥13800138000
订单号110105194912310021
订单110105491231002
运单110105491231002
下单时间20261122103045
订单2026112210304512
时间戳1732250000000
热线95105105
客服电话10106666
电话400.800.0000
会员卡号6222021234567890
gift card 6222021234567890
银行卡退款，订单号6222021234567890
内部型号H12345678
单号CAN110105491231
""".strip().splitlines(),
)
def test_what_is_announced_as_an_order_or_an_amount_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("订单13800138000", "订单<PHONE_NUMBER>"),
        ("订单号，手机13800138000", "订单号，手机<PHONE_NUMBER>"),
        ("订单号138-0013-8000", "订单号<PHONE_NUMBER>"),
        ("order 13800138000", "order <PHONE_NUMBER>"),
        ("订单号4111111111111111", "订单号<BANK_CARD>"),
        ("订单号11010519491231002X", "订单号<CN_RESIDENT_ID>"),
        ("tracking DE89370400440532013000", "tracking <IBAN>"),
    ],
)
def test_an_order_word_does_not_hide_what_is_certain_or_written_as_a_persons(
    text: str, masked: str
) -> None:
    assert redact(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("身份证号码110105491231002", "身份证号码<CN_RESIDENT_ID>"),
        ("身份证打错一位是110105194912310021", "身份证打错一位是<CN_RESIDENT_ID>"),
        ("港澳台居民居住证830000199001010018", "港澳台居民居住证<CN_RESIDENT_ID>"),
        ("银行卡6222021234567890", "银行卡<BANK_CARD>"),
        ("回乡证H12345678", "回乡证<PASSPORT>"),
        ("回乡证 H1234567801", "回乡证 <PASSPORT>"),
        ("台胞证0123456789", "台胞证<PASSPORT>"),
        ("往来港澳通行证CA1234567", "往来港澳通行证<PASSPORT>"),
        ("home return permit M 1234 5678", "home return permit <PASSPORT>"),
        ("永久居留证CAN110105491231", "永久居留证<PASSPORT>"),
        ("护照E-12345678", "护照<PASSPORT>"),
    ],
)
def test_a_word_raises_a_number_that_its_form_alone_does_not_prove(text: str, masked: str) -> None:
    assert redact(text) == masked
    assert any(span.reason.startswith("context:") for span in detect(text))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("卡号4111 1111 1111 1111 12/28", "卡号<BANK_CARD> 12/28"),
        ("2026-11-22 4111 1111 1111 1111", "2026-11-22 <BANK_CARD>"),
        ("卡4000000000000000006", "卡<BANK_CARD>"),
        ("138·0013·8000", "<PHONE_NUMBER>"),
        ("138_0013_8000", "<PHONE_NUMBER>"),
        ("1\u200b3\u200b8\u200b00138000好", "<PHONE_NUMBER>好"),
        ("邮箱zhang\u200bsan@exam\u200bple.com好", "邮箱<EMAIL_ADDRESS>好"),
        ("京A\u200b12345", "<CN_LICENSE_PLATE>"),
        ("GB82\u200bWEST12345698765432", "<IBAN>"),
        ("13八零零一三8零零零", "<PHONE_NUMBER>"),
        ("电话六二三四五六七八", "电话<PHONE_NUMBER>"),
        ("iban gb82 west 1234 5698 7654 32谢谢", "iban <IBAN>谢谢"),
        ("IBANGB82WEST12345698765432", "IBAN<IBAN>"),
        ("税号9135 0100 M000 100Y 43", "税号<CN_USCC>"),
    ],
)
def test_what_stands_between_the_digits_does_not_hide_a_number(text: str, masked: str) -> None:
    assert redact(text) == masked


def test_a_finding_without_a_check_digit_scores_less_than_one_with() -> None:
    (card,) = detect("4111111111111111")
    (announced,) = detect("电话13800138000")
    (bare,) = detect("13800138000")
    assert (card.reason, announced.reason, bare.reason) == ("checksum", "context:电话", "format")
    assert 1 > card.score > announced.score > bare.score >= 0.5
