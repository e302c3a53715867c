"""One step through a form: a pure function of what is known and what was said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from chatbot.flows.form import CONFIRM, Form, Slot
from chatbot.flows.slots import Answer, Found, read_answer, read_slot, without
from chatbot.memory import FormState

_LETTERS = re.compile(r"[^\W\d_]")


class Kind(Enum):
    ASK = "ask"
    CONFIRM = "confirm"
    ACT = "act"
    CANCELLED = "cancelled"
    UNHEARD = "unheard"
    """Nothing in the text fits: another question, or a slip."""


@dataclass(frozen=True)
class Step:
    kind: Kind
    state: FormState | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """For ACT alone."""
    said: tuple[str, ...] = field(default=(), repr=False)
    """The secrets as they stand in the text, to be masked there."""


def begin(form: Form, text: str) -> Step:
    """The first step; `text` may hold values already."""
    return _onward(form, FormState(form.name), _read(form, FormState(form.name), text))


def brings_value(form: Form, text: str) -> bool:
    """Whether the text holds what the form asks for first, in its strict shape."""
    return read_slot(form.slots[0], text, asked=False) is not None


def is_bare_value(form: Form, text: str) -> bool:
    """Whether the text says nothing beside that value."""
    found = [read_slot(slot, text, asked=False) for slot in form.slots]
    if found[0] is None:
        return False
    rest = without(text, [one for one in found if one is not None])
    return not _LETTERS.search(form.beside.sub(" ", rest))


def walk(form: Form, state: FormState, text: str) -> Step:
    """The next step of a form that was begun."""
    answer = read_answer(text)
    found = _read(form, state, text)
    if answer is Answer.CANCEL and not found:
        return Step(Kind.CANCELLED)
    if state.offered and form.slots[0].name not in found:
        return Step(Kind.UNHEARD, None)
    if found:
        return _onward(form, replace(state, offered=False), found)
    if state.asking == CONFIRM and answer is Answer.YES:
        return _ask_missing(form, replace(state, tries=0), confirmed=True)
    if state.asking == CONFIRM and answer is Answer.NO:
        # The last value is the one that was read back.
        kept = dict(list(state.values.items())[:-1])
        return _ask_missing(form, replace(state, values=kept, tries=0), confirmed=False)
    return Step(Kind.UNHEARD, state)


def ask_again(form: Form, state: FormState) -> FormState | None:
    """One more failed answer; None when it was one too many."""
    fresh = replace(state, tries=state.tries + 1)
    return fresh if fresh.tries <= form.tries else None


def start_over(form: Form, state: FormState) -> FormState | None:
    """After the company system knew nothing of it."""
    again = ask_again(form, state)
    return replace(again, values={}, asking=form.slots[0].name) if again else None


def _read(form: Form, state: FormState, text: str) -> dict[str, Found]:
    found: dict[str, Found] = {}
    rest = text
    for slot in sorted(form.slots, key=lambda slot: slot.name != state.asking):
        one = read_slot(slot, rest, asked=slot.name == state.asking)
        if one is not None:
            found[slot.name] = one
            rest = without(rest, [one])
    return found


def _onward(form: Form, state: FormState, found: Mapping[str, Found]) -> Step:
    secret = {slot.name for slot in form.secret_slots}
    news = {name: one.value for name, one in found.items() if name not in secret}
    secrets = {name: one.value for name, one in found.items() if name in secret}
    said = tuple(one.said for name, one in found.items() if name in secret)
    changed = any(state.values.get(name) != value for name, value in news.items())
    known = replace(state, values={**state.values, **news}, tries=0 if news else state.tries)
    complete = all(slot.name in known.values for slot in form.open_slots)
    if complete and len(secrets) == len(secret):
        return Step(Kind.ACT, known, secrets, said)
    # Past the confirmation the customer is asked for secrets; a new value takes them back to it.
    confirmed = state.asking in secret and not changed
    return replace(_ask_missing(form, known, confirmed=confirmed), said=said)


def _ask_missing(form: Form, state: FormState, *, confirmed: bool) -> Step:
    missing = _missing(form.open_slots, state)
    if missing is not None:
        return Step(Kind.ASK, replace(state, asking=missing.name))
    if not confirmed:
        return Step(Kind.CONFIRM, replace(state, asking=CONFIRM))
    if form.secret_slots:
        return Step(Kind.ASK, replace(state, asking=form.secret_slots[0].name))
    return Step(Kind.ACT, state)


def _missing(slots: tuple[Slot, ...], state: FormState) -> Slot | None:
    return next((slot for slot in slots if slot.name not in state.values), None)
