"""Masking texts for whoever works here; surrogates need the command line.

POST /v1/privacy/redact {texts, style} → {texts}
"""

from __future__ import annotations

from fastapi import APIRouter, Depends

from chatbot.redact_file import Pen, Style
from web.auth import SessionDep, same_origin
from web.problems import problems
from web.schemas_privacy import RedactedTexts, RedactRequest

router = APIRouter(
    prefix="/v1/privacy",
    tags=["privacy"],
    dependencies=[Depends(same_origin)],
    responses=problems(401, 403, 413, 422, 503),
)


@router.post("/redact")
def redact(body: RedactRequest, session: SessionDep) -> RedactedTexts:
    """The texts with personal data replaced; they are neither stored nor logged."""
    pen = Pen(Style(body.style))
    return RedactedTexts(texts=[pen.text(text) for text in body.texts])
