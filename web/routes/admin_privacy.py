"""Customers' rights: hand out, erase, prove it, who agreed to what, and how long what is kept.

POST /v1/admin/privacy/export               {customer, purpose, format, language} → JSON or a page
POST /v1/admin/privacy/erasures             {customer, purpose} → 201, the signed certificate
GET  /v1/admin/privacy/erasures             all of them, without anybody's name
POST /v1/admin/privacy/certificates/verify  {certificate, language} → {holds, sentence}
GET  /v1/admin/privacy/public-key           → PEM
POST /v1/admin/privacy/consents             {customer, purpose} → by scope; in the ledger
GET  /v1/admin/privacy/retention            the rules in force and the last purges

A reference may be an e-mail address: it comes in a body, never in an address that others log.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Depends, Response

from chatbot.certificate import say_verdict
from chatbot.customer_export import export_customer
from chatbot.export_page import render_export
from chatbot.people import User
from chatbot.privacy_desk import Actor, consent_history, erase_customer
from privacy.signing import public_pem, signing_key
from web.auth import Eraser, Exporter, PrivacyReader, same_origin
from web.dependencies import KefuDep, PrivacyDep
from web.problems import problems
from web.schemas_privacy import (
    CertificateVerdict,
    ConsentHistory,
    CustomerRequest,
    ErasureBody,
    Erasures,
    ExportRequest,
    Retention,
    VerifyRequest,
)

router = APIRouter(
    prefix="/v1/admin/privacy",
    tags=["admin: privacy"],
    dependencies=[Depends(same_origin)],
    responses=problems(401, 403, 404, 413, 422, 503),
)

_PURGES = 20
_NO_STORE = {"Cache-Control": "no-store"}
# The page has its styles inside, and nothing that runs.
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
_EXPORTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Everything that is kept, originals included, as a file.",
        "content": {"application/json": {}, "text/html": {}},
    }
}


@router.post("/export", response_class=Response, responses=_EXPORTED)
def export(body: ExportRequest, user: Exporter, desk: PrivacyDep) -> Response:
    """What `kefu privacy export` writes. The ledger learns of it first."""
    exported = export_customer(desk, _actor(user), customer=body.customer, purpose=body.purpose)
    if body.format == "html":
        return _file(
            render_export(exported, body.language),
            "kefu-export.html",
            media_type="text/html; charset=utf-8",
            headers={"Content-Security-Policy": _PAGE_POLICY},
        )
    text = json.dumps(exported, ensure_ascii=False, indent=2) + "\n"
    return _file(text, "kefu-export.json", media_type="application/json", headers={})


@router.post("/erasures", status_code=HTTPStatus.CREATED)
def erase(
    body: CustomerRequest, user: Eraser, desk: PrivacyDep, response: Response
) -> dict[str, Any]:
    """Destroys the customer's key and words for good; broken off, the same call ends the work."""
    response.headers.update(_NO_STORE)
    return erase_customer(desk, _actor(user), customer=body.customer, purpose=body.purpose)


@router.get("/erasures")
def erasures(user: PrivacyReader, desk: PrivacyDep) -> Erasures:
    """Newest first."""
    now = desk.clock.now()
    return Erasures(items=[ErasureBody.of(one, now) for one in reversed(desk.erasures.all())])


@router.post("/certificates/verify")
def verify(body: VerifyRequest, user: PrivacyReader, desk: PrivacyDep) -> CertificateVerdict:
    """Whether this installation signed it, and nothing was changed since."""
    key = signing_key(desk.keys).public_key()
    holds, sentence = say_verdict(body.certificate, key, body.language)
    return CertificateVerdict(holds=holds, sentence=sentence)


@router.get(
    "/public-key",
    response_class=Response,
    responses={200: {"content": {"application/x-pem-file": {}}}},
)
def public_key(user: PrivacyReader, desk: PrivacyDep) -> Response:
    """What certificates are verified with elsewhere."""
    pem = public_pem(signing_key(desk.keys).public_key())
    return Response(pem, media_type="application/x-pem-file")


@router.post("/consents")
def consents(
    body: CustomerRequest, user: PrivacyReader, desk: PrivacyDep, response: Response
) -> ConsentHistory:
    """Everything that a customer stated, and what of it holds now."""
    response.headers.update(_NO_STORE)
    history = consent_history(desk, _actor(user), customer=body.customer, purpose=body.purpose)
    return ConsentHistory.of(history, body.customer, desk.clock.now())


@router.get("/retention")
def retention(user: PrivacyReader, kefu: KefuDep, desk: PrivacyDep) -> Retention:
    """How many days each category is kept, and what was deleted lately."""
    return Retention.of(kefu.settings.retention, desk.ledger.newest_of("purge", limit=_PURGES))


def _actor(user: User) -> Actor:
    return Actor(user.id, user.role.value)


def _file(text: str, name: str, *, media_type: str, headers: dict[str, str]) -> Response:
    return Response(
        text.encode("utf-8", "backslashreplace"),
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            **_NO_STORE,
            **headers,
        },
    )
