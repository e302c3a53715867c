"""One scripted customer at work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from chatbot.demo.company import COLLECTION
from chatbot.simulate.mix import Chances
from chatbot.simulate.script import Line, Script
from chatbot.simulate.tally import Failure, Visit
from chatbot.simulate.wire import CallFailed, ServerEvent, call, check, read_events, unreadable

PATIENCE_SECONDS = 120.0
"""How long a customer waits for a person before the run counts it as a failure."""


@dataclass
class Office:
    """What the scripted customers and agents of one run know of each other."""

    staffed: bool
    languages: MutableMapping[str, str] = field(default_factory=dict)
    """By the ids of this run's conversations; agents leave all others alone."""
    meant: MutableMapping[str, str] = field(default_factory=dict)
    """By message id of a reply: the intent that its customer had in mind."""


async def visit(
    client: httpx.AsyncClient, script: Script, *, chances: Chances, office: Office
) -> Visit:
    """Never raises on what the server does: that becomes a failure of the visit."""
    made = Visit(script)
    try:
        await _Customer(client, made, chances, office).live()
    except CallFailed as error:
        made.failures.append(Failure(script.number, error.step, error.what))
    except (KeyError, TypeError, ValueError) as error:
        problem = unreadable(error)
        made.failures.append(Failure(script.number, problem.step, problem.what))
    return made


class _Customer:
    def __init__(
        self, client: httpx.AsyncClient, made: Visit, chances: Chances, office: Office
    ) -> None:
        self._client = client
        self._visit = made
        self._script = made.script
        self._chances = chances
        self._office = office
        self._path = ""
        self._headers: dict[str, str] = {}
        self._said = 0

    async def live(self) -> None:
        await self._open()
        if self._script.audit and self._script.tells is not None:
            await self._tell(self._script.tells)
        for line in self._script.lines:
            reply = await self._say(line.text)
            if line.intent is not None:
                self._office.meant[str(reply["message_id"])] = line.intent
            await self._rate(line, reply)
            if reply["action"] == "handoff":
                self._visit.wanted_person = True
                break
        else:
            if self._script.presses_button:
                await self._post("handoff", {})
                self._visit.wanted_person = True
        if self._visit.wanted_person and self._office.staffed:
            await self._talk_to_person()
        if self._script.closes:
            await self._post("close", {})

    async def _open(self) -> None:
        body = {
            "channel": self._script.channel,
            "collection": COLLECTION,
            "customer": self._script.customer,
            "consents": {"improve": self._script.improve, "audit": self._script.audit},
        }
        opened = await call(self._client, "POST", "/v1/conversations", step="open", body=body)
        self._path = f"/v1/conversations/{opened['conversation_id']}"
        self._headers = {"Authorization": f"Bearer {opened['token']}"}
        self._visit.conversation_id = str(opened["conversation_id"])
        self._office.languages[self._visit.conversation_id] = self._script.language

    async def _tell(self, where: float) -> None:
        """Whatever the company asks for; most companies ask for nothing."""
        offer = await self._call("GET", "consent")
        for attribute in offer["attributes"]:
            values = attribute["values"]
            chosen = values[int(where * len(values))]["value"]
            await self._call("PUT", f"attributes/{attribute['name']}", {"value": chosen})
            self._visit.told += 1

    async def _say(self, text: str) -> dict[str, Any]:
        self._said += 1
        started = time.perf_counter()
        body = {"text": text, "client_message_id": f"{self._script.number}-{self._said}"}
        reply = await self._post("messages", body)
        self._visit.milliseconds.append((time.perf_counter() - started) * 1000)
        self._visit.actions.append(str(reply["action"]))
        return reply

    async def _rate(self, line: Line, reply: dict[str, Any]) -> None:
        if line.intent is None or line.rating >= self._chances.rating:
            return
        if reply["action"] not in ("answer", "refuse", "clarify"):
            return
        helpful = _answers(line.intent, reply)
        body: dict[str, Any] = {"message_id": reply["message_id"], "helpful": helpful}
        reason = self._script.helpful if helpful else self._script.unhelpful
        if reason is not None:
            body["reason"] = reason
        await self._post("feedback", body)
        self._visit.up += helpful
        self._visit.down += not helpful

    async def _talk_to_person(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._listen()
        except TimeoutError:
            raise CallFailed("wait", "no person came in time, or the person never let go") from None

    async def _listen(self) -> None:
        """Until the person who answered gives the conversation back or closes it."""
        headers = {**self._headers, "Accept": "text/event-stream"}
        path = f"{self._path}/events"
        while True:
            try:
                async with self._client.stream("GET", path, headers=headers) as response:
                    check(response, step="events")
                    async for event in read_events(response):
                        if await self._react(event):
                            return
            except httpx.HTTPError:
                # The server restarts, as servers do: the conversation is told from its beginning.
                await asyncio.sleep(1)

    async def _react(self, event: ServerEvent) -> bool:
        if event.kind == "message" and not self._visit.met_agent:
            self._visit.met_agent = True
            await self._say(self._script.last_word)
        over = event.kind == "state" and event.data.get("state") in ("bot", "closed")
        return over and self._visit.met_agent

    async def _post(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self._call("POST", what, body)

    async def _call(
        self, method: str, what: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        path = f"{self._path}/{what}"
        return await call(self._client, method, path, step=what, body=body, headers=self._headers)


def _answers(intent: str, reply: dict[str, Any]) -> bool:
    """The demo company's articles are called after the intents that they answer."""
    wanted = intent.replace("_", "-")
    cited = [str(citation["document_id"]) for citation in reply["citations"]]
    if not cited:
        return reply["action"] == "answer" and str(reply["intent"]["name"]) == intent
    return any(document.startswith(wanted) for document in cited)
