"""A scripted agent: signs in at the console and works through the queue of this run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import uuid4

import httpx

from chatbot.policy import OUT_OF_SCOPE
from chatbot.simulate.customer import Office
from chatbot.simulate.mix import Chances
from chatbot.simulate.phrases import Phrases, Repertoire
from chatbot.simulate.tally import AgentTally, Failure
from chatbot.simulate.wire import CallFailed, call, unreadable

CONSOLE = "/v1/console"
HEADERS = {"X-Kefu-Console": "1"}
LAST_WORD_SECONDS = 10.0
"""How long an agent waits for the customer to react before the conversation is over."""
_PAUSE_SECONDS = 0.3


@dataclass(frozen=True)
class Credentials:
    email: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials({self.email})"


class Agent:
    """What it does depends on the seed and on the order in which customers come."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        random: Random,
        chances: Chances,
        office: Office,
        repertoire: Repertoire,
        tally: AgentTally,
    ) -> None:
        self._client = client
        self._random = random
        self._chances = chances
        self._office = office
        self._repertoire = repertoire
        self._tally = tally
        self._intents: frozenset[str] = frozenset()
        self._given_up: set[str] = set()

    async def sign_in(self, credentials: Credentials) -> None:
        """Raises CallFailed; the client keeps the cookie."""
        body = {"email": credentials.email, "password": credentials.password}
        await self._post("sign-in", body, step="sign in")
        known = await self._get("intents?collection=demo", step="intents")
        self._intents = frozenset(known["intents"])

    async def work(self, finished: asyncio.Event) -> AgentTally:
        """Until the customers have gone and nobody waits any more."""
        while True:
            gone = finished.is_set()
            waiting = await self._waiting()
            for item in waiting:
                await self._serve(str(item["conversation_id"]))
            if gone and not waiting:
                return self._tally
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _waiting(self) -> list[dict[str, Any]]:
        queue = await self._attempt(self._get("queue?state=waiting&limit=200", step="queue"))
        items = queue["items"] if queue is not None else []
        ours = self._office.languages.keys() - self._given_up
        return [item for item in items if item["conversation_id"] in ours]

    async def _serve(self, conversation: str) -> None:
        path = f"conversations/{conversation}"
        try:
            await self._post(f"{path}/take", {}, step="take")
        except CallFailed as error:
            if error.status == httpx.codes.CONFLICT:
                self._tally.missed += 1
            else:
                self._note(error)
                # Else an account that may not take conversations would try for ever.
                self._given_up.add(conversation)
            return
        self._tally.taken += 1
        await self._attempt(self._answer(path, self._office.languages[conversation]))
        await self._attempt(self._let_go(path))

    async def _answer(self, path: str, language: str) -> dict[str, Any]:
        shown = await self._get(path, step="open conversation")
        await self._correct(shown["messages"])
        phrases = self._repertoire.phrases[language]
        offered = await self._get(f"{path}/suggestions", step="suggestions")
        body = await self._reply(offered["suggestions"], phrases)
        sent = await self._post(f"{path}/reply", body, step="reply")
        self._tally.replies += 1
        await self._wait_for_customer(path)
        return sent

    async def _reply(self, suggestions: list[dict[str, Any]], phrases: Phrases) -> dict[str, Any]:
        body: dict[str, Any] = {"client_message_id": str(uuid4())}
        if not suggestions:
            return body | {"text": self._random.choice(phrases.agent_own)}
        first = suggestions[0]
        edits = self._random.random() < self._chances.editing
        outcome = {"outcome": "edit" if edits else "insert"}
        await self._post(f"suggestions/{first['suggestion_id']}", outcome, step="suggestion")
        self._tally.suggestions_edited += edits
        self._tally.suggestions_sent += not edits
        opening = self._random.choice(phrases.agent_opening) if edits else ""
        return body | {"text": opening + first["text"], "suggestion_id": first["suggestion_id"]}

    async def _correct(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            meant = self._office.meant.get(str(message["message_id"]))
            understood = (message.get("intent") or {}).get("name")
            if meant is None or meant == understood or meant not in self._intents | {OUT_OF_SCOPE}:
                continue
            if self._random.random() < self._chances.correction:
                path = f"messages/{message['message_id']}/intent"
                await self._post(path, {"intent": meant}, step="correct")
                self._tally.corrected += 1

    async def _wait_for_customer(self, path: str) -> None:
        for _ in range(int(LAST_WORD_SECONDS / _PAUSE_SECONDS)):
            shown = await self._get(path, step="open conversation")
            if shown["messages"] and shown["messages"][-1]["author"] != "agent":
                return
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _let_go(self, path: str) -> dict[str, Any]:
        returns = self._random.random() < self._chances.returning
        done = await self._post(f"{path}/{'return' if returns else 'close'}", {}, step="let go")
        self._tally.returned += returns
        self._tally.closed += not returns
        return done

    async def _attempt(self, work: Awaitable[dict[str, Any]]) -> dict[str, Any] | None:
        try:
            return await work
        except CallFailed as error:
            self._note(error)
        except (KeyError, TypeError, ValueError) as error:
            self._note(unreadable(error))
        return None

    def _note(self, error: CallFailed) -> None:
        self._tally.failures.append(Failure(None, f"agent: {error.step}", error.what))

    async def _get(self, path: str, *, step: str) -> dict[str, Any]:
        return await call(self._client, "GET", f"{CONSOLE}/{path}", step=step, headers=HEADERS)

    async def _post(self, path: str, body: dict[str, Any], *, step: str) -> dict[str, Any]:
        return await call(
            self._client, "POST", f"{CONSOLE}/{path}", step=step, body=body, headers=HEADERS
        )
