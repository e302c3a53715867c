"""In-memory ports, shipped: for tests, and for commands that must leave no trace."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from chatbot.conversation import Action, Conversation, Message, State, Turn, Understanding
from chatbot.errors import ConversationClosed, GeneratorUnavailable, TakenOver
from chatbot.flows.form import NOT_FOUND, ActionResult
from chatbot.gaps import Unanswered
from chatbot.generation import ChatMessage, GenerationOptions, Pieces, until_stop
from chatbot.privacy_ports import Told
from chatbot.text import words
from knowledge_base.passages import Document, Filter, Hit, Passage
from privacy.consent import Consent

Ranking = tuple[tuple[str, float], ...]


class MemoryStore:
    """Forgets everything with the process, and originals at once."""

    def __init__(self) -> None:
        self._conversations: dict[str, Conversation] = {}
        self._turns: dict[str, list[Turn]] = {}
        self._messages: dict[str, list[Message]] = {}
        self.feedback: dict[str, tuple[bool, str | None]] = {}
        self._lock = threading.Lock()

    def open(self, conversation: Conversation) -> None:
        self._conversations[conversation.id] = conversation
        self._turns[conversation.id] = []
        self._messages[conversation.id] = []

    def find(self, conversation_id: str) -> Conversation | None:
        return self._conversations.get(conversation_id)

    def close(self, conversation_id: str, *, at: datetime) -> None:
        conversation = self._conversations.get(conversation_id)
        if conversation is not None and conversation.closed_at is None:
            self._conversations[conversation_id] = replace(conversation, closed_at=at)

    def request_handoff(self, conversation_id: str, *, reason: str = "request_human") -> None:
        conversation = self._conversations.get(conversation_id)
        if conversation is not None:
            waits = conversation.state is State.BOT and conversation.closed_at is None
            state = State.WAITING if waits else conversation.state
            self._conversations[conversation_id] = replace(conversation, handoff=True, state=state)

    def record(self, turn: Turn) -> Turn:
        kept = replace(turn, original=None)
        with self._lock:
            earlier = self.find_turn(turn.conversation_id, turn.client_message_id)
            if earlier is not None:
                return earlier
            if self._admit(turn.conversation_id) is State.HELD:
                if self.find_message(turn.conversation_id, turn.client_message_id) is None:
                    self._messages[turn.conversation_id].append(kept.messages[0])
                raise TakenOver
            self._turns[turn.conversation_id].append(kept)
            self._messages[turn.conversation_id] += kept.messages
            if turn.memory is not None:
                conversation = self._conversations[turn.conversation_id]
                self._conversations[conversation.id] = replace(conversation, memory=turn.memory)
            if turn.reply.action is Action.HANDOFF:
                self.request_handoff(turn.conversation_id)
        return kept

    def add_message(self, message: Message) -> Message:
        kept = replace(message, original=None)
        with self._lock:
            known = message.client_message_id
            earlier = self.find_message(message.conversation_id, known) if known else None
            if earlier is None:
                self._admit(message.conversation_id)
                self._messages[message.conversation_id].append(kept)
            return earlier or kept

    def _admit(self, conversation_id: str) -> State:
        conversation = self._conversations[conversation_id]
        if conversation.closed_at is not None:
            raise ConversationClosed
        return conversation.state

    def find_message(self, conversation_id: str, client_message_id: str) -> Message | None:
        for message in self.messages(conversation_id):
            if message.client_message_id == client_message_id:
                return message
        return None

    def messages(self, conversation_id: str) -> list[Message]:
        return list(self._messages.get(conversation_id, []))

    def find_turn(self, conversation_id: str, client_message_id: str) -> Turn | None:
        for turn in self._turns.get(conversation_id, []):
            if turn.client_message_id == client_message_id:
                return turn
        return None

    def turns(self, conversation_id: str) -> list[Turn]:
        return list(self._turns.get(conversation_id, []))

    def add_feedback(
        self, conversation_id: str, message_id: str, *, helpful: bool, reason: str | None
    ) -> bool:
        turns = self._turns.get(conversation_id, [])
        if all(turn.reply.message_id != message_id for turn in turns):
            return False
        self.feedback[message_id] = (helpful, reason)
        return True

    def ping(self) -> None:
        return None


class MemoryConsents:
    def __init__(self) -> None:
        self._statements: list[Consent] = []

    def add(self, statements: Sequence[Consent]) -> None:
        self._statements += statements

    def history(self, customer: str) -> list[Consent]:
        return [statement for statement in self._statements if statement.customer == customer]


class MemoryAttributes:
    """Seals nothing: what was told is forgotten with the process."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], Told] = {}

    def give(self, customer: str, name: str, *, value: str, at: datetime) -> None:
        self._told[customer, name] = Told(customer, name, value, at)

    def take_back(self, customer: str, *, name: str | None = None) -> int:
        mine = [key for key in self._told if key[0] == customer and name in (None, key[1])]
        for key in mine:
            del self._told[key]
        return len(mine)

    def told_by(self, customers: Collection[str]) -> Iterator[Told]:
        yield from (self._told[key] for key in sorted(self._told) if key[0] in customers)


