"""Wire models of customers' rights, the ledger, and masking texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from chatbot.privacy_desk import counts_of
from chatbot.privacy_ports import ErasureRecord
from privacy.consent import Consent, Scope, standing
from privacy.ledger import Entry, Verdict
from privacy.ledger_words import explain
from privacy.retention import Category, RetentionRules
from web.schemas import Customer
from web.schemas_console import Body

Language = Literal["en", "zh"]
Purpose = Annotated[str, StringConstraints(max_length=1000)]
RedactedText = Annotated[str, StringConstraints(max_length=100_000)]


class CustomerRequest(Body):
    customer: Customer = Field(
        description="The host page's reference, or the id of a conversation of nobody by name."
    )
    purpose: Purpose = Field(description="Why; it is written to the audit ledger.")


class ExportRequest(CustomerRequest):
    format: Literal["json", "html"] = "json"
    language: Language = Field(default="en", description="Of the HTML page.")


class ErasureBody(BaseModel):
    id: str
    requested_at: datetime
    deadline: datetime
    done_at: datetime | None
    overdue: bool
    """Not done, or done after the deadline."""
    counts: dict[str, int]

    @classmethod
    def of(cls, erasure: ErasureRecord, now: datetime) -> ErasureBody:
        return cls(
            id=erasure.id,
            requested_at=erasure.requested_at,
            deadline=erasure.deadline,
            done_at=erasure.done_at,
            overdue=(erasure.done_at or now) > erasure.deadline,
            counts=dict(erasure.counts),
        )


class Erasures(BaseModel):
    items: list[ErasureBody]


class VerifyRequest(Body):
    certificate: dict[str, Any]
    language: Language = "en"


class CertificateVerdict(BaseModel):
    holds: bool
    sentence: str


class ConsentStated(BaseModel):
    granted: bool
    """False: refused, or withdrawn."""
    at: datetime
    wording_version: str
    language: str


class ConsentScope(BaseModel):
    scope: Scope
    granted: bool
    """What holds now."""
    history: list[ConsentStated]
    """Oldest first."""


class ConsentHistory(BaseModel):
    scopes: list[ConsentScope]
    """Those on which something was stated."""

    @classmethod
    def of(cls, history: Sequence[Consent], customer: str, now: datetime) -> ConsentHistory:
        holds = standing(history, customer, now=now)
        by_scope = groupby(sorted(history, key=_scope), key=_scope)
        return cls(
            scopes=[
                ConsentScope(
                    scope=scope,
                    granted=scope in holds and holds[scope].granted,
                    history=[ConsentStated.model_validate(vars(one)) for one in stated],
                )
                for scope, stated in by_scope
            ]
        )


def _scope(consent: Consent) -> Scope:
    return consent.scope


class LedgerEntry(BaseModel):
    sequence: int
    at: datetime
    actor: str
    """A user's id, `worker`, or the account on the command line."""
    actor_name: str | None
    """Of a user."""
    role: str
    action: str
    subject: str
    """A keyed hash or a place, never a customer's reference."""
    purpose: str
    hash: str

    @classmethod
    def of(cls, entry: Entry, names: Mapping[str, str]) -> LedgerEntry:
        return cls(**_but_previous(entry), actor_name=names.get(entry.actor))


def _but_previous(entry: Entry) -> dict[str, Any]:
    return {name: value for name, value in vars(entry).items() if name != "previous"}


class LedgerPage(BaseModel):
    newest: int
    """Sequence number of the ledger's last entry; 0 where there is none."""
    items: list[LedgerEntry]
    """In order of sequence."""


class LedgerBreak(BaseModel):
    fault: str
    first: int
    last: int


class LedgerVerdict(BaseModel):
    intact: bool
    entries: int
    anchored: bool
    """False: entries may have been cut off at the end without a trace."""
    breaks: list[LedgerBreak]
    sentences: dict[Language, list[str]]

    @classmethod
    def of(cls, verdict: Verdict) -> LedgerVerdict:
        return cls(
            intact=verdict.intact,
            entries=verdict.entries,
            anchored=verdict.anchored,
            breaks=[
                LedgerBreak(fault=found.fault.value, first=found.first, last=found.last)
                for found in verdict.breaks
            ],
            sentences={"en": explain(verdict, "en"), "zh": explain(verdict, "zh")},
        )


class RetentionRule(BaseModel):
    category: Category
    days: int


class Purge(BaseModel):
    at: datetime
    role: str
    """`system`: the schedule; `operator`: somebody at the command line."""
    counts: dict[str, int]


class Retention(BaseModel):
    rules: list[RetentionRule]
    purges: list[Purge]
    """Newest first."""

    @classmethod
    def of(cls, rules: RetentionRules, purges: Iterable[Entry]) -> Retention:
        return cls(
            rules=[RetentionRule(category=one, days=rules.days(one)) for one in Category],
            purges=[
                Purge(at=entry.at, role=entry.role, counts=counts_of(entry)) for entry in purges
            ],
        )


class RedactRequest(Body):
    texts: Annotated[list[RedactedText], Field(max_length=100)]
    style: Literal["placeholder", "mask"] = "placeholder"


class RedactedTexts(BaseModel):
    texts: list[str]
    """In the same order; a value that comes again has the same placeholder in all of them."""
