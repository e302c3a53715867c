"""What is left of a customer after an erasure: in a backup, in the ledger, in the certificate."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from chatbot.adapters.database import connect
from chatbot.adapters.store_attributes import SqlAttributes
from chatbot.adapters.tables import attributes, conversations, messages
from chatbot.sealing import open_message
from chatbot.settings import Settings
from privacy.errors import KeyDestroyed
from privacy.keyring_file import FileKeyRing
from tests.conftest import call_kefu
from tests.e2e.small_company import build_index, open_company
from web.app import create_app

REFERENCE = "shop-customer-88412"
SECRETS = ("13812345678", "li.na@example.com", "6222021234567890128")
SAID = (
    "几天内可以退货？我的手机是13812345678",
    "how long may I return it? write to li.na@example.com",
    "卡号6222021234567890128，谢谢",
)


@dataclass
class Erased:
    """A home after the erasure of one of its two customers, and the copies made before."""

    home: Path
    database: Path
    index: Path
    certificate: Path
    before: dict[str, Any]
    """The customer's own export."""


def _speak(client: TestClient, customer: str, *texts: str) -> None:
    opened = client.post("/v1/conversations", json={"channel": "web", "customer": customer}).json()
    place = f"/v1/conversations/{opened['conversation_id']}"
    bearer = {"Authorization": f"Bearer {opened['token']}"}
    agreed = {"improve": True, "audit": True}
    assert client.post(f"{place}/consent", json=agreed, headers=bearer).status_code == 204
    told = client.put(f"{place}/attributes/age_band", json={"value": "30_59"}, headers=bearer)
    assert told.status_code == 204, told.text
    for number, text in enumerate(texts):
        body = {"text": text, "client_message_id": str(number)}
        assert client.post(f"{place}/messages", json=body, headers=bearer).status_code == 200


@pytest.fixture(scope="module")
def erased(tmp_path_factory: pytest.TempPathFactory) -> Erased:
    folder = tmp_path_factory.mktemp("erasure")
    home, export = folder / "home", folder / "export.json"
    settings = Settings(home=home, _env_file=None)
    build_index(settings)
    kefu, engine = open_company(settings)
    with TestClient(create_app(kefu)) as client:
        _speak(client, REFERENCE, *SAID)
        _speak(client, "another-customer", "几天内可以退货？我是13912345678")
        told = call_kefu(
            "privacy", "export", "--customer", REFERENCE, "--output", export, home=home
        )
        assert told.returncode == 0, told.stderr
        with (
            closing(sqlite3.connect(home / "kefu.db")) as source,
            closing(sqlite3.connect(folder / "copy.db")) as copy,
        ):
            source.backup(copy)
        shutil.copytree(settings.collections_home, folder / "index")
        certificate = folder / "certificate.json"
        done = call_kefu(
            *("privacy", "erase", "--customer", REFERENCE, "--yes", "--output", certificate),
            home=home,
        )
        assert done.returncode == 0, done.stderr
    engine.dispose()
    before = json.loads(export.read_text("utf-8"))
    return Erased(home, folder / "copy.db", folder / "index", certificate, before)


def _sealed(copy: Engine, customer: str) -> list[tuple[str, bytes]]:
    query = (
        select(messages.c.id, messages.c.sealed)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(conversations.c.customer == customer, messages.c.sealed.is_not(None))
    )
    with copy.begin() as connection:
        return [(row.id, row.sealed) for row in connection.execute(query)]


@pytest.fixture
def copy(erased: Erased) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{erased.database}")
    yield engine
    engine.dispose()


def test_the_customer_s_own_words_were_there_before(erased: Erased) -> None:
    [conversation] = erased.before["conversations"]
    said = [one["original"] for one in conversation["messages"] if one["author"] == "customer"]
    assert said == list(SAID)


def test_no_sealed_value_of_a_copy_made_before_opens_with_the_keys_of_after(
    erased: Erased, copy: Engine
) -> None:
    keys = FileKeyRing(erased.home / "keys")
    theirs = _sealed(copy, REFERENCE)
    assert len(theirs) >= len(SAID)
    for message_id, sealed in theirs:
        with pytest.raises(KeyDestroyed):
            open_message(keys, sealed, customer=REFERENCE, message_id=message_id)
    [told] = SqlAttributes(copy, keys).told_by([REFERENCE])
    assert told.value is None
    with copy.begin() as connection:
        assert connection.execute(select(attributes.c.sealed)).first() is not None


def test_another_customer_s_values_of_the_same_copy_open(erased: Erased, copy: Engine) -> None:
    keys = FileKeyRing(erased.home / "keys")
    opened = [
        open_message(keys, sealed, customer="another-customer", message_id=message_id)
        for message_id, sealed in _sealed(copy, "another-customer")
    ]
    assert "几天内可以退货？我是13912345678" in opened


def test_neither_copy_nor_index_holds_a_secret_in_the_clear(erased: Erased) -> None:
    files = [path for path in erased.index.rglob("*") if path.is_file()]
    assert len(files) > 2
    kept = b"\n".join(path.read_bytes() for path in (*files, erased.database))
    for secret in SECRETS:
        assert secret.encode() not in kept
    assert REFERENCE.encode() not in b"\n".join(path.read_bytes() for path in files)


def test_the_certificate_verifies_and_a_changed_one_does_not(
    erased: Erased, tmp_path: Path
) -> None:
    holds = call_kefu("privacy", "verify", erased.certificate, home=erased.home)
    assert holds.returncode == 0, holds.stdout + holds.stderr
    certificate = json.loads(erased.certificate.read_text("utf-8"))
    assert certificate["key_destroyed"]
    assert certificate["counts"]["messages"] >= len(SAID)
    assert {one["part"] for one in certificate["models"]["answered"]} == {"intents", "knowledge"}
    forged = tmp_path / "forged.json"
    certificate["counts"]["messages"] += 1
    forged.write_text(json.dumps(certificate), encoding="utf-8")
    refused = call_kefu("privacy", "verify", forged, home=erased.home)
    assert refused.returncode == 1
    assert "does not hold" in refused.stdout


def test_the_ledger_shows_the_request_and_leads_to_nobody(erased: Erased) -> None:
    with closing(sqlite3.connect(erased.home / "kefu.db")) as database:
        rows = database.execute("SELECT * FROM ledger").fetchall()
        assert [row for row in rows if "erase" in row]
    written = repr(rows)
    raw = REFERENCE.encode()
    plain = [hashlib.new(name, raw) for name in ("md5", "sha1", "sha256", "sha512")]
    traces = [
        REFERENCE,
        raw.hex(),
        base64.b64encode(raw).decode(),
        # A cut hash leads back just as well.
        *(one.hexdigest()[:16] for one in plain),
        *(base64.b64encode(one.digest()).decode()[:16] for one in plain),
    ]
    assert not [trace for trace in traces if trace in written]


def test_the_reference_stands_nowhere_in_the_home_any_more(erased: Erased) -> None:
    holding = [
        path.relative_to(erased.home)
        for path in erased.home.rglob("*")
        if path.is_file() and REFERENCE.encode() in path.read_bytes()
    ]
    assert holding == []
