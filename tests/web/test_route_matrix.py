"""Every route × every role × nobody. A route without an entry here fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.routing import BaseRoute, Mount

from chatbot.bootstrap import Kefu
from chatbot.people import Role
from tests.web.console_office import MARK, employ, sign_in
from web.app import create_app

EVERYBODY = "public"
"""No session needed."""
CUSTOMER = "bearer"
"""The conversation's own token, which no session replaces."""
KEY = "key"
"""An API key, which no session replaces."""
STAFF = frozenset({"admin", "agent", "auditor"})
DESK = frozenset({"admin", "agent"})
INSIGHT = frozenset({"admin", "auditor"})
ADMIN = frozenset({"admin"})

Who = str | frozenset[str]

ENTRIES: dict[str, Who] = {
    "GET /": EVERYBODY,
    "GET /widget.js": EVERYBODY,
    "GET /help": EVERYBODY,
    "GET /help/{topic}": EVERYBODY,
    "GET /console": EVERYBODY,
    "GET /healthz": EVERYBODY,
    "GET /readyz": EVERYBODY,
    "GET /metrics": EVERYBODY,
    "POST /v1/conversations": EVERYBODY,
    "POST /v1/conversations/{conversation_id}/messages": CUSTOMER,
    "GET /v1/conversations/{conversation_id}/messages": CUSTOMER,
    "GET /v1/conversations/{conversation_id}/events": CUSTOMER,
    "POST /v1/conversations/{conversation_id}/feedback": CUSTOMER,
    "POST /v1/conversations/{conversation_id}/handoff": CUSTOMER,
    "GET /v1/conversations/{conversation_id}/consent": CUSTOMER,
    "POST /v1/conversations/{conversation_id}/consent": CUSTOMER,
    "PUT /v1/conversations/{conversation_id}/attributes/{name}": CUSTOMER,
    "POST /v1/conversations/{conversation_id}/close": CUSTOMER,
    "POST /v1/chat/completions": KEY,
    "GET /v1/models": KEY,
    "GET /v1/models/{model}": KEY,
    "POST /v1/console/sign-in": EVERYBODY,
    "POST /v1/console/sign-out": EVERYBODY,
    "GET /v1/console/me": STAFF,
    "POST /v1/console/me": STAFF,
    "GET /v1/console/queue": STAFF,
    "GET /v1/console/events": STAFF,
    "GET /v1/console/intents": STAFF,
    "GET /v1/console/conversations/{conversation_id}": STAFF,
    "POST /v1/console/conversations/{conversation_id}/take": DESK,
    "POST /v1/console/conversations/{conversation_id}/reply": DESK,
    "POST /v1/console/conversations/{conversation_id}/return": DESK,
    "POST /v1/console/conversations/{conversation_id}/close": DESK,
    "POST /v1/console/conversations/{conversation_id}/typing": DESK,
    "GET /v1/console/conversations/{conversation_id}/suggestions": DESK,
    "POST /v1/console/suggestions/{suggestion_id}": DESK,
    "POST /v1/console/knowledge/search": STAFF,
    "POST /v1/console/messages/{message_id}/unseal": STAFF,
    "POST /v1/console/messages/{message_id}/intent": DESK,
    "GET /v1/admin/collections": STAFF,
    "GET /v1/admin/knowledge": STAFF,
    "PUT /v1/admin/knowledge/{document_id}": ADMIN,
    "DELETE /v1/admin/knowledge/{document_id}": ADMIN,
    "POST /v1/admin/knowledge/build": ADMIN,
    "GET /v1/admin/knowledge/history": STAFF,
    "GET /v1/admin/knowledge/diff": STAFF,
    "GET /v1/admin/knowledge/personal-data": STAFF,
    "POST /v1/admin/knowledge/{document_id}/publish": ADMIN,
    "POST /v1/admin/knowledge/{document_id}/withdraw": ADMIN,
    "POST /v1/admin/knowledge/{document_id}/restore": ADMIN,
    "POST /v1/admin/knowledge/rollback": ADMIN,
    "POST /v1/admin/knowledge/import": ADMIN,
    "POST /v1/admin/knowledge/search": STAFF,
    "POST /v1/admin/knowledge/evaluate": ADMIN,
    "GET /v1/admin/knowledge/runs": STAFF,
    "GET /v1/admin/knowledge/gaps": INSIGHT,
    "GET /v1/admin/review": INSIGHT,
    "POST /v1/admin/review/{item_id}": ADMIN,
    "GET /v1/admin/models": INSIGHT,
    "POST /v1/admin/models/promote": ADMIN,
    "POST /v1/admin/models/rollback": ADMIN,
    "GET /v1/admin/jobs": INSIGHT,
    "GET /v1/admin/jobs/{job_id}": INSIGHT,
    "POST /v1/admin/jobs": ADMIN,
    "GET /v1/admin/audits": INSIGHT,
    "GET /v1/admin/audits/{audit_id}/report": INSIGHT,
    "POST /v1/admin/privacy/export": INSIGHT,
    "POST /v1/admin/privacy/erasures": ADMIN,
    "GET /v1/admin/privacy/erasures": INSIGHT,
    "POST /v1/admin/privacy/certificates/verify": INSIGHT,
    "GET /v1/admin/privacy/public-key": INSIGHT,
    "POST /v1/admin/privacy/consents": INSIGHT,
    "GET /v1/admin/privacy/retention": INSIGHT,
    "GET /v1/admin/ledger": INSIGHT,
    "GET /v1/admin/ledger/verification": INSIGHT,
    "POST /v1/privacy/redact": STAFF,
    "GET /v1/admin/users": ADMIN,
    "POST /v1/admin/users": ADMIN,
    "POST /v1/admin/users/{user_id}": ADMIN,
}
# The framework's own description of the interface.
DESCRIPTION = {"/openapi.json"}
# Files anybody may read, and the demo shop's order service, which asks for a verifier itself.
FOLDERS = {"/widget", "/shop", "/console/static", "/demo/orders"}

