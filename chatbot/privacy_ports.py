"""Seams of the privacy desk: what it needs from the database, said in its own words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from chatbot.conversation import Conversation, Message
from chatbot.masking import Masking
from privacy.consent import Consent
from privacy.envelope import Context
from privacy.ledger import Entry, Head, Verdict
from privacy.retention import RetentionRules

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Kept:
    """A message with its original as it lies in the database."""

    message: Message
    customer: str
    holder: str | None
    """Who holds its conversation now."""
    sealed: bytes | None = field(repr=False)
    masked_by: Masking


@dataclass(frozen=True)
class KeptConversation:
    conversation: Conversation
    messages: tuple[Kept, ...]
    decisions: Mapping[str, Mapping[str, Any]]
    """By message id: action, intent, confidence, reason, generated, citations, versions."""
    feedback: Mapping[str, Mapping[str, Any]]
    """By message id: helpful, reason, at."""


Models = Mapping[str, Sequence[Mapping[str, Any]]]
"""By how they met the customer: `taught`, `measured`, `answered`, each with collection and version.
"""


@dataclass(frozen=True)
class Footprint:
    """What leads from a customer to models and to files outside the database."""

    reviewed: Mapping[str, Mapping[str, str]]
    """Sentences in the review queue, masked: by collection, text by id."""
    answered: Sequence[Mapping[str, Any]]
    """The versions that answered: collection, part of the product, version, turns."""


@dataclass(frozen=True)
class ErasureRecord:
    id: str
    reference: str
    """Keyed hash of the customer's reference, 64 hexadecimal digits."""
    requested_at: datetime
    deadline: datetime
    done_at: datetime | None = None
    counts: Counts = field(default_factory=dict)
    models: Models | None = None
    """None until it was found out; found once, it stays, for the words are deleted next."""


@dataclass(frozen=True)
class Remasked:
    """A text under the newest rules."""

    id: str
    text: str


class Ledger(Protocol):
    def append(
        self, *, at: datetime, actor: str, role: str, action: str, subject: str, purpose: str
    ) -> Entry:
        """Kept when this returns. Any number of processes may append at once."""
        ...

    def append_once(
        self,
        *,
        since: datetime,
        at: datetime,
        actor: str,
        role: str,
        action: str,
        subject: str,
        purpose: str,
    ) -> Entry | None:
        """None where the same actor did the same to the same subject since that moment already."""
        ...

    def entries(self, *, subjects: Sequence[str] | None = None) -> list[Entry]:
        """In order; only those about `subjects` where given."""
        ...

    def page(self, *, after: int | None, limit: int) -> list[Entry]:
        """In order: the next ones after that sequence number; without one, the newest."""
        ...

    def newest_of(self, action: str, *, limit: int) -> list[Entry]:
        """Newest first."""
        ...

    def head(self) -> Head: ...

    def verify(self, *, head: Head | None = None) -> Verdict: ...


class Consents(Protocol):
    def add(self, statements: Sequence[Consent]) -> None:
        """All of them or none; nothing that was stated before is touched."""
        ...

    def history(self, customer: str) -> list[Consent]:
        """Oldest first."""
        ...


@dataclass(frozen=True)
class Told:
    """Something that a customer told about themselves for audits."""

    customer: str
    name: str
    value: str | None = field(repr=False)
    """None where the customer's key is gone or the sealed value was altered."""
    at: datetime


class Attributes(Protocol):
    """Keeps what it is given; whether it may is asked by `chatbot.attributes`."""

    def give(self, customer: str, name: str, *, value: str, at: datetime) -> None:
        """In place of what was told under this name before. Values of up to 32 characters."""
        ...

    def take_back(self, customer: str, *, name: str | None = None) -> int:
        """Without a name, everything; how many values were there."""
        ...

    def told_by(self, customers: Collection[str]) -> Iterator[Told]:
        """By customer and name; opened, so whoever looks at others' has written to the ledger."""
        ...


class PersonalData(Protocol):
    def find(self, message_id: str) -> Kept | None: ...

    def sealed_in(self, conversation_id: str) -> list[Kept]:
        """The conversation's messages that have an original, oldest first."""
        ...

    def conversations(self, customer: str) -> Iterator[KeptConversation]: ...

    def belongings(self, customer: str) -> Mapping[str, list[dict[str, Any]]]:
        """What is kept outside conversations: `review_items`; empty lists where nothing is."""
        ...

    def knows(self, customer: str) -> bool:
        """Whether anything at all is kept under this reference."""
        ...

    def footprint(self, customer: str) -> Footprint: ...


class KeptFiles(Protocol):
    """Files below KEFU_HOME that hold customers' sentences, or tell what became of them."""

    def models(self, reviewed: Mapping[str, Mapping[str, str]]) -> Models:
        """Which versions were `taught` these sentences or `measured` with them, with `state`."""
        ...

    def remove(self, reviewed: Mapping[str, Mapping[str, str]]) -> Counts:
        """Rows of training deleted, and those of the same words that people put there, left."""
        ...

    def naming(self, customer: str) -> Sequence[Mapping[str, str]]:
        """Documents of the knowledge, `collection` and `document_id`, that name the customer."""
        ...


@dataclass(frozen=True)
class SealedValue:
    place: Context
    sealed: bytes = field(repr=False)


class SealedValues(Protocol):
    """Whatever is sealed, to be sealed anew."""

    def count_customers(self) -> int: ...

    def customers(self) -> Iterator[str]:
        """Whoever may have something sealed, each once; not all who come meanwhile."""
        ...

    def of(self, customer: str) -> Iterator[SealedValue]: ...

    def replace(self, changes: Sequence[tuple[SealedValue, bytes]]) -> int:
        """All that still stand as they were read; how many did."""
        ...

    def empty_journal(self) -> None:
        """Let go of what was replaced, where the database keeps it beside."""
        ...


class Erasures(Protocol):
    def begin(self, erasure: ErasureRecord) -> ErasureRecord:
        """The unfinished erasure of the same customer if there is one, else this one, kept."""
        ...

    def keep_models(self, erasure_id: str, models: Models) -> None: ...

    def delete(self, customer: str, *, alias: str, at: datetime) -> Counts:
        """Everything said or given; what stays carries `alias` in the customer's place."""
        ...

    def finish(self, erasure_id: str, *, at: datetime, counts: Counts) -> None: ...

    def all(self) -> list[ErasureRecord]: ...


@dataclass(frozen=True)
class Purged:
    counts: Counts
    keyless: tuple[str, ...]
    """Customers of whom nothing sealed is left and who have not written since."""


class Retention(Protocol):
    def purge(self, rules: RetentionRules, *, now: datetime) -> Purged: ...


class Masks(Protocol):
    """What was masked by older rules, or by other types of the company's own."""

    def outdate(self) -> None:
        """Every message counts as masked by no rules from here on."""
        ...

    def outdated(self, masking: Masking) -> int:
        """How many messages."""
        ...

    def outdated_conversations(self, masking: Masking, *, limit: int) -> list[tuple[Kept, ...]]:
        """Whole conversations that hold at least one such message, messages oldest first."""
        ...

    def keep(self, remasked: Sequence[Remasked], *, masking: Masking) -> int:
        """How many texts changed; all of them count as masked by `masking` from here on."""
        ...

    def count_others(self) -> int: ...

    def other_texts(self) -> Iterator[tuple[str, Remasked]]:
        """Masked texts outside messages: (`review_items` or `feedback`, id and text)."""
        ...

    def keep_other(self, kind: str, remasked: Remasked) -> None: ...
