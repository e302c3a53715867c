from __future__ import annotations

from collections.abc import Mapping

import pytest

from chatbot.conversation import Action, Language
from chatbot.errors import ActionUnavailable
from chatbot.fakes import KnownCases
from chatbot.flows.clerk import Clerk, FormReply
from chatbot.flows.form import ActionResult, Form, load_forms
from chatbot.memory import FormState
from chatbot.respond import Wording

NUMBER = "ME20260101"
SHIPPED = ActionResult(
    "shipped",
    {"item_en": "Pad", "item_zh": "平板", "carrier_en": "SF", "carrier_zh": "顺丰", "days": "2"},
)


class Closed:
    def look_up(self, values: Mapping[str, str], *, secrets: Mapping[str, str]) -> ActionResult:
        raise ActionUnavailable("closed")


@pytest.fixture
def form() -> Form:
    return load_forms()[0]


@pytest.fixture
def clerk(form: Form) -> Clerk:
    return Clerk((form,), {form.name: KnownCases({NUMBER: ("0042", SHIPPED)})})


def _asked_for_secret(form: Form, tries: int = 0) -> FormState:
    return FormState(form.name, {"order_number": NUMBER}, "verifier", tries)


def _say(clerk: Clerk, form: Form, state: FormState, text: str) -> FormReply:
    reply = clerk.go_on(form, state, text, Language.EN)
    assert reply is not None
    return reply


def test_the_status_is_said_in_the_customers_language(clerk: Clerk, form: Form) -> None:
    state = _asked_for_secret(form)
    for language, word in (
        (Language.EN, "SF"),
        (Language.ZH_HANS, "顺丰"),
        (Language.ZH_HANT, "順豐"),
    ):
        reply = clerk.go_on(form, state, "0042", language)
        assert reply is not None
        assert reply.decision.action is Action.ACT
        assert word in reply.wording.text
        assert reply.state is None
        assert reply.hidden == ("0042",)


def test_a_confirmation_comes_with_both_answers_as_buttons(clerk: Clerk, form: Form) -> None:
    reply = clerk.open(form, NUMBER, Language.EN)
    assert (reply.decision.action, reply.decision.reason) == (Action.COLLECT, "form_confirm")
    assert NUMBER in reply.wording.text
    yes, no = reply.wording.suggestions
    assert reply.state is not None
    assert _say(clerk, form, reply.state, yes.text).decision.reason == "form_ask"
    assert _say(clerk, form, reply.state, no.text).decision.reason == "form_ask"


def test_a_wrong_secret_starts_over_and_in_the_end_calls_a_person(clerk: Clerk, form: Form) -> None:
    state: FormState | None = _asked_for_secret(form)
    for _ in range(form.tries):
        assert state is not None
        reply = _say(clerk, form, state, "9999")
        assert reply.decision.reason == "form_not_found"
        assert reply.state is not None
        assert not reply.state.values
        state = _asked_for_secret(form, reply.state.tries)
    assert state is not None
    last = _say(clerk, form, state, "9999")
    assert (last.decision.action, last.decision.reason) == (Action.HANDOFF, "form_failed")


def test_a_closed_system_is_an_apology_and_keeps_what_was_said(form: Form) -> None:
    clerk = Clerk((form,), {form.name: Closed()})
    reply = _say(clerk, form, _asked_for_secret(form), "0042")
    assert reply.decision.reason == "system_unavailable"
    assert reply.decision.offer_person
    assert reply.state is not None
    assert reply.state.values == {"order_number": NUMBER}


@pytest.mark.parametrize("result", [ActionResult("exploded"), ActionResult("shipped")])
def test_an_answer_that_the_form_cannot_say_is_no_answer(form: Form, result: ActionResult) -> None:
    clerk = Clerk((form,), {form.name: KnownCases({NUMBER: ("0042", result)})})
    reply = _say(clerk, form, _asked_for_secret(form), "0042")
    assert reply.decision.reason == "system_unavailable"


def test_after_an_interruption_the_question_comes_back(clerk: Clerk, form: Form) -> None:
    state = _asked_for_secret(form)
    assert clerk.go_on(form, state, "how long does delivery take?", Language.EN) is None
    wording = clerk.return_to(form, state, Wording("2 days."), Language.EN)
    assert wording.text.startswith("2 days.")
    assert "last four digits" in wording.text


def test_a_button_or_a_lone_number_opens_the_form(clerk: Clerk, form: Form) -> None:
    for text in ("Check an order", "查询我的订单", NUMBER, f"订单号是{NUMBER}"):
        assert clerk.opened_by(text) is form
    assert clerk.opened_by(f"cancel {NUMBER}") is None
    assert Clerk().opened_by("Check an order") is None


def test_values_are_no_words_of_a_language(clerk: Clerk) -> None:
    assert "ME" not in clerk.without_values(f"帮我查{NUMBER}")
