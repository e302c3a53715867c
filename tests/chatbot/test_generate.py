from __future__ import annotations

from itertools import count

import pytest

from chatbot.conversation import Language
from chatbot.errors import GeneratorUnavailable
from chatbot.fakes import ScriptedGenerator
from chatbot.generate import Attempt, GenerationLimits, Outcome, generate_answer
from chatbot.generation import ChatMessage, ChatRole
from knowledge_base.passages import Hit, Passage

COST = Hit(
    Passage("c#0", "c", "Express delivery costs ¥18. It is not free.", "Fees", "/help/c", "en"), 0.9
)
REFUND = Hit(Passage("r#0", "r", "Refunds take 3 working days.", "Refunds", "/help/r", "en"), 0.6)
RETURN = Hit(Passage("t#0", "t", "签收后7天内可以退货。", "退货", "/help/t", "zh"), 0.9)
ANSWER = "Express delivery costs 18 yuan [1]. Refunds take three working days [2]."


def _ask(*lines: str | GeneratorUnavailable, limits: GenerationLimits | None = None) -> Attempt:
    return generate_answer(
        ScriptedGenerator(*lines),
        "what does it cost?",
        hits=[COST, REFUND],
        language=Language.EN,
        limits=limits,
    )


def test_a_grounded_answer_loses_its_marks_and_keeps_its_sources() -> None:
    attempt = _ask(ANSWER)
    assert attempt.outcome is Outcome.ANSWERED
    assert attempt.generated is not None
    assert attempt.generated.text == (
        "Express delivery costs 18 yuan. Refunds take three working days."
    )
    assert [each.document_id for each in attempt.generated.citations] == ["c", "r"]
    assert attempt.versions == ("scripted", "en-1")


def test_only_cited_passages_become_citations() -> None:
    attempt = _ask("Refunds take 3 working days [2].")
    assert attempt.generated is not None
    assert [each.document_id for each in attempt.generated.citations] == ["r"]


def test_an_invention_leaves_the_curated_answer_due_and_the_reason_recorded() -> None:
    attempt = _ask("Express delivery costs ¥20 [1].")
    assert attempt.outcome is Outcome.UNGROUNDED
    assert attempt.generated is None
    assert attempt.grounding is not None
    assert attempt.grounding.sentences[0].problems
    assert attempt.raw == "Express delivery costs ¥20 [1]."


def test_a_later_sentence_without_ground_is_dropped_with_its_source() -> None:
    attempt = _ask("Express delivery costs ¥18 [1]. Refunds take 9 working days [2].")
    assert attempt.outcome is Outcome.ANSWERED
    assert attempt.generated is not None
    assert attempt.generated.text == "Express delivery costs ¥18."
    assert [each.document_id for each in attempt.generated.citations] == ["c"]


@pytest.mark.parametrize(
    "said",
    [
        "Express delivery costs ¥20 [1]. Refunds take 3 working days [2].",
        "Express delivery costs ¥18 [1]. But only if you live in Rome [1].",
    ],
)
def test_without_its_first_sentence_or_a_restriction_nothing_is_said(said: str) -> None:
    attempt = _ask(said)
    assert attempt.outcome is Outcome.UNGROUNDED
    assert attempt.generated is None


@pytest.mark.parametrize("said", ["NO_ANSWER", "I am sorry: NO_ANSWER [1]", "", "  "])
def test_a_generator_that_finds_no_answer_says_so(said: str) -> None:
    attempt = _ask(said)
    assert attempt.outcome is Outcome.NO_ANSWER
    assert attempt.generated is None


def test_a_broken_generator_is_an_outcome() -> None:
    assert _ask(GeneratorUnavailable("down")).outcome is Outcome.UNAVAILABLE


def test_a_slow_answer_is_given_up_at_the_deadline() -> None:
    clock = count(0.0, 3.0)
    attempt = generate_answer(
        ScriptedGenerator(ANSWER),
        "?",
        hits=[COST],
        language=Language.EN,
        limits=GenerationLimits(seconds=7.0),
        now=lambda: next(clock),
    )
    assert attempt.outcome is Outcome.LATE
    assert attempt.first_piece_seconds == 3.0
    assert attempt.pieces == 3


def test_half_a_sentence_is_no_answer() -> None:
    attempt = _ask(ANSWER, limits=GenerationLimits(max_tokens=20))
    assert attempt.outcome is Outcome.CUT_OFF


def test_without_passages_nothing_is_asked() -> None:
    generator = ScriptedGenerator(ANSWER)
    attempt = generate_answer(generator, "?", hits=[], language=Language.EN)
    assert attempt.outcome is Outcome.NO_PASSAGES
    assert not generator.asked


def test_the_invented_next_message_of_the_customer_is_cut() -> None:
    attempt = _ask("Express delivery costs ¥18 [1].\n\nuser: and standard?")
    assert attempt.generated is not None
    assert attempt.generated.text == "Express delivery costs ¥18."


def test_the_generator_sees_numbered_passages_and_the_latest_history() -> None:
    generator = ScriptedGenerator(ANSWER)
    history = [ChatMessage(ChatRole.USER, f"message {number}") for number in range(6)]
    generate_answer(
        generator,
        "and {this}?",
        hits=[COST, REFUND, RETURN],
        language=Language.EN,
        history=history,
        limits=GenerationLimits(passages=2, history=2),
    )
    messages = generator.asked[0]
    assert messages[0].role is ChatRole.SYSTEM
    assert [each.text for each in messages[-3:-1]] == ["message 4", "message 5"]
    assert "[1] Fees: Express delivery" in messages[-1].text
    assert "[2] Refunds:" in messages[-1].text
    assert "退货" not in messages[-1].text
    assert messages[-1].text.endswith("and {this}?")


def test_chinese_readers_are_asked_and_answered_in_their_script() -> None:
    generator = ScriptedGenerator("签收后七天内可以退货[1]。")
    for language, expected in (
        (Language.ZH_HANS, "签收后七天内可以退货。"),
        (Language.ZH_HANT, "簽收後七天內可以退貨。"),
    ):
        attempt = generate_answer(generator, "几天能退", hits=[RETURN], language=language)
        assert attempt.generated is not None
        assert attempt.generated.text == expected
    assert "编号" in generator.asked[0][0].text
