"""Customers' rights over HTTP: who may, what comes out, and what never leaks on the way."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi.testclient import TestClient

from chatbot.bootstrap import Kefu
from chatbot.certificate import say_verdict
from chatbot.fakes import FixedClock
from chatbot.people import Role
from chatbot.privacy_desk import Actor, PrivacyDesk, purge_expired
from chatbot.subjects import subject_of
from privacy.errors import KeyRingInvalid
from privacy.signing import read_public_key
from tests.web.console_office import MARK, Customer, employ, sign_in

Browsers = Callable[[], TestClient]
REFERENCE = "wang.fang@example.com"
PHONE = "13800138000"
BASE = "/v1/admin/privacy"
ASKED = {"customer": REFERENCE, "purpose": "the customer asked for it"}


@pytest.fixture
def customer(people: Browsers) -> Customer:
    customer = Customer.arrives(people(), customer=REFERENCE, consents={"improve": True})
    customer.says(f"几天内可以退货？我的电话是{PHONE}")
    return customer


@pytest.fixture
def admin(people: Browsers, company: Kefu) -> TestClient:
    return _staff(people, company, Role.ADMIN)


@pytest.fixture
def auditor(people: Browsers, company: Kefu) -> TestClient:
    return _staff(people, company, Role.AUDITOR)


def _staff(people: Browsers, company: Kefu, role: Role) -> TestClient:
    browser = people()
    sign_in(browser, employ(company, role, role.value))
    return browser


def _desk(company: Kefu) -> PrivacyDesk:
    assert company.privacy is not None
    return company.privacy


def _post(browser: TestClient, path: str, **body: Any) -> httpx.Response:
    return browser.post(f"{BASE}/{path}", json=body, headers=MARK)


def _last_entry(company: Kefu) -> tuple[str, str, str]:
    entry = _desk(company).ledger.entries()[-1]
    return entry.action, entry.role, entry.purpose


def test_an_export_holds_the_originals_and_stands_in_the_ledger(
    auditor: TestClient, company: Kefu, customer: Customer
) -> None:
    response = _post(auditor, "export", **ASKED)
    assert response.status_code == 200, response.text
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-disposition"] == 'attachment; filename="kefu-export.json"'
    [conversation] = response.json()["conversations"]
    assert PHONE in conversation["messages"][0]["original"]
    assert _last_entry(company) == ("export", "auditor", ASKED["purpose"])


@pytest.mark.parametrize(("language", "tag"), [("en", 'lang="en"'), ("zh", 'lang="zh-Hans"')])
def test_an_export_as_a_page_is_a_file_in_which_nothing_runs(
    admin: TestClient, customer: Customer, language: str, tag: str
) -> None:
    response = _post(admin, "export", **ASKED, format="html", language=language)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in response.headers["content-security-policy"]
    assert tag in response.text
    assert PHONE in response.text


def test_an_erasure_gives_a_certificate_that_verifies_and_leaves_nothing_to_export(
    admin: TestClient, company: Kefu, customer: Customer
) -> None:
    response = _post(admin, "erasures", **ASKED)
    assert response.status_code == 201, response.text
    assert response.headers["cache-control"] == "no-store"
    certificate = response.json()
    assert certificate["key_destroyed"]
    assert certificate["counts"]["messages"] == 2
    assert REFERENCE not in response.text
    verdict = _post(admin, "certificates/verify", certificate=certificate)
    assert verdict.json()["holds"]
    assert certificate["erasure_id"] in verdict.json()["sentence"]
    assert _last_entry(company) == ("erase", "admin", ASKED["purpose"])
    assert _post(admin, "export", **ASKED).status_code == 404


def test_erasing_again_after_it_broke_off_ends_the_same_erasure(
    admin: TestClient, company: Kefu, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: object, **__: object) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(type(_desk(company).erasures), "delete", break_off)
        assert _post(admin, "erasures", **ASKED).status_code == 500
    [begun] = admin.get(f"{BASE}/erasures").json()["items"]
    assert begun["done_at"] is None
    assert _post(admin, "erasures", **ASKED).json()["erasure_id"] == begun["id"]
    assert _post(admin, "erasures", **ASKED).status_code == 404
    [done] = admin.get(f"{BASE}/erasures").json()["items"]
    assert done["done_at"]


def test_the_list_of_erasures_counts_and_identifies_nobody(
    admin: TestClient, auditor: TestClient, company: Kefu, customer: Customer
) -> None:
    certificate = _post(admin, "erasures", **ASKED).json()
    response = auditor.get(f"{BASE}/erasures")
    [item] = response.json()["items"]
    assert item["id"] == certificate["erasure_id"]
    assert item["counts"] == certificate["counts"]
    assert item["overdue"] is False
    assert certificate["customer_hmac_sha256"] not in response.text
    assert REFERENCE not in response.text


def test_an_erasure_that_broke_off_is_overdue_after_a_month(
    admin: TestClient, company: Kefu, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: object, **__: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(type(_desk(company).erasures), "delete", break_off)
    _post(admin, "erasures", **ASKED)
    overdue = []
    assert isinstance(company.clock, FixedClock)
    for days in (0, 27, 5):
        company.clock.advance(days * 86_400)
        # A session lasts twelve hours.
        sign_in(admin, "admin@example.com")
        overdue.append(admin.get(f"{BASE}/erasures").json()["items"][0]["overdue"])
    assert overdue == [False, False, True]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "does not hold"), ("zh", "证书无效")], ids=["en", "zh"]
)
def test_a_certificate_that_was_changed_does_not_hold(
    admin: TestClient, customer: Customer, language: str, words: str
) -> None:
    certificate = _post(admin, "erasures", **ASKED).json()
    certificate["done_at"] = "2020-01-01T00:00:00+00:00"
    verdict = _post(admin, "certificates/verify", certificate=certificate, language=language)
    assert verdict.json()["holds"] is False
    assert words in verdict.json()["sentence"]


@pytest.mark.parametrize(
    "certificate",
    ["{}", '{"signature":5,"public_key":[]}', r'{"signature":"\ud800","public_key":"x"}'],
    ids=["empty", "no-text", "surrogate"],
)
def test_whatever_is_no_certificate_does_not_hold(admin: TestClient, certificate: str) -> None:
    verdict = admin.post(
        f"{BASE}/certificates/verify",
        content=f'{{"certificate":{certificate}}}',
        headers={**MARK, "Content-Type": "application/json"},
    )
    assert verdict.status_code == 200, verdict.text
    assert verdict.json()["holds"] is False


def test_the_public_key_verifies_a_certificate_elsewhere(
    admin: TestClient, auditor: TestClient, customer: Customer
) -> None:
    certificate = _post(admin, "erasures", **ASKED).json()
    response = auditor.get(f"{BASE}/public-key")
    assert response.headers["content-type"] == "application/x-pem-file"
    key = read_public_key(response.content)
    assert isinstance(key, Ed25519PublicKey)
    assert say_verdict(certificate, key)[0]


def test_the_consent_history_tells_by_scope_what_holds_and_is_a_read_in_the_ledger(
    auditor: TestClient, company: Kefu, customer: Customer
) -> None:
    assert isinstance(company.clock, FixedClock)
    company.clock.advance(60)
    path = f"{customer.path}/consent"
    customer.client.post(path, json={"improve": False, "audit": True}, headers=customer.headers)
    response = _post(auditor, "consents", **ASKED)
    assert response.headers["cache-control"] == "no-store"
    scopes = {one["scope"]: one for one in response.json()["scopes"]}
    assert scopes["improve"]["granted"] is False
    assert [stated["granted"] for stated in scopes["improve"]["history"]] == [True, False]
    assert scopes["audit"]["granted"] is True
    assert REFERENCE not in response.text
    entry = _desk(company).ledger.entries()[-1]
    assert (entry.action, entry.role, entry.purpose) == ("read", "auditor", ASKED["purpose"])
    assert entry.subject == subject_of(_desk(company).keys, REFERENCE)


def test_retention_tells_the_rules_in_force_and_what_was_deleted_last(
    auditor: TestClient, company: Kefu, customer: Customer
) -> None:
    desk, rules = _desk(company), company.settings.retention
    worker = Actor("worker", "system")
    purge_expired(desk, rules, actor=worker, now=company.clock.now())
    assert isinstance(company.clock, FixedClock)
    company.clock.advance(rules.originals_days * 86_400)
    counts = purge_expired(desk, rules, actor=worker, now=company.clock.now())
    assert counts["originals"] >= 1
    sign_in(auditor, "auditor@example.com")
    body = auditor.get(f"{BASE}/retention").json()
    days = {rule["category"]: rule["days"] for rule in body["rules"]}
    assert days == {"original": 90, "redacted": 365, "audit": 1095, "consent": 1095}
    newest, oldest = body["purges"]
    assert newest["counts"] == dict(counts)
    assert oldest["counts"]["originals"] == 0
    assert newest["role"] == "system"


@pytest.mark.parametrize("path", ["export", "erasures", "consents"])
def test_without_a_purpose_nothing_is_done_or_written(
    admin: TestClient, company: Kefu, customer: Customer, path: str
) -> None:
    for purpose in ({}, {"purpose": " why "}):
        response = _post(admin, path, customer=REFERENCE, **purpose)
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"
    assert _desk(company).ledger.entries() == []
    assert _desk(company).data.knows(REFERENCE)


ROUTES: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("POST", f"{BASE}/export", ASKED),
    ("POST", f"{BASE}/consents", ASKED),
    ("POST", f"{BASE}/certificates/verify", {"certificate": {}}),
    ("GET", f"{BASE}/erasures", None),
    ("GET", f"{BASE}/public-key", None),
    ("GET", f"{BASE}/retention", None),
    ("GET", "/v1/admin/ledger", None),
    ("GET", "/v1/admin/ledger/verification", None),
    ("POST", "/v1/privacy/redact", {"texts": []}),
    # Last: it leaves nothing for the others.
    ("POST", f"{BASE}/erasures", ASKED),
)


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        (None, [401] * 10),
        (Role.AGENT, [*[403] * 8, 200, 403]),
        (Role.AUDITOR, [*[200] * 9, 403]),
        (Role.ADMIN, [*[200] * 9, 201]),
    ],
    ids=["nobody", "agent", "auditor", "admin"],
)
def test_each_role_may_do_exactly_this(
    people: Browsers, company: Kefu, customer: Customer, role: Role | None, statuses: list[int]
) -> None:
    browser = people() if role is None else _staff(people, company, role)
    answers = [
        browser.request(method, path, json=body, headers=MARK) for method, path, body in ROUTES
    ]
    assert [answer.status_code for answer in answers] == statuses
    refused = [answer for answer in answers if answer.status_code >= 400]
    assert all(one.headers["content-type"] == "application/problem+json" for one in refused)
    if role in (None, Role.AGENT):
        assert _desk(company).ledger.entries() == []


@pytest.mark.parametrize("path", ["export", "erasures", "consents"])
def test_a_problem_never_quotes_whom_it_is_about(admin: TestClient, path: str) -> None:
    wrong: list[dict[str, object]] = [
        {"customer": "li.na@example.com", "purpose": "asked for by li.na@example.com"},
        {"customer": "li.na@example.com\n", "purpose": 5},
        {"customer": ["li.na@example.com"], "purpose": "the customer asked"},
        {"customer": "li.na@example.com" * 10, "purpose": "the customer asked"},
        {"customer": "erased:li.na@example.com", "purpose": "the customer asked"},
        {"customer": "li.na@example.com", "purpose": "no"},
    ]
    for body in wrong:
        response = _post(admin, path, **body)
        assert response.status_code in (404, 422)
        assert response.headers["content-type"] == "application/problem+json"
        assert "li.na" not in response.text


def test_no_address_takes_a_customer(people: Browsers) -> None:
    paths = people().get("/openapi.json").json()["paths"]
    ours = {path: one for path, one in paths.items() if path.startswith((BASE, "/v1/privacy"))}
    assert len(ours) == 7
    for path, operations in ours.items():
        assert "{" not in path
        for operation in operations.values():
            places = [one["in"] for one in operation.get("parameters", ())]
            assert not {"path", "query"} & set(places), path


def test_neither_reference_nor_words_reach_the_log_or_the_ledger(
    admin: TestClient,
    company: Kefu,
    customer: Customer,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    for path in ("export", "consents", "erasures", "erasures"):
        _post(admin, path, customer=REFERENCE, purpose=f"asked for by {REFERENCE}")
    printed = capsys.readouterr()
    logged = caplog.text + printed.out + printed.err
    assert "/v1/admin/privacy/erasures" in logged
    assert REFERENCE not in logged
    assert PHONE not in logged
    ledger = repr(_desk(company).ledger.entries())
    assert "<EMAIL_ADDRESS>" in ledger
    assert REFERENCE not in ledger


def test_keys_that_cannot_be_used_are_a_problem_without_paths(
    admin: TestClient, company: Kefu, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> bytes:
        raise KeyRingInvalid(company.settings.home, "it is damaged", remedy="Restore it.")

    monkeypatch.setattr(type(_desk(company).keys), "secret_for", lost)
    response = _post(admin, "export", **ASKED)
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert str(company.settings.home) not in response.text
