from __future__ import annotations

import pytest

from chatbot.conversation import Language
from chatbot.generation import ChatMessage, ChatRole
from chatbot.grounding import check_grounding
from chatbot.prompts.answer import NO_ANSWER, answer_prompt
from knowledge_base.passages import Passage

PASSAGE = Passage("d#0", "d", "It takes {two} days.", "{question}", "", "en")


@pytest.mark.parametrize("language", Language)
def test_every_language_says_when_not_to_answer(language: Language) -> None:
    prompt = answer_prompt(language)
    assert NO_ANSWER in prompt.system
    assert prompt.version.startswith(language.base)


@pytest.mark.parametrize("language", Language)
def test_the_examples_alternate_and_teach_both_an_answer_and_a_refusal(language: Language) -> None:
    examples = answer_prompt(language).examples
    assert [each.role for each in examples[::2]] == [ChatRole.USER] * (len(examples) // 2)
    answers = [each.text for each in examples[1::2]]
    assert NO_ANSWER in answers
    assert any("[1]" in answer for answer in answers)
    assert answers[-1] != NO_ANSWER


@pytest.mark.parametrize("language", Language)
def test_the_examples_keep_the_rule_that_they_teach(language: Language) -> None:
    examples = answer_prompt(language).examples
    for asked, answered in zip(examples[::2], examples[1::2], strict=True):
        if answered.text == NO_ANSWER:
            continue
        lines = [line for line in asked.text.splitlines() if line.startswith("[")]
        passages = [Passage(f"{line}", "", line.split("] ", 1)[1], "", "", "") for line in lines]
        grounding = check_grounding(answered.text, passages, min_overlap=0.6)
        assert grounding.ok, grounding.sentences


def test_braces_of_customers_and_companies_are_no_fields() -> None:
    history = [ChatMessage(ChatRole.USER, "hello"), ChatMessage(ChatRole.ASSISTANT, "hi")]
    messages = answer_prompt(Language.EN).messages(
        "what is {passages}?", passages=[PASSAGE], history=history
    )
    assert messages[-3:-1] == tuple(history)
    assert "what is {passages}?" in messages[-1].text
    assert "It takes {two} days." in messages[-1].text
    assert messages[0].role is ChatRole.SYSTEM
