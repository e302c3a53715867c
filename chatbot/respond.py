"""From a decision to the words a customer reads."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from chatbot.conversation import Action, Citation, Decision, Language, Suggestion
from chatbot.templates import Templates
from knowledge_base.passages import Hit

QUOTE_CHARACTERS = 160
_SENTENCE = re.compile(r".+?(?:[。！？]|[.!?](?=\s|$)|\n|$)", re.DOTALL)


@dataclass(frozen=True)
class Wording:
    text: str
    citations: tuple[Citation, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()


def respond(decision: Decision, language: Language, templates: Templates) -> Wording:
    """The curated answer verbatim with its source, or a polite template."""
    wording = _body(decision, language, templates)
    if decision.preface is not None:
        spoken = f"{templates.render(decision.preface, language)}\n\n{wording.text}"
        wording = replace(wording, text=spoken)
    if decision.offer_person:
        person = _person(language, templates)
        wording = replace(wording, suggestions=(*wording.suggestions, person))
    return wording


def _body(decision: Decision, language: Language, templates: Templates) -> Wording:
    if decision.action is Action.ANSWER and decision.hits:
        return _curated(decision.hits[0], language, templates)
    offers = tuple(_offer(hit) for hit in decision.hits)
    choices = [offer.text for offer in offers]
    text = templates.render(decision.template or "refuse", language, choices=choices)
    return Wording(text, suggestions=offers)


def apologise(language: Language, templates: Templates) -> Wording:
    """What the customer reads when something broke inside."""
    return Wording(
        templates.render("failed", language), suggestions=(_person(language, templates),)
    )


def cite(hit: Hit) -> Citation:
    passage = hit.passage
    return Citation(
        document_id=passage.document_id,
        passage_id=passage.id,
        title=passage.title or (passage.questions[0] if passage.questions else passage.id),
        url=passage.url,
        quote=_quote(passage.text),
        score=round(hit.score, 4),
        language=passage.language,
    )


def _curated(hit: Hit, language: Language, templates: Templates) -> Wording:
    text = hit.passage.text
    if hit.passage.language not in ("", language.base):
        text = f"{templates.render('other_language', language)}\n\n{text}"
    return Wording(text, citations=(cite(hit),))


def _offer(hit: Hit) -> Suggestion:
    passage = hit.passage
    return Suggestion(
        passage.questions[0] if passage.questions else passage.title, passage.document_id
    )


def _person(language: Language, templates: Templates) -> Suggestion:
    return Suggestion(templates.render("talk_to_person", language))


def _quote(text: str) -> str:
    """The first sentence, whole if it fits."""
    match = _SENTENCE.match(text.strip())
    sentence = match.group().strip() if match else text.strip()
    if len(sentence) <= QUOTE_CHARACTERS:
        return sentence
    return sentence[: QUOTE_CHARACTERS - 1].rstrip() + "…"
