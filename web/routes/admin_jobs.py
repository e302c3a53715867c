"""Work in the background: what runs, how it went, and starting it.

GET /v1/admin/jobs?limit=;  GET /v1/admin/jobs/{id};  POST /v1/admin/jobs {name, arguments}
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from chatbot.bootstrap import Kefu
from chatbot.errors import JobUnknown
from chatbot.job_kinds import kind_named
from chatbot.job_run import start_job
from chatbot.office import Office
from chatbot.people import User
from web.auth import JobReader, JobStarter, OfficeDep, same_origin
from web.dependencies import KefuDep
from web.problems import problems
from web.schemas_admin import JobBody, JobRequest, Jobs, StartableJob

router = APIRouter(
    prefix="/v1/admin/jobs",
    tags=["admin: jobs"],
    dependencies=[Depends(same_origin)],
    responses=problems(401, 403, 404, 413, 422, 503),
)

JobId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]


@router.get("")
def jobs(
    user: JobReader, office: OfficeDep, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> Jobs:
    """Newest first, and what may be started."""
    return Jobs(
        startable=[StartableJob.of(kind) for kind in office.kinds().values()],
        items=[JobBody.of(job) for job in office.jobs.recent(limit=limit)],
    )


@router.get("/{job_id}")
def job(job_id: JobId, user: JobReader, office: OfficeDep) -> JobBody:
    """One job with its progress."""
    found = office.jobs.find(job_id)
    if found is None:
        raise JobUnknown(job_id)
    return JobBody.of(found)


@router.post("", status_code=HTTPStatus.ACCEPTED)
def start_one(body: JobRequest, user: JobStarter, office: OfficeDep, kefu: KefuDep) -> JobBody:
    """Leave it to a worker."""
    return start(office, kefu, user, body.name, body.arguments)


def start(
    office: Office, kefu: Kefu, user: User, name: str, arguments: Mapping[str, object]
) -> JobBody:
    """Raises JobKindUnknown, JobArgumentUnknown, BrokerUnavailable."""
    job = start_job(
        kind_named(office.kinds(), name),
        arguments,
        requested_by=user.email,
        store=office.jobs,
        queue=office.queue(),
        clock=kefu.clock,
    )
    return JobBody.of(job)
