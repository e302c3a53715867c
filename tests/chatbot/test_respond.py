from __future__ import annotations

from dataclasses import replace

from chatbot.conversation import Action, Decision, Language
from chatbot.respond import QUOTE_CHARACTERS, apologise, cite, respond
from chatbot.templates import load_templates
from knowledge_base.passages import Hit, Passage

TEMPLATES = load_templates(companies={"en": "Maplewood", "zh": "枫木"})


def _hit(text: str, *, language: str = "en") -> Hit:
    return Hit(Passage("d#0", "d", text, "Title", "/help/d", language, ("Question?",)), 0.9)


def test_a_curated_answer_is_given_verbatim_with_its_source() -> None:
    text = "You have 15 days.  Even with two spaces.\nAnd lines."
    wording = respond(Decision(Action.ANSWER, "article", (_hit(text),)), Language.EN, TEMPLATES)
    assert wording.text == text
    assert wording.citations[0].document_id == "d"
    assert wording.citations[0].quote == "You have 15 days."


def test_an_article_in_the_other_language_is_announced() -> None:
    decision = Decision(Action.ANSWER, "article", (_hit("七天内可退。", language="zh"),))
    wording = respond(decision, Language.EN, TEMPLATES)
    assert wording.text.startswith("We have this article only in Chinese")
    assert wording.text.endswith("七天内可退。")
    assert wording.citations


def test_alternatives_become_quick_replies() -> None:
    decision = Decision(Action.CLARIFY, "unsure", (_hit("x"),), "clarify_one")
    wording = respond(decision, Language.ZH_HANS, TEMPLATES)
    assert [(item.text, item.document_id) for item in wording.suggestions] == [("Question?", "d")]
    assert not wording.citations


def test_a_refusal_and_an_apology_offer_a_person_in_every_language() -> None:
    for language in Language:
        decision = Decision(Action.REFUSE, "no_article", template="refuse", offer_person=True)
        refusal = respond(decision, language, TEMPLATES)
        assert refusal.suggestions == apologise(language, TEMPLATES).suggestions
        assert len(refusal.suggestions) == 1


def test_every_template_exists_in_both_languages_and_renders() -> None:
    for name in TEMPLATES.texts:
        rendered = [TEMPLATES.render(name, language) for language in Language]
        assert all(rendered)
        assert len(set(rendered)) >= 2


def test_traditional_readers_get_traditional_characters() -> None:
    assert "請" in TEMPLATES.render("greeting", Language.ZH_HANT)


def test_a_long_first_sentence_is_cut_for_the_quote() -> None:
    quote = cite(_hit("很" * 500, language="zh")).quote
    assert len(quote) == QUOTE_CHARACTERS
    assert quote.endswith("…")


def test_a_question_between_two_articles_names_both_in_every_language() -> None:
    hits = (_named("Return or {keep}?"), _named("怎么换货？"))
    for language in Language:
        decision = Decision(Action.CLARIFY, "ambiguous", hits, "clarify_either")
        wording = respond(decision, language, TEMPLATES)
        assert [item.text for item in wording.suggestions] == ["Return or {keep}?", "怎么换货？"]
        assert "“Return or {keep}?”" in wording.text
        assert wording.text.index("Return") < wording.text.index("“怎")
        assert not wording.citations


def _named(question: str) -> Hit:
    hit = _hit("text")
    return replace(hit, passage=replace(hit.passage, questions=(question,)))
