"""An answer in the generator's own words: only the sentences that its passages carry."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from chatbot.conversation import Citation, Language
from chatbot.errors import GeneratorUnavailable
from chatbot.generation import ChatMessage, GenerationOptions
from chatbot.grounding import Grounding, check_grounding
from chatbot.language import to_traditional
from chatbot.ports import Generator
from chatbot.prompts.answer import NO_ANSWER, answer_prompt
from chatbot.respond import cite
from chatbot.sentences import without_marks
from knowledge_base.passages import Hit

# A model without a chat template goes on to invent the customer's next message.
NEXT_SPEAKER = ("\nuser:", "\nassistant:", "\nsystem:")
ENDINGS = '.!?。！？…)）”"」'


@dataclass(frozen=True)
class GenerationLimits:
    max_tokens: int = 200
    seconds: float = 8.0
    """Looked at between two pieces: reading the prompt cannot be interrupted."""
    passages: int = 3
    history: int = 4
    """Earlier messages that the generator sees."""
    min_overlap: float = 0.7
    """See `grounding.check_grounding`; `make bench-grounding` measures it at this value."""


class Outcome(StrEnum):
    ANSWERED = "answered"
    NO_PASSAGES = "no_passages"
    NO_ANSWER = "no_answer"
    """The generator found none in the passages."""
    UNGROUNDED = "ungrounded"
    CUT_OFF = "cut_off"
    """The token limit came before the end of a sentence."""
    LATE = "late"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Generated:
    text: str
    """Without citation marks, in the customer's script."""
    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class Attempt:
    """What became of it, and what it took; for the turn's record."""

    outcome: Outcome
    generated: Generated | None = None
    """Set exactly when the outcome is ANSWERED; otherwise the curated answer is due."""
    raw: str = ""
    grounding: Grounding | None = None
    versions: tuple[str, str] = ("", "")
    """Of the generator and of the prompt."""
    first_piece_seconds: float | None = None
    seconds: float = 0.0
    pieces: int = 0


@dataclass
class _Stream:
    text: str = ""
    pieces: int = 0
    first_seconds: float | None = None
    ended: Outcome | None = None
    """Why it was not read to its end."""
    started: float = field(default=0.0)
    seconds: float = 0.0


def generate_answer(
    generator: Generator,
    question: str,
    *,
    hits: Sequence[Hit],
    language: Language,
    history: Sequence[ChatMessage] = (),
    limits: GenerationLimits | None = None,
    now: Callable[[], float] = time.monotonic,
) -> Attempt:
    """Everything in must be redacted. Never raises GeneratorUnavailable: that is an outcome."""
    limits = limits or GenerationLimits()
    chosen = list(hits[: limits.passages])
    if not chosen:
        return Attempt(Outcome.NO_PASSAGES)
    prompt = answer_prompt(language)
    recent = history[len(history) - limits.history :] if limits.history < len(history) else history
    messages = prompt.messages(question, passages=[hit.passage for hit in chosen], history=recent)
    read = _read(generator, messages, limits, now)
    outcome, grounding = _judge(read, chosen, limits)
    return Attempt(
        outcome=outcome,
        generated=_finish(read.text, grounding, chosen, language)
        if outcome is Outcome.ANSWERED and grounding is not None
        else None,
        raw=read.text,
        grounding=grounding,
        versions=(generator.version, prompt.version),
        first_piece_seconds=read.first_seconds,
        seconds=read.seconds,
        pieces=read.pieces,
    )


def _read(
    generator: Generator,
    messages: Sequence[ChatMessage],
    limits: GenerationLimits,
    now: Callable[[], float],
) -> _Stream:
    read = _Stream(started=now())
    options = GenerationOptions(max_tokens=limits.max_tokens, stop=NEXT_SPEAKER)
    try:
        with contextlib.closing(generator.stream(messages, options=options)) as stream:
            for piece in stream:
                read.seconds = now() - read.started
                read.first_seconds = read.seconds if read.pieces == 0 else read.first_seconds
                read.pieces += 1
                read.text += piece
                if read.seconds > limits.seconds:
                    read.ended = Outcome.LATE
                    break
                if NO_ANSWER in read.text:
                    break
    except GeneratorUnavailable:
        read.ended = Outcome.UNAVAILABLE
    return read


def _judge(
    read: _Stream, hits: Sequence[Hit], limits: GenerationLimits
) -> tuple[Outcome, Grounding | None]:
    if read.ended is not None:
        return read.ended, None
    if NO_ANSWER in read.text or not read.text.strip():
        return Outcome.NO_ANSWER, None
    # A piece may hold several tokens, so half the limit in pieces may be all of it in tokens.
    if not without_marks(read.text).endswith(tuple(ENDINGS)) and (
        read.pieces >= limits.max_tokens // 2
    ):
        return Outcome.CUT_OFF, None
    grounding = check_grounding(
        read.text, [hit.passage for hit in hits], min_overlap=limits.min_overlap
    )
    return (Outcome.ANSWERED if grounding.kept else Outcome.UNGROUNDED), grounding


def _finish(raw: str, grounding: Grounding, hits: Sequence[Hit], language: Language) -> Generated:
    text = without_marks(raw) if grounding.ok else _joined(grounding, language)
    numbers = dict.fromkeys(number for each in grounding.kept for number in each.cited)
    return Generated(
        text=to_traditional(text) if language is Language.ZH_HANT else text,
        citations=tuple(cite(hits[number - 1]) for number in numbers),
    )


def _joined(grounding: Grounding, language: Language) -> str:
    between = " " if language.base == Language.EN.value else ""
    return between.join(verdict.text for verdict in grounding.kept)
