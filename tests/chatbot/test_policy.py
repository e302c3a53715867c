from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.conversation import Action, Course, Evidence, Language, LanguageGuess, Understanding
from chatbot.policy import TOPICLESS, Thresholds, decide, prefer_language
from knowledge_base.passages import Hit, Passage

LIMITS = Thresholds(answer=0.5, clarify=0.2, out_of_scope=0.9, generic=0.6)


def _hit(document: str, score: float, *, language: str = "en", tag: str = "") -> Hit:
    tags = (tag,) if tag else ()
    return Hit(
        Passage(f"{document}#0", document, "text", "title", "", language, ("question",), tags),
        score,
    )


def _evidence(
    *hits: Hit, intent: str = "return_window", confidence: float = 0.9, out_of_scope: float = 0.0
) -> Evidence:
    return Evidence(
        LanguageGuess(Language.EN), Understanding(intent, confidence, out_of_scope), hits
    )


def test_a_sure_article_is_the_answer() -> None:
    decision = decide(_evidence(_hit("a", 0.8), _hit("b", 0.1)), LIMITS)
    assert decision.action is Action.ANSWER
    assert [hit.passage.document_id for hit in decision.hits] == ["a"]


def test_when_unsure_the_two_best_are_offered() -> None:
    decision = decide(_evidence(_hit("a", 0.4), _hit("b", 0.3), _hit("c", 0.25)), LIMITS)
    assert decision.action is Action.CLARIFY
    assert [hit.passage.document_id for hit in decision.hits] == ["a", "b"]


def test_one_alternative_alone_is_asked_for_in_the_singular() -> None:
    decision = decide(_evidence(_hit("a", 0.4)), LIMITS)
    assert decision.template == "clarify_one"


def test_without_an_article_it_refuses() -> None:
    assert decide(_evidence(), LIMITS).action is Action.REFUSE
    assert decide(_evidence(_hit("a", 0.1)), LIMITS).action is Action.REFUSE


def test_what_is_out_of_scope_is_refused_whatever_was_found() -> None:
    decision = decide(_evidence(_hit("a", 0.8), out_of_scope=0.95), LIMITS)
    assert (decision.action, decision.reason) == (Action.REFUSE, "out_of_scope")


def test_what_neither_model_nor_knowledge_speaks_for_is_refused_and_not_guessed_at() -> None:
    evidence = _evidence(_hit("a", 0.4), intent="out_of_scope", out_of_scope=0.6)
    assert decide(evidence, LIMITS).action is Action.REFUSE
    sure = _evidence(_hit("a", 0.8), intent="out_of_scope", out_of_scope=0.6)
    assert decide(sure, LIMITS).action is Action.ANSWER


def test_who_wants_a_person_gets_one_although_an_article_fits() -> None:
    decision = decide(_evidence(_hit("a", 0.9), intent="request_human"), LIMITS)
    assert decision.action is Action.HANDOFF


def test_a_doubtful_greeting_does_not_hide_the_article() -> None:
    decision = decide(_evidence(_hit("a", 0.9), intent="greeting", confidence=0.4), LIMITS)
    assert decision.hits


def test_nothing_to_understand_asks_for_words() -> None:
    evidence = Evidence(
        LanguageGuess(Language.EN, certain=False), Understanding("", 0.0, 1.0), wordless=True
    )
    assert decide(evidence, LIMITS).template == "unclear"


def test_the_article_in_the_customers_language_wins_over_its_twin() -> None:
    own, twin = _hit("a-en", 0.6, tag="t"), _hit("a-zh", 0.9, language="zh", tag="t")
    assert prefer_language((twin, own), Language.EN, answer=0.5) == (own,)


def test_the_other_language_answers_when_only_it_can() -> None:
    poor, other = _hit("a-en", 0.3), _hit("b-zh", 0.9, language="zh")
    assert prefer_language((other, poor), Language.EN, answer=0.5) == (other,)
    assert prefer_language((other,), Language.EN, answer=0.5) == (other,)


@given(
    st.lists(st.floats(0, 1), max_size=5),
    st.floats(0, 1),
    st.floats(0, 1),
    st.sampled_from(["greeting", "request_human", "return_window", "out_of_scope"]),
)
def test_an_answer_from_knowledge_always_reaches_its_threshold(
    scores: list[float], confidence: float, out_of_scope: float, intent: str
) -> None:
    hits = [_hit(str(place), score) for place, score in enumerate(sorted(scores, reverse=True))]
    evidence = _evidence(*hits, intent=intent, confidence=confidence, out_of_scope=out_of_scope)
    decision = decide(evidence, LIMITS)
    if decision.action is Action.ANSWER and decision.hits:
        assert decision.hits[0].score >= LIMITS.answer
        assert out_of_scope < LIMITS.out_of_scope
    assert bool(decision.hits) or decision.template


def _after(
    *moods: float, failures: int = 0, called: bool = False, score: float = 0.8, oos: float = 0.0
) -> Evidence:
    found = _evidence(_hit("a", score), out_of_scope=oos)
    return replace(found, course=Course(moods, failures=failures, person_called=called))


def test_one_furious_message_calls_a_person_and_keeps_the_article_at_hand() -> None:
    decision = decide(_after(-0.9), LIMITS)
    assert (decision.action, decision.reason) == (Action.HANDOFF, "anger")
    assert decision.hits


def test_an_angry_message_is_answered_with_regret_and_the_offer_of_a_person() -> None:
    decision = decide(_after(-0.5), LIMITS)
    assert (decision.action, decision.preface) == (Action.ANSWER, "sorry_for_trouble")
    assert decision.offer_person


