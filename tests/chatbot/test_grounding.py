"""What a generated answer may say of its passages, by example."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.demo.company import KNOWLEDGE
from chatbot.generate import GenerationLimits
from chatbot.grounding import Fault, Grounding, check_grounding
from chatbot.sentences import sentences
from knowledge_base.passages import Passage
from knowledge_base.readers import read_documents

PASSAGES = {
    document.id: Passage(
        f"{document.id}#0",
        document.id,
        document.answer,
        document.title,
        document.url,
        document.language,
    )
    for document in read_documents(KNOWLEDGE)
}


def _check(article: str, answer: str) -> Grounding:
    return check_grounding(answer, [PASSAGES[article]], min_overlap=GenerationLimits().min_overlap)


def _faults(grounding: Grounding) -> set[Fault]:
    return {problem.fault for verdict in grounding.sentences for problem in verdict.problems}


RIGHT = [
    ("delivery-time-en", "Standard delivery takes two to four days [1]."),
    ("delivery-time-en", "Orders paid by 4 pm from Monday to Saturday leave the same day. [1]"),
    ("delivery-time-en", "Standard delivery takes up to 4 days [1]."),
    ("delivery-time-zh", "标准配送一般二至四天送达[1]。"),
    ("delivery-time-zh", "周一至周六16：00前付款的订单当天出库[1]。快递员周末照常派送[1]。"),
    ("delivery-cost-en", "Express delivery costs 18 yuan [1]."),
    ("delivery-cost-en", "Standard delivery is ¥8, and orders of ¥99 or more are free [1]."),
    ("delivery-cost-zh", "标准配送每单￥８，满99元免运费[1]。"),
    ("delivery-cost-zh", "加急配送每单收18块[1]。"),
    ("international-delivery-en", "We deliver to Japan for ¥120 in 7 to 12 days [1]."),
    ("store-pickup-en", "Yes, we keep your order for seven days [1]."),
    ("return-window-en", "You can return an item within 7 days of delivery [1]."),
    ("return-window-en", "If an item has a quality fault, you can return it within 15 days [1]."),
    ("return-window-en", "The device must not be activated or show signs of use [1]."),
    ("return-window-zh", "签收后七天内支持无理由退货[1]。"),
    ("return-window-zh", "有质量问题的商品１５天内可退[1]。"),
    ("refund-time-en", "A refund to a credit card takes 3–7 working days [1]."),
    ("refund-time-zh", "退款到信用卡需要3至7个工作日[1]。"),
    ("warranty-length-en", "The warranty for laptops runs for 2 years [1]."),
    ("payment-methods-en", "Cash on delivery is not available [1]."),
    ("payment-methods-en", "We accept Alipay and WeChat Pay [1]."),
    ("payment-methods-zh", "暂不支持货到付款[1]。"),
    ("instalments-en", "12 months cost 0.5 percent of the order amount per month [1]."),
    ("instalments-en", "You can choose 3, 6, 12 or 24 monthly payments at checkout [1]."),
    ("change-delivery-address-en", "Please call our hotline 400-800-0000 after dispatch [1]."),
    ("track-order-zh", "请打开“我的订单”，点击“查看物流”[1]。"),
    ("repair-cost-zh", "保修期外的维修收取五十元检测费[1]。"),
    ("track-order-zh", "发货后12小时内可以看到快递单号。"),
    ("exchange-item-zh", "快递上门换货收12元，到门店更换免费。"),
    ("reset-password-en", "After five wrong attempts, your login is locked for 30 minutes."),
    ("cancel-order-en", "You can cancel your order free of charge before it is dispatched."),
    ("delete-account-zh", "注销申请15天后生效，期间登录会撤销申请。"),
]

WRONG = [
    # Invented or changed numbers.
    ("exchange-item-zh", "快递上门换货免费，到门店更换收12元。", Fault.SWAPPED),
    ("damaged-or-missing-item-en", "You can report damage at any time [1].", Fault.DAY),
    ("delete-account-zh", "注销申请立即生效[1]。", Fault.DAY),
    ("accidental-damage-zh", "标准保修包含碎屏和进液[1]。", Fault.NEGATION),
    ("delivery-time-en", "Standard delivery takes 3–6 days [1].", Fault.NUMBER),
    ("delivery-time-en", "Standard delivery takes 2 days [1].", Fault.NUMBER),
    ("delivery-time-en", "Orders paid by 18:00 leave the same day [1].", Fault.NUMBER),
    ("delivery-time-en", "Express delivery arrives in 80 major cities [1].", Fault.NUMBER),
    ("delivery-time-zh", "标准配送一般三天送达[1]。", Fault.NUMBER),
    ("delivery-cost-en", "Standard delivery costs $8 [1].", Fault.NUMBER),
    ("delivery-cost-en", "Orders up to ¥99 are free [1].", Fault.NUMBER),
    ("refund-time-en", "A refund to a credit card takes 3–7 days [1].", Fault.NUMBER),
    ("refund-time-zh", "信用卡退款需要3至7天[1]。", Fault.NUMBER),
    ("return-window-zh", "签收后三十天内支持无理由退货[1]。", Fault.NUMBER),
    ("return-window-zh", "签收后半年内可以退货[1]。", Fault.NUMBER),
    ("instalments-en", "12 months cost 5% of the order amount per month [1].", Fault.NUMBER),
    ("change-delivery-address-en", "Please call our hotline 400-800-1234 [1].", Fault.NUMBER),
    ("store-pickup-en", "Select one of our 12 shops in 28 cities [1].", Fault.NUMBER),
    ("membership-points-en", "Points expire on January 1, 2027 [1].", Fault.NUMBER),
    # Right numbers of something else.
    ("delivery-cost-en", "Express delivery costs ¥8 [1].", Fault.SWAPPED),
    ("delivery-cost-en", "Express delivery is free [1].", Fault.SWAPPED),
    ("delivery-cost-zh", "加急配送每单8元[1]。", Fault.SWAPPED),
    ("return-window-en", "You can return an item without giving a reason within 15 days [1].",
     Fault.SWAPPED),
    ("international-delivery-zh", "寄往日本、韩国运费45元[1]。", Fault.SWAPPED),
    ("warranty-length-en", "The warranty on accessories such as cables runs for 24 months [1].",
     Fault.SWAPPED),
    ("international-delivery-en", "We deliver to Taiwan for ¥120 in 7–12 days [1].",
     Fault.SWAPPED),
    ("international-delivery-zh", "寄往台湾运费120元，7–12天送达[1]。", Fault.SWAPPED),
    # Flipped negation.
    ("payment-methods-en", "Cash on delivery is available [1].", Fault.NEGATION),
    ("payment-methods-zh", "我们支持货到付款[1]。", Fault.NEGATION),
    ("price-protection-en", "Flash sales and personal coupons are covered [1].", Fault.NEGATION),
    ("return-window-zh", "设备可以激活[1]。", Fault.NEGATION),
    ("cancel-order-en", "A delivery fee you paid is refunded [1].", Fault.NEGATION),
    ("warranty-length-en", "Drops, liquids and normal wear are included [1].", Fault.NEGATION),
    ("international-delivery-en", "Power banks can be sent outside mainland China [1].",
     Fault.NEGATION),
    ("instalments-en", "You can't pay off the rest early at any time [1].", Fault.NEGATION),
    # Modality and restrictions.
    ("instalments-en", "You must pay off the rest early at any time [1].", Fault.MODALITY),
    ("cancel-order-en", "Single items can be removed before dispatch [1].", Fault.RESTRICTION),
    ("return-window-en", "Opened in-ear earbuds and activated software codes are excluded [1].",
     Fault.RESTRICTION),
    ("delete-account-en", "After that your personal data is erased [1].", Fault.RESTRICTION),
    # Invented names, days, places, terms, addresses.
    ("store-pickup-en", "We have 28 shops in 12 cities such as Shenzhen [1].", Fault.NAME),
    ("delivery-cost-zh", "北京的订单满99元免运费[1]。", Fault.NAME),
    ("international-delivery-en", "Germany: we deliver in 7–12 days for ¥120 [1].", Fault.NAME),
    ("payment-methods-en", "We accept Alipay, WeChat Pay and PayPal [1].", Fault.NAME),
    ("payment-methods-zh", "我们支持支付宝、微信支付和PayPal[1]。", Fault.NAME),
    ("delivery-time-en", "Orders placed on Friday are dispatched later [1].", Fault.DAY),
    ("track-order-zh", "请打开“我的包裹”，点击“查看物流”[1]。", Fault.QUOTE),
    ("track-order-en", "Open “My Parcels” to see the tracking number [1].", Fault.QUOTE),
    ("repair-booking-en", "Send the device to repair@maplewood.example [1].", Fault.EMAIL),
    ("repair-booking-en", "Book a repair at www.maple-repairs.com [1].", Fault.URL),
    # Nothing of it is in the passage.
    ("payment-methods-en", "Students get a discount on every laptop [1].", Fault.WORDS),
    ("payment-methods-zh", "学生购买笔记本享受优惠[1]。", Fault.WORDS),
    ("store-pickup-en", "Do you keep my order at the shop? [1].", Fault.QUESTION),
    ("extended-warranty-zh", "6%[1]。", Fault.WORDS),
    ("extended-warranty-en", "¥39 [1].", Fault.WORDS),
    ("payment-methods-en", "Yes, we accept Visa and Mastercard credit cards [1].", Fault.VERDICT),
    # Citations.
    ("payment-methods-en", "We accept Alipay [2].", Fault.UNKNOWN_CITATION),
]  # fmt: skip


@pytest.mark.parametrize(("article", "answer"), RIGHT, ids=[row[1] for row in RIGHT])
def test_a_right_paraphrase_passes(article: str, answer: str) -> None:
    grounding = _check(article, answer)
    assert grounding.ok, grounding.sentences


@pytest.mark.parametrize(("article", "answer", "fault"), WRONG, ids=[row[1] for row in WRONG])
def test_what_the_passage_does_not_say_fails(article: str, answer: str, fault: Fault) -> None:
    grounding = _check(article, answer)
    assert not grounding.ok
    assert fault in _faults(grounding), grounding.sentences


@pytest.mark.parametrize("article", PASSAGES)
def test_every_sentence_of_an_article_is_grounded_in_it(article: str) -> None:
    for sentence in sentences(PASSAGES[article].text):
        grounding = _check(article, sentence)
        assert grounding.ok, grounding.sentences


def test_one_failing_sentence_fails_the_answer() -> None:
    answer = "We accept Alipay [1]. We also accept cheques from Barclays [1]."
    grounding = _check("payment-methods-en", answer)
    assert not grounding.ok
    assert [bool(verdict.problems) for verdict in grounding.sentences] == [False, True]


def test_a_sentence_is_held_against_the_passage_that_it_cites() -> None:
    both = [PASSAGES["delivery-cost-en"], PASSAGES["refund-time-en"]]
    right = "Express delivery costs ¥18 [1]. Refunds to a debit card take 1–3 working days [2]."
    assert check_grounding(right, both, min_overlap=0.6).ok
    crossed = right.replace("[1]", "[3]").replace("[2]", "[1]").replace("[3]", "[2]")
    assert not check_grounding(crossed, both, min_overlap=0.6).ok


def test_a_sentence_without_a_mark_inherits_one() -> None:
    both = [PASSAGES["delivery-cost-en"], PASSAGES["refund-time-en"]]
    answer = "Express delivery costs ¥18. Standard delivery costs ¥8 [1]."
    assert [
        verdict.cited for verdict in check_grounding(answer, both, min_overlap=0.5).sentences
    ] == [
        (1,),
        (1,),
    ]


def test_without_any_mark_several_passages_leave_no_ground() -> None:
    both = [PASSAGES["delivery-cost-en"], PASSAGES["refund-time-en"]]
    grounding = check_grounding("Express delivery costs ¥18.", both, min_overlap=0.6)
    assert _faults(grounding) == {Fault.NO_CITATION}
    assert check_grounding("Express delivery costs ¥18.", both[:1], min_overlap=0.6).ok


def test_the_threshold_decides_how_many_new_words_are_too_many() -> None:
    answer = "We gladly accept Alipay everywhere [1]."
    passages = [PASSAGES["payment-methods-en"]]
    assert check_grounding(answer, passages, min_overlap=0.5).ok
    assert not check_grounding(answer, passages, min_overlap=0.9).ok


@pytest.mark.parametrize("answer", ["", "  ", "[1]", "…", "[1] [2]"])
def test_nothing_said_is_not_grounded(answer: str) -> None:
    assert not _check("payment-methods-en", answer).ok


@given(st.text(max_size=200))
def test_any_text_is_judged_without_an_error(answer: str) -> None:
    grounding = _check("delivery-cost-zh", answer)
    assert grounding.ok == (
        bool(grounding.sentences) and not any(each.problems for each in grounding.sentences)
    )


@given(st.integers(min_value=1, max_value=99_999))
def test_an_amount_passes_only_where_the_passage_has_it(amount: int) -> None:
    grounding = _check("delivery-cost-en", f"Express delivery costs ¥{amount:,} [1].")
    assert grounding.ok == (amount == 18)


def test_nearly_every_small_lie_about_an_article_is_seen() -> None:
    """Of each sentence of the demo company: every number raised, every verb turned around."""
    told = {
        lie: article
        for article, passage in PASSAGES.items()
        for sentence in sentences(passage.text)
        for lie in (*_other_numbers(sentence), *_opposites(sentence))
    }
    passed = [lie for lie, article in told.items() if _check(article, lie).ok]
    assert len(told) > 400
    assert len(passed) <= 0.03 * len(told), passed


def _other_numbers(sentence: str) -> list[str]:
    return [
        f"{sentence[: match.start()]}{int(float(match.group())) + 3}{sentence[match.end() :]}"
        for match in re.finditer(r"\d+(?:\.\d+)?", sentence)
    ]


def _opposites(sentence: str) -> list[str]:
    turns = (
        (" not ", " "),
        (" cannot ", " can "),
        ("不支持", "支持"),
        ("无法", "可以"),
        ("不退", "退"),
    )
    back = (" are ", " are not "), (" is ", " is not "), (" can ", " cannot ")
    denied = any(word in sentence for word in (" not ", " no ", "cannot"))
    chosen = turns if denied else (*turns, *back)
    return [sentence.replace(was, now, 1) for was, now in chosen if was in sentence]
