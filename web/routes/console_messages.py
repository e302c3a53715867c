"""One message: its original for a stated purpose, and what the customer really wanted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from chatbot.conversation import Author, Language, Message
from chatbot.errors import NotFound
from chatbot.handoff import Line, entry_of
from chatbot.labelling import AGENT_CORRECTION, LabelTask
from chatbot.office import Office
from chatbot.privacy_desk import Actor, unseal_message
from privacy.consent import Scope, permits
from web.auth import OfficeDep, Unsealer, Worker, same_origin
from web.dependencies import KefuDep, PrivacyDep
from web.problems import problems
from web.schemas_console import (
    CorrectionTaken,
    IntentCorrection,
    Unsealed,
    UnsealRequest,
)

router = APIRouter(
    prefix="/v1/console/messages",
    tags=["console"],
    dependencies=[Depends(same_origin)],
    responses=problems(401, 403, 404, 410, 413, 422, 503),
)

MessageId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


@router.post("/{message_id}/unseal")
def unseal(
    message_id: MessageId, body: UnsealRequest, user: Unsealer, desk: PrivacyDep
) -> Unsealed:
    """The message as it came. The ledger learns of it first; agents must hold the conversation."""
    actor = Actor(user.id, user.role.value)
    text = unseal_message(desk, actor, purpose=body.purpose, message_id=message_id)
    return Unsealed(message_id=message_id, text=text)


@router.post("/{message_id}/intent")
def correct_intent(
    message_id: MessageId,
    body: IntentCorrection,
    user: Worker,
    office: OfficeDep,
    kefu: KefuDep,
) -> CorrectionTaken:
    """What the customer wanted. It waits in the review queue, if the customer agreed to that."""
    line = office.handoffs.line(message_id)
    if line is None:
        raise NotFound("message")
    asked = _question(office, line)
    entry = entry_of(office.handoffs, asked.conversation_id)
    conversation, now = entry.conversation, kefu.clock.now()
    history = kefu.consents.history(conversation.customer)
    if not permits(history, conversation.customer, scope=Scope.IMPROVE, now=now):
        return CorrectionTaken(queued=False, reason="no_consent")
    office.labels.correct(
        LabelTask(
            id=asked.id,
            collection=conversation.collection,
            text=asked.text,
            language=(asked.language or Language.EN).base,
            reason=AGENT_CORRECTION,
            suggested=body.intent,
            created_at=now,
            customer=conversation.customer,
        )
    )
    return CorrectionTaken(queued=True, reason=None)


def _question(office: Office, line: Line) -> Message:
    """The customer's message that this is, or that it answers."""
    if line.message.author is Author.CUSTOMER:
        return line.message
    before: Message | None = None
    for other in office.handoffs.transcript(line.message.conversation_id):
        if other.message.id == line.message.id and before is not None:
            return before
        if other.message.author is Author.CUSTOMER:
            before = other.message
    raise NotFound("question of a customer")