def test_the_second_angry_message_calls_a_person() -> None:
    assert decide(_after(-0.5, 0.1, -0.5), LIMITS).reason == "anger_again"
    assert decide(_after(-0.5, 0.1, 0.0), LIMITS).action is Action.ANSWER


def test_turns_without_help_call_a_person_at_the_limit_and_not_before() -> None:
    for failures in range(LIMITS.failures - 1):
        assert decide(_after(0.0, failures=failures, score=0.1), LIMITS).action is Action.REFUSE
    last = decide(_after(0.0, failures=LIMITS.failures - 1, score=0.1), LIMITS)
    assert (last.action, last.reason) == (Action.HANDOFF, "repeated_failure")


def test_an_answer_is_given_however_many_turns_failed_before() -> None:
    assert decide(_after(0.0, failures=9), LIMITS).action is Action.ANSWER


def test_who_talks_about_something_else_is_offered_a_person_and_not_sent_one() -> None:
    decision = decide(_after(0.0, failures=5, score=0.1, oos=0.99), LIMITS)
    assert (decision.action, decision.template) == (Action.REFUSE, "failed_again")
    assert decision.offer_person


def test_a_person_is_called_once_and_the_bot_helps_until_they_come() -> None:
    assert decide(_after(-0.9, -0.9, called=True), LIMITS).action is Action.ANSWER
    refusal = decide(_after(0.0, failures=9, called=True, score=0.1), LIMITS)
    assert (refusal.action, refusal.template) == (Action.REFUSE, "refuse_waiting")
    assert not refusal.offer_person
    asked_again = replace(
        _evidence(_hit("a", 0.9), intent="request_human"), course=Course(person_called=True)
    )
    assert decide(asked_again, LIMITS).template == "still_waiting"


@given(
    st.lists(st.floats(-1, 1), max_size=4),
    st.integers(0, 5),
    st.booleans(),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_calm_customers_who_were_helped_are_never_handed_off(
    moods: list[float], failures: int, called: bool, score: float, oos: float
) -> None:
    evidence = _after(*moods, failures=failures, called=called, score=score, oos=oos)
    decision = decide(evidence, LIMITS)
    if decision.action is Action.HANDOFF:
        assert not called
        angry = bool(moods) and moods[-1] <= LIMITS.angry
        assert angry or failures + 1 >= LIMITS.failures


def _either(
    *hits: Hit, one: str = "return", two: str = "exchange", ambiguous: bool = True
) -> Evidence:
    understanding = Understanding(
        one, 0.45, 0.0, ((one, 0.45), (two, 0.4), ("warranty", 0.15)), ambiguous
    )
    return Evidence(LanguageGuess(Language.EN), understanding, hits)


RETURN, EXCHANGE = _hit("a", 0.4, tag="return"), _hit("c", 0.1, tag="exchange")


def test_two_topics_that_cannot_be_told_apart_are_offered_and_nothing_between_them() -> None:
    decision = decide(_either(RETURN, _hit("b", 0.3, tag="warranty"), EXCHANGE), LIMITS)
    assert (decision.action, decision.reason) == (Action.CLARIFY, "ambiguous")
    assert decision.template == "clarify_either"
    assert decision.hits == (RETURN, EXCHANGE)


def test_a_sure_article_is_not_asked_about_however_close_the_topics_are() -> None:
    sure = _hit("a", 0.5, tag="return")
    assert decide(_either(sure, EXCHANGE), LIMITS).hits == (sure,)
    assert decide(_either(sure, EXCHANGE), LIMITS).action is Action.ANSWER


def test_a_topic_without_an_article_cannot_be_offered() -> None:
    assert decide(_either(RETURN, _hit("b", 0.3)), LIMITS).reason == "unsure"


def test_one_article_about_both_topics_leaves_nothing_to_choose() -> None:
    both = replace(RETURN, passage=replace(RETURN.passage, tags=("exchange", "return")))
    assert decide(_either(both, _hit("b", 0.3)), LIMITS).reason == "unsure"


@pytest.mark.parametrize("generic", sorted(TOPICLESS))
def test_nobody_is_asked_whether_they_meant_a_greeting(generic: str) -> None:
    hits = (RETURN, _hit("g", 0.3, tag=generic))
    assert decide(_either(*hits, two=generic), LIMITS).reason == "unsure"
    assert decide(_either(*hits, one=generic, two="return"), LIMITS).reason == "unsure"


def test_what_the_knowledge_base_is_silent_on_is_refused_and_not_asked_about() -> None:
    silent = _hit("a", 0.1, tag="return")
    assert decide(_either(silent, EXCHANGE), LIMITS).action is Action.REFUSE


TAGS = st.sampled_from(["return", "exchange", "warranty", ""])


@given(
    st.lists(st.tuples(st.floats(0, 1), TAGS), max_size=6),
    st.sampled_from(["return", "greeting", "exchange"]),
    st.booleans(),
)
def test_ambiguity_asks_about_two_articles_or_changes_nothing(
    found: list[tuple[float, str]], two: str, ambiguous: bool
) -> None:
    ordered = sorted(found, key=lambda item: -item[0])
    hits = [_hit(str(place), score, tag=tag) for place, (score, tag) in enumerate(ordered)]
    plain = decide(_either(*hits, two=two, ambiguous=False), LIMITS)
    decision = decide(_either(*hits, two=two, ambiguous=ambiguous), LIMITS)
    assert plain.reason != "ambiguous"
    assert len(decision.hits) <= 2
    if decision != plain:
        assert ambiguous
        assert (decision.action, decision.reason) == (Action.CLARIFY, "ambiguous")
        assert plain.action is Action.CLARIFY
        assert [hit.passage.tags[0] for hit in decision.hits] == ["return", two]
