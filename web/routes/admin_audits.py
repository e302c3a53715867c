"""Audit reports: the list, and the pages as they were signed.

GET /v1/admin/audits;  GET /v1/admin/audits/{id}/report?lang=en|zh → text/html
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from fastapi.responses import HTMLResponse

from chatbot.errors import NotFound
from web.auth import AuditReader, OfficeDep, same_origin
from web.problems import problems
from web.schemas_admin import ReportBody, Reports

router = APIRouter(
    prefix="/v1/admin/audits",
    tags=["admin: audits"],
    dependencies=[Depends(same_origin)],
    responses=problems(401, 403, 404, 422, 503),
)

AuditId = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,36}$")]
# A report is one page with its styles and charts inside, and nothing that runs.
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
)


@router.get("")
def audits(user: AuditReader, office: OfficeDep) -> Reports:
    """Newest first."""
    return Reports(items=[ReportBody.of(report) for report in office.reports.all()])


@router.get("/{audit_id}/report", response_class=HTMLResponse)
def report(
    audit_id: AuditId, user: AuditReader, office: OfficeDep, lang: Literal["en", "zh"] = "en"
) -> HTMLResponse:
    """The page in one language; its signature covers these bytes."""
    found = office.reports.find(audit_id)
    if found is None:
        raise NotFound("audit")
    try:
        page = (found.folder / f"report.{lang}.html").read_bytes()
    except OSError:
        raise NotFound("report: its folder was moved or deleted") from None
    return HTMLResponse(
        page, headers={"Content-Security-Policy": REPORT_POLICY, "Cache-Control": "no-store"}
    )
