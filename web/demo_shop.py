"""The demo shop's order service: a company system for forms to talk to."""

from __future__ import annotations

from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from chatbot.demo.company import COLLECTION
from chatbot.demo.orders import find_order
from chatbot.settings import Settings

PATH = "/demo/orders"
VERIFIER = "Kefu-verifier"


def create_demo_shop() -> Starlette:
    """`GET /{order number}` with the header `Kefu-verifier`."""
    return Starlette(routes=[Route("/{number}", _order)])


def with_demo_shop(settings: Settings, *, host: str, port: int) -> Settings:
    """Let the demo company's forms ask the shop that this very server brings."""
    if settings.collection != COLLECTION or settings.orders_url is not None:
        return settings
    everywhere = ip_address(host).is_unspecified
    near = ("[::1]" if ":" in host else "127.0.0.1") if everywhere else _bracketed(host)
    return settings.model_copy(update={"orders_url": f"http://{near}:{port}{PATH}"})


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


async def _order(request: Request) -> JSONResponse:
    verifier = unquote(request.headers.get(VERIFIER, ""))
    order = find_order(request.path_params["number"], verifier)
    if order is None:
        return JSONResponse({"status": "not_found"}, status_code=HTTPStatus.NOT_FOUND)
    return JSONResponse({"status": order.status, **order.fields})