@dataclass
class FixedClock:
    """Stands still until it is moved."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 1, 1, tzinfo=UTC))

    def now(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class KeywordIntents:
    """An intent is understood when one of its words occurs; more words, more confidence."""

    version = "keywords"

    def __init__(
        self, keywords: Mapping[str, Sequence[str]], *, ambiguity_margin: float | None = None
    ) -> None:
        self._keywords = dict(keywords)
        self._margin = ambiguity_margin
        self.labels = tuple(self._keywords)

    def understand(self, texts: Sequence[str]) -> list[Understanding]:
        return [self._one(text.lower()) for text in texts]

    def _one(self, text: str) -> Understanding:
        counts = {
            intent: 0.05 + sum(word in text for word in keywords)
            for intent, keywords in self._keywords.items()
        }
        total = sum(counts.values())
        ranking = tuple(
            sorted(((name, count / total) for name, count in counts.items()), key=lambda x: -x[1])
        )
        known = max(counts.values()) > 1
        intent, confidence = ranking[0]
        return Understanding(
            intent if known else "out_of_scope",
            confidence,
            0.05 if known else 0.95,
            ranking,
            ambiguous=known and self._close(ranking),
        )

    def _close(self, ranking: Ranking) -> bool:
        if self._margin is None or len(ranking) < 2:
            return False
        return ranking[0][1] - ranking[1][1] <= self._margin


class OverlapRetriever:
    """Scores a document by the share of the query's words that it contains."""

    version = "overlap"

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = tuple(documents)

    def search(
        self,
        query: str,
        *,
        hints: Mapping[str, float],
        limit: int = 5,
        only: Filter | None = None,
    ) -> list[Hit]:
        asked = words(query)
        passages = [_whole(one) for one in self._documents if only is None or only.admits(one)]
        hits = [
            Hit(passage, self._score(asked, passage, hints), {"lexical": 1.0})
            for passage in passages
        ]
        found = [hit for hit in hits if hit.score > 0]
        return sorted(found, key=lambda hit: (-hit.score, hit.passage.id))[:limit]

    @staticmethod
    def _score(asked: set[str], passage: Passage, hints: Mapping[str, float]) -> float:
        known = words(" ".join((passage.title, passage.text, *passage.questions)))
        overlap = len(asked & known) / len(asked) if asked else 0.0
        return max([overlap, *(hints.get(tag, 0.0) for tag in passage.tags)])


def _whole(document: Document) -> Passage:
    return Passage(
        id=f"{document.id}#0",
        document_id=document.id,
        text=document.answer,
        title=document.title,
        url=document.url,
        language=document.language,
        questions=(document.question, *document.variants),
        tags=document.tags,
    )


class MemoryUnanswered:
    """Knows what it is given: collections, and what was asked there."""

    def __init__(self, asked: Mapping[str, Sequence[Unanswered]]) -> None:
        self._asked = dict(asked)

    def unanswered(self, collection: str, *, since: datetime) -> Iterator[Unanswered]:
        yield from (one for one in self._asked.get(collection, ()) if one.at >= since)


class ScriptedGenerator:
    """Says its lines in turn, the last one again and again, a character a token.

    `asked` holds what it was given; an exception among the lines is raised.
    """

    version = "scripted"

    def __init__(self, *lines: str | GeneratorUnavailable) -> None:
        self._lines = lines
        self.asked: list[tuple[ChatMessage, ...]] = []

    def stream(self, messages: Sequence[ChatMessage], *, options: GenerationOptions) -> Pieces:
        line = self._lines[min(len(self.asked), len(self._lines) - 1)]
        self.asked.append(tuple(messages))
        if isinstance(line, GeneratorUnavailable):
            raise line
        yield from until_stop((letter for letter in line[: options.max_tokens]), options.stop)


class KnownCases:
    """A company system that knows what it is given: `{values joined by "/": (secret, result)}`."""

    def __init__(self, cases: Mapping[str, tuple[str, ActionResult]]) -> None:
        self._cases = dict(cases)

    def look_up(self, values: Mapping[str, str], *, secrets: Mapping[str, str]) -> ActionResult:
        secret, result = self._cases.get("/".join(values.values()), (None, None))
        if result is None or secret not in secrets.values():
            return ActionResult(NOT_FOUND)
        return result
