"""What is done with personal data on purpose: opened, agreed to, handed out, erased, let expire.

Every step that opens or ends something is written to the ledger first. Customers appear there
under a keyed hash, never under the reference of the host page, which may be an e-mail address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from chatbot.certificate import STATEMENT, issue, reached
from chatbot.errors import CustomerUnknown, NotFound, OriginalGone, PurposeMissing, UnsealRefused
from chatbot.masking import MASKING_RULES, mask_again, masking_now
from chatbot.ports import Clock
from chatbot.privacy_ports import (
    Attributes,
    Consents,
    Counts,
    ErasureRecord,
    Erasures,
    Kept,
    KeptFiles,
    Ledger,
    Masks,
    PersonalData,
    Remasked,
    Retention,
    SealedValues,
)
from chatbot.read_log import READ, ReadLog
from chatbot.sealing import open_message
from chatbot.subjects import reference_of, subject_of
from privacy.consent import Consent, Scope
from privacy.errors import KeyDestroyed, PrivacyError
from privacy.keyring import KeyRing
from privacy.ledger import Entry
from privacy.redaction import Redactor, redact
from privacy.retention import RetentionRules, erasure_deadline

PURPOSE_CHARACTERS = (5, 200)
_ALWAYS = frozenset({"admin", "auditor"})
_LEDGER_PURPOSE = 256
_BATCH = 50
ERASED = "erased:"
"""What the rows that stay carry in the customer's place, before the number of the erasure."""


@dataclass(frozen=True)
class PrivacyDesk:
    data: PersonalData
    erasures: Erasures
    retention: Retention
    masks: Masks
    sealed: SealedValues
    consents: Consents
    attributes: Attributes
    ledger: Ledger
    keys: KeyRing
    clock: Clock
    files: KeptFiles
    reads: ReadLog


@dataclass(frozen=True)
class Actor:
    """Who does something here."""

    id: str
    """A user's id, `worker`, or the account on the command line."""
    role: str


def unseal_message(desk: PrivacyDesk, actor: Actor, *, purpose: str, message_id: str) -> str:
    """The original of one message, after the ledger has it who opened it and why.

    An agent must hold the conversation at that moment. Raises NotFound, PurposeMissing,
    UnsealRefused (written to the ledger too) and OriginalGone.
    """
    reason = accept_purpose(purpose)
    kept = desk.data.find(message_id)
    if kept is None:
        raise NotFound("message")
    allowed = actor.role in _ALWAYS or (actor.role == "agent" and kept.holder == actor.id)
    action = "unseal" if allowed else "unseal_refused"
    write(desk, actor, action, subject=f"message:{message_id}", purpose=reason)
    if not allowed:
        raise UnsealRefused(actor.role)
    return open_kept(desk.keys, kept)


def open_kept(keys: KeyRing, kept: Kept) -> str:
    """Raises OriginalGone. Whoever calls this has written to the ledger."""
    if kept.sealed is None:
        raise OriginalGone("it was never sealed, expired or was erased")
    try:
        return open_message(keys, kept.sealed, customer=kept.customer, message_id=kept.message.id)
    except KeyDestroyed:
        raise OriginalGone("the customer was erased") from None
    except PrivacyError as error:
        raise OriginalGone(f"{type(error).__name__}; the auditor should know") from None


def accept_purpose(purpose: str) -> str:
    """The purpose as the ledger keeps it, personal data masked. Raises PurposeMissing.

    Without control characters and halves of surrogate pairs, which not every database takes.
    """
    shortest, longest = PURPOSE_CHARACTERS
    words = "".join(one if one.isprintable() else " " for one in purpose).split()
    stated = " ".join(words)[:longest]
    if len(stated) < shortest:
        raise PurposeMissing(shortest)
    return redact(stated)[:_LEDGER_PURPOSE]


def write(desk: PrivacyDesk, actor: Actor, action: str, *, subject: str, purpose: str) -> Entry:
    return desk.ledger.append(
        at=desk.clock.now(),
        actor=actor.id,
        role=actor.role,
        action=action,
        subject=subject,
        purpose=purpose,
    )


def record_consents(
    consents: Consents,
    agreed: Mapping[Scope, bool],
    *,
    attributes: Attributes,
    customer: str,
    at: datetime,
    wording_version: str,
    language: str,
) -> None:
    """What a customer said yes or no to; the last statement on a scope holds.

    A refusal of audits takes along what the customer told for them: before it is written, so
    that no failure leaves a refusal with attributes behind, and after it, for what was given
    meanwhile.
    """
    refused = agreed.get(Scope.AUDIT) is False
    if refused:
        attributes.take_back(customer)
    consents.add(
        [
            Consent(customer, scope, granted, at, wording_version, language)
            for scope, granted in agreed.items()
        ]
    )
    if refused:
        attributes.take_back(customer)


def consent_history(
    desk: PrivacyDesk, actor: Actor, *, customer: str, purpose: str
) -> list[Consent]:
    """Oldest first; written to the ledger first. Raises PurposeMissing and CustomerUnknown."""
    reason = accept_purpose(purpose)
    if not desk.data.knows(customer):
        raise CustomerUnknown
    write(desk, actor, READ, subject=subject_of(desk.keys, customer), purpose=reason)
    return desk.consents.history(customer)


