"""Learning from conversations: the review queue, and the versions of the intent model.

GET  /v1/admin/review?collection=&state=&offset=&limit=;  POST /v1/admin/review/{id} {label}
GET  /v1/admin/models?collection=;  POST /v1/admin/models/promote|rollback → a job
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query

from chatbot.errors import NotFound
from chatbot.intent_versions import read_intent_versions
from chatbot.labelling import PENDING
from chatbot.read_log import IMPROVE
from knowledge_base.collection import Collection
from web.auth import ModelReader, ModelWriter, OfficeDep, Reviewer, ReviewReader, same_origin
from web.dependencies import KefuDep
from web.problems import problems
from web.reads import note_place
from web.routes.admin_jobs import start
from web.schemas_admin import (
    JobBody,
    LabelRequest,
    PromoteRequest,
    ReviewItem,
    ReviewPage,
    RollbackRequest,
    VersionsBody,
)
from web.schemas_console import Name

router = APIRouter(
    prefix="/v1/admin",
    tags=["admin: training"],
    dependencies=[Depends(same_origin)],
    responses=problems(401, 403, 404, 413, 422, 503),
)

PROMOTE, ROLLBACK = "kefu.models.promote", "kefu.models.rollback"
ReviewId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]


@router.get("/review")
def review(
    user: ReviewReader,
    office: OfficeDep,
    kefu: KefuDep,
    collection: Name | None = None,
    state: Literal["pending", "approved", "rejected", "all"] = "pending",
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ReviewPage:
    """Masked sentences that wait for a label, oldest first, and the labels to choose from."""
    name = collection or kefu.settings.collection
    wanted = None if state == "all" else state
    note_place(kefu, user, f"review:{name}", purpose=IMPROVE)
    tasks = office.labels.list(name, state=wanted, offset=offset, limit=limit)
    return ReviewPage(
        total=office.labels.count(name, state=wanted),
        pending=office.labels.count(name, state=PENDING),
        intents=sorted(kefu.intents(name).labels),
        items=[ReviewItem.of(task) for task in tasks],
    )


@router.post("/review/{item_id}")
def decide(
    item_id: ReviewId, body: LabelRequest, user: Reviewer, office: OfficeDep, kefu: KefuDep
) -> ReviewItem:
    """A label approves, which may be a new one; null rejects. The last word counts."""
    task = office.labels.decide(item_id, body.label, reviewer=user.email, at=kefu.clock.now())
    if task is None:
        raise NotFound("sentence in the review queue")
    return ReviewItem.of(task)


@router.get("/models")
def models(user: ModelReader, kefu: KefuDep, collection: Name | None = None) -> VersionsBody:
    """Newest first: state, the gate's checks, metrics, and who moved it when."""
    name = _name(kefu, collection)
    return VersionsBody.of(name, read_intent_versions(kefu.settings.intents_home, name))


@router.post("/models/promote", status_code=HTTPStatus.ACCEPTED)
def promote(body: PromoteRequest, user: ModelWriter, office: OfficeDep, kefu: KefuDep) -> JobBody:
    """Let a version serve; all processes change over within seconds."""
    arguments = {
        "collection": _name(kefu, body.collection),
        "version": body.version,
        "override": body.override,
        "note": body.note,
    }
    return start(office, kefu, user, PROMOTE, arguments)


@router.post("/models/rollback", status_code=HTTPStatus.ACCEPTED)
def rollback(body: RollbackRequest, user: ModelWriter, office: OfficeDep, kefu: KefuDep) -> JobBody:
    """Let the version before serve again."""
    arguments = {"collection": _name(kefu, body.collection), "note": body.note}
    return start(office, kefu, user, ROLLBACK, arguments)


def _name(kefu: KefuDep, collection: str | None) -> str:
    """Raises CollectionNameInvalid: the name becomes part of a path."""
    name = collection or kefu.settings.collection
    return Collection.within(kefu.settings.collections_home, name).name
