"""A reply as server-sent events: meta, token…, citation…, done."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

from web.schemas import ReplyBody

# Words in English, single characters in Chinese, each with the space or mark that follows.
_TOKEN = re.compile(r"[A-Za-z0-9'’.,:;/%¥$-]+\s*|.\s*", re.DOTALL)


def tokens_of(text: str) -> list[str]:
    return _TOKEN.findall(text)


async def reply_events(reply: ReplyBody) -> AsyncIterator[str]:
    """The tokens joined are `reply.text`; `done` carries the whole reply."""
    yield event(
        "meta",
        {"message_id": reply.message_id, "language": reply.language, "action": reply.action},
    )
    for token in tokens_of(reply.text):
        yield event("token", {"text": token})
    for citation in reply.citations:
        yield event("citation", citation.model_dump())
    yield event("done", reply.model_dump())


def event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
