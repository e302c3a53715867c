"""When an answer is put in the generator's words instead of the article's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import structlog

from chatbot.conversation import Decision, Language, Turn
from chatbot.errors import ExtraMissing, GeneratorUnavailable
from chatbot.generate import Attempt, GenerationLimits, Outcome, generate_answer
from chatbot.generation import ChatMessage, ChatRole
from chatbot.ports import Generator
from chatbot.respond import Wording
from chatbot.text import words
from knowledge_base.passages import Hit

_log = structlog.get_logger()


@dataclass(frozen=True)
class Writer:
    """Off unless the settings name a generator; what it writes is checked against its passages."""

    generator: Callable[[], Generator]
    """Loaded with the first answer it is asked for. Raises GeneratorUnavailable, ExtraMissing."""
    languages: frozenset[str]
    """Base languages in which its answers are good enough."""
    limits: GenerationLimits = field(default_factory=GenerationLimits)

    def reword(
        self,
        curated: Wording,
        decision: Decision,
        *,
        question: str,
        hits: Sequence[Hit],
        language: Language,
        history: Callable[[], Sequence[Turn]],
    ) -> tuple[Wording, Attempt | None]:
        """The curated wording wherever it is the better one, and what was tried."""
        if not self._may(decision, question, language):
            return curated, None
        try:
            generator = self.generator()
        except (GeneratorUnavailable, ExtraMissing) as error:
            _log.warning("generator_unavailable", error=type(error).__name__)
            return curated, Attempt(Outcome.UNAVAILABLE)
        attempt = generate_answer(
            generator,
            question,
            hits=_with_neighbours(decision.hits[0], hits),
            language=language,
            history=_spoken(history()),
            limits=self.limits,
        )
        if attempt.generated is None:
            return curated, attempt
        text, citations = attempt.generated.text, attempt.generated.citations
        return replace(curated, text=text, citations=citations or curated.citations), attempt

    def _may(self, decision: Decision, question: str, language: Language) -> bool:
        """Only beside a sure article that was asked for in other words than its own."""
        return (
            decision.reason == "article"
            and bool(decision.hits)
            and decision.preface is None
            and language.base in self.languages
            and not _asked_verbatim(question, decision.hits[0])
        )


def _asked_verbatim(question: str, hit: Hit) -> bool:
    asked = words(question)
    return any(asked == words(known) for known in hit.passage.questions)


def _with_neighbours(best: Hit, hits: Sequence[Hit]) -> list[Hit]:
    """The article that answers comes first; others help only in its language."""
    others = [
        hit
        for hit in hits
        if hit.passage.id != best.passage.id and hit.passage.language == best.passage.language
    ]
    return [best, *others]


def _spoken(turns: Sequence[Turn]) -> list[ChatMessage]:
    return [
        message
        for turn in turns
        for message in (
            ChatMessage(ChatRole.USER, turn.question),
            ChatMessage(ChatRole.ASSISTANT, turn.reply.text),
        )
    ]
