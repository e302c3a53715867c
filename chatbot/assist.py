"""What helps an agent: replies to choose from, and what happened before they came.

Extractive: nothing is written here, only found, counted and quoted, and only masked texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from chatbot.conversation import Action, Author, Conversation, Language
from chatbot.errors import InputInvalid
from chatbot.handoff import Line
from chatbot.memory import read_memory
from chatbot.turn import Desk, look_up

SUGGESTIONS = 3
ASKED = 5
"""Questions of the customer that a summary quotes."""
QUOTED_CHARACTERS = 160
_LOOKED_AT = 12


class Outcome(StrEnum):
    SHOWN = "shown"
    INSERT = "insert"
    """Put into the agent's text as it is; what was sent is not known yet."""
    EDIT = "edit"
    REJECT = "reject"
    SEND = "send"


@dataclass(frozen=True)
class Suggested:
    id: str
    conversation_id: str
    message_id: str
    """The customer's message that it may answer."""
    text: str
    document_id: str
    title: str
    url: str
    language: str
    score: float
    """Calibrated probability that it answers the question."""


@dataclass(frozen=True)
class Assist:
    """A suggestion with what became of it."""

    id: str
    conversation_id: str
    text: str
    outcome: Outcome
    agent_id: str | None = None
    edit_distance: int | None = None


class AssistStore(Protocol):
    def offer(self, suggestions: Sequence[Suggested], *, at: datetime) -> None:
        """Offered again, it stays as it is."""
        ...

    def find(self, suggestion_id: str) -> Assist | None: ...

    def decide(
        self,
        suggestion_id: str,
        outcome: Outcome,
        *,
        agent_id: str,
        edit_distance: int | None = None,
    ) -> bool:
        """False where there is no such suggestion. What was sent stays sent."""
        ...


@dataclass(frozen=True)
class Tried:
    document_id: str
    title: str
    url: str
    helpful: bool | None


@dataclass(frozen=True)
class Summary:
    intent: str | None
    asked: tuple[str, ...]
    tried: tuple[Tried, ...]
    slots: tuple[tuple[str, str], ...]
    sentiment: float | None
    text: Mapping[str, str]
    """The same in words, by `en` and `zh`."""


def suggest(desk: Desk, conversation: Conversation, lines: Sequence[Line]) -> list[Suggested]:
    """Answers to the customer's last message, best first, in the language it was written in.

    What the bot would not even offer as a quick reply is no help to an agent either.
    """
    questions = [line.message for line in lines if line.message.author is Author.CUSTOMER]
    if not questions:
        return []
    question = questions[-1]
    language = (question.language or conversation.language or Language.EN).base
    try:
        hits = look_up(desk, question.text, limit=_LOOKED_AT)
    except InputInvalid:
        return []
    found = [
        Suggested(
            id=str(uuid5(NAMESPACE_URL, f"{question.id} {hit.passage.id}")),
            conversation_id=conversation.id,
            message_id=question.id,
            text=hit.passage.text,
            document_id=hit.passage.document_id,
            title=hit.passage.title,
            url=hit.passage.url,
            language=hit.passage.language,
            score=round(hit.score, 4),
        )
        for hit in hits
        if hit.passage.language in ("", language) and hit.score >= desk.thresholds.clarify
    ]
    return found[:SUGGESTIONS]


def summarise(conversation: Conversation, lines: Sequence[Line]) -> Summary:
    memory = read_memory(conversation.memory)
    asked = [
        _short(one.message.text)
        for one in lines
        # Nothing is left of the words of a customer who was erased.
        if one.message.author is Author.CUSTOMER and one.message.text
    ]
    tried = {
        citation.document_id: Tried(
            citation.document_id, citation.title, citation.url, line.helpful
        )
        for line in lines
        if line.action is Action.ANSWER
        for citation in line.citations
    }
    intents = [line.intent for line in lines if line.intent and line.action is not Action.HANDOFF]
    form = memory.form
    slots = tuple(form.values.items()) if form is not None else ()
    summary = Summary(
        intent=memory.intent or (intents[-1] if intents else None),
        asked=tuple(asked[-ASKED:]),
        tried=tuple(tried.values()),
        slots=slots,
        sentiment=memory.moods[-1] if memory.moods else None,
        text={},
    )
    words = {name: _say(summary, language) for name, language in _WORDS.items()}
    return Summary(**{**vars(summary), "text": words})


def edit_distance(before: str, after: str) -> int:
    """Levenshtein: characters to insert, delete or replace."""
    if not before or not after:
        return len(before) + len(after)
    wanted = np.array([ord(letter) for letter in after])
    places = np.arange(len(after) + 1)
    row = places.copy()
    for number, letter in enumerate(before, start=1):
        fresh = np.empty_like(row)
        fresh[0] = number
        fresh[1:] = np.minimum(row[1:] + 1, row[:-1] + (wanted != ord(letter)))
        # An insertion depends on its left neighbour; without its cost it is a running minimum.
        row = np.minimum.accumulate(fresh - places) + places
    return int(row[-1])


_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "asked": "The customer asked: {}.",
        "nothing": "The customer has not written anything yet.",
        "intent": "Topic: {}.",
        "tried": "Answered so far with: {}.",
        "untried": "No answer was given so far.",
        "unhelpful": "{} (not helpful)",
        "slots": "Known from the form: {}.",
        "angry": "The customer sounds annoyed.",
        "quote": "“{}”",
        "join": ", ",
        "space": " ",
    },
    "zh": {
        "asked": "客户问过：{}。",
        "nothing": "客户还没有写任何内容。",
        "intent": "主题：{}。",
        "tried": "已给出的回答：{}。",
        "untried": "目前还没有给出回答。",
        "unhelpful": "{}（客户认为没有帮助）",
        "slots": "表单中已有：{}。",
        "angry": "客户语气不满。",
        "quote": "“{}”",
        "join": "、",
        "space": "",
    },
}
_ANNOYED = -0.3


def _say(summary: Summary, words: Mapping[str, str]) -> str:
    join = words["join"].join
    sentences = []
    if summary.asked:
        quoted = join(words["quote"].format(text) for text in summary.asked)
        sentences.append(words["asked"].format(quoted))
    else:
        sentences.append(words["nothing"])
    if summary.intent:
        sentences.append(words["intent"].format(summary.intent))
    titles = [
        words["unhelpful"].format(tried.title) if tried.helpful is False else tried.title
        for tried in summary.tried
    ]
    sentences.append(words["tried"].format(join(titles)) if titles else words["untried"])
    if summary.slots:
        pairs = join(f"{name} = {value}" for name, value in summary.slots)
        sentences.append(words["slots"].format(pairs))
    if summary.sentiment is not None and summary.sentiment <= _ANNOYED:
        sentences.append(words["angry"])
    return words["space"].join(sentences)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTED_CHARACTERS else line[: QUOTED_CHARACTERS - 1] + "…"
