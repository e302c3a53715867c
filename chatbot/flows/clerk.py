"""Fills forms in a conversation: decides when one begins, asks, and calls the company system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chatbot.conversation import Action, Decision, Language, Suggestion
from chatbot.errors import ActionUnavailable
from chatbot.flows.form import CONFIRM, NOT_FOUND, Form, in_words
from chatbot.flows.slots import proofs_in, read_slot, without
from chatbot.flows.walk import (
    Kind,
    Step,
    ask_again,
    begin,
    brings_value,
    is_bare_value,
    start_over,
    walk,
)
from chatbot.memory import FormState
from chatbot.ports import CompanySystem
from chatbot.respond import Wording


@dataclass(frozen=True)
class FormReply:
    """What the form says to one message."""

    decision: Decision
    wording: Wording
    state: FormState | None
    hidden: tuple[str, ...] = field(default=(), repr=False)
    """Parts of the message that must not be kept."""


@dataclass(frozen=True)
class Clerk:
    """The forms whose company systems are connected."""

    forms: tuple[Form, ...] = ()
    systems: Mapping[str, CompanySystem] = field(default_factory=dict)
    """By form name."""

    def opened_by(self, text: str) -> Form | None:
        """The form that a clicked quick reply or a lone value begins, whatever the models say."""
        return next(
            (form for form in self.forms if form.says("button", text) or is_bare_value(form, text)),
            None,
        )

    def recognised(self, text: str) -> Form | None:
        return next((form for form in self.forms if brings_value(form, text)), None)

    def has_value(self, form: Form, text: str) -> bool:
        """Whether the text holds what the form asks for first."""
        return brings_value(form, text)

    def proofs(self, state: FormState | None, text: str) -> tuple[str, ...]:
        """Parts of an answer to a question for a secret, whether the form understands it or not."""
        form = self.begun(state)
        slot = form.slot(state.asking) if form is not None and state is not None else None
        return proofs_in(text) if slot is not None and slot.secret else ()

    def without_values(self, text: str) -> str:
        """The text without what forms collect: numbers and codes are no words."""
        for form in self.forms:
            found = [read_slot(slot, text, asked=False) for slot in form.slots]
            text = without(text, [one for one in found if one is not None])
        return text

    def wanted(self, intent: str) -> Form | None:
        return next((form for form in self.forms if form.intent == intent), None)

    def begun(self, state: FormState | None) -> Form | None:
        return next((form for form in self.forms if state and form.name == state.form), None)

    def open(self, form: Form, text: str, language: Language) -> FormReply:
        return self._reply(form, begin(form, text), language)

    def go_on(
        self, form: Form, state: FormState, text: str, language: Language
    ) -> FormReply | None:
        """None where the message says nothing to the form."""
        step = walk(form, state, text)
        return None if step.kind is Kind.UNHEARD else self._reply(form, step, language)

    def ask_again(self, form: Form, state: FormState, language: Language) -> FormReply:
        """After a message that was neither an answer nor another question."""
        again = ask_again(form, state)
        if again is None:
            return _give_up(form, state, language)
        return FormReply(
            Decision(Action.COLLECT, "form_not_understood"),
            self._question(form, again, language, again=True),
            again,
        )

    def return_to(
        self, form: Form, state: FormState, wording: Wording, language: Language
    ) -> Wording:
        """The answer to an interruption, and the form's question after it."""
        question = self._question(form, state, language)
        back = in_words(form.texts["back"], language)
        return replace(
            wording,
            text=f"{wording.text}\n\n{back} {question.text}",
            suggestions=(*wording.suggestions, *question.suggestions),
        )

    def offer(self, form: Form, wording: Wording, language: Language) -> tuple[Wording, FormState]:
        """The article stays the answer; looking the case up is offered beside it."""
        text = f"{wording.text}\n\n{in_words(form.texts['offer'], language)}"
        button = Suggestion(in_words(form.texts["button"], language))
        state = FormState(form.name, asking=form.slots[0].name, offered=True)
        return replace(wording, text=text, suggestions=(*wording.suggestions, button)), state

    def _reply(self, form: Form, step: Step, language: Language) -> FormReply:
        if step.kind is Kind.CANCELLED or step.state is None:
            text = in_words(form.texts["cancelled"], language)
            return FormReply(Decision(Action.ANSWER, "form_cancelled"), Wording(text), None)
        if step.kind is Kind.ACT:
            return replace(self._act(form, step, step.state, language), hidden=step.said)
        reason = "form_confirm" if step.kind is Kind.CONFIRM else "form_ask"
        wording = self._question(form, step.state, language)
        return FormReply(Decision(Action.COLLECT, reason), wording, step.state, step.said)

    def _question(
        self, form: Form, state: FormState, language: Language, *, again: bool = False
    ) -> Wording:
        slot = form.slot(state.asking)
        if slot is not None:
            return Wording(in_words(slot.again if again else slot.ask, language))
        text = in_words(form.texts[CONFIRM], language, state.values)
        buttons = tuple(Suggestion(in_words(form.texts[name], language)) for name in ("yes", "no"))
        return Wording(text, suggestions=buttons)

    def _act(self, form: Form, step: Step, state: FormState, language: Language) -> FormReply:
        try:
            result = self.systems[form.name].look_up(state.values, secrets=step.secrets)
            if result.status not in form.results:
                raise ActionUnavailable("an answer that the form does not know")
            text = in_words(
                form.results[result.status], language, {**result.fields, **state.values}
            )
        except (ActionUnavailable, KeyError):
            # The values stay, so that the customer need not type them again.
            kept = replace(state, asking=form.slots[-1].name)
            unavailable = Wording(in_words(form.texts["unavailable"], language))
            decision = Decision(Action.ACT, "system_unavailable", offer_person=True)
            return FormReply(decision, unavailable, kept)
        if result.status == NOT_FOUND:
            over = start_over(form, state)
            if over is None:
                return _give_up(form, state, language)
            return FormReply(Decision(Action.ACT, "form_not_found"), Wording(text), over)
        return FormReply(Decision(Action.ACT, f"{form.name}_{result.status}"), Wording(text), None)


def _give_up(form: Form, state: FormState, language: Language) -> FormReply:
    """A person takes over and can see what is known; the form waits to be picked up again."""
    text = in_words(form.texts["gave_up"], language)
    kept = replace(state, offered=True, tries=0, asking=form.slots[0].name)
    return FormReply(Decision(Action.HANDOFF, "form_failed"), Wording(text), kept)