# Wrong in every body, so that nothing is done: whoever may call is told so by another status.
NONSENSE = {"collection": 5, "text": 5, "name": 5, "role": 5, "email": 5, "language": 5}
NOBODY = "nobody"


def _all_routes(kefu: Kefu) -> Iterator[BaseRoute]:
    for route in create_app(kefu).routes:
        # The framework keeps an included router whole.
        included = getattr(route, "original_router", None)
        yield from included.routes if included is not None else [route]


def _routes(kefu: Kefu) -> Iterator[tuple[str, str]]:
    for route in _all_routes(kefu):
        if isinstance(route, APIRoute):
            for method in sorted(route.methods):
                yield method, route.path


def test_every_route_has_an_entry_and_every_entry_a_route(kefu: Kefu) -> None:
    found = {f"{method} {path}" for method, path in _routes(kefu)}
    assert found == ENTRIES.keys()


def test_everything_else_is_a_known_folder_or_the_description(kefu: Kefu) -> None:
    others = [route for route in _all_routes(kefu) if not isinstance(route, APIRoute)]
    folders = {route.path for route in others if isinstance(route, Mount)}
    assert folders <= FOLDERS
    paths = {getattr(route, "path", "") for route in others if not isinstance(route, Mount)}
    assert paths == DESCRIPTION


@pytest.fixture
def browsers(company: Kefu, people: Callable[[], TestClient]) -> dict[str, TestClient]:
    found = {NOBODY: people()}
    for role in Role:
        found[role.value] = people()
        sign_in(found[role.value], employ(company, role, role.value))
    return found


def test_every_route_lets_in_exactly_who_may(
    company: Kefu, browsers: dict[str, TestClient]
) -> None:
    wrong = []
    for method, path in _routes(company):
        who = ENTRIES.get(f"{method} {path}", frozenset())
        # Signing out would end the others' turns.
        for name, browser in browsers.items() if not path.endswith("sign-out") else ():
            status = _call(browser, method, path)
            if not _as_expected(status, who, name):
                wrong.append((method, path, name, status))
    assert wrong == []


def _as_expected(status: int, who: Who, name: str) -> bool:
    if who in (CUSTOMER, KEY):
        return status == 401
    if who == EVERYBODY or name in who:
        return status not in (401, 403) and status < 500
    return status == (401 if name == NOBODY else 403)


def _call(browser: TestClient, method: str, path: str) -> int:
    address = "/".join(str(uuid4()) if part.startswith("{") else part for part in path.split("/"))
    headers = dict(MARK)
    if path.endswith("/events"):
        # A stream would never end; a number that is too long is refused where it would begin.
        headers["Last-Event-ID"] = "9" * 30
    body = NONSENSE if method in ("POST", "PUT") else None
    return browser.request(method, address, headers=headers, json=body).status_code


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_no_change_is_made_without_the_console_s_header(
    company: Kefu, browsers: dict[str, TestClient], method: str
) -> None:
    let_through = []
    for kind, path in _routes(company):
        if kind != method or not path.startswith(("/v1/console", "/v1/admin")):
            continue
        address = path.replace("{", "").replace("}", "")
        response = browsers["admin"].request(method, address, json=NONSENSE)
        if response.status_code != 403:
            let_through.append((path, response.status_code))
    assert let_through == []


def test_the_description_names_what_each_guarded_call_may_answer(kefu: Kefu) -> None:
    paths = create_app(kefu).openapi()["paths"]
    for path, operations in paths.items():
        for operation in operations.values():
            if path.startswith(("/v1/console", "/v1/admin")):
                assert {"401", "403", "503"} <= operation["responses"].keys(), path
                assert operation["security"], path
                problem = operation["responses"]["403"]["content"]
                assert "application/problem+json" in problem, path


def test_every_refusal_is_a_problem(browsers: dict[str, TestClient]) -> None:
    for path in ("/v1/console/queue", "/v1/admin/users"):
        response = browsers[NOBODY].get(path)
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["status"] == 401
