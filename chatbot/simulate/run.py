"""A whole simulation: many customers, some at a time, and perhaps agents beside them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import Random

import httpx

from chatbot.simulate.agent import Agent, Credentials
from chatbot.simulate.customer import Office, visit
from chatbot.simulate.mix import Mix
from chatbot.simulate.phrases import Repertoire
from chatbot.simulate.script import Script, write_script
from chatbot.simulate.tally import AgentTally, Tally, Visit
from chatbot.simulate.wire import call

_TIMEOUT = httpx.Timeout(60, pool=None)


@dataclass(frozen=True)
class Order:
    url: str
    conversations: int
    seed: int
    mix: Mix
    repertoire: Repertoire
    at_once: int = 8
    agents: Sequence[Credentials] = ()
    first: int = 0
    """Number of the first conversation, for a run that goes on where another ended."""


async def simulate(order: Order, *, advance: Callable[[], None]) -> Tally:
    """Raises CallFailed when the server is not ready or an agent cannot sign in."""
    started = time.perf_counter()
    office = Office(staffed=bool(order.agents))
    desk = AgentTally()
    finished = asyncio.Event()
    async with AsyncExitStack() as stack:
        # A customer who waits for a person holds a second connection.
        client = await stack.enter_async_context(_client(order, 2 * order.at_once))
        await call(client, "GET", "/readyz", step="readyz")
        # A client of their own each: the cookie of one must not become another's.
        consoles = [await stack.enter_async_context(_client(order)) for _ in order.agents]
        agents = [
            await _employ(order, number, console, office, desk)
            for number, console in enumerate(consoles)
        ]
        async with asyncio.TaskGroup() as group:
            for agent in agents:
                group.create_task(agent.work(finished))
            visits = await _receive(client, order, office, advance)
            finished.set()
    return Tally(order.seed, time.perf_counter() - started, visits, desk)


def scripts(order: Order) -> Iterable[Script]:
    for number in range(order.first, order.first + order.conversations):
        yield write_script(number, seed=order.seed, mix=order.mix, repertoire=order.repertoire)


async def _receive(
    client: httpx.AsyncClient, order: Order, office: Office, advance: Callable[[], None]
) -> list[Visit]:
    coming = iter(scripts(order))
    visits: list[Visit] = []

    async def one_after_another() -> None:
        for script in coming:
            visits.append(await visit(client, script, chances=order.mix.chances, office=office))
            advance()

    async with asyncio.TaskGroup() as group:
        for _ in range(order.at_once):
            group.create_task(one_after_another())
    return sorted(visits, key=lambda each: each.script.number)


async def _employ(
    order: Order, number: int, client: httpx.AsyncClient, office: Office, tally: AgentTally
) -> Agent:
    agent = Agent(
        client,
        random=Random(f"agent {order.seed}:{number}"),
        chances=order.mix.chances,
        office=office,
        repertoire=order.repertoire,
        tally=tally,
    )
    await agent.sign_in(order.agents[number])
    return agent


def _client(order: Order, connections: int | None = None) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=connections)
    return httpx.AsyncClient(base_url=order.url, timeout=_TIMEOUT, limits=limits)
