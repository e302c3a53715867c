"""Reading what the server sends: answers, problems, events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx

from chatbot.errors import KefuError


class CallFailed(KefuError):
    """The server said no, or nothing; `status` is None where it said nothing."""

    def __init__(self, step: str, what: str, *, status: int | None = None) -> None:
        super().__init__(f"{step}: {what}")
        self.step = step
        self.what = what
        self.status = status


@dataclass(frozen=True)
class ServerEvent:
    kind: str
    data: dict[str, Any]


async def call(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    *,
    step: str,
    body: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The JSON that came back; empty where nothing did. Raises CallFailed."""
    try:
        response = await client.request(method, path, json=body, headers=headers)
    except httpx.HTTPError as error:
        raise CallFailed(step, type(error).__name__) from None
    check(response, step=step)
    if not response.content:
        return {}
    try:
        return dict(response.json())
    except ValueError:
        raise CallFailed(step, "the answer is no JSON") from None


def unreadable(error: Exception) -> CallFailed:
    """An answer came, but not as the interface promises it."""
    return CallFailed("read", f"the answer is not as promised ({type(error).__name__} {error})")


def check(response: httpx.Response, *, step: str) -> None:
    """Only the status and the path's kind are told: a problem's text may quote a customer."""
    if not response.is_success:
        what = f"HTTP {response.status_code} {response.reason_phrase}".strip()
        raise CallFailed(step, what, status=response.status_code)


async def read_events(response: httpx.Response) -> AsyncIterator[ServerEvent]:
    """Server-sent events (HTML standard, section 9.2); heartbeats are left out."""
    kind, data = "message", list[str]()
    async for line in response.aiter_lines():
        if line.startswith("event:"):
            kind = line.removeprefix("event:").strip()
        elif line.startswith("data:"):
            data.append(line.removeprefix("data:").strip())
        elif not line:
            if data:
                yield ServerEvent(kind, json.loads("\n".join(data)))
            kind, data = "message", []
