"""The customer's side: open, ask, rate, call a person, close."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import StreamingResponse

from chatbot.conversation import Language
from chatbot.handoff import receive
from chatbot.reception import ask_for_person, close_conversation, open_conversation
from chatbot.replay import replay
from chatbot.templates import DISCLOSURE_VERSION
from chatbot.text import accept_text
from web.dependencies import ConversationDep, KefuDep
from web.metrics import MetricsDep
from web.newsroom import CHANNEL
from web.routes.consents import language_of, record
from web.schemas import (
    ConversationOpened,
    ConversationRequest,
    Disclosure,
    FeedbackRequest,
    HandoffAccepted,
    History,
    MessageRequest,
    Problem,
    ReplyBody,
)
from web.streaming import reply_events

EVENT_STREAM = "text/event-stream"

router = APIRouter(
    prefix="/v1/conversations",
    tags=["conversations"],
    responses={
        status: {"model": Problem, "content": {"application/problem+json": {}}}
        for status in (401, 403, 404, 409, 413, 422, 503)
    },
)


@router.post("", status_code=HTTPStatus.CREATED)
def open_(body: ConversationRequest, kefu: KefuDep) -> ConversationOpened:
    """Open a conversation; show the customer the disclosure before the first message."""
    collection = body.collection or kefu.settings.collection
    kefu.models(collection)
    language = language_of(body.language)
    opened = open_conversation(
        kefu.store,
        kefu.clock,
        channel=body.channel,
        collection=collection,
        language=language,
        customer=body.customer,
    )
    if body.consents is not None:
        record(body.consents, opened.conversation, kefu)
    spoken = language or Language.EN
    return ConversationOpened(
        conversation_id=opened.conversation.id,
        token=opened.token,
        disclosure=Disclosure(
            text=kefu.templates.render("disclosure", spoken),
            language=spoken.value,
            version=DISCLOSURE_VERSION,
        ),
    )


@router.post(
    "/{conversation_id}/messages",
    response_model=ReplyBody,
    responses={200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}},
)
def send(
    body: MessageRequest,
    conversation: ConversationDep,
    kefu: KefuDep,
    metrics: MetricsDep,
    request: Request,
) -> Response:
    """Answer one message: JSON, or server-sent events for `Accept: text/event-stream`.

    While an agent has the conversation the bot is silent: the message is kept, and the reply is
    empty (`author` is `agent`, `action` is `handoff`). What the agent says comes by `/events`.
    """
    received = receive(
        kefu.desk(conversation.collection),
        conversation,
        text=body.text,
        client_message_id=body.client_message_id,
    )
    kefu.events.publish(CHANNEL)
    if received.turn is not None:
        metrics.count(received.turn)
    reply = ReplyBody.of(received.reply)
    if EVENT_STREAM in request.headers.get("accept", ""):
        return StreamingResponse(
            reply_events(reply), media_type=EVENT_STREAM, headers={"Cache-Control": "no-store"}
        )
    return Response(reply.model_dump_json(), media_type="application/json")


@router.get("/{conversation_id}/messages")
def history(conversation: ConversationDep, kefu: KefuDep) -> History:
    """What was said, as it is stored: by the customer, the bot and agents."""
    shown = replay(kefu.store, kefu.office, conversation, now=kefu.clock.now())
    return History.of(conversation, kefu.store.turns(conversation.id), shown)


@router.post("/{conversation_id}/feedback", status_code=HTTPStatus.NO_CONTENT)
def rate(body: FeedbackRequest, conversation: ConversationDep, kefu: KefuDep) -> None:
    """Was this answer helpful? The last word counts."""
    reason = None
    if body.reason:
        reason = kefu.redact(accept_text(body.reason, limit=kefu.settings.message_characters))
    known = kefu.store.add_feedback(
        conversation.id, body.message_id, helpful=body.helpful, reason=reason
    )
    if not known:
        raise HTTPException(HTTPStatus.NOT_FOUND, "This conversation has no such reply.")


@router.post("/{conversation_id}/handoff", status_code=HTTPStatus.ACCEPTED)
def call_person(conversation: ConversationDep, kefu: KefuDep) -> HandoffAccepted:
    """Ask for a person, whatever the bot thinks."""
    ask_for_person(kefu.store, conversation)
    kefu.events.publish(CHANNEL)
    turns = kefu.store.turns(conversation.id)
    spoken = turns[-1].reply.language if turns else None
    language = spoken or conversation.language or Language.EN
    return HandoffAccepted(text=kefu.templates.render("request_human", language))


@router.post("/{conversation_id}/close", status_code=HTTPStatus.NO_CONTENT)
def close(conversation: ConversationDep, kefu: KefuDep) -> None:
    """End the conversation; closing it twice changes nothing."""
    close_conversation(kefu.store, conversation, at=kefu.clock.now())
    kefu.events.publish(CHANNEL)
