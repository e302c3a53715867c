"""The messages that ask for an answer from passages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from chatbot.conversation import Language
from chatbot.generation import ChatMessage, ChatRole
from knowledge_base.passages import Passage

NO_ANSWER = "NO_ANSWER"


@dataclass(frozen=True)
class Excerpt:
    title: str
    text: str


@dataclass(frozen=True)
class AnswerPrompt:
    version: str
    system: str
    passage: str
    question: str
    examples: tuple[ChatMessage, ...]

    def messages(
        self, question: str, *, passages: Sequence[Passage], history: Sequence[ChatMessage] = ()
    ) -> tuple[ChatMessage, ...]:
        """The passages are numbered from 1; `history` is oldest first, without the question."""
        excerpts = [Excerpt(passage.title, passage.text) for passage in passages]
        asked = ask(self.passage, self.question, question, excerpts)
        return (ChatMessage(ChatRole.SYSTEM, self.system), *self.examples, *history, asked)


def ask(
    passage_form: str, question_form: str, question: str, excerpts: Sequence[Excerpt]
) -> ChatMessage:
    # Replaced one by one: a brace in a customer's text is no field.
    lines = "\n".join(
        passage_form.replace("{number}", str(number))
        .replace("{title}", excerpt.title)
        .replace("{text}", excerpt.text)
        for number, excerpt in enumerate(excerpts, start=1)
    )
    before, _, after = question_form.strip().partition("{passages}")
    return ChatMessage(ChatRole.USER, before + lines + after.replace("{question}", question))


@cache
def answer_prompt(language: Language) -> AnswerPrompt:
    name = f"answer.{language.base}.toml"
    data = tomllib.loads(
        resources.files("chatbot.prompts").joinpath(name).read_text(encoding="utf-8")
    )
    return AnswerPrompt(
        version=f"{language.base}-{data['version']}",
        system=data["system"].strip(),
        passage=data["passage"],
        question=data["question"],
        examples=tuple(message for each in data["examples"] for message in _example(data, each)),
    )


def _example(data: Mapping[str, str], example: Mapping[str, object]) -> tuple[ChatMessage, ...]:
    passages = example["passages"]
    assert isinstance(passages, list)
    excerpts = [Excerpt(**each) for each in passages]
    return (
        ask(data["passage"], data["question"], str(example["question"]), excerpts),
        ChatMessage(ChatRole.ASSISTANT, str(example["answer"])),
    )
