from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from chatbot.simulate.customer import Office, visit
from chatbot.simulate.mix import Chances, Plot
from chatbot.simulate.script import Line, Script
from chatbot.simulate.tally import AgentTally, Tally, Visit

ALWAYS = Chances(**dict.fromkeys(Chances.__dataclass_fields__, 1.0))
SCRIPT = Script(
    number=3,
    customer="simulated-7-3",
    language="en",
    channel="web",
    plot=Plot.QUESTION,
    improve=True,
    audit=False,
    lines=(Line("where is it", "track_order"),),
    canaries=(),
    presses_button=False,
    last_word="thanks",
    unhelpful="no help",
    helpful="fine",
    closes=True,
)
AGENT_CAME = (
    'event: state\ndata: {"state": "held"}\n\nevent: message\ndata: {"author": "agent"}\n\n'
)
AGENT_LEFT = ': \n\nevent: state\nid: 9\ndata: {"state": "bot"}\n\n'


class Server:
    """Kefu's HTTP interface, as far as a customer meets it."""

    def __init__(self, action: str = "answer", document: str = "track-order-en") -> None:
        self.calls: list[tuple[str, Any]] = []
        self.action = action
        self.document = document
        self.broken = ""
        self.offered: list[dict[str, Any]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        what = request.url.path.rsplit("/", 1)[-1]
        if what == "consent":
            return httpx.Response(200, json={"attributes": self.offered})
        if request.method == "GET":
            return httpx.Response(200, text=AGENT_CAME + AGENT_LEFT)
        self.calls.append((what, json.loads(request.content)))
        if what == self.broken:
            return httpx.Response(500, json={"detail": "a customer's own words"})
        if what == "conversations":
            return httpx.Response(201, json={"conversation_id": "c1", "token": "t"})
        assert request.headers["Authorization"] == "Bearer t"
        return (
            httpx.Response(200, json=self._reply()) if what == "messages" else httpx.Response(204)
        )

    def _reply(self) -> dict[str, Any]:
        return {
            "message_id": "m1",
            "action": self.action,
            "intent": {"name": "track_order"},
            "citations": [{"document_id": self.document}],
        }

    def visited_by(self, script: Script = SCRIPT, *, staffed: bool = False) -> Visit:
        return asyncio.run(self._visit(script, Office(staffed=staffed)))

    async def _visit(self, script: Script, office: Office) -> Visit:
        transport = httpx.MockTransport(self.answer)
        async with httpx.AsyncClient(transport=transport, base_url="http://kefu") as client:
            return await visit(client, script, chances=ALWAYS, office=office)


def test_a_customer_opens_with_consents_asks_rates_and_closes() -> None:
    server = Server()
    made = server.visited_by()
    assert [what for what, _ in server.calls] == ["conversations", "messages", "feedback", "close"]
    assert server.calls[0][1]["consents"] == {"improve": True, "audit": False}
    assert server.calls[0][1]["customer"] == "simulated-7-3"
    assert (made.outcome, made.up, made.down) == ("answered", 1, 0)


@pytest.mark.parametrize(
    ("document", "helpful", "reason"),
    [("track-order-zh", True, "fine"), ("return-window-en", False, "no help")],
)
def test_the_thumb_follows_what_the_customer_meant(
    document: str, helpful: bool, reason: str
) -> None:
    server = Server(document=document)
    server.visited_by()
    rated = dict(server.calls)["feedback"]
    assert (rated["helpful"], rated["reason"]) == (helpful, reason)


def test_who_is_handed_over_without_agents_leaves_it_at_that() -> None:
    assert Server(action="handoff").visited_by().outcome == "handed_off"


def test_who_is_handed_over_hears_the_agent_and_has_the_last_word() -> None:
    server = Server(action="handoff")
    made = server.visited_by(staffed=True)
    assert made.outcome == "helped_by_agent"
    said = [body["text"] for what, body in server.calls if what == "messages"]
    assert said == ["where is it", "thanks"]


def test_the_button_asks_for_a_person_without_words() -> None:
    server = Server()
    made = server.visited_by(replace(SCRIPT, presses_button=True))
    assert "handoff" in [what for what, _ in server.calls]
    assert made.outcome == "handed_off"


AGE = {"name": "age_band", "values": [{"value": "young"}, {"value": "old"}]}


@pytest.mark.parametrize(
    ("audit", "tells", "told"),
    [(True, 0.2, ["young"]), (True, 0.9, ["old"]), (True, None, []), (False, 0.2, [])],
)
def test_who_agrees_to_audits_and_likes_to_tell_chooses_a_value(
    audit: bool, tells: float | None, told: list[str]
) -> None:
    server = Server()
    server.offered = [AGE]
    made = server.visited_by(replace(SCRIPT, audit=audit, tells=tells))
    assert [body["value"] for what, body in server.calls if what == "age_band"] == told
    assert (made.outcome, made.told) == ("answered", len(told))


def test_where_the_company_asks_for_nothing_nothing_is_told() -> None:
    assert Server().visited_by(replace(SCRIPT, audit=True, tells=0.5)).told == 0


def test_a_refused_call_is_a_failure_that_quotes_nobody() -> None:
    server = Server()
    server.broken = "messages"
    made = server.visited_by()
    assert made.outcome == "failed"
    assert [(each.step, each.what) for each in made.failures] == [
        ("messages", "HTTP 500 Internal Server Error")
    ]


def test_the_report_counts_by_outcome_and_language() -> None:
    visits = [Server().visited_by(), Server(action="refuse").visited_by()]
    report = Tally(7, 1.0, visits, AgentTally()).to_json()
    assert report["outcomes"] == {"answered": 1, "refused": 1}
    assert report["outcomes_by_language"] == {"en": {"answered": 1, "refused": 1}}
    assert report["ratings"] == {"up": 2, "down": 0}
    assert report["conversation_ids"] == ["c1", "c1"]
    json.dumps(report)
