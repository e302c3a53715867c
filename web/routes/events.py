"""What happens, as it happens: server-sent events that go on where a browser left off.

GET /v1/conversations/{id}/events   Bearer token: message (agents' words), state, typing
GET /v1/console/events              session: hello, queue; with ?conversation= message, state
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse

from web.auth import COOKIE, OfficeDep, Reader, same_origin
from web.dependencies import ConversationDep, KefuDep, NewsroomDep
from web.live import Live, agent_stream, customer_stream, parse_last_event_id
from web.problems import problems

EVENT_STREAM = "text/event-stream"
# `X-Accel-Buffering` keeps nginx from collecting events before it passes them on.
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}
}

router = APIRouter(tags=["events"], responses=problems(401, 403, 404, 422, 503))

LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)]


@router.get(
    "/v1/conversations/{conversation_id}/events",
    response_class=StreamingResponse,
    responses=_STREAM,
)
async def customer_events(
    conversation: ConversationDep,
    kefu: KefuDep,
    office: OfficeDep,
    newsroom: NewsroomDep,
    last_event_id: LastEventId = None,
) -> StreamingResponse:
    """Agents' messages, who speaks, typing; without `Last-Event-ID` from the beginning."""
    live = Live(kefu, office, newsroom)
    after = parse_last_event_id(last_event_id) or 0
    return _streamed(customer_stream(live, conversation, after=after))


@router.get(
    "/v1/console/events",
    dependencies=[Depends(same_origin)],
    response_class=StreamingResponse,
    responses=_STREAM,
)
async def agent_events(
    user: Reader,
    kefu: KefuDep,
    office: OfficeDep,
    newsroom: NewsroomDep,
    request: Request,
    conversation: Annotated[str | None, Query(pattern=r"^[0-9a-f-]{36}$")] = None,
    last_event_id: LastEventId = None,
) -> StreamingResponse:
    """Changes of the queue, and all of one conversation; ends with the session."""
    stream = agent_stream(
        Live(kefu, office, newsroom),
        user,
        request.cookies.get(COOKIE, ""),
        conversation_id=conversation,
        after=parse_last_event_id(last_event_id),
    )
    return _streamed(stream)


def _streamed(stream: object) -> StreamingResponse:
    return StreamingResponse(stream, media_type=EVENT_STREAM, headers=_HEADERS)  # type: ignore[arg-type]
