"""What a shop may do to us: be slow, be down, send us elsewhere, answer nonsense."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from chatbot.adapters.action_http import HttpAction
from chatbot.errors import ActionUnavailable
from chatbot.flows.form import NOT_FOUND, ActionResult
from tests.contracts.app_server import serving_app


class Shop:
    """Answers as the order number says, and counts."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.app = Starlette(routes=[Route("/orders/{number}", self.answer)])

    async def answer(self, request: Request) -> Response:
        self.requests.append(request)
        number = request.path_params["number"]
        if number == "elsewhere":
            return RedirectResponse("/orders/fine")
        if number == "flaky" and len(self.requests) == 1:
            return PlainTextResponse("busy", 503)
        bodies = {"nonsense": "<html>", "list": "[]", "deep": "[" * 50_000, "mute": "{}"}
        if number in bodies:
            return PlainTextResponse(bodies[number])
        if number.isdigit():
            return PlainTextResponse("", int(number))
        return PlainTextResponse('{"status": "packing", "days": 2, "more": {"a": 1}}')


@pytest.fixture(scope="module")
def shop_url() -> Iterator[tuple[Shop, str]]:
    shop = Shop()
    with serving_app(shop.app) as url:
        yield shop, f"{url}/orders/"


def _ask(url: str, number: str, secret: str = "0042") -> object:
    client = HttpAction(url, timeout_seconds=2)
    try:
        return client.look_up({"order_number": number}, secrets={"verifier": secret})
    finally:
        client.close()


def test_secrets_travel_in_a_header_and_never_in_the_address(shop_url: tuple[Shop, str]) -> None:
    shop, url = shop_url
    shop.requests.clear()
    _ask(url, "fine", secret="林@example.com")
    request = shop.requests[0]
    assert request.headers["kefu-verifier"] == "%E6%9E%97%40example.com"
    assert "example" not in str(request.url)


def test_flat_fields_are_read_and_others_left_out(shop_url: tuple[Shop, str]) -> None:
    result = _ask(shop_url[1], "fine")
    assert getattr(result, "fields", None) == {"days": "2"}


def test_a_short_failure_is_tried_once_more(shop_url: tuple[Shop, str]) -> None:
    shop, url = shop_url
    shop.requests.clear()
    _ask(url, "flaky")
    assert len(shop.requests) == 2


@pytest.mark.parametrize("number", ["elsewhere", "nonsense", "list", "deep", "mute", "500", "503"])
def test_whatever_else_comes_back_is_one_error(number: str, shop_url: tuple[Shop, str]) -> None:
    with pytest.raises(ActionUnavailable):
        _ask(shop_url[1], number)


def test_a_value_cannot_leave_its_place_in_the_address(shop_url: tuple[Shop, str]) -> None:
    shop, url = shop_url
    shop.requests.clear()
    assert _ask(url, "../orders/fine?x=1") == ActionResult(NOT_FOUND)
    assert not shop.requests


def test_nobody_at_home_is_said_without_the_address() -> None:
    with pytest.raises(ActionUnavailable, match="does not answer") as raised:
        _ask("http://127.0.0.1:9/orders", "fine")
    assert "0042" not in str(raised.value)