def erase_customer(
    desk: PrivacyDesk, actor: Actor, *, customer: str, purpose: str
) -> dict[str, object]:
    """The signed certificate, as JSON values. Broken off, calling it again ends the work.

    The key goes first: from then on no copy of the database opens, whatever fails afterwards.
    Which models met the customer is kept before the words go that tell it. A retraining at work
    that has read them looks again before it lets anything serve, and destroys what it has. Not
    reached: what the masked words have taught a finished model, which the certificate lists.
    Raises CustomerUnknown.
    """
    reason = accept_purpose(purpose)
    reference = reference_of(desk.keys, customer)
    begun = any(one.reference == reference and not one.done_at for one in desk.erasures.all())
    if not begun and not desk.data.knows(customer):
        raise CustomerUnknown
    now = desk.clock.now()
    erasure = desk.erasures.begin(
        ErasureRecord(str(uuid4()), reference, now, deadline=erasure_deadline(now))
    )
    subject = subject_of(desk.keys, customer)
    entry = write(desk, actor, "erase", subject=subject, purpose=reason)
    destroyed = desk.keys.destroy(customer)
    footprint = desk.data.footprint(customer)
    models = erasure.models
    if models is None:
        models = {**desk.files.models(footprint.reviewed), "answered": footprint.answered}
        desk.erasures.keep_models(erasure.id, models)
    # Before the database: its review items are what finds the rows.
    files = desk.files.remove(footprint.reviewed)
    deleted = desk.erasures.delete(customer, alias=ERASED + erasure.id, at=now)
    counts = {**deleted, **files, "keys": int(destroyed)}
    done_at = desk.clock.now()
    desk.erasures.finish(erasure.id, at=done_at, counts=counts)
    certificate: dict[str, object] = {
        "erasure_id": erasure.id,
        "customer_hmac_sha256": reference,
        "requested_at": erasure.requested_at.isoformat(),
        "deadline": erasure.deadline.isoformat(),
        "done_at": done_at.isoformat(),
        "key_destroyed": destroyed,
        "counts": counts,
        "reached": reached(counts),
        "documents_naming_the_customer": list(desk.files.naming(customer)),
        "models": {name: list(found) for name, found in models.items()},
        "ledger": {"sequence": entry.sequence, "hash": entry.hash},
        "statement": STATEMENT,
    }
    return issue(certificate, desk.keys)


def purge_expired(
    desk: PrivacyDesk, rules: RetentionRules, *, actor: Actor, now: datetime
) -> Counts:
    """Delete what is due; the ledger's entry carries the counts (see `counts_of`)."""
    purged = desk.retention.purge(rules, now=now)
    destroyed = sum(desk.keys.destroy(customer) for customer in purged.keyless)
    counts = {**purged.counts, "keys": destroyed}
    said = " ".join(f"{name}={count}" for name, count in counts.items())
    write(desk, actor, "purge", subject=said, purpose="retention")
    return counts


def counts_of(entry: Entry) -> dict[str, int]:
    """What a `purge` or `anonymise` entry says was done."""
    pairs = (word.partition("=") for word in entry.subject.split())
    return {name: int(count) for name, _, count in pairs if count.isdigit()}


@dataclass(frozen=True)
class Anonymised:
    checked: int
    """Messages that other rules or types had masked."""
    changed: int
    """Texts that differ now, messages and others."""


MESSAGES, OTHERS = "Masking messages", "Masking reviews and feedback"


def anonymise_stored(
    desk: PrivacyDesk,
    *,
    actor: Actor,
    limit: int | None = None,
    again: bool = False,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> Anonymised:
    """Mask by today's rules and the company's own types of today what others masked: from the
    original where it opens.

    `again` masks every message anew, as a name model that was trained since then asks for. Broken
    off, a call without it goes on where this one stopped; done twice, it changes nothing. `limit`
    is a number of messages, kept to the conversation. `progress` hears the stage and how many are
    done, of how many.
    """
    if again:
        desk.masks.outdate()
    checked, changed = _remask_messages(desk, limit, progress)
    changed += _remask_others(desk.masks, progress)
    if checked or changed:
        said = f"messages={checked} changed={changed} rules={MASKING_RULES}"
        purpose = "masking everything again" if again else "masking rules"
        write(desk, actor, "anonymise", subject=said, purpose=purpose)
    return Anonymised(checked, changed)


def _remask_messages(
    desk: PrivacyDesk, limit: int | None, progress: Callable[[str, int, int], None]
) -> tuple[int, int]:
    masking = masking_now()
    total = desk.masks.outdated(masking)
    total = total if limit is None else min(limit, total)
    checked = changed = 0
    while checked < total:
        batch = desk.masks.outdated_conversations(masking, limit=_BATCH)
        if not batch:
            break
        for conversation in batch:
            remasked = remask(desk.keys, conversation)
            changed += desk.masks.keep(remasked, masking=masking)
            checked += len(remasked)
            progress(MESSAGES, min(checked, total), total)
            if checked >= total:
                break
    return checked, changed


def remask(keys: KeyRing, conversation: Sequence[Kept]) -> list[Remasked]:
    """One Redactor for all, so that a value has the same number throughout."""
    redactor, masking = Redactor(), masking_now()
    for kept in conversation:
        if not masking.outdates(kept.masked_by):
            redactor.redact(kept.message.text)
    return [
        Remasked(
            kept.message.id,
            mask_again(redactor, original=_original(keys, kept), masked=kept.message.text),
        )
        for kept in conversation
        if masking.outdates(kept.masked_by)
    ]


def _original(keys: KeyRing, kept: Kept) -> str | None:
    try:
        return open_kept(keys, kept)
    except OriginalGone:
        return None


def _remask_others(masks: Masks, progress: Callable[[str, int, int], None]) -> int:
    count, total = 0, masks.count_others()
    for done, (kind, one) in enumerate(masks.other_texts(), start=1):
        text = redact(one.text)
        if text != one.text:
            masks.keep_other(kind, Remasked(one.id, text))
            count += 1
        progress(OTHERS, min(done, total), total)
    return count
