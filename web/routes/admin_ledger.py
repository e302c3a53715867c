"""The audit ledger: who opened, exported or erased what, and whether the record still holds.

GET /v1/admin/ledger?after=&limit=;  GET /v1/admin/ledger/verification
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from web.auth import LedgerReader, OfficeDep, same_origin
from web.dependencies import PrivacyDep
from web.problems import problems
from web.schemas_privacy import LedgerEntry, LedgerPage, LedgerVerdict

router = APIRouter(
    prefix="/v1/admin/ledger",
    tags=["admin: ledger"],
    dependencies=[Depends(same_origin)],
    responses=problems(401, 403, 422, 503),
)


@router.get("")
def entries(
    user: LedgerReader,
    office: OfficeDep,
    desk: PrivacyDep,
    after: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> LedgerPage:
    """In order, from the one after `after`; without it the newest ones."""
    names = {one.id: one.name for one in office.users.all()}
    return LedgerPage(
        newest=desk.ledger.head().sequence,
        items=[
            LedgerEntry.of(entry, names) for entry in desk.ledger.page(after=after, limit=limit)
        ],
    )


@router.get("/verification")
def verification(user: LedgerReader, desk: PrivacyDep) -> LedgerVerdict:
    """Every entry is checked. Without a head exported earlier a cut at the end does not show:
    `kefu ledger verify --head` looks for that."""
    return LedgerVerdict.of(desk.ledger.verify())
