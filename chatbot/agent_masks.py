"""What the agent who holds a conversation sees of its masked values: 138****8000, never more.

The server opens the sealed original and gives away the masks alone. Who does not hold the
conversation gets none, nor does anybody where the original expired, was erased or does not open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import structlog

from chatbot.conversation import State
from chatbot.errors import OriginalGone
from chatbot.handoff import Entry
from chatbot.masking import hidden_places
from chatbot.people import User
from chatbot.privacy_desk import PrivacyDesk, open_kept
from chatbot.privacy_ports import Kept
from privacy.agent_mask import agent_mask
from privacy.detector import placeholder
from privacy.keyring import KeyRing
from privacy.redaction import detect, rewritten

_log = structlog.get_logger()
_NUMBER = re.compile(r"_[0-9]{1,4}$")

Masks = Mapping[str, str]
"""By placeholder: `<PHONE_NUMBER_1>` is `138****8000`."""


def masks_in(desk: PrivacyDesk, reader: User, entry: Entry) -> dict[str, Masks]:
    """By message id, of the conversation. Whoever calls this has noted the reading."""
    if not _holds(reader, entry):
        return {}
    kept = desk.data.sealed_in(entry.conversation.id)
    return {one.message.id: _masks_of(desk.keys, one) for one in kept}


def masks_of(desk: PrivacyDesk, reader: User, entry: Entry, *, message_id: str) -> Masks:
    """Of one message of that conversation. Whoever calls this has noted the reading."""
    kept = desk.data.find(message_id) if _holds(reader, entry) else None
    if kept is None or kept.message.conversation_id != entry.conversation.id:
        return {}
    return _masks_of(desk.keys, kept)


def _holds(reader: User, entry: Entry) -> bool:
    holder = entry.holder.id if entry.holder is not None else None
    return entry.state == State.HELD.value and holder == reader.id


def _masks_of(keys: KeyRing, kept: Kept) -> Masks:
    masked = kept.message.text
    if kept.sealed is None or not placeholder().search(masked):
        return {}
    try:
        original = open_kept(keys, kept)
    except (OriginalGone, OSError) as error:
        # The conversation can be read without; the auditor finds the message in the log.
        _log.warning("no_agent_masks", message=kept.message.id, error=type(error).__name__)
        return {}
    return pair(original, masked)


def pair(original: str, masked: str) -> dict[str, str]:
    """The placeholders of `masked` with the masks of what they stand for.

    Empty where the two cannot be laid over one another beyond doubt. A placeholder that stands for
    two different values, as those without a number may, is left out.
    """
    found: dict[str, set[str]] = {}
    for name, value in _values(original, masked):
        found.setdefault(name, set()).add(agent_mask(_kind(name), value))
    return {name: masks.pop() for name, masks in found.items() if len(masks) == 1}


def _values(original: str, masked: str) -> Iterable[tuple[str, str]]:
    names = [match.group() for match in placeholder().finditer(masked)]
    places = hidden_places(original, masked)
    if places is not None and len(places) == len(names):
        values = [original[start:end] for start, end in places]
    else:
        # Masks side by side, or letters between them that the values hold too: today's rules must
        # give exactly this text again.
        spans = detect(original)
        rest: Iterator[str] = iter(names)
        if len(spans) != len(names) or masked != rewritten(original, spans, lambda *_: next(rest)):
            return ()
        values = [original[span.start : span.end] for span in spans]
    return zip(names, values, strict=True)


def _kind(name: str) -> str:
    return _NUMBER.sub("", name[1:-1])
