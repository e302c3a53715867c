from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.flows.form import Form, Slot, load_forms
from chatbot.flows.slots import Answer, read_answer, read_slot
from privacy.redaction import redact


@pytest.fixture
def form() -> Form:
    return load_forms()[0]


def _slot(form: Form, name: str) -> Slot:
    slot = form.slot(name)
    assert slot is not None
    return slot


@pytest.mark.parametrize(
    "text",
    [
        "ME20260101",
        "it's me20260101, thanks",
        "订单号是ＭＥ２０２６０１０１",
        "ME 2026 0101",
        "ME-20260101",
        "not ME20269999 but ME20260101",
    ],
)
def test_an_order_number_is_found_however_it_is_written(text: str, form: Form) -> None:
    found = read_slot(_slot(form, "order_number"), text, asked=False)
    assert found is not None
    assert found.value == "ME20260101"
    assert found.said in text


@pytest.mark.parametrize(
    "text", ["20260101", "HOME20260101", "ME2026010", "tell me 2026", "¥20260101"]
)
def test_other_numbers_are_no_order_number_unless_asked_for(text: str, form: Form) -> None:
    assert read_slot(_slot(form, "order_number"), text, asked=False) is None


def test_the_digits_alone_are_understood_as_an_answer(form: Form) -> None:
    found = read_slot(_slot(form, "order_number"), "20260101吧", asked=True)
    assert found is not None
    assert found.value == "ME20260101"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0042", "0042"),
        ("尾号是0042", "0042"),
        ("the last four are 00 42", "0042"),
        ("13800130042", "0042"),
        ("+86 138 0013 0042", "0042"),
        ("Lin@Example.com", "lin@example.com"),
        ("邮箱lin@example.com", "lin@example.com"),
    ],
)
def test_who_asks_is_shown_by_phone_or_mail(text: str, value: str, form: Form) -> None:
    found = read_slot(_slot(form, "verifier"), text, asked=True)
    assert found is not None
    assert found.value == value


def test_four_digits_that_nobody_asked_for_prove_nothing(form: Form) -> None:
    verifier = _slot(form, "verifier")
    assert read_slot(verifier, "I paid 1999 yuan", asked=False) is None
    assert read_slot(verifier, "phone ends in 0042", asked=False) is not None
    assert read_slot(verifier, "0042 or 1177", asked=True) is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Yes, please", Answer.YES),
        ("that's right", Answer.YES),
        ("对，请查询", Answer.YES),
        ("是的", Answer.YES),
        ("好", Answer.YES),
        ("No, another one", Answer.NO),
        ("不对，换一个", Answer.NO),
        ("never mind", Answer.CANCEL),
        ("Oh, forget it", Answer.CANCEL),
        ("算了", Answer.CANCEL),
        ("不用了，谢谢", Answer.CANCEL),
        ("算了吧", Answer.CANCEL),
        ("how long does delivery take?", None),
        ("是不是包邮", None),
        ("note that I moved", None),
        ("cancel my subscription to the newsletter", None),
    ],
)
def test_yes_no_and_never_mind_are_understood(text: str, answer: Answer | None) -> None:
    assert read_answer(text) is answer


@settings(deadline=None)
@given(st.text(max_size=60), st.booleans())
def test_any_text_can_be_read(text: str, asked: bool) -> None:
    for slot in load_forms()[0].slots:
        found = read_slot(slot, text, asked=asked)
        assert found is None or found.said in text
    read_answer(text)


@settings(deadline=None, max_examples=50)
@given(
    st.sampled_from(
        [
            "{}",
            "my order number is {}",
            "订单号{}，帮我查一下",
            "card? no, order {} please",
            "我的号码是{}",
            "order no. {}, phone 13800138000",
        ]
    ),
    st.integers(0, 99_999_999),
)
def test_masking_personal_data_leaves_the_order_number(frame: str, number: int) -> None:
    assert f"ME{number:08}" in redact(frame.format(f"ME{number:08}"))
