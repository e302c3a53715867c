"""Two topics that the model cannot tell apart, from the customer's message to the agent's view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from chatbot.bootstrap import Kefu
from chatbot.fakes import KeywordIntents, OverlapRetriever
from chatbot.people import Role
from knowledge_base.passages import Document
from tests.web.console_office import Customer, Desk, employ, sign_in

DOCUMENTS = (
    Document("back-en", "How do returns work?", "15 days.", language="en", tags=("back",)),
    Document("swap-en", "How do exchanges work?", "Any shop.", language="en", tags=("swap",)),
    Document("back-zh", "怎么退货？", "十五天内。", language="zh", tags=("back",)),
    Document("swap-zh", "怎么换货？", "门店均可。", language="zh", tags=("swap",)),
)
WORDS = {"back": ["returns", "退"], "swap": ["exchanges", "换"]}
TORN = [
    ("exchanges or returns please, dear shop", ["swap-en", "back-en"]),
    ("亲可以退或者换吗", ["back-zh", "swap-zh"]),
]


@pytest.fixture
def company(company: Kefu) -> Kefu:
    intents = KeywordIntents(WORDS, ambiguity_margin=0.1)
    retriever = OverlapRetriever(DOCUMENTS)
    return replace(company, intents=lambda _name: intents, retriever=lambda _name: retriever)


@pytest.fixture
def customer(people: Callable[[], TestClient]) -> Customer:
    return Customer.arrives(people())


@pytest.mark.parametrize(("text", "documents"), TORN)
def test_the_customer_is_offered_both_articles_and_gets_the_one_they_choose(
    text: str, documents: list[str], customer: Customer
) -> None:
    reply = customer.says(text)
    assert reply["action"] == "clarify"
    assert sorted(one["document_id"] for one in reply["suggestions"]) == sorted(documents)
    for one in reply["suggestions"]:
        assert f"“{one['text']}”" in reply["text"]
        chosen = customer.says(one["text"])
        assert chosen["action"] == "answer"
        assert [source["document_id"] for source in chosen["citations"]] == [one["document_id"]]


def test_an_agent_sees_which_two_topics_it_was_between(
    customer: Customer, company: Kefu, people: Callable[[], TestClient]
) -> None:
    customer.says(TORN[0][0])
    customer.says("How do returns work?")
    browser = people()
    sign_in(browser, employ(company, Role.AGENT, "Anna"))
    messages = Desk(browser).sees(customer.id)["messages"]
    intents = [message["intent"] for message in messages if message["author"] == "bot"]
    assert {intents[0]["name"], intents[0]["rival"]} == {"back", "swap"}
    assert (intents[1]["name"], intents[1]["rival"]) == ("back", None)
