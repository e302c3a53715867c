"""The agents' desk: the queue, one conversation, and what helps to answer it.

GET  /v1/console/queue?state=&limit=                      who waits, who is held
GET  /v1/console/conversations/{id}                       masked transcript, summary; in the ledger
POST /v1/console/conversations/{id}/take|return|close     → QueueItem, 409 after losing a race
POST /v1/console/conversations/{id}/reply                 {text, client_message_id, suggestion_id?}
POST /v1/console/conversations/{id}/typing
GET  /v1/console/conversations/{id}/suggestions           top 3 of the same retrieval
POST /v1/console/suggestions/{id}                         {outcome}
POST /v1/console/messages/{id}/unseal                     {purpose} → the original; in the ledger
POST /v1/console/messages/{id}/intent                     {intent} → the review queue
POST /v1/console/knowledge/search, GET /v1/console/intents
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query

from chatbot import handoff
from chatbot.assist import Outcome, edit_distance, suggest, summarise
from chatbot.conversation import State
from chatbot.errors import NotFound
from chatbot.handoff import Move, entry_of, may_close_any, reply_as_agent
from chatbot.office import Office
from chatbot.people import User
from chatbot.read_log import QUEUE, purpose_of
from chatbot.turn import look_up
from web.auth import KnowledgeReader, OfficeDep, Reader, Worker, same_origin
from web.dependencies import KefuDep, NewsroomDep
from web.problems import problems
from web.reads import console_message, console_messages, note_place, note_read
from web.schemas_console import (
    AgentReply,
    ConsoleMessage,
    ConversationBody,
    HitBody,
    Hits,
    Intents,
    KnowledgeQuery,
    OutcomeRequest,
    QueueBody,
    QueueCounts,
    QueueItem,
    SuggestionBody,
    Suggestions,
    SummaryBody,
)
from web.schemas_console import Name as CollectionName

router = APIRouter(
    prefix="/v1/console",
    tags=["console"],
    dependencies=[Depends(same_origin)],
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)

ConversationId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
SuggestionId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
WAITING, HELD = State.WAITING.value, State.HELD.value
Shown = Literal["open", "waiting", "held", "bot", "closed"]
_HITS = 8


@router.get("/queue")
def queue(
    user: Reader,
    office: OfficeDep,
    kefu: KefuDep,
    state: Shown = "open",
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> QueueBody:
    """Who waits comes first, the longest wait before all."""
    states = [WAITING, HELD] if state == "open" else [state]
    note_place(kefu, user, QUEUE, purpose=purpose_of(user, None))
    now = kefu.clock.now()
    counts = office.handoffs.counts()
    return QueueBody(
        now=now,
        counts=QueueCounts(
            waiting=counts[WAITING], held=counts[HELD], mine=office.handoffs.held_by(user.id)
        ),
        items=[
            QueueItem.of(entry, user, now) for entry in office.handoffs.queue(states, limit=limit)
        ],
    )


@router.get("/conversations/{conversation_id}")
def conversation(
    conversation_id: ConversationId, user: Reader, office: OfficeDep, kefu: KefuDep
) -> ConversationBody:
    """Everything that was said, masked; `last_event_id` is where its events go on."""
    # Read first: what comes in between is told once more, never lost.
    newest = office.events.newest()
    entry = entry_of(office.handoffs, conversation_id)
    lines = office.handoffs.transcript(conversation_id)
    said = [line for line in lines if line.message.text]
    item = QueueItem.of(entry, user, kefu.clock.now())
    return ConversationBody(
        **item.model_dump(),
        closed_at=entry.conversation.closed_at,
        last_event_id=newest,
        messages=console_messages(kefu, user, entry, said),
        summary=SummaryBody.of(summarise(entry.conversation, lines)),
    )


@router.post("/conversations/{conversation_id}/take")
def take(
    conversation_id: ConversationId,
    user: Worker,
    office: OfficeDep,
    kefu: KefuDep,
    newsroom: NewsroomDep,
) -> QueueItem:
    """From now on this agent speaks and the bot is silent; 409 where another one was quicker."""
    item = _move(office, kefu, user, conversation_id, handoff.take(user.id))
    newsroom.call()
    return item


@router.post("/conversations/{conversation_id}/return")
def give_back(
    conversation_id: ConversationId,
    user: Worker,
    office: OfficeDep,
    kefu: KefuDep,
    newsroom: NewsroomDep,
) -> QueueItem:
    """The bot speaks again."""
    item = _move(office, kefu, user, conversation_id, handoff.give_back(user.id))
    newsroom.call()
    return item


@router.post("/conversations/{conversation_id}/close")
def close(
    conversation_id: ConversationId,
    user: Worker,
    office: OfficeDep,
    kefu: KefuDep,
    newsroom: NewsroomDep,
) -> QueueItem:
    """End the conversation. An admin may close any, an agent those they hold."""
    move = handoff.close(user.id, whoever_holds=may_close_any(user))
    item = _move(office, kefu, user, conversation_id, move)
    newsroom.call()
    return item


@router.post("/conversations/{conversation_id}/reply", status_code=HTTPStatus.CREATED)
def reply(
    conversation_id: ConversationId,
    body: AgentReply,
    user: Worker,
    office: OfficeDep,
    kefu: KefuDep,
    newsroom: NewsroomDep,
) -> ConsoleMessage:
    """Say something to the customer; the same client_message_id again gives the first message."""
    message = reply_as_agent(
        office.handoffs,
        kefu.store,
        kefu.clock,
        conversation_id=conversation_id,
        agent=user,
        text=body.text,
        client_message_id=body.client_message_id,
        limit=kefu.settings.message_characters,
    )
    if body.suggestion_id is not None:
        _sent(office, user, conversation_id, body.suggestion_id, body.text)
    newsroom.call()
    line = office.handoffs.line(message.id)
    if line is None:
        raise NotFound("message")
    return console_message(kefu, user, entry_of(office.handoffs, conversation_id), line)


@router.post("/conversations/{conversation_id}/typing", status_code=HTTPStatus.NO_CONTENT)
def typing(
    conversation_id: ConversationId, user: Worker, office: OfficeDep, newsroom: NewsroomDep
) -> None:
    """Show the customer that somebody writes; nothing is stored."""
    entry = entry_of(office.handoffs, conversation_id)
    if entry.holder is not None and entry.holder.id == user.id:
        newsroom.typing(conversation_id, user.name)


@router.get("/conversations/{conversation_id}/suggestions")
def suggestions(
    conversation_id: ConversationId, user: Worker, office: OfficeDep, kefu: KefuDep
) -> Suggestions:
    """Replies to the customer's last message, with source and confidence."""
    found = entry_of(office.handoffs, conversation_id).conversation
    lines = office.handoffs.transcript(conversation_id)
    offered = suggest(kefu.desk(found.collection), found, lines)
    office.assists.offer(offered, at=kefu.clock.now())
    return Suggestions(suggestions=[SuggestionBody.of(one) for one in offered])


