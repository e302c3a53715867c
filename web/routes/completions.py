"""The OpenAI-compatible side: one message answered, with a key instead of a conversation's token.

POST /v1/chat/completions;  GET /v1/models;  GET /v1/models/{model}
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Response
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from chatbot.api_keys import Caller, recognise
from chatbot.bootstrap import Kefu
from chatbot.completions import Transcript, begin, open_for
from chatbot.conversation import Conversation
from chatbot.errors import ConversationUnknown
from chatbot.handoff import Received, receive
from chatbot.reception import find_conversation
from chatbot.templates import DISCLOSURE_VERSION
from chatbot.text import accept_text
from knowledge_base.collection import list_collections
from knowledge_base.errors import CollectionUnknown, IndexMissing
from web.auth import OfficeDep
from web.completion_chunks import Completion, spoken
from web.completion_errors import OpenAiRoute
from web.dependencies import KefuDep
from web.metrics import MetricsDep
from web.newsroom import CHANNEL as NEWS
from web.problems import problems
from web.schemas import Disclosure, ReplyBody
from web.schemas_completions import (
    NEW,
    ChatCompletion,
    ChatRequest,
    KefuPart,
    ModelBody,
    Models,
    OpenAiError,
)
from web.streaming import tokens_of

EVENT_STREAM = "text/event-stream"

# The framework would announce a 422 of its own where nothing is said of 4XX.
_errors: dict[int | str, dict[str, Any]] = {
    status: {"model": OpenAiError} for status in (400, 401, 404, "4XX", 503)
}
router = APIRouter(
    prefix="/v1",
    tags=["OpenAI-compatible"],
    route_class=OpenAiRoute,
    responses={**_errors, **problems(413)},
)
_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="ApiKey",
    description="A key that `kefu api-keys add` issued.",
)


def _caller(
    office: OfficeDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    known = recognise(office.api_keys, credentials.credentials) if credentials else None
    if known is None:
        raise HTTPException(
            HTTPStatus.UNAUTHORIZED,
            "This call needs an API key as Bearer: `kefu api-keys add NAME` issues one.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return known


CallerDep = Annotated[Caller, Depends(_caller)]


@router.get("/models")
def models(caller: CallerDep, kefu: KefuDep) -> Models:
    """The collections that this key may ask and that can answer."""
    return Models(data=[ModelBody(id=name) for name in _names(kefu, caller)])


@router.get("/models/{model}")
def model(model: str, caller: CallerDep, kefu: KefuDep) -> ModelBody:
    if model not in _names(kefu, caller):
        raise CollectionUnknown(model)
    return ModelBody(id=model)


@router.post(
    "/chat/completions",
    response_model=ChatCompletion,
    responses={200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}},
)
def complete(
    body: ChatRequest,
    caller: CallerDep,
    kefu: KefuDep,
    metrics: MetricsDep,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
) -> Response:
    """Answer the customer's last message, as the widget's conversations answer it.

    With the id of a conversation the message is its next one, and a transcript that is sent again
    gets the same reply. Without it the customer's last messages are replayed for context only:
    nothing of them is kept and no form runs. The id `new` lets forms begin.
    """
    if not caller.key.may_ask(body.model):
        raise CollectionUnknown(body.model)
    kefu.models(body.model)
    going_on = _find(body, caller, kefu)
    if going_on is not None:
        conversation, token = going_on, caller.token_of(going_on.id)
        received = receive(
            kefu.desk(conversation.collection),
            conversation,
            text=body.transcript.customer[-1],
            client_message_id=body.transcript.message_id(caller, chosen=idempotency_key),
        )
    else:
        conversation, token, received = _begin(body, caller, kefu)
    kefu.events.publish(NEWS)
    if received.turn is not None:
        metrics.count(received.turn)
    answer = Completion(
        id=f"chatcmpl-{received.reply.message_id}",
        created=int(kefu.clock.now().timestamp()),
        model=body.model,
        content=spoken(received.reply, kefu.templates),
        prompt_tokens=_count(body.transcript),
        kefu=_part(kefu, conversation, received, token=token, first=going_on is None),
    )
    if body.stream:
        return StreamingResponse(
            answer.chunks(include_usage=body.includes_usage),
            media_type=EVENT_STREAM,
            headers={"Cache-Control": "no-store"},
        )
    return Response(answer.whole().model_dump_json(), media_type="application/json")


def _names(kefu: Kefu, caller: Caller) -> list[str]:
    found = []
    for name in list_collections(kefu.settings.collections_home):
        try:
            kefu.collection(name).current_version()
        except IndexMissing:
            continue
        found.append(name)
    return [name for name in found if caller.key.may_ask(name)]


def _find(body: ChatRequest, caller: Caller, kefu: Kefu) -> Conversation | None:
    """None where a new one begins. Raises ConversationUnknown for another key's conversation too,
    and for one about another collection."""
    named = body.conversation_id
    if named == NEW:
        return None
    if named is None:
        known = _owned(body.user, caller, kefu) if body.user else None
        return known if known is not None and known.collection == body.model else None
    conversation = find_conversation(kefu.store, named, caller.token_of(named))
    if conversation.collection != body.model:
        raise ConversationUnknown
    return conversation


def _owned(conversation_id: str, caller: Caller, kefu: Kefu) -> Conversation | None:
    try:
        return find_conversation(kefu.store, conversation_id, caller.token_of(conversation_id))
    except ConversationUnknown:
        return None


def _begin(body: ChatRequest, caller: Caller, kefu: Kefu) -> tuple[Conversation, str, Received]:
    desk = kefu.desk(body.model)
    # What is no message opens nothing.
    accept_text(body.transcript.customer[-1], limit=desk.text_limit)
    conversation, token = open_for(caller, desk, collection=body.model, customer=body.user)
    forms = body.conversation_id == NEW
    return conversation, token, begin(desk, conversation, body.transcript, forms=forms)


def _part(
    kefu: Kefu, conversation: Conversation, received: Received, *, token: str, first: bool
) -> KefuPart:
    reply = received.reply
    now = kefu.store.find(conversation.id) or conversation
    disclosure = Disclosure(
        text=kefu.templates.render("disclosure", reply.language),
        language=reply.language.value,
        version=DISCLOSURE_VERSION,
    )
    return KefuPart(
        **ReplyBody.of(reply).model_dump(),
        conversation_id=conversation.id,
        token=token,
        handoff=now.handoff,
        disclosure=disclosure if first else None,
    )


def _count(transcript: Transcript) -> int:
    return sum(len(tokens_of(text)) for _, text in transcript.lines)
