"""The real application on a real database, with accounts of every role."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from fastapi.testclient import TestClient

from chatbot.bootstrap import Kefu
from chatbot.office import Office
from chatbot.people import Role, add_user
from web.auth import HEADER

PASSWORD = "correct horse battery"
MARK = {HEADER: "1"}


def office_of(kefu: Kefu) -> Office:
    assert kefu.office is not None
    return kefu.office


def employ(kefu: Kefu, role: Role, name: str) -> str:
    """The address of a new account."""
    email = f"{name.lower()}@example.com"
    add_user(
        office_of(kefu).users, kefu.clock, email=email, password=PASSWORD, role=role, name=name
    )
    return email


def sign_in(client: TestClient | httpx.Client, email: str) -> None:
    response = client.post(
        "/v1/console/sign-in", json={"email": email, "password": PASSWORD}, headers=MARK
    )
    assert response.status_code == 200, response.text


@dataclass
class Customer:
    """One customer's conversation over HTTP."""

    client: TestClient | httpx.Client
    id: str
    token: str

    @classmethod
    def arrives(cls, client: TestClient | httpx.Client, **body: Any) -> Customer:
        response = client.post("/v1/conversations", json={"channel": "web", **body})
        assert response.status_code == 201, response.text
        opened = response.json()
        return cls(client, opened["conversation_id"], opened["token"])

    @property
    def path(self) -> str:
        return f"/v1/conversations/{self.id}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def says(self, text: str, client_message_id: str | None = None) -> Any:
        body = {"text": text, "client_message_id": client_message_id or str(uuid4())}
        response = self.client.post(f"{self.path}/messages", json=body, headers=self.headers)
        assert response.status_code == 200, response.text
        return response.json()

    def asks_for_a_person(self) -> None:
        response = self.client.post(f"{self.path}/handoff", headers=self.headers)
        assert response.status_code == 202, response.text


@dataclass
class Desk:
    """An agent at the console."""

    client: TestClient | httpx.Client

    def do(self, conversation_id: str, what: str, **body: Any) -> httpx.Response:
        path = f"/v1/console/conversations/{conversation_id}/{what}"
        return self.client.post(path, json=body or None, headers=MARK)

    def says(self, conversation_id: str, text: str, **extra: Any) -> httpx.Response:
        body = {"text": text, "client_message_id": str(uuid4()), **extra}
        return self.do(conversation_id, "reply", **body)

    def sees(self, conversation_id: str) -> Any:
        response = self.client.get(f"/v1/console/conversations/{conversation_id}")
        assert response.status_code == 200, response.text
        return response.json()


def knowledge_file(folder: Path) -> Path:
    path = folder / "knowledge.csv"
    path.write_text(
        "id,question,answer,language\nwindow-en,How long for a return?,15 days.,en\n",
        encoding="utf-8",
    )
    return path