@router.post("/suggestions/{suggestion_id}", status_code=HTTPStatus.NO_CONTENT)
def judge_suggestion(
    suggestion_id: SuggestionId, body: OutcomeRequest, user: Worker, office: OfficeDep
) -> None:
    """What the agent did with it before sending; `reply` records what was sent."""
    if not office.assists.decide(suggestion_id, Outcome(body.outcome), agent_id=user.id):
        raise NotFound("suggestion")


@router.post("/knowledge/search")
def search(user: KnowledgeReader, body: KnowledgeQuery, kefu: KefuDep) -> Hits:
    """What a turn would find; in the body, so that no address ever quotes a customer."""
    desk = kefu.desk(body.collection or kefu.settings.collection)
    return Hits(hits=[HitBody.of(hit) for hit in look_up(desk, body.query, limit=_HITS)])


@router.get("/intents")
def intents(user: Reader, kefu: KefuDep, collection: CollectionName | None = None) -> Intents:
    """The topics that the serving model knows."""
    name = collection or kefu.settings.collection
    return Intents(intents=sorted(kefu.intents(name).labels))


def _move(office: Office, kefu: KefuDep, user: User, conversation_id: str, move: Move) -> QueueItem:
    now = kefu.clock.now()
    office.handoffs.move(conversation_id, move, by=user, at=now)
    entry = entry_of(office.handoffs, conversation_id)
    note_read(kefu, user, entry)
    return QueueItem.of(entry, user, now)


def _sent(office: Office, user: User, conversation_id: str, suggestion_id: str, text: str) -> None:
    """The message is on its way already: a suggestion that is not there is no reason to fail."""
    suggestion = office.assists.find(suggestion_id)
    if suggestion is None or suggestion.conversation_id != conversation_id:
        return
    distance = edit_distance(suggestion.text, text)
    outcome = Outcome.EDIT if distance else Outcome.SEND
    office.assists.decide(suggestion_id, outcome, agent_id=user.id, edit_distance=distance)
