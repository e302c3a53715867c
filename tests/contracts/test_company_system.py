"""Every CompanySystem keeps the same promises: the fake, the demo shop and a shop behind HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chatbot.adapters.action_http import HttpAction
from chatbot.demo.orders import DemoOrders
from chatbot.fakes import KnownCases
from chatbot.flows.form import NOT_FOUND, ActionResult, load_forms
from chatbot.ports import CompanySystem
from tests.contracts.app_server import serving_app
from web.demo_shop import create_demo_shop

NUMBER = {"order_number": "ME20260103"}
OWNER = {"verifier": "chen@example.com"}


@pytest.fixture(params=["fake", "demo", "http"])
def system(request: pytest.FixtureRequest) -> Iterator[CompanySystem]:
    if request.param == "fake":
        yield KnownCases(
            {"ME20260103": (OWNER["verifier"], ActionResult("packing", {"item_en": "Book"}))}
        )
    elif request.param == "demo":
        yield DemoOrders()
    else:
        with serving_app(create_demo_shop()) as url:
            client = HttpAction(url)
            yield client
            client.close()


def test_the_owner_learns_the_status_in_words_that_the_form_knows(system: CompanySystem) -> None:
    result = system.look_up(NUMBER, secrets=OWNER)
    assert result.status == "packing"
    assert result.status in load_forms()[0].results
    assert result.fields["item_en"]


@pytest.mark.parametrize(
    ("number", "secret"),
    [
        ("ME20260103", "0000"),
        ("ME20260103", ""),
        ("ME20260103", "陌生人"),
        ("ME99999999", "chen@example.com"),
        ("../ME20260103", "chen@example.com"),
        ("", "chen@example.com"),
    ],
)
def test_a_stranger_and_an_unknown_number_get_the_same_answer(
    system: CompanySystem, number: str, secret: str
) -> None:
    result = system.look_up({"order_number": number}, secrets={"verifier": secret})
    assert result == ActionResult(NOT_FOUND)
