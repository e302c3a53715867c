"""Wire models of the console's admin side."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from chatbot.intent_versions import IntentVersion, IntentVersions
from chatbot.job_kinds import JobKind
from chatbot.jobs import Job
from chatbot.labelling import LabelTask
from chatbot.people import User
from chatbot.reports import Report
from knowledge_base.passages import Document
from knowledge_base.validity import State
from web.schemas_console import Body, IntentName, Name

Line = Annotated[str, StringConstraints(max_length=500)]
Article = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=128)]
VersionName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
JobName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9._]{1,64}$")]


class CollectionBody(BaseModel):
    name: str
    documents: int
    version: str | None
    has_intents: bool
    """Without a model of its own only the generic intents are understood."""
    erasure_unfinished: bool
    """Words that were to be erased may still be on the disk: `kefu kb forget` goes on."""


class Collections(BaseModel):
    collections: list[CollectionBody]


class DocumentBody(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    question: str
    answer: str
    title: str
    url: str
    language: str
    tags: list[str]
    variants: list[str]
    position: str
    valid_from: str
    valid_until: str
    audience: str
    status: str
    """`published` or `draft`, as somebody decided."""
    state: State
    """What that and its days make of it today."""

    @classmethod
    def of(cls, document: Document, state: State) -> DocumentBody:
        lists = {"tags": list(document.tags), "variants": list(document.variants)}
        return cls(**vars(document) | lists, state=state)


class Documents(BaseModel):
    collection: str
    version: str | None
    """What serves; edits answer after the next build."""
    total: int
    items: list[DocumentBody]


class DocumentRequest(Body):
    question: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    answer: Article
    title: Line = ""
    url: Line = ""
    language: Literal["en", "zh"]
    tags: list[Tag] = Field(default=[], max_length=50)
    variants: list[Line] = Field(default=[], max_length=100)


class BuildRequest(Body):
    collection: Name | None = None


class ReviewItem(BaseModel):
    id: str
    text: str
    language: str
    reason: str
    suggested: str
    label: str | None
    reviewer: str | None
    state: str
    created_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, task: LabelTask) -> ReviewItem:
        return cls.model_validate({name: getattr(task, name) for name in cls.model_fields})


class ReviewPage(BaseModel):
    total: int
    pending: int
    intents: list[str]
    items: list[ReviewItem]


class LabelRequest(Body):
    label: IntentName | None


class VersionEvent(BaseModel):
    what: str
    by: str
    at: str
    note: str


class VersionBody(BaseModel):
    name: str
    state: str
    kept: bool
    parent: str | None
    gate: dict[str, Any] | None
    events: list[VersionEvent]
    metrics: dict[str, Any]

    @classmethod
    def of(cls, version: IntentVersion) -> VersionBody:
        return cls(
            name=version.name,
            state=version.state,
            kept=version.kept,
            parent=version.parent,
            gate=dict(version.gate) if version.gate is not None else None,
            events=[VersionEvent.model_validate(event) for event in version.events],
            metrics=dict(version.metrics),
        )


class VersionsBody(BaseModel):
    collection: str
    champion: str | None
    predecessor: str | None
    versions: list[VersionBody]

    @classmethod
    def of(cls, collection: str, found: IntentVersions) -> VersionsBody:
        return cls(
            collection=collection,
            champion=found.champion,
            predecessor=found.predecessor,
            versions=[VersionBody.of(version) for version in found.versions],
        )


class PromoteRequest(Body):
    version: VersionName
    collection: Name | None = None
    override: bool = Field(default=False, description="Promote what the gate refused.")
    note: Line = ""


class RollbackRequest(Body):
    collection: Name | None = None
    note: Line = ""


class JobBody(BaseModel):
    id: str
    name: str
    queue: str
    state: str
    requested_by: str
    arguments: dict[str, Any]
    stage: str
    done: int
    total: int
    attempts: int
    result: dict[str, Any] | None
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, job: Job) -> JobBody:
        return cls.model_validate({name: getattr(job, name) for name in cls.model_fields})


class StartableJob(BaseModel):
    name: str
    summary: dict[str, str]
    arguments: list[str]
    required: list[str]

    @classmethod
    def of(cls, kind: JobKind) -> StartableJob:
        english, chinese = kind.summary
        return cls(
            name=kind.name,
            summary={"en": english, "zh": chinese},
            arguments=list(kind.arguments),
            required=list(kind.required),
        )


class Jobs(BaseModel):
    startable: list[StartableJob]
    items: list[JobBody]


class JobRequest(Body):
    name: JobName
    arguments: dict[Tag, bool | int | Line] = Field(default={}, max_length=20)


class ReportLink(BaseModel):
    language: Literal["en", "zh"]
    url: str


class ReportBody(BaseModel):
    id: str
    kind: str
    since: datetime
    until: datetime
    created_at: datetime
    summary: dict[str, Any]
    reports: list[ReportLink]

    @classmethod
    def of(cls, report: Report) -> ReportBody:
        address = f"/v1/admin/audits/{report.id}/report?lang="
        return cls(
            id=report.id,
            kind=report.kind,
            since=report.since,
            until=report.until,
            created_at=report.created_at,
            summary=dict(report.summary),
            reports=[
                ReportLink(language="en", url=f"{address}en"),
                ReportLink(language="zh", url=f"{address}zh"),
            ],
        )


class Reports(BaseModel):
    items: list[ReportBody]


class UserBody(BaseModel):
    id: str
    email: str
    name: str
    role: str
    language: str
    created_at: datetime
    disabled: bool

    @classmethod
    def of(cls, user: User) -> UserBody:
        return cls(
            id=user.id,
            email=user.email,
            name=user.name,
            role=user.role.value,
            language=user.language,
            created_at=user.created_at,
            disabled=user.disabled_at is not None,
        )


class Users(BaseModel):
    items: list[UserBody]


class NewUser(Body):
    email: Annotated[str, StringConstraints(max_length=320)]
    password: SecretStr = Field(max_length=1024)
    role: Literal["admin", "agent", "auditor"]
    name: Line = ""
    language: Literal["en", "zh"] = "en"


class UserChange(Body):
    name: Line | None = None
    role: Literal["admin", "agent", "auditor"] | None = None
    language: Literal["en", "zh"] | None = None
    disabled: bool | None = None
    password: SecretStr | None = Field(default=None, max_length=1024)
