from __future__ import annotations

import asyncio
import json
from random import Random

import httpx

from chatbot.simulate.agent import Agent, Credentials
from chatbot.simulate.customer import Office
from chatbot.simulate.mix import Chances
from chatbot.simulate.phrases import load_repertoire
from chatbot.simulate.tally import AgentTally

ALWAYS = Chances(**dict.fromkeys(Chances.__dataclass_fields__, 1.0))
PASSWORD = "correct horse battery"


class Console:
    """The console's HTTP interface, as far as an agent meets it; one conversation waits."""

    def __init__(self, *, ours: bool = True, refusal: int | None = None) -> None:
        self.posts: list[tuple[str, dict[str, object]]] = []
        self.state = "waiting"
        self.ours = ours
        self.refusal = refusal

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/v1/console/")
        if request.method == "POST":
            assert request.headers["X-Kefu-Console"] == "1"
            self.posts.append((path, json.loads(request.content)))
        return self._get(path) if request.method == "GET" else self._post(path)

    def _post(self, path: str) -> httpx.Response:
        if path.endswith("take"):
            # Who is forbidden to take it still sees it wait.
            self.state = "waiting" if self.refusal == 403 else "held"
            return httpx.Response(self.refusal or 200, json={})
        return httpx.Response(204) if path.endswith("intent") else httpx.Response(200, json={})

    def _get(self, path: str) -> httpx.Response:
        if path == "queue":
            waits = [{"conversation_id": "c1"}] if self.state == "waiting" else []
            return httpx.Response(200, json={"items": waits})
        if path == "intents":
            return httpx.Response(200, json={"intents": ["track_order", "refund_time"]})
        if path.endswith("suggestions"):
            offered = [{"suggestion_id": "s1", "text": "Open My Orders."}]
            return httpx.Response(200, json={"suggestions": offered})
        message = {"message_id": "m1", "author": "bot", "intent": {"name": "refund_time"}}
        said = {"message_id": "m2", "author": "customer", "intent": None}
        return httpx.Response(200, json={"messages": [message, said]})

    def work(self) -> AgentTally:
        office = Office(staffed=True, meant={"m1": "track_order"})
        if self.ours:
            office.languages["c1"] = "en"
        return asyncio.run(self._work(office))

    async def _work(self, office: Office) -> AgentTally:
        transport = httpx.MockTransport(self.answer)
        async with httpx.AsyncClient(transport=transport, base_url="http://kefu") as client:
            agent = Agent(
                client,
                random=Random(1),
                chances=ALWAYS,
                office=office,
                repertoire=load_repertoire(),
                tally=AgentTally(),
            )
            await agent.sign_in(Credentials("ann@example.com", PASSWORD))
            finished = asyncio.Event()
            finished.set()
            return await agent.work(finished)


def test_an_agent_takes_corrects_answers_with_the_suggestion_and_lets_go() -> None:
    console = Console()
    tally = console.work()
    assert [path for path, _ in console.posts] == [
        "sign-in",
        "conversations/c1/take",
        "messages/m1/intent",
        "suggestions/s1",
        "conversations/c1/reply",
        "conversations/c1/return",
    ]
    assert console.posts[2][1] == {"intent": "track_order"}
    assert (tally.taken, tally.replies, tally.returned, tally.corrected) == (1, 1, 1, 1)
    assert tally.failures == []


def test_an_edited_suggestion_keeps_its_text_and_its_id() -> None:
    console = Console()
    console.work()
    reply = console.posts[4][1]
    assert str(reply["text"]).endswith("Open My Orders.")
    assert reply["text"] != "Open My Orders."
    assert reply["suggestion_id"] == "s1"


def test_conversations_of_real_customers_are_left_alone() -> None:
    assert Console(ours=False).work().taken == 0


def test_a_conversation_that_another_agent_took_is_no_failure() -> None:
    tally = Console(refusal=409).work()
    assert (tally.taken, tally.missed, tally.failures) == (0, 1, [])


def test_an_account_that_may_not_take_conversations_gives_up_after_one_try() -> None:
    tally = Console(refusal=403).work()
    assert [failure.step for failure in tally.failures] == ["agent: take"]


def test_credentials_never_print_their_password() -> None:
    assert PASSWORD not in repr(Credentials("ann@example.com", PASSWORD))
