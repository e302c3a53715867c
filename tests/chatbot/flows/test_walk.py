from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.flows.form import CONFIRM, Form, load_forms
from chatbot.flows.walk import Kind, Step, ask_again, begin, is_bare_value, start_over, walk
from chatbot.memory import FormState

NUMBER = "ME20260101"


@pytest.fixture
def form() -> Form:
    return load_forms()[0]


def _next(form: Form, step: Step, text: str) -> Step:
    assert step.state is not None
    return walk(form, step.state, text)


def test_the_slots_are_asked_for_confirmed_and_then_used(form: Form) -> None:
    step = begin(form, "where is my order")
    assert (step.kind, step.state and step.state.asking) == (Kind.ASK, "order_number")
    step = _next(form, step, NUMBER)
    assert step.kind is Kind.CONFIRM
    step = _next(form, step, "yes")
    assert (step.kind, step.state and step.state.asking) == (Kind.ASK, "verifier")
    step = _next(form, step, "it's 0042")
    assert step.kind is Kind.ACT
    assert step.secrets == {"verifier": "0042"}
    assert step.said == ("0042",)


def test_all_in_one_message_needs_no_question(form: Form) -> None:
    step = begin(form, f"帮我查{NUMBER}，手机尾号0042")
    assert step.kind is Kind.ACT
    assert step.state is not None
    assert step.state.values == {"order_number": NUMBER}


def test_secrets_are_never_kept(form: Form) -> None:
    step = begin(form, "my mail is lin@example.com")
    assert step.state is not None
    assert not step.state.values
    assert step.said == ("lin@example.com",)
    assert "lin@example.com" not in repr(step)


def test_no_asks_for_the_value_again_and_a_correction_is_taken_at_once(form: Form) -> None:
    confirm = begin(form, NUMBER)
    refused = _next(form, confirm, "no")
    assert refused.state is not None
    assert (refused.kind, refused.state.values) == (Kind.ASK, {})
    corrected = _next(form, confirm, "不对，是ME20260106")
    assert corrected.state is not None
    assert corrected.kind is Kind.CONFIRM
    assert corrected.state.values == {"order_number": "ME20260106"}


def test_another_number_instead_of_the_secret_goes_back_to_the_confirmation(form: Form) -> None:
    asked = _next(form, begin(form, NUMBER), "yes")
    changed = _next(form, asked, "sorry, I meant ME20260104")
    assert changed.kind is Kind.CONFIRM


def test_never_mind_ends_the_form_at_every_question(form: Form) -> None:
    first = begin(form, "")
    second = _next(form, first, NUMBER)
    third = _next(form, second, "yes")
    for step in (first, second, third):
        assert _next(form, step, "算了").kind is Kind.CANCELLED


def test_what_does_not_fit_leaves_the_form_as_it_is(form: Form) -> None:
    step = begin(form, "")
    unheard = _next(form, step, "how long does delivery take?")
    assert (unheard.kind, unheard.state) == (Kind.UNHEARD, step.state)


def test_an_offer_that_is_not_taken_up_is_dropped(form: Form) -> None:
    offered = FormState(form.name, asking="order_number", offered=True)
    assert walk(form, offered, "thanks").state is None
    assert walk(form, offered, f"ok, {NUMBER}").kind is Kind.CONFIRM


def test_patience_ends_after_the_tries_of_the_form(form: Form) -> None:
    state: FormState | None = FormState(form.name, asking="order_number")
    for _ in range(form.tries):
        assert state is not None
        state = ask_again(form, state)
    assert state is not None
    assert ask_again(form, state) is None
    assert start_over(form, state) is None


def test_a_number_with_words_of_another_wish_is_not_bare(form: Form) -> None:
    assert is_bare_value(form, f"my order number is {NUMBER}")
    assert is_bare_value(form, f"订单号是{NUMBER}")
    assert not is_bare_value(form, f"cancel order {NUMBER}")
    assert not is_bare_value(form, f"{NUMBER}要退货")
    assert not is_bare_value(form, "my order number")


@given(
    st.lists(
        st.sampled_from(
            ["yes", "no", "算了", NUMBER, "ME20260104", "0042", "a@b.com", "hello", "12345678", ""]
        ),
        max_size=8,
    )
)
def test_no_order_is_looked_up_without_number_and_secret(texts: list[str]) -> None:
    form = load_forms()[0]
    step = begin(form, "")
    for text in texts:
        if step.kind in (Kind.ACT, Kind.CANCELLED) or step.state is None:
            return
        step = walk(form, step.state, text)
        if step.kind is Kind.ACT:
            assert step.state is not None
            assert set(step.state.values) == {"order_number"}
            assert set(step.secrets) == {"verifier"}
        if step.state is not None and step.kind is Kind.CONFIRM:
            assert step.state.asking == CONFIRM
            assert "order_number" in step.state.values
